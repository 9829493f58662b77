//! Requests that the document permits, and so must be accepted: a documented one that succeeds, changed in one place, or
//! written in another way that means the same.
//!
//! Only what the document says is permitted is tried, and only where the value is the caller's to choose: path variables,
//! and values that name something which the state of the endpoint supplies, stay as they are. A changed value may change
//! the reply, so such a case expects a documented success, its schema and the identifiers of the example, and no other
//! value of it. A request that means the same is expected to be answered the same ([`wire`](super::wire)).
//!
//! A value that the document shows with another outcome, in a refused example or in another state, is not tried; the
//! suite says so ([`LeftOut`]).

use std::collections::{BTreeMap, HashSet};

use conformance_engine::schema::{Direction, Schemas};
use conformance_engine::suite::{
    Ambiguous, Body, Case, Credential, Expected, ExpectedBody, Kind, LeftOut, Parameter, Place, Request, Rule, Wire,
};
use serde_json::{Map, Value};

use super::credential::alternatives;
use super::limits::{Change, Constraints};
use super::operation::by_operation;
use super::setup::Linked;
use super::wire::{Spread, applies, refusal};
use crate::document::{Document, Operation, Response, is_identifier, is_json, is_remark, parts, raised, scalar};
use crate::node::{Node, escaped};

/// Members of members are changed down to this depth.
const MAX_DEPTH: usize = 4;

/// One operation has at most so many cases of other values; how many there would be more is said.
const MOST_OF_ONE: usize = 60;

