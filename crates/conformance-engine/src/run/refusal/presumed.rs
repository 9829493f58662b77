//! Finds out whether a refusal may only say that what a request names does not exist, or is in another state.

use std::sync::PoisonError;

use serde_json::{Map, Value};

use crate::http::request::{Replacements, Values, has_value, names};
use crate::model::exchange::Reply;
use crate::model::report::Entry;
use crate::model::suite::{Case, Kind, words};
use crate::plan::plan::is_open_to_samples;
use crate::run::case::is_look;
use crate::run::runner::Runner;

impl Runner<'_, '_> {
    /// Whether the document has values to send where the state of a case cannot be made, and nothing else is needed.
    pub(crate) fn has_samples(&self, case: &Case) -> bool {
        let nothing = Values::new();
        let replacements = Replacements { state: &nothing, run: self.plan.values };
        let is_known = |name: &str| has_value(&case.request, replacements, name);
        let setup = self.plan.suite.setup(case);
        setup.is_some_and(|setup| is_open_to_samples(case, setup)) && case.request.open().all(is_known)
    }

    /// Why the reply to the last request tells nothing, if so: what the document shows for an identifier need not exist, and
    /// of a documented conflict it says nothing of when it comes.
    pub(crate) fn presumed(&self, entry: &Entry, case: &Case, reply: &Reply, values: &Values) -> Option<String> {
        let sent = &entry.exchanges.last()?.sent;
        let target = sent.target().split(['?', '#']).next().unwrap_or_default();
        let path = target.strip_prefix(self.options.endpoint.prefix()).unwrap_or(target);
        let is_item = case.request.path.ends_with('}');
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if is_item && (200..300).contains(&reply.status) {
            match sent.method.as_str() {
                "DELETE" => _ = seen.remove(path),
                _ => _ = seen.insert(path.to_owned()),
            }
        }
        if let Some(member) = marked_gone(entry, case, reply) {
            return Some(format!("what was removed is still shown, and `{member}` says that it was removed"));
        }
        let presumed = case.expected.presumes.as_ref()?;
        if case.expected.has_status(reply.status) || case.expected.or.contains(&reply.status) {
            return None;
        }
        let replacements = Replacements { state: values, run: self.plan.values };
        let is_set = |place: &str| name(place).is_some_and(|name| has_value(&case.request, replacements, name));
        let is_unknown = |place: &&String| {
            let is_seen = || self::part(&case.request.path, path, place).is_some_and(|part| seen.contains(&part));
            !values.contains_key(*place) && !is_set(place) && !is_seen()
        };
        let unknown: Vec<&str> = presumed.names.iter().filter(is_unknown).map(String::as_str).collect();
        let status = reply.status;
        if !unknown.is_empty() && presumed.refusals.contains(&status) {
            let labels: Vec<String> = unknown.iter().map(|place| format!("`{}`", label(place))).collect();
            let settable = names(&case.request);
            let set = unknown.iter().filter_map(|place| name(place)).find(|name| settable.contains(name));
            let set = set.map_or_else(String::new, |name| format!("--set {name}=VALUE, or "));
            return Some(format!(
                "answered {status}, and no call of this run or state gave {}: the document shows a sample only\n\
                 hint: {set}`x-given`, or a link, or a provider of states",
                labels.join(", ")
            ));
        }
        presumed.conflicts.contains(&status).then(|| {
            format!(
                "answered {status}, which is documented; the document does not say in which state\n\
                 hint: `x-given` names the state of the success; `x-unique` marks what must be new each time"
            )
        })
    }
}

/// The words by which a thing that is shown says that it was removed.
const GONE: [&str; 9] =
    ["deleted", "removed", "archived", "closed", "cancelled", "canceled", "disabled", "revoked", "terminated"];

