//! Works compositions out: what all of several schemas say, and which of several a value is.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::operations::pointer;
use super::schemas::size;
use super::shape::{Kind, Part, Shape, Struct, UNREAD_SUBTYPES, has_parts_beside, shape};

/// Remarks on what is generalised.
pub(super) type Remarks = Vec<Remark>;

pub(super) struct Remark {
    /// The rule of the warning.
    pub(super) rule: &'static str,
    pub(super) place: String,
    pub(super) message: String,
}

impl Remark {
    fn new(place: &str, message: impl Into<String>) -> Remark {
        Remark { rule: "schema", place: place.to_owned(), message: message.into() }
    }

    fn too_wide(place: &str, message: String) -> Remark {
        Remark { rule: size::RULE, place: place.to_owned(), message }
    }
}

/// No honest document nests compositions deeper.
const DEEPEST: usize = 24;
/// How far alternatives are looked into to tell them apart: in an alternative of an alternative, and so on.
const NESTED: usize = 6;
/// How many schemas are looked at to work one composition out. Alternatives of alternatives multiply.
const STEPS: usize = 20_000;
/// How many members that are read again cost as much as a schema that is looked at.
const MEMBERS_A_STEP: usize = 16;
/// How many names a message lists.
const NAMED: usize = 5;
/// How many subtypes all discriminators of a document lead to at most. Each type repeats the members of its subtypes.
const ALL_SUBTYPES: usize = 100_000;

/// The schemas of a document, and what compositions of them say.
pub(super) struct Compose<'s> {
    pub(super) source: &'s Map<String, Value>,
    /// For alternatives that a discriminator tells apart: by component and property, its values there.
    tags: HashMap<&'s str, HashMap<String, Vec<String>>>,
    /// The components with a discriminator, and those that build on them.
    subtypes: HashMap<&'s str, Subtypes<'s>>,
    /// Of these, what a value of them is.
    extended: RefCell<HashMap<&'s str, Extended>>,
    /// Whether that is being worked out: the list of subtypes is whole, so those of a subtype are in it.
    is_extending: Cell<bool>,
    /// The members of subtypes, each worked out once.
    members: RefCell<HashMap<&'s str, Option<Rc<Struct>>>>,
    nullable: RefCell<HashMap<String, bool>>,
    telling: RefCell<HashMap<String, HashSet<String>>>,
    nested: Cell<usize>,
    steps: Cell<usize>,
}

impl<'s> Compose<'s> {
    pub(super) fn new(source: &'s Map<String, Value>) -> Self {
        let mut compose = Compose {
            source,
            tags: HashMap::new(),
            subtypes: subtypes(source),
            extended: RefCell::default(),
            is_extending: Cell::default(),
            members: RefCell::default(),
            nullable: RefCell::default(),
            telling: RefCell::default(),
            nested: Cell::default(),
            steps: Cell::default(),
        };
        for schema in source.values() {
            compose.collect_tags(schema);
        }
        compose
    }

    /// Notes the values of discriminators, by the alternatives that they stand for.
    fn collect_tags(&mut self, schema: &'s Value) {
        match schema {
            Value::Object(members) => {
                let property =
                    members.get("discriminator").and_then(|it| it.get("propertyName")).and_then(Value::as_str);
                let mapping = members.get("discriminator").and_then(|it| it.get("mapping")).and_then(Value::as_object);
                let alternatives = ["oneOf", "anyOf"].iter().filter_map(|key| members.get(*key)?.as_array()).flatten();
                for alternative in alternatives {
                    let (Some(property), Some(name)) = (property, component(alternative)) else { continue };
                    let own = mapping
                        .into_iter()
                        .flatten()
                        .filter(|(_, target)| target.as_str().is_some_and(|target| mapped(target) == name));
                    let mut values: Vec<String> = own.map(|(value, _)| value.clone()).collect();
                    if values.is_empty() {
                        values.push(name.to_owned());
                    }
                    let known = self.tags.entry(name).or_default().entry(property.to_owned()).or_default();
                    values.retain(|value| !known.contains(value));
                    known.append(&mut values);
                }
                members.values().for_each(|member| self.collect_tags(member));
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect_tags(item)),
            _ => {}
        }
    }

