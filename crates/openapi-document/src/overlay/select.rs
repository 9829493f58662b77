//! Finds the values that a JSONPath selects in a tree, with a limit on the work.
//!
//! Source: RFC 9535.

use std::cmp::Ordering;
use std::collections::HashMap;

use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, FnArg, JpQuery, Literal, Segment, Selector, SingularQuery,
    SingularQuerySegment, Test, TestFunction,
};
use regex::Regex;
use serde_json::Number;

use super::pattern;
use super::query::Query;
use crate::node::{Data, Node};

/// How many steps one path may have on its way at a time: each takes memory.
const MOST_AT_ONCE: usize = 4_000_000;
/// How many regular expressions are kept, and what it costs to make one, in steps.
const PATTERNS: (usize, u64) = (256, 1_000);
/// How many bytes of text are worth a step.
const TEXT: usize = 64;

/// The path would take more work than is left.
pub(super) struct Exhausted;

/// The way to a value: its position in what holds it, from the outside to the inside.
pub(super) type Way = Vec<u32>;

/// The ways to the values that `query` selects, in reading order, each once. What it takes is taken from `left`.
pub(super) fn select(query: &Query, root: &Node, left: &mut u64) -> Result<Vec<Way>, Exhausted> {
    let mut search = Search { root, trail: Vec::new(), left, patterns: HashMap::new() };
    let found = search.segments(&query.segments, Spot { node: root, step: None })?;
    let mut ways: Vec<Way> = found.iter().map(|spot| search.way(spot.step)).collect();
    ways.sort_unstable();
    ways.dedup();
    Ok(ways)
}

/// A value and the last step of the way to it.
#[derive(Clone, Copy)]
struct Spot<'n> {
    node: &'n Node,
    step: Option<u32>,
}

struct Search<'n, 'l> {
    root: &'n Node,
    /// Steps, each with the one before it.
    trail: Vec<(Option<u32>, u32)>,
    left: &'l mut u64,
    patterns: HashMap<(String, bool), Option<Regex>>,
}

