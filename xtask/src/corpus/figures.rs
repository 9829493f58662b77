//! The figures of one document, and their form as one line of JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What became of one document.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Figures {
    /// The version as written, such as `3.0.3`.
    pub(crate) version: String,
    /// Why the document could not be read; empty if it could.
    pub(crate) unread: String,
    pub(crate) operations: usize,
    /// Operations that the generated client has.
    pub(crate) generated: usize,
    /// How many operations each rule left out.
    pub(crate) left_out: BTreeMap<String, usize>,
    pub(crate) renames: usize,
    pub(crate) warnings: usize,
    /// Operations with a response example.
    pub(crate) with_example: usize,
    /// Of these, operations with at least one case.
    pub(crate) with_case: usize,
    /// Documented cases.
    pub(crate) cases: usize,
}

impl Figures {
    /// One line, which [`Figures::from_line`] reads.
    pub(crate) fn to_line(&self) -> String {
        json!({
            "version": self.version, "unread": self.unread, "operations": self.operations, "generated": self.generated,
            "left_out": self.left_out, "renames": self.renames, "warnings": self.warnings,
            "with_example": self.with_example, "with_case": self.with_case, "cases": self.cases,
        })
        .to_string()
    }

    pub(crate) fn from_line(line: &str) -> Option<Figures> {
        let value: Value = serde_json::from_str(line).ok()?;
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let number = |name: &str| value[name].as_u64().and_then(|number| usize::try_from(number).ok());
        let rule = |(rule, count): (&String, &Value)| Some((rule.clone(), usize::try_from(count.as_u64()?).ok()?));
        Some(Figures {
            version: text("version")?,
            unread: text("unread")?,
            operations: number("operations")?,
            generated: number("generated")?,
            left_out: value["left_out"].as_object().map(Map::iter)?.map(rule).collect::<Option<_>>()?,
            renames: number("renames")?,
            warnings: number("warnings")?,
            with_example: number("with_example")?,
            with_case: number("with_case")?,
            cases: number("cases")?,
        })
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.unread.is_empty() && self.generated == self.operations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_survive_their_line() {
        let figures = Figures {
            version: "3.1.0".to_owned(),
            operations: 7,
            generated: 5,
            left_out: [("method".to_owned(), 2)].into(),
            renames: 1,
            warnings: 3,
            with_example: 6,
            with_case: 4,
            cases: 9,
            ..Figures::default()
        };
        assert_eq!(Figures::from_line(&figures.to_line()), Some(figures));
        assert_eq!(Figures::from_line("{}"), None);
        assert_eq!(Figures::from_line("thread panicked"), None);
    }
}
