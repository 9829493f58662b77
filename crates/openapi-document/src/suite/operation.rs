//! The cases of one operation: of its examples, and of what it describes where it has none.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use conformance_engine::schema::{Direction, Schemas, Violation};
use conformance_engine::suite::{
    Body, Case, Credential, Expected, ExpectedBody, Kind, LeftOut, Origin, Parameter, Place, Request, Source,
};
use serde_json::Value;

use super::contradiction::{Fault, contradiction, contradictory_case, contradictory_parameter};
use super::member_rules::{OneKind, member_rules};
use super::replies::plain_media_type;
use super::setup::is_in_state;
use crate::document::{
    Content, Document, Documented, Operation, Optional, Pair, Response, UNPROVOKED, Values, carried, composable,
    compose, essence, fits_as_text, is_json, pairs, pairs_of_other_media, parts, raised, spare_examples, state_name,
    unsendable, variable_names, written,
};
use crate::node::{self, Data, Entry, Node};
use crate::source::{At, Diagnostics};

/// What one operation answers under one name, and another takes under another: answered -> taken.
pub(crate) type Aliases = BTreeMap<String, String>;

/// Makes cases of operations.
pub(crate) struct Maker<'d, 'c> {
    pub(crate) document: &'d Document,
    pub(crate) schemas: Schemas<'c>,
    pub(crate) values: Values<'d>,
    pub(crate) kinds: OneKind<'d>,
}

/// Cases by their operation, in their order.
pub(crate) fn by_operation(cases: &[Case]) -> HashMap<&str, Vec<&Case>> {
    let mut found: HashMap<&str, Vec<&Case>> = HashMap::new();
    for case in cases {
        found.entry(&case.operation).or_default().push(case);
    }
    found
}

/// What was made of one operation.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) cases: Vec<Case>,
    pub(crate) left_out: Vec<LeftOut>,
}

impl Made {
    fn leave_out(&mut self, operation: &Operation<'_>, example: Option<&str>, reason: String) {
        // One reason that keeps out an example keeps out the operation, too.
        if example.is_some() || !self.left_out.iter().any(|left_out| left_out.reason == reason) {
            let example = example.map(str::to_owned);
            self.left_out.push(LeftOut { operation: operation.label(), example, reason });
        }
    }
}

/// The reply to a request that is as documented.
#[derive(Clone, Copy)]
struct Success<'r, 'd> {
    status: Status,
    response: &'r Response<'d>,
}

/// One status, or all of a class.
#[derive(Clone, Copy)]
struct Status {
    code: u16,
    class: bool,
}

