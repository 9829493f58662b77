//! Keywords for numbers: limits, multiples, and the formats that are ranges.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::keyword::{Keyword, Keywords, set};
use super::walk::Walk;
use crate::check::value::{kind, shown};
use crate::model::json::Numeral;

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
        let number = self.numeral(number);
        for (keyword, refused, may_be_equal, words) in [
            (Keyword::Minimum, Ordering::Less, true, "at least"),
            (Keyword::ExclusiveMinimum, Ordering::Less, false, "more than"),
            (Keyword::Maximum, Ordering::Greater, true, "at most"),
            (Keyword::ExclusiveMaximum, Ordering::Greater, false, "less than"),
        ] {
            let Some(limit) = self.number(keywords, keyword) else { continue };
            let order = number.order(&limit);
            if order == refused || !may_be_equal && order == Ordering::Equal {
                self.violation(keyword.name(), || format!("expected {words} {limit}, found {number}"));
            }
        }
        if let Some(step) = self.number(keywords, Keyword::MultipleOf) {
            match number.is_multiple_of(&step) {
                Some(true) => {}
                Some(false) => {
                    self.violation("multipleOf", || format!("expected a multiple of {step}, found {number}"))
                }
                None if step.float() > 0.0 => self.broken("multipleOf", || format!("{step} has too many digits")),
                None => self.broken("multipleOf", || format!("{step} is not more than 0")),
            }
        }
        if let Some(format) = keywords.get(Keyword::Format).and_then(Value::as_str) {
            self.check_range(number, format);
        }
    }

    fn check_range(&mut self, number: Numeral<'_>, format: &'w str) {
        let (low, high): (Number, Number) = match format {
            "int8" => (i8::MIN.into(), i8::MAX.into()),
            "int16" => (i16::MIN.into(), i16::MAX.into()),
            "int32" => (i32::MIN.into(), i32::MAX.into()),
            "int64" => (i64::MIN.into(), i64::MAX.into()),
            "uint8" => (0.into(), u8::MAX.into()),
            "uint16" => (0.into(), u16::MAX.into()),
            "uint32" => (0.into(), u32::MAX.into()),
            "uint64" => (0.into(), u64::MAX.into()),
            "float" | "double" => {
                let most = if format == "float" { f64::from(f32::MAX) } else { f64::MAX };
                if number.float().abs() > most {
                    self.violation("format", || format!("expected a number that a {format} holds, found {number}"));
                }
                return;
            }
            other => return self.leave_format(other),
        };
        let (low, high) = (Numeral::from(&low), Numeral::from(&high));
        // A fraction is the business of `type`.
        if number.is_whole() && (number.order(&low) == Ordering::Less || number.order(&high) == Ordering::Greater) {
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
        let size = Numeral::from(&size);
        if let Some(limit) = self.number(keywords, least)
            && size.order(&limit) == Ordering::Less
        {
            self.violation(least.name(), || format!("expected at least {limit} {unit}, found {}", shown()));
        }
        if let Some(limit) = self.number(keywords, most)
            && size.order(&limit) == Ordering::Greater
        {
            self.violation(most.name(), || format!("expected at most {limit} {unit}, found {}", shown()));
        }
    }

    /// The number under a keyword.
    pub(super) fn number(&mut self, keywords: &Keywords<'w>, keyword: Keyword) -> Option<Numeral<'w>> {
        match keywords.get(keyword)? {
            Value::Number(number) => {
                let written = keywords.get(Keyword::Written).and_then(|all| all.get(format!("/{}", keyword.name())));
                Some(Numeral { number, written: written.and_then(Value::as_str) })
            }
            other => {
                self.broken(keyword.name(), || format!("expected a number, found {} ({})", shown(other), kind(other)));
                None
            }
        }
    }
}
