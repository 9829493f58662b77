//! Which members of a reply has nobody documented? Neither schema nor example mentions them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Note;
use super::described::{describing, property};
use crate::schema::Schemas;
use crate::suite::Rule;
use crate::value::{push_index, push_name, shown};

/// How many undocumented members are listed.
const MAX_NOTES: usize = 20;

/// Finds the members that neither schema nor example mentions.
pub(super) struct Undocumented<'j> {
    pub(super) schemas: &'j Schemas<'j>,
    /// A member that has a rule is documented, be it for replies of the other kind.
    pub(super) rules: &'j BTreeMap<String, Rule>,
    pub(super) notes: Vec<Note>,
}

impl<'j> Undocumented<'j> {
    /// `schemas` and `examples` are all that speak about this value; of an array's example, every element does.
    pub(super) fn walk(&mut self, value: &Value, schemas: &[&'j Value], examples: &[&Value], pointer: &mut String) {
        if self.notes.len() >= MAX_NOTES {
            return;
        }
        match value {
            Value::Object(members) => self.walk_members(members, schemas, examples, pointer),
            Value::Array(elements) => {
                let described = describing(self.schemas, schemas);
                let schemas: Vec<_> = described.iter().filter_map(|schema| schema.get("items")).collect();
                let examples: Vec<_> = examples.iter().filter_map(|example| example.as_array()).flatten().collect();
                if schemas.is_empty() && examples.is_empty() {
                    return;
                }
                for (index, element) in elements.iter().enumerate() {
                    let length = pointer.len();
                    push_index(pointer, index);
                    self.walk(element, &schemas, &examples, pointer);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn walk_members(
        &mut self,
        members: &Map<String, Value>,
        schemas: &[&'j Value],
        examples: &[&Value],
        pointer: &mut String,
    ) {
        let described = describing(self.schemas, schemas);
        let examples: Vec<_> = examples.iter().filter_map(|example| example.as_object()).collect();
        let names_members = |schema: &&Value| {
            schema.get("properties").is_some() || schema.get("additionalProperties").is_some_and(Value::is_object)
        };
        if examples.is_empty() && !described.iter().any(names_members) {
            // Nobody says anything about the members of this object, so none of them is a surprise.
            return;
        }
        let closed = Some(&Value::Bool(false));
        let is_closed = described.iter().any(|schema| schema.get("additionalProperties") == closed);
        for (name, member) in members {
            let schemas: Vec<_> = described.iter().filter_map(|schema| property(schema, name)).collect();
            let examples: Vec<_> = examples.iter().filter_map(|example| example.get(name)).collect();
            let length = pointer.len();
            push_name(pointer, name);
            if !schemas.is_empty() || !examples.is_empty() {
                self.walk(member, &schemas, &examples, pointer);
            } else if !is_closed && !self.rules.contains_key(pointer.as_str()) && self.notes.len() < MAX_NOTES {
                let text = format!("a member that nobody documented: {}", shown(member));
                self.notes.push(Note { pointer: pointer.clone(), text });
            }
            pointer.truncate(length);
        }
    }
}