impl<'d> Maker<'d, '_> {
    pub(crate) fn cases(&self, operation: &Operation<'d>, credential: Option<&Credential>, aliases: &Aliases) -> Made {
        let mut made = Made::default();
        let success = success(operation);
        let mut cases: Vec<(At, Vec<Case>)> = Vec::new();
        for pair in pairs(self.document, operation) {
            let draft = self.draft(operation, &pair, success);
            let case = draft.and_then(|draft| {
                let mut case = self.case(operation, &pair, draft.clone(), credential, aliases, Optional::LeftOut)?;
                let is_first = !cases.iter().any(|(_, all)| all.iter().any(|case| case.expected.status < 400));
                let full = is_first.then(|| self.full(operation, &pair, draft, &mut case, &mut made));
                Ok(std::iter::once(case).chain(full.flatten()).collect())
            });
            match case {
                Ok(all) => cases.push((pair.at, all)),
                Err(Fault::LeftOut(reason)) => made.leave_out(operation, Some(pair.name), reason),
                Err(Fault::Contradiction(reason)) => {
                    let status = pair.response.and_then(|response| Status::of(response.status, success.is_some()));
                    let status = status.or(success.map(|success| success.status)).map_or(200, |status| status.code);
                    cases.push((pair.at, vec![contradictory_case(operation, &pair.case_name(), status, reason)]));
                }
            }
        }
        for (name, media_type, first) in spare_examples(self.document, operation) {
            let reason = format!("it is of `{media_type}`, and replies are asked for, and judged, as `{first}`");
            made.leave_out(operation, Some(name), reason);
        }
        cases.sort_by_key(|(at, _)| *at);
        made.cases = cases.into_iter().flat_map(|(_, cases)| cases).collect();
        for pair in pairs_of_other_media(self.document, operation) {
            let draft = self.draft(operation, &pair, success);
            let case =
                draft.and_then(|draft| self.case(operation, &pair, draft, credential, aliases, Optional::LeftOut));
            match case {
                Ok(mut case) => {
                    let media_type = case.request.body.as_ref().map(|body| essence(&body.media_type));
                    let kind = media_type.unwrap_or_default();
                    case.id = format!("{}.{}", case.id, kind.split_once('/').map_or(kind.as_str(), |(_, kind)| kind));
                    made.cases.push(case);
                }
                Err(Fault::LeftOut(reason) | Fault::Contradiction(reason)) => {
                    made.leave_out(operation, Some(pair.name), reason);
                }
            }
        }
        let mut ids = BTreeSet::new();
        let is_new = |case: &Case| ids.insert(case.id.clone());
        let (cases, twice): (Vec<_>, Vec<_>) = std::mem::take(&mut made.cases).into_iter().partition(is_new);
        made.cases = cases;
        for case in twice {
            let reason = format!("another case is called `{}` as well", case.id);
            made.leave_out(operation, case.id.rsplit('/').next(), reason);
        }
        if !made.cases.iter().any(|case| case.expected.status < 400 && case.kind.is_documented()) {
            self.add_described(operation, success, credential, aliases, &mut made);
        }
        self.add_refusals(operation, &mut made);
        made
    }

    /// The same case with the optional parameters that have an example, if it has such, and if a second request like the
    /// first can be answered alike.
    fn full(
        &self,
        operation: &Operation<'d>,
        pair: &Pair<'d>,
        draft: Draft,
        case: &mut Case,
        made: &mut Made,
    ) -> Option<Case> {
        // What is deleted, or created under a name, cannot be again, unless each case has a state of its own.
        let is_repeatable = ["get", "head", "options", "put"].contains(&operation.method) || case.given.is_some();
        if case.request.unsent.is_empty() || !is_repeatable || case.expected.status >= 400 {
            return None;
        }
        let fits = |value: &Node, schema: &Node| self.fits(value, schema);
        let (credential, aliases) = (case.request.credential.as_ref(), &case.request.aliases);
        match self.case(operation, pair, draft, credential, aliases, Optional::Sent(&fits)) {
            Ok(mut full) if full.request.parameters.len() > case.request.parameters.len() => {
                full.id = format!("{}.optional", full.id);
                // What one of the two sends is not left out.
                case.request.unsent.clone_from(&full.request.unsent);
                Some(full)
            }
            Ok(_) => None,
            Err(Fault::LeftOut(reason) | Fault::Contradiction(reason)) => {
                made.leave_out(operation, Some(&format!("{}.optional", pair.name)), reason);
                None
            }
        }
    }

    /// The case of an operation of which no success has an example.
    fn add_described(
        &self,
        operation: &Operation<'d>,
        success: Option<Success<'_, 'd>>,
        credential: Option<&Credential>,
        aliases: &Aliases,
        made: &mut Made,
    ) {
        let Some(success) = success else {
            if made.left_out.is_empty() && made.cases.is_empty() {
                let reason = unread(self.document, operation);
                made.leave_out(operation, None, reason.unwrap_or_else(|| "no success is documented".to_owned()));
            }
            return;
        };
        let name = ["described", "described_itself"].into_iter();
        let mut names = name.filter(|name| !made.cases.iter().any(|case| case.id.ends_with(&format!("/{name}"))));
        let pair = Pair {
            name: names.next().unwrap_or("described"),
            at: operation.at,
            object: None,
            listed: None,
            request: Ok(None),
            has_own_request: false,
            response: None,
            is_repeated: false,
        };
        let body = self.body(operation, None);
        // Why its examples cannot be sent is said.
        let is_said = operation.body.is_some_and(has_examples) && made.left_out.iter().any(|it| it.example.is_some());
        if body.is_err() && is_said {
            return;
        }
        let mut draft = body.map(|body| Draft::described(self, operation, success, body));
        // Where the document shows a reply that its schema refuses, a server that sends it is not to blame.
        if let Ok(Draft { expected: Some(expected), .. }) = &mut draft
            && self.has_contradictory_success(operation)
        {
            expected.schema = None;
        }
        let case = draft.and_then(|draft| {
            let case = self.case(operation, &pair, draft.clone(), credential, aliases, Optional::LeftOut)?;
            Ok((case, draft))
        });
        match case {
            Ok((mut case, draft)) => {
                let full = self.full(operation, &pair, draft, &mut case, made);
                made.cases.extend(std::iter::once(case).chain(full));
            }
            // The example of a request is sent already, and its reply judged by its schema.
            Err(Fault::LeftOut(_)) if made.cases.iter().any(|case| case.expected.status < 400) => {}
            Err(Fault::LeftOut(reason)) => made.leave_out(operation, None, reason),
            Err(Fault::Contradiction(reason)) => {
                let case = contradictory_case(operation, pair.name, success.status.code, reason);
                if !made.cases.iter().any(|known| known.kind == case.kind) {
                    made.cases.push(case);
                }
            }
        }
    }

    /// A failure that is documented in a state (`x-given`) and has no example: the first request that succeeds is refused
    /// in that state.
    fn add_refusals(&self, operation: &Operation<'d>, made: &mut Made) {
        let Some(base) = made.cases.iter().find(|case| case.expected.status < 400).cloned() else { return };
        for response in operation.responses.iter().filter(|it| it.is_failure() && is_in_state(it)) {
            let Some(status) = response.code().map(|code| Status { code, class: false }) else {
                let reason = format!("`{}` names no single status, so its `x-given` leads to no case", response.status);
                made.leave_out(operation, None, reason);
                continue;
            };
            let id = format!("{}/{}", operation.label(), response.status);
            if made.cases.iter().any(|case| case.id == id) {
                continue;
            }
            let draft = Draft::described(self, operation, Success { status, response }, None);
            let expected = Expected { status: status.code, body: draft.expected, ..Expected::default() };
            let given = response.extension("x-given").and_then(state_name);
            let source = response.extension("x-source").and_then(source);
            made.cases.push(Case { id, kind: Kind::Described, given, source, expected, ..base.clone() });
        }
    }

    fn has_contradictory_success(&self, operation: &Operation<'d>) -> bool {
        let shown = pairs(self.document, operation).into_iter().filter_map(|pair| pair.response);
        let mut successes = shown.filter(|response| !response.is_failure);
        successes.any(|response| response.value.is_some_and(|value| self.example(&response, value).is_err()))
    }

    /// What is sent and expected of an example, but for the parameters.
    fn draft(
        &self,
        operation: &Operation<'d>,
        pair: &Pair<'d>,
        success: Option<Success<'_, 'd>>,
    ) -> Result<Draft, Fault> {
        let Some(response) = pair.response else {
            let success = success.ok_or("no success is documented that this request could be answered with")?;
            let body = self.body(operation, Some(pair))?;
            return Ok(Draft::described(self, operation, success, body));
        };
        let has_success = success.is_some_and(|success| success.response.status != "default");
        let status = Status::of(response.status, has_success).ok_or_else(|| {
            format!("`{}` names no single status that a reply could be compared with", response.status)
        })?;
        let value = response.value.ok_or("the example has no `value`")?;
        let of_response = || operation.response_to(status.code)?.extension("x-given");
        let given = pair.extension("x-given").or_else(of_response);
        if status.code >= 400 && given.is_none() && !pair.has_own_request {
            return Err(UNPROVOKED.into());
        }
        let (expected, written) = match has_body(operation, status) {
            true => {
                let (expected, written) = self.example(&response, value)?;
                (Some(expected), written)
            }
            false if operation.method == "head" => (None, BTreeMap::new()),
            false => return Err(format!("a reply with the status {} has no body", status.code).into()),
        };
        let body = match &pair.request {
            // Of several requests that are called otherwise, none is this one; they are sent by themselves.
            Err(reason) if operation.body.is_some_and(has_examples) => return Err(reason.clone().into()),
            _ => self.body(operation, Some(pair))?,
        };
        let or = if status.code < 400 && !pair.has_own_request { others(operation, status) } else { Vec::new() };
        Ok(Draft { kind: Kind::Documented, status, or, body, expected, written })
    }

    /// The response example as what is expected, and its numbers that are no `f64`; or why not.
    fn example(
        &self,
        response: &Documented<'d>,
        value: &'d Node,
    ) -> Result<(ExpectedBody, BTreeMap<String, String>), Fault> {
        let schema = response.media.get("schema");
        let mut value = Cow::Borrowed(value);
        // In a range of media types, what is no text can only be JSON.
        let is_range = response.media_type.contains('*');
        if let Some(schema) = schema.filter(|_| is_json(response.media_type) || is_range && value.as_text().is_none())
            && let Some(violation) = self.violation(&value, schema, Direction::Reply)
        {
            value = match parsed(&value) {
                Some(parsed) if self.violation(&parsed, schema, Direction::Reply).is_none() => Cow::Owned(parsed),
                _ => return Err(contradiction(self.document, "the example", &value, &violation)),
            };
        }
        let is_failure = response.is_failure;
        let expected = self.expected_body(response.media_type, response.media, Some(&value), is_failure);
        Ok((expected, value.to_reading().written))
    }

    fn expected_body(&self, media_type: &str, media: &Node, value: Option<&Node>, is_failure: bool) -> ExpectedBody {
        let schema = media.get("schema");
        let mut rules = BTreeMap::new();
        if let Some(schema) = schema {
            member_rules(self.document, schema, value, String::new(), &mut rules);
        }
        let schema_itself = schema.and_then(|schema| self.document.resolve(schema));
        if is_failure {
            self.kinds.failure_rules(schema_itself, &mut rules);
        } else {
            self.kinds.success_rules(schema_itself, &mut rules);
        }
        ExpectedBody {
            undocumented: false,
            media_type: plain_media_type(media_type),
            schema: schema.map(|schema| raised(self.document, schema)),
            example: value.map(Node::to_json),
            rules,
        }
    }

    /// The first way in which a value breaks a schema; nothing where the schema itself is broken.
    fn violation(&self, value: &Node, schema: &Node, direction: Direction) -> Option<Violation> {
        let found = self.schemas.violations_of(&value.to_reading(), &raised(self.document, schema), direction);
        found.into_iter().find(|violation| !violation.schema_is_broken)
    }

    fn fits(&self, value: &Node, schema: &Node) -> bool {
        self.violation(value, schema, Direction::Request).is_none()
    }

    /// The body of the request: the example that belongs to the pair, or one that is composed.
    fn body(&self, operation: &Operation<'d>, pair: Option<&Pair<'d>>) -> Result<Option<Body>, Fault> {
        let Some(described) = operation.body else { return Ok(None) };
        if let Some(pair) = pair
            && let Ok(Some((media, request))) = &pair.request
        {
            let value = request.value.ok_or("the example of the request body has no `value`")?;
            let value = match self.fitting(media, value) {
                // What the document shows as refused may be what its schema refuses.
                Err(_) if pair.response.is_some_and(|response| response.is_failure) => Cow::Borrowed(value),
                fitting => fitting?,
            };
            return Ok(Some(self.written(media, &value, false, BTreeMap::new())?));
        }
        if described.flag("required") != Some(true) {
            return match described.entries_of("content").find(|media| has_example(&media.value)) {
                // What its examples show is what it is for; they could not be sent.
                Some(media) if pair.is_none() && !is_json(&media.key) => Err(unsendable(&media.key).into()),
                _ => Ok(None),
            };
        }
        Ok(Some(self.composed(described)?))
    }

    fn written(
        &self,
        media: &Entry,
        value: &Node,
        composed: bool,
        made: BTreeMap<String, Origin>,
    ) -> Result<Body, String> {
        let written = written(self.document, media, value)?;
        let (value, raw) = match written.content {
            Content::Json(value) => (value, false),
            Content::ExactJson(text) => (Value::String(text), true),
            Content::Text(text) => (Value::String(text), false),
        };
        Ok(Body { media_type: written.media_type, value, raw, fixed: Vec::new(), composed, made })
    }

    /// A request example that its schema accepts, be it only after it is read as the JSON text that it is.
    fn fitting(&self, media: &'d Entry, value: &'d Node) -> Result<Cow<'d, Node>, Fault> {
        let Some(schema) = media.value.get("schema") else { return Ok(Cow::Borrowed(value)) };
        if !is_json(&media.key) {
            let wrong = self.in_form(schema, value).filter(|_| composable(&media.key).is_some());
            let fault = |violation: Violation| contradiction(self.document, "the request example", value, &violation);
            return wrong.map_or(Ok(Cow::Borrowed(value)), |violation| Err(fault(violation)));
        }
        let Some(violation) = self.violation(value, schema, Direction::Request) else {
            return Ok(Cow::Borrowed(value));
        };
        match parsed(value) {
            Some(parsed) if self.fits(&parsed, schema) => Ok(Cow::Owned(parsed)),
            _ => Err(contradiction(self.document, "the request example", value, &violation)),
        }
    }

    /// The first member of a form that its schema refuses, whichever way its text is read: one item is a list, too.
    fn in_form(&self, schema: &'d Node, value: &'d Node) -> Option<Violation> {
        let all = parts(self.document, schema);
        value.entries().find_map(|member| {
            let schema = all.iter().find_map(|part| part.get("properties")?.get(&member.key))?;
            let fits = |value: &Node, schema: &Node| self.fits(value, schema);
            let list = Node { at: member.value.at, data: Data::List(vec![member.value.clone()]) };
            if fits(&member.value, schema) || fits(&list, schema) || fits_as_text(&member.value, schema, &fits) {
                return None;
            }
            let violation = self.violation(&member.value, schema, Direction::Request)?;
            Some(Violation { pointer: format!("/{}{}", member.key, violation.pointer), ..violation })
        })
    }

    fn composed(&self, described: &'d Node) -> Result<Body, String> {
        let known = || described.entries_of("content").filter_map(|media| Some((composable(&media.key)?, media)));
        let with_schema = known().filter_map(|(rank, media)| Some((rank, media, media.value.get("schema")?)));
        let Some((_, media, schema)) = with_schema.min_by_key(|(rank, ..)| *rank) else {
            if let Some(media) = described.entries_of("content").find(|media| has_example(&media.value)) {
                return Err(unsendable(&media.key));
            }
            if known().next().is_some() {
                return Err("the request body is required, and has neither example nor schema".to_owned());
            }
            let types: Vec<_> = described.entries_of("content").map(|media| format!("`{}`", media.key)).collect();
            return Err(format!(
                "the request body is required and has no example, and none can be composed for {}",
                types.join(", ")
            ));
        };
        let composed = compose(self.document, schema, &|value, schema| self.fits(value, schema));
        let composed =
            composed.map_err(|reason| format!("the request body is required and has no example: {reason}"))?;
        if let Some(name) = composed.made.keys().find_map(|pointer| self.file(media, pointer)) {
            return Err(format!("the request body is required, and its file `{name}` has no example"));
        }
        self.written(media, &composed.value, true, composed.made)
    }

    /// The member of a body of parts that a pointer leads into, if it is a file: nothing can be made for one.
    fn file<'p>(&self, media: &'d Entry, pointer: &'p str) -> Option<&'p str> {
        let name = pointer.split('/').nth(1).filter(|_| !is_json(&media.key))?;
        let schema = media.value.get("schema")?;
        let all = parts(self.document, schema);
        let member = all.iter().find_map(|part| part.get("properties")?.get(name))?;
        let is_file = |part: &&Node| part.text("format") == Some("binary") || part.get("contentMediaType").is_some();
        let parts_of = |node: &'d Node| parts(self.document, node);
        let items = parts_of(member).into_iter().filter_map(|part| part.get("items")).flat_map(parts_of);
        (parts_of(member).iter().any(is_file) || items.into_iter().any(|part| is_file(&part))).then_some(name)
    }

    fn case(
        &self,
        operation: &Operation<'d>,
        pair: &Pair<'d>,
        draft: Draft,
        credential: Option<&Credential>,
        aliases: &Aliases,
        optional: Optional<'_>,
    ) -> Result<Case, Fault> {
        let fits = |value: &Node, schema: &Node| self.fits(value, schema);
        let violation = |value: &Node, schema: &Node| self.violation(value, schema, Direction::Request);
        let value = |operation: &Operation<'d>, parameter: &_| self.values.value(operation, parameter, &fits);
        let mut carried = carried(self.document, operation, pair.name, &value, optional)?;
        if draft.status.code < 400
            && let Some(contradiction) =
                contradictory_parameter(self.document, operation, pair.name, &carried.sent, &violation)
        {
            return Err(contradiction);
        }
        for name in variable_names(operation.path) {
            if !carried.sent.iter().any(|sent| sent.place == Place::Path && sent.name == name) {
                let (name, value) = (name.to_owned(), "string".to_owned());
                carried.sent.push(Parameter {
                    name,
                    place: Place::Path,
                    value,
                    prefix: String::new(),
                    encoded: false,
                    constant: false,
                    origin: Origin::Open,
                });
            }
        }
        let Draft { kind, status, or, body, expected, written } = draft;
        let request = Request {
            method: operation.method.to_uppercase(),
            path: operation.path.to_owned(),
            parameters: carried.sent,
            credential: credential.cloned(),
            body,
            aliases: aliases.clone(),
            unsent: carried.unsent,
            wire: None,
        };
        // A service may refuse what was made up.
        let refusals =
            if request.made().next().is_some() && status.code < 400 { refusals(operation) } else { Vec::new() };
        Ok(Case {
            id: format!("{}/{}", operation.label(), pair.case_name()),
            operation: operation.label(),
            kind,
            given: pair.extension("x-given").and_then(state_name),
            source: pair.extension("x-source").and_then(source),
            request,
            expected: Expected {
                status: status.code,
                class: status.class,
                or: or.into_iter().chain(refusals).collect(),
                body: expected,
                written,
                ..Expected::default()
            },
        })
    }
}

