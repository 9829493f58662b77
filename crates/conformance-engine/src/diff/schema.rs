//! How the set of values that a schema permits changed, keyword by keyword.
//!
//! Source: JSON Schema 2020-12, validation and applicator vocabularies.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value, json};

use super::change::Kind;

/// A constraint that differs.
#[derive(Debug, PartialEq)]
pub(super) struct Difference {
    /// Names of members from the whole value to the one that is constrained; `*` for every item.
    pub(super) path: Vec<String>,
    /// The keyword, or nothing where a member itself was added or removed.
    pub(super) keyword: Option<String>,
    pub(super) kind: Kind,
    pub(super) old: Option<Value>,
    pub(super) new: Option<Value>,
}

/// Compares schemas of two documents. Knows which of the shared schemas are the same in both.
pub(super) struct Comparison<'s> {
    old: &'s Map<String, Value>,
    new: &'s Map<String, Value>,
    /// The shared schemas that differ, themselves or in what they refer to.
    differing: HashSet<&'s str>,
}

/// Limits: a higher number permits less, or more.
const FLOORS: [&str; 5] = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
const CEILINGS: [&str; 5] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];
/// Keywords whose absence permits everything, and whose values cannot be compared.
const OPAQUE: [&str; 17] = [
    "pattern",
    "format",
    "multipleOf",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "minContains",
    "maxContains",
    "propertyNames",
    "patternProperties",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "unevaluatedItems",
    "prefixItems",
];
/// Schemas within schemas, as deep as a document may be; beyond it, they are compared as they are.
const MAX_DEPTH: usize = 100;
/// Pairs of schemas with references.
const MAX_PAIRS: usize = 10_000;
/// Keywords that say who sends a member.
const MARKS: [&str; 2] = ["readOnly", "writeOnly"];

impl<'s> Comparison<'s> {
    pub(super) fn new(old: &'s Map<String, Value>, new: &'s Map<String, Value>) -> Comparison<'s> {
        let names = || old.keys().chain(new.keys()).map(String::as_str);
        let mut differing: HashSet<&str> = names().filter(|name| old.get(*name) != new.get(*name)).collect();
        // Who refers to a schema that differs, differs.
        let mut referring: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, schema) in old {
            for target in references(schema) {
                referring.entry(shared_name(target)).or_default().push(name);
            }
        }
        let mut open: Vec<&str> = differing.iter().copied().collect();
        while let Some(name) = open.pop() {
            for user in referring.get(name).into_iter().flatten() {
                if differing.insert(user) {
                    open.push(user);
                }
            }
        }
        Comparison { old, new, differing }
    }

    /// Every constraint that differs, of two schemas for the same value; an absent one permits everything.
    pub(super) fn differences(&self, old: Option<&Value>, new: Option<&Value>) -> Vec<Difference> {
        let everything = Value::Bool(true);
        let mut walk = Walk { comparison: self, path: Vec::new(), known: HashSet::new(), depth: 0, found: Vec::new() };
        walk.schemas(old.unwrap_or(&everything), new.unwrap_or(&everything));
        walk.found
    }

    fn is_same(&self, old: &Value, new: &Value) -> bool {
        old == new && !references(old).iter().any(|target| self.differing.contains(shared_name(target)))
    }
}

/// Where the schema behind a reference is kept.
fn shared_name(reference: &str) -> &str {
    reference.strip_prefix("#/components/schemas/").filter(|name| !name.contains('/')).unwrap_or(reference)
}