    /// Gives the member that a discriminator looks at only the values that stand for this component.
    pub(super) fn tag(&self, component: &str, found: &mut Struct) {
        for (property, values) in self.tags.get(component).into_iter().flatten() {
            let mut values = values.clone();
            let known = found.members.iter().position(|(name, _)| name == property);
            let place = known.map_or_else(String::new, |index| found.members[index].1.place.clone());
            let of = known.map(|index| self.resolved(&found.members[index].1).kind);
            match of {
                Some(Kind::Words(listed)) => {
                    if listed.iter().any(|word| values.contains(word)) {
                        values.retain(|value| listed.contains(value));
                    } else {
                        values = listed;
                    }
                }
                None | Some(Kind::Text(_) | Kind::Any) => {}
                Some(_) => continue,
            }
            let description = known.and_then(|index| found.members[index].1.schema.get("description").cloned());
            let mut schema = json!({ "type": "string", "enum": values });
            if let Some(description) = description {
                schema["description"] = description;
            }
            let part = Part::new(schema, place);
            match known {
                Some(index) => found.members[index].1 = part,
                None => found.members.push((property.clone(), part)),
            }
            if !found.requires(property) {
                found.required.push(property.clone());
            }
        }
    }

    /// What a component says where a value is of it: its type has the members of what builds on it.
    pub(super) fn component(&self, name: &str, part: &Part, remarks: &mut Remarks) -> Shape {
        let mut found = self.shape(part, remarks);
        let Some(subtypes) = self.subtypes.get(name) else { return found };
        let (kind, remark) = match self.with_subtypes(name, &found.kind) {
            Extended::Whole(kind) => {
                let leads = format!("the discriminator leads to {}", listed(subtypes));
                let message = format!("{leads}, so one type has the members of all of them");
                (Some(kind), Remark::new(&part.place, message))
            }
            Extended::TooWide(message) => (Some(Kind::Any), Remark::too_wide(&part.place, message)),
            Extended::Unread(why) => {
                let leads = format!("the discriminator leads to {}", listed(subtypes));
                let message = format!("{leads}; {why}, so only what this schema says itself is read");
                (None, Remark::new(&part.place, message))
            }
        };
        remarks.retain(|remark| remark.message != UNREAD_SUBTYPES);
        remarks.push(remark);
        found.kind = kind.unwrap_or(found.kind);
        found
    }

    /// The members of a component with a discriminator and of all that build on it, which it need not list (OpenAPI 3.1.1,
    /// Discriminator Object): so that none is lost.
    fn with_subtypes(&self, name: &str, kind: &Kind) -> Extended {
        let unread = |why: &str| Extended::Unread(why.to_owned());
        let Some((name, subtypes)) = self.subtypes.get_key_value(name) else { return unread("there is no such base") };
        if self.is_extending.get() {
            return unread("another base is being worked out");
        }
        if let Some(known) = self.extended.borrow().get(name) {
            return known.clone();
        }
        let (steps, nested) = (self.steps.get(), self.nested.take());
        self.is_extending.set(true);
        let found = match subtypes {
            Subtypes::Listed(subtypes) => self.extended(kind, subtypes),
            Subtypes::TooMany(message) => Extended::TooWide(message.clone()),
        };
        self.is_extending.set(false);
        self.nested.set(nested);
        self.steps.set(steps);
        self.extended.borrow_mut().insert(name, found.clone());
        found
    }

