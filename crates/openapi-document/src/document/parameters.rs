//! The values that a request carries outside its body.

use std::borrow::Cow;
use std::collections::HashMap;

use conformance_engine::suite::{Origin, Parameter as Sent, Place};

use super::body::{is_json, unsendable};
use super::compose::{Fits, compose, shown};
use super::operation::{Operation, Parameter, constant_value};
use super::resolve::Document;
use super::style::{Piece, Style};
use crate::node::{Data, Node};

/// Where a parameter without an example of the exchange's name gets its value from.
pub(crate) type Source<'s, 'd> = &'s dyn Fn(&Operation<'d>, &Parameter<'d>) -> Option<(Cow<'d, Node>, Origin)>;

/// What a request carries outside its body, and the optional parameters that have an example and are not sent.
pub(crate) struct Carried {
    pub(crate) sent: Vec<Sent>,
    pub(crate) unsent: Vec<String>,
}

/// Whether optional parameters are sent that have an example, and none of the exchange's name.
#[derive(Clone, Copy)]
pub(crate) enum Optional<'f> {
    LeftOut,
    /// Those whose example fits their schema.
    Sent(Fits<'f>),
}

/// Headers that make a request another one: a condition, a part of the whole (RFC 9110, sections 13 and 14; RFC 7240).
const CONDITIONS: [&str; 8] =
    ["expect", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "prefer", "range"];

/// The values of the exchange `example`.
pub(crate) fn carried<'d>(
    document: &'d Document,
    operation: &Operation<'d>,
    example: &str,
    source: Source<'_, 'd>,
    optional: Optional<'_>,
) -> Result<Carried, String> {
    let mut carried = Carried { sent: Vec::new(), unsent: Vec::new() };
    for constant in &operation.constants {
        let value = constant.value.clone();
        let piece = Piece { name: constant.name.to_owned(), prefix: String::new(), value, encoded: false };
        carried.sent.push(sent(piece, Place::Query, true, Origin::Documented));
    }
    for parameter in operation.parameters.iter().filter(|parameter| !parameter.constant) {
        let name = parameter.name;
        let Some(place) = place(parameter)? else { continue };
        let named = named(document, parameter, example);
        let is_required = parameter.required || place == Place::Path;
        let found = match (named, optional) {
            (Some(value), _) => Some((Cow::Borrowed(value), Origin::Documented)),
            (None, _) if is_required => source(operation, parameter),
            (None, Optional::Sent(fits)) if !is_condition(parameter) => {
                let mut known = examples(document, operation, parameter)
                    .filter(|value| is_accepted(document, parameter, value, fits));
                known.next().map(|value| (Cow::Borrowed(value), Origin::Documented))
            }
            (None, _) => None,
        };
        let Some((value, origin)) = found else {
            if is_required {
                return Err(format!("no value is documented for the required parameter `{name}`"));
            }
            if examples(document, operation, parameter).next().is_some() {
                carried.unsent.push(name.to_owned());
            }
            continue;
        };
        let constant = place == Place::Header && constant_value(document, parameter.node).is_some();
        let pieces = written(parameter, place, &value)?;
        if pieces.is_empty() && is_required {
            return Err(format!("the value of the required parameter `{name}` is empty, and is not sent in its style"));
        }
        carried.sent.extend(pieces.into_iter().map(|piece| sent(piece, place, constant, origin)));
    }
    Ok(carried)
}

fn sent(piece: Piece, place: Place, constant: bool, origin: Origin) -> Sent {
    let Piece { name, prefix, value, encoded } = piece;
    Sent { name, place, value, prefix, encoded, constant, origin }
}

/// The example of a parameter under a name.
fn named<'d>(document: &'d Document, parameter: &Parameter<'d>, name: &str) -> Option<&'d Node> {
    let media = parameter.node.entries_of("content").next().map(|media| &media.value);
    let holders = [Some(parameter.node), media].into_iter().flatten();
    holders.filter_map(|holder| document.resolve(holder.get("examples")?.get(name)?)?.get("value")).next()
}

fn is_condition(parameter: &Parameter<'_>) -> bool {
    parameter.place == "header" && CONDITIONS.iter().any(|name| parameter.name.eq_ignore_ascii_case(name))
}