/// What is sent and expected, but for the parameters.
#[derive(Clone)]
struct Draft {
    kind: Kind,
    status: Status,
    or: Vec<u16>,
    body: Option<Body>,
    expected: Option<ExpectedBody>,
    /// Numbers of the example as they are written, where they are no `f64`.
    written: BTreeMap<String, String>,
}

impl Draft {
    /// Of a success without an example: status and schema.
    fn described(
        maker: &Maker<'_, '_>,
        operation: &Operation<'_>,
        success: Success<'_, '_>,
        body: Option<Body>,
    ) -> Draft {
        let Success { status, response } = success;
        let is_described =
            has_body(operation, status) && response.extension("x-body").and_then(Node::as_text) != Some("undocumented");
        let media =
            response.node.entries_of("content").filter(|_| is_described).min_by_key(|media| !is_json(&media.key));
        let expected = media.map(|media| maker.expected_body(&media.key, &media.value, None, false));
        // Where there is nothing to show, a request example says all there is to say.
        let kind = if expected.is_none() && body.as_ref().is_some_and(|body| !body.composed) {
            Kind::Documented
        } else {
            Kind::Described
        };
        Draft { kind, status, or: others(operation, status), body, expected, written: BTreeMap::new() }
    }
}

impl Status {
    /// The status that a key of `responses` names. `default` is every status that is not listed: the success where none
    /// is, and a failure beside one.
    fn of(key: &str, has_success: bool) -> Option<Status> {
        match key {
            "default" => Some(Status { code: if has_success { 400 } else { 200 }, class: true }),
            key => match key.strip_suffix("XX").and_then(|class| class.parse::<u16>().ok()) {
                Some(class @ 1..=5) => Some(Status { code: class * 100, class: true }),
                _ => Some(Status { code: key.parse().ok().filter(|code| (100..=599).contains(code))?, class: false }),
            },
        }
    }
}

