//! The members that the schemas of one message document, and which of them occurred.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::check::described::describing;
use crate::check::schema::{Direction, Schemas};
use crate::check::value::{equal, member_of, push_name};
use crate::model::coverage::{Coverage, Item, Kind, Missing};

/// The most members of one message that are counted.
const MOST: usize = 2000;

/// The deepest member that is counted.
const DEEPEST: usize = 64;

const RECURSIVE: &str = "the schema refers to itself; its members are counted once";
const TOO_MANY: &str = "the message has more members than are counted";

/// A value that a schema describes: its members, and its elements.
#[derive(Debug, Default)]
pub(super) struct Members {
    occurred: bool,
    names: BTreeMap<String, Members>,
    /// Elements, and members of any name.
    any: Option<Box<Members>>,
    values: Vec<(Value, bool)>,
    /// Why it is not counted.
    excluded: Option<&'static str>,
    /// Why what is below it is not counted, or not all of it.
    ends: Option<&'static str>,
}

impl Members {
    /// What these schemas of one message say, whichever of them applies.
    pub(super) fn of<'c>(schemas: &Schemas<'c>, start: &[&'c Value], direction: Direction) -> Self {
        let mut root = Self::default();
        Builder { schemas, direction, around: Vec::new(), depth: 0, count: 0 }.grow(&mut root, start);
        root
    }

    /// Does not count the member at `pointer`, nor what is below it.
    pub(super) fn exclude(&mut self, pointer: &str, reason: &'static str) {
        let mut member = self;
        for name in pointer.split('/').skip(1) {
            let name = name.replace("~1", "/").replace("~0", "~");
            let Some(next) = member.names.get_mut(&name) else { return };
            member = next;
        }
        member.excluded = Some(reason);
    }

    /// Marks what occurs in `value`.
    pub(super) fn see(&mut self, value: &Value) {
        self.occurred = true;
        for (known, occurred) in &mut self.values {
            *occurred = *occurred || equal(known, value);
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let known = self.names.get_mut(name).or(self.any.as_deref_mut());
                    known.into_iter().for_each(|known| known.see(member));
                }
            }
            Value::Array(elements) => {
                let Some(any) = &mut self.any else { return };
                elements.iter().for_each(|element| any.see(element));
            }
            _ => {}
        }
    }

    /// Counts the members and values, and lists what did not occur; `of` is the operation or the reply.
    pub(super) fn write(&self, of: &Item, coverage: &mut Coverage) {
        self.write_below(of, &mut String::new(), coverage);
    }

    fn write_below(&self, of: &Item, pointer: &mut String, coverage: &mut Coverage) {
        for (value, occurred) in &self.values {
            coverage.count(Kind::Values, *occurred);
            if !occurred {
                let item = Item { value: Some(value.clone()), ..Item::of(of, Kind::Values, pointer) };
                coverage.missing.push(Missing { item, reason: None, inside: BTreeMap::new() });
            }
        }
        let length = pointer.len();
        for (name, member) in &self.names {
            push_name(pointer, name);
            let item = Item::of(of, Kind::Members, pointer);
            if let Some(reason) = member.excluded {
                coverage.exclude(item, reason);
            } else {
                coverage.count(Kind::Members, member.occurred);
                if member.occurred {
                    member.write_below(of, pointer, coverage);
                } else {
                    let inside = coverage.write_inside(|below| member.write_below(of, pointer, below));
                    coverage.missing.push(Missing { item, reason: None, inside });
                }
            }
            pointer.truncate(length);
        }
        pointer.push_str("/*");
        if let Some(reason) = self.ends {
            coverage.exclude(Item::of(of, Kind::Members, pointer), reason);
        }
        if let Some(any) = &self.any {
            any.write_below(of, pointer, coverage);
        }
        pointer.truncate(length);
    }
}

struct Builder<'b, 'c> {
    schemas: &'b Schemas<'c>,
    direction: Direction,
    /// The schemas that describe the values around the one at hand.
    around: Vec<&'c Value>,
    depth: usize,
    count: usize,
}

impl<'c> Builder<'_, 'c> {
    fn grow(&mut self, member: &mut Members, start: &[&'c Value]) {
        let described = describing(self.schemas, start);
        // Only what has members or elements can contain itself.
        let holds = |schema: &&Value| {
            ["properties", "items", "prefixItems", "additionalProperties", "patternProperties"]
                .into_iter()
                .any(|keyword| member_of(schema, keyword).is_some_and(|below| !below.is_boolean()))
        };
        for value in described.iter().filter_map(|schema| member_of(schema, "enum")?.as_array()).flatten() {
            if !member.values.iter().any(|(known, _)| equal(known, value)) {
                member.values.push((value.clone(), false));
            }
        }
        let holders: Vec<&Value> = described.into_iter().filter(holds).collect();
        if holders.iter().any(|schema| self.around.iter().any(|known| std::ptr::eq(*known, *schema))) {
            member.ends = Some(RECURSIVE);
            return;
        }
        if self.depth == DEEPEST {
            member.ends = Some(TOO_MANY);
            return;
        }
        let length = self.around.len();
        self.around.extend(&holders);
        self.depth += 1;
        self.grow_below(member, &holders);
        self.depth -= 1;
        self.around.truncate(length);
    }

    fn grow_below(&mut self, member: &mut Members, holders: &[&'c Value]) {
        let mut names: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        let mut any: Vec<&Value> = Vec::new();
        for schema in holders {
            for (name, property) in member_of(schema, "properties").and_then(Value::as_object).into_iter().flatten() {
                names.entry(name).or_default().push(property);
            }
            let open = ["items", "additionalProperties"].into_iter().filter_map(|keyword| member_of(schema, keyword));
            any.extend(open.filter(|schema| schema.is_object()));
            any.extend(member_of(schema, "prefixItems").and_then(Value::as_array).into_iter().flatten());
            let patterns = member_of(schema, "patternProperties").and_then(Value::as_object);
            any.extend(patterns.into_iter().flat_map(|patterns| patterns.values()));
        }
        for (name, properties) in names {
            if !self.travels(&properties) {
                continue;
            }
            if self.count == MOST {
                member.ends = Some(TOO_MANY);
                return;
            }
            self.count += 1;
            self.grow(member.names.entry(name.to_owned()).or_default(), &properties);
        }
        if !any.is_empty() {
            self.grow(member.any.get_or_insert_default(), &any);
        }
    }

    /// A `readOnly` member does not go to the server, and a `writeOnly` one does not come back.
    fn travels(&self, properties: &[&'c Value]) -> bool {
        let keyword = match self.direction {
            Direction::Request => "readOnly",
            Direction::Reply => "writeOnly",
            Direction::Unknown => return true,
        };
        let described = describing(self.schemas, properties);
        !described.iter().any(|schema| member_of(schema, keyword) == Some(&Value::Bool(true)))
    }
}
