//! What a comparison asks for, and what it finds.

use std::fmt;
use std::str::FromStr;

use crate::check::mismatch::{MAX_MISMATCHES, Mismatch};
use crate::check::schema::Violation;
use crate::model::note::Note;

/// How much a reply must have in common with the documented one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Status, media type, strict JSON, the schema, and the members that must be blank ([`Rule::Blank`](crate::suite::Rule::Blank)).
    Schema,
    /// Also every member of the example, with the same JSON type, and the rules of single members.
    #[default]
    Documented,
    /// Also the very values of the example: for static mocks.
    Exact,
}

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Every difference that breaks the contract at the chosen level, in reading order.
    pub mismatches: Vec<Mismatch>,
    /// What a human may want to know and no contract forbids.
    pub notes: Vec<Note>,
    /// Why the documented schema could not be applied. The reply cannot be called good while there are any.
    pub schema_faults: Vec<Violation>,
    /// What is documented of the reply and was not judged, in words: the schema of a body that is XML.
    pub unjudged: Vec<String>,
}

impl FromStr for Level {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "schema" => Ok(Self::Schema),
            "documented" => Ok(Self::Documented),
            "exact" => Ok(Self::Exact),
            other => Err(format!("no level is called `{other}`: expected schema, documented or exact")),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Schema => "schema",
            Self::Documented => "documented",
            Self::Exact => "exact",
        })
    }
}

impl Comparison {
    pub(crate) fn note(&mut self, pointer: &str, text: impl Into<String>) {
        self.notes.push(Note { pointer: pointer.to_owned(), text: text.into() });
    }

    /// With what was found before.
    pub(crate) fn with(mut self, mut before: Comparison) -> Comparison {
        before.mismatches.append(&mut self.mismatches);
        before.notes.append(&mut self.notes);
        before.schema_faults.append(&mut self.schema_faults);
        before.unjudged.append(&mut self.unjudged);
        before
    }

    /// How many are not listed is not known: the comparison stops early.
    pub(crate) fn cut(&mut self) {
        if self.mismatches.len() > MAX_MISMATCHES {
            self.mismatches.truncate(MAX_MISMATCHES);
            self.note("", format!("only the first {MAX_MISMATCHES} mismatches are listed"));
        }
    }
}
