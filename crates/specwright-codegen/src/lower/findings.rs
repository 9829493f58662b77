//! What lowering changes that the user of a client should know.

use std::collections::{HashMap, HashSet};

use super::operations::Site;

/// Begins a JSON pointer into the document, and not into what it is lowered to.
pub(crate) const DOCUMENT: &str = "document";

/// What lowering renamed, left out and refused.
#[derive(Clone, Default)]
pub(crate) struct Findings {
    /// Names that the generated code spells otherwise than the document.
    pub(crate) renames: Vec<Renamed>,
    /// Parts that are left out or generalised although their operation is generated.
    pub(crate) warnings: Vec<Note>,
    /// Operations that have no client, by lowered path key and method; one may have several reasons.
    pub(crate) refused: Vec<(Site, Note)>,
    /// Enums that tell alternatives apart: a variant for undocumented values would make them fit everything.
    pub(crate) closed: HashSet<String>,
    /// What marked names stand for; see [`Findings::mark`].
    pub(crate) marks: Marks,
}

/// A name that the generated code spells otherwise.
#[derive(Clone)]
pub(crate) struct Renamed {
    /// What has the name: `operation`, `parameter`, `property`, `value`, `type`.
    pub(crate) what: &'static str,
    pub(crate) from: String,
    pub(crate) to: String,
    /// A JSON pointer into the lowered document, as far as it goes; or, behind [`DOCUMENT`], into the document.
    pub(crate) place: String,
}

/// Something that the client does otherwise than the document says.
#[derive(Clone)]
pub(crate) struct Note {
    /// The rule, kebab-case, for counting.
    pub(crate) rule: &'static str,
    /// A JSON pointer into the lowered document, as far as it goes; or, behind [`DOCUMENT`], into the document.
    pub(crate) place: String,
    /// What the document has, and what the client has instead.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: &'static str,
}

/// By mark: the Rust name in front of it, and the name on the wire.
pub(crate) type Marks = HashMap<String, (String, String)>;

/// Begins every mark: a character that no Rust name has, and that documents do not use in names (Braille, blank).
pub(crate) const MARK: char = '\u{2800}';

/// The characters behind [`MARK`] are digits of a number.
pub(crate) const DIGITS: std::ops::RangeInclusive<char> = '\u{2801}'..='\u{28ff}';

impl Findings {
    /// A part of an operation or schema is left out or generalised.
    pub(crate) fn warn(&mut self, rule: &'static str, place: String, message: impl Into<String>, hint: &'static str) {
        self.warnings.push(Note { rule, place, message: message.into(), hint });
    }

    /// An operation cannot be generated. The pipeline removes it when the pass has ended.
    pub(crate) fn refuse(
        &mut self,
        rule: &'static str,
        site: &Site,
        place: String,
        message: impl Into<String>,
        hint: &'static str,
    ) {
        self.refused.push((site.clone(), Note { rule, place, message: message.into(), hint }));
    }

    /// The generated code spells `from` as `to`.
    pub(crate) fn rename(&mut self, what: &'static str, from: &str, to: &str, place: String) {
        self.renames.push(Renamed { what, from: from.to_owned(), to: to.to_owned(), place });
    }

    /// A name for the lowered document from which progenitor makes the Rust name of `rust`, and which stands for `wire`:
    /// the mark at its end is in no Rust name, and where generated code has the whole text in a literal (`serde(rename)`,
    /// names of queries and headers, values of enums), the literal becomes `wire` again.
    pub(crate) fn mark(&mut self, rust: &str, wire: &str) -> String {
        let mut mark = String::from(MARK);
        let mut number = self.marks.len() as u32;
        loop {
            mark.extend(char::from_u32(u32::from(*DIGITS.start()) + number % 255));
            number /= 255;
            if number == 0 {
                break;
            }
        }
        let marked = format!("{rust}{mark}");
        self.marks.insert(mark, (rust.to_owned(), wire.to_owned()));
        marked
    }
}
