//! How requests and replies changed, operation by operation.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::change::{Change, Direction, Kind, Part, Party, breaks};
use super::schema::{Comparison, Difference};
use crate::model::case::{Credential, Place};
use crate::model::contract::{Contract, Media, Operation, Parameter, Response};

/// Every difference between two contracts.
pub(super) fn changes(old: &Contract, new: &Contract) -> Vec<Change> {
    let schemas = Comparison::new(&old.schemas, &new.schemas);
    let mut changes = Vec::new();
    for operation in &old.operations {
        match counterpart(operation, new) {
            Some(other) => {
                let mut comparing = Comparing { old: operation, new: other, schemas: &schemas, changes: Vec::new() };
                comparing.operation();
                changes.append(&mut comparing.changes);
            }
            None => changes.push(whole(operation, Kind::Removed, Party::Caller)),
        }
    }
    let is_new = |operation: &&Operation| counterpart(operation, old).is_none();
    changes.extend(new.operations.iter().filter(is_new).map(|operation| whole(operation, Kind::Added, Party::Server)));
    changes
}

/// The same operation in another version: that of its id, or where no operation has it, that of its address.
fn counterpart<'c>(operation: &Operation, other: &'c Contract) -> Option<&'c Operation> {
    other.operation(&operation.id).or_else(|| {
        let address = address(operation);
        other.operations.iter().find(|it| self::address(it) == address)
    })
}

/// What tells an operation from others on the wire.
fn address(operation: &Operation) -> (&str, String, &BTreeMap<String, String>) {
    (&operation.method, without_names(&operation.path), &operation.constants)
}

/// A path whose variables have no names: their names are not sent.
fn without_names(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "{}" + part.split_once('}').map_or(part, |(_, rest)| rest))
}

/// `POST /rockets/{rocket}?act=launch`.
fn shown(operation: &Operation) -> String {
    let constants = operation.constants.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    let query = if constants.is_empty() { String::new() } else { format!("?{}", constants.join("&")) };
    format!("{} {}{query}", operation.method, operation.path)
}

fn whole(operation: &Operation, kind: Kind, party: Party) -> Change {
    Change {
        id: operation.id.clone(),
        operation: Some(operation.id.clone()),
        part: Part::Operation,
        kind,
        breaks: vec![party],
        message: format!("{kind}: {}", shown(operation)),
        old: None,
        new: None,
    }
}

struct Comparing<'c, 's> {
    old: &'c Operation,
    new: &'c Operation,
    schemas: &'c Comparison<'s>,
    changes: Vec<Change>,
}

/// One change of an operation, before it is put in words.
struct Told<'t> {
    /// Behind the operation's id.
    id: String,
    part: Part,
    kind: Kind,
    breaks: Vec<Party>,
    message: &'t str,
    old: Option<Value>,
    new: Option<Value>,
}

impl Comparing<'_, '_> {
    fn operation(&mut self) {
        let (old, new) = (self.old, self.new);
        if old.id != new.id {
            // The id is the name in programs, and nothing on the wire.
            self.values(Part::Operation, "id", "operationId", vec![Party::Caller], json!(old.id), json!(new.id));
        }
        let both = vec![Party::Caller, Party::Server];
        if address(old) != address(new) {
            self.values(Part::Operation, "address", "the address", both, json!(shown(old)), json!(shown(new)));
        }
        self.credential(old.credential.as_ref(), new.credential.as_ref());
        self.parameters();
        self.body();
        self.responses();
    }

    fn credential(&mut self, old: Option<&Credential>, new: Option<&Credential>) {
        let (kind, party) = match (old, new) {
            (old, new) if old == new => return,
            (None, _) => (Kind::Tightened, vec![Party::Caller]),
            (_, None) => (Kind::Loosened, vec![Party::Server]),
            _ => (Kind::Changed, vec![Party::Caller, Party::Server]),
        };
        let shown = |credential: Option<&Credential>| credential.and_then(|it| serde_json::to_value(it).ok());
        self.push(Told {
            id: "credential".to_owned(),
            part: Part::Request,
            kind,
            breaks: party,
            message: "the credential",
            old: shown(old),
            new: shown(new),
        });
    }

