//! Typed fixtures for `httpmock`: what each operation looks like on the wire, and every documented exchange by name.
//!
//! Data and signatures only. What they do is written by hand, in the module that the generated one names.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;

use conformance_engine::suite::{Credential, Place};
use serde_json::Value;

use crate::cases::credential;
use crate::client::schema_json;
use crate::document::{Document, references};
use crate::exchanges::{self, Exchange, is_json};
use crate::node::Node;
use crate::operations::{Operation, Parameter, Response};
use crate::rust_name::{first_line, pascal_case, snake_case};

/// The fixtures' source, without a header. `fixture` is the path of the hand-written module.
pub(crate) fn mock(document: &Document, operations: &[Operation<'_>], fixture: &str) -> String {
    let mut out = format!("impl {fixture}::Server {{\n");
    for (index, operation) in operations.iter().enumerate() {
        let module = snake_case(operation.id);
        let gap = if index == 0 { "" } else { "\n" };
        let _ = write!(
            out,
            "{gap}    /// {}: `{}`\n    pub fn {module}(&self) -> {fixture}::Fixture<'_, {module}::{}> {{\n        \
             {fixture}::Fixture::new(self)\n    }}\n",
            summary(operation),
            address(operation),
            marker(operation),
        );
    }
    out.push_str("}\n");
    let more_literal = more_literal(operations);
    for operation in operations {
        let others = more_literal.get(&(operation.method, operation.path)).map_or(&[][..], Vec::as_slice);
        Module { document, operation, others, fixture }.write(&mut out);
    }
    schemas(document, operations, &mut out);
    out
}

/// The type that stands for an operation.
fn marker(operation: &Operation<'_>) -> String {
    let name = pascal_case(operation.id);
    if name == "Example" { "ExampleOperation".to_owned() } else { name }
}

fn summary<'o>(operation: &'o Operation<'_>) -> &'o str {
    first_line(operation.node.text("summary").unwrap_or(operation.id))
}

/// `POST /engines/{id}?action=stop`
fn address(operation: &Operation<'_>) -> String {
    let mut out = format!("{} {}", operation.method.to_uppercase(), operation.path);
    for (index, constant) in operation.constants.iter().enumerate() {
        let _ = write!(out, "{}{}={}", if index == 0 { '?' } else { '&' }, constant.name, constant.value);
    }
    first_line(&out).to_owned()
}

/// What is generated for one operation.
struct Module<'a, 'd> {
    document: &'d Document,
    operation: &'a Operation<'d>,
    /// Paths of other operations that the path of this one fits too.
    others: &'a [&'d str],
    fixture: &'a str,
}

impl Module<'_, '_> {
    fn write(&self, out: &mut String) {
        let Module { operation, fixture, .. } = self;
        let name = marker(operation);
        let (exchanges, _) = exchanges::of(self.document, operation);
        let _ = write!(
            out,
            "\n/// {}: `{}`\npub mod {} {{\n    /// The operation `{}`.\n    #[derive(Clone, Copy, Debug)]\n    \
             pub enum {name} {{}}\n\n",
            summary(operation),
            address(operation),
            snake_case(operation.id),
            operation.id,
        );
        let examples = self.examples(&exchanges, out);
        let _ = write!(
            out,
            "    impl {fixture}::Described for {name} {{\n        type Example = {examples};\n        \
             const OPERATION: &'static {fixture}::Operation = &OPERATION;\n    }}\n\n"
        );
        self.description(out);
        self.methods(&name, out);
        out.push_str("}\n");
    }

