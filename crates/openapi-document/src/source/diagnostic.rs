//! One violation of a rule: its place, the rule, what was found, and what to do.

use std::collections::BTreeMap;
use std::fmt;

use conformance_engine::visible::escaped;
use serde_json::{Value, json};

use super::level::{Level, is_limit, level};

/// A place in a document. Lines and columns count from 1; columns count characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// The file, of those that the document is read from; 0 for the first.
    pub file: u32,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl At {
    /// The beginning of the first file.
    pub const START: At = At { file: 0, line: 1, column: 1 };
}

/// One violation of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule's name, kebab-case; the README of this crate lists them.
    pub rule: &'static str,
    /// How much it matters.
    pub level: Level,
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

impl Diagnostic {
    /// Whether no client can be generated for what this concerns: an error, or something that the generator has no form
    /// for. An operation concerned by it is left out ([`Api::concerning`](crate::Api::concerning)).
    pub fn blocks_generation(&self) -> bool {
        self.level == Level::Error || self.is_limit()
    }

    /// Whether it speaks of what the strict client generator has no form for, and not of the document.
    pub fn is_limit(&self) -> bool {
        is_limit(self.rule)
    }

    /// The diagnostic as JSON, a member for each field; the place is `line` and `column`.
    pub fn to_json(&self) -> Value {
        json!({
            "rule": self.rule,
            "level": self.level.word(),
            "file": self.file,
            "line": self.at.line,
            "column": self.at.column,
            "operation": self.operation,
            "message": self.message,
            "notes": self.notes,
            "hint": self.hint,
        })
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let At { line, column, .. } = self.at;
        let (file, message) = (escaped(&self.file), escaped(&self.message));
        write!(f, "{}[{}]: {file}:{line}:{column}: {message}", self.level.word(), self.rule)?;
        if let Some(operation) = &self.operation {
            write!(f, "\n  in operation `{}`", escaped(operation))?;
        }
        for note in &self.notes {
            write!(f, "\n  {}", escaped(note))?;
        }
        write!(f, "\nhint: {}", escaped(&self.hint))
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
        let counted = |count: usize, what: &str| match count {
            0 => None,
            1 => Some(format!("1 {what}")),
            _ => Some(format!("{count} {what}s")),
        };
        let counts = [(self.errors().count(), "error"), (self.warnings().count(), "warning")];
        let counts: Vec<String> = counts.into_iter().filter_map(|(count, what)| counted(count, what)).collect();
        if self.0.len() > 1 { write!(f, "\n\n{}", counts.join(", ")) } else { Ok(()) }
    }
}

impl std::error::Error for Diagnostics {}

/// How often a rule is violated.
#[derive(Clone, Debug)]
pub struct RuleCount<'f> {
    /// The rule.
    pub rule: &'static str,
    /// How much its violations matter, the worst of them.
    pub level: Level,
    /// How many there are.
    pub count: usize,
    /// The first, in reading order.
    pub first: &'f Diagnostic,
}

impl Diagnostics {
    /// Those that leave no meaning.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter().filter(|problem| problem.level == Level::Error)
    }

    /// Those that generating and replaying go on without.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter().filter(|problem| problem.level == Level::Warning)
    }

    /// How often each rule is violated: errors first, then the most frequent first.
    pub fn by_rule(&self) -> Vec<RuleCount<'_>> {
        let mut counts: BTreeMap<&str, RuleCount<'_>> = BTreeMap::new();
        for problem in &self.0 {
            let new = RuleCount { rule: problem.rule, level: problem.level, count: 0, first: problem };
            let known = counts.entry(problem.rule).or_insert(new);
            known.count += 1;
            known.level = known.level.min(problem.level);
        }
        let mut counts: Vec<_> = counts.into_values().collect();
        counts.sort_by_key(|rule| (rule.level, std::cmp::Reverse(rule.count)));
        counts
    }

    /// The first `limit` of them, errors first, how many more there are, and each rule with its count and first place.
    pub fn summary(&self, limit: usize) -> String {
        let mut text = String::new();
        for problem in self.errors().chain(self.warnings()).take(limit) {
            text += &format!("{problem}\n\n");
        }
        if self.0.len() > limit {
            text += &format!("{} more are not printed\n\n", self.0.len() - limit);
        }
        for RuleCount { rule, level, count, first } in self.by_rule() {
            let At { line, column, .. } = first.at;
            let more = if count > 1 { "first at " } else { "" };
            text += &format!("{count:>6} {}[{rule}], {more}{}:{line}:{column}\n", level.word(), escaped(&first.file));
        }
        text
    }

    /// The same, with every violation an error: for a document that has to keep every rule. `unsupported` stays a warning: it
    /// says what is not looked at here, and nothing is wrong with the document.
    #[must_use]
    pub fn strict(mut self) -> Diagnostics {
        let reported = self.0.iter_mut().filter(|problem| problem.rule != "unsupported");
        reported.for_each(|problem| problem.level = Level::Error);
        self
    }

    /// Adds a violation. [`Api::locate`](crate::Api::locate) fills in the file and the operation.
    pub fn report(
        &mut self,
        rule: &'static str,
        at: At,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> &mut Diagnostic {
        self.report_with(rule, at, message, Vec::new(), hint)
    }

    /// Adds a violation with supporting lines.
    pub fn report_with(
        &mut self,
        rule: &'static str,
        at: At,
        message: impl Into<String>,
        notes: Vec<String>,
        hint: impl Into<String>,
    ) -> &mut Diagnostic {
        let diagnostic = Diagnostic {
            rule,
            level: level(rule),
            file: String::new(),
            at,
            operation: None,
            message: message.into(),
            notes,
            hint: hint.into(),
        };
        let index = self.0.len();
        self.0.push(diagnostic);
        &mut self.0[index]
    }

    /// Puts diagnostics into reading order and fills in the file, and the operation that `owner` finds for a place.
    pub(crate) fn located(mut self, files: &[String], owner: impl Fn(At) -> Option<String>) -> Diagnostics {
        for problem in &mut self.0 {
            problem.file = files.get(problem.at.file as usize).cloned().unwrap_or_default();
            if problem.operation.is_none() {
                problem.operation = owner(problem.at);
            }
        }
        self.0.sort_by_key(|problem| problem.at);
        self.0.dedup_by(|b, a| a.rule == b.rule && a.at == b.at && a.message == b.message);
        self
    }
}