    fn parameters(&mut self) {
        let (old, new) = (self.old, self.new);
        for parameter in &old.parameters {
            let (id, what) = named(parameter);
            let Some(other) = same_parameter(parameter, old, new) else {
                self.request(&id, Kind::Removed, &format!("the {what}"), None, None);
                continue;
            };
            if parameter.required != other.required {
                let kind = if other.required { Kind::Tightened } else { Kind::Loosened };
                let (was, is) = (json!(parameter.required), json!(other.required));
                self.request(&format!("{id}.required"), kind, &format!("the {what}: required"), Some(was), Some(is));
            }
            if parameter.style != other.style {
                let shown = |parameter: &Parameter| serde_json::to_value(parameter.style).ok();
                let message = format!("how the {what} is written");
                self.request(&format!("{id}.style"), Kind::Changed, &message, shown(parameter), shown(other));
            }
            let found = self.schemas.differences(parameter.schema.as_ref(), other.schema.as_ref());
            self.schema(Direction::Request, &id, &format!("the {what}"), found);
        }
        for parameter in new.parameters.iter().filter(|parameter| same_parameter(parameter, new, old).is_none()) {
            let (id, what) = named(parameter);
            let kind = if parameter.required { Kind::Tightened } else { Kind::Added };
            let message = format!("the {}{what}", if parameter.required { "required " } else { "" });
            self.request(&id, kind, &message, None, None);
        }
    }

    fn body(&mut self) {
        let empty = BTreeMap::new();
        let (old, new) = (self.old.body.as_ref(), self.new.body.as_ref());
        let is_required = |body: Option<&crate::model::contract::Body>| body.is_some_and(|body| body.required);
        let (was, is) = (is_required(old), is_required(new));
        if was != is {
            let kind = if is { Kind::Tightened } else { Kind::Loosened };
            self.request("body.required", kind, "the request body: required", Some(json!(was)), Some(json!(is)));
        }
        let content =
            |body: Option<&crate::model::contract::Body>| body.map_or(empty.clone(), |body| body.content.clone());
        self.content(Direction::Request, "body", "the request body", &content(old), &content(new));
    }

    fn responses(&mut self) {
        let (old, new) = (self.old, self.new);
        for (status, response) in &old.responses {
            let id = format!("response.{status}");
            match new.responses.get(status) {
                Some(other) => {
                    let what = format!("the reply {status}");
                    self.content(Direction::Response, &id, &what, &response.content, &other.content);
                    self.rules(&id, &what, response, other);
                }
                // A server that answers so answers what is no longer documented.
                None => self.response(&id, Kind::Removed, vec![Party::Server], &format!("the status {status}")),
            }
        }
        for status in new.responses.keys().filter(|status| !old.responses.contains_key(*status)) {
            // A caller has to know every success. An error that it does not know is an error still.
            let is_success = !status.starts_with(['4', '5']) && status != "default";
            let breaks = if is_success { vec![Party::Caller] } else { Vec::new() };
            self.response(&format!("response.{status}"), Kind::Added, breaks, &format!("the status {status}"));
        }
    }

    /// `x-match` and `x-present-on`.
    fn rules(&mut self, id: &str, what: &str, old: &Response, new: &Response) {
        for (pointer, rule) in &old.rules {
            let kind = match new.rules.get(pointer) {
                Some(other) if other == rule => continue,
                Some(_) => Kind::Changed,
                None => Kind::Loosened,
            };
            self.rule(id, what, pointer, kind, old, new);
        }
        for pointer in new.rules.keys().filter(|pointer| !old.rules.contains_key(*pointer)) {
            self.rule(id, what, pointer, Kind::Tightened, old, new);
        }
    }

    fn rule(&mut self, id: &str, what: &str, pointer: &str, kind: Kind, old: &Response, new: &Response) {
        let shown = |response: &Response| response.rules.get(pointer).and_then(|rule| serde_json::to_value(rule).ok());
        self.push(Told {
            id: format!("{id}{}.rule", pointer.replace('/', ".")),
            part: Part::Response,
            kind,
            breaks: breaks(Direction::Response, kind),
            message: &format!("{what}, {pointer}: rule"),
            old: shown(old),
            new: shown(new),
        });
    }

