//! Matches text with a pattern (ECMA-262), within a time limit.
//!
//! Patterns are ECMA 262 and run on an engine that goes back and tries again; `^(a+)+$` can keep it busy for years. A
//! pattern that could is run on one that does not, if it means the same there (`linear`, with the feature `run`).
//! Otherwise it is tried on a thread of its own, and given up after a while. The thread cannot be ended from outside, so
//! it stays busy until the process ends; hence one per pattern, a few in the whole process, and then no more.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, mpsc};
use std::time::Duration;

use regress::{Flags, Regex};

/// A longer pattern is refused: compiling one nests as deeply as its groups do.
const MAX_PATTERN: usize = 4_000;

/// How long one text may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many patterns may take so long.
const MAX_GIVEN_UP: usize = 4;

/// Those that did. A thread of each is busy, whichever document they are of.
static GIVEN_UP: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// The patterns of one document, each compiled at most once.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    known: Mutex<HashMap<String, Arc<Result<Pattern, String>>>>,
}

/// Why it is not known whether a text matches.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unmatched {
    /// This is no pattern.
    Invalid(String),
    /// It takes too long.
    TooLong,
}

impl Patterns {
    /// Whether the text matches somewhere.
    pub(super) fn matches(&self, source: &str, text: &str) -> Result<bool, Unmatched> {
        let pattern = self.compiled(source);
        let pattern = pattern.as_ref().as_ref().map_err(|error| Unmatched::Invalid(error.clone()))?;
        if pattern.is_quick(text) {
            return Ok(pattern.regex.find(text).is_some());
        }
        #[cfg(feature = "run")]
        if let Some(linear) = pattern.linear.get_or_init(|| super::linear::compile(source)) {
            return linear.is_match(text).ok_or(Unmatched::TooLong);
        }
        // One at a time: while the first is tried, nobody else begins.
        let mut given_up = GIVEN_UP.lock().unwrap_or_else(PoisonError::into_inner);
        if given_up.contains(source) || given_up.len() >= MAX_GIVEN_UP {
            return Err(Unmatched::TooLong);
        }
        pattern.try_for_a_while(text).ok_or_else(|| {
            given_up.insert(source.to_owned());
            Unmatched::TooLong
        })
    }

    fn compiled(&self, source: &str) -> Arc<Result<Pattern, String>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pattern) = known.get(source) {
            return pattern.clone();
        }
        let pattern = Arc::new(Pattern::compile(source));
        known.insert(source.to_owned(), pattern.clone());
        pattern
    }
}

/// A compiled pattern.
#[derive(Debug)]
struct Pattern {
    regex: Arc<Regex>,
    /// How many places can match any number of times; `None` where one of them is inside another.
    repeats: Option<usize>,
    /// For another engine, compiled when the first text comes that could keep this one busy.
    #[cfg(feature = "run")]
    linear: std::sync::OnceLock<Option<super::linear::Linear>>,
}

impl Pattern {
    /// ECMA 262 as JSON Schema means it (with `u`); what is valid only in its older, laxer mode passes as well.
    fn compile(source: &str) -> Result<Self, String> {
        if source.len() > MAX_PATTERN {
            return Err(format!("longer than {MAX_PATTERN} bytes"));
        }
        let unicode = Flags { unicode: true, ..Flags::default() };
        let regex = Regex::with_flags(source, unicode)
            .or_else(|error| Regex::with_flags(source, Flags::default()).map_err(|_| error.to_string()))?;
        Ok(Self {
            regex: Arc::new(regex),
            repeats: repeats(source),
            #[cfg(feature = "run")]
            linear: std::sync::OnceLock::new(),
        })
    }

    /// Whether this text cannot keep the engine busy. It is tried at every position, and at each of them for every length
    /// of each repetition.
    fn is_quick(&self, text: &str) -> bool {
        match self.repeats {
            Some(0) => text.len() <= 1 << 20,
            Some(1) => text.len() <= 4096,
            Some(2) => text.len() <= 256,
            _ => text.len() <= 8,
        }
    }

    /// Whether the text matches; nothing if that cannot be known in reasonable time.
    fn try_for_a_while(&self, text: &str) -> Option<bool> {
        let (regex, owned) = (Arc::clone(&self.regex), text.to_owned());
        let (answer, wait) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().spawn(move || {
            // Whoever asked may have given up.
            _ = answer.send(regex.find(&owned).is_some());
        });
        thread.ok().and_then(|_| wait.recv_timeout(PATIENCE).ok())
    }
}

