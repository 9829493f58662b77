//! Keywords for text: length, `pattern`, `format`.

use serde_json::Value;

use super::format::{named, says_nothing};
use super::keyword::{Keyword, Keywords, set};
use super::pattern::Unmatched;
use super::walk::Walk;
use crate::check::value::{found, shown};
use crate::model::text::excerpt;

const LENGTH: u64 = set(&[Keyword::MinLength, Keyword::MaxLength]);
const CONTENT: u64 = set(&[Keyword::ContentEncoding, Keyword::ContentMediaType, Keyword::ContentSchema]);
const FORM: u64 = set(&[Keyword::Pattern, Keyword::Format]);

impl<'w> Walk<'w> {
    pub(super) fn check_text(&mut self, text: &str, keywords: &Keywords<'w>) {
        let shown = || shown(&Value::String(text.to_owned()));
        if keywords.any(LENGTH) {
            self.spend(text.len() / 1024);
            let length = text.chars().count();
            let sizes = [Keyword::MinLength, Keyword::MaxLength];
            self.check_size(keywords, sizes, length, "characters", || format!("{length}: {}", shown()));
        }
        if keywords.any(CONTENT) {
            for keyword in [Keyword::ContentEncoding, Keyword::ContentMediaType, Keyword::ContentSchema] {
                if keywords.get(keyword).is_some() {
                    self.leave_unjudged(|| format!("`{}`", keyword.name()));
                }
            }
        }
        if !keywords.any(FORM) {
            return;
        }
        let pattern = keywords.get(Keyword::Pattern);
        if let Some(source) = pattern.and_then(Value::as_str) {
            if self.matches("pattern", source, text) == Some(false) {
                self.violation("pattern", || format!("expected a match of {source}, found {}", shown()));
            }
        } else if let Some(other) = pattern {
            self.broken("pattern", || format!("expected a string, found {}", found(other)));
        }
        let Some(format) = keywords.get(Keyword::Format).and_then(Value::as_str) else { return };
        match named(format) {
            Some((words, is_of_format)) if !is_of_format(text) => {
                self.violation("format", || format!("expected {words}, found {}", shown()));
            }
            Some(_) => {}
            None => self.leave_format(format),
        }
    }

    /// A format that is not judged; nothing is said of one for values of another type.
    pub(super) fn leave_format(&mut self, format: &str) {
        if !says_nothing(format) {
            self.leave_unjudged(|| format!("the format `{}`", excerpt(format, 40)));
        }
    }

    /// Whether a text matches a pattern; nothing if that cannot be known (that is reported here).
    pub(super) fn matches(&mut self, keyword: &'static str, source: &str, text: &str) -> Option<bool> {
        // A pattern costs more than most keywords.
        if !self.spend(8 + text.len() / 1024) {
            return None;
        }
        match self.schemas.patterns.matches(source, text) {
            Ok(matches) => return Some(matches),
            Err(Unmatched::TooLong) => self.broken(keyword, || format!("gave up: matching {source} takes too long")),
            Err(Unmatched::Invalid(error)) => self.broken(keyword, || format!("{source} is not a pattern: {error}")),
        }
        None
    }
}
