//! The values that a request carries outside its body.

use std::borrow::Cow;
use std::collections::HashMap;

use conformance_engine::suite::{Origin, Parameter as Sent, Place};

use super::body::is_json;
use super::compose::{Fits, compose, shown};
use super::operation::{Operation, Parameter, constant_value};
use super::resolve::Document;
use crate::node::{Data, Node};

/// Where a parameter without an example of the exchange's name gets its value from.
pub(crate) type Source<'s, 'd> = &'s dyn Fn(&Operation<'d>, &Parameter<'d>) -> Option<(Cow<'d, Node>, Origin)>;

/// What a request carries outside its body, and the optional parameters that have an example and are not sent.
pub(crate) struct Carried {
    pub(crate) sent: Vec<Sent>,
    pub(crate) unsent: Vec<String>,
}

/// The values of the exchange `example`.
pub(crate) fn carried<'d>(
    document: &'d Document,
    operation: &Operation<'d>,
    example: &str,
    source: Source<'_, 'd>,
) -> Result<Carried, String> {
    let mut carried = Carried { sent: Vec::new(), unsent: Vec::new() };
    for constant in &operation.constants {
        let (name, value) = (constant.name.to_owned(), constant.value.clone());
        carried.sent.push(Sent { name, place: Place::Query, value, constant: true, origin: Origin::Documented });
    }
    for parameter in operation.parameters.iter().filter(|parameter| !parameter.constant) {
        let Some(place) = place(parameter) else { continue };
        let named = parameter.node.get("examples").and_then(|all| document.resolve(all.get(example)?)?.get("value"));
        let is_required = parameter.required || place == Place::Path;
        let found = match named {
            Some(value) => Some((Cow::Borrowed(value), Origin::Documented)),
            None if is_required => source(operation, parameter),
            None => None,
        };
        let Some((value, origin)) = found else {
            if is_required {
                return Err(format!("no value is documented for the required parameter `{}`", parameter.name));
            }
            let has_example = |node: &Node| node.get("example").is_some() || node.get("examples").is_some();
            let schema = parameter.node.get("schema").and_then(|schema| document.resolve(schema));
            if has_example(parameter.node) || schema.is_some_and(has_example) {
                carried.unsent.push(parameter.name.to_owned());
            }
            continue;
        };
        let constant = place == Place::Header && constant_value(document, parameter.node).is_some();
        for (name, value) in written(parameter, place, &value)? {
            carried.sent.push(Sent { name, place, value, constant, origin });
        }
    }
    Ok(carried)
}

/// Where a parameter goes; nothing for those that a document can only mean as a remark.
///
/// Source: OpenAPI 3.0.3, Parameter Object: header parameters of these names are ignored.
fn place(parameter: &Parameter<'_>) -> Option<Place> {
    match parameter.place {
        "path" => Some(Place::Path),
        "query" => Some(Place::Query),
        "cookie" => Some(Place::Cookie),
        _ if ["accept", "content-type", "authorization"].contains(&parameter.name.to_lowercase().as_str()) => None,
        _ => Some(Place::Header),
    }
}

/// The first value that a document has for a parameter, in the order of how explicit it is.
pub(super) fn documented<'d>(document: &'d Document, parameter: &Parameter<'d>) -> Option<(Cow<'d, Node>, Origin)> {
    candidates(document, parameter).next().map(|value| (Cow::Borrowed(value), Origin::Documented))
}

/// The values that a document has for a parameter, its schema's among them, in the order of how explicit they are.
pub(crate) fn candidates<'d>(document: &'d Document, parameter: &Parameter<'d>) -> impl Iterator<Item = &'d Node> {
    let media = parameter.node.entries_of("content").next().map(|media| &media.value);
    let holders = [Some(parameter.node), media].into_iter().flatten();
    let examples = holders.flat_map(|holder| {
        let named = holder.entries_of("examples").filter_map(|entry| document.resolve(&entry.value)?.get("value"));
        holder.get("example").into_iter().chain(named)
    });
    examples.chain(schema(document, parameter).into_iter().flat_map(shown))
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
        let is_accepted =
            |value: &&Node| schema.is_none_or(|schema| fits(value, schema) || fits_as_text(value, schema, fits));
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

/// Whether a value fits once it is a text: written outside a body, `"10"` and `10` are one value.
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

/// Name and text of each value, as the style says.
///
/// Source: OpenAPI 3.0.3, Parameter Object, Style Values.
fn written(parameter: &Parameter<'_>, place: Place, value: &Node) -> Result<Vec<(String, String)>, String> {
    let name = || parameter.name.to_owned();
    if parameter.node.entries_of("content").next().is_some_and(|media| is_json(&media.key)) {
        return Ok(vec![(name(), value.to_json_text())]);
    }
    let cannot = |what: &str| format!("the value of the parameter `{}` is {what}", parameter.name);
    let is_query = matches!(place, Place::Query | Place::Cookie);
    let style = parameter.node.text("style").unwrap_or(if is_query { "form" } else { "simple" });
    let explode = parameter.node.flag("explode").unwrap_or(style == "form");
    let unsupported = || cannot(&format!("written in the style `{style}`, which is not supported"));
    let nested = || cannot("nested, and no style says how that is written");
    let between = match style {
        "matrix" | "label" => return Err(unsupported()),
        "spaceDelimited" => " ",
        "pipeDelimited" => "|",
        _ => ",",
    };
    match &value.data {
        Data::Map(members) => {
            let pairs: Option<Vec<(String, String)>> =
                members.iter().map(|member| Some((member.key.clone(), member.value.scalar()?))).collect();
            let pairs = pairs.ok_or_else(nested)?;
            let joined = |sign: &str| {
                pairs.iter().map(|(key, value)| format!("{key}{sign}{value}")).collect::<Vec<_>>().join(between)
            };
            Ok(match style {
                "deepObject" => {
                    pairs.into_iter().map(|(key, value)| (format!("{}[{key}]", parameter.name), value)).collect()
                }
                _ if explode && is_query => pairs,
                _ if explode => vec![(name(), joined("="))],
                _ => vec![(name(), joined(between))],
            })
        }
        _ if style == "deepObject" => Err(unsupported()),
        Data::List(items) => {
            let items: Vec<String> = items.iter().map(Node::scalar).collect::<Option<_>>().ok_or_else(nested)?;
            // Elsewhere than in a query, several values are always one text.
            let is_repeated = place == Place::Query && explode;
            let items = if is_repeated { items } else { vec![items.join(between)] };
            Ok(items.into_iter().map(|item| (name(), item)).collect())
        }
        _ => Ok(vec![(name(), value.scalar().unwrap_or_default())]),
    }
}
