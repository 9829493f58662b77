//! One violation of a rule: its place, the rule, what was found, and what to do.

use std::fmt;

/// A place in a document. Both count from 1; columns count characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// One violation of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule's name, kebab-case; the README of this crate lists them.
    pub rule: &'static str,
    /// The document, as the caller named it.
    pub file: String,
    /// Where in the document.
    pub at: At,
    /// The operation concerned, if it is one's.
    pub operation: Option<String>,
    /// What was expected and what was found.
    pub message: String,
    /// Lines that support the message.
    pub notes: Vec<String>,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let At { line, column } = self.at;
        write!(f, "error[{}]: {}:{line}:{column}: {}", self.rule, self.file, self.message)?;
        if let Some(operation) = &self.operation {
            write!(f, "\n  in operation `{operation}`")?;
        }
        for note in &self.notes {
            write!(f, "\n  {note}")?;
        }
        write!(f, "\nhint: {}", self.hint)
    }
}

/// Everything that is wrong with one document, in reading order. Never empty when returned as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            diagnostic.fmt(f)?;
        }
        match self.0.len() {
            0 | 1 => Ok(()),
            count => write!(f, "\n\n{count} errors"),
        }
    }
}

impl std::error::Error for Diagnostics {}

impl Diagnostics {
    /// Adds a violation. [`Api::locate`](crate::Api::locate) fills in the file and the operation.
    pub fn report(&mut self, rule: &'static str, at: At, message: impl Into<String>, hint: impl Into<String>) {
        self.report_with(rule, at, message, Vec::new(), hint);
    }

    /// Adds a violation with supporting lines.
    pub fn report_with(
        &mut self,
        rule: &'static str,
        at: At,
        message: impl Into<String>,
        notes: Vec<String>,
        hint: impl Into<String>,
    ) {
        self.0.push(Diagnostic {
            rule,
            file: String::new(),
            at,
            operation: None,
            message: message.into(),
            notes,
            hint: hint.into(),
        });
    }

    /// Puts diagnostics into reading order and fills in the file, and the operation that `owner` finds for a line.
    pub(crate) fn located(mut self, file: &str, owner: impl Fn(u32) -> Option<String>) -> Diagnostics {
        for problem in &mut self.0 {
            file.clone_into(&mut problem.file);
            if problem.operation.is_none() {
                problem.operation = owner(problem.at.line);
            }
        }
        self.0.sort_by_key(|problem| problem.at);
        self.0.dedup_by(|b, a| a.rule == b.rule && a.at == b.at && a.message == b.message);
        self
    }
}
