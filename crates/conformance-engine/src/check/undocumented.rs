//! Finds the members of a reply that neither schema nor example documents.
//!
//! They are worth a note. They are wrong where one is a documented member that is spelt differently, and where one hides
//! what must be blank: the identifier of a job in a failure, say, a level further down. So is a member that is documented
//! for requests only (`writeOnly`) and that the example does not show.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::check::described::{describing, property};
use crate::check::mismatch::Mismatch;
use crate::check::schema::Schemas;
use crate::check::value::{is_blank, member_of, push_index, push_name, shown};
use crate::model::note::Note;
use crate::model::suite::Rule;

/// How many undocumented members are listed.
const MAX_NOTES: usize = 20;

/// Finds the members that neither schema nor example mentions.
pub(crate) struct Undocumented<'j> {
    pub(crate) schemas: &'j Schemas<'j>,
    /// A member that has a rule is documented, be it for replies of the other kind.
    pub(crate) rules: &'j BTreeMap<String, Rule>,
    pub(crate) notes: Vec<Note>,
    pub(crate) mismatches: Vec<Mismatch>,
}

impl<'j> Undocumented<'j> {
    /// `schemas` and `examples` are all that speak about this value; of an array's example, every element does.
    pub(crate) fn walk(&mut self, value: &Value, schemas: &[&'j Value], examples: &[&Value], pointer: &mut String) {
        match value {
            Value::Object(members) => self.walk_members(members, schemas, examples, pointer),
            Value::Array(elements) => {
                let described = describing(self.schemas, schemas);
                let schemas: Vec<_> = described.iter().filter_map(|schema| member_of(schema, "items")).collect();
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
            member_of(schema, "properties").is_some()
                || member_of(schema, "additionalProperties").is_some_and(Value::is_object)
        };
        if examples.is_empty() && !described.iter().any(names_members) {
            // Nothing is documented about the members of this object, so none of them is noted.
            return;
        }
        let closed = Some(&Value::Bool(false));
        let is_closed = described.iter().any(|schema| member_of(schema, "additionalProperties") == closed);
        let names_of = |schema: &&'j Value| schema.get("properties").and_then(Value::as_object);
        for (name, member) in members {
            let schemas: Vec<_> = described.iter().filter_map(|schema| property(schema, name)).collect();
            let shown_as: Vec<_> = examples.iter().filter_map(|example| example.get(name)).collect();
            let length = pointer.len();
            push_name(pointer, name);
            let is_write_only = |schema: &&&'j Value| {
                let described = describing(self.schemas, &[schema]);
                described.iter().any(|schema| member_of(schema, "writeOnly") == Some(&Value::Bool(true)))
            };
            let count = schemas.iter().filter(is_write_only).count();
            if shown_as.is_empty() && count > 0 && count == schemas.len() && !is_blank(member) {
                if self.mismatches.len() < MAX_NOTES {
                    self.mismatches.push(Mismatch::WriteOnly { pointer: pointer.clone() });
                }
            } else if !schemas.is_empty() || !shown_as.is_empty() {
                self.walk(member, &schemas, &shown_as, pointer);
            } else if !is_closed && !self.rules.contains_key(pointer.as_str()) {
                let documented = described.iter().filter_map(names_of).flat_map(|names| names.keys());
                let documented = documented.chain(examples.iter().flat_map(|example| example.keys()));
                let mut alike = documented.filter(|other| !members.contains_key(*other) && is_spelt_like(other, name));
                if let Some(expected) = alike.next() {
                    let (pointer, expected) = (pointer.clone(), expected.clone());
                    self.mismatches.push(Mismatch::Spelling { pointer, expected });
                } else if self.notes.len() < MAX_NOTES {
                    let text = format!("undocumented property: {}", shown(member));
                    self.notes.push(Note { pointer: pointer.clone(), text });
                }
                self.search(member, pointer);
            }
            pointer.truncate(length);
        }
    }

    /// What must be blank in the reply must not be below an undocumented member either.
    fn search(&mut self, value: &Value, pointer: &mut String) {
        let length = pointer.len();
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    push_name(pointer, name);
                    let is_ruled = !is_blank(member) && self.rules.get(&format!("/{name}")) == Some(&Rule::Blank);
                    if is_ruled && self.mismatches.len() < MAX_NOTES {
                        let (pointer, found) = (pointer.clone(), shown(member));
                        self.mismatches.push(Mismatch::NotBlank { pointer, found });
                    }
                    self.search(member, pointer);
                    pointer.truncate(length);
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    push_index(pointer, index);
                    self.search(element, pointer);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }
}

/// The same letters and digits, in whatever case, with or without `_` and `-`.
fn is_spelt_like(name: &str, other: &str) -> bool {
    let letters =
        |name: &str| name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect::<Vec<_>>();
    name.len().abs_diff(other.len()) <= 8 && letters(name) == letters(other)
}
