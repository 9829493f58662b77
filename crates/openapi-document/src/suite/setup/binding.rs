//! Which values a request takes from the calls before it: those that `x-given` and links name, and for the variables of
//! its path those that follow from the paths and replies of the calls.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use conformance_engine::suite::{Case, Origin, Place, Request, Taken, folded};
use serde_json::Value;

use crate::document::{Document, Operation, escaped, is_json, links, parts, variable_names};
use crate::node::Node;

/// How the name of an identifier ends, after the name of what it identifies.
const ENDINGS: [&str; 5] = ["id", "no", "number", "key", "code"];

/// What an object may be called that has no members but the resource.
const WRAPPERS: [&str; 3] = ["data", "result", "item"];

/// One call that leads to a state.
#[derive(Clone)]
pub(crate) struct Step<'c, 'd> {
    pub(crate) case: &'c Case,
    pub(crate) operation: &'c Operation<'d>,
    /// What `x-given` names: where a value goes, and its expression.
    pub(crate) values: &'c [(String, String)],
}

type Known<'d> = HashMap<(usize, &'d str, usize), Option<String>>;

/// Takes values from calls.
pub(crate) struct Binding<'b, 'd> {
    pub(crate) document: &'d Document,
    pub(crate) operations: &'b [Operation<'d>],
    pub(crate) steps: &'b [Step<'b, 'd>],
    /// What is known of the variables of paths: by the step, the path, and the position in it.
    known: RefCell<Known<'d>>,
}

impl<'b, 'd> Binding<'b, 'd> {
    pub(crate) fn new(document: &'d Document, operations: &'b [Operation<'d>], steps: &'b [Step<'b, 'd>]) -> Self {
        Binding { document, operations, steps, known: RefCell::default() }
    }

    /// What a request of `operation` takes, by where it goes.
    pub(crate) fn takes(&self, operation: &Operation<'d>, request: &Request) -> BTreeMap<String, Taken> {
        let mut takes = BTreeMap::new();
        let path = segments(operation.path);
        for (at, segment) in path.iter().enumerate() {
            let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(name, _)| name)
            else {
                continue;
            };
            let found = self.steps.iter().enumerate().rev().find_map(|(step, call)| {
                let key = (step, operation.path, at);
                let known = self.known.borrow().get(&key).cloned();
                let value = known.unwrap_or_else(|| {
                    let value = self.variable(call, &path, at, name);
                    self.known.borrow_mut().insert(key, value.clone());
                    value
                })?;
                Some(Taken { step, value })
            });
            if let Some(taken) = found.filter(|_| !request.has_constant(name)) {
                // A body that repeats the identifier of its path goes on doing so.
                let documented = request.parameters.iter().find(|it| it.place == Place::Path && it.name == name);
                if let Some(documented) = documented {
                    let mut found = Vec::new();
                    repeated(request.body.as_ref().map(|body| &body.value), name, &documented.value, "", &mut found);
                    takes.extend(found.into_iter().map(|pointer| (format!("body#{pointer}"), taken.clone())));
                }
                takes.insert(format!("path.{name}"), taken);
            }
        }
        for name in references(request) {
            let found = self
                .steps
                .iter()
                .enumerate()
                .rev()
                .find_map(|(step, call)| Some(Taken { step, value: self.identifier_called(call, name.1)? }));
            takes.extend(found.map(|taken| (format!("{}{}", name.0, name.1), taken)));
        }
        // Source: RFC 9110, section 13.1.1: the condition is on the version that an `ETag` names.
        let condition = request.parameters.iter().find(|it| {
            it.place == Place::Header && it.origin == Origin::Open && it.name.eq_ignore_ascii_case("if-match")
        });
        if let Some(condition) = condition
            && let Some(step) = self.steps.iter().rposition(|call| has_version(call))
        {
            let value = "$response.header.ETag".to_owned();
            takes.insert(format!("header.{}", condition.name), Taken { step, value });
        }
        // What is named beats what follows, and a later call beats an earlier one.
        for (step, call) in self.steps.iter().enumerate() {
            for (key, value) in self.linked(call, operation).into_iter().chain(call.values.iter().cloned()) {
                takes.insert(placed(operation, request, &key), Taken { step, value });
            }
        }
        takes
    }

