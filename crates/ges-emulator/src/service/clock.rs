//! Points in time, and how they are written.

use jiff::{Span, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::time::{Duration, SystemTime};

/// A point in time, to the millisecond.
///
/// Nothing in the crate but [`Timestamp::from_system`] and its one caller knows what time it really is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp {
    millis_since_1970: u64,
}

impl Timestamp {
    pub(crate) fn from_system(time: SystemTime) -> Self {
        let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self::from_millis(whole_millis(since_1970))
    }

    pub(crate) fn plus(self, duration: Duration) -> Self {
        Self::from_millis(self.millis().saturating_add(whole_millis(duration)))
    }

    /// As [`plus`](Self::plus), in either direction.
    pub(crate) fn shifted(self, millis: i64) -> Self {
        Self::from_millis(self.millis().saturating_add_signed(millis))
    }

    fn from_millis(millis: u64) -> Self {
        Self { millis_since_1970: millis }
    }

    /// Zero if `earlier` is in fact later.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.millis().saturating_sub(earlier.millis()))
    }

    pub(crate) fn millis(self) -> u64 {
        self.millis_since_1970
    }

    /// How far it is from here to the end of a span written as in ISO 8601, `P7D` for instance.
    /// `None` if the text is no such span, points backwards or leads out of the calendar.
    pub(crate) fn length_of(self, span: &str) -> Option<Duration> {
        let span: Span = span.parse().ok()?;
        let start = self.timestamp().to_zoned_datetime(TimeZone::UTC);
        let end = start.checked_add(span).ok()?;
        Duration::try_from(end.timestamp().duration_since(start.timestamp())).ok()
    }

    fn timestamp(self) -> jiff::Timestamp {
        i64::try_from(self.millis())
            .ok()
            .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
            .unwrap_or(jiff::Timestamp::MAX)
    }

    /// The day, as `2026-11-21`.
    pub(crate) fn day(self) -> impl fmt::Display {
        self.timestamp().strftime("%F")
    }

    /// The digits alone, as `20261121093000`.
    pub(crate) fn digits(self) -> impl fmt::Display {
        self.timestamp().strftime("%Y%m%d%H%M%S")
    }
}

fn whole_millis(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1000).saturating_add(duration.subsec_millis().into())
}

/// As in the answers of the service: UTC, to the second, without a zone
/// (reference: job management, `2018-12-17T13:31:14`).
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.timestamp().strftime("%FT%T"))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How moments are written where they are to be read again: as milliseconds since 1970.
/// For `#[serde(with = …)]`.
pub(crate) mod as_millis {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Timestamp};

    pub(crate) fn serialize<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        moment.millis().serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        u64::deserialize(deserializer).map(Timestamp::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp { millis_since_1970: 1_545_053_474_500 };

    #[test]
    fn a_timestamp_has_the_format_of_the_service() {
        assert_eq!(START.to_string(), "2018-12-17T13:31:14");
        assert_eq!(START.day().to_string(), "2018-12-17");
        assert_eq!(START.digits().to_string(), "20181217133114");
    }

    #[track_caller]
    fn check(span: &str, seconds: Option<u64>) {
        assert_eq!(START.length_of(span), seconds.map(Duration::from_secs), "{span}");
    }

    #[test]
    fn durations_are_those_of_iso_8601() {
        check("P7D", Some(7 * 86_400));
        check("PT1H30M", Some(5_400));
        check("P1W", Some(7 * 86_400));
        check("P1M", Some(31 * 86_400));
        check("PT0S", Some(0));
    }

    #[test]
    fn a_duration_must_not_go_back_or_leave_the_calendar() {
        for span in ["", "-P1D", "P9000Y", "seven days", "P", "P99999999999D"] {
            check(span, None);
        }
    }

    #[test]
    fn a_timestamp_beyond_the_calendar_is_written() {
        assert_eq!(START.plus(Duration::MAX).day().to_string(), "9999-12-30");
    }
}