    fn extended(&self, kind: &Kind, subtypes: &[&'s str]) -> Extended {
        // A base that builds on one other and adds nothing has its members.
        let own = match kind {
            Kind::Component(other) => {
                self.steps.set(0);
                self.resolved_as(false, &Part::new(reference(other), String::new()), &mut Vec::new(), &mut Vec::new())
                    .kind
            }
            kind => kind.clone(),
        };
        let own = match own {
            Kind::Struct(own) => own,
            Kind::Members(others) => Struct { others: Some(others), ..Struct::default() },
            _ => return Extended::Unread("this schema is no object of its own".to_owned()),
        };
        let mut all = Joined::new("anyOf");
        for name in subtypes {
            match self.members_of(name) {
                Some(found) if all.add(&found) => {}
                Some(_) => return Extended::TooWide(size::composed()),
                None => return Extended::Unread(format!("`{name}` is no object, or is too large to be read")),
            }
        }
        let mut both = Joined::new("anyOf");
        if both.add(&own) && both.add(&all.finish()) {
            Extended::Whole(struct_kind(both.finish()))
        } else {
            Extended::TooWide(size::composed())
        }
    }

    /// The members of a subtype, without those of its own subtypes.
    fn members_of(&self, name: &'s str) -> Option<Rc<Struct>> {
        if let Some(known) = self.members.borrow().get(name) {
            return known.clone();
        }
        self.steps.set(0);
        let part = Part::new(reference(name), String::new());
        let found = match self.resolved_as(false, &part, &mut Vec::new(), &mut Vec::new()).kind {
            Kind::Struct(found) => Some(found),
            Kind::Members(others) => Some(Struct { others: Some(others), ..Struct::default() }),
            Kind::Union(inner) => self.members_of_any(&inner, &mut Vec::new()).ok(),
            _ => None,
        };
        let found = found.filter(|_| self.steps.get() <= STEPS).map(Rc::new);
        self.members.borrow_mut().insert(name, found.clone());
        found
    }

    /// Whether a component may be null.
    pub(super) fn is_nullable(&self, name: &str) -> bool {
        if let Some(known) = self.nullable.borrow().get(name) {
            return *known;
        }
        self.nullable.borrow_mut().insert(name.to_owned(), false);
        let shape =
            self.source.get(name).map(|schema| self.shape(&Part::new(schema.clone(), String::new()), &mut Vec::new()));
        let is_nullable = shape.is_some_and(|shape| match &shape.kind {
            _ if shape.nullable => true,
            Kind::Component(other) => self.is_nullable(other),
            _ => false,
        });
        self.nullable.borrow_mut().insert(name.to_owned(), is_nullable);
        is_nullable
    }

    /// What a schema says, compositions worked out, references kept.
    pub(super) fn shape(&self, part: &Part, remarks: &mut Remarks) -> Shape {
        self.steps.set(0);
        let found = self.shape_within(part, remarks, &mut Vec::new());
        if self.steps.get() > STEPS {
            let message = "the composition has too many combinations, so any JSON is taken in some of them";
            remarks.push(Remark::new(&part.place, message));
        }
        found
    }

    fn shape_within(&self, part: &Part, remarks: &mut Remarks, open: &mut Vec<String>) -> Shape {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > STEPS {
            return Shape::of(Kind::Any);
        }
        let mut found = shape(part, &mut |place, message| remarks.push(Remark::new(place, message)));
        match found.kind {
            Kind::Intersection(parts) => {
                let all = self.all(&parts, &part.place, remarks, open);
                found.nullable |= all.nullable;
                found.kind = all.kind;
            }
            Kind::Union(alternatives) => {
                let one = self.one(alternatives, &part.place, remarks, open);
                found.nullable |= one.nullable;
                found.kind = one.kind;
            }
            Kind::Struct(ref mut object) => self.release_one_way(object),
            _ => {}
        }
        found
    }

    /// The same with references followed, and without remarks.
    fn resolved(&self, part: &Part) -> Shape {
        if self.nested.get() >= NESTED {
            return Shape::of(Kind::Any);
        }
        self.nested.set(self.nested.get() + 1);
        let found = self.resolved_within(part, &mut Vec::new(), &mut Vec::new());
        self.nested.set(self.nested.get() - 1);
        found
    }

    fn resolved_within(&self, part: &Part, remarks: &mut Remarks, open: &mut Vec<String>) -> Shape {
        self.resolved_as(true, part, remarks, open)
    }

    /// `is_value`: a value is of this schema, and so perhaps of what builds on it. Otherwise another schema builds on it.
    fn resolved_as(&self, is_value: bool, part: &Part, remarks: &mut Remarks, open: &mut Vec<String>) -> Shape {
        if open.len() > DEEPEST {
            return Shape::of(Kind::Any);
        }
        let mut found = self.shape_within(part, remarks, open);
        while let Kind::Component(name) = &found.kind {
            if open.contains(name) || open.len() > DEEPEST {
                return Shape::of(Kind::Any);
            }
            let Some(schema) = self.source.get(name.as_str()) else { return Shape::of(Kind::Any) };
            let target = Part::new(schema.clone(), pointer(["components", "schemas", name]));
            open.push(name.clone());
            let nullable = found.nullable;
            let own = name.clone();
            found = self.shape_within(&target, &mut Vec::new(), open);
            found.nullable |= nullable;
            if is_value {
                found.kind = match self.with_subtypes(&own, &found.kind) {
                    Extended::Whole(kind) => kind,
                    Extended::TooWide(_) => Kind::Any,
                    Extended::Unread(_) => found.kind,
                };
            }
            if matches!(found.kind, Kind::Component(_)) {
                continue;
            }
            open.pop();
        }
        found
    }

    /// What all of the parts say together.
    fn all(&self, parts: &[Part], place: &str, remarks: &mut Remarks, open: &mut Vec<String>) -> Shape {
        // A part that says nothing changes nothing: what is left alone keeps its name.
        let mut shapes: Vec<Shape> = parts.iter().map(|part| self.shape_within(part, remarks, open)).collect();
        let nullable = shapes.iter().all(|shape| shape.nullable);
        shapes.retain(|shape| shape.kind != Kind::Any && shape.kind != Kind::Members(Box::new(Part::any())));
        if let [only] = &shapes[..] {
            return Shape { nullable, description: None, kind: only.kind.clone() };
        }
        if shapes.is_empty() {
            let is_object = parts.iter().any(|part| matches!(self.resolved(part).kind, Kind::Members(_)));
            let kind = if is_object { Kind::Members(Box::new(Part::any())) } else { Kind::Any };
            return Shape { nullable, description: None, kind };
        }
        let mut structs = Vec::new();
        let mut others: Vec<Kind> = Vec::new();
        let base = open.len();
        for shape in shapes {
            let kind = match shape.kind {
                Kind::Component(name) => {
                    let found = self.resolved_as(false, &Part::new(reference(&name), place.to_owned()), remarks, open);
                    open.truncate(base);
                    found.kind
                }
                kind => kind,
            };
            match kind {
                Kind::Any => {}
                Kind::Struct(found) => structs.push(found),
                Kind::Members(others) => structs.push(Struct { others: Some(others), ..Struct::default() }),
                Kind::Union(alternatives) => match self.members_of_any(&alternatives, open) {
                    Ok(found) => {
                        let count = alternatives.len();
                        let message =
                            format!("{count} alternatives stand beside more, so one type has the members of all");
                        remarks.push(Remark::new(place, message));
                        structs.push(found);
                    }
                    Err(Apart::NoObject) => others.push(Kind::Union(alternatives)),
                    Err(Apart::TooWide) => {
                        remarks.push(Remark::too_wide(place, size::composed()));
                        return Shape { nullable, description: None, kind: Kind::Any };
                    }
                },
                kind => others.push(kind),
            }
            open.truncate(base);
        }
        let kind = match (structs.is_empty(), others.len()) {
            (false, 0) => {
                match self.joined(structs, "allOf") {
                    Some(mut all) => {
                        // One part may require what another says only requests or only replies have.
                        self.release_one_way(&mut all);
                        struct_kind(all)
                    }
                    None => {
                        remarks.push(Remark::too_wide(place, size::composed()));
                        Kind::Any
                    }
                }
            }
            (true, 1) => others.remove(0),
            (true, 0) => Kind::Any,
            (true, _) => self.narrowest(others, place, remarks),
            (false, _) => {
                remarks.push(Remark::new(place, "allOf of objects and other values, so any JSON is taken"));
                Kind::Any
            }
        };
        Shape { nullable, description: None, kind }
    }

    /// The members of all, if one type can have so many.
    fn joined(&self, structs: Vec<Struct>, how: &'static str) -> Option<Struct> {
        let read: usize = structs.iter().map(|found| found.members.len()).sum();
        self.steps.set(self.steps.get() + read / MEMBERS_A_STEP);
        let mut all = Joined::new(how);
        structs.iter().all(|found| all.add(found)).then(|| all.finish())
    }

    /// Requires nothing that only requests or only replies have: the type is that of both.
    fn release_one_way(&self, object: &mut Struct) {
        if object.required.is_empty() {
            return;
        }
        let one_way = object.members.iter().filter(|(_, part)| self.is_one_way(&part.schema, &mut HashSet::new()));
        let one_way: HashSet<&str> = one_way.map(|(name, _)| name.as_str()).collect();
        object.required.retain(|name| !one_way.contains(name.as_str()));
    }

    /// Whether only requests or only replies have a member of this schema, be it that what it refers to says so, at whatever
    /// distance. `seen`: what was followed.
    fn is_one_way<'v>(&'v self, schema: &'v Value, seen: &mut HashSet<&'v str>) -> bool {
        let mut waiting = vec![schema];
        while let Some(schema) = waiting.pop() {
            if ["readOnly", "writeOnly"].iter().any(|key| schema[*key] == true) {
                return true;
            }
            waiting.extend(schema.get("allOf").and_then(Value::as_array).into_iter().flatten());
            if let Some((name, target)) = component(schema).and_then(|name| self.source.get_key_value(name))
                && seen.insert(name)
            {
                waiting.push(target);
            }
        }
        false
    }