/// Whether a header parameter of this name is ignored, in whatever letter case.
///
/// Source: OpenAPI 3.0.3, Parameter Object, `name`.
pub fn is_ignored_header(name: &str) -> bool {
    ["accept", "content-type", "authorization"].iter().any(|ignored| name.eq_ignore_ascii_case(ignored))
}

/// Whether a document can mean the parameter only as a remark.
pub(crate) fn is_remark(parameter: &Parameter<'_>) -> bool {
    parameter.place == "header" && is_ignored_header(parameter.name)
}

/// Where a parameter goes; nothing for those that a document can only mean as a remark.
fn place(parameter: &Parameter<'_>) -> Result<Option<Place>, String> {
    Ok(match parameter.place {
        "path" => Some(Place::Path),
        "query" => Some(Place::Query),
        "cookie" => Some(Place::Cookie),
        "header" if is_remark(parameter) => None,
        "header" => Some(Place::Header),
        place if parameter.required => {
            return Err(format!("the required parameter `{}` is in `{place}`, which is not supported", parameter.name));
        }
        _ => None,
    })
}

/// The first value that a document has for a parameter, in the order of how explicit it is.
pub(super) fn documented<'d>(document: &'d Document, parameter: &Parameter<'d>) -> Option<(Cow<'d, Node>, Origin)> {
    candidates(document, parameter).next().map(|value| (Cow::Borrowed(value), Origin::Documented))
}

/// The values that a document has for a parameter, its schema's among them, in the order of how explicit they are.
pub(crate) fn candidates<'d>(document: &'d Document, parameter: &Parameter<'d>) -> impl Iterator<Item = &'d Node> {
    own_examples(document, parameter).chain(schema(document, parameter).into_iter().flat_map(shown))
}

/// The examples of a parameter and those of its schema, but for those that have the name of another exchange.
fn examples<'d>(
    document: &'d Document,
    operation: &Operation<'d>,
    parameter: &Parameter<'d>,
) -> impl Iterator<Item = &'d Node> {
    let media = operation.responses.iter().flat_map(|response| response.node.entries_of("content"));
    let names: Vec<&str> =
        media.flat_map(|media| media.value.entries_of("examples")).map(|entry| entry.key.as_str()).collect();
    let own = named_examples(document, parameter).filter(move |(name, _)| !name.is_some_and(|it| names.contains(&it)));
    let schema = schema(document, parameter).into_iter();
    let of_schema = schema.flat_map(|schema| schema.get("example").into_iter().chain(schema.items_of("examples")));
    own.map(|(_, value)| value).chain(of_schema)
}

fn own_examples<'d>(document: &'d Document, parameter: &Parameter<'d>) -> impl Iterator<Item = &'d Node> {
    named_examples(document, parameter).map(|(_, value)| value)
}

fn named_examples<'d>(
    document: &'d Document,
    parameter: &Parameter<'d>,
) -> impl Iterator<Item = (Option<&'d str>, &'d Node)> {
    let media = parameter.node.entries_of("content").next().map(|media| &media.value);
    let holders = [Some(parameter.node), media].into_iter().flatten();
    holders.flat_map(|holder| {
        let named = holder
            .entries_of("examples")
            .filter_map(|entry| Some((Some(entry.key.as_str()), document.resolve(&entry.value)?.get("value")?)));
        holder.get("example").into_iter().map(|value| (None, value)).chain(named)
    })
}

/// Whether the schema of a parameter takes a value. Written outside a body, `"10"` and `10` are one value.
fn is_accepted<'d>(document: &'d Document, parameter: &Parameter<'d>, value: &Node, fits: Fits<'_>) -> bool {
    let schema = schema(document, parameter);
    schema.is_none_or(|schema| fits(value, schema) || fits_as_text(value, schema, fits))
}

fn schema<'d>(document: &'d Document, parameter: &Parameter<'d>) -> Option<&'d Node> {
    let media = parameter.node.entries_of("content").next().map(|media| &media.value);
    document.resolve(parameter.node.get("schema").or_else(|| media?.get("schema"))?)
}

/// The values of parameters, also from other operations of the document.
pub(crate) struct Values<'d> {
    document: &'d Document,
    /// A path up to and including a variable -> the value that is documented for that variable.
    paths: HashMap<&'d str, &'d Node>,
    /// Place, name, type and format -> the value that is documented for such a parameter.
    alike: HashMap<[&'d str; 4], &'d Node>,
}

