//! Keywords for values of every type: `type`, `const`, `enum`.

use serde_json::Value;

use super::keyword::{Keyword, Keywords, set};
use super::numbers::is_whole;
use super::walk::Walk;
use crate::check::value::{equal, found, shown};

const VALUES: u64 = set(&[Keyword::Const, Keyword::Enum]);

impl<'w> Walk<'w> {
    pub(super) fn check_in_general(&mut self, value: &Value, keywords: &Keywords<'w>) {
        if let Some(wanted) = keywords.get(Keyword::Type) {
            let is_nullable = value.is_null() && keywords.is_true(Keyword::Nullable);
            if !is_nullable {
                self.check_type(value, wanted);
            }
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
            fits |= is_of_type(value);
        }
        if !fits {
            self.violation("type", || {
                let expected: Vec<_> = names.iter().filter_map(|name| Some(named(name)?.0)).collect();
                let expected =
                    if expected.is_empty() { "a value of no type".to_owned() } else { expected.join(" or ") };
                format!("expected {expected}, found {}", found(value))
            });
        }
    }

    fn check_const(&mut self, value: &Value, keywords: &Keywords<'w>) {
        if let Some(expected) = keywords.get(Keyword::Const)
            && !equal(expected, value)
        {
            self.violation("const", || format!("expected {}, found {}", shown(expected), shown(value)));
        }
    }

    fn check_enum(&mut self, value: &Value, keywords: &Keywords<'w>) {
        let allowed = match keywords.get(Keyword::Enum) {
            None => return,
            Some(Value::Array(allowed)) => allowed,
            Some(other) => return self.broken("enum", || format!("expected an array, found {}", found(other))),
        };
        self.spend(allowed.len() / 16);
        if allowed.iter().any(|allowed| equal(allowed, value)) {
            return;
        }
        self.violation("enum", || {
            let listed: Vec<_> = allowed.iter().take(20).map(shown).collect();
            let more = if allowed.len() > 20 { ", …" } else { "" };
            let one_of = if allowed.len() == 1 { "" } else { "one of " };
            format!("expected {one_of}{}{more}, found {}", listed.join(", "), shown(value))
        });
    }
}

type IsOfType = fn(&Value) -> bool;

/// A type in words, and what is of it.
fn named(name: &Value) -> Option<(&'static str, IsOfType)> {
    Some(match name.as_str()? {
        "string" => ("a string", Value::is_string),
        "number" => ("a number", Value::is_number),
        "integer" => ("an integer", |value| value.as_number().is_some_and(is_whole)),
        "boolean" => ("a boolean", Value::is_boolean),
        "array" => ("an array", Value::is_array),
        "object" => ("an object", Value::is_object),
        "null" => ("null", Value::is_null),
        _ => return None,
    })
}
