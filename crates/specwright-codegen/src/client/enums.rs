//! The enums that hand-written code matches exhaustively: which operations there are, and which provider states.

use std::fmt::Write;

use openapi_document::Document;
use openapi_document::document::{Operation, given_name, pascal_case};

use crate::input::Features;
use crate::text::markdown;

/// `enum Operation`, one variant for each operation of the document.
pub(crate) fn operations<'o, 'd: 'o>(
    operations: impl IntoIterator<Item = &'o Operation<'d>>,
    features: &Features<'_>,
) -> String {
    let variants = operations.into_iter().map(|operation| Variant {
        name: pascal_case(operation.id),
        id: operation.id,
        doc: operation.node.text("summary").unwrap_or(operation.id),
        feature: features.feature_of(operation),
    });
    enumeration("Operation", "An operation of the document.", "operationId", &variants.collect::<Vec<_>>())
}

/// `enum Given`, one variant for each provider state that examples may be given in.
pub(crate) fn givens(document: &Document) -> String {
    let givens = document.root().get("x-lifecycle").map_or([].iter(), |lifecycle| lifecycle.entries_of("givens"));
    let variants =
        givens.map(|entry| Variant { name: given_name(&entry.key), id: &entry.key, doc: &entry.key, feature: None });
    let doc = "A state that an example is documented in (`x-given`).";
    enumeration("Given", doc, "x-given text", &variants.collect::<Vec<_>>())
}

struct Variant<'d> {
    name: String,
    /// As on the wire.
    id: &'d str,
    doc: &'d str,
    /// The Cargo feature that it is there with.
    feature: Option<&'d str>,
}

fn enumeration(name: &str, doc: &str, wire: &str, variants: &[Variant<'_>]) -> String {
    let cfg = |variant: &Variant<'_>, indent: &str| {
        variant.feature.map(|feature| format!("{indent}#[cfg(feature = {feature:?})]\n")).unwrap_or_default()
    };
    let mut out = format!("/// {doc}\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n");
    let is_fixed = variants.iter().all(|variant| variant.feature.is_none());
    let list = if is_fixed { format!("[{name}; {}] = ", variants.len()) } else { format!("&[{name}] = &") };
    if !is_fixed {
        // Somebody else's crate may turn the feature on.
        out.push_str("#[non_exhaustive]\n");
    }
    let _ = writeln!(out, "pub enum {name} {{");
    for variant in variants {
        let doc = markdown::line(variant.doc);
        let _ = writeln!(out, "    /// {doc}\n{}    {},", cfg(variant, "    "), variant.name);
    }
    let all = variants.iter().map(|one| format!("{}        {name}::{},\n", cfg(one, "        "), one.name));
    let indent = "            ";
    let arms =
        variants.iter().map(|one| format!("{}{indent}{name}::{} => {:?},\n", cfg(one, indent), one.name, one.id));
    let _ = write!(
        out,
        "}}\n\nimpl {name} {{\n    /// All of them, in the order of the document.\n    pub const ALL: {list}[\n{}    ];\n\n    \
         /// The {wire}.\n    pub fn id(self) -> &'static str {{\n        match self {{\n{}        }}\n    }}\n\n    \
         /// The one with this {wire}, if there is one.\n    pub fn from_id(id: &str) -> Option<{name}> {{\n        \
         {name}::ALL.{}.find(|one| one.id() == id)\n    }}\n}}\n",
        all.collect::<String>(),
        arms.collect::<String>(),
        if is_fixed { "into_iter()" } else { "iter().copied()" },
    );
    out
}
