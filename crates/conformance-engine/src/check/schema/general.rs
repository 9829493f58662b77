//! Keywords for values of every type: `type`, `const`, `enum`.

use serde_json::Value;

use super::keyword::{Keyword, Keywords, set};
use super::walk::Walk;
use crate::check::value::{SHOWN, Written, found, shown};
use crate::model::text::cut;

const VALUES: u64 = set(&[Keyword::Const, Keyword::Enum]);

impl<'w> Walk<'w> {
    pub(super) fn check_in_general(&mut self, value: &Value, keywords: &Keywords<'w>) {
        if let Some(wanted) = keywords.get(Keyword::Type) {
            self.check_type(value, wanted);
        }
        if keywords.any(VALUES) {
            self.check_const(value, keywords);
            self.check_enum(value, keywords);
        }
    }

    fn check_type(&mut self, value: &Value, wanted: &Value) {
        let names = match wanted {
            Value::Array(names) => names.as_slice(),
            name => std::slice::from_ref(name),
        };
        let mut fits = false;
        for name in names {
            let Some((_, is_of_type)) = named(name) else {
                return self.broken("type", || format!("no type is called {}", shown(name)));
            };
            fits |= match (is_of_type, value) {
                (Some(is_of_type), value) => is_of_type(value),
                (None, Value::Number(number)) => self.numeral(number).is_whole(),
                (None, _) => false,
            };
        }
        if !fits {
            self.violate("type", |walk| {
                let expected: Vec<_> = names.iter().filter_map(|name| Some(named(name)?.0)).collect();
                let expected =
                    if expected.is_empty() { "a value of no type".to_owned() } else { expected.join(" or ") };
                let found = match value {
                    Value::Number(number) => format!("a number: {}", cut(&walk.numeral(number).to_string(), SHOWN)),
                    value => found(value),
                };
                format!("expected {expected}, found {found}")
            });
        }
    }

    fn check_const(&mut self, value: &Value, keywords: &Keywords<'w>) {
        if let Some(expected) = keywords.get(Keyword::Const) {
            let numbers = &self.numbers(keywords);
            let documented = Written { value: expected, pointer: "/const", numbers };
            if !documented.equals(&self.written(value)) {
                let documented = documented.shown();
                self.violate("const", |walk| format!("expected {documented}, found {}", walk.written(value).shown()));
            }
        }
    }

    fn check_enum(&mut self, value: &Value, keywords: &Keywords<'w>) {
        let allowed = match keywords.get(Keyword::Enum) {
            None => return,
            Some(Value::Array(allowed)) => allowed,
            Some(other) => return self.broken("enum", || format!("expected an array, found {}", found(other))),
        };
        self.spend(allowed.len() / 16);
        let numbers = self.numbers(keywords);
        let is_exact = numbers.is_empty() && self.numbers_of_value.is_empty();
        let place = |index: usize| if is_exact { String::new() } else { format!("/enum/{index}") };
        let fits = |(index, allowed): (usize, &Value)| {
            let pointer = &place(index);
            Written { value: allowed, pointer, numbers: &numbers }.equals(&self.written(value))
        };
        if allowed.iter().enumerate().any(fits) {
            return;
        }
        self.violate("enum", |walk| {
            let shown = |(index, value)| Written { value, pointer: &place(index), numbers: &numbers }.shown();
            let listed: Vec<_> = allowed.iter().enumerate().take(20).map(shown).collect();
            let more = if allowed.len() > 20 { ", …" } else { "" };
            let one_of = if allowed.len() == 1 { "" } else { "one of " };
            format!("expected {one_of}{}{more}, found {}", listed.join(", "), walk.written(value).shown())
        });
    }
}

type IsOfType = fn(&Value) -> bool;

/// A type in words, and what is of it; nothing for integers, which are numbers without a fraction.
fn named(name: &Value) -> Option<(&'static str, Option<IsOfType>)> {
    Some(match name.as_str()? {
        "string" => ("a string", Some(Value::is_string)),
        "number" => ("a number", Some(Value::is_number)),
        "integer" => ("an integer", None),
        "boolean" => ("a boolean", Some(Value::is_boolean)),
        "array" => ("an array", Some(Value::is_array)),
        "object" => ("an object", Some(Value::is_object)),
        "null" => ("null", Some(Value::is_null)),
        _ => return None,
    })
}