    /// What the request that removes what `call` made takes from it: every variable of the path. That of the thing itself is
    /// an identifier that the reply has; those before it are the ones that the call was sent with. The variable that nothing
    /// has, if there is one.
    pub(crate) fn removes(
        &self,
        call: &Step<'_, 'd>,
        remover: &Operation<'d>,
        request: &Request,
    ) -> Result<BTreeMap<String, Taken>, String> {
        let step = self.steps.len().saturating_sub(1);
        let (path, called) = (segments(remover.path), segments(call.operation.path));
        let linked = self.linked(call, remover);
        let mut takes = BTreeMap::new();
        let mut last = String::new();
        let mut has_own = false;
        for (at, segment) in path.iter().enumerate() {
            for name in variable_names(segment) {
                name.clone_into(&mut last);
                if request.has_constant(name) {
                    continue;
                }
                let is_under = called.len() >= at && same(&called[..at], &path[..at]);
                let own = called.get(at).and_then(|segment| variable(segment));
                let is_link = |key: &str| key == name || key.strip_prefix("path.") == Some(name);
                let mut named = linked.iter().filter(|(key, _)| is_link(key)).map(|(_, value)| value);
                let named = named.rfind(|value| self.is_identifier(call, value));
                let value = match own.filter(|_| is_under) {
                    Some(own) => format!("$request.path.{own}"),
                    None => {
                        let is_item = is_under && called.len() == at || at + 1 == path.len();
                        let found = || if is_item { self.created(call, name) } else { self.member_called(call, name) };
                        let found = named.cloned().or_else(found).ok_or_else(|| name.to_owned())?;
                        has_own = true;
                        found
                    }
                };
                takes.insert(format!("path.{name}"), Taken { step, value });
            }
        }
        if has_own { Ok(takes) } else { Err(last) }
    }

    /// Whether an expression is one place of the reply where an identifier of what the call made may be.
    fn is_identifier(&self, call: &Step<'_, 'd>, expression: &str) -> bool {
        let own = self.members(call);
        expression.eq_ignore_ascii_case("$response.header.Location")
            || expression.strip_prefix("$response.body#").is_some_and(|pointer| own.iter().any(|it| it == pointer))
    }