fn references(schema: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

struct Walk<'c, 's> {
    comparison: &'c Comparison<'s>,
    path: Vec<String>,
    /// Pairs of schemas with references that were compared: a difference behind them is told once.
    known: HashSet<(String, String)>,
    depth: usize,
    found: Vec<Difference>,
}

impl Walk<'_, '_> {
    fn schemas(&mut self, old: &Value, new: &Value) {
        if self.comparison.is_same(old, new) {
            return;
        }
        let ((flat_old, from_old), (flat_new, from_new)) =
            (flat(old, self.comparison.old), flat(new, self.comparison.new));
        let has_references = from_old || from_new;
        if has_references && self.known.contains(&(old.to_string(), new.to_string())) {
            return;
        }
        // What is merged on the way can grow without end.
        if self.depth >= MAX_DEPTH || self.known.len() >= MAX_PAIRS {
            return self.push(None, Kind::Changed, Some(old.clone()), Some(new.clone()));
        }
        if has_references {
            self.known.insert((old.to_string(), new.to_string()));
        }
        self.depth += 1;
        self.keywords(&flat_old, &flat_new);
        self.depth -= 1;
    }

    fn keywords(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) {
        self.types(old, new);
        self.values(old, new);
        for (limits, higher) in [(FLOORS, Kind::Tightened), (CEILINGS, Kind::Loosened)] {
            for keyword in limits {
                self.limit(keyword, higher, old, new);
            }
        }
        for keyword in OPAQUE {
            match (old.get(keyword), new.get(keyword)) {
                (Some(before), Some(after)) if !self.comparison.is_same(before, after) => {
                    self.push(keyword, Kind::Changed, Some(before.clone()), Some(after.clone()));
                }
                (None, Some(after)) => self.push(keyword, Kind::Tightened, None, Some(after.clone())),
                (Some(before), None) => self.push(keyword, Kind::Loosened, Some(before.clone()), None),
                _ => {}
            }
        }
        let is_unique = |schema: &Map<String, Value>| schema.get("uniqueItems").and_then(Value::as_bool) == Some(true);
        self.flag("uniqueItems", is_unique(old), is_unique(new), Kind::Tightened);
        for keyword in MARKS {
            let is_set = |schema: &Map<String, Value>| schema.get(keyword).and_then(Value::as_bool) == Some(true);
            self.flag(keyword, is_set(old), is_set(new), Kind::Changed);
        }
        if let (Some(before), Some(after)) = (old.get("default"), new.get("default"))
            && before != after
        {
            self.push("default", Kind::Changed, Some(before.clone()), Some(after.clone()));
        }
        self.members(old, new);
        self.items(old, new);
        for keyword in ["oneOf", "anyOf"] {
            self.alternatives(keyword, old, new);
        }
    }

    fn types(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) {
        let (before, after) = (types(old), types(new));
        self.sets("type", &before, &after, old.get("type"), new.get("type"));
    }

    /// `enum` and `const`: the values that are permitted.
    fn values(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) {
        let (before, after) = (permitted(old), permitted(new));
        let shown = |values: &BTreeMap<String, Value>| Value::Array(values.values().cloned().collect());
        match (before, after) {
            (Some(before), Some(after)) => {
                let only =
                    |this: &BTreeMap<String, Value>, other: &BTreeMap<String, Value>| -> BTreeMap<String, Value> {
                        let gone = this.iter().filter(|(text, _)| !other.contains_key(*text));
                        gone.map(|(text, value)| (text.clone(), value.clone())).collect()
                    };
                let (removed, added) = (only(&before, &after), only(&after, &before));
                if !removed.is_empty() {
                    self.push("enum", Kind::Tightened, Some(shown(&removed)), None);
                }
                if !added.is_empty() {
                    self.push("enum", Kind::Loosened, None, Some(shown(&added)));
                }
            }
            (None, Some(after)) => self.push("enum", Kind::Tightened, None, Some(shown(&after))),
            (Some(before), None) => self.push("enum", Kind::Loosened, Some(shown(&before)), None),
            (None, None) => {}
        }
    }

    fn limit(&mut self, keyword: &str, higher: Kind, old: &Map<String, Value>, new: &Map<String, Value>) {
        let lower = if higher == Kind::Tightened { Kind::Loosened } else { Kind::Tightened };
        let kind = match (old.get(keyword), new.get(keyword)) {
            (before, after) if before == after => return,
            (None, _) => Kind::Tightened,
            (_, None) => Kind::Loosened,
            (Some(before), Some(after)) => match (before.as_f64(), after.as_f64()) {
                (Some(before), Some(after)) if before < after => higher,
                (Some(before), Some(after)) if before > after => lower,
                // `1` and `1.0`.
                (Some(_), Some(_)) => return,
                _ => Kind::Changed,
            },
        };
        self.push(keyword, kind, old.get(keyword).cloned(), new.get(keyword).cloned());
    }

    fn flag(&mut self, keyword: &str, before: bool, after: bool, set: Kind) {
        if before != after {
            let kind = if after || set == Kind::Changed { set } else { Kind::Loosened };
            self.push(keyword, kind, Some(before.into()), Some(after.into()));
        }
    }

    fn members(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) {
        let (was_required, is_required) = (required(old), required(new));
        let none = Map::new();
        let of = |schema: &Map<String, Value>| schema.get("properties").and_then(Value::as_object).cloned();
        let (before, after) = (of(old).unwrap_or_else(|| none.clone()), of(new).unwrap_or(none));
        for (name, schema) in &before {
            self.path.push(name.clone());
            match after.get(name) {
                Some(other) => self.schemas(schema, other),
                None => self.push(None, Kind::Removed, None, None),
            }
            self.path.pop();
        }
        for name in after.keys().filter(|name| !before.contains_key(*name)) {
            self.path.push(name.clone());
            self.push(None, Kind::Added, None, None);
            self.path.pop();
        }
        for (names, others, kind) in
            [(&was_required, &is_required, Kind::Loosened), (&is_required, &was_required, Kind::Tightened)]
        {
            for name in names.difference(others) {
                self.path.push(name.clone());
                let is_now = kind == Kind::Tightened;
                self.push("required", kind, Some((!is_now).into()), Some(is_now.into()));
                self.path.pop();
            }
        }
        let open = Value::Bool(true);
        let further = |schema: &Map<String, Value>| schema.get("additionalProperties").unwrap_or(&open).clone();
        let (before, after) = (further(old), further(new));
        match (&before, &after) {
            (Value::Bool(before), Value::Bool(after)) => {
                let set = if *after { Kind::Loosened } else { Kind::Tightened };
                if before != after {
                    self.push("additionalProperties", set, Some((*before).into()), Some((*after).into()));
                }
            }
            (Value::Bool(false), after) => {
                self.push("additionalProperties", Kind::Loosened, Some(false.into()), Some(after.clone()));
            }
            (before, Value::Bool(false)) => {
                self.push("additionalProperties", Kind::Tightened, Some(before.clone()), Some(false.into()));
            }
            (before, after) => {
                self.path.push("*".to_owned());
                self.schemas(before, after);
                self.path.pop();
            }
        }
    }

    fn items(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) {
        let open = Value::Bool(true);
        self.path.push("*".to_owned());
        self.schemas(old.get("items").unwrap_or(&open), new.get("items").unwrap_or(&open));
        self.path.pop();
    }

    /// Alternatives are paired by what they refer to and by being the same, then in their order.
    fn alternatives(&mut self, keyword: &str, old: &Map<String, Value>, new: &Map<String, Value>) {
        let of = |schema: &Map<String, Value>| schema.get(keyword).and_then(Value::as_array).cloned();
        let (mut before, mut after) = match (of(old), of(new)) {
            (None, None) => return,
            (Some(before), None) => {
                return self.push(keyword, Kind::Loosened, Some(Value::Array(before)), None);
            }
            (None, Some(after)) => {
                return self.push(keyword, Kind::Tightened, None, Some(Value::Array(after)));
            }
            (Some(before), Some(after)) => (before, after),
        };
        let mut pairs = Vec::new();
        before.retain(|schema| {
            let is_it =
                |other: &Value| other == schema || other.get("$ref").is_some_and(|it| Some(it) == schema.get("$ref"));
            let Some(position) = after.iter().position(is_it) else { return true };
            pairs.push((schema.clone(), after.remove(position)));
            false
        });
        if before.len() == after.len() {
            pairs.extend(before.drain(..).zip(after.drain(..)));
        }
        for (before, after) in pairs {
            self.schemas(&before, &after);
        }
        for schema in before {
            self.push(keyword, Kind::Tightened, Some(schema), None);
        }
        for schema in after {
            self.push(keyword, Kind::Loosened, None, Some(schema));
        }
    }

    fn sets(
        &mut self,
        keyword: &str,
        before: &BTreeSet<&'static str>,
        after: &BTreeSet<&'static str>,
        old: Option<&Value>,
        new: Option<&Value>,
    ) {
        let kind = match (before.is_subset(after), after.is_subset(before)) {
            (true, true) => return,
            (true, false) => Kind::Loosened,
            (false, true) => Kind::Tightened,
            (false, false) => Kind::Changed,
        };
        self.push(keyword, kind, old.cloned(), new.cloned());
    }

    fn push<'k>(&mut self, keyword: impl Into<Option<&'k str>>, kind: Kind, old: Option<Value>, new: Option<Value>) {
        let keyword = keyword.into().map(str::to_owned);
        self.found.push(Difference { path: self.path.clone(), keyword, kind, old, new });
    }
}

