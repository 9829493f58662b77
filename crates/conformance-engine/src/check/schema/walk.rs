//! Applies a schema to a value, within limits: references, in which order keywords are asked, and what is found.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Map, Number, Value};

use super::keyword::{Keyword, Keywords, set};
use super::reference::{Index, Known, Resource, resolved};
use super::schemas::{Direction, Schemas, decoded};
use super::violation::{Findings, Instance, MAX_VIOLATIONS, Violation};
use crate::check::value::{Written, found, member, push_index, push_name, shown};
use crate::model::json::Numeral;

/// Levels of schema inside schema, following the value. A strictly read body has at most 127 levels.
pub(super) const MAX_DEPTH: usize = 300;

/// Schemas applied in one judgement. A large honest body takes some ten thousand; alternatives that multiply at
/// every level of a hostile one would take 2^100.
const MAX_STEPS: usize = 1_000_000;

/// From this level on it is remembered what fits. Above it, most replies end.
const DEEP: usize = 6;

const UNEVALUATED: u64 = set(&[Keyword::UnevaluatedItems, Keyword::UnevaluatedProperties]);
const REFERENCES: u64 = set(&[Keyword::Ref, Keyword::DynamicRef]);

/// The members and elements of one value that some schema has described.
type Evaluated = Box<HashSet<*const Value>>;

/// A schema and a value that it is applied to. Neither moves while a value is judged.
type Step = (*const Value, *const Value);

/// What one schema alone has against a value.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) count: usize,
    pub(super) first: Option<Violation>,
}

impl Judged {
    pub(super) fn fits(&self) -> bool {
        self.count == 0
    }
}

/// One judgement under way.
pub(super) struct Walk<'w> {
    pub(super) schemas: &'w Schemas<'w>,
    /// The schema that was given.
    schema: &'w Value,
    index: OnceCell<Index>,
    pub(super) direction: Direction,
    may_be_null: &'w [&'w str],
    /// The numbers of the whole value that are written otherwise than it has them.
    pub(super) numbers_of_value: &'w BTreeMap<String, String>,
    pub(super) pointer: String,
    found: Vec<Violation>,
    /// What the schemas say and was not judged.
    unjudged: BTreeSet<String>,
    /// How many violations are enough: one, where the question is whether a schema fits.
    enough: usize,
    /// References being followed, each with the value it is applied to: the same pair again would never end.
    referring: Vec<Step>,
    /// References that were followed and found to fit: alternatives that multiply are judged once.
    fitting: HashSet<Step>,
    /// What was judged apart, with or without words.
    apart: HashMap<(Step, bool), Judged>,
    /// Whether there was a dynamic reference: then the same schema may mean something else elsewhere.
    is_dynamic: bool,
    /// The resources that were entered on the way, after that of the schema that was given.
    scopes: Vec<Resource<'w>>,
    /// What the schemas that are applied to the present value have described of it, where `unevaluated…` asks.
    pub(super) evaluated: Option<Evaluated>,
    depth: usize,
    steps: usize,
}

impl<'w> Walk<'w> {
    pub(super) fn new(
        schemas: &'w Schemas<'w>,
        schema: &'w Value,
        direction: Direction,
        instance: &Instance<'w>,
    ) -> Self {
        Self {
            schemas,
            schema,
            index: OnceCell::new(),
            direction,
            may_be_null: instance.may_be_null,
            numbers_of_value: instance.numbers,
            pointer: String::new(),
            found: Vec::new(),
            unjudged: BTreeSet::new(),
            enough: MAX_VIOLATIONS,
            referring: Vec::new(),
            fitting: HashSet::new(),
            apart: HashMap::new(),
            is_dynamic: false,
            scopes: Vec::new(),
            evaluated: None,
            depth: 0,
            steps: 0,
        }
    }

    pub(super) fn judge(mut self, value: &Value) -> Findings {
        self.check(value, self.schema);
        Findings { violations: self.found, unjudged: self.unjudged }
    }

    pub(super) fn check(&mut self, value: &Value, schema: &'w Value) {
        if self.is_over() || value.is_null() && self.may_be_null.iter().any(|place| is_alike(place, &self.pointer)) {
            return;
        }
        if !self.spend(1) {
            return;
        }
        if self.depth >= MAX_DEPTH {
            self.violation("limit", || format!("gave up: more than {MAX_DEPTH} levels of schemas"));
            return;
        }
        self.depth += 1;
        let before = (self.referring.len(), self.scopes.len(), self.found.len());
        self.check_schema(value, schema);
        self.leave(value, before);
        self.depth -= 1;
    }