    /// Of a request that is sent after the calls, a call that made something, and the variable for it of which nothing has
    /// the value.
    pub(crate) fn untold<'o>(
        &self,
        operation: &Operation<'o>,
        request: &Request,
        takes: &BTreeMap<String, Taken>,
    ) -> Option<(&str, &'o str)> {
        let path = segments(operation.path);
        self.steps.iter().find_map(|call| {
            let called = segments(call.operation.path);
            let name = path.get(called.len()).and_then(|segment| variable(segment))?;
            let is_made = call.operation.method == "post" && starts_with(&path, &called);
            let is_taken = takes.contains_key(&format!("path.{name}")) || takes.contains_key(name);
            (is_made && !is_taken && !request.has_constant(name)).then_some((call.case.id.as_str(), name))
        })
    }

    /// The expression for the variable at a position of a path, if this call has its value.
    fn variable(&self, call: &Step<'_, 'd>, path: &[&str], at: usize, name: &str) -> Option<String> {
        let called = segments(call.operation.path);
        let is_under = called.len() >= at && same(&called[..at], &path[..at]);
        if is_under && let Some(own) = called.get(at).and_then(|segment| variable(segment)) {
            return Some(format!("$request.path.{own}"));
        }
        if is_under && called.len() == at && ["post", "put", "patch"].contains(&call.operation.method) {
            return self.identifier(call, name);
        }
        self.member_called(call, name)
    }

    /// The expression for the identifier of what a call made, of which a path calls it `name`.
    fn identifier(&self, call: &Step<'_, 'd>, name: &str) -> Option<String> {
        let members = self.members(call);
        let find = |fits: &dyn Fn(&str) -> bool| members.iter().find(|pointer| fits(last(pointer)));
        let end = || find(&|member| member.len() > 1 && folded(name).ends_with(&folded(member)));
        let other = || find(&is_usual).or_else(end).map(|pointer| format!("$response.body#{pointer}"));
        self.created(call, name).or_else(other)
    }

    /// The expression for the identifier of what a call made where nothing else can be meant: a member of the reply itself;
    /// its `Location`; a member of what wraps the resource.
    fn created(&self, call: &Step<'_, 'd>, name: &str) -> Option<String> {
        let members = self.members(call);
        let collection = singulars(segments(call.operation.path).last().copied().unwrap_or_default());
        let is_own = folded(name).ends_with("id") || collection.contains(&folded(name));
        let is_of_kind = |member: &str| {
            let member = folded(member);
            let mut kinds = ENDINGS.iter().filter_map(|ending| member.strip_suffix(ending));
            kinds.any(|kind| kind == folded(name) || collection.iter().any(|it| it == kind))
        };
        let within = |is_inner: bool| {
            let own = || members.iter().filter(move |pointer| is_inner == (pointer.matches('/').count() > 1));
            let exact = own().find(|pointer| is_alike(last(pointer), name));
            let usual = || own().find(|pointer| is_own && is_usual(last(pointer)));
            exact.or_else(usual).or_else(|| own().find(|pointer| is_of_kind(last(pointer))))
        };
        let in_body = |pointer: &String| format!("$response.body#{pointer}");
        let location = || "$response.header.Location".to_owned();
        let response = call.operation.response_to(call.case.expected.status)?;
        let has_location =
            response.node.entries_of("headers").any(|header| header.key.eq_ignore_ascii_case("location"));
        // Source: RFC 9110, section 15.3.2: 201 names what was created in `Location`, if it is anywhere else.
        let may_have = || response.code() == Some(201);
        let whole = within(false).map(in_body).or_else(|| has_location.then(location));
        whole.or_else(|| within(true).map(in_body)).or_else(|| may_have().then(location))
    }

    /// The expression for a member of the reply to a call, under the name that a path or a request has for it.
    fn member_called(&self, call: &Step<'_, 'd>, name: &str) -> Option<String> {
        let members = self.members(call);
        members.iter().find(|pointer| is_alike(last(pointer), name)).map(|pointer| format!("$response.body#{pointer}"))
    }

    /// The expression for an identifier outside of the path, if this call answers it under this name, or made one of it.
    fn identifier_called(&self, call: &Step<'_, 'd>, name: &str) -> Option<String> {
        if let Some(member) = self.member_called(call, name) {
            return Some(member);
        }
        let kind = folded(name).strip_suffix("id")?.to_owned();
        let is_of_it = singulars(segments(call.operation.path).last().copied().unwrap_or_default()).contains(&kind);
        if is_of_it && call.operation.method == "post" { self.identifier(call, name) } else { None }
    }

    /// The members that the reply to a call is documented to have, and those of what wraps the resource, as pointers.
    fn members(&self, call: &Step<'_, 'd>) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut add = |pointer: String| {
            if !found.contains(&pointer) {
                found.push(pointer);
            }
        };
        let response = call.operation.response_to(call.case.expected.status);
        let media = response.and_then(|response| response.node.entries_of("content").find(|media| is_json(&media.key)));
        let schema = media.and_then(|media| media.value.get("schema"));
        let properties =
            |schema: &'d Node| parts(self.document, schema).into_iter().flat_map(|part| part.entries_of("properties"));
        let example =
            call.case.expected.body.as_ref().and_then(|body| body.example.as_ref()).and_then(Value::as_object);
        schema.into_iter().flat_map(properties).for_each(|member| add(format!("/{}", escaped(&member.key))));
        example.into_iter().flatten().for_each(|(name, _)| add(format!("/{}", escaped(name))));
        let collection = singulars(segments(call.operation.path).last().copied().unwrap_or_default());
        let is_wrapper = |name: &str| WRAPPERS.contains(&name) || collection.contains(&folded(name));
        for member in schema.into_iter().flat_map(properties).filter(|member| is_wrapper(&member.key)) {
            let outer = format!("/{}", escaped(&member.key));
            properties(&member.value).for_each(|inner| add(format!("{outer}/{}", escaped(&inner.key))));
        }
        for (name, value) in example.into_iter().flatten().filter(|(name, _)| is_wrapper(name)) {
            let inner = value.as_object().into_iter().flatten();
            inner.for_each(|(member, _)| add(format!("/{}/{}", escaped(name), escaped(member))));
        }
        found
    }

    /// What the links of a call's reply give to an operation: where it goes, and the expression.
    fn linked(&self, call: &Step<'_, 'd>, operation: &Operation<'d>) -> Vec<(String, String)> {
        let Some(response) = call.operation.response_to(call.case.expected.status) else { return Vec::new() };
        let leads = links(self.document, self.operations, response);
        let leads = leads.into_iter().filter(|link| self.operations[link.target].at == operation.at);
        let mut found = Vec::new();
        for link in leads {
            let parameters = link.node.entries_of("parameters");
            found.extend(parameters.filter_map(|entry| Some((entry.key.clone(), entry.value.scalar()?))));
            if let Some(body) = link.node.get("requestBody") {
                expressions(body, "body", &mut found);
            }
        }
        found
    }
}

