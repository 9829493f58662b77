//! Gives a hand-written client a method for each operation.

use std::fmt::Write;

use openapi_document::document::{Operation, Parameter, pascal_case, snake_case};
use openapi_document::{Api, Document};

use super::calls::DEPRECATED;
use crate::artefact::Methods;
use crate::input::Features;
use crate::text::{is_keyword, markdown, operation_name};

/// The methods' source, without a header.
pub(crate) fn methods(api: &Api<'_>, features: &Features<'_>, wanted: &Methods) -> String {
    let mut out = format!("use {};\n", wanted.builder);
    let (gated, always): (Vec<_>, Vec<_>) =
        api.operations().iter().partition(|operation| features.feature_of(operation).is_some());
    let mut block = |head: &str, operations: Vec<&Operation<'_>>| {
        if !operations.is_empty() {
            let methods: Vec<String> =
                operations.into_iter().map(|operation| method(api.document(), operation, wanted)).collect();
            let _ = write!(out, "\n{head}impl {} {{\n{}}}\n", wanted.of, methods.join("\n"));
        }
    };
    block("", always);
    let feature = features.name.unwrap_or_default();
    block(&format!("/// With the feature `{feature}`.\n#[cfg(feature = {feature:?})]\n"), gated);
    out
}

fn method(document: &Document, operation: &Operation<'_>, wanted: &Methods) -> String {
    let mut parameters: Vec<&Parameter<'_>> =
        operation.parameters.iter().filter(|parameter| !parameter.constant).collect();
    parameters.sort_by_key(|parameter| operation.path.find(&format!("{{{}}}", parameter.name)));
    let (mut arguments, mut setters) = (String::new(), String::new());
    for parameter in parameters {
        let name = snake_case(parameter.name);
        let known = wanted.known.iter().find(|(known, _)| *known == parameter.name);
        if let Some((_, value)) = known {
            let _ = write!(setters, ".{name}({value})");
        } else if parameter.place == "path" && is_text(document, parameter) && !is_keyword(&name) {
            let _ = write!(arguments, ", {name}: impl Into<String>");
            let _ = write!(setters, ".{name}({name}.into())");
        }
    }
    let name = operation_name(operation.id);
    let deprecated = if operation.node.flag("deprecated") == Some(true) {
        // The method of the generated client is, too.
        format!("    #[deprecated = {DEPRECATED:?}]\n    #[allow(deprecated)]\n")
    } else {
        String::new()
    };
    format!(
        "{}{deprecated}    pub fn {name}(&self{arguments}) -> builder::{}<'_> {{\n        {}.{name}(){setters}\n    }}\n",
        documentation(operation),
        pascal_case(operation.id),
        wanted.client,
    )
}

/// What Rust callers are told, or else summary and description; then the page that it is from.
fn documentation(operation: &Operation<'_>) -> String {
    let text = |member| operation.node.text(member).map(str::trim_end).filter(|text| !text.is_empty());
    let mut paragraphs: Vec<String> = Vec::new();
    if let Some(own) = text("x-rust-doc") {
        paragraphs.push(markdown::inert(own));
    } else {
        paragraphs.push(markdown::line(text("summary").unwrap_or(operation.id)).trim_end_matches('.').to_owned() + ".");
        paragraphs.extend(text("description").map(markdown::documentation));
    }
    let page = operation.node.get("externalDocs").and_then(|page| page.text("description"));
    paragraphs.extend(page.map(|page| format!("Source: \"{}\".", markdown::line(page))));
    let line = |line: &str| if line.is_empty() { "    ///\n".to_owned() } else { format!("    /// {line}\n") };
    paragraphs.join("\n\n").split('\n').map(|text| line(text.trim_end())).collect()
}

/// Whether any `String` converts into the type of the parameter, or says why it does not.
fn is_text(document: &Document, parameter: &Parameter<'_>) -> bool {
    let schema = parameter.node.get("schema").and_then(|schema| document.resolve(schema));
    schema.is_some_and(|schema| schema.text("type") == Some("string") && schema.get("format").is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Methods =
        Methods { of: "Shop", client: "self.client", known: &[("shop", "self.shop()")], builder: "api::builder" };

    fn generated(operation: &str) -> String {
        let text = format!(
            "openapi: 3.0.3
info: {{title: t, version: '1'}}
paths:
  /shops/{{shop}}/carts/{{cart-id}}/lines/{{line}}/{{type}}:
    put:
      operationId: setLine
      parameters:
        - {{name: line, in: path, required: true, schema: {{type: integer}}}}
        - {{name: cart-id, in: path, required: true, schema: {{$ref: '#/components/schemas/Cart'}}}}
        - {{name: shop, in: path, required: true, schema: {{type: string}}}}
        - {{name: type, in: path, required: true, schema: {{type: string}}}}
        - {{name: dry, in: query, schema: {{type: boolean}}}}
      responses: {{'200': {{description: d}}}}
{operation}
components: {{schemas: {{Cart: {{type: string}}}}}}"
        );
        let document = Document::read("shop.yaml", &text).unwrap_or_else(|found| panic!("{found}"));
        methods(&Api::of(&document), &Features::default(), &WANTED)
    }

    #[test]
    fn a_method_knows_some_parameters_and_takes_the_texts_of_the_path() {
        assert_eq!(
            generated("      summary: Set a line."),
            "use api::builder;\n\nimpl Shop {\n    /// Set a line.\n    \
             pub fn set_line(&self, cart_id: impl Into<String>) -> builder::SetLine<'_> {\n        \
             self.client.set_line().shop(self.shop()).cart_id(cart_id.into())\n    }\n}\n"
        );
    }

    #[test]
    fn a_deprecated_operation_has_a_deprecated_method() {
        let method = generated("      summary: Set a line.\n      deprecated: true");
        let lines: Vec<&str> = method.lines().skip(3).take(4).map(str::trim).collect();
        let attribute = "#[deprecated = \"the document marks this operation as deprecated\"]";
        assert_eq!(lines[..3], ["/// Set a line.", attribute, "#[allow(deprecated)]"]);
        assert!(lines[3].starts_with("pub fn set_line("), "{method}");
    }

    #[test]
    fn documentation_is_that_for_rust_or_summary_and_description() {
        let page = "      externalDocs: {description: Lines, url: 'http://localhost'}\n      summary: Set a line";
        let both = format!("{page}\n      description: \"One line.\\r\\n\\rIt is */ set.\"");
        let lines = |text: &str| {
            let lines = text.lines().filter_map(|line| line.strip_prefix("    ///")).map(str::trim_start);
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            lines(&generated(&both)),
            ["Set a line.", "", "One line.", "", "It is */ set.", "", "Source: \"Lines\"."]
        );
        let own = format!("{both}\n      x-rust-doc: Sets it.");
        assert_eq!(lines(&generated(&own)), ["Sets it.", "", "Source: \"Lines\"."]);
    }
}