    fn check_schema(&mut self, value: &Value, mut schema: &'w Value) {
        loop {
            let members = match schema {
                Value::Object(members) => members,
                Value::Bool(true) => return,
                Value::Bool(false) => {
                    return self.violation("false", || format!("expected no value here, found {}", found(value)));
                }
                other => return self.broken("schema", || format!("a schema is an object, not {}", found(other))),
            };
            // A reference alone, the most frequent schema of all, is no level of its own.
            match member(members, "$ref") {
                Some(reference) if members.len() == 1 => match self.follow(value, reference) {
                    Some(target) => schema = target,
                    None => return,
                },
                _ => return self.check_keywords(value, schema, members),
            }
        }
    }

    fn check_keywords(&mut self, value: &Value, schema: &'w Value, members: &'w Map<String, Value>) {
        let keywords = Keywords::of(members);
        if keywords.get(Keyword::Id).is_some() {
            self.scopes.push(self.resource().within(schema));
        }
        // What is asked about a part of a value counts only what stands in this schema and is applied to the same value.
        let asks = keywords.any(UNEVALUATED);
        let around = if asks { self.evaluated.replace(Evaluated::default()) } else { None };

        self.check_in_general(value, &keywords);
        match value {
            Value::Number(number) => self.check_number(number, &keywords),
            Value::String(text) => self.check_text(text, &keywords),
            Value::Array(elements) => self.check_array(elements, &keywords),
            Value::Object(members) => self.check_object(members, &keywords),
            Value::Null | Value::Bool(_) => {}
        }
        if keywords.any(REFERENCES) {
            self.check_references(value, &keywords);
        }
        self.check_combinations(value, &keywords);

        if asks {
            self.check_unevaluated_items(value, &keywords);
            self.check_unevaluated_properties(value, &keywords);
            let within = std::mem::replace(&mut self.evaluated, around);
            self.add_evaluated(within);
        }
    }

    fn check_references(&mut self, value: &Value, keywords: &Keywords<'w>) {
        if let Some(reference) = keywords.get(Keyword::Ref) {
            let before = (self.referring.len(), self.scopes.len(), self.found.len());
            if let Some(target) = self.follow(value, reference) {
                self.check(value, target);
            }
            self.leave(value, before);
        }
        if let Some(reference) = keywords.get(Keyword::DynamicRef) {
            self.is_dynamic = true;
            let before = (self.referring.len(), self.scopes.len(), self.found.len());
            let target = reference.as_str().and_then(|reference| self.dynamic(reference));
            if let Some(target) = self.enter("$dynamicRef", value, reference, target) {
                self.check(value, target);
            }
            self.leave(value, before);
        }
    }

    /// Leaves what was entered by references, and remembers what fits.
    fn leave(&mut self, value: &Value, (references, scopes, found): (usize, usize, usize)) {
        if self.referring.len() > references && self.found.len() == found && self.may_remember(value) && !self.is_over()
        {
            self.fitting.extend(&self.referring[references..]);
        }
        self.referring.truncate(references);
        self.scopes.truncate(scopes);
    }

    /// Whether the same schema says the same of this value whenever it is applied, and it is worth to remember it.
    fn may_remember(&self, value: &Value) -> bool {
        self.depth >= DEEP && (value.is_array() || value.is_object()) && self.evaluated.is_none() && !self.is_dynamic
    }

    /// The schema that a reference leads to, with its resource entered.
    fn follow(&mut self, value: &Value, reference: &'w Value) -> Option<&'w Value> {
        let target = reference.as_str().and_then(|reference| self.target(reference));
        self.enter("$ref", value, reference, target)
    }

    fn enter(
        &mut self,
        keyword: &'static str,
        value: &Value,
        reference: &'w Value,
        target: Option<(&'w Value, Resource<'w>)>,
    ) -> Option<&'w Value> {
        let Some((schema, resource)) = target else {
            self.broken(keyword, || format!("{} refers to nothing", shown(reference)));
            return None;
        };
        let step = (std::ptr::from_ref(schema), std::ptr::from_ref(value));
        if self.referring.contains(&step) {
            self.broken(keyword, || format!("{} refers to itself without end", shown(reference)));
            return None;
        }
        if !self.fitting.is_empty() && self.may_remember(value) && self.fitting.contains(&step) {
            return None;
        }
        self.referring.push(step);
        self.scopes.push(resource);
        Some(schema)
    }

