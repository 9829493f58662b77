//! What a document says becomes documentation in which nothing runs, and which rustdoc has nothing to say against.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::fs;
use std::process::Command;

use specwright_codegen::{Artefact, generate};
use test_support::files::empty_folder;

/// Texts that would run, open or close something, or refer to an item.
const HOSTILE: [&str; 21] = [
    "```\npanic!(\"fenced\");\n```",
    "words\n~~~ rust\npanic!(\"tildes\");",
    "words\n\n    panic!(\"indented\");\n\nwords",
    "- item\n\n      panic!(\"indented in a list\");\n-      panic!(\"behind a marker\");",
    "> ```\n> panic!(\"quoted\");\n> ```",
    "<pre>\n```\n</pre>\npanic!(\"behind a tag\");\n```",
    "*/ \"] #![feature(x)] /* \\",
    "[Vec] [`send`] [a](b::c) Vec<u8> https://example.com/a <b>bold",
    "one\r\n```\r\npanic!(\"carriage return\");\r\n```\r\nreversed \u{202e} text",
    "<script>alert(1)</script>",
    "`<script>alert(1)</script>",
    "a` <img src=x onerror=alert(1)> `b",
    "<!--\n<script>alert(1)</script>\n```\npanic!(\"in a comment\");\n```",
    "[click](javascript:alert(1)) <javascript:alert(1)> [x]\n\n[x]: javascript:alert(1)",
    "- a\n\n  ~~~\n  panic!(\"tildes in a list\");\n  ~~~\n1. ```rust,ignore-none\n   panic!(\"numbered\");",
    "> > ```compile_fail\n> > let a = 1;",
    "\t\tpanic!(\"tabs\");",
    "````\n```\npanic!(\"within\");\n```",
    "# head\n    panic!(\"behind a heading\");\n***\n    panic!(\"behind a rule\");",
    "| a |\n|---|\n\n     panic!(\"behind a table\");\n```{.rust}\npanic!(\"attributes\");\n```",
    "  ```rust should_panic\n  panic!(\"indented fence\");\n\n\u{a0}    panic!(\"blanks\");",
];

/// A document that has `text` at every place that becomes documentation.
fn document(text: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    format!(
        "openapi: 3.0.3
info: {{title: {text}, version: {text}, description: {text}}}
paths:
  /lamps/{{lamp}}:
    post:
      operationId: switch
      summary: {text}
      description: {text}
      parameters:
        - {{name: lamp, in: path, required: true, description: {text}, schema: {{type: string}}}}
        - {{name: mode, in: query, description: {text}, schema: {{type: string, enum: [{text}, off], default: {text}}}}}
      requestBody:
        required: true
        description: {text}
        content: {{application/json: {{schema: {{$ref: '#/components/schemas/Lamp'}}}}}}
      responses:
        '200': {{description: {text}, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Lamp'}}}}}}}}
components:
  schemas:
    Lamp:
      type: object
      description: {text}
      properties:
        name: {{type: string, description: {text}, default: {text}}}
        kind: {{type: string, description: {text}, enum: [{text}, other]}}
"
    )
}

/// Every doc comment of the client as that of an item of a library of its own.
fn library(client: &str) -> String {
    let mut out = String::new();
    let mut lines = client.lines().map(str::trim_start).peekable();
    let mut count = 0;
    while let Some(line) = lines.next() {
        if line.starts_with("///") {
            let _ = writeln!(out, "{line}");
            if lines.peek().is_none_or(|next| !next.starts_with("///")) {
                count += 1;
                let _ = writeln!(out, "pub struct D{count};");
            }
        }
    }
    // What the comments of the generator itself refer to.
    for name in ["Client", "Lamp"] {
        out = out.replace(&format!("(super::{name})"), "(D1)").replace(&format!("super::{name}::switch"), "D1");
    }
    out.replace("```ignore", "```text")
}

#[test]
fn nothing_of_a_description_runs_or_is_warned_of() {
    let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), "documentation");
    let mut all = String::from("//! Doc comments.\n");
    for (number, text) in HOSTILE.into_iter().enumerate() {
        let files = generate("lamps.yaml", &document(text), &[(Artefact::Client { inner: None }, "client.rs".into())]);
        let client = files.unwrap_or_else(|found| panic!("{text:?}: {found}")).remove(0).text;
        assert!(!client.contains("#[doc"), "{text:?}: a comment that the printer could not write");
        let _ = writeln!(all, "/// A row.\npub mod row_{number} {{\n{}}}", library(&client));
    }
    let file = folder.join("lib.rs");
    fs::write(&file, all).unwrap();
    let rustdoc = |arguments: &[&str]| {
        let output = Command::new("rustdoc").arg(&file).args(["--edition", "2024"]).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        said
    };
    let said = rustdoc(&["--test"]);
    assert!(said.contains("running 0 tests"), "{said}");
    rustdoc(&["-D", "warnings", "--out-dir", folder.to_str().unwrap()]);
    let (mut folders, mut pages) = (vec![folder], 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|end| end == "html") {
                let page = fs::read_to_string(&entry).unwrap();
                for live in ["<script>alert", "<img src=x", "href=\"javascript:alert", "<b>bold"] {
                    assert!(!page.contains(live), "{live} is live in {}", entry.display());
                }
                pages += usize::from(page.contains("alert(1)"));
            }
        }
    }
    assert!(pages > 0, "the texts are on no page");
}