    fn content(
        &mut self,
        direction: Direction,
        id: &str,
        what: &str,
        old: &BTreeMap<String, Media>,
        new: &BTreeMap<String, Media>,
    ) {
        for (media_type, media) in old {
            let Some(other) = new.get(media_type) else {
                // A request in it is refused. A reply has another form.
                self.media(direction, id, what, media_type, Kind::Removed);
                continue;
            };
            let found = self.schemas.differences(media.schema.as_ref(), other.schema.as_ref());
            // One media type is the rule: it is named where there are several.
            let what = if old.len() > 1 { format!("{what} in {media_type}") } else { what.to_owned() };
            let id = if old.len() > 1 { format!("{id}.{media_type}") } else { id.to_owned() };
            self.schema(direction, &id, &what, found);
        }
        for media_type in new.keys().filter(|name| !old.contains_key(*name)) {
            self.media(direction, id, what, media_type, Kind::Added);
        }
    }

    fn media(&mut self, direction: Direction, id: &str, what: &str, media_type: &str, kind: Kind) {
        let party = match (direction, kind) {
            (Direction::Request, Kind::Removed) | (Direction::Response, Kind::Added) => Party::Caller,
            _ => Party::Server,
        };
        let part = if direction == Direction::Request { Part::Request } else { Part::Response };
        let message = format!("{what}: the media type {media_type}");
        self.push(Told {
            id: format!("{id}.{media_type}"),
            part,
            kind,
            breaks: vec![party],
            message: &message,
            old: None,
            new: None,
        });
    }

    fn schema(&mut self, direction: Direction, id: &str, what: &str, found: Vec<Difference>) {
        for difference in found {
            let Difference { path, keyword, kind, old, new } = difference;
            let names = path.iter().map(String::as_str).chain(keyword.as_deref());
            let id = [id].into_iter().chain(names).collect::<Vec<_>>().join(".");
            let place = if path.is_empty() { String::new() } else { format!(", /{}", path.join("/")) };
            let message = match keyword {
                Some(keyword) => format!("{what}{place}: {keyword}"),
                None => format!("{what}: the member /{}", path.join("/")),
            };
            let part = if direction == Direction::Request { Part::Request } else { Part::Response };
            self.push(Told { id, part, kind, breaks: breaks(direction, kind), message: &message, old, new });
        }
    }

    fn request(&mut self, id: &str, kind: Kind, message: &str, old: Option<Value>, new: Option<Value>) {
        let breaks = breaks(Direction::Request, kind);
        self.push(Told { id: id.to_owned(), part: Part::Request, kind, breaks, message, old, new });
    }

    fn response(&mut self, id: &str, kind: Kind, breaks: Vec<Party>, message: &str) {
        self.push(Told { id: id.to_owned(), part: Part::Response, kind, breaks, message, old: None, new: None });
    }

    fn values(&mut self, part: Part, id: &str, message: &str, breaks: Vec<Party>, old: Value, new: Value) {
        let (old, new) = (Some(old), Some(new));
        self.push(Told { id: id.to_owned(), part, kind: Kind::Changed, breaks, message, old, new });
    }

    fn push(&mut self, told: Told<'_>) {
        let Told { id, part, kind, breaks, message, old, new } = told;
        let id = match part {
            Part::Request => format!("{}/request.{id}", self.old.id),
            _ => format!("{}/{id}", self.old.id),
        };
        let message = format!("{kind}: {message}");
        self.changes.push(Change { id, operation: Some(self.old.id.clone()), part, kind, breaks, message, old, new });
    }
}

/// `query.act`, and `query parameter act`.
fn named(parameter: &Parameter) -> (String, String) {
    let (place, what) = match parameter.place {
        Place::Path => ("path", "path variable"),
        Place::Query => ("query", "query parameter"),
        Place::Header => ("header", "header"),
        Place::Cookie => ("cookie", "cookie"),
    };
    (format!("{place}.{}", parameter.name), format!("{what} `{}`", parameter.name))
}

/// The same parameter of another version. A path variable is known by its position in the path, because its name is not
/// sent; a header by its name in any letter case.
fn same_parameter<'o>(parameter: &Parameter, own: &Operation, other: &'o Operation) -> Option<&'o Parameter> {
    let mut others = other.parameters.iter().filter(|it| it.place == parameter.place);
    match parameter.place {
        Place::Path => {
            let position = variables(&own.path).position(|name| name == parameter.name)?;
            let name = variables(&other.path).nth(position)?;
            others.find(|it| it.name == name)
        }
        Place::Header => others.find(|it| it.name.eq_ignore_ascii_case(&parameter.name)),
        Place::Query | Place::Cookie => others.find(|it| it.name == parameter.name),
    }
}

fn variables(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
}
