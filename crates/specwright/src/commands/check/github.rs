//! Diagnostics as annotations of GitHub Actions.
//!
//! Source: "Workflow commands for GitHub Actions", sections "Setting a notice/warning/error message".

use std::fmt::Write;

use conformance_engine::report::github::{data, property};
use openapi_document::{At, Diagnostic, Level};

/// One annotation, with the end of its line.
pub(super) fn annotation(problem: &Diagnostic) -> String {
    let level = if problem.level == Level::Error { "error" } else { "warning" };
    let At { line, column, .. } = problem.at;
    let mut message = problem.message.clone();
    if let Some(operation) = &problem.operation {
        // Writing to a string cannot fail.
        let _ = write!(message, "\nin operation `{operation}`");
    }
    for note in &problem.notes {
        let _ = write!(message, "\n{note}");
    }
    let _ = write!(message, "\nhint: {}", problem.hint);
    format!(
        "::{level} file={},line={line},col={column},title={}::{}\n",
        property(&problem.file),
        property(problem.rule),
        data(&message)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_a_command_is_escaped() {
        let problem = Diagnostic {
            rule: "unknown-key",
            level: Level::Warning,
            file: "a,b:50%\n.yaml".to_owned(),
            at: At { file: 0, line: 3, column: 7 },
            operation: Some("look".to_owned()),
            message: "100 %::error::, really".to_owned(),
            notes: vec!["first\r\nsecond".to_owned()],
            hint: "remove it".to_owned(),
        };
        assert_eq!(
            annotation(&problem),
            "::warning file=a%2Cb%3A50%25%0A.yaml,line=3,col=7,title=unknown-key::100 %25::error::, really%0Ain operation \
             `look`%0Afirst%0D%0Asecond%0Ahint: remove it\n"
        );
    }
}