/// The types that a schema permits. An integer is a number; what else a number may be is a fraction.
fn types(schema: &Map<String, Value>) -> BTreeSet<&'static str> {
    const ALL: [&str; 7] = ["array", "boolean", "fraction", "integer", "null", "object", "string"];
    let names: Vec<&str> = match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => return ALL.into(),
    };
    let is_permitted =
        |kind: &&str| names.contains(kind) || ["fraction", "integer"].contains(kind) && names.contains(&"number");
    ALL.into_iter().filter(|kind| is_permitted(kind)).collect()
}

/// The values of `enum` or `const`, under their text.
fn permitted(schema: &Map<String, Value>) -> Option<BTreeMap<String, Value>> {
    let values = match (schema.get("const"), schema.get("enum")) {
        (Some(only), _) => std::slice::from_ref(only),
        (None, Some(Value::Array(values))) => values,
        (None, _) => return None,
    };
    Some(values.iter().map(|value| (value.to_string(), value.clone())).collect())
}

fn required(schema: &Map<String, Value>) -> BTreeSet<String> {
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// References followed and `allOf` merged, so that moving a part of a schema elsewhere is no difference. What cannot be
/// merged stands in both parts as a condition, under `not`-like keywords that are compared as they are. With it, whether
/// there were references.
fn flat(schema: &Value, shared: &Map<String, Value>) -> (Map<String, Value>, bool) {
    let mut merged = Map::new();
    let mut open = vec![schema];
    let mut known = HashSet::new();
    while let Some(part) = open.pop() {
        let keywords = match part {
            Value::Object(keywords) => keywords,
            Value::Bool(false) => {
                merged.insert("not".to_owned(), json!({}));
                continue;
            }
            _ => continue,
        };
        if let Some(reference) = keywords.get("$ref").and_then(Value::as_str)
            && known.insert(reference)
        {
            match shared.get(shared_name(reference)) {
                Some(target) => open.push(target),
                // Not known here: compared by its name.
                None => _ = merged.insert("not".to_owned(), json!({ "not": part })),
            }
        }
        open.extend(keywords.get("allOf").and_then(Value::as_array).into_iter().flatten());
        for (name, value) in keywords.iter().filter(|(name, _)| !["$ref", "allOf"].contains(&name.as_str())) {
            merge(&mut merged, name, value);
        }
    }
    (merged, !known.is_empty())
}

fn merge(merged: &mut Map<String, Value>, name: &str, value: &Value) {
    let Some(known) = merged.get_mut(name) else {
        merged.insert(name.to_owned(), value.clone());
        return;
    };
    match (name, &mut *known, value) {
        ("properties" | "patternProperties", Value::Object(known), Value::Object(more)) => {
            for (member, schema) in more {
                match known.get_mut(member) {
                    Some(other) if other != schema => both(other, schema),
                    _ => _ = known.insert(member.clone(), schema.clone()),
                }
            }
        }
        ("required", Value::Array(known), Value::Array(more)) => {
            let new: Vec<Value> = more.iter().filter(|name| !known.contains(name)).cloned().collect();
            known.extend(new);
        }
        ("items" | "additionalProperties", known, more) if known != more => {
            both(known, more);
        }
        (_, known, more) => {
            let is_stricter = match (known.as_f64(), more.as_f64()) {
                (Some(known), Some(more)) if FLOORS.contains(&name) => more > known,
                (Some(known), Some(more)) if CEILINGS.contains(&name) => more < known,
                _ => false,
            };
            if is_stricter {
                *known = more.clone();
            }
        }
    }
}

/// Both hold. Of more than two each stands once, so that one that leads to itself is soon the same again.
fn both(known: &mut Value, more: &Value) {
    let parts = known.as_object_mut().filter(|members| members.len() == 1);
    match parts.and_then(|members| members.get_mut("allOf")).and_then(Value::as_array_mut) {
        Some(parts) if parts.contains(more) => {}
        Some(parts) => parts.push(more.clone()),
        None => *known = json!({ "allOf": [known.take(), more] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `path keyword kind` of each difference.
    #[track_caller]
    fn check(old: Value, new: Value, expected: &[&str]) {
        let old_shared = json!({"Id": {"type": "string", "maxLength": 5}, "Part": {"properties": {"part": {"$ref": "#/components/schemas/Part"}, "n": {"type": "integer"}}}});
        let new_shared = json!({"Id": {"type": "string", "maxLength": 4}, "Part": {"properties": {"part": {"$ref": "#/components/schemas/Part"}, "n": {"type": "number"}}}});
        let (old_shared, new_shared) = (old_shared.as_object().unwrap(), new_shared.as_object().unwrap());
        let found = Comparison::new(old_shared, new_shared).differences(Some(&old), Some(&new));
        let found: Vec<String> = found
            .iter()
            .map(|it| format!("/{} {} {}", it.path.join("/"), it.keyword.as_deref().unwrap_or("-"), it.kind))
            .collect();
        assert_eq!(found, expected, "{old} {new}");
    }

    #[test]
    fn what_permits_fewer_values_is_tightened_and_what_permits_more_is_loosened() {
        for (loose, tight, keyword) in [
            (json!({"type": "number"}), json!({"type": "integer"}), "type"),
            (json!({"type": ["string", "null"]}), json!({"type": "string"}), "type"),
            (json!({}), json!({"type": "object"}), "type"),
            (json!({"enum": ["a", "b"]}), json!({"enum": ["b"]}), "enum"),
            (json!({"enum": ["a", 1]}), json!({"const": "a"}), "enum"),
            (json!({}), json!({"enum": [null]}), "enum"),
            (json!({"minimum": 1}), json!({"minimum": 1.5}), "minimum"),
            (json!({"maximum": -1}), json!({"maximum": -2}), "maximum"),
            (json!({}), json!({"exclusiveMaximum": 0}), "exclusiveMaximum"),
            (json!({"minLength": 1}), json!({"minLength": 2}), "minLength"),
            (json!({"maxItems": 9}), json!({"maxItems": 3}), "maxItems"),
            (json!({}), json!({"pattern": "^a"}), "pattern"),
            (json!({}), json!({"format": "uuid"}), "format"),
            (json!({"uniqueItems": false}), json!({"uniqueItems": true}), "uniqueItems"),
            (json!({}), json!({"additionalProperties": false}), "additionalProperties"),
            (
                json!({"additionalProperties": {"type": "string"}}),
                json!({"additionalProperties": false}),
                "additionalProperties",
            ),
            (json!({"oneOf": [{"type": "null"}, {"minimum": 1}]}), json!({"oneOf": [{"minimum": 1}]}), "oneOf"),
            (json!({}), json!({"anyOf": [{"minimum": 1}]}), "anyOf"),
            (json!(true), json!(false), "not"),
        ] {
            check(loose.clone(), tight.clone(), &[&format!("/ {keyword} tightened")]);
            check(tight, loose, &[&format!("/ {keyword} loosened")]);
        }
    }

    #[test]
    fn what_permits_other_values_is_changed() {
        check(json!({"type": "string"}), json!({"type": "integer"}), &["/ type changed"]);
        check(json!({"pattern": "a"}), json!({"pattern": "b"}), &["/ pattern changed"]);
        check(json!({"multipleOf": 2}), json!({"multipleOf": 3}), &["/ multipleOf changed"]);
        check(json!({"default": 2}), json!({"default": 3}), &["/ default changed"]);
        check(json!({"enum": [1, 2]}), json!({"enum": [2, 3]}), &["/ enum tightened", "/ enum loosened"]);
    }

    #[test]
    fn members_and_items_are_compared_where_they_are() {
        check(
            json!({"properties": {"a": {"items": {"type": "number"}}, "b": {}}, "required": ["b"]}),
            json!({"properties": {"a": {"items": {"type": "integer"}}, "c": {}}, "required": ["c"]}),
            &["/a/* type tightened", "/b - removed", "/c - added", "/b required loosened", "/c required tightened"],
        );
        check(
            json!({"additionalProperties": {"maxLength": 2}}),
            json!({"additionalProperties": {"maxLength": 3}}),
            &["/* maxLength loosened"],
        );
    }

    #[test]
    fn a_difference_behind_references_is_found_and_told_once() {
        let id = json!({"$ref": "#/components/schemas/Id"});
        check(id.clone(), id.clone(), &["/ maxLength tightened"]);
        check(
            json!({"properties": {"a": id, "b": id}}),
            json!({"properties": {"a": id, "b": id}}),
            &["/a maxLength tightened"],
        );
        let part = json!({"$ref": "#/components/schemas/Part"});
        check(part.clone(), part, &["/n type loosened"]);
    }

    #[test]
    fn a_schema_that_leads_to_itself_in_any_way_has_an_end() {
        let own = json!({"$ref": "#/components/schemas/Tree"});
        let deep = |depth: usize, end: Value| (0..depth).fold(end, |inner, _| json!({ "items": inner }));
        for (old, new, expected) in [
            (
                json!({"oneOf": [{"properties": {"up": {"nullable": true, "allOf": [own]}, "n": {"minimum": 1}}}]}),
                json!({"oneOf": [{"properties": {"up": {"nullable": true, "allOf": [own]}, "n": {"minimum": 2}}}]}),
                "/n minimum tightened",
            ),
            (
                json!({"items": {"allOf": [{"allOf": [own]}]}, "maxItems": 2}),
                json!({"items": {"allOf": [{"allOf": [own]}]}, "maxItems": 3}),
                "/ maxItems loosened",
            ),
            (
                json!({"properties": {"a": {"allOf": [own, {"minProperties": 1}]}}}),
                json!({"properties": {"a": {"allOf": [own, {"minProperties": 2}]}}}),
                "/a minProperties tightened",
            ),
            (
                json!({"allOf": [{"items": {"allOf": [own, {"items": own}]}}, {"items": own}], "type": "array"}),
                json!({"allOf": [{"items": {"allOf": [own, {"items": own}]}}, {"items": own}]}),
                "/ type loosened",
            ),
            (
                json!({"properties": {"a": own, "b": {"maxLength": 1}}}),
                json!({"properties": {"a": {"allOf": [own]}, "b": {"maxLength": 2}}}),
                "/b maxLength loosened",
            ),
            (deep(110, json!({"minimum": 1})), deep(110, json!({"minimum": 2})), " - changed"),
        ] {
            let (old_shared, new_shared) = (json!({ "Tree": old }), json!({ "Tree": new }));
            let comparison = Comparison::new(old_shared.as_object().unwrap(), new_shared.as_object().unwrap());
            let found = comparison.differences(Some(&own), Some(&own));
            let shown = |it: &Difference| {
                format!("/{} {} {}", it.path.join("/"), it.keyword.as_deref().unwrap_or("-"), it.kind)
            };
            assert!(found.iter().map(shown).any(|it| it.ends_with(expected)), "{expected}: {} found", found.len());
        }
    }

    #[test]
    fn what_says_the_same_is_no_difference() {
        for (old, new) in [
            (json!({"const": 1}), json!({"enum": [1]})),
            (json!({"maximum": 1}), json!({"maximum": 1.0})),
            (json!({"enum": [1, 2]}), json!({"enum": [2, 1]})),
            (json!({"type": ["integer", "number"]}), json!({"type": "number"})),
            (json!({"required": ["a", "b"]}), json!({"required": ["b", "a"]})),
            (
                json!({"properties": {"a": {}}, "required": ["a"]}),
                json!({"allOf": [{"required": ["a"]}, {"properties": {"a": {}}}]}),
            ),
            (json!({"oneOf": [{"minimum": 1}, {"maximum": 0}]}), json!({"oneOf": [{"maximum": 0}, {"minimum": 1}]})),
            (json!({"additionalProperties": true}), json!({})),
            (json!({}), json!(true)),
        ] {
            check(old.clone(), new.clone(), &[]);
            check(new, old, &[]);
        }
    }
}
