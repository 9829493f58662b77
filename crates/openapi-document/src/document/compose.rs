//! Composes a value that a schema accepts, the same each time: of what the schema has (examples, constants, defaults,
//! enums), and made up where it has nothing.

use std::collections::BTreeMap;

use conformance_engine::suite::Origin;
use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::Number;

use super::resolve::Document;
use super::rust_name::snake_case;
use super::schema::parts;
use crate::node::{Data, Entry, Map, Node, escaped};
use crate::source::At;

/// Deeper than any value that has to be sent.
const MAX_DEPTH: usize = 12;
/// Alternatives within alternatives multiply; no honest schema needs as many tries.
const MAX_STEPS: usize = 5_000;
/// Longer texts would test the limits of servers.
const MAX_LENGTH: usize = 4096;

/// A value, and which parts of it the schema does not have.
pub(crate) struct Composed {
    pub(crate) value: Node,
    /// JSON pointer -> made, or made and possibly the name of something that exists.
    pub(crate) made: BTreeMap<String, Origin>,
}

/// Whether a value fits a schema.
pub(crate) type Fits<'f> = &'f dyn Fn(&Node, &Node) -> bool;

/// A value for `schema`, or why there is none.
pub(crate) fn compose(document: &Document, schema: &Node, fits: Fits<'_>) -> Result<Composed, String> {
    let mut composer = Composer { document, fits, made: BTreeMap::new(), steps: 0 };
    let value = composer.value(schema, "", "", 0)?;
    if fits(&value, schema) {
        Ok(Composed { value, made: composer.made })
    } else {
        Err("no value was found that its schema accepts".to_owned())
    }
}

/// The values that a schema shows, the most explicit first.
pub(super) fn shown(schema: &Node) -> impl Iterator<Item = &Node> {
    let first = schema.get("example").into_iter().chain(schema.items_of("examples"));
    first.chain(schema.get("const")).chain(schema.get("default")).chain(schema.items_of("enum"))
}

/// Whether a value under this name may name something that exists: `id`, `user_id`, `orderIds`, `uuid`.
pub(crate) fn is_identifier(name: &str) -> bool {
    let name = snake_case(name);
    let last = name.rsplit('_').next().unwrap_or_default();
    ["id", "ids", "uuid", "uuids", "guid", "guids"].contains(&last)
}

struct Composer<'f, 'd> {
    document: &'d Document,
    fits: Fits<'f>,
    made: BTreeMap<String, Origin>,
    /// How many schemas were looked at.
    steps: usize,
}

