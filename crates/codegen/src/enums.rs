//! The enums that hand-written code matches exhaustively: which operations there are, and which provider states.

use std::fmt::Write;

use crate::document::Document;
use crate::operations::Operation;
use crate::rules::given_name;
use crate::rust_name::pascal_case;

/// `enum Operation`, one variant for each operation of the document.
pub(crate) fn operations(operations: &[Operation<'_>]) -> String {
    let variants = operations.iter().map(|operation| {
        let doc = operation.node.text("summary").unwrap_or(operation.id).lines().next().unwrap_or_default().to_owned();
        (pascal_case(operation.id), operation.id.to_owned(), doc)
    });
    enumeration("Operation", "An operation of the document.", "operationId", &variants.collect::<Vec<_>>())
}

/// `enum Given`, one variant for each provider state that examples may be given in.
pub(crate) fn givens(document: &Document) -> String {
    let givens = document.root().get("x-lifecycle").map_or([].iter(), |lifecycle| lifecycle.entries_of("givens"));
    let variants = givens.map(|entry| (given_name(&entry.key), entry.key.clone(), entry.key.clone()));
    let doc = "A state that an example is documented in (`x-given`).";
    enumeration("Given", doc, "x-given text", &variants.collect::<Vec<_>>())
}

/// Rows of variant, wire name and doc line.
fn enumeration(name: &str, doc: &str, wire: &str, variants: &[(String, String, String)]) -> String {
    let mut out = format!("/// {doc}\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\npub enum {name} {{\n");
    let count = variants.len();
    for (variant, _, doc) in variants {
        let _ = writeln!(out, "    /// {doc}\n    {variant},");
    }
    let all = variants.iter().map(|(variant, ..)| format!("        {name}::{variant},\n")).collect::<String>();
    let arms = variants.iter().map(|(variant, text, _)| format!("            {name}::{variant} => {text:?},\n"));
    let _ = write!(
        out,
        "}}\n\nimpl {name} {{\n    /// All of them, in the order of the document.\n    pub const ALL: [{name}; {count}] = [\n{all}    ];\n\n    \
         /// The {wire}.\n    pub fn id(self) -> &'static str {{\n        match self {{\n{}        }}\n    }}\n\n    \
         /// The one with this {wire}, if there is one.\n    pub fn from_id(id: &str) -> Option<{name}> {{\n        \
         {name}::ALL.into_iter().find(|one| one.id() == id)\n    }}\n}}\n",
        arms.collect::<String>(),
    );
    out
}
