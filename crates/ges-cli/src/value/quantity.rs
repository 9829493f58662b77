//! Durations and sizes as they are written on a command line.

use std::time::Duration;

/// Seconds, or a time with units (`20m`, `1h 30m`): more than none and less than a day.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let duration = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => match humantime::parse_duration(text) {
            Ok(duration) => Some(duration),
            Err(_) => return Err("not a number of seconds, nor a time such as 20m or 1h 30m".to_owned()),
        },
    };
    let is_sensible = |duration: &Duration| *duration > Duration::ZERO && *duration < Duration::from_secs(86_400);
    duration.filter(is_sensible).ok_or_else(|| "more than zero seconds and less than a day are needed".to_owned())
}

/// `65536`, `64KiB` or `1MiB`.
pub(crate) fn bytes(text: &str) -> Result<usize, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit.trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err("a number of bytes is needed, with KiB, MiB or GiB behind it if it is large".to_owned()),
    };
    let number: usize = number.parse().map_err(|_| "not a number of bytes".to_owned())?;
    number.checked_mul(factor).filter(|&bytes| bytes > 0).ok_or_else(|| "too large, or nothing at all".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_binary_units() {
        for (text, expected) in
            [("1", Some(1)), ("64KiB", Some(65_536)), ("1 MiB", Some(1 << 20)), ("2GiB", Some(2 << 30))]
        {
            assert_eq!(bytes(text).ok(), expected, "{text}");
        }
        for text in ["", "0", "-1", "1.5MiB", "64K", "MiB", "99999999999GiB", "+5"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_seconds_or_have_units() {
        for (text, expected) in [("0.5", 500), ("90", 90_000), ("20m", 1_200_000), ("1h 30m", 5_400_000)] {
            assert_eq!(seconds(text), Ok(Duration::from_millis(expected)), "{text}");
        }
        for text in ["", "0", "-1", "NaN", "inf", "1e300", "soon", "0s", "1d", "86400"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
