//! Keywords for arrays.

use std::cmp::Ordering;
use std::collections::HashSet;

use serde_json::{Number, Value};

use super::keyword::{Keyword, Keywords, set};
use super::walk::Walk;
use crate::check::value::{Written, found};
use crate::model::json::Numeral;

const SIZE: u64 = set(&[Keyword::MinItems, Keyword::MaxItems, Keyword::UniqueItems]);

impl<'w> Walk<'w> {
    pub(super) fn check_array(&mut self, elements: &[Value], keywords: &Keywords<'w>) {
        if keywords.any(SIZE) {
            let length = elements.len();
            let sizes = [Keyword::MinItems, Keyword::MaxItems];
            self.check_size(keywords, sizes, length, "elements", || length.to_string());
            if keywords.is_true(Keyword::UniqueItems) && self.spend(length / 4) {
                let mut seen = HashSet::new();
                let numbers = self.numbers_of_value;
                let twice = elements.iter().enumerate().find_map(|(index, value)| {
                    let pointer = &format!("{}/{index}", self.pointer);
                    let element = Written { value, pointer, numbers };
                    (!seen.insert(element.canonical())).then(|| element.shown())
                });
                if let Some(twice) = twice {
                    self.violation("uniqueItems", || format!("expected different elements, found {twice} twice"));
                }
            }
        }
        let first = self.schemas_in(keywords, Keyword::PrefixItems);
        for (index, (element, schema)) in elements.iter().zip(first).enumerate() {
            self.at_index(index, |walk| walk.check_part(element, schema));
        }
        if let Some(items) = keywords.get(Keyword::Items) {
            for (index, element) in elements.iter().enumerate().skip(first.len()) {
                if self.is_over() {
                    return;
                }
                self.at_index(index, |walk| walk.check_element("items", element, items));
            }
        }
        if let Some(contained) = keywords.get(Keyword::Contains) {
            self.check_contains(elements, contained, keywords);
        }
    }

    fn check_element(&mut self, keyword: &'static str, element: &Value, schema: &'w Value) {
        if schema == &Value::Bool(false) {
            self.violation(keyword, || format!("expected no element here, found {}", found(element)));
        } else {
            self.check_part(element, schema);
        }
    }

    fn check_contains(&mut self, elements: &[Value], contained: &'w Value, keywords: &Keywords<'w>) {
        let one = Number::from(1);
        let one = Numeral::from(&one);
        let least = self.number(keywords, Keyword::MinContains);
        let most = self.number(keywords, Keyword::MaxContains);
        let mut count = 0_usize;
        for (index, element) in elements.iter().enumerate() {
            let around = self.evaluated.take();
            let mut fits = None;
            self.at_index(index, |walk| fits = walk.fits(element, contained));
            self.evaluated = around;
            match fits {
                None => return,
                Some(false) => continue,
                Some(true) => {
                    self.mark(element);
                    count += 1;
                }
            }
            let is_enough = least.is_none() && most.is_none() && self.evaluated.is_none();
            if is_enough {
                return;
            }
        }
        let counted = Number::from(count);
        let counted = Numeral::from(&counted);
        let keyword = if least.is_some() { "minContains" } else { "contains" };
        let least = least.unwrap_or(one);
        if counted.order(&least) == Ordering::Less {
            self.violation(keyword, || {
                format!("expected at least {least} elements that fit `contains`, found {count}")
            });
        }
        if let Some(most) = most
            && counted.order(&most) == Ordering::Greater
        {
            self.violation("maxContains", || {
                format!("expected at most {most} elements that fit `contains`, found {count}")
            });
        }
    }

    pub(super) fn check_unevaluated_items(&mut self, value: &Value, keywords: &Keywords<'w>) {
        let (Some(schema), Value::Array(elements)) = (keywords.get(Keyword::UnevaluatedItems), value) else { return };
        for (index, element) in elements.iter().enumerate() {
            if self.is_over() {
                return;
            }
            if !self.is_evaluated(element) {
                self.at_index(index, |walk| walk.check_element("unevaluatedItems", element, schema));
                self.mark(element);
            }
        }
    }
}
