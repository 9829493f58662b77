//! How long jobs take.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How long the jobs of accepted calls take.
///
/// Written `immediate`, `manual:N` or `time:MS`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transitions {
    /// A job ends at once.
    #[default]
    Immediate,
    /// That many queries find a job unfinished; the next one finds it ended.
    ///
    /// Showing or listing the job or its graph is a query. 0 is the same as
    /// [`Immediate`](Self::Immediate).
    Manual(u32),
    /// A job ends that long after it began.
    Time(Duration),
}

impl FromStr for Transitions {
    type Err = InvalidTransitions;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidTransitions { text: text.to_owned() };
        match text.split_once(':') {
            None if text == "immediate" => Ok(Self::Immediate),
            Some(("manual", looks)) => number(looks).map(Self::Manual).ok_or_else(invalid),
            Some(("time", millis)) => number(millis).map(|n| Self::Time(Duration::from_millis(n))).ok_or_else(invalid),
            _ => Err(invalid()),
        }
    }
}

/// Digits only: Rust's own reading of numbers also takes a plus sign.
fn number<N: FromStr>(text: &str) -> Option<N> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

impl fmt::Display for Transitions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Immediate => f.write_str("immediate"),
            Self::Manual(looks) => write!(f, "manual:{looks}"),
            Self::Time(duration) => write!(f, "time:{}", duration.as_millis()),
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
        write!(f, "expected `immediate`, `manual:N` (N queries) or `time:MS` (milliseconds), found `{}`", self.text)
    }
}

impl std::error::Error for InvalidTransitions {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Transitions>) {
        assert_eq!(text.parse().ok(), expected, "{text}");
        if let Some(transitions) = expected {
            assert_eq!(transitions.to_string(), text);
        }
    }

    #[test]
    fn the_three_forms_read_and_print_alike() {
        check("immediate", Some(Transitions::Immediate));
        check("manual:3", Some(Transitions::Manual(3)));
        check("time:1500", Some(Transitions::Time(Duration::from_millis(1500))));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "now", "manual", "manual:", "manual:-1", "manual:+1", "time:1s", "immediate:1"] {
            check(text, None);
        }
    }

    #[test]
    fn the_error_says_what_would_have_been_right() {
        let error = "soon".parse::<Transitions>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected `immediate`, `manual:N` (N queries) or `time:MS` (milliseconds), found `soon`"
        );
    }
}