    /// What a reference means here.
    pub(super) fn target(&self, reference: &'w str) -> Option<(&'w Value, Resource<'w>)> {
        if let Some((root, address, pointer)) = self.schemas.component(reference) {
            let resource = Resource { address: address.into(), root }.within(root);
            return if pointer.is_empty() { Some((root, resource)) } else { resource.pointer(&decoded(pointer)) };
        }
        let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let resource = match address {
            "" => self.resource(),
            address => self.known().resource(&resolved(&self.resource().address, address))?,
        };
        let fragment = decoded(fragment);
        if fragment.is_empty() || fragment.starts_with('/') {
            resource.pointer(&fragment)
        } else {
            self.known().anchor(&resource, &fragment)
        }
    }

    /// What a dynamic reference means here: if it leads to a dynamic anchor, the outermost one of this name.
    fn dynamic(&self, reference: &'w str) -> Option<(&'w Value, Resource<'w>)> {
        let (schema, resource) = self.target(reference)?;
        let name = reference.split_once('#').map(|(_, fragment)| decoded(fragment)).unwrap_or_default();
        let anchor = |resource: &Resource<'w>| self.known().dynamic_anchor(resource, &name);
        match anchor(&resource) {
            Some((anchored, _)) if std::ptr::eq(anchored, schema) => {
                let outermost = anchor(&self.given()).or_else(|| self.scopes.iter().find_map(anchor));
                Some(outermost.unwrap_or((schema, resource)))
            }
            _ => Some((schema, resource)),
        }
    }