/// The member by which a thing that should be gone says that it is.
fn marked_gone(entry: &Entry, case: &Case, reply: &Reply) -> Option<String> {
    if !matches!(case.kind, Kind::Journey { .. }) || !is_look(case) || !(200..300).contains(&reply.status) {
        return None;
    }
    let members = |reply: &Reply| reply.json().ok()?.value.as_ref()?.as_object().cloned();
    // What the call that removes it says, and what it shows afterwards, says so already.
    let removal = entry.exchanges.iter().rposition(|it| !matches!(it.sent.method.as_str(), "GET" | "HEAD"));
    let before = &entry.exchanges[..removal.unwrap_or_default()];
    let before: Vec<_> = before.iter().filter_map(|exchange| members(exchange.reply.as_ref()?)).collect();
    new_mark(&before, &members(reply)?)
}

/// The member that says so, and did not before: `deletedAt` with a value, `archived: true`, or a word for it in place of a
/// state.
fn new_mark(before: &[Map<String, Value>], members: &Map<String, Value>) -> Option<String> {
    let is_word = |text: &str| GONE.contains(&text.to_ascii_lowercase().as_str());
    let says_so = |name: &str, value: &Value| {
        let is_mark = || words(name).iter().any(|word| is_word(word));
        match value {
            Value::Bool(flag) => *flag && is_mark(),
            Value::Number(number) => number.as_f64() != Some(0.0) && is_mark(),
            Value::String(text) => is_word(text) || !text.is_empty() && is_mark(),
            _ => false,
        }
    };
    let is_new = |name: &str, value: &Value| before.iter().all(|one| one.get(name) != Some(value));
    let mut marks = members.iter().filter(|(name, value)| says_so(name, value) && is_new(name, value));
    marks.next().map(|(name, _)| name.clone())
}

/// What a value is set by that replaces the one at a place: `id` of `path.id` and of `body#/id`. Nothing sets a member of a
/// member.
fn name(place: &str) -> Option<&str> {
    match place.split_once("#/") {
        Some((_, pointer)) => (!pointer.contains(['/', '~'])).then_some(pointer),
        None => place.split_once('.').map(|(_, name)| name),
    }
}

/// What a place is called in a reason.
fn label(place: &str) -> &str {
    place.split_once(['.', '#']).map_or(place, |(_, name)| name.trim_start_matches('/'))
}

/// The path up to and including the variable of a place, as it was sent.
fn part(template: &str, path: &str, place: &str) -> Option<String> {
    let variable = format!("{{{}}}", place.strip_prefix("path.")?);
    let at = template.split('/').position(|segment| segment.contains(&variable))?;
    Some(path.split('/').take(at + 1).collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{name, new_mark};

    #[track_caller]
    fn check(before: &Value, after: &Value, expected: Option<&str>) {
        let before: Vec<_> = before.as_object().cloned().into_iter().collect();
        assert_eq!(new_mark(&before, after.as_object().unwrap()).as_deref(), expected, "{after}");
    }

    #[test]
    fn what_is_gone_says_so_by_a_member_that_did_not_say_it_before() {
        let none = json!({});
        check(&none, &json!({"deletedAt": "2026-01-01T00:00:00Z"}), Some("deletedAt"));
        check(&none, &json!({"deleted_at": 1_733_000_000}), Some("deleted_at"));
        check(&none, &json!({"archived": true}), Some("archived"));
        check(&json!({"state": "open"}), &json!({"state": "Closed"}), Some("state"));
        check(&json!({"is_removed": false}), &json!({"is_removed": true}), Some("is_removed"));
        // It said so before, or it does not say that the thing is gone.
        check(&json!({"state": "closed"}), &json!({"state": "closed"}), None);
        check(&json!({"deleted": "no"}), &json!({"deleted": "no"}), None);
        check(&none, &json!({"disclosed": true, "enclosedArea": "x", "undeleted": true}), None);
        check(&none, &json!({"deletedAt": null, "removed": false, "archived_at": "", "closed_at": 0}), None);
        check(&none, &json!({"state": "open", "deleted": {}}), None);
    }

    #[test]
    fn a_place_is_set_by_its_name() {
        let rows = [
            ("path.id", Some("id")),
            ("query.filter.id", Some("filter.id")),
            ("header.If-Match", Some("If-Match")),
            ("body#/order_id", Some("order_id")),
            ("body#/customer/customer_id", None),
            ("body#/lines/0/product_id", None),
        ];
        for (place, expected) in rows {
            assert_eq!(name(place), expected, "{place}");
        }
    }
}