    /// Of several descriptions of one scalar, one.
    fn narrowest(&self, mut kinds: Vec<Kind>, place: &str, remarks: &mut Remarks) -> Kind {
        let rank = |kind: &Kind| std::mem::discriminant(kind);
        if kinds.iter().all(|kind| matches!(kind, Kind::Text(_) | Kind::Words(_))) {
            let words = kinds.iter().rposition(|kind| matches!(kind, Kind::Words(_)));
            if let Some(words) = words {
                return kinds.swap_remove(words);
            }
            let mut all = Map::new();
            for kind in kinds {
                if let Kind::Text(keywords) = kind {
                    all.extend(keywords);
                }
            }
            return Kind::Text(all);
        }
        let first = rank(&kinds[0]);
        if kinds.iter().all(|kind| rank(kind) == first) {
            if matches!(kinds[0], Kind::List(_) | Kind::Union(_)) && kinds.iter().any(|kind| *kind != kinds[0]) {
                let what = if matches!(kinds[0], Kind::List(_)) { "lists" } else { "alternatives" };
                remarks.push(Remark::new(place, format!("allOf of {} {what}, of which the last is read", kinds.len())));
            }
            return kinds.pop().unwrap_or(Kind::Any);
        }
        remarks.push(Remark::new(place, "allOf of values of different types, so any JSON is taken"));
        Kind::Any
    }

