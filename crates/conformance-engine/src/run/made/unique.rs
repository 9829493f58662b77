//! Values that no two requests have in common (`x-unique`).

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::PoisonError;
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
            let key = |value: &str| (case.operation.clone(), unique.place.clone(), value.to_owned());
            let mut used = self.preparations.used.lock().unwrap_or_else(PoisonError::into_inner);
            let fits = |value: &Value| {
                let schema = unique.schema.as_ref();
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                schema.is_none_or(|schema| self.schemas.violations(value, schema, Direction::Request).is_empty())
                    && !used.contains(&key(&text))
            };
            let found = another(&documented, unique, fits);
            // Where no value is left, an empty one says so.
            used.insert(key(found.as_deref().unwrap_or_default()));
            values.extend(found.map(|value| (unique.place.clone(), value)));
        }
        values
    }
}

/// Whether a request of an operation could not have a new value somewhere: the place.
pub(super) fn run_out(used: &BTreeSet<(String, String, String)>, operation: &str) -> Option<String> {
    used.iter().find(|(known, _, value)| known == operation && value.is_empty()).map(|(_, place, _)| place.clone())
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
        if let Some(listed) = schema.and_then(|schema| schema.get("enum")).and_then(Value::as_array) {
            let mut listed = listed.iter().filter(|value| *value != documented && fits(value));
            return listed.next().and_then(Value::as_str).map(str::to_owned);
        }
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
        // A day of this century, at any second.
        "date" => vec![day()],
        "date-time" => vec![format!("{}T{}Z", day(), time())],
        "time" => vec![format!("{}Z", time())],
        _ => Vec::new(),
    };
    let is_number = !known.is_empty() && known.bytes().all(|byte| byte.is_ascii_digit());
    let usual = match is_number {
        true => vec![digits(length.min(most))],
        false => vec![
            format!("{}-{word}", first(known, most.saturating_sub(word.len() + 1))),
            format!("{}{word}", first(known, most.saturating_sub(word.len()))),
            alike(known),
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

/// A text of the same form: each letter and digit is another of its kind.
fn alike(known: &str) -> String {
    let one_of = |first: u8, count: u64| char::from(first + u8::try_from(random() % count).unwrap_or(0));
    known
        .chars()
        .map(|character| match character {
            '0'..='9' => one_of(b'0', 10),
            'a'..='z' => one_of(b'a', 26),
            'A'..='Z' => one_of(b'A', 26),
            other => other,
        })
        .collect()
}

fn day() -> String {
    format!("20{:02}-{:02}-{:02}", random() % 100, random() % 12 + 1, random() % 28 + 1)
}

fn time() -> String {
    format!("{:02}:{:02}:{:02}", random() % 24, random() % 60, random() % 60)
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
        let mut values: Vec<Value> = Vec::new();
        for _ in 0..50 {
            let fits = |value: &Value| {
                violations(value, &schema, &serde_json::Map::new()).is_empty() && !values.contains(value)
            };
            let text = another(&documented, &unique, fits).unwrap_or_else(|| panic!("nothing for {schema}"));
            values.push(if documented.is_number() { text.parse::<i64>().unwrap().into() } else { text.into() });
        }
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
        check(json!("2026-11-30"), json!({"type": "string", "format": "date"}));
        check(json!("2026-11-30T12:00:00Z"), json!({"type": "string", "format": "date-time"}));
        check(json!("AB-12-xy"), json!({"type": "string", "pattern": "^[A-Z]{2}-[0-9]{2}-[a-z]{2}$"}));
        check(json!("AB1234567"), json!({"type": "string", "pattern": "^[A-Z]{2}\\d{7}$"}));
    }

    #[test]
    fn a_listed_value_is_another_one_until_there_is_none() {
        let unique = Unique { place: "body#/size".to_owned(), schema: Some(json!({"enum": ["s", "m", "l"]})) };
        let mut used = vec!["s".to_owned()];
        for expected in [Some("m"), Some("l"), None] {
            let found = another(&json!("s"), &unique, |value| !used.iter().any(|it| value == it.as_str()));
            assert_eq!(found.as_deref(), expected);
            used.extend(found);
        }
    }

    #[test]
    fn where_no_other_value_fits_there_is_none() {
        let unique = Unique { place: "body#/name".to_owned(), schema: None };
        assert_eq!(another(&json!("one"), &unique, |value| value == "one"), None);
        assert_eq!(another(&json!(true), &unique, |_| true), None);
    }
}
