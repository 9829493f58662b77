//! Reads durations and sizes of the command line.

use std::str::FromStr;
use std::time::Duration;

/// Reads a number of seconds, or a duration with units (`20m`, `1h30m`): more than 0 seconds and less than a day.
///
/// # Errors
/// The text is something else; the error says what is expected.
pub fn duration(text: &str) -> Result<Duration, String> {
    let duration = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => match humantime::parse_duration(text) {
            Ok(duration) => Some(duration),
            Err(_) => return Err("expected a duration such as 30s, 5m or 1h30m; a bare number is seconds".to_owned()),
        },
    };
    let is_sensible = |duration: &Duration| *duration > Duration::ZERO && *duration < Duration::from_secs(86_400);
    duration.filter(is_sensible).ok_or_else(|| "expected more than 0 seconds and less than a day".to_owned())
}

/// A number of bytes: at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub usize);

impl FromStr for Size {
    type Err = String;

    /// Reads a number of bytes, or a size with a unit (`64KiB`, `1MiB`).
    fn from_str(text: &str) -> Result<Self, String> {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let factor: usize = match unit.trim() {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => 0,
        };
        if number.is_empty() || factor == 0 {
            return Err("expected a size such as 512KiB or 1MiB; a bare number is bytes".to_owned());
        }
        let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(factor));
        bytes.filter(|&bytes| bytes > 0).map(Size).ok_or_else(|| format!("expected 1 to {} bytes", usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_bytes_or_has_a_binary_unit() {
        for (text, expected) in
            [("1", 1), ("65536", 65_536), ("64KiB", 65_536), ("7B", 7), ("1 MiB", 1 << 20), ("2GiB", 2 << 30)]
        {
            assert_eq!(text.parse(), Ok(Size(expected)), "{text}");
        }
        for text in ["", "0", "0MiB", "-1", "1.5MiB", "64K", "64kb", "MiB", "99999999999GiB", "+5"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_duration_is_seconds_or_has_units() {
        for (text, expected) in [
            ("0.5", 500),
            ("90", 90_000),
            ("30s", 30_000),
            ("20m", 1_200_000),
            ("1h30m", 5_400_000),
            ("1h 1ms", 3_600_001),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(expected)), "{text}");
        }
        for text in ["", "0", "-1", "NaN", "inf", "1e300", "soon", "0s", "1d", "86400", "5x"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