impl<'d> Composer<'_, 'd> {
    fn value(&mut self, schema: &'d Node, pointer: &str, name: &str, depth: usize) -> Result<Node, String> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err("its schema has too many alternatives".to_owned());
        }
        if depth > MAX_DEPTH {
            return Err("its schema refers to itself without an end".to_owned());
        }
        let resolved = self.document.resolve(schema).ok_or("a reference of its schema leads to nothing")?;
        if let Some(found) = shown(resolved).find(|value| (self.fits)(value, schema)) {
            return Ok(found.clone());
        }
        let parts = parts(self.document, resolved);
        let has = |key: &str| parts.iter().any(|part| part.get(key).is_some());
        let kind = parts.iter().find_map(|part| kind(part));
        if kind == Some("object") || kind.is_none() && (has("properties") || has("required")) {
            return self.object(&parts, resolved.at, pointer, depth);
        }
        if let Some((alternative, _)) = self.alternative(&parts, pointer, name, depth)? {
            return Ok(alternative);
        }
        let data = match kind {
            Some("array") => return self.array(&parts, resolved.at, pointer, name, depth),
            Some("null") => return Ok(Node { at: resolved.at, data: Data::Null }),
            Some("boolean") => Data::Flag(false),
            Some("integer") => Data::Number(number(&parts, true).into()),
            Some("number") => Data::Number(number(&parts, false).into()),
            _ => Data::Text(text(&parts)?),
        };
        self.make(pointer, name, &data)?;
        Ok(Node { at: resolved.at, data })
    }

    /// Notes that the value at `pointer` was made.
    fn make(&mut self, pointer: &str, name: &str, data: &Data) -> Result<(), String> {
        let origin = match (is_identifier(name) && !matches!(data, Data::Flag(_)), pointer.matches('/').count()) {
            (false, _) | (_, 0) => Origin::Made,
            (true, 1) => Origin::Open,
            (true, _) => return Err(format!("`{pointer}` names something, and no value is documented for it")),
        };
        self.made.insert(pointer.to_owned(), origin);
        Ok(())
    }

    fn object(&mut self, parts: &[&'d Node], at: At, pointer: &str, depth: usize) -> Result<Node, String> {
        let required: Vec<&str> =
            parts.iter().flat_map(|part| part.items_of("required")).filter_map(Node::as_text).collect();
        let mut map = Map::default();
        // `parts` has the last part first.
        for property in parts.iter().rev().flat_map(|part| part.entries_of("properties")) {
            let name = property.key.as_str();
            let schema = self.document.resolve(&property.value);
            let is_sent = schema.is_none_or(|schema| schema.flag("readOnly") != Some(true));
            let is_wanted = required.contains(&name)
                || required.is_empty() && schema.is_some_and(|schema| schema.get("example").is_some());
            if !is_sent || !is_wanted || map.get(name).is_some() {
                continue;
            }
            let before = self.made.clone();
            match self.value(&property.value, &below(pointer, name), name, depth + 1) {
                Ok(value) => map.push(Entry { key: name.to_owned(), at: property.at, value }),
                Err(reason) if required.contains(&name) => return Err(reason),
                Err(_) => self.made = before,
            }
        }
        let described =
            |name: &str| parts.iter().any(|part| part.get("properties").is_some_and(|all| all.get(name).is_some()));
        if let Some((alternative, discriminator)) = self.alternative(parts, pointer, "", depth)? {
            let Data::Map(members) = alternative.data else {
                return Err("its schema is an object and something else".to_owned());
            };
            for member in members.iter().filter(|member| map.get(&member.key).is_none()).cloned().collect::<Vec<_>>() {
                map.push(member);
            }
            if let Some((name, value)) = discriminator {
                map =
                    map.iter().filter(|member| member.key != name).cloned().fold(Map::default(), |mut map, member| {
                        map.push(member);
                        map
                    });
                self.made.remove(&below(pointer, &name));
                map.push(Entry { key: name, at, value: Node { at, data: Data::Text(value) } });
            }
        }
        for name in required.iter().filter(|name| !described(name)) {
            if map.get(name).is_none() {
                let data = Data::Text("string".to_owned());
                self.make(&below(pointer, name), name, &data)?;
                map.push(Entry { key: (*name).to_owned(), at, value: Node { at, data } });
            }
        }
        Ok(Node { at, data: Data::Map(map) })
    }

    /// The first alternative for which there is a value, and the member that says which one it is.
    #[allow(clippy::type_complexity)]
    fn alternative(
        &mut self,
        parts: &[&'d Node],
        pointer: &str,
        name: &str,
        depth: usize,
    ) -> Result<Option<(Node, Option<(String, String)>)>, String> {
        let of =
            |part: &&'d Node| ["oneOf", "anyOf"].into_iter().map(|key| part.items_of(key)).find(|all| !all.is_empty());
        let Some((part, alternatives)) = parts.iter().find_map(|part| Some((part, of(part)?))) else {
            return Ok(None);
        };
        let mut reason = "its schema has no alternative".to_owned();
        let before = self.made.clone();
        for alternative in alternatives.iter().filter(|it| kind(it) != Some("null")) {
            match self.value(alternative, pointer, name, depth + 1) {
                Ok(value) => return Ok(Some((value, discriminator(part, alternative)))),
                Err(why) => reason = why,
            }
            self.made.clone_from(&before);
        }
        Err(reason)
    }

    fn array(&mut self, parts: &[&'d Node], at: At, pointer: &str, name: &str, depth: usize) -> Result<Node, String> {
        let least = keyword(parts, "minItems").and_then(|least| least.to_json().as_u64()).unwrap_or(0);
        let Some(items) = keyword(parts, "items") else { return Ok(Node { at, data: Data::List(Vec::new()) }) };
        let before = self.made.clone();
        let item = match self.value(items, &below(pointer, "0"), name, depth + 1) {
            Ok(item) => item,
            Err(_) if least == 0 => {
                self.made = before;
                return Ok(Node { at, data: Data::List(Vec::new()) });
            }
            Err(reason) => return Err(reason),
        };
        let count = usize::try_from(least).unwrap_or(usize::MAX).clamp(1, 100);
        Ok(Node { at, data: Data::List(vec![item; count]) })
    }
}

fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", escaped(name))
}

/// The type of a schema; of several, the first that is not `null`.
fn kind(schema: &Node) -> Option<&str> {
    let listed = schema.items_of("type").iter().filter_map(Node::as_text);
    schema.text("type").or_else(|| listed.clone().find(|name| *name != "null")).or_else(|| listed.clone().next())
}

fn keyword<'d>(parts: &[&'d Node], key: &str) -> Option<&'d Node> {
    parts.iter().find_map(|part| part.get(key))
}

