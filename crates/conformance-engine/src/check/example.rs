//! Compares a value with the documented example: by its shape ([`Documented`]) or by its values ([`Exact`]).

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use crate::check::described::{describing, property};
use crate::check::mismatch::{MAX_MISMATCHES, Mismatch};
use crate::check::schema::{Direction, Schemas};
use crate::check::value::{Written, found, is_identifier, kind, member, member_of, push_index, push_name, shown};
use crate::model::note::Note;
use crate::model::suite::Rule;

/// Every member of the example present, with the same type, and as its rule says.
pub(crate) struct Documented<'j> {
    pub(crate) schemas: &'j Schemas<'j>,
    pub(crate) rules: &'j BTreeMap<String, Rule>,
    pub(crate) reported: &'j HashSet<String>,
    /// The numbers of the example and of the reply as they are written.
    pub(crate) written: [&'j BTreeMap<String, String>; 2],
    pub(crate) mismatches: Vec<Mismatch>,
    pub(crate) notes: Vec<Note>,
}

/// One place in example and reply. The rules are written for places in the example.
struct Place {
    example: String,
    reply: String,
}

impl<'j> Documented<'j> {
    pub(crate) fn judge(&mut self, example: &Value, value: &Value, schema: Option<&'j Value>) {
        let mut place = Place { example: String::new(), reply: String::new() };
        self.walk(example, value, &schema.into_iter().collect::<Vec<_>>(), &mut place);
    }

