//! The page of a generated crate, which is its documentation as well.

use std::fmt::Write;

use openapi_document::Api;

use super::call::Call;
use crate::output::header::generated;
use crate::report::Report;
use crate::text::markdown;

pub(super) fn readme(api: &Api<'_>, name: &str, report: &Report, call: Option<&Call>) -> String {
    let info = api.document().root().get("info");
    let text = |member| info.and_then(|info| info.text(member)).unwrap_or_default();
    // `--` would end the comment for some readers; of three hyphens, the first replacement leaves two.
    let mark = generated(api.document().name()).replace("--", "- -").replace("--", "- -");
    let (title, version) = (markdown::line(text("title")), markdown::line(text("version")));
    let title = if title.is_empty() { "an API without a title".to_owned() } else { title };
    let mut page = format!("<!-- @generated {mark} -->\n\n# {name}\n\nA client of {title}");
    let mut line = |text: &str| {
        page.push_str(text);
        page.push('\n');
    };
    line(&if version.is_empty() { ".".to_owned() } else { format!(", version {version}.") });
    let description = markdown::line(text("description"));
    if !description.is_empty() {
        line(&format!("\n{description}"));
    }
    if let Some(call) = call {
        line(&format!("\n## How to call it\n\n```rust,no_run\n{}```", call.program(name)));
    }
    line(
        "\nEach operation of the document is a method of `Client`, called as its `operationId` in snake case. It returns a \
         builder: set what the\noperation takes, then `send` it. Types of bodies and parameters are in the module `types`. \
         `cargo doc --open` shows all of it.",
    );
    line("\nThe feature `tls` (default) is for https.");
    let Report { operations, generated, left_out, .. } = report;
    if left_out.is_empty() {
        line(&format!("\nAll operations of the document are here: {operations}."));
    } else {
        line(&format!(
            "\n## What it does not have\n\n{generated} of {operations} operations are here. These are not:\n"
        ));
        let mut list = String::new();
        for left_out in left_out.iter().take(SHOWN) {
            let reason = left_out.reasons.first().map_or("", |reason| &reason.message);
            // Writing to a string cannot fail.
            let _ = writeln!(list, "- {}: {}", markdown::code(&left_out.operation), markdown::line(reason));
        }
        line(list.trim_end());
        if left_out.len() > SHOWN {
            line(&format!("- and {} more", left_out.len() - SHOWN));
        }
    }
    page
}

/// So many operations that are left out are named.
const SHOWN: usize = 20;
