//! No text of a document becomes code in what is generated from it.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use proc_macro2::{TokenStream, TokenTree};
use specwright_codegen::{Artefact, Methods};

/// What would be an item, a statement or the end of a comment if it were not kept a text.
const TEXTS: [&str; 9] = [
    "\"#; fn injected() {} //",
    "</text></svg><script>injected()</script>",
    "a\rfn injected() {}",
    "*/ fn injected() {}",
    "\"; fn injected() {} //",
    "\\\"]\nfn injected() {}",
    "#![allow(injected)]\nfn injected() {}",
    "{} {0} {injected}",
    "\u{2028}fn injected() {}\r\nfn injected() {}",
];

/// Each place of a document that is free text, or a name that somebody chose, in turn.
fn document(place: usize, text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    let mut places: Vec<String> =
        ["t", "d", "s", "o", "p", "r", "m", "e", "x", "v", "/a", "q", "do_it"].map(|it| format!("\"{it}\"")).into();
    places[place] = quoted;
    let [title, description, summary, operation, parameter, response, member, given, example, default, path, query, id] =
        &places[..]
    else {
        unreachable!()
    };
    format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": {title}, "version": "1", "description": {description}}},
        "paths": {{{path}: {{"post": {{"operationId": {id}, "summary": {summary}, "description": {operation},
            "parameters": [{{"name": {query}, "in": "query", "description": {parameter}, "schema": {{"type": "string"}}}}],
            "requestBody": {{"content": {{"application/json": {{"schema": {{"$ref": "\u0023/components/schemas/Body"}},
                "examples": {{"ok": {{"value": {{"kind": {example}}}}}}}}}}}}},
            "responses": {{"200": {{"description": {response}, "content": {{"application/json": {{
                "schema": {{"type": "object", "properties": {{{member}: {{"type": "string"}}}}}},
                "examples": {{"ok": {{"x-given": {given}, "value": {{}}}}}}}}}}}}}}}}}}}},
        "components": {{"schemas": {{"Body": {{"type": "object", "properties": {{
            "kind": {{"type": "string", "default": {default}}}}}}}}}}},
        "x-lifecycle": {{"states": {{{given}: {{}}}}, "operations": {{{id}: {{"from": {given}, "to": {given}}}}}, "givens": {{{given}: {{"state": {given}}}}}}}}}"#
    )
}

/// Every word that is code: no literal, and so no comment either, which is a literal in an attribute.
fn words(tokens: TokenStream, found: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => words(group.stream(), found),
            TokenTree::Ident(word) => found.push(word.to_string()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

#[test]
fn no_text_of_a_document_becomes_code() {
    let methods = Methods { of: "Own", client: "self.0", known: &[], builder: "generated::builder" };
    let wanted = [
        Artefact::Client { inner: None },
        Artefact::Methods(methods),
        Artefact::Enums,
        Artefact::Mock { fixture: Some("fixture") },
        Artefact::Diagram,
    ]
    .map(|artefact| (artefact, PathBuf::new()));
    if let Err(found) = specwright_codegen::generate("honest.json", &document(0, "a title"), &wanted) {
        panic!("{found}");
    }
    let mut generated = 0;
    for text in TEXTS {
        for place in 0..13 {
            // What cannot be a name is refused, which is as good.
            let Ok(files) = specwright_codegen::generate("hostile.json", &document(place, text), &wanted) else {
                continue;
            };
            generated += 1;
            let [rust @ .., diagram] = &files[..] else { unreachable!() };
            assert!(!diagram.text.contains("<script"), "place {place}:\n{}", diagram.text);
            for file in rust {
                let mut found = Vec::new();
                let tokens: TokenStream = file.text.parse().unwrap_or_else(|error| {
                    panic!("place {place}, {text:?}: {error}\n{}", file.text);
                });
                words(tokens, &mut found);
                let injected = found.iter().any(|word| word == "injected");
                assert!(!injected, "place {place}, {text:?}:\n{}", file.text);
            }
        }
    }
    assert!(generated > TEXTS.len() * 5, "only {generated} were not refused");
}