/// The permitted cases of all operations. `documented` are the cases that they are made from.
pub(crate) fn permitted(
    document: &Document,
    operations: &[Operation<'_>],
    documented: &[Case],
    linked: &Linked,
    components: &Map<String, Value>,
) -> (Vec<Case>, Vec<LeftOut>) {
    let mut all: Vec<Permitting<'_, '_>> = Vec::new();
    let documented = by_operation(documented);
    let mut known = HashSet::new();
    for operation in operations {
        let label = operation.label();
        // A second operation of the same name has no cases.
        if known.insert(label.clone()) {
            let own = documented.get(label.as_str()).map_or(&[][..], Vec::as_slice);
            all.push(Permitting::of(document, operation, label, own, linked, components));
        }
    }
    let labels: Vec<String> = all.iter().map(|permitting| permitting.label.clone()).collect();
    let spread = Spread::over(&labels, |position, wire| all[position].base_for(wire).is_some());
    let (mut cases, mut left_out) = (Vec::new(), Vec::new());
    for (position, mut permitting) in all.into_iter().enumerate() {
        for base in permitting.bases.clone() {
            permitting.body(base);
            permitting.parameters(base);
        }
        if permitting.too_many > 0 {
            let reason = format!("permitted and not tried, beyond the first: {}", permitting.too_many);
            permitting.leave_out("*", reason);
        }
        for wire in Wire::ALL.into_iter().filter(|wire| spread.has(position, *wire)) {
            permitting.write(wire);
        }
        permitting.credentials();
        cases.extend(permitting.cases);
        left_out.extend(permitting.left_out);
    }
    (cases, left_out)
}

struct Permitting<'d, 'c> {
    document: &'d Document,
    operation: &'c Operation<'d>,
    label: String,
    /// Every case of the operation's examples and descriptions.
    documented: Vec<&'c Case>,
    /// Those that succeed, in the order of the document.
    bases: Vec<&'c Case>,
    linked: &'c Linked,
    schemas: Schemas<'c>,
    cases: Vec<Case>,
    left_out: Vec<LeftOut>,
    /// Changes beyond [`MOST_OF_ONE`].
    too_many: usize,
}

/// The place of a changed value.
#[derive(Clone, Copy)]
enum At<'p> {
    /// A member of the body, by its JSON pointer.
    Body(&'p str),
    Parameter(Place, &'p str),
}

impl<'d, 'c> Permitting<'d, 'c> {
    fn of(
        document: &'d Document,
        operation: &'c Operation<'d>,
        label: String,
        cases: &[&'c Case],
        linked: &'c Linked,
        components: &'c Map<String, Value>,
    ) -> Self {
        let is_sent = |case: &&Case| !matches!(case.kind, Kind::Contradiction { .. });
        let documented: Vec<&Case> = cases.iter().copied().filter(is_sent).collect();
        // What was made up may be refused for what it is.
        let is_base = |case: &&&Case| {
            (200..300).contains(&case.expected.status)
                && matches!(case.kind, Kind::Documented | Kind::Described)
                // What is deleted is gone, unless each case has a state of its own.
                && (case.request.method != "DELETE" || case.given.is_some())
                && case.request.made().next().is_none()
                && case.request.open().next().is_none()
        };
        let bases = documented.iter().filter(is_base).copied().collect();
        let schemas = Schemas::new(components);
        Self {
            document,
            operation,
            label,
            documented,
            bases,
            linked,
            schemas,
            cases: Vec::new(),
            left_out: Vec::new(),
            too_many: 0,
        }
    }

    /// The first request that can be written in this way.
    fn base_for(&self, wire: Wire) -> Option<&'c Case> {
        self.bases.iter().copied().find(|case| applies(wire, self.operation, case))
    }

    fn write(&mut self, wire: Wire) {
        let Some(base) = self.base_for(wire) else { return };
        let mut expected = base.expected.clone();
        expected.or.extend(refusal(wire).filter(|status| self.documents(*status)));
        expected.ambiguous = self.ambiguous(base);
        self.cases.push(Case {
            id: format!("{}/permitted/wire.{}", self.label, wire.name()),
            kind: Kind::Permitted { allows: wire.about().to_owned() },
            request: Request { wire: Some(wire), ..base.request.clone() },
            expected,
            ..base.clone()
        });
    }

    fn body(&mut self, base: &'c Case) {
        let Some(described) = self.operation.body else { return };
        let is_optional = described.flag("required") != Some(true);
        let media = described.entries_of("content").find(|media| match &base.request.body {
            Some(body) => media.key == body.media_type,
            None => is_json(&media.key),
        });
        if base.request.body.is_some() && is_optional {
            let request = Request { body: None, ..base.request.clone() };
            self.push(base, "body.absent", "the optional body is left out".to_owned(), request);
        }
        let Some(media) = media.filter(|media| is_json(&media.key)) else { return };
        let Some(schema) = media.value.get("schema") else { return };
        let whole = raised(self.document, schema);
        let body = base.request.body.clone().unwrap_or_else(|| Body {
            media_type: media.key.clone(),
            value: Value::Null,
            raw: false,
            fixed: Vec::new(),
            composed: false,
            made: BTreeMap::new(),
        });
        let described = self.described(schema, &body.value);
        let is_object =
            described.iter().any(|part| part.text("type") == Some("object") || part.get("properties").is_some());
        let empty = Value::Object(Map::new());
        if is_object && body.value != empty && self.fits(&empty, &whole) {
            let request = Request { body: Some(Body { value: empty, ..body.clone() }), ..base.request.clone() };
            self.push(base, "body.empty", "the body is `{}`, as no member is required".to_owned(), request);
        }
        // A text that was written as it is has a number that would not stay so.
        if base.request.body.is_none() || body.raw || !self.fits(&body.value, &whole) {
            return;
        }
        self.members(base, &body, &whole, schema, "", 0);
    }

    /// Changes the value at `pointer` of the body, and what is in it.
    fn members(&mut self, base: &'c Case, body: &Body, whole: &Value, schema: &'d Node, pointer: &str, depth: usize) {
        let Some(value) = body.value.pointer(pointer) else { return };
        if depth > MAX_DEPTH {
            return;
        }
        let described = self.described(schema, value);
        if value.as_array().is_some_and(|items| !items.is_empty()) {
            let items = described.iter().find_map(|part| part.get("items"));
            if let Some(items) = items {
                let pointer = format!("{pointer}/0");
                self.members(base, body, whole, items, &pointer, depth + 1);
            }
            return;
        }
        let Some(members) = value.as_object().cloned() else { return };
        let required: Vec<&str> =
            described.iter().flat_map(|part| part.items_of("required")).filter_map(Node::as_text).collect();
        let mut known: Vec<&str> = Vec::new();
        for property in described.iter().flat_map(|part| part.entries_of("properties")) {
            let name = property.key.as_str();
            let is_read_only =
                self.document.resolve(&property.value).is_some_and(|schema| schema.flag("readOnly") == Some(true));
            if is_read_only || known.contains(&name) {
                continue;
            }
            known.push(name);
            let at = format!("{pointer}/{}", escaped(name));
            let documented = members.get(name);
            if documented.is_some() && !required.contains(&name) {
                let changed = without(&body.value, pointer, name);
                let allows = format!("the optional member `{}` is left out", dotted(&at));
                self.push_body(base, body, whole, &at, "absent", allows, changed);
            }
            if self.is_supplied(base, name) {
                continue;
            }
            let constraints = Constraints::of(self.document, &property.value);
            for change in self.changes(base, &constraints, documented, At::Body(&at)) {
                let changed = with(&body.value, pointer, name, change.value);
                let allows = format!("the member `{}` {}", dotted(&at), change.how);
                self.push_body(base, body, whole, &at, &change.what, allows, changed);
            }
            if documented.is_some() {
                self.members(base, body, whole, &property.value, &at, depth + 1);
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn push_body(
        &mut self,
        base: &'c Case,
        body: &Body,
        whole: &Value,
        pointer: &str,
        what: &str,
        allows: String,
        value: Value,
    ) {
        if !self.fits(&value, whole) {
            return;
        }
        let mut body = Body { value, ..body.clone() };
        // What the state supplies must not replace it.
        let top = pointer.split('/').nth(1).unwrap_or_default().replace("~1", "/").replace("~0", "~");
        if body.value.get(&top).is_some() {
            body.fixed.push(top);
        }
        let request = Request { body: Some(body), ..base.request.clone() };
        self.push(base, &format!("body.{}.{what}", dotted(pointer)), allows, request);
    }

    fn parameters(&mut self, base: &'c Case) {
        for declared in &self.operation.parameters {
            let (place, noun) = match declared.place {
                "query" => (Place::Query, "query parameter"),
                "header" => (Place::Header, "header"),
                "cookie" => (Place::Cookie, "cookie"),
                _ => continue,
            };
            let name = declared.name;
            let is_it = |sent: &Parameter| sent.place == place && sent.name == name;
            let sent: Vec<&Parameter> = base.request.parameters.iter().filter(|sent| is_it(sent)).collect();
            let is_credential = base
                .request
                .credential
                .as_ref()
                .is_some_and(|credential| credential.place == place && credential.name.eq_ignore_ascii_case(name));
            if declared.constant || is_credential || is_remark(declared) {
                continue;
            }
            let prefix = format!("{}.{name}", declared.place);
            if !sent.is_empty() && !declared.required {
                let mut request = base.request.clone();
                request.parameters.retain(|sent| !is_it(sent));
                let allows = format!("the optional {noun} `{name}` is left out");
                self.push(base, &format!("{prefix}.absent"), allows, request);
            }
            if self.is_supplied(base, name) || sent.len() > 1 {
                continue;
            }
            let Some(schema) = declared.node.get("schema") else { continue };
            let constraints = Constraints::of(self.document, schema);
            let documented = sent.first().map(|sent| constraints.read(&sent.value));
            let whole = raised(self.document, schema);
            for change in self.changes(base, &constraints, documented.as_ref(), At::Parameter(place, name)) {
                let Some(text) = scalar(&change.value).filter(|text| !text.is_empty()) else { continue };
                if !self.fits(&change.value, &whole) {
                    continue;
                }
                let mut request = base.request.clone();
                match request.parameters.iter_mut().find(|sent| is_it(sent)) {
                    Some(sent) => {
                        sent.value = text;
                        sent.encoded = false;
                        // What the state supplies must not replace it.
                        sent.constant = true;
                    }
                    None => {
                        let (name, origin) = (name.to_owned(), conformance_engine::suite::Origin::Documented);
                        request.parameters.push(Parameter {
                            name,
                            place,
                            value: text,
                            constant: true,
                            origin,
                            prefix: String::new(),
                            encoded: false,
                        });
                        request.unsent.retain(|unsent| unsent != declared.name);
                    }
                }
                let allows = format!("the {noun} `{name}` {}", change.how);
                self.push(base, &format!("{prefix}.{}", change.what), allows, request);
            }
        }
    }

    /// The other values of a member or parameter that the document permits, but for those that it shows with another
    /// outcome.
    fn changes(
        &mut self,
        base: &'c Case,
        constraints: &Constraints,
        documented: Option<&Value>,
        at: At<'_>,
    ) -> Vec<Change> {
        let (mut changes, untried) = constraints.changes(documented);
        if documented.is_none() && matches!(at, At::Body(_)) {
            // How much of what the document does not show there may be is not known.
            changes.retain(|change| !matches!(change.what.as_str(), "least" | "greatest"));
        }
        let (prefix, name) = match at {
            At::Body(pointer) => ("body", dotted(pointer)),
            At::Parameter(Place::Query, name) => ("query", name.to_owned()),
            At::Parameter(Place::Cookie, name) => ("cookie", name.to_owned()),
            At::Parameter(_, name) => ("header", name.to_owned()),
        };
        changes.retain(|change| match self.otherwise(base, at, &change.value) {
            Some(reason) => {
                self.leave_out(&format!("{prefix}.{name}.{}", change.what), reason);
                false
            }
            None => true,
        });
        for (what, reason) in untried {
            self.leave_out(&format!("{prefix}.{name}.{what}"), reason);
        }
        changes
    }

    fn leave_out(&mut self, what: &str, reason: String) {
        let left_out = LeftOut { operation: self.label.clone(), example: Some(format!("permitted/{what}")), reason };
        if !self.left_out.contains(&left_out) {
            self.left_out.push(left_out);
        }
    }

    /// Where the document shows this value at this place with another outcome than the base has.
    fn otherwise(&self, base: &Case, at: At<'_>, value: &Value) -> Option<String> {
        if shown(&base.request, at).is_some_and(|shown| alike(&shown, value)) {
            return None;
        }
        let shows = |case: &&&Case| shown(&case.request, at).is_some_and(|shown| alike(&shown, value));
        let case = self
            .documented
            .iter()
            .find(|case| shows(case) && (case.expected.status >= 400 || case.given != base.given))?;
        let text = value.to_string();
        Some(match &case.given {
            _ if case.expected.status >= 400 => {
                format!("{} has the value {text}, and is refused with {}", case.id, case.expected.status)
            }
            Some(given) => format!("{} has the value {text}, and needs {given}", case.id),
            None => format!("{} has the value {text}, and needs no state", case.id),
        })
    }

    /// A value of this name is not the caller's to choose.
    fn is_supplied(&self, base: &Case, name: &str) -> bool {
        is_identifier(name) || base.request.aliases.values().any(|taken| taken == name)
    }

    fn push(&mut self, base: &'c Case, what: &str, allows: String, request: Request) {
        let id = format!("{}/permitted/{what}", self.label);
        if self.cases.iter().any(|case| case.id == id || is_same(&case.request, &request)) {
            return;
        }
        if let Some(other) = self.documented.iter().copied().find(|case| is_same(&case.request, &request)) {
            // Of the same state, or of any.
            if other.expected.status >= 400 && (other.given == base.given || other.given.is_none()) {
                self.leave_out(what, format!("{} is this request, and is refused", other.id));
            }
            if other.expected.status < 400 || other.given == base.given {
                return;
            }
        }
        if self.cases.len() >= MOST_OF_ONE {
            self.too_many += 1;
            return;
        }
        self.cases.push(Case {
            id,
            operation: self.label.clone(),
            kind: Kind::Permitted { allows },
            given: base.given.clone(),
            source: base.source.clone(),
            request,
            expected: self.expected(base),
        });
    }

    /// A success that the document has for the operation: what the changed value does to the reply is not known.
    fn expected(&self, base: &Case) -> Expected {
        let mut or = base.expected.or.clone();
        let successes = self.operation.responses.iter().filter(|response| response.is_success());
        for code in successes.filter_map(Response::code) {
            if code != base.expected.status && !or.contains(&code) {
                or.push(code);
            }
        }
        let body = base.expected.body.as_ref().map(|body| ExpectedBody {
            example: body.example.as_ref().and_then(|example| identifiers(example, &body.rules)),
            ..body.clone()
        });
        let (status, class, ambiguous) = (base.expected.status, base.expected.class, self.ambiguous(base));
        Expected { status, class, or, ambiguous, body, ..Expected::default() }
    }

    /// With each alternative of what the operation asks for by itself, and with none where none has to be.
    fn credentials(&mut self) {
        let Some(base) = self.bases.first().copied() else { return };
        let (all, is_optional) = alternatives(self.document, self.operation);
        if all.len() + usize::from(is_optional) < 2 {
            return;
        }
        for credential in &all {
            let members: Vec<&Credential> = std::iter::once(credential).chain(&credential.with).collect();
            let schemes: Vec<&str> = members.iter().map(|one| one.scheme.as_str()).collect();
            let what = format!("credential.{}", schemes.join("+"));
            if let Some(reason) = members.iter().find_map(|one| one.unsupported.clone()) {
                self.leave_out(&what, reason);
                continue;
            }
            let credential = Credential { subject: true, ..credential.clone() };
            let request = Request { credential: Some(credential), ..base.request.clone() };
            let allows = format!("the credential is that of `{}`", schemes.join("` and `"));
            self.push_credential(base, what, allows, request);
        }
        if is_optional {
            let mut request = Request { credential: None, ..base.request.clone() };
            let is_credential = |name: &str| base.request.credential.as_ref().is_some_and(|it| it.is_called(name));
            request.parameters.retain(|sent| !is_credential(&sent.name));
            let allows = "no credential is sent, as `security` has `{}`".to_owned();
            self.push_credential(base, "credential.none".to_owned(), allows, request);
        }
    }

    fn push_credential(&mut self, base: &Case, what: String, allows: String, request: Request) {
        let id = format!("{}/permitted/{what}", self.label);
        let (kind, expected) = (Kind::Permitted { allows }, self.expected(base));
        self.cases.push(Case { id, kind, request, expected, ..base.clone() });
    }

    /// The refusals that a permitted request may meet because of what is there already, or is there no more: where the
    /// document gives no state to a case, the unchanged request meets them as well. Credentials and the way of writing have
    /// others.
    fn ambiguous(&self, base: &Case) -> Option<Ambiguous> {
        let statuses = vec![400, 402, 403, 404, 409, 410, 412, 422, 423];
        (!self.linked.is_given(base)).then(|| Ambiguous { statuses, unchanged: base.id.clone() })
    }

    /// Whether the status is documented: by itself, by its class or by `default`.
    fn documents(&self, status: u16) -> bool {
        self.operation.response_to(status).is_some()
    }

    fn fits(&self, value: &Value, schema: &Value) -> bool {
        self.schemas.violations(value, schema, Direction::Request).is_empty()
    }

    /// A schema, what it is composed of, and those of its alternatives that accept the value.
    fn described(&self, schema: &'d Node, value: &Value) -> Vec<&'d Node> {
        let mut described = parts(self.document, schema);
        let mut at = 0;
        while let Some(part) = described.get(at).copied() {
            at += 1;
            let alternatives = part.items_of("oneOf").iter().chain(part.items_of("anyOf"));
            let fitting =
                alternatives.filter(|it| described.len() < 100 && self.fits(value, &raised(self.document, it)));
            let more: Vec<&Node> = fitting.flat_map(|it| parts(self.document, it)).collect();
            more.into_iter().for_each(|part| {
                if !described.iter().any(|known| std::ptr::eq(*known, part)) {
                    described.push(part);
                }
            });
        }
        described
    }
}

/// The members of an example that are identifiers: a success has them whatever else was chosen.
fn identifiers(example: &Value, rules: &BTreeMap<String, Rule>) -> Option<Value> {
    let is_identifier = |name: &str| {
        let pointer = format!("/{}", escaped(name));
        rules.get(&pointer) == Some(&Rule::Id)
    };
    let members = example.as_object()?.iter().filter(|(name, _)| is_identifier(name));
    let members: Map<String, Value> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

/// The value that a request has at this place.
fn shown(request: &Request, at: At<'_>) -> Option<Value> {
    match at {
        At::Body(pointer) => request.body.as_ref()?.value.pointer(pointer).cloned(),
        At::Parameter(place, name) => {
            let sent = request.parameters.iter().find(|sent| sent.place == place && sent.name == name)?;
            Some(Value::String(sent.value.clone()))
        }
    }
}

/// The same value; outside of a body everything is text.
fn alike(shown: &Value, value: &Value) -> bool {
    shown == value
        || shown.as_str().is_some_and(|text| scalar(value).is_some_and(|other| other == text) && !value.is_string())
}

/// Both are sent as the same bytes.
fn is_same(one: &Request, other: &Request) -> bool {
    let sent = |request: &Request| {
        let mut sent: Vec<(String, String)> = request
            .parameters
            .iter()
            .map(|parameter| (format!("{:?} {}", parameter.place, parameter.name), parameter.value.clone()))
            .collect();
        sent.sort();
        sent
    };
    let body =
        |request: &Request| request.body.as_ref().map(|body| (body.media_type.clone(), body.value.clone(), body.raw));
    one.wire == other.wire && sent(one) == sent(other) && body(one) == body(other)
}

/// `/a/b` as `a.b`.
fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".").replace("~1", "/").replace("~0", "~")
}

/// The value without the member `name` of the object at `pointer`.
fn without(value: &Value, pointer: &str, name: &str) -> Value {
    let mut changed = value.clone();
    if let Some(Value::Object(members)) = changed.pointer_mut(pointer) {
        members.shift_remove(name);
    }
    changed
}

/// The value with the member `name` of the object at `pointer` set.
fn with(value: &Value, pointer: &str, name: &str, member: Value) -> Value {
    let mut changed = value.clone();
    if let Some(Value::Object(members)) = changed.pointer_mut(pointer) {
        members.insert(name.to_owned(), member);
    }
    changed
}
