//! How long jobs take.

use jiff::fmt::friendly::SpanParser;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How long the jobs of accepted calls take.
///
/// Written `immediate`, `manual:N` or `time:DURATION`. A duration is a number of seconds, or has units: `time:90`,
/// `time:500ms`, `time:1h30m`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transitions {
    /// A job ends at once.
    #[default]
    Immediate,
    /// A job is unfinished for this number of queries; the next query finds it ended.
    ///
    /// Showing or listing the job or its graph is a query. 0 is the same as [`Immediate`](Self::Immediate).
    Manual(u32),
    /// A job ends this long after it began.
    Time(Duration),
}

impl FromStr for Transitions {
    type Err = InvalidTransitions;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidTransitions { text: text.to_owned() };
        match text.split_once(':') {
            None if text == "immediate" => Ok(Self::Immediate),
            Some(("manual", queries)) => number(queries).map(Self::Manual).ok_or_else(invalid),
            Some(("time", text)) => duration(text).map(Self::Time).ok_or_else(invalid),
            _ => Err(invalid()),
        }
    }
}

/// Digits only: Rust's own reading of numbers also takes a plus sign.
fn number<N: FromStr>(text: &str) -> Option<N> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// A bare number is seconds.
fn duration(text: &str) -> Option<Duration> {
    match number(text) {
        Some(seconds) => Some(Duration::from_secs(seconds)),
        None => SpanParser::new().parse_unsigned_duration(text).ok(),
    }
}

impl fmt::Display for Transitions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Immediate => f.write_str("immediate"),
            Self::Manual(queries) => write!(f, "manual:{queries}"),
            Self::Time(duration) if duration.subsec_nanos() == 0 => write!(f, "time:{}s", duration.as_secs()),
            Self::Time(duration) => write!(f, "time:{}ms", duration.as_millis()),
        }
    }
}

/// A text that is not a valid [`Transitions`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTransitions {
    text: String,
}

impl fmt::Display for InvalidTransitions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expected `immediate`, `manual:N` (N queries) or `time:DURATION` (such as `time:5s`), found `{}`",
            self.text
        )
    }
}

impl std::error::Error for InvalidTransitions {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Transitions, printed: &str) {
        assert_eq!(text.parse().ok(), Some(expected), "{text}");
        assert_eq!(expected.to_string(), printed);
        assert_eq!(printed.parse().ok(), Some(expected), "{printed}");
    }

    #[test]
    fn transitions_are_read_and_printed() {
        check("immediate", Transitions::Immediate, "immediate");
        check("manual:3", Transitions::Manual(3), "manual:3");
        for (text, millis, printed) in [
            ("time:90", 90_000, "time:90s"),
            ("time:5s", 5000, "time:5s"),
            ("time:500ms", 500, "time:500ms"),
            ("time:1.5s", 1500, "time:1500ms"),
            ("time:1h30m", 5_400_000, "time:5400s"),
            ("time:0", 0, "time:0s"),
        ] {
            check(text, Transitions::Time(Duration::from_millis(millis)), printed);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "now",
            "manual",
            "manual:",
            "manual:-1",
            "manual:+1",
            "immediate:1",
            "time",
            "time:",
            "time:-1s",
            "time:+1",
            "time:1 week",
            "time:soon",
        ] {
            assert_eq!(text.parse::<Transitions>().ok(), None, "{text}");
        }
    }

    #[test]
    fn the_error_names_the_forms_and_the_text() {
        let error = "soon".parse::<Transitions>().unwrap_err();
        let expected =
            "expected `immediate`, `manual:N` (N queries) or `time:DURATION` (such as `time:5s`), found `soon`";
        assert_eq!(error.to_string(), expected);
    }
}