/// Whether a reply has a body (RFC 9110, sections 9.3.2 and 15).
fn has_body(operation: &Operation<'_>, status: Status) -> bool {
    operation.method != "head" && !matches!(status.code, 100..=199 | 204 | 205 | 304)
}

/// The documented success that comes first: an exact status, a range, `default`; a redirection where there is no other.
fn success<'r, 'd>(operation: &'r Operation<'d>) -> Option<Success<'r, 'd>> {
    let is_success = |response: &Response<'_>| response.status.starts_with(['2', '3']);
    let has_success = operation.responses.iter().any(is_success);
    let of = |response: &'r Response<'d>| {
        let status = Status::of(response.status, has_success)?;
        (200..400).contains(&status.code).then_some(Success { status, response })
    };
    let all = operation.responses.iter().filter_map(of);
    all.min_by_key(|success| (success.status.code >= 300, success.status.class, success.status.code))
}

/// Other successes that the document has for the operation. Nothing is unmodified that was asked for without a condition.
fn others(operation: &Operation<'_>, status: Status) -> Vec<u16> {
    let codes = operation.responses.iter().filter_map(Response::code);
    codes.filter(|code| (200..400).contains(code) && ![304, status.code].contains(code)).collect()
}

/// Documented refusals of a request because of what it says.
fn refusals(operation: &Operation<'_>) -> Vec<u16> {
    let codes = operation.responses.iter().filter_map(Response::code);
    codes.filter(|code| (400..500).contains(code) && ![401, 403, 407, 429].contains(code)).collect()
}