    /// Writes `enum Example`, if there are examples; returns the type to name.
    fn examples(&self, exchanges: &[Exchange<'_>], out: &mut String) -> &'static str {
        let Module { operation, fixture, .. } = self;
        if exchanges.is_empty() {
            return "::std::convert::Infallible";
        }
        let mut taken = HashSet::new();
        let names: Vec<String> =
            exchanges.iter().map(|exchange| free(pascal_case(exchange.name), &mut taken)).collect();
        let _ = write!(
            out,
            "    /// The documented exchanges of `{}`.\n    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n    pub enum Example {{\n",
            operation.id
        );
        for (exchange, name) in exchanges.iter().zip(&names) {
            let text = |key| exchange.object.and_then(|object| object.text(key)).map(first_line);
            let summary = text("summary").map(|text| format!(": {text}")).unwrap_or_default();
            let given = text("x-given").map(|text| format!(" Given {text}.")).unwrap_or_default();
            let _ = writeln!(out, "        /// {}{summary}.{given}\n        {name},", exchange.status);
        }
        let all: String = names.iter().map(|name| format!("            Example::{name},\n")).collect();
        let _ = write!(
            out,
            "    }}\n\n    impl Example {{\n        /// All of them, in the order of the document.\n        \
             pub const ALL: [Example; {}] = [\n{all}        ];\n    }}\n\n    impl {fixture}::Documented for Example {{\n        \
             fn exchange(self) -> &'static {fixture}::Exchange {{\n            match self {{\n",
            names.len()
        );
        for (exchange, name) in exchanges.iter().zip(&names) {
            let parameters = exchange.parameters.iter().filter(|parameter| !parameter.constant);
            let parameters: String = parameters
                .map(|one| {
                    let indent = " ".repeat(24);
                    format!("{indent}({fixture}::Place::{:?}, {:?}, {:?}),\n", one.place, one.name, one.value)
                })
                .collect();
            let body = exchange.body.map(|(_, value)| value.to_json());
            let reply = exchange.reply.as_ref().map(|reply| body_text(reply.media_type, &reply.value.to_json()));
            let _ = write!(
                out,
                "                Example::{name} => &{fixture}::Exchange {{\n                    name: {:?},\n                    \
                 parameters: &[\n{parameters}                    ],\n                    body: {},\n                    \
                 status: {},\n                    reply: {},\n                }},\n",
                exchange.name,
                optional(body.map(|value| raw(&value.to_string()))),
                exchange.status,
                optional(reply.map(|text| raw(&text))),
            );
        }
        out.push_str("            }\n        }\n    }\n\n");
        "Example"
    }

    /// Writes `static OPERATION`.
    fn description(&self, out: &mut String) {
        let Module { document, operation, others, fixture } = self;
        let constants: Vec<String> =
            operation.constants.iter().map(|constant| format!("({:?}, {:?})", constant.name, constant.value)).collect();
        let credential = credential(document, operation).map(|Credential { name, place, prefix, .. }| {
            format!(
                "{fixture}::Credential {{ name: {name:?}, place: {fixture}::Place::{place:?}, prefix: {prefix:?} }}"
            )
        });
        let _ = write!(
            out,
            "    static OPERATION: {fixture}::Operation = {fixture}::Operation {{\n        id: {:?},\n        method: {:?},\n        \
             path: {:?},\n        constants: &[{}],\n        others: &{others:?},\n        credential: {},\n        parameters: &[\n",
            operation.id,
            operation.method.to_uppercase(),
            operation.path,
            constants.join(", "),
            optional(credential),
        );
        for parameter in operation.parameters.iter().filter(|parameter| !parameter.constant) {
            let schema = parameter.node.get("schema").map_or(Value::Object(serde_json::Map::new()), schema_json);
            let _ = writeln!(
                out,
                "            {fixture}::Parameter {{\n                name: {:?},\n                place: {fixture}::Place::{:?},\n                \
                 required: {},\n                schema: {},\n            }},",
                parameter.name,
                place(parameter),
                parameter.required,
                raw(&schema.to_string()),
            );
        }
        let body = operation.body.and_then(|body| {
            let media = body.entries_of("content").next()?;
            let schema = media.value.get("schema").filter(|_| is_json(&media.key)).map(schema_json);
            Some(format!(
                "{fixture}::Body {{\n            media_type: {:?},\n            required: {},\n            schema: {},\n        }}",
                media.key,
                body.flag("required") == Some(true),
                optional(schema.map(|schema| raw(&schema.to_string()))),
            ))
        });
        let _ = write!(out, "        ],\n        body: {},\n        replies: &[\n", optional(body));
        for response in &operation.responses {
            let media = media_of(response);
            let schema = media.and_then(|(_, media)| media.get("schema")).map(schema_json);
            let _ = writeln!(
                out,
                "            {fixture}::Reply {{\n                status: {:?},\n                media_type: {},\n                schema: {},\n            }},",
                response.status,
                optional(media.map(|(media_type, _)| format!("{media_type:?}"))),
                optional(schema.map(|schema| raw(&schema.to_string()))),
            );
        }
        out.push_str("        ],\n        components: super::COMPONENTS,\n    };\n\n");
    }

    /// Writes the methods that only this operation has: one for each parameter, one for each documented status.
    fn methods(&self, name: &str, out: &mut String) {
        let Module { operation, fixture, .. } = self;
        const TAKEN: [&str; 12] = [
            "new",
            "body",
            "when",
            "then",
            "times",
            "delay",
            "example",
            "exactly",
            "reply",
            "reply_empty",
            "reply_json",
            "with",
        ];
        let mut taken: HashSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
        let _ = writeln!(out, "    impl<'s> {fixture}::Fixture<'s, {name}> {{");
        for parameter in operation.parameters.iter().filter(|parameter| !parameter.constant) {
            let method = free(method_name(parameter.name), &mut taken);
            let place = place(parameter);
            let _ = write!(
                out,
                "        /// Only requests with this `{}` ({}).\n        pub fn {method}(self, value: impl ToString) -> Self {{\n            \
                 self.with({fixture}::Place::{place:?}, {:?}, &value)\n        }}\n\n",
                first_line(parameter.name),
                format!("{place:?}").to_lowercase(),
                parameter.name,
            );
        }
        for (index, response) in operation.responses.iter().enumerate() {
            let method = free(format!("status_{}", response.status.to_lowercase()), &mut taken);
            let description = first_line(response.node.text("description").unwrap_or_default());
            let (status_argument, status) = match response.code() {
                Some(code) => ("", code.to_string()),
                None => (", status: u16", "status".to_owned()),
            };
            let reply = format!("&OPERATION.replies[{index}]");
            let (body_argument, call) = match media_of(response) {
                Some((media_type, _)) if is_json(media_type) => {
                    (", body: impl ::serde::Serialize", format!("reply_json({status}, {reply}, &body)"))
                }
                Some((media_type, _)) => (", body: impl AsRef<[u8]>", format!("reply({status}, {media_type:?}, body)")),
                None => ("", format!("reply_empty({status})")),
            };
            let gap = if index == 0 { "" } else { "\n" };
            let _ = write!(
                out,
                "{gap}        /// Answers {}: {description}\n        #[track_caller]\n        \
                 pub fn {method}(self{status_argument}{body_argument}) -> ::httpmock::Mock<'s> {{\n            self.{call}\n        }}\n",
                response.status,
            );
        }
        out.push_str("    }\n");
    }
}

/// A body as it is sent: JSON, or the text itself where the media type is another.
pub(crate) fn body_text(media_type: &str, value: &Value) -> String {
    match value {
        Value::String(text) if !is_json(media_type) => text.clone(),
        _ => value.to_string(),
    }
}

/// The media type that a reply is generated for: JSON, if it has any.
fn media_of<'d>(response: &Response<'d>) -> Option<(&'d str, &'d Node)> {
    let media = response.node.entries_of("content").min_by_key(|media| !is_json(&media.key))?;
    Some((media.key.as_str(), &media.value))
}

fn place(parameter: &Parameter<'_>) -> Place {
    match parameter.place {
        "path" => Place::Path,
        "query" => Place::Query,
        "cookie" => Place::Cookie,
        _ => Place::Header,
    }
}

/// For each method and path, the paths of other operations that it fits too; a literal step wins over a variable.
fn more_literal<'d>(operations: &[Operation<'d>]) -> HashMap<(&'static str, &'d str), Vec<&'d str>> {
    let mut alike: HashMap<(&str, usize), Vec<&Operation<'d>>> = HashMap::new();
    for operation in operations {
        alike.entry((operation.method, operation.path.split('/').count())).or_default().push(operation);
    }
    let mut found = HashMap::new();
    for group in alike.values() {
        // By where variables are: the paths of the group, by their steps elsewhere.
        let mut tables: HashMap<Vec<usize>, HashMap<Vec<&str>, Vec<&'d str>>> = HashMap::new();
        for operation in group {
            let steps = operation.path.split('/').enumerate();
            let variables: Vec<usize> = steps.filter(|(_, step)| step.contains('{')).map(|(at, _)| at).collect();
            let elsewhere = |path: &'d str| {
                let steps = path.split('/').enumerate().filter(|(at, _)| !variables.contains(at));
                steps.map(|(_, step)| step).collect::<Vec<_>>()
            };
            let own = elsewhere(operation.path);
            let table = tables.entry(variables.clone()).or_insert_with(|| {
                let mut table: HashMap<_, Vec<_>> = HashMap::new();
                for other in group {
                    table.entry(elsewhere(other.path)).or_default().push(other.path);
                }
                table
            });
            let others = table.get(&own).into_iter().flatten().copied().filter(|path| *path != operation.path);
            found.insert((operation.method, operation.path), others.collect());
        }
    }
    found
}

