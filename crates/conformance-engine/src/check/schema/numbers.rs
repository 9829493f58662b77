//! Keywords for numbers: limits, multiples, and the formats that are ranges.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::keyword::{Keyword, Keywords, set};
use super::walk::Walk;
use crate::check::value::{compare_numbers, kind, shown, whole};

const NUMBERS: u64 = set(&[
    Keyword::Minimum,
    Keyword::Maximum,
    Keyword::ExclusiveMinimum,
    Keyword::ExclusiveMaximum,
    Keyword::MultipleOf,
    Keyword::Format,
]);

impl<'w> Walk<'w> {
    pub(super) fn check_number(&mut self, number: &Number, keywords: &Keywords<'w>) {
        if !keywords.any(NUMBERS) {
            return;
        }
        for (inclusive, exclusive, refused, words) in [
            (Keyword::Minimum, Keyword::ExclusiveMinimum, Ordering::Less, ["at least", "more than"]),
            (Keyword::Maximum, Keyword::ExclusiveMaximum, Ordering::Greater, ["at most", "less than"]),
        ] {
            // A Boolean is OpenAPI 3.0's: it says how `minimum` is meant.
            let is_exclusive = keywords.is_true(exclusive);
            if let Some(limit) = self.number(keywords, inclusive) {
                let order = compare_numbers(number, limit);
                if order == refused || is_exclusive && order == Ordering::Equal {
                    let words = words[usize::from(is_exclusive)];
                    self.violation(inclusive.name(), || format!("expected {words} {limit}, found {number}"));
                }
            }
            if !matches!(keywords.get(exclusive), Some(Value::Bool(_)))
                && let Some(limit) = self.number(keywords, exclusive)
            {
                let order = compare_numbers(number, limit);
                if order == refused || order == Ordering::Equal {
                    self.violation(exclusive.name(), || format!("expected {} {limit}, found {number}", words[1]));
                }
            }
        }
        if let Some(step) = self.number(keywords, Keyword::MultipleOf) {
            match is_multiple(number, step) {
                Some(true) => {}
                Some(false) => {
                    self.violation("multipleOf", || format!("expected a multiple of {step}, found {number}"))
                }
                None => self.broken("multipleOf", || format!("{step} is not more than 0")),
            }
        }
        if let Some(format) = keywords.get(Keyword::Format).and_then(Value::as_str) {
            self.check_range(number, format);
        }
    }

    fn check_range(&mut self, number: &Number, format: &str) {
        let (low, high) = match format {
            "int8" => (i8::MIN.into(), i8::MAX.into()),
            "int16" => (i16::MIN.into(), i16::MAX.into()),
            "int32" => (i32::MIN.into(), i32::MAX.into()),
            "int64" => (i64::MIN.into(), i64::MAX.into()),
            "uint8" => (0, u8::MAX.into()),
            "uint16" => (0, u16::MAX.into()),
            "uint32" => (0, u32::MAX.into()),
            "uint64" => (0, i128::from(u64::MAX)),
            _ => return,
        };
        let fits = match whole(number) {
            Some(whole) => (low..=high).contains(&whole),
            // A fraction is the business of `type`; what is no fraction here is beyond every integer.
            None => !is_whole(number),
        };
        if !fits {
            self.violation("format", || format!("expected {low} to {high} ({format}), found {number}"));
        }
    }

    /// How many characters, elements or members there may be.
    pub(super) fn check_size(
        &mut self,
        keywords: &Keywords<'w>,
        [least, most]: [Keyword; 2],
        size: usize,
        unit: &str,
        shown: impl Fn() -> String,
    ) {
        let size = Number::from(size);
        if let Some(limit) = self.number(keywords, least)
            && compare_numbers(&size, limit) == Ordering::Less
        {
            self.violation(least.name(), || format!("expected at least {limit} {unit}, found {}", shown()));
        }
        if let Some(limit) = self.number(keywords, most)
            && compare_numbers(&size, limit) == Ordering::Greater
        {
            self.violation(most.name(), || format!("expected at most {limit} {unit}, found {}", shown()));
        }
    }

    pub(super) fn number(&mut self, keywords: &Keywords<'w>, keyword: Keyword) -> Option<&'w Number> {
        match keywords.get(keyword)? {
            Value::Number(number) => Some(number),
            other => {
                self.broken(keyword.name(), || format!("expected a number, found {} ({})", shown(other), kind(other)));
                None
            }
        }
    }
}

/// No fraction: `1.0` and `1e300` have none.
pub(super) fn is_whole(number: &Number) -> bool {
    number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

/// Is `number` a multiple of `step`, as the decimals that people write? (`0.3` is a multiple of `0.1`, although no
/// binary fraction is.) Nothing if `step` is not more than 0.
fn is_multiple(number: &Number, step: &Number) -> Option<bool> {
    let (digits, exponent) = decimal(number)?;
    let (step_digits, step_exponent) = decimal(step)?;
    if step.as_f64()? <= 0.0 {
        return None;
    }
    if digits == 0 {
        return Some(true);
    }
    if exponent >= step_exponent {
        // digits * 10^k mod step_digits; every factor stays below 2^64.
        let mut rest = digits % step_digits;
        for _ in 0..exponent.abs_diff(step_exponent) {
            rest = rest * 10 % step_digits;
        }
        Some(rest == 0)
    } else {
        let scale = 10_u128.checked_pow(exponent.abs_diff(step_exponent));
        let step = scale.and_then(|scale| scale.checked_mul(step_digits));
        // A step that overflows is larger than any number of 20 digits, and so divides none but 0.
        Some(step.is_some_and(|step| digits % step == 0))
    }
}

/// Digits and exponent of the shortest decimal that means this number, without its sign.
fn decimal(number: &Number) -> Option<(u128, i32)> {
    if let Some(whole) = number.as_i64() {
        return Some((whole.unsigned_abs().into(), 0));
    }
    if let Some(whole) = number.as_u64() {
        return Some((whole.into(), 0));
    }
    let text = format!("{:e}", number.as_f64()?.abs());
    let (mantissa, exponent) = text.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: u128 = format!("{before}{after}").parse().ok()?;
    Some((digits, exponent - i32::try_from(after.len()).ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn multiples_are_counted_in_decimals() {
        for (number, step, expected) in [
            (json!(0.3), json!(0.1), Some(true)),
            (json!(19.99), json!(0.01), Some(true)),
            (json!(0.35), json!(0.1), Some(false)),
            (json!(1e300), json!(7), Some(false)),
            (json!(1e300), json!(0.1), Some(true)),
            (json!(1e-300), json!(1), Some(false)),
            (json!(1e3), json!(8), Some(true)),
            (json!(30), json!(1e1), Some(true)),
            (json!(0.3), json!(1), Some(false)),
            (json!(-9), json!(3), Some(true)),
            (json!(u64::MAX), json!(5), Some(true)),
            (json!(u64::MAX), json!(2), Some(false)),
            (json!(0), json!(1e300), Some(true)),
            (json!(1), json!(0), None),
            (json!(1), json!(-1), None),
        ] {
            let (Value::Number(n), Value::Number(s)) = (&number, &step) else { panic!() };
            assert_eq!(is_multiple(n, s), expected, "{number} {step}");
        }
    }
}
