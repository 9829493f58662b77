//! Keywords for objects.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::keyword::{Keyword, Keywords, set};
use super::schemas::Direction;
use super::walk::Walk;
use crate::check::value::{found, member, member_of, shown};

const SIZE: u64 = set(&[Keyword::MinProperties, Keyword::MaxProperties]);
const RARE: u64 = set(&[Keyword::DependentRequired, Keyword::PropertyNames]);

impl<'w> Walk<'w> {
    pub(super) fn check_object(&mut self, members: &Map<String, Value>, keywords: &Keywords<'w>) {
        if keywords.any(SIZE) {
            let count = members.len();
            let sizes = [Keyword::MinProperties, Keyword::MaxProperties];
            self.check_size(keywords, sizes, count, "members", || count.to_string());
        }
        let properties = self.object(keywords, Keyword::Properties);
        let property = |name: &str| properties.and_then(|properties| member(properties, name));
        if let Some(names) = keywords.get(Keyword::Required) {
            self.check_required(members, property, names);
        }
        for (name, property) in properties.into_iter().flatten() {
            if let Some(member) = member(members, name) {
                self.at(name, |walk| walk.check_part(member, property));
            }
        }
        let by_pattern = self.check_pattern_properties(members, keywords);
        if let Some(schema) = keywords.get(Keyword::AdditionalProperties) {
            let is_additional = |name: &str, member: &Value| {
                property(name).is_none() && !by_pattern.contains(&std::ptr::from_ref(member))
            };
            for (name, member) in members.iter().filter(|(name, member)| is_additional(name, member)) {
                if self.is_over() {
                    return;
                }
                self.at(name, |walk| walk.check_member("additionalProperties", member, schema));
            }
        }
        if keywords.any(RARE) {
            self.check_dependent_required(members, keywords);
            self.check_names(members, keywords);
        }
    }

    fn check_member(&mut self, keyword: &'static str, member: &Value, schema: &'w Value) {
        match schema {
            Value::Bool(true) => self.mark(member),
            Value::Bool(false) => {
                self.violation(keyword, || format!("expected no member of this name, found {}", found(member)));
            }
            schema => self.check_part(member, schema),
        }
    }

    fn check_required(
        &mut self,
        members: &Map<String, Value>,
        property: impl Fn(&str) -> Option<&'w Value>,
        names: &'w Value,
    ) {
        for name in self.names("required", names) {
            if member(members, name).is_some() || self.travels_the_other_way(property(name)) {
                continue;
            }
            self.at(name, |walk| {
                walk.violation("required", || "expected this member, found none".to_owned());
            });
        }
    }

    /// `readOnly` members are required in replies only, `writeOnly` members in requests only.
    fn travels_the_other_way(&self, mut property: Option<&'w Value>) -> bool {
        let word = match self.direction {
            Direction::Request => "readOnly",
            Direction::Reply => "writeOnly",
            Direction::Unknown => return false,
        };
        // As many references as any honest document chains; whether they end is judged where they are followed.
        for _ in 0..16 {
            let Some(schema) = property else { return false };
            if member_of(schema, word) == Some(&Value::Bool(true)) {
                return true;
            }
            let reference = member_of(schema, "$ref").and_then(Value::as_str);
            property = reference.and_then(|reference| Some(self.target(reference)?.0));
        }
        false
    }

    /// Returns the members that some pattern matches.
    fn check_pattern_properties(
        &mut self,
        members: &Map<String, Value>,
        keywords: &Keywords<'w>,
    ) -> HashSet<*const Value> {
        let mut matched = HashSet::new();
        for (pattern, schema) in self.object(keywords, Keyword::PatternProperties).into_iter().flatten() {
            for (name, member) in members {
                if self.is_over() {
                    return matched;
                }
                match self.matches("patternProperties", pattern, name) {
                    Some(true) => {
                        matched.insert(std::ptr::from_ref(member));
                        self.at(name, |walk| walk.check_member("patternProperties", member, schema));
                    }
                    Some(false) => {}
                    // It is the same for all names, or soon will be.
                    None => break,
                }
            }
        }
        matched
    }

    fn check_dependent_required(&mut self, members: &Map<String, Value>, keywords: &Keywords<'w>) {
        for (present, names) in self.object(keywords, Keyword::DependentRequired).into_iter().flatten() {
            if member(members, present).is_none() {
                continue;
            }
            for name in self.names("dependentRequired", names) {
                if member(members, name).is_none() {
                    self.at(name, |walk| {
                        walk.violation("dependentRequired", || {
                            format!("expected this member beside {}, found none", shown(&Value::from(present.as_str())))
                        });
                    });
                }
            }
        }
    }

    fn check_names(&mut self, members: &Map<String, Value>, keywords: &Keywords<'w>) {
        let Some(schema) = keywords.get(Keyword::PropertyNames) else { return };
        for name in members.keys() {
            if self.is_over() {
                return;
            }
            let value = Value::from(name.as_str());
            let around = self.evaluated.take();
            let judged = self.judge_apart(&value, schema);
            self.evaluated = around;
            if let Some(violation) = judged.and_then(|judged| judged.first) {
                self.at(name, |walk| {
                    walk.violation("propertyNames", || {
                        let (message, keyword) = (&violation.message, violation.keyword);
                        format!("expected a name that fits, found {}: {message} ({keyword})", shown(&value))
                    });
                });
            }
        }
    }

    pub(super) fn check_unevaluated_properties(&mut self, value: &Value, keywords: &Keywords<'w>) {
        let schema = keywords.get(Keyword::UnevaluatedProperties);
        let (Some(schema), Value::Object(members)) = (schema, value) else { return };
        for (name, member) in members {
            if self.is_over() {
                return;
            }
            if !self.is_evaluated(member) {
                self.at(name, |walk| walk.check_member("unevaluatedProperties", member, schema));
                self.mark(member);
            }
        }
    }

    /// The schemas (or lists of names) under a keyword, by name.
    pub(super) fn object(&mut self, keywords: &Keywords<'w>, keyword: Keyword) -> Option<&'w Map<String, Value>> {
        match keywords.get(keyword)? {
            Value::Object(schemas) => Some(schemas),
            other => {
                self.broken(keyword.name(), || format!("expected an object, found {}", found(other)));
                None
            }
        }
    }

    fn names(&mut self, keyword: &'static str, names: &'w Value) -> impl Iterator<Item = &'w str> + use<'w> {
        let names = match names {
            Value::Array(names) => names.as_slice(),
            other => {
                self.broken(keyword, || format!("expected an array, found {}", found(other)));
                &[]
            }
        };
        names.iter().filter_map(Value::as_str)
    }
}
