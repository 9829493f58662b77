//! What is wrong with a document: where, which rule, what was found, and what to do about it.

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
    /// Reports a violation; the file and the operation are filled in when the document's check is complete.
    pub(crate) fn report(&mut self, rule: &'static str, at: At, message: impl Into<String>, hint: impl Into<String>) {
        self.report_with(rule, at, message, Vec::new(), hint);
    }

    /// Reports a violation that needs supporting lines.
    pub(crate) fn report_with(
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
}

/// The known word nearest to `found`, as the start of a hint: "did you mean `required`? ".
pub(crate) fn did_you_mean<'k>(found: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let nearest = known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(found, word), word))
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, word)) if distance <= 1 + found.chars().count() / 4 => format!("did you mean `{word}`? "),
        _ => String::new(),
    }
}