    /// One struct that holds whatever alternative a value is of, if all are objects and one type can have their members.
    fn members_of_any(&self, alternatives: &[Part], open: &mut Vec<String>) -> Result<Struct, Apart> {
        let base = open.len();
        let mut structs = Vec::new();
        for alternative in alternatives {
            let kind = self.resolved_within(alternative, &mut Vec::new(), open).kind;
            open.truncate(base);
            match kind {
                Kind::Struct(found) => structs.push(found),
                Kind::Members(others) => structs.push(Struct { others: Some(others), ..Struct::default() }),
                Kind::Union(inner) => structs.push(self.members_of_any(&inner, open)?),
                _ => return Err(Apart::NoObject),
            }
        }
        self.joined(structs, "anyOf").ok_or(Apart::TooWide)
    }

    /// Which of the alternatives a value is: in an order in which the first that fits loses nothing.
    fn one(&self, alternatives: Vec<Part>, place: &str, remarks: &mut Remarks, open: &mut Vec<String>) -> Shape {
        let base = open.len();
        let mut nullable = false;
        let mut flat: Vec<(Part, Shape)> = Vec::new();
        let mut waiting: Vec<Part> = alternatives.into_iter().rev().collect();
        while let Some(part) = waiting.pop() {
            let own = self.shape_within(&part, remarks, open);
            nullable |= own.nullable;
            if let Kind::Union(inner) = own.kind {
                waiting.extend(inner.into_iter().rev());
                continue;
            }
            let mut resolved = self.resolved_within(&part, &mut Vec::new(), open);
            open.truncate(base);
            nullable |= resolved.nullable;
            if let (Kind::Component(name), Kind::Struct(found)) = (&own.kind, &mut resolved.kind) {
                self.tag(name, found);
            }
            if !flat.iter().any(|(known, _)| known.schema == part.schema) {
                flat.push((part, resolved));
            }
        }
        let shape = |kind| Shape { nullable, description: None, kind };
        if let [(only, _)] = &flat[..] {
            let own = self.shape_within(only, remarks, open);
            return shape(own.kind);
        }
        if flat.iter().any(|(_, resolved)| resolved.kind == Kind::Any) {
            return shape(Kind::Any);
        }
        if flat.iter().all(|(_, resolved)| matches!(resolved.kind, Kind::Words(_) | Kind::Text(_))) {
            return shape(text_of_any(flat.into_iter().map(|(_, resolved)| resolved.kind)));
        }
        flat.sort_by_key(|(_, resolved)| rank(&resolved.kind));
        let mut telling = Vec::new();
        let mut ordered: Vec<(Part, Shape)> = Vec::new();
        let mut left = flat;
        while !left.is_empty() {
            let first = (0..left.len()).find(|&index| {
                let rest = left.iter().enumerate().filter(|(other, _)| *other != index);
                rest.map(|(_, (_, other))| other)
                    .all(|other| self.is_safe_before(&left[index].1, other, 0, &mut telling))
            });
            match first {
                Some(index) => ordered.push(left.remove(index)),
                None => break,
            }
        }
        if left.is_empty() {
            for (part, _) in &ordered {
                self.telling.borrow_mut().entry(part.schema.to_string()).or_default().extend(telling.iter().cloned());
            }
            return shape(Kind::Union(ordered.into_iter().map(|(part, _)| part).collect()));
        }
        let parts: Vec<Part> = ordered.into_iter().chain(left).map(|(part, _)| part).collect();
        match self.members_of_any(&parts, open) {
            Ok(found) => {
                let message = format!(
                    "nothing tells the {} alternatives apart, so one type has the members of all of them",
                    parts.len()
                );
                remarks.push(Remark::new(place, message));
                shape(struct_kind(found))
            }
            Err(Apart::TooWide) => {
                remarks.push(Remark::too_wide(place, size::composed()));
                shape(Kind::Any)
            }
            Err(Apart::NoObject) => {
                let message = format!("nothing tells the {} alternatives apart, so any JSON is taken", parts.len());
                remarks.push(Remark::new(place, message));
                shape(Kind::Any)
            }
        }
    }