    /// The resource that references are relative to.
    fn resource(&self) -> Resource<'w> {
        self.scopes.last().cloned().unwrap_or_else(|| self.given())
    }

    fn given(&self) -> Resource<'w> {
        let address = member_text(self.schema, "$id").map(|id| resolved("", id)).unwrap_or_default();
        Resource { address: address.into(), root: self.schema }
    }

    fn known(&self) -> Known<'_, 'w> {
        let index = self.index.get_or_init(|| Index::of_schema(self.schema));
        Known { schema: (self.schema, index), components: (self.schemas.components, self.schemas.index()) }
    }

    /// Applies a schema to a part of the present value.
    pub(super) fn check_part(&mut self, part: &Value, schema: &'w Value) {
        self.mark(part);
        let around = self.evaluated.take();
        self.check(part, schema);
        self.evaluated = around;
    }

    /// A part of the present value is described.
    pub(super) fn mark(&mut self, part: &Value) {
        if let Some(evaluated) = &mut self.evaluated {
            evaluated.insert(std::ptr::from_ref(part));
        }
    }

    pub(super) fn is_evaluated(&self, part: &Value) -> bool {
        self.evaluated.as_ref().is_some_and(|evaluated| evaluated.contains(&std::ptr::from_ref(part)))
    }

    fn add_evaluated(&mut self, more: Option<Evaluated>) {
        if let (Some(evaluated), Some(more)) = (&mut self.evaluated, more) {
            evaluated.extend(*more);
        }
    }

    /// What `schema` alone has against `value`, or nothing if it cannot be judged (that is reported here).
    pub(super) fn judge_apart(&mut self, value: &Value, schema: &'w Value) -> Option<Judged> {
        let step = ((std::ptr::from_ref(schema), std::ptr::from_ref(value)), self.enough == 1);
        if self.may_remember(value)
            && let Some(judged) = self.apart.get(&step)
        {
            return Some(judged.clone());
        }
        let outer = std::mem::take(&mut self.found);
        let fresh = self.evaluated.is_some().then(Evaluated::default);
        let around = std::mem::replace(&mut self.evaluated, fresh);
        self.check(value, schema);
        let inner = std::mem::replace(&mut self.found, outer);
        let within = std::mem::replace(&mut self.evaluated, around);
        if inner.is_empty() {
            // What does not fit describes nothing.
            self.add_evaluated(within);
        }
        let unjudged = |violation: &Violation| violation.schema_is_broken || violation.keyword == "limit";
        if let Some(violation) = inner.iter().find(|violation| unjudged(violation)) {
            self.found.push(violation.clone());
            return None;
        }
        if self.steps >= MAX_STEPS {
            self.give_up();
            return None;
        }
        let judged = Judged { count: inner.len(), first: inner.into_iter().next() };
        if self.may_remember(value) {
            self.apart.insert(step, judged.clone());
        }
        Some(judged)
    }

    /// Whether `schema` alone has nothing against `value`; nothing if it cannot be judged (that is reported here).
    pub(super) fn fits(&mut self, value: &Value, schema: &'w Value) -> Option<bool> {
        let enough = std::mem::replace(&mut self.enough, 1);
        let judged = self.judge_apart(value, schema);
        self.enough = enough;
        Some(judged?.fits())
    }

    pub(super) fn at(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        push_name(&mut self.pointer, name);
        inside(self);
        self.pointer.truncate(length);
    }

    pub(super) fn at_index(&mut self, index: usize, inside: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        push_index(&mut self.pointer, index);
        inside(self);
        self.pointer.truncate(length);
    }

    /// Counts work; says whether there may be more.
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        if self.steps >= MAX_STEPS {
            return false;
        }
        self.steps = self.steps.saturating_add(steps);
        if self.steps >= MAX_STEPS {
            self.give_up();
            return false;
        }
        true
    }

    fn give_up(&mut self) {
        if self.found.iter().any(|violation| violation.keyword == "limit") {
            return;
        }
        self.violation("limit", || "gave up: judging this value takes too long".to_owned());
    }

    pub(super) fn is_over(&self) -> bool {
        self.found.len() >= self.enough || self.steps >= MAX_STEPS
    }

    pub(super) fn violation(&mut self, keyword: &'static str, message: impl FnOnce() -> String) {
        self.report(keyword, |_| message(), false);
    }

    /// The same, with a message that is made from what is known here.
    pub(super) fn violate(&mut self, keyword: &'static str, message: impl FnOnce(&Self) -> String) {
        self.report(keyword, message, false);
    }

    pub(super) fn broken(&mut self, keyword: &'static str, message: impl FnOnce() -> String) {
        self.report(keyword, |_| message(), true);
    }

    /// Says what is not judged.
    pub(super) fn leave_unjudged(&mut self, what: impl FnOnce() -> String) {
        const ENOUGH: usize = 20;
        if self.unjudged.len() < ENOUGH {
            self.unjudged.insert(what());
        }
    }

    /// A number of the value as it is written.
    pub(super) fn numeral<'n>(&self, number: &'n Number) -> Numeral<'n>
    where
        'w: 'n,
    {
        let numbers = self.numbers_of_value;
        let written = if numbers.is_empty() { None } else { numbers.get(&self.pointer) };
        Numeral { number, written: written.map(String::as_str) }
    }

    /// The present value with its numbers as they are written.
    pub(super) fn written<'v>(&'v self, value: &'v Value) -> Written<'v> {
        Written { value, pointer: &self.pointer, numbers: self.numbers_of_value }
    }

    /// The numbers of a schema that are written otherwise than it has them.
    pub(super) fn numbers(&self, keywords: &Keywords<'w>) -> BTreeMap<String, String> {
        let all = keywords.get(Keyword::Written).and_then(Value::as_object);
        let texts = all.into_iter().flatten().filter_map(|(at, text)| Some((at.clone(), text.as_str()?.to_owned())));
        texts.collect()
    }

    fn report(&mut self, keyword: &'static str, message: impl FnOnce(&Self) -> String, schema_is_broken: bool) {
        if self.found.len() >= MAX_VIOLATIONS {
            return;
        }
        // What only counts is not put in words.
        let counts_only = self.enough == 1 && !schema_is_broken && keyword != "limit";
        let (pointer, message) = if counts_only { Default::default() } else { (self.pointer.clone(), message(self)) };
        self.found.push(Violation { pointer, keyword, message, schema_is_broken });
    }
}

fn member_text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.as_object().and_then(|members| member(members, name))?.as_str()
}

/// The same place, or another element's in the same array.
fn is_alike(a: &str, b: &str) -> bool {
    let is_index = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    let (names, others) = (a.split('/'), b.split('/'));
    names.clone().count() == others.clone().count()
        && names.zip(others).all(|(name, other)| name == other || is_index(name) && is_index(other))
}
