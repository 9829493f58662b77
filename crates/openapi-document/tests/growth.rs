//! Reading and checking take time that grows with the size of a document, and not with its square.

#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

use std::fmt::Write as _;

use openapi_document::{Api, Document, check, contract, suite};
use test_support::cost::assert_linear;

/// A document of about so many bytes, made of parts that `part` makes.
fn document(bytes: usize, before: &str, part: impl Fn(usize) -> String, after: &str) -> Vec<u8> {
    let mut text = format!("openapi: 3.0.3\ninfo: {{title: Jars, version: '1'}}\n{before}");
    let mut index = 0;
    while text.len() < bytes {
        text.push_str(&part(index));
        index += 1;
    }
    text.push_str(after);
    text.into_bytes()
}

fn read(bytes: &[u8]) {
    let Ok(document) = Document::read("jars.yaml", std::str::from_utf8(bytes).unwrap()) else { return };
    let api = Api::of(&document);
    _ = (check(&api), suite(&api), contract(&api));
}

/// An operation with parameters, an example, a refusal, and a schema that refers to the first.
fn operation(index: usize) -> String {
    let mut text = format!("  /jars{index}/{{id}}:\n    get:\n      operationId: show{index}\n      parameters:\n");
    _ = writeln!(text, "      - {{name: id, in: path, required: true, example: j-{index}, schema: {{type: string}}}}");
    _ = writeln!(text, "      - {{name: most, in: query, schema: {{type: integer, minimum: 1, maximum: 9}}}}");
    let body = "{schema: {$ref: '#/components/schemas/Jar'}, example: {id: j-1, size: 3}}";
    _ = writeln!(
        text,
        "      responses: {{'200': {{description: a, content: {{application/json: {body}}}}}, '404': {{description: no}}}}"
    );
    text
}

const JAR: &str = "components: {schemas: {Jar: {type: object, required: [id], properties: {id: {type: string}, size: {type: integer}}}}}\n";

/// Makes a document of about so many bytes.
type Make = Box<dyn Fn(usize) -> Vec<u8>>;

#[test]
fn documents_are_checked_in_time_that_grows_with_their_size() {
    let none = "paths: {}\n";
    let schemas = "paths: {}\ncomponents:\n  schemas:\n";
    let rows: Vec<(&str, usize, Make)> = vec![
        ("operations", 8_000, Box::new(|bytes| document(bytes, "paths:\n", operation, JAR))),
        (
            "schemas",
            20_000,
            Box::new(move |bytes| {
                document(
                    bytes,
                    schemas,
                    |index| format!("    S{index}: {{type: object, properties: {{a: {{type: string}}}}}}\n"),
                    "",
                )
            }),
        ),
        (
            "references",
            10_000,
            Box::new(move |bytes| {
                document(
                    bytes,
                    schemas,
                    |index| format!("    S{index}: {{$ref: '#/components/schemas/S{}'}}\n", index + 1),
                    "",
                )
            }),
        ),
        (
            "references to nothing",
            10_000,
            Box::new(move |bytes| {
                document(
                    bytes,
                    schemas,
                    |index| format!("    S{index}: {{$ref: '#/components/schemas/X{index}'}}\n"),
                    "",
                )
            }),
        ),
        (
            "members",
            20_000,
            Box::new(move |bytes| document(bytes, &format!("{none}x-a:\n"), |index| format!("  m{index}: 1\n"), "")),
        ),
        (
            "unknown members",
            10_000,
            Box::new(move |bytes| document(bytes, none, |index| format!("unknown{index}: 1\n"), "")),
        ),
        (
            "a long text",
            100_000,
            Box::new(move |bytes| document(bytes, &format!("{none}x-a: |\n"), |_| "  a line of text\n".to_owned(), "")),
        ),
        (
            "aliases",
            20_000,
            Box::new(move |bytes| {
                document(bytes, &format!("{none}x-a: &a [1, 2]\nx-b:\n"), |_| "- *a\n".to_owned(), "")
            }),
        ),
        (
            "merges",
            20_000,
            Box::new(move |bytes| {
                document(bytes, &format!("{none}x-a: &a {{c: 1}}\nx-b:\n"), |_| "- {<<: *a}\n".to_owned(), "")
            }),
        ),
        ("brackets", 20_000, Box::new(move |bytes| document(bytes, &format!("{none}x-a: "), |_| "[".to_owned(), ""))),
    ];
    for (what, bytes, make) in rows {
        assert_linear(what, bytes, make, read);
    }
}