    /// The members of an alternative whose values tell it from others.
    pub(super) fn telling(&self, part: &Part) -> Vec<String> {
        self.telling.borrow().get(&part.schema.to_string()).into_iter().flatten().cloned().collect()
    }

    /// Whether no value of `b` is read as `a` with a loss, if `a` is tried first. Members whose values decide it are added
    /// to `telling`.
    fn is_safe_before(&self, a: &Shape, b: &Shape, depth: usize, telling: &mut Vec<String>) -> bool {
        match (&a.kind, &b.kind) {
            _ if depth > 3 => false,
            (Kind::Struct(a), Kind::Struct(b)) => self.tells_apart(a, b, depth, telling),
            (Kind::Struct(a), Kind::Members(_)) => !a.required.is_empty(),
            (Kind::List(a), Kind::List(b)) => {
                let (a, b) = (self.resolved(a), self.resolved(b));
                a == b || a.kind == Kind::Any || self.is_safe_before(&a, &b, depth + 1, telling)
            }
            (Kind::Members(a), Kind::Members(b)) => {
                let (a, b) = (self.resolved(a), self.resolved(b));
                a == b || a.kind == Kind::Any || self.is_safe_before(&a, &b, depth + 1, telling)
            }
            (Kind::Members(a), Kind::Struct(_)) => self.resolved(a).kind == Kind::Any,
            (Kind::Number(_), Kind::Integer(_)) => false,
            (Kind::Union(alternatives), _) => {
                alternatives.iter().all(|one| self.is_safe_before(&self.resolved(one), b, depth + 1, telling))
            }
            (_, Kind::Union(alternatives)) => {
                alternatives.iter().all(|one| self.is_safe_before(a, &self.resolved(one), depth + 1, telling))
            }
            _ => true,
        }
    }

    fn tells_apart(&self, a: &Struct, b: &Struct, depth: usize, telling: &mut Vec<String>) -> bool {
        for name in &a.required {
            let Some(member) = b.member(name) else { return true };
            // One that is not described is any JSON, which tells nothing.
            let Some(own) = a.member(name) else { continue };
            let (own, other) = (self.resolved(own), self.resolved(member));
            match (&own.kind, &other.kind) {
                (Kind::Words(own), Kind::Words(other)) if own.iter().any(|word| other.contains(word)) => {}
                (Kind::Words(_), Kind::Words(_)) => {
                    if !telling.contains(name) {
                        telling.push(name.clone());
                    }
                    return true;
                }
                (Kind::Any | Kind::Union(_) | Kind::Component(_), _)
                | (_, Kind::Any | Kind::Union(_) | Kind::Component(_)) => {}
                (Kind::Struct(own), Kind::Struct(other)) if depth < 2 && !own.required.is_empty() => {
                    let mut inner = Vec::new();
                    // Enums inside of it are not kept closed, so only what must be there counts.
                    if self.tells_apart(own, other, depth + 1, &mut inner) && inner.is_empty() && !is_within(other, own)
                    {
                        return true;
                    }
                }
                (own, other) if rank(own) != rank(other) && is_scalar(own) != is_scalar(other) => return true,
                (Kind::Boolean, Kind::Integer(_) | Kind::Number(_) | Kind::Text(_) | Kind::Words(_))
                | (Kind::Integer(_) | Kind::Number(_), Kind::Boolean | Kind::Text(_) | Kind::Words(_))
                | (Kind::Text(_) | Kind::Words(_), Kind::Boolean | Kind::Integer(_) | Kind::Number(_)) => return true,
                _ => {}
            }
        }
        is_within(b, a)
    }
}

