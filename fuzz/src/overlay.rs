//! Applies an arbitrary overlay to a document.

use openapi_document::{Api, Diagnostics, Document, Overlay, check, suite};

const LAMPS: &str = include_str!("lamps.yaml");

/// Either there are diagnostics that help, or a document like any other; both name places that exist.
pub fn overlay(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let overlays = [Overlay { name: "overlay.yaml", text }, Overlay { name: "again.yaml", text }];
    match Document::read_overlaid("lamps.yaml", LAMPS, &overlays, &mut |_| Err("there is none".to_owned())) {
        Err(found) => {
            assert!(found.errors().count() > 0, "refused without a reason");
            places_exist(&found, text);
        }
        Ok(document) => {
            let api = Api::of(&document);
            places_exist(&check(&api), text);
            suite(&api);
        }
    }
}

fn places_exist(found: &Diagnostics, overlay: &str) {
    for diagnostic in &found.0 {
        let text = if diagnostic.file == "lamps.yaml" { LAMPS } else { overlay };
        assert!(["lamps.yaml", "overlay.yaml", "again.yaml"].contains(&diagnostic.file.as_str()), "{diagnostic:?}");
        let (line, lines) = (diagnostic.at.line as usize, 1 + text.matches(['\n', '\r']).count());
        assert!(line <= lines, "line {line} of {lines}: {diagnostic}");
        assert!(!diagnostic.message.is_empty() && !diagnostic.hint.is_empty(), "{diagnostic:?}");
    }
}
