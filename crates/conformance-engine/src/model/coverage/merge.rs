//! Merges two coverages of one contract.

use std::collections::{BTreeMap, BTreeSet};

use super::covered::{Count, Coverage, Item, Kind, MOST_EXCLUDED, Missing};

impl Coverage {
    /// What either of two coverages of one contract exercised.
    ///
    /// # Errors
    /// They are of different contracts, or count examples of different suites.
    pub fn merge(self, other: Self) -> Result<Self, String> {
        let differ = |one: &str, other: &str, what: &str| {
            format!("the coverages are of different {what} ({one} and {other}), so they cannot be merged")
        };
        if self.contract != other.contract {
            return Err(differ(&self.contract, &other.contract, "contracts"));
        }
        if let (Some(one), Some(two)) = (&self.suite, &other.suite)
            && one != two
        {
            return Err(differ(one, two, "suites"));
        }
        let (ours, theirs) = (Gaps::of(&self), Gaps::of(&other));
        let mut missing: Vec<Missing> = self.missing.iter().filter(|gap| theirs.has(&gap.item)).cloned().collect();
        let known: BTreeSet<Key> = missing.iter().map(|gap| key(&gap.item)).collect();
        let more = other.missing.iter().filter(|gap| ours.has(&gap.item) && !known.contains(&key(&gap.item)));
        missing.extend(more.cloned());
        missing.sort_by_cached_key(|gap| key(&gap.item));

        let mut counts: BTreeMap<Kind, Count> = self.counts;
        for (kind, count) in other.counts {
            counts.entry(kind).or_insert(count);
        }
        for (kind, count) in &mut counts {
            let own = missing.iter().filter(|gap| gap.item.kind == *kind).count();
            let inside: usize = missing.iter().filter_map(|gap| gap.inside.get(kind)).sum();
            count.covered = count.total.saturating_sub(own + inside);
        }
        // What is excluded follows from the contract, and for a few from the suite.
        let mut excluded = self.excluded;
        let known: BTreeSet<Key> = excluded.iter().map(|it| key(&it.item)).collect();
        let more = other.excluded.into_iter().filter(|it| !known.contains(&key(&it.item)));
        excluded.extend(more.take(MOST_EXCLUDED.saturating_sub(known.len())));
        Ok(Self {
            contract: self.contract,
            suite: self.suite.or(other.suite),
            counts,
            missing,
            excluded,
            excluded_unlisted: self.excluded_unlisted.max(other.excluded_unlisted),
        })
    }

    /// Puts what is missing into the order that merging gives it.
    pub(crate) fn sort(&mut self) {
        self.missing.sort_by_cached_key(|gap| key(&gap.item));
    }
}

/// What tells an item from all others. Items of one operation stand together, and those without one at the end.
type Key = (bool, String, Kind, String, String, String, String);

fn key(item: &Item) -> Key {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    (
        item.operation.is_none(),
        text(&item.operation),
        item.kind,
        text(&item.status),
        item.place.map(|place| format!("{place:?}")).unwrap_or_default(),
        text(&item.name),
        item.value.as_ref().map(ToString::to_string).unwrap_or_default(),
    )
}

/// What one coverage misses.
struct Gaps {
    keys: BTreeSet<Key>,
    kinds: BTreeSet<Kind>,
}

impl Gaps {
    fn of(coverage: &Coverage) -> Self {
        let keys = coverage.missing.iter().map(|gap| key(&gap.item)).collect();
        Self { keys, kinds: coverage.counts.keys().copied().collect() }
    }

    /// The item is missing, or something that it belongs to, or everything of its kind.
    fn has(&self, item: &Item) -> bool {
        !self.kinds.contains(&item.kind)
            || self.keys.contains(&key(item))
            || holders(item).iter().any(|holder| self.keys.contains(&key(holder)))
    }
}

/// What an item belongs to: its operation, its reply, the members around it, its parameter.
fn holders(item: &Item) -> Vec<Item> {
    if !matches!(item.kind, Kind::Statuses | Kind::Parameters | Kind::Members | Kind::Values | Kind::Headers) {
        return Vec::new();
    }
    let mut holders: Vec<Item> = item.operation.iter().map(|operation| Item::operation(operation)).collect();
    if let (Some(operation), Some(status)) = (&item.operation, &item.status) {
        holders.extend((item.kind != Kind::Statuses).then(|| Item::status(operation, status)));
    }
    let plain = |kind, name: &str| Item { kind, name: Some(name.to_owned()), value: None, ..item.clone() };
    let name = item.name.as_deref().unwrap_or_default();
    match (item.kind, item.place) {
        (Kind::Values, Some(_)) => holders.push(plain(Kind::Parameters, name)),
        (Kind::Values | Kind::Members, None) => {
            let ends = name.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0);
            holders.extend(ends.map(|end| plain(Kind::Members, &name[..end])));
            holders.extend((item.kind == Kind::Values).then(|| plain(Kind::Members, name)));
        }
        _ => {}
    }
    holders
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn coverage(counts: serde_json::Value, missing: serde_json::Value) -> Coverage {
        let value = json!({"contract": "c", "counts": counts, "missing": missing});
        serde_json::from_value(value).unwrap()
    }

    fn named(coverage: &Coverage) -> Vec<String> {
        let counts = coverage.counts.iter();
        let counts = counts.map(|(kind, count)| format!("{} {}/{}", kind.name(), count.covered, count.total));
        counts.chain(coverage.missing.iter().map(|gap| gap.item.to_string())).collect()
    }

    #[test]
    fn what_either_exercised_is_exercised() {
        let all_but = |covered: usize| json!({"operations": {"covered": covered, "total": 2}, "members": {"covered": covered, "total": 4}});
        let operation = json!({"kind": "operations", "operation": "a", "inside": {"members": 3}});
        let member = json!({"kind": "members", "operation": "a", "name": "/x", "inside": {"members": 1}});
        let other = json!({"kind": "members", "operation": "b", "name": "/y"});
        let below = json!({"kind": "members", "operation": "a", "name": "/x/z"});
        // One has nothing of `a`, the other has all but one member, which holds another.
        let one = coverage(all_but(1), json!([operation]));
        let two = coverage(all_but(2), json!([member, other]));
        let expected = ["operations 2/2", "members 2/4", "a: request /x"];
        assert_eq!(named(&one.clone().merge(two.clone()).unwrap()), expected);
        assert_eq!(named(&two.clone().merge(one.clone()).unwrap()), expected);
        // Of a member that only one has, what is below it stays missing.
        let three = coverage(all_but(3), json!([below]));
        assert_eq!(named(&two.merge(three).unwrap()), ["operations 2/2", "members 3/4", "a: request /x/z"]);
        assert_eq!(one.clone().merge(one.clone()).unwrap(), coverage(all_but(1), json!([operation])));
    }

    #[test]
    fn a_kind_that_one_does_not_count_is_that_of_the_other() {
        let plain = coverage(json!({}), json!([]));
        let example = json!({"kind": "examples", "operation": "a", "name": "a/ok"});
        let counts = coverage(json!({"examples": {"covered": 1, "total": 2}}), json!([example]));
        assert_eq!(plain.clone().merge(counts.clone()).unwrap(), counts);
        assert_eq!(counts.clone().merge(plain).unwrap(), counts);
    }

    #[test]
    fn other_contracts_are_refused() {
        let one = coverage(json!({}), json!([]));
        let two = Coverage { contract: "d".to_owned(), ..one.clone() };
        assert!(one.merge(two).unwrap_err().contains("different contracts (c and d)"));
    }
}