/// Whether `a` has every member of `b`, so that nothing of a `b` is lost in it.
fn is_within(b: &Struct, a: &Struct) -> bool {
    a.others.is_some() && b.members.iter().all(|(name, _)| a.member(name).is_some())
        || b.others.is_none()
            && b.members.iter().all(|(name, part)| a.member(name).is_some_and(|known| known.schema == part.schema))
}

fn is_scalar(kind: &Kind) -> bool {
    matches!(kind, Kind::Boolean | Kind::Integer(_) | Kind::Number(_) | Kind::Text(_) | Kind::Words(_))
}

/// What is tried first: what fewer values are.
fn rank(kind: &Kind) -> u8 {
    match kind {
        Kind::Boolean => 0,
        Kind::Integer(_) => 1,
        Kind::Number(_) => 2,
        Kind::Words(_) => 3,
        Kind::Text(keywords) if !keywords.is_empty() => 4,
        Kind::Text(_) => 5,
        Kind::List(_) => 6,
        Kind::Struct(_) => 7,
        Kind::Union(_) => 8,
        Kind::Members(_) => 9,
        Kind::Component(_) | Kind::Intersection(_) | Kind::Any => 10,
    }
}

/// Texts of any of these kinds: words only if all are.
fn text_of_any(kinds: impl Iterator<Item = Kind>) -> Kind {
    let mut all = Vec::new();
    let mut is_open = false;
    for kind in kinds {
        match kind {
            Kind::Words(words) => {
                for word in words {
                    if !all.contains(&word) {
                        all.push(word);
                    }
                }
            }
            _ => is_open = true,
        }
    }
    if is_open { Kind::Text(Map::new()) } else { Kind::Words(all) }
}

fn struct_kind(found: Struct) -> Kind {
    match found {
        Struct { members, others, .. } if members.is_empty() => {
            Kind::Members(others.unwrap_or_else(|| Box::new(Part::any())))
        }
        found => Kind::Struct(found),
    }
}

/// The members of several structs; those of one name are described by `how` of what each says: all of it, or any of it.
struct Joined {
    how: &'static str,
    count: usize,
    found: Struct,
    /// Where each member is, and how many structs require it, in the order of the first that does.
    places: HashMap<String, usize>,
    required: Map<String, Value>,
}

impl Joined {
    fn new(how: &'static str) -> Joined {
        Joined { how, count: 0, found: Struct::default(), places: HashMap::new(), required: Map::new() }
    }

    /// Adds the members of one; `false` if they are too many for a type.
    fn add(&mut self, one: &Struct) -> bool {
        self.count += 1;
        for name in &one.required {
            let uses = self.required.get(name).and_then(Value::as_u64).unwrap_or(0);
            self.required.insert(name.clone(), (uses + 1).into());
        }
        for (name, part) in &one.members {
            match self.places.get(name) {
                None => {
                    self.places.insert(name.clone(), self.found.members.len());
                    self.found.members.push((name.clone(), part.clone()));
                }
                Some(&index) => {
                    let known = &mut self.found.members[index].1;
                    known.schema = together(known.schema.take(), part.schema.clone(), self.how);
                }
            }
        }
        self.found.others = match (self.found.others.take(), one.others.clone()) {
            (Some(known), Some(other)) if known.schema != other.schema => Some(Box::new(Part::any())),
            (known, other) => known.or(other),
        };
        self.found.members.len() <= size::MOST_MEMBERS
    }

    fn finish(mut self) -> Struct {
        let is_required = |uses: &Value| self.how == "allOf" || uses.as_u64() == Some(self.count as u64);
        let required = self.required.iter().filter(|(name, uses)| is_required(uses) && self.places.contains_key(*name));
        self.found.required = required.map(|(name, _)| name.clone()).collect();
        self.found
    }
}