/// Whether the reply to a call is documented to name the version of what it is about.
fn has_version(call: &Step<'_, '_>) -> bool {
    let response = call.operation.response_to(call.case.expected.status);
    response.is_some_and(|response| {
        response.node.entries_of("headers").any(|header| header.key.eq_ignore_ascii_case("etag"))
    })
}

/// The expressions in what a link sends, each with its place.
fn expressions(node: &Node, place: &str, found: &mut Vec<(String, String)>) {
    if let Some(text) = node.as_text() {
        if text.contains('$') {
            found.push((place.to_owned(), text.to_owned()));
        }
        return;
    }
    let base = if place == "body" { "body#" } else { place };
    for entry in node.entries() {
        expressions(&entry.value, &format!("{base}/{}", escaped(&entry.key)), found);
    }
    for (at, item) in node.items().iter().enumerate() {
        expressions(item, &format!("{base}/{at}"), found);
    }
}

/// A key with its place: that of the parameter with this name, or of the member of the body.
fn placed(operation: &Operation<'_>, request: &Request, key: &str) -> String {
    let is_placed = ["path.", "query.", "header.", "cookie.", "body#"].iter().any(|place| key.starts_with(place));
    if is_placed && !operation.parameters.iter().any(|parameter| parameter.name == key) || key == "body" {
        return key.to_owned();
    }
    if let Some(parameter) = operation.parameters.iter().find(|parameter| parameter.name == key) {
        return format!("{}.{key}", parameter.place);
    }
    match &request.body {
        Some(body) if body.value.get(key).is_some() => format!("body#/{}", escaped(key)),
        _ => key.to_owned(),
    }
}

/// The identifiers that a request has outside of its path: the place, and the name.
fn references(request: &Request) -> Vec<(String, &str)> {
    let is_identifier = |name: &str| {
        folded(name).len() > 2
            && (name.ends_with("_id") || name.ends_with("Id") || name.ends_with("-id") || name.ends_with("ID"))
    };
    let parameters = request.parameters.iter().filter(|it| it.place != Place::Path && !it.constant);
    let parameters = parameters.map(|it| (format!("{}.", it.place.word()), it.name.as_str()));
    let members = request.body.iter().filter_map(|body| body.value.as_object()).flat_map(|members| members.keys());
    let members = members.map(|name| ("body#/".to_owned(), name.as_str()));
    parameters.chain(members).filter(|(_, name)| is_identifier(name) && !name.contains(['/', '~'])).collect()
}

/// The members of a body, down to three levels, that have the name and the value of a path variable.
fn repeated(value: Option<&Value>, name: &str, documented: &str, pointer: &str, found: &mut Vec<String>) {
    for (member, value) in value.and_then(Value::as_object).into_iter().flatten() {
        let pointer = format!("{pointer}/{}", escaped(member));
        if member == name && text(value).is_some_and(|text| text == documented) {
            found.push(pointer);
        } else if pointer.matches('/').count() < 3 {
            repeated(Some(value), name, documented, &pointer, found);
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The last name of a pointer.
fn last(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or_default()
}

/// What one of a collection may be called: `orders`, `order`.
fn singulars(collection: &str) -> Vec<String> {
    let all = folded(collection);
    let stems = [all.strip_suffix("ies").map(|stem| format!("{stem}y")), all.strip_suffix("es").map(str::to_owned)];
    stems.into_iter().chain([all.strip_suffix('s').map(str::to_owned), Some(all.clone())]).flatten().collect()
}

/// What an identifier is called that has no other name.
fn is_usual(member: &str) -> bool {
    ["id", "_id", "uuid", "guid"].contains(&member)
}

fn is_alike(member: &str, name: &str) -> bool {
    folded(member) == folded(name)
}

/// The parts of a path.
pub(crate) fn segments(path: &str) -> Vec<&str> {
    path.trim_matches('/').split('/').filter(|segment| !segment.is_empty()).collect()
}

/// The parts of a path without the names of variables: alike for paths that are [`same`].
pub(crate) fn shape(path: &[&str]) -> String {
    path.iter().flat_map(|segment| ["/", if variable(segment).is_some() { "{}" } else { segment }]).collect()
}

fn variable(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn same(one: &[&str], other: &[&str]) -> bool {
    let alike = |(one, other): (&&str, &&str)| one == other || variable(one).is_some() && variable(other).is_some();
    one.len() == other.len() && one.iter().zip(other).all(alike)
}

/// Whether a path begins as the other does; variables may have other names.
pub(crate) fn starts_with(path: &[&str], beginning: &[&str]) -> bool {
    path.len() >= beginning.len() && same(&path[..beginning.len()], beginning)
}