/// Writes `const COMPONENTS`: the schemas that bodies and parameters refer to.
fn schemas(document: &Document, operations: &[Operation<'_>], out: &mut String) {
    let mut open = Vec::new();
    for operation in operations {
        let parameters = operation.parameters.iter().map(|parameter| parameter.node);
        let replies = operation.responses.iter().map(|response| response.node);
        for holder in parameters.chain(operation.body).chain(replies) {
            references(&schema_json(holder), &mut open);
        }
    }
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    while let Some(reference) = open.pop() {
        let Some(name) = reference.strip_prefix("#/components/schemas/") else { continue };
        if !known.contains_key(name)
            && let Some(schema) = document.target(&reference)
        {
            let schema = schema_json(schema);
            references(&schema, &mut open);
            known.insert(name.to_owned(), schema);
        }
    }
    let text = known.iter().map(|(name, schema)| format!("{}: {schema}", Value::String(name.clone())));
    let text = format!("{{\n{}\n}}", text.collect::<Vec<_>>().join(",\n"));
    let _ =
        write!(out, "\n/// What `#/components/schemas/NAME` refers to.\nconst COMPONENTS: &str = {};\n", raw(&text));
}

/// A raw string literal.
fn raw(text: &str) -> String {
    let mut fence = String::from("#");
    while text.contains(&format!("\"{fence}")) {
        fence.push('#');
    }
    format!("r{fence}\"{text}\"{fence}")
}

fn optional(text: Option<String>) -> String {
    text.map_or_else(|| "None".to_owned(), |text| format!("Some({text})"))
}

/// The name of a method for a parameter: never a keyword, never empty.
fn method_name(name: &str) -> String {
    let name = snake_case(name);
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if is_name && !is_keyword(&name) { name } else { format!("_{name}") }
}

fn is_keyword(name: &str) -> bool {
    const KEYWORDS: &str = " abstract as async await become box break const continue crate do dyn else enum extern false \
        final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct \
        super trait true try type typeof unsafe unsized use virtual where while yield ";
    KEYWORDS.contains(&format!(" {name} "))
}

/// `name`, or with as many underscores behind it as make it free.
fn free(mut name: String, taken: &mut HashSet<String>) -> String {
    if name.is_empty() {
        name.push('_');
    }
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_knows_the_more_literal_ones_that_it_fits_too() {
        let paths =
            ["/a/{x}", "/a/b", "/{y}/b", "/a/b#labelled", "/{x}/{y}", "/a/{z}/c", "/a/b/c", "/a/v{x}", "/b/{x}"];
        let paths: String = paths
            .iter()
            .map(|path| format!("  '{path}':\n    get: {{ responses: {{ '200': {{ description: d }} }} }}\n"))
            .collect();
        let text =
            format!("openapi: 3.0.3\ninfo: {{ title: t, version: '1' }}\npaths:\n{paths}  /a/p:\n    put: {{}}\n");
        let document = Document::read("paths.yaml", &text).unwrap();
        let found = more_literal(&document.operations());
        for (path, others) in [
            ("/a/{x}", &["/a/b", "/a/b", "/a/v{x}"][..]),
            ("/a/b", &[]),
            ("/{y}/b", &["/a/b", "/a/b"]),
            ("/{x}/{y}", &["/a/{x}", "/a/b", "/{y}/b", "/a/b", "/a/v{x}", "/b/{x}"]),
            ("/a/{z}/c", &["/a/b/c"]),
            ("/b/{x}", &[]),
        ] {
            assert_eq!(found[&("get", path)], others, "{path}");
        }
        assert_eq!(found[&("put", "/a/p")], [""; 0]);
    }
}