/// The value that a text is as JSON: some documents have the text of a value for the value.
fn parsed(value: &Node) -> Option<Node> {
    let text = value.as_text()?.trim();
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok().filter(|_| text.starts_with(['{', '[']))?;
    node::read(text, &mut Diagnostics::default())
}

fn has_examples(holder: &Node) -> bool {
    holder.entries_of("content").any(|media| has_example(&media.value))
}

fn has_example(media: &Node) -> bool {
    media.get("example").is_some() || media.entries_of("examples").next().is_some()
}

fn source(node: &Node) -> Option<Source> {
    Some(Source { document: node.text("document")?.to_owned(), section: node.text("section")?.to_owned() })
}

/// The reference that keeps an operation from having an example: to another file, or to nothing.
fn unread(document: &Document, operation: &Operation<'_>) -> Option<String> {
    let responses = operation.node.entries_of("responses").map(|entry| &entry.value);
    let inside = responses.chain(operation.node.get("requestBody")).chain(operation.node.items_of("parameters"));
    // Before they are bundled, many documents have whole operations elsewhere.
    let holders = std::iter::once(operation.node).chain(inside);
    let broken = holders.filter(|node| document.resolve(node).is_none());
    let reference = broken.filter_map(|node| node.text("$ref")).next()?;
    Some(match reference.starts_with('#') {
        true => format!("the reference `{reference}` leads to nothing"),
        false => format!("`{reference}` is in another file, and one file is read"),
    })
}
