//! Keywords that combine schemas for one value: `allOf`, `anyOf`, `oneOf`, `not`, `if`, `dependentSchemas`.

use serde_json::Value;

use super::keyword::{Keyword, Keywords, set};
use super::walk::{Judged, Walk};
use crate::check::value::{found, member, shown};

const COMBINATIONS: u64 =
    set(&[Keyword::AllOf, Keyword::AnyOf, Keyword::OneOf, Keyword::Not, Keyword::If, Keyword::DependentSchemas]);
const BRANCHES: u64 = set(&[Keyword::Then, Keyword::Else]);

impl<'w> Walk<'w> {
    pub(super) fn check_combinations(&mut self, value: &Value, keywords: &Keywords<'w>) {
        if !keywords.any(COMBINATIONS) {
            return;
        }
        for all in self.schemas_in(keywords, Keyword::AllOf) {
            self.check(value, all);
        }
        let any = self.schemas_in(keywords, Keyword::AnyOf);
        if !any.is_empty() && !self.check_chosen(value, any, keywords) {
            self.check_any(value, any);
        }
        let one = self.schemas_in(keywords, Keyword::OneOf);
        if !one.is_empty() && !self.check_chosen(value, one, keywords) {
            self.check_one(value, one);
        }
        if let Some(not) = keywords.get(Keyword::Not) {
            let around = self.evaluated.take();
            if self.fits(value, not) == Some(true) {
                self.violation("not", || format!("expected anything but what `not` describes, found {}", shown(value)));
            }
            self.evaluated = around;
        }
        if let Some(condition) = keywords.get(Keyword::If) {
            self.check_if(value, condition, keywords);
        }
        if let (Some(schemas), Value::Object(members)) = (self.object(keywords, Keyword::DependentSchemas), value) {
            for (_, schema) in schemas.iter().filter(|(name, _)| member(members, name).is_some()) {
                self.check(value, schema);
            }
        }
    }

    /// Judges by the alternative that the discriminator chooses; false where it chooses none of them, and all count.
    ///
    /// A value that an explicit mapping does not have, and that is no name of an alternative, chooses no schema, and so
    /// nothing fits. Source: OpenAPI 3.0.3, Discriminator Object.
    fn check_chosen(&mut self, value: &Value, alternatives: &'w [Value], keywords: &Keywords<'w>) -> bool {
        let Some(discriminator) = keywords.get(Keyword::Discriminator).and_then(Value::as_object) else { return false };
        let name = discriminator.get("propertyName").and_then(Value::as_str);
        let Some(name) = name.filter(|name| value.get(name).is_some_and(Value::is_string)) else { return false };
        let Some(wanted) = value.get(name).and_then(Value::as_str) else { return false };
        let mapping = discriminator.get("mapping").and_then(Value::as_object);
        let mapped = mapping.and_then(|mapping| member(mapping, wanted)?.as_str());
        let reference = |schema: &'w Value| schema.get("$ref").and_then(Value::as_str);
        let named = |reference: &str, name: &str| reference.rsplit('/').next() == Some(name);
        let wanted_name = mapped.unwrap_or(wanted);
        let chosen = alternatives.iter().find(|alternative| {
            reference(alternative).is_some_and(|reference| reference == wanted_name || named(reference, wanted_name))
        });
        match chosen {
            Some(chosen) => self.check(value, chosen),
            None if mapped.is_none() && mapping.is_some_and(|mapping| !mapping.is_empty()) => {
                let known = mapping.into_iter().flatten().map(|(known, _)| known.as_str()).take(20);
                let known = known.collect::<Vec<_>>().join(", ");
                let found = shown(&Value::from(wanted));
                self.at(name, |walk| {
                    walk.violation("discriminator", || format!("expected one of {known}, found {found}"));
                });
            }
            None => return false,
        }
        true
    }

    fn check_any(&mut self, value: &Value, alternatives: &'w [Value]) {
        let mut closest: Option<Judged> = None;
        let mut fits = false;
        for alternative in alternatives {
            let Some(judged) = self.judge_apart(value, alternative) else { return };
            if judged.fits() {
                fits = true;
                if self.evaluated.is_none() {
                    return;
                }
            } else if closest.as_ref().is_none_or(|closest| judged.count < closest.count) {
                closest = Some(judged);
            }
        }
        if !fits {
            self.none_fits("anyOf", alternatives.len(), closest);
        }
    }

    fn check_one(&mut self, value: &Value, alternatives: &'w [Value]) {
        let mut fitting = Vec::new();
        let mut closest: Option<Judged> = None;
        for (index, alternative) in alternatives.iter().enumerate() {
            let Some(judged) = self.judge_apart(value, alternative) else { return };
            if judged.fits() {
                fitting.push(index + 1);
            } else if closest.as_ref().is_none_or(|closest| judged.count < closest.count) {
                closest = Some(judged);
            }
        }
        match fitting.as_slice() {
            [] => self.none_fits("oneOf", alternatives.len(), closest),
            [_] => {}
            several => self.violation("oneOf", || {
                let listed: Vec<_> = several.iter().map(ToString::to_string).collect();
                format!("expected exactly one alternative to fit, found that {} do", listed.join(" and "))
            }),
        }
    }

    fn none_fits(&mut self, keyword: &'static str, count: usize, closest: Option<Judged>) {
        self.violation(keyword, || {
            let closest = closest.and_then(|judged| judged.first);
            let why = closest.map_or_else(String::new, |first| format!("; the closest: {first}"));
            format!("expected one of {count} alternatives to fit, found that none does{why}")
        });
    }

    fn check_if(&mut self, value: &Value, condition: &'w Value, keywords: &Keywords<'w>) {
        if !keywords.any(BRANCHES) && self.evaluated.is_none() {
            return;
        }
        let Some(fits) = self.fits(value, condition) else { return };
        if let Some(branch) = keywords.get(if fits { Keyword::Then } else { Keyword::Else }) {
            self.check(value, branch);
        }
    }

    /// The schemas in the array under a keyword.
    pub(super) fn schemas_in(&mut self, keywords: &Keywords<'w>, keyword: Keyword) -> &'w [Value] {
        match keywords.get(keyword) {
            None => &[],
            Some(Value::Array(schemas)) => schemas,
            Some(other) => {
                self.broken(keyword.name(), || format!("expected an array, found {}", found(other)));
                &[]
            }
        }
    }
}