/// Whether this is a pattern, with the flag `u`.
pub(super) fn is_pattern(source: &str) -> bool {
    source.len() <= MAX_PATTERN && Regex::with_flags(source, Flags { unicode: true, ..Flags::default() }).is_ok()
}

/// How many repetitions of no fixed length a pattern has, four optional characters as one; `None` if a whole group is repeated, or a part of the
/// pattern refers to another.
fn repeats(source: &str) -> Option<usize> {
    let (mut count, mut optional) = (0, 0);
    let mut is_class = false;
    let mut before = ' ';
    let mut characters = source.chars().peekable();
    while let Some(character) = characters.next() {
        let mut is_repeat = false;
        match character {
            '\\' => {
                let escaped = characters.next();
                if !is_class && escaped.is_some_and(|escaped| escaped == 'k' || escaped.is_ascii_digit()) {
                    return None;
                }
            }
            '[' => is_class = true,
            ']' => is_class = false,
            '*' | '+' if !is_class => is_repeat = true,
            '{' if !is_class => {
                let inside: String = characters.clone().take_while(|inside| *inside != '}').collect();
                let (least, most) = inside.split_once(',').unwrap_or((&inside, &inside));
                // `{2,5}` chooses a length, as `*` does; `{64}` does not.
                is_repeat = least != most || most.parse::<u32>().is_ok_and(|most| most > 100);
                // `(…){2,5}` repeats a group as well, if only a few times.
                is_repeat |= before == ')';
            }
            // Of one or none, many multiply; behind a repetition it only says which length is tried first.
            '?' if !is_class && !"(*+?}".contains(before) => {
                optional += 1;
                is_repeat = optional % 4 == 0 && before != ')';
            }
            _ => {}
        }
        if is_repeat {
            if before == ')' {
                return None;
            }
            count += 1;
        }
        before = character;
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn repetitions_are_counted_and_repeated_groups_seen() {
        for (source, expected) in [
            ("^[a-z]{64}$", Some(0)),
            ("^[a-z]{1,64}$", Some(1)),
            ("^[a-z]{1,63}[a-z0-9]{0,63}[a-z]{0,63}$", Some(3)),
            ("^a?b?c?d?e?f?g?h?$", Some(2)),
            ("^a+?(b)?$", Some(1)),
            ("^[A-Za-z0-9]*$", Some(1)),
            (r"^\d+-\d{3,}$", Some(2)),
            (r"^[*+]\*$", Some(0)),
            ("^(a+)+$", None),
            ("^(ab){2,9}$", None),
            (r"^(a)\1$", None),
            ("a{1,1000}", Some(1)),
            ("{", Some(0)),
        ] {
            assert_eq!(repeats(source), expected, "{source}");
        }
    }

    #[test]
    fn a_pattern_that_takes_for_ever_is_given_up_once() {
        // Only an engine that goes back can look ahead.
        let (patterns, source) = (Patterns::default(), "^(?=a)(a+)+$");
        assert_eq!(patterns.matches(source, "aaaaaaaaaaaaaaaaaa"), Ok(true));
        let text = "a".repeat(60) + "!";
        let start = Instant::now();
        assert_eq!(patterns.matches(source, &text), Err(Unmatched::TooLong));
        assert_eq!(patterns.matches(source, &text), Err(Unmatched::TooLong));
        // Another document has the same pattern.
        assert_eq!(Patterns::default().matches(source, &text), Err(Unmatched::TooLong));
        assert!(start.elapsed() < PATIENCE * 3, "{:?}", start.elapsed());
        assert_eq!(patterns.matches(source, "aaa"), Ok(true));
    }

    #[cfg(feature = "run")]
    #[test]
    fn a_pattern_that_could_take_for_ever_is_judged_all_the_same() {
        for source in ["^(a+)+$", "^(a|a)*$", r"^([a-z]+\.?)+$", "^(a|b|ab)*c?$"] {
            let patterns = Patterns::default();
            assert_eq!(patterns.matches(source, &("a".repeat(60) + "!")), Ok(false), "{source}");
            assert_eq!(patterns.matches(source, &"a".repeat(60)), Ok(true), "{source}");
        }
    }

    #[test]
    fn a_long_text_against_a_plain_pattern_is_judged() {
        let patterns = Patterns::default();
        assert_eq!(patterns.matches("^[a-z]*$", &"a".repeat(1 << 14)), Ok(true));
        assert_eq!(patterns.matches("^[a-z]*$", &("a".repeat(1 << 12) + "!")), Ok(false));
    }
}
