//! Values that no two requests have in common (`x-unique`).

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Number, Value};

use crate::check::schema::Direction;
use crate::http::request::{Replacements, Values, has_value, sent_value};
use crate::model::suite::{Case, Place, Unique};
use crate::run::runner::Runner;

/// How often another value is tried, where the schema refuses the first.
const TRIES: usize = 20;

impl Runner<'_, '_> {
    /// A new value for each member or parameter of the request that must have one of its own, where nothing else fills it.
    pub(crate) fn unique_values(&self, case: &Case, state: &Values) -> Values {
        let mut values = Values::new();
        for unique in self.plan.suite.unique.get(&case.operation).into_iter().flatten() {
            let name = unique.place.rsplit(['.', '/']).next().unwrap_or_default();
            let replacements = Replacements { state, run: self.plan.values };
            if state.contains_key(&unique.place) || has_value(&case.request, replacements, name) {
                continue;
            }
            let Some(documented) = documented(case, &unique.place) else { continue };
            let fits = |value: &Value| {
                let schema = unique.schema.as_ref();
                schema.is_none_or(|schema| self.schemas.violations(value, schema, Direction::Request).is_empty())
            };
            values.extend(another(&documented, unique, fits).map(|value| (unique.place.clone(), value)));
        }
        values
    }
}

/// What the request has in this place.
fn documented(case: &Case, place: &str) -> Option<Value> {
    if let Some(pointer) = place.strip_prefix("body#") {
        return case.request.body.as_ref()?.value.pointer(pointer).cloned();
    }
    let (word, name) = place.split_once('.')?;
    let places = [Place::Path, Place::Query, Place::Header, Place::Cookie];
    let place = places.into_iter().find(|place| place.word() == word)?;
    let nothing = Values::new();
    let value = sent_value(case, Replacements { state: &nothing, run: &nothing }, place, name)?;
    Some(Value::String(value))
}

/// Another value of the same kind that the schema accepts, as text; nothing if none is found.
fn another(documented: &Value, unique: &Unique, fits: impl Fn(&Value) -> bool) -> Option<String> {
    let schema = unique.schema.as_ref();
    let text = |key: &str| schema.and_then(|schema| schema.get(key)).and_then(Value::as_str).unwrap_or_default();
    let limit = |key: &str| schema.and_then(|schema| schema.get(key)).and_then(Value::as_i64);
    let is_number = documented.is_number() || matches!(text("type"), "integer" | "number");
    for _ in 0..TRIES {
        if is_number {
            let least = limit("minimum").unwrap_or(1);
            let most = limit("maximum").unwrap_or(least.saturating_add(i64::from(u32::MAX)));
            let span = u64::try_from(most.saturating_sub(least)).unwrap_or(0).saturating_add(1);
            let step = limit("multipleOf").unwrap_or(1).max(1);
            let number = least.saturating_add_unsigned(random() % span);
            let number = number - number % step;
            if fits(&Value::Number(Number::from(number))) {
                return Some(number.to_string());
            }
            continue;
        }
        let known = documented.as_str()?;
        let most = limit("maxLength").and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        let found =
            candidates(known, text("format"), most).into_iter().find(|value| fits(&Value::String(value.clone())));
        if found.is_some() {
            return found;
        }
    }
    None
}

fn candidates(known: &str, format: &str, most: usize) -> Vec<String> {
    let word = word();
    let digits = |length: usize| -> String {
        std::iter::repeat_with(|| random().to_string())
            .take(length / 15 + 1)
            .collect::<String>()
            .chars()
            .rev()
            .take(length)
            .collect()
    };
    let first = |text: &str, length: usize| text.chars().take(length).collect::<String>();
    let length = known.chars().count();
    let special = match format {
        "uuid" => {
            let (high, low) = (random(), random());
            let (a, b) = (high >> 32, (high >> 16) & 0xffff);
            vec![format!("{a:08x}-{b:04x}-4{:03x}-8{:03x}-{:012x}", high & 0xfff, low >> 52, low & 0xffff_ffff_ffff)]
        }
        "email" | "idn-email" => known
            .split_once('@')
            .map(|(name, host)| vec![format!("{name}-{word}@{host}"), format!("{word}@{host}")])
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    let is_number = !known.is_empty() && known.bytes().all(|byte| byte.is_ascii_digit());
    let usual = match is_number {
        true => vec![digits(length.min(most))],
        false => vec![
            format!("{}-{word}", first(known, most.saturating_sub(word.len() + 1))),
            format!("{}{word}", first(known, most.saturating_sub(word.len()))),
            first(&word, most),
            first(&word.to_uppercase(), length.min(most)),
            first(&word, length.min(most)),
            // Nothing but letters.
            word.bytes().map(|byte| char::from(b'a' + byte % 26)).collect(),
            digits(length.min(most)),
        ],
    };
    let all = special.into_iter().chain(usual);
    all.filter(|value| !value.is_empty() && value.chars().count() <= most && value != known).collect()
}

/// Eight letters and digits.
fn word() -> String {
    const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut rest = random();
    let mut word = String::from("x");
    for _ in 0..8 {
        word.push(char::from(LETTERS[usize::try_from(rest % 36).unwrap_or(0)]));
        rest /= 36;
    }
    word
}

/// A number that no other run has: the hasher is seeded by the system.
fn random() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(COUNT.fetch_add(1, Ordering::Relaxed));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::schema::violations;

    #[track_caller]
    fn check(documented: Value, schema: Value) {
        let unique = Unique { place: "body#/name".to_owned(), schema: Some(schema.clone()) };
        let values: Vec<Value> = (0..50)
            .map(|_| {
                let fits = |value: &Value| violations(value, &schema, &serde_json::Map::new()).is_empty();
                let text = another(&documented, &unique, fits).unwrap_or_else(|| panic!("nothing for {schema}"));
                if documented.is_number() { text.parse::<i64>().unwrap().into() } else { text.into() }
            })
            .collect();
        for value in &values {
            assert_eq!(violations(value, &schema, &serde_json::Map::new()), [], "{value}");
        }
        let different: std::collections::BTreeSet<String> = values.iter().map(Value::to_string).collect();
        assert_eq!(different.len(), values.len(), "{values:?}");
    }

    #[test]
    fn other_values_fit_the_schema_and_differ() {
        check(json!("Ada"), json!({"type": "string"}));
        check(json!("Ada"), json!({"type": "string", "maxLength": 8}));
        check(json!("ada@example.org"), json!({"type": "string", "format": "email"}));
        check(json!("08a898ae-3ff8-40e8-a7ed-03afe05aedbb"), json!({"type": "string", "format": "uuid"}));
        check(json!("ABCDEFGH"), json!({"type": "string", "pattern": "^[A-Z0-9]{8}$"}));
        check(json!("abcdefghi"), json!({"type": "string", "pattern": "^[a-z]+$"}));
        check(json!("123456789012"), json!({"type": "string", "pattern": "^[0-9]{12}$"}));
        check(json!(5), json!({"type": "integer", "minimum": 1, "maximum": 1_000_000_000}));
    }

    #[test]
    fn where_no_other_value_fits_there_is_none() {
        let unique = Unique { place: "body#/name".to_owned(), schema: None };
        assert_eq!(another(&json!("one"), &unique, |value| value == "one"), None);
        assert_eq!(another(&json!(true), &unique, |_| true), None);
    }
}