impl<'d> Values<'d> {
    pub(crate) fn of(document: &'d Document, operations: &[Operation<'d>]) -> Values<'d> {
        let mut values = Values { document, paths: HashMap::new(), alike: HashMap::new() };
        for operation in operations {
            for parameter in &operation.parameters {
                let Some(value) = candidates(document, parameter).next() else { continue };
                match up_to(operation, parameter) {
                    Some(path) => _ = values.paths.entry(path).or_insert(value),
                    None => _ = values.alike.entry(values.likeness(parameter)).or_insert(value),
                }
            }
        }
        values
    }

    fn likeness(&self, parameter: &Parameter<'d>) -> [&'d str; 4] {
        let schema = schema(self.document, parameter);
        let text = |key| schema.and_then(|schema| schema.text(key)).unwrap_or_default();
        [parameter.place, parameter.name, text("type"), text("format")]
    }

    /// The value of a required parameter: its own; that of the same variable of another path, or of a parameter of the
    /// same name, place, type and format; one made from its schema.
    ///
    /// A made value may name something that exists: in a path always, elsewhere where the method is not a safe one.
    pub(crate) fn value(
        &self,
        operation: &Operation<'d>,
        parameter: &Parameter<'d>,
        fits: Fits<'_>,
    ) -> Option<(Cow<'d, Node>, Origin)> {
        let schema = schema(self.document, parameter);
        let is_accepted = |value: &&Node| is_accepted(self.document, parameter, value, fits);
        let elsewhere = match up_to(operation, parameter) {
            Some(path) => self.paths.get(path),
            None => self.alike.get(&self.likeness(parameter)),
        };
        let mut known = candidates(self.document, parameter).chain(elsewhere.copied());
        if let Some(value) = known.find(is_accepted) {
            return Some((Cow::Borrowed(value), Origin::Documented));
        }
        let made = match schema {
            Some(schema) => compose(self.document, schema, fits).ok()?.value,
            None => Node { at: parameter.at, data: Data::Text("string".to_owned()) },
        };
        // Source: RFC 9110, section 9.2.1.
        let is_safe = ["get", "head", "options", "trace"].contains(&operation.method);
        let origin = if is_safe && parameter.place != "path" { Origin::Made } else { Origin::Open };
        Some((Cow::Owned(made), origin))
    }
}

/// Whether a text fits, read as a number, a Boolean or a string.
pub(crate) fn fits_as_text(value: &Node, schema: &Node, fits: Fits<'_>) -> bool {
    let Some(text) = value.scalar() else { return false };
    let number = serde_json::from_str::<serde_json::Number>(&text).ok().map(|number| Data::Number(number.into()));
    let flag = text.parse().ok().map(Data::Flag);
    let readings = number.into_iter().chain(flag).chain([Data::Text(text)]);
    readings.into_iter().any(|data| fits(&Node { at: value.at, data }, schema))
}

/// The path of an operation up to and including the variable that `parameter` is.
fn up_to<'d>(operation: &Operation<'d>, parameter: &Parameter<'d>) -> Option<&'d str> {
    if parameter.place != "path" {
        return None;
    }
    let variable = format!("{{{}}}", parameter.name);
    operation.path.find(&variable).map(|start| &operation.path[..start + variable.len()])
}

/// What is sent of a value; or why it cannot be written as the parameter asks for.
fn written(parameter: &Parameter<'_>, place: Place, value: &Node) -> Result<Vec<Piece>, String> {
    let cannot = |what: String| format!("the value of the parameter `{}` is {what}", parameter.name);
    let Some(media) = parameter.node.entries_of("content").next() else {
        return Style::of(parameter.name, place, parameter.node).pieces(value).map_err(cannot);
    };
    let text = match value.scalar() {
        _ if is_json(&media.key) => value.to_json_text(),
        Some(text) => text,
        None => return Err(format!("{} (the parameter `{}`)", unsendable(&media.key), parameter.name)),
    };
    Ok(vec![Piece { name: parameter.name.to_owned(), prefix: String::new(), value: text, encoded: false }])
}