    fn walk(&mut self, example: &Value, value: &Value, schemas: &[&'j Value], place: &mut Place) {
        if self.mismatches.len() > MAX_MISMATCHES {
            return;
        }
        match self.rules.get(&place.example) {
            Some(Rule::Blank | Rule::Optional) => return,
            Some(Rule::Equal) => {
                let [example, value] = written(self.written, [(example, &place.example), (value, &place.reply)]);
                if !example.equals(&value) {
                    let (expected, found) = (example.shown(), value.shown());
                    self.mismatches.push(Mismatch::Value { pointer: place.reply.clone(), expected, found });
                }
                return;
            }
            Some(Rule::Id) => {
                if !is_identifier(value) {
                    self.mismatches.push(Mismatch::Id { pointer: place.reply.clone(), found: shown(value) });
                }
                return;
            }
            None => {}
        }
        match (example, value) {
            (Value::Null, _) => {}
            (Value::Object(_), Value::Object(_)) if self.is_of_another_alternative(example, value, schemas) => {}
            (Value::Object(example), Value::Object(members)) => self.walk_members(example, members, schemas, place),
            (Value::Array(example), Value::Array(elements)) => self.walk_elements(example, elements, schemas, place),
            (example, value) if std::mem::discriminant(example) == std::mem::discriminant(value) => {}
            (_, Value::Null) if self.is_nullable(schemas) => {}
            (example, value) => {
                if !self.reported.contains(&place.reply) {
                    let (pointer, expected, found) = (place.reply.clone(), kind(example), found(value));
                    self.mismatches.push(Mismatch::Type { pointer, expected, found });
                }
            }
        }
    }

    fn walk_members(
        &mut self,
        example: &Map<String, Value>,
        members: &Map<String, Value>,
        schemas: &[&'j Value],
        place: &mut Place,
    ) {
        let described = describing(self.schemas, schemas);
        let lengths = (place.example.len(), place.reply.len());
        for (name, documented) in example {
            push_name(&mut place.example, name);
            push_name(&mut place.reply, name);
            match member(members, name) {
                Some(member) => {
                    let schemas: Vec<_> = described.iter().filter_map(|schema| property(schema, name)).collect();
                    self.walk(documented, member, &schemas, place);
                }
                None if matches!(self.rules.get(&place.example), Some(Rule::Blank | Rule::Optional)) => {}
                None if self.reported.contains(&place.reply) => {}
                None => {
                    let (pointer, expected) = (place.reply.clone(), shown(documented));
                    self.mismatches.push(Mismatch::Missing { pointer, expected });
                }
            }
            place.example.truncate(lengths.0);
            place.reply.truncate(lengths.1);
        }
    }

    fn walk_elements(&mut self, example: &[Value], elements: &[Value], schemas: &[&'j Value], place: &mut Place) {
        // A reply can have as many as it likes.
        if elements.is_empty() && !example.is_empty() && self.notes.len() < MAX_MISMATCHES {
            let text = format!("an empty array; the example has {} elements", example.len());
            self.notes.push(Note { pointer: place.reply.clone(), text });
        }
        let described = describing(self.schemas, schemas);
        let schemas: Vec<_> = described.iter().filter_map(|schema| member_of(schema, "items")).collect();
        for (index, element) in elements.iter().enumerate() {
            if self.mismatches.len() > MAX_MISMATCHES {
                return;
            }
            let length = place.reply.len();
            push_index(&mut place.reply, index);
            self.walk_element(example, index, element, &schemas, place);
            place.reply.truncate(length);
        }
    }

    /// The element must fit one of the example's: the one in the same place is tried first, the closest is reported.
    fn walk_element(
        &mut self,
        example: &[Value],
        index: usize,
        element: &Value,
        schemas: &[&'j Value],
        place: &mut Place,
    ) {
        let before = std::mem::take(&mut self.mismatches);
        let notes = self.notes.len();
        let mut closest: Option<Vec<Mismatch>> = None;
        let same_place = index.min(example.len().saturating_sub(1));
        let others = (0..example.len()).filter(|other| *other != same_place);
        for documented in std::iter::once(same_place).chain(others) {
            let Some(shape) = example.get(documented) else { break };
            let length = place.example.len();
            push_index(&mut place.example, documented);
            self.walk(shape, element, schemas, place);
            place.example.truncate(length);
            let found = std::mem::take(&mut self.mismatches);
            let fits = found.is_empty();
            if closest.as_ref().is_none_or(|closest| found.len() < closest.len()) {
                closest = Some(found);
            }
            if fits {
                break;
            }
            self.notes.truncate(notes);
        }
        self.mismatches = before;
        self.mismatches.extend(closest.unwrap_or_default());
    }

    /// Whether the value is right as one of several alternatives, and the example shows another: then it shows nothing of
    /// this one.
    fn is_of_another_alternative(&self, example: &Value, value: &Value, schemas: &[&'j Value]) -> bool {
        let fits = |value, schema| self.schemas.violations(value, schema, Direction::Reply).is_empty();
        describing(self.schemas, schemas).iter().any(|schema| {
            let alternatives = ["oneOf", "anyOf"].into_iter().find_map(|it| member_of(schema, it)?.as_array());
            let Some(alternatives) = alternatives else { return false };
            let name = member_of(schema, "discriminator").and_then(|it| member_of(it, "propertyName")?.as_str());
            if let Some((shown, found)) = name.and_then(|name| member_of(example, name).zip(member_of(value, name))) {
                return shown != found && fits(value, schema);
            }
            let mut fitting = alternatives.iter().filter(|alternative| fits(value, alternative)).peekable();
            fitting.peek().is_some() && !fitting.any(|alternative| fits(example, alternative))
        })
    }

    /// Whether a schema that speaks of this value allows `null`.
    fn is_nullable(&self, schemas: &[&'j Value]) -> bool {
        describing(self.schemas, schemas).iter().any(|schema| match member_of(schema, "type") {
            Some(Value::Array(names)) => names.iter().any(|name| name == "null"),
            Some(name) => name == "null",
            None => false,
        })
    }
}

/// Two values with their numbers as they are written.
fn written<'v>(
    [of_example, of_reply]: [&'v BTreeMap<String, String>; 2],
    [(example, at), (value, place)]: [(&'v Value, &'v str); 2],
) -> [Written<'v>; 2] {
    let example = Written { value: example, pointer: at, numbers: of_example };
    [example, Written { value, pointer: place, numbers: of_reply }]
}

/// Equal to the example, and if not: where not.
pub(crate) struct Exact<'j> {
    pub(crate) rules: &'j BTreeMap<String, Rule>,
    pub(crate) reported: &'j HashSet<String>,
    /// The numbers of the example and of the reply as they are written.
    pub(crate) written: [&'j BTreeMap<String, String>; 2],
    pub(crate) mismatches: Vec<Mismatch>,
}

impl Exact<'_> {
    pub(crate) fn judge(&mut self, example: &Value, value: &Value, pointer: &str) {
        let [documented, received] = written(self.written, [(example, pointer), (value, pointer)]);
        if self.mismatches.len() > MAX_MISMATCHES || documented.equals(&received) || self.is_blank(pointer, value) {
            return;
        }
        match (example, value) {
            (Value::Object(example), Value::Object(members)) => self.judge_members(example, members, pointer),
            (Value::Array(example), Value::Array(elements)) => self.judge_elements(example, elements, pointer),
            (example, value) if std::mem::discriminant(example) == std::mem::discriminant(value) => {
                let (expected, found) = (documented.shown(), received.shown());
                self.mismatches.push(Mismatch::Value { pointer: pointer.to_owned(), expected, found });
            }
            (example, value) => {
                if !self.reported.contains(pointer) {
                    let (pointer, expected, found) = (pointer.to_owned(), kind(example), found(value));
                    self.mismatches.push(Mismatch::Type { pointer, expected, found });
                }
            }
        }
    }

    /// `null` where a member must be blank is as good as the documented way to leave it blank.
    fn is_blank(&self, pointer: &str, value: &Value) -> bool {
        value.is_null() && self.rules.get(pointer) == Some(&Rule::Blank)
    }

    fn judge_members(&mut self, example: &Map<String, Value>, members: &Map<String, Value>, pointer: &str) {
        let at = |name: &str| {
            let mut pointer = pointer.to_owned();
            push_name(&mut pointer, name);
            pointer
        };
        for (name, documented) in example {
            match member(members, name) {
                Some(member) => self.judge(documented, member, &at(name)),
                None if self.reported.contains(&at(name)) => {}
                None => {
                    self.mismatches.push(Mismatch::Missing { pointer: at(name), expected: shown(documented) });
                }
            }
        }
        for (name, member) in members.iter().filter(|(name, _)| member(example, name).is_none()) {
            if !self.reported.contains(&at(name)) && !self.is_blank(&at(name), member) {
                self.mismatches.push(Mismatch::Unexpected { pointer: at(name), found: shown(member) });
            }
        }
    }

    fn judge_elements(&mut self, example: &[Value], elements: &[Value], pointer: &str) {
        if example.len() != elements.len() {
            let (pointer, expected, found) = (pointer.to_owned(), example.len(), elements.len());
            self.mismatches.push(Mismatch::Length { pointer, expected, found });
        }
        for (index, (documented, element)) in example.iter().zip(elements).enumerate() {
            let mut pointer = pointer.to_owned();
            push_index(&mut pointer, index);
            self.judge(documented, element, &pointer);
        }
    }
}