/// The member of a discriminator and its value for one alternative.
fn discriminator(schema: &Node, alternative: &Node) -> Option<(String, String)> {
    let discriminator = schema.get("discriminator")?;
    let reference = alternative.text("$ref")?;
    let name = reference.rsplit('/').next()?;
    let is_it = |entry: &&Entry| entry.value.as_text().is_some_and(|target| target == reference || target == name);
    let value = discriminator.entries_of("mapping").find(is_it).map_or(name, |entry| &entry.key);
    Some((discriminator.text("propertyName")?.to_owned(), value.to_owned()))
}

/// One, or the next number that the limits allow.
fn number(parts: &[&Node], is_integer: bool) -> Number {
    let limit = |key| keyword(parts, key).and_then(|limit| limit.to_json().as_f64());
    let is_exclusive = |key: &str| keyword(parts, key).is_some_and(|limit| matches!(limit.data, Data::Flag(true)));
    let step = limit("multipleOf").filter(|step| *step > 0.0).unwrap_or(1.0);
    let next = if is_integer { step.max(1.0) } else { step.min(0.5) };
    let above = |limit: f64, is_exclusive: bool| if is_exclusive { limit + next } else { limit };
    let below = |limit: f64, is_exclusive: bool| if is_exclusive { limit - next } else { limit };
    let least = limit("minimum").map(|limit| above(limit, is_exclusive("exclusiveMinimum")));
    let least = least.into_iter().chain(limit("exclusiveMinimum").map(|limit| above(limit, true))).reduce(f64::max);
    let most = limit("maximum").map(|limit| below(limit, is_exclusive("exclusiveMaximum")));
    let most = most.into_iter().chain(limit("exclusiveMaximum").map(|limit| below(limit, true))).reduce(f64::min);
    let mut value = 1.0_f64.max(least.unwrap_or(f64::MIN)).min(most.unwrap_or(f64::MAX));
    if limit("multipleOf").is_some() {
        let up = (value / step).ceil() * step;
        value = if most.is_some_and(|most| up > most) { (value / step).floor() * step } else { up };
    }
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Number::from(value as i64);
    }
    Number::from_f64(value).unwrap_or_else(|| Number::from(1))
}

/// A text of the format, the pattern or the length that is asked for.
fn text(parts: &[&Node]) -> Result<String, String> {
    let limit = |key| {
        let limit = keyword(parts, key).and_then(|limit| limit.to_json().as_u64());
        limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX))
    };
    let least = limit("minLength").unwrap_or(0);
    if let Some(pattern) = keyword(parts, "pattern").and_then(Node::as_text) {
        return matching(pattern, least).ok_or_else(|| format!("no text was found for the pattern `{pattern}`"));
    }
    let format = keyword(parts, "format").and_then(Node::as_text).unwrap_or_default();
    let text = match format {
        "date" => "2024-01-01",
        "date-time" => "2024-01-01T00:00:00Z",
        "time" => "00:00:00Z",
        "duration" => "P1D",
        "uuid" => "00000000-0000-4000-8000-000000000000",
        "email" | "idn-email" => "user@example.com",
        "uri" | "url" | "iri" | "uri-reference" | "iri-reference" => "https://example.com/",
        "hostname" | "idn-hostname" => "example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "byte" => "c3RyaW5n",
        "json-pointer" => "/string",
        _ => "string",
    };
    if least > MAX_LENGTH {
        return Err(format!("a text of at least {least} characters is asked for"));
    }
    let length = text.chars().count();
    let wanted = length.clamp(least.min(MAX_LENGTH), limit("maxLength").unwrap_or(MAX_LENGTH).max(least));
    Ok(text.chars().cycle().take(wanted).collect())
}

/// A text that the pattern matches, of at least this length.
fn matching(pattern: &str, least: usize) -> Option<String> {
    let pattern = regex_syntax::parse(pattern).ok()?;
    (0..=least.min(64)).find_map(|times| {
        let mut text = String::new();
        push_match(&pattern, times, &mut text)?;
        (text.chars().count() >= least).then_some(text)
    })
}

/// Appends what `pattern` matches, with each repetition at least so often if it may be.
fn push_match(pattern: &Hir, times: usize, text: &mut String) -> Option<()> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(Class::Unicode(class)) => {
            let has = |wanted: &char| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(wanted));
            let first = class.ranges().first()?.start();
            text.push(['a', 'A', '1', '0'].into_iter().find(has).unwrap_or(first));
        }
        HirKind::Class(Class::Bytes(class)) => text.push(char::from(class.ranges().first()?.start())),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.map_or(usize::MAX, |most| most as usize);
            for _ in 0..(repetition.min as usize).max(times).min(most) {
                push_match(&repetition.sub, times, text)?;
            }
        }
        HirKind::Capture(capture) => push_match(&capture.sub, times, text)?,
        HirKind::Concat(all) => all.iter().try_for_each(|part| push_match(part, times, text))?,
        HirKind::Alternation(all) => push_match(all.first()?, times, text)?,
    }
    Some(())
}
