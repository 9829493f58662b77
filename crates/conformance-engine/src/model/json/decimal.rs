//! Compares numbers as the decimals that are written, of any size and precision.

use std::cmp::Ordering;
use std::fmt;

use serde_json::Number;

/// A number and, where the number is not exactly that, how it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numeral<'n> {
    pub(crate) number: &'n Number,
    pub(crate) written: Option<&'n str>,
}

/// The decimal `digits * 10^exponent`: no zero at either end of the digits, and none at all for 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl<'n> From<&'n Number> for Numeral<'n> {
    fn from(number: &'n Number) -> Self {
        Self { number, written: None }
    }
}

impl fmt::Display for Numeral<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.written {
            Some(text) => f.write_str(text),
            None => self.number.fmt(f),
        }
    }
}

impl Numeral<'_> {
    pub(crate) fn decimal(&self) -> Decimal {
        match self.written {
            Some(text) => Decimal::of(text),
            None => Decimal::of(&self.number.to_string()),
        }
    }

    /// Compares by value.
    pub(crate) fn order(&self, other: &Numeral<'_>) -> Ordering {
        if let (None, None) = (self.written, other.written) {
            if let (Some(a), Some(b)) = (self.number.as_i64(), other.number.as_i64()) {
                return a.cmp(&b);
            }
            if let (Some(a), Some(b)) = (self.number.as_u64(), other.number.as_u64()) {
                return a.cmp(&b);
            }
        }
        self.decimal().cmp(&other.decimal())
    }

    /// No fraction: `1.0` and `1e300` have none.
    pub(crate) fn is_whole(&self) -> bool {
        match self.written {
            None if !self.number.is_f64() => true,
            None => self.number.as_f64().is_some_and(|float| float.fract() == 0.0),
            Some(_) => self.decimal().exponent >= 0,
        }
    }

    /// The nearest `f64`, infinite where there is none.
    pub(crate) fn float(&self) -> f64 {
        let written = self.written.and_then(|text| text.parse().ok());
        written.or_else(|| self.number.as_f64()).unwrap_or(f64::NAN)
    }

    /// Whether this is a multiple of `step`; nothing if `step` is not more than 0, or has more than 36 digits.
    ///
    /// Decimals are what people write: `0.3` is a multiple of `0.1`, although no binary fraction is.
    pub(crate) fn is_multiple_of(&self, step: &Numeral<'_>) -> Option<bool> {
        const MOST_DIGITS: usize = 36;
        let (number, step) = (self.decimal(), step.decimal());
        if step.digits.is_empty() || step.is_negative || step.digits.len() > MOST_DIGITS {
            return None;
        }
        // The last digit of the number is not 0, so no step that ends later divides it.
        let Ok(zeros) = u64::try_from(number.exponent.saturating_sub(step.exponent)) else {
            return Some(number.digits.is_empty());
        };
        let step: u128 = step.digits.parse().ok()?;
        // More zeros bring no further factor of 2 or 5 that so small a step could have.
        let zeros = (0..zeros.min(128)).map(|_| 0);
        let digits = number.digits.bytes().map(|digit| u128::from(digit - b'0'));
        Some(digits.chain(zeros).fold(0, |rest, digit| (rest * 10 + digit) % step) == 0)
    }
}

impl Decimal {
    /// The decimal that a number in the notation of JSON is. An exponent beyond `i64` is taken for the largest.
    pub(crate) fn of(text: &str) -> Self {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let most = if exponent.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
        let exponent = exponent.trim_start_matches('+').parse().unwrap_or(most);
        let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{before}{after}");
        let ended = digits.trim_end_matches('0');
        let dropped = digits.len() - ended.len();
        let places = i64::try_from(dropped).unwrap_or(i64::MAX) - i64::try_from(after.len()).unwrap_or(i64::MAX);
        let digits = ended.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Self { is_negative: false, digits, exponent: 0 };
        }
        Self { is_negative, digits, exponent: places.saturating_add(exponent.clamp(i64::MIN / 4, i64::MAX / 4)) }
    }

    /// The power of ten of the first digit.
    fn magnitude(&self) -> i64 {
        self.exponent.saturating_add(i64::try_from(self.digits.len()).unwrap_or(i64::MAX))
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.is_negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let signs = self.sign().cmp(&other.sign());
        // Digits without zeros at the end compare like texts.
        let sizes = self.magnitude().cmp(&other.magnitude()).then_with(|| self.digits.cmp(&other.digits));
        signs.then(if self.is_negative { sizes.reverse() } else { sizes })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One text for equal decimals.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative { "-" } else { "" };
        let digits = if self.digits.is_empty() { "0" } else { &self.digits };
        write!(f, "{sign}{digits}e{}", self.exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_compared_by_value() {
        let zero = "0.".to_owned() + &"0".repeat(400) + "1";
        let rows = [
            ("1", "1.0", Ordering::Equal),
            ("-0.0", "0", Ordering::Equal),
            ("100", "1e2", Ordering::Equal),
            ("0.1", "1E-1", Ordering::Equal),
            ("12345678901234567890123", "12345678901234567890124", Ordering::Less),
            ("9007199254740993", "9007199254740992.5", Ordering::Greater),
            ("-2", "-10", Ordering::Greater),
            ("-1", "1", Ordering::Less),
            ("0", &zero, Ordering::Less),
            ("1e400", "9.99e399", Ordering::Greater),
            ("1e99999999999999999999", "1e9999", Ordering::Greater),
            ("1e-99999999999999999999", "0", Ordering::Greater),
            ("0.19999999999999999999999", "0.2", Ordering::Less),
            ("25", "3", Ordering::Greater),
        ];
        for (a, b, expected) in rows {
            assert_eq!(Decimal::of(a).cmp(&Decimal::of(b)), expected, "{a} {b}");
            assert_eq!(Decimal::of(b).cmp(&Decimal::of(a)), expected.reverse(), "{b} {a}");
            assert_eq!(Decimal::of(a).to_string() == Decimal::of(b).to_string(), expected.is_eq(), "{a} {b}");
        }
    }

    #[test]
    fn multiples_are_counted_in_decimals() {
        let number = Number::from(0);
        for (value, step, expected) in [
            ("0.3", "0.1", Some(true)),
            ("19.99", "0.01", Some(true)),
            ("0.35", "0.1", Some(false)),
            ("1e300", "7", Some(false)),
            ("1e300", "0.1", Some(true)),
            ("1e999999999999", "1024", Some(true)),
            ("1e-300", "1", Some(false)),
            ("1e3", "8", Some(true)),
            ("30", "1e1", Some(true)),
            ("0.3", "1", Some(false)),
            ("-9", "3", Some(true)),
            ("18446744073709551615", "5", Some(true)),
            ("18446744073709551615", "2", Some(false)),
            ("12345678901234567890123456789", "3", Some(true)),
            ("12345678901234567890123456788", "3", Some(false)),
            ("0", "1e300", Some(true)),
            ("1", "0", None),
            ("1", "-1", None),
        ] {
            let written = |text| Numeral { number: &number, written: Some(text) };
            assert_eq!(written(value).is_multiple_of(&written(step)), expected, "{value} {step}");
        }
    }
}