fn together(a: Value, b: Value, how: &str) -> Value {
    let says_nothing = |schema: &Value| {
        schema.as_object().is_none_or(|members| members.keys().all(|key| key == "description" || key == "title"))
    };
    if a == b || how == "allOf" && says_nothing(&b) {
        return a;
    }
    if how == "allOf" && says_nothing(&a) {
        return b;
    }
    match a {
        Value::Object(mut members) if members.len() == 1 && members.get(how).is_some_and(Value::is_array) => {
            if let Some(parts) = members.get_mut(how).and_then(Value::as_array_mut)
                && !parts.contains(&b)
            {
                parts.push(b);
            }
            members.into()
        }
        a => json!({ how: [a, b] }),
    }
}

/// What a value of a component with a discriminator is.
#[derive(Clone)]
enum Extended {
    /// It has the members of all subtypes.
    Whole(Kind),
    /// No type can have them all; the message says how many there are.
    TooWide(String),
    /// They are not read, for this reason.
    Unread(String),
}

/// Why alternatives have no type in common.
enum Apart {
    /// Not all of them are objects.
    NoObject,
    /// No type can have the members of all.
    TooWide,
}

/// What builds on a component with a discriminator.
enum Subtypes<'s> {
    Listed(Vec<&'s str>),
    /// More than a type is made of, says the message.
    TooMany(String),
}

/// The first names, and how many more there are.
fn listed(subtypes: &Subtypes<'_>) -> String {
    let Subtypes::Listed(names) = subtypes else { return "too many schemas".to_owned() };
    let mut text = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        text += &format!(" and {} more", names.len() - NAMED);
    }
    text
}

/// The components with a discriminator and no list of alternatives, each with those that its mapping names or that build on
/// it, at whatever distance.
fn subtypes(source: &Map<String, Value>) -> HashMap<&str, Subtypes<'_>> {
    let mut children: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, schema) in source {
        let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for base in parts.chain([schema]).filter_map(component) {
            children.entry(base).or_default().push(name);
        }
    }
    let lists = |schema: &Value| schema.get("oneOf").or_else(|| schema.get("anyOf")).is_some();
    // One step from a component: what it names itself, and what builds on it.
    let next = |name: &str| -> Vec<&str> {
        let schema = source.get(name);
        let mapping = schema.and_then(|schema| schema.get("discriminator")?.get("mapping")?.as_object());
        let named = mapping.into_iter().flatten().filter_map(|(_, target)| target.as_str().map(mapped));
        let mut all: Vec<&str> = named.collect();
        schema.into_iter().for_each(|schema| alternatives(schema, &mut all));
        all.extend(children.get(name).into_iter().flatten());
        all
    };
    let mut all = HashMap::new();
    let mut total = 0;
    for (name, schema) in source {
        if schema.get("discriminator").is_none() || lists(schema) {
            continue;
        }
        let mut found: Vec<&str> = Vec::new();
        let mut seen = HashSet::from([name.as_str()]);
        let mut waiting = next(name);
        waiting.reverse();
        while let Some(one) = waiting.pop() {
            let Some(schema) = source.get(one).filter(|_| seen.insert(one)) else { continue };
            // Another name of a component is none of its subtypes, and those that build on it may use either.
            if component(schema).is_none() || has_parts_beside(schema) {
                found.push(one);
            }
            if found.len() > size::MOST_ALTERNATIVES {
                break;
            }
            waiting.extend(next(one));
        }
        total += found.len();
        let subtypes = if found.len() > size::MOST_ALTERNATIVES {
            total -= found.len();
            Subtypes::TooMany(size::subtypes())
        } else if total > ALL_SUBTYPES {
            Subtypes::TooMany(format!(
                "the discriminators of the document lead to more than {ALL_SUBTYPES} schemas in all, so any JSON is taken"
            ))
        } else {
            Subtypes::Listed(found)
        };
        if !matches!(&subtypes, Subtypes::Listed(found) if found.is_empty()) {
            all.insert(name.as_str(), subtypes);
        }
    }
    all
}

/// The components that a value of this schema may be of, and which the schema lists itself.
fn alternatives<'v>(schema: &'v Value, found: &mut Vec<&'v str>) {
    for key in ["allOf", "oneOf", "anyOf"] {
        for part in schema.get(key).and_then(Value::as_array).into_iter().flatten() {
            found.extend(component(part).filter(|_| key != "allOf"));
            alternatives(part, found);
        }
    }
}

/// The component that a value of a discriminator stands for, by reference or by name.
fn mapped(target: &str) -> &str {
    target.strip_prefix("#/components/schemas/").unwrap_or(target)
}

fn reference(component: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{component}") })
}

/// The name of the component that a schema refers to.
fn component(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/")
}