/// What is compared.
enum Value<'n> {
    Nothing,
    Null,
    Flag(bool),
    Number(Number),
    Text(&'n str),
    /// A list or a mapping.
    Whole(&'n Node),
}

impl<'n> Value<'n> {
    fn of(node: &'n Node) -> Value<'n> {
        match &node.data {
            Data::Null => Value::Null,
            Data::Flag(flag) => Value::Flag(*flag),
            Data::Number(numeral) => Value::Number((**numeral).clone()),
            Data::Text(text) => Value::Text(text),
            Data::List(_) | Data::Map(_) => Value::Whole(node),
        }
    }

    fn literal(literal: &'n Literal) -> Value<'n> {
        match literal {
            Literal::Int(int) => Value::Number((*int).into()),
            Literal::Float(float) => Number::from_f64(*float).map_or(Value::Nothing, Value::Number),
            Literal::String(text) => Value::Text(text),
            Literal::Bool(flag) => Value::Flag(*flag),
            Literal::Null => Value::Null,
        }
    }
}

impl<'n> Search<'n, '_> {
    fn way(&self, last: Option<u32>) -> Way {
        let mut way = Way::new();
        let mut next = last;
        while let Some(&(before, position)) = next.and_then(|step| self.trail.get(step as usize)) {
            way.push(position);
            next = before;
        }
        way.reverse();
        way
    }

    fn spend(&mut self, steps: u64) -> Result<(), Exhausted> {
        *self.left = self.left.checked_sub(steps).ok_or(Exhausted)?;
        Ok(())
    }

    fn segments(&mut self, segments: &'n [Segment], from: Spot<'n>) -> Result<Vec<Spot<'n>>, Exhausted> {
        let mut spots = vec![from];
        for segment in segments {
            let mut next = Vec::new();
            for spot in spots {
                self.segment(segment, spot, &mut next)?;
            }
            spots = next;
        }
        Ok(spots)
    }

    fn segment(&mut self, segment: &'n Segment, spot: Spot<'n>, out: &mut Vec<Spot<'n>>) -> Result<(), Exhausted> {
        match segment {
            Segment::Selector(selector) => self.selector(selector, spot, out),
            Segment::Selectors(all) => all.iter().try_for_each(|selector| self.selector(selector, spot, out)),
            Segment::Descendant(inner) => {
                self.segment(inner, spot, out)?;
                for (position, node) in children(spot.node) {
                    let child = self.step(spot, position, node)?;
                    self.segment(segment, child, out)?;
                }
                Ok(())
            }
        }
    }

    fn step(&mut self, from: Spot<'n>, position: usize, node: &'n Node) -> Result<Spot<'n>, Exhausted> {
        self.spend(1)?;
        if self.trail.len() >= MOST_AT_ONCE {
            return Err(Exhausted);
        }
        self.trail.push((from.step, position as u32));
        Ok(Spot { node, step: Some(self.trail.len() as u32 - 1) })
    }

    fn selector(&mut self, selector: &'n Selector, spot: Spot<'n>, out: &mut Vec<Spot<'n>>) -> Result<(), Exhausted> {
        self.spend(1)?;
        match selector {
            Selector::Name(name) => {
                if let Some((position, node)) = named(spot.node, name) {
                    out.push(self.step(spot, position, node)?);
                }
            }
            Selector::Index(index) => {
                if let Some((position, node)) = indexed(spot.node, *index) {
                    out.push(self.step(spot, position, node)?);
                }
            }
            Selector::Wildcard => {
                for (position, node) in children(spot.node) {
                    out.push(self.step(spot, position, node)?);
                }
            }
            Selector::Slice(start, end, by) => {
                let items = spot.node.items();
                for position in slice(items.len(), *start, *end, by.unwrap_or(1)) {
                    out.push(self.step(spot, position, &items[position])?);
                }
            }
            Selector::Filter(filter) => {
                for (position, node) in children(spot.node) {
                    self.spend(1)?;
                    if self.logical(filter, node)? {
                        out.push(self.step(spot, position, node)?);
                    }
                }
            }
        }
        Ok(())
    }

    /// The values that a path in a filter selects. The ways to them are forgotten.
    fn nodes(&mut self, test: &'n Test, current: &'n Node) -> Result<Vec<&'n Node>, Exhausted> {
        let (from, segments) = match test {
            Test::RelQuery(segments) => (current, segments),
            Test::AbsQuery(JpQuery { segments }) => (self.root, segments),
            Test::Function(_) => return Ok(Vec::new()),
        };
        let before = self.trail.len();
        let found = self.segments(segments, Spot { node: from, step: None })?;
        self.trail.truncate(before);
        Ok(found.into_iter().map(|spot| spot.node).collect())
    }

    fn logical(&mut self, filter: &'n Filter, current: &'n Node) -> Result<bool, Exhausted> {
        match filter {
            Filter::Or(all) => {
                for one in all {
                    if self.logical(one, current)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Filter::And(all) => {
                for one in all {
                    if !self.logical(one, current)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Filter::Atom(FilterAtom::Filter { expr, not }) => Ok(self.logical(expr, current)? != *not),
            Filter::Atom(FilterAtom::Test { expr, not }) => {
                let holds = match &**expr {
                    Test::Function(called) => self.matches(called, current)?,
                    path => !self.nodes(path, current)?.is_empty(),
                };
                Ok(holds != *not)
            }
            Filter::Atom(FilterAtom::Comparison(comparison)) => self.compare(comparison, current),
        }
    }

    fn compare(&mut self, comparison: &'n Comparison, current: &'n Node) -> Result<bool, Exhausted> {
        self.spend(1)?;
        let (left, right) = comparison.vals();
        let (left, right) = (self.side(left, current)?, self.side(right, current)?);
        let order = order(&left, &right);
        Ok(match comparison {
            Comparison::Eq(..) => self.are_equal(&left, &right)?,
            Comparison::Ne(..) => !self.are_equal(&left, &right)?,
            Comparison::Lt(..) => order == Some(Ordering::Less),
            Comparison::Gt(..) => order == Some(Ordering::Greater),
            Comparison::Lte(..) => order == Some(Ordering::Less) || self.are_equal(&left, &right)?,
            Comparison::Gte(..) => order == Some(Ordering::Greater) || self.are_equal(&left, &right)?,
        })
    }

    fn side(&mut self, side: &'n Comparable, current: &'n Node) -> Result<Value<'n>, Exhausted> {
        let (from, steps) = match side {
            Comparable::Literal(literal) => return Ok(Value::literal(literal)),
            Comparable::Function(called) => return self.call(called, current),
            Comparable::SingularQuery(SingularQuery::Current(steps)) => (current, steps),
            Comparable::SingularQuery(SingularQuery::Root(steps)) => (self.root, steps),
        };
        self.spend(1 + steps.len() as u64)?;
        let end = steps.iter().try_fold(from, |node, step| match step {
            SingularQuerySegment::Name(name) => Some(named(node, name)?.1),
            SingularQuerySegment::Index(index) => Some(indexed(node, *index)?.1),
        });
        Ok(end.map_or(Value::Nothing, Value::of))
    }

    /// What a function that is a value returns.
    fn call(&mut self, called: &'n TestFunction, current: &'n Node) -> Result<Value<'n>, Exhausted> {
        let count = |count: usize| Value::Number(count.into());
        Ok(match called {
            TestFunction::Length(argument) => match self.argument(argument, current)? {
                Value::Text(text) => {
                    self.spend((text.len() / TEXT) as u64)?;
                    count(text.chars().count())
                }
                Value::Whole(node) => count(node.items().len() + node.entries().len()),
                _ => Value::Nothing,
            },
            TestFunction::Count(FnArg::Test(path)) => count(self.nodes(path, current)?.len()),
            TestFunction::Value(FnArg::Test(path)) => match self.nodes(path, current)?[..] {
                [only] => Value::of(only),
                _ => Value::Nothing,
            },
            _ => Value::Nothing,
        })
    }

    fn argument(&mut self, argument: &'n FnArg, current: &'n Node) -> Result<Value<'n>, Exhausted> {
        match argument {
            FnArg::Literal(literal) => Ok(Value::literal(literal)),
            FnArg::Test(test) => match &**test {
                Test::Function(called) => self.call(called, current),
                path => Ok(self.nodes(path, current)?.first().map_or(Value::Nothing, |node| Value::of(node))),
            },
            FnArg::Filter(_) => Ok(Value::Nothing),
        }
    }

    /// What a function that is true or false returns.
    fn matches(&mut self, called: &'n TestFunction, current: &'n Node) -> Result<bool, Exhausted> {
        let (text, pattern, is_whole) = match called {
            TestFunction::Match(text, pattern) => (text, pattern, true),
            TestFunction::Search(text, pattern) => (text, pattern, false),
            _ => return Ok(false),
        };
        let (text, pattern) = (self.argument(text, current)?, self.argument(pattern, current)?);
        let (Value::Text(text), Value::Text(pattern)) = (text, pattern) else { return Ok(false) };
        self.spend((text.len() / TEXT) as u64)?;
        let key = (pattern.to_owned(), is_whole);
        if !self.patterns.contains_key(&key) {
            self.spend(PATTERNS.1 + pattern.len() as u64)?;
            if self.patterns.len() >= PATTERNS.0 {
                self.patterns.clear();
            }
            self.patterns.insert(key.clone(), pattern::compile(pattern, is_whole));
        }
        Ok(self.patterns.get(&key).and_then(Option::as_ref).is_some_and(|regex| regex.is_match(text)))
    }

    fn are_equal(&mut self, left: &Value<'n>, right: &Value<'n>) -> Result<bool, Exhausted> {
        Ok(match (left, right) {
            (Value::Nothing, Value::Nothing) | (Value::Null, Value::Null) => true,
            (Value::Flag(left), Value::Flag(right)) => left == right,
            (Value::Number(left), Value::Number(right)) => by_size(left, right) == Some(Ordering::Equal),
            (Value::Text(left), Value::Text(right)) => {
                self.spend((left.len().min(right.len()) / TEXT) as u64)?;
                left == right
            }
            (Value::Whole(left), Value::Whole(right)) => self.are_same(left, right)?,
            _ => false,
        })
    }

    fn are_same(&mut self, left: &'n Node, right: &'n Node) -> Result<bool, Exhausted> {
        self.spend(1)?;
        match (&left.data, &right.data) {
            (Data::List(left), Data::List(right)) if left.len() == right.len() => {
                for (left, right) in left.iter().zip(right) {
                    if !self.are_same(left, right)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Data::Map(left), Data::Map(right)) if left.iter().len() == right.iter().len() => {
                for entry in left.iter() {
                    let Some(other) = right.get(&entry.key) else { return Ok(false) };
                    if !self.are_same(&entry.value, other)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Data::List(_) | Data::Map(_), _) => Ok(false),
            _ => self.are_equal(&Value::of(left), &Value::of(right)),
        }
    }
}

/// What a list or a mapping holds, with the position of each.
fn children(node: &Node) -> impl Iterator<Item = (usize, &Node)> {
    node.items().iter().chain(node.entries().map(|entry| &entry.value)).enumerate()
}

fn named<'n>(node: &'n Node, name: &str) -> Option<(usize, &'n Node)> {
    let map = node.as_map()?;
    let position = map.position_of(name)?;
    Some((position, &map.iter().as_slice().get(position)?.value))
}

fn indexed(node: &Node, index: i64) -> Option<(usize, &Node)> {
    let items = node.items();
    let from_end = |index: i64| items.len().checked_sub(index.unsigned_abs() as usize);
    let position = if index < 0 { from_end(index)? } else { index as usize };
    Some((position, items.get(position)?))
}

/// Section 2.3.4.2.
fn slice(length: usize, start: Option<i64>, end: Option<i64>, by: i64) -> Vec<usize> {
    let length = length as i64;
    let normal = |index: i64| if index < 0 { index.saturating_add(length) } else { index };
    let mut positions = Vec::new();
    if by > 0 {
        let mut next = normal(start.unwrap_or(0)).clamp(0, length);
        let end = normal(end.unwrap_or(length)).clamp(0, length);
        while next < end {
            positions.push(next as usize);
            next = next.saturating_add(by);
        }
    } else if by < 0 {
        let mut next = start.map_or(length - 1, normal).clamp(-1, length - 1);
        let end = end.map_or(-1, normal).clamp(-1, length - 1);
        while next > end {
            positions.push(next as usize);
            next = next.saturating_add(by);
        }
    }
    positions
}

fn order(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => by_size(left, right),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn by_size(left: &Number, right: &Number) -> Option<Ordering> {
    let whole = |number: &Number| number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}
