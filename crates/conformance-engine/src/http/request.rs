//! Builds the HTTP request of a case from its parameters, body and the values at run time.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde_json::{Number, Value};

use crate::check::value::kind;
use crate::http::credentials::{Keys, Proof, proofs};
use crate::http::wire;
use crate::model::exchange::Sent;
use crate::model::percent::ENCODED;
use crate::model::suite::{Body, Case, Parameter, Place, Request, Wire};
use crate::redact::secret::{REDACTED, is_sensitive, is_sensitive_parameter};

/// The documented path itself is only kept from breaking the request line.
pub(crate) const LITERAL: &AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A value that is encoded already is only kept from becoming something else: another pair, a fragment, a space.
const KEPT: &AsciiSet = &LITERAL.add(b'#').add(b'&').add(b'+').add(b'[').add(b']');
/// In a path, from becoming another segment as well.
const KEPT_IN_PATH: &AsciiSet = &KEPT.add(b'/').add(b'?');
/// What no value of a cookie may have (RFC 6265, section 4.1.1).
const COOKIE: &AsciiSet = &percent_encoding::CONTROLS.add(b' ').add(b'"').add(b',').add(b';').add(b'\\');

/// Names that would break the framing of the request; a document can only mean them as a remark.
pub(crate) const FRAMING: [&str; 5] = ["host", "content-length", "transfer-encoding", "connection", "upgrade"];

/// Values that replace documented ones, by name.
pub type Values = BTreeMap<String, String>;

/// A request ready to be sent. Not to be printed: it carries the token.
pub(crate) struct Prepared {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) wire: Option<Wire>,
}

/// The values of one case: those of its state before those given for the whole run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replacements<'v> {
    pub(crate) state: &'v Values,
    pub(crate) run: &'v Values,
}

/// Builds the request of `case` under `prefix`, and the same again for printing (with `root` before its target).
pub(crate) fn prepare(
    case: &Case,
    replacements: Replacements<'_>,
    prefix: &str,
    root: &str,
    keys: Keys<'_>,
) -> Result<(Prepared, Sent), String> {
    let request = &case.request;
    let replacements = Named { request, replacements };
    let proofs = proofs(request.credential.as_ref(), keys)?;
    let target = target(request, &replacements, prefix, &proofs, false)?;
    let is_hidden = |it: &Parameter| it.place == Place::Query && is_secret(request, &it.name, is_sensitive_parameter);
    let has_secret = proofs.iter().any(|proof| proof.place == Place::Query) || request.parameters.iter().any(is_hidden);
    let shown_target = match has_secret {
        true => self::target(request, &replacements, prefix, &proofs, true)?,
        false => target.clone(),
    };

    let (mut headers, mut cookies) = documented_headers(request, &replacements, &proofs);
    let shown_cookie = if cookies.is_empty() { cookies_of(&proofs, true).join("; ") } else { REDACTED.to_owned() };
    cookies.extend(cookies_of(&proofs, false));
    // RFC 6265, section 5.4: a request has one `Cookie` at most.
    if !cookies.is_empty() {
        headers.push(("Cookie".to_owned(), cookies.join("; ")));
    }
    if let Some(body) = &request.body {
        add_default(&mut headers, "Content-Type", &wire::media_type(request.wire, &body.media_type));
    }
    match (request.wire, &case.expected.body) {
        (Some(Wire::NoAccept), _) | (_, None) => {}
        (Some(Wire::AnyAccept), _) => add_default(&mut headers, "Accept", "*/*"),
        (_, Some(body)) => add_default(&mut headers, "Accept", &body.media_type),
    }
    let mut shown_headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| {
            let is_secret = is_secret(request, name, is_sensitive);
            let shown = if name == "Cookie" { &shown_cookie } else { value };
            (name.clone(), if is_secret && name != "Cookie" { REDACTED.to_owned() } else { shown.clone() })
        })
        .collect();
    for proof in proofs.into_iter().filter(|proof| proof.place == Place::Header) {
        headers.push((proof.name.to_owned(), proof.value));
        shown_headers.push((proof.name.to_owned(), proof.shown));
    }

    // Not before it is signed: a proxy may take such a header away.
    let own = request.wire.and_then(wire::own_header);
    shown_headers.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let body = request.body.as_ref().map(|body| body_text(request, body, &replacements)).transpose()?;
    let sent = Sent {
        method: request.method.clone(),
        url: format!("{root}{shown_target}"),
        headers: shown_headers,
        body: body.clone().map(String::into_bytes),
        wire: request.wire,
    };
    let body = body.map(String::into_bytes);
    let prepared = Prepared { method: request.method.clone(), target, headers, body, wire: request.wire };
    Ok((prepared, sent))
}

/// Whether the name is that of a credential, or says that the value is one.
fn is_secret(request: &Request, name: &str, is_sensitive: fn(&str) -> bool) -> bool {
    request.credential.as_ref().is_some_and(|credential| credential.is_called(name)) || is_sensitive(name)
}

/// The cookies that prove who sends the request, with their values or without.
fn cookies_of(proofs: &[Proof<'_>], is_shown: bool) -> Vec<String> {
    let cookies = proofs.iter().filter(|proof| proof.place == Place::Cookie);
    let cookies = cookies.map(|proof| match is_shown {
        true => format!("{}={}", proof.name, proof.shown),
        false => format!("{}={}", proof.name, utf8_percent_encode(&proof.value, COOKIE)),
    });
    cookies.collect()
}

/// The request of `case` as far as it is known before a provider of states answered: constants and documented values
/// of the query, but the path's variables in their braces.
pub(crate) fn planned_target(case: &Case, replacements: Replacements<'_>) -> String {
    let request = &case.request;
    let mut target = String::new();
    for piece in pieces(&request.path) {
        match piece {
            Piece::Literal(text) => target.extend(utf8_percent_encode(text, LITERAL)),
            Piece::Variable(name) => match request.parameters.iter().find(|it| it.constant && it.is_path(name)) {
                Some(constant) => push_path_value(&mut target, request, Some(constant), &constant.value),
                None => target.extend(["{", name, "}"]),
            },
        }
    }
    push_query(&mut target, request, &Named { request, replacements }, &[], true);
    target
}

/// The body of `case` as it would be sent.
pub(crate) fn planned_body(case: &Case, replacements: Replacements<'_>) -> Result<Option<String>, String> {
    let request = &case.request;
    request.body.as_ref().map(|body| body_text(request, body, &Named { request, replacements })).transpose()
}

/// What the request of `case` has in this place: the value that replaces the documented one, or that.
pub(crate) fn sent_value(case: &Case, replacements: Replacements<'_>, place: Place, name: &str) -> Option<String> {
    let named = Named { request: &case.request, replacements };
    let parameter = case.request.parameters.iter().find(|it| it.place == place && it.name == name);
    match parameter {
        Some(parameter) => Some(named.of(parameter).to_owned()),
        None => named.placed(place, name).map(str::to_owned),
    }
}

/// Whether anything fills what `request` calls `name`, under this name or another one.
pub(crate) fn has_value(request: &Request, replacements: Replacements<'_>, name: &str) -> bool {
    let named = Named { request, replacements };
    let places = [Place::Path, Place::Query, Place::Header, Place::Cookie];
    let in_body = [format!("body#/{name}"), "body".to_owned()];
    let is_in_body = || {
        let members = request.body.as_ref().and_then(|body| body.value.as_object());
        members.is_some_and(|it| it.contains_key(name))
            && in_body.iter().any(|key| replacements.state.contains_key(key))
    };
    let mut placed = places.into_iter().filter(|place| {
        request.parameters.iter().any(|it| it.place == *place && it.name == name) || *place == Place::Path
    });
    named.get(name).is_some() || placed.any(|place| named.placed(place, name).is_some()) || is_in_body()
}

/// Every name under which a value can replace something in `request`.
pub(crate) fn names(request: &Request) -> BTreeSet<&str> {
    let parameters = request.parameters.iter().filter(|parameter| !parameter.constant);
    let mut names: BTreeSet<_> = parameters.map(|parameter| parameter.name.as_str()).collect();
    names.extend(pieces(&request.path).filter_map(|piece| match piece {
        Piece::Variable(name) if !is_constant(request, name) => Some(name),
        _ => None,
    }));
    if let Some(body) = &request.body {
        let members = body.value.as_object().into_iter().flat_map(|members| members.keys());
        names.extend(members.filter(|name| !body.fixed.contains(name)).map(String::as_str));
    }
    let reached: Vec<_> = request.aliases.iter().filter(|(_, name)| names.contains(name.as_str())).collect();
    names.extend(reached.into_iter().map(|(alias, _)| alias.as_str()));
    names
}

/// Looks values up by the names that one request knows them under.
struct Named<'v> {
    request: &'v Request,
    replacements: Replacements<'v>,
}

impl<'v> Named<'v> {
    fn get(&self, name: &str) -> Option<&'v str> {
        let Replacements { state, run } = self.replacements;
        let aliases = || self.request.aliases.iter().filter(|(_, known)| *known == name).map(|(alias, _)| alias);
        let mut known = [state, run].into_iter().filter(|values| !values.is_empty());
        known
            .find_map(|values| values.get(name).or_else(|| aliases().find_map(|alias| values.get(alias))))
            .map(String::as_str)
    }

    /// A value that goes into this place and no other: what an exchange that made the state has for it.
    fn placed(&self, place: Place, name: &str) -> Option<&'v str> {
        let state = self.replacements.state;
        if state.is_empty() {
            return None;
        }
        state.get(&format!("{}.{name}", place.word())).map(String::as_str)
    }

    /// The documented value of a parameter, or the one that replaces it.
    fn of<'d>(&self, parameter: &'d Parameter) -> &'d str
    where
        'v: 'd,
    {
        let placed = || self.placed(parameter.place, &parameter.name).or_else(|| self.get(&parameter.name));
        let replaced = if parameter.constant { None } else { placed() };
        replaced.unwrap_or(&parameter.value)
    }
}

fn target(
    request: &Request,
    replacements: &Named<'_>,
    prefix: &str,
    proofs: &[Proof<'_>],
    is_shown: bool,
) -> Result<String, String> {
    let mut target = prefix.to_owned();
    for piece in pieces(&request.path) {
        match piece {
            Piece::Literal(text) => target.extend(utf8_percent_encode(text, LITERAL)),
            Piece::Variable(name) => {
                let (parameter, value) = path_value(request, replacements, name)
                    .ok_or_else(|| format!("the path variable `{name}` has no value"))?;
                let start = target.len();
                push_path_value(&mut target, request, parameter, value);
                // Unlike everything else, these mean another place, and no encoding changes that.
                if matches!(&target[start..], "" | "." | "..") {
                    let value = if value.is_empty() { "empty".to_owned() } else { format!("`{value}`") };
                    return Err(format!("the path variable `{name}` is {value}, which would address something else"));
                }
            }
        }
    }
    push_query(&mut target, request, replacements, proofs, is_shown);
    Ok(target)
}

fn push_path_value(target: &mut String, request: &Request, parameter: Option<&Parameter>, value: &str) {
    target.push_str(parameter.map_or("", |parameter| &parameter.prefix));
    let set = if parameter.is_some_and(|parameter| parameter.encoded) { KEPT_IN_PATH } else { ENCODED };
    let encoded = utf8_percent_encode(value, set).to_string();
    target.push_str(&wire::percent(request.wire, Wire::PercentPath, encoded));
}

fn push_query(target: &mut String, request: &Request, replacements: &Named<'_>, proofs: &[Proof<'_>], is_shown: bool) {
    let proofs = || proofs.iter().filter(|proof| proof.place == Place::Query);
    let documented = request.parameters.iter().filter(|parameter| parameter.place == Place::Query);
    let documented = documented.filter(|parameter| proofs().all(|proof| proof.name != parameter.name));
    let documented = documented.map(|parameter| {
        let set = if parameter.encoded { KEPT } else { ENCODED };
        if is_shown && is_secret(request, &parameter.name, is_sensitive_parameter) {
            return (parameter.name.as_str(), REDACTED.to_owned());
        }
        let encoded = utf8_percent_encode(replacements.of(parameter), set).to_string();
        (parameter.name.as_str(), wire::percent(request.wire, Wire::PercentQuery, encoded))
    });
    let proofs = proofs().map(|proof| {
        let value = if is_shown { &proof.shown } else { &proof.value };
        // What is printed has `***` in the token's place, unencoded.
        let parts = value.split(REDACTED).map(|part| utf8_percent_encode(part, ENCODED).to_string());
        (proof.name, parts.collect::<Vec<_>>().join(REDACTED))
    });
    let mut pairs: Vec<_> = documented.chain(proofs).collect();
    if request.wire == Some(Wire::QueryOrder) {
        pairs.reverse();
    }
    for (index, (name, value)) in pairs.into_iter().enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        target.extend(utf8_percent_encode(name, ENCODED));
        target.push('=');
        target.push_str(&value);
    }
}

fn path_value<'v>(
    request: &'v Request,
    replacements: &Named<'v>,
    name: &str,
) -> Option<(Option<&'v Parameter>, &'v str)> {
    let mut parameters = request.parameters.iter();
    match parameters.find(|parameter| parameter.is_path(name)) {
        Some(parameter) => Some((Some(parameter), replacements.of(parameter))),
        None => Some((None, replacements.placed(Place::Path, name).or_else(|| replacements.get(name))?)),
    }
}

impl Parameter {
    fn is_path(&self, name: &str) -> bool {
        self.place == Place::Path && self.name == name
    }
}

fn is_constant(request: &Request, name: &str) -> bool {
    request.parameters.iter().any(|parameter| parameter.name == name && parameter.constant)
}

/// Documented headers and cookies; a documented stand-in for the credential gives way to a real one.
fn documented_headers(
    request: &Request,
    replacements: &Named<'_>,
    proofs: &[Proof<'_>],
) -> (Vec<(String, String)>, Vec<String>) {
    let (mut headers, mut cookies) = (Vec::new(), Vec::new());
    for parameter in &request.parameters {
        let name = parameter.name.as_str();
        if proofs.iter().any(|proof| proof.place == parameter.place && proof.name.eq_ignore_ascii_case(name)) {
            continue;
        }
        let value = replacements.of(parameter);
        match parameter.place {
            Place::Header if FRAMING.iter().any(|framing| framing.eq_ignore_ascii_case(name)) => {}
            Place::Header if name.eq_ignore_ascii_case("cookie") => cookies.push(value.to_owned()),
            Place::Header => headers.push((name.to_owned(), value.to_owned())),
            Place::Cookie if parameter.encoded => cookies.push(format!("{name}={value}")),
            Place::Cookie => cookies.push(format!("{name}={}", utf8_percent_encode(value, ENCODED))),
            Place::Path | Place::Query => {}
        }
    }
    (headers, cookies)
}

fn add_default(headers: &mut Vec<(String, String)>, name: &str, value: &str) {
    if !headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
        headers.push((name.to_owned(), value.to_owned()));
    }
}

fn body_text(request: &Request, body: &Body, replacements: &Named<'_>) -> Result<String, String> {
    let is_json = crate::check::media_type::is_json(&body.media_type);
    let text = match &body.value {
        Value::String(text) if body.raw || !is_json => text.clone(),
        // Not through `Display`, which takes three times as long. Writing to a string cannot fail.
        _ => serde_json::to_string(&*replaced(body, replacements)?).unwrap_or_default(),
    };
    Ok(if is_json { wire::json(request.wire, text) } else { text })
}

/// Replaces top-level members, and what is named by a pointer; nothing is cloned where nothing changes.
fn replaced<'b>(body: &'b Body, replacements: &Named<'_>) -> Result<Cow<'b, Value>, String> {
    let Body { value, fixed, .. } = body;
    let mut body = Cow::Borrowed(value);
    let names = value.as_object().into_iter().flat_map(|members| members.keys());
    let names = names.filter(|name| !fixed.contains(name));
    let found: Vec<_> = names.filter_map(|name| Some((name.clone(), replacements.get(name)?))).collect();
    let mut problems = Vec::new();
    for (name, text) in found {
        if let Some(member) = body.to_mut().get_mut(&name) {
            match retyped(&name, member, text) {
                Ok(value) => *member = value,
                Err(problem) => problems.push(problem),
            }
        }
    }
    for (pointer, text) in replacements.replacements.state.iter().filter_map(|(key, text)| {
        let pointer = key.strip_prefix("body")?;
        (pointer.is_empty() || pointer.starts_with("#/")).then(|| (pointer.trim_start_matches('#'), text))
    }) {
        // What a case is about stays as it is, and what it leaves out is not put back.
        let first = pointer.split('/').nth(1).unwrap_or_default().replace("~1", "/").replace("~0", "~");
        let is_fixed = if pointer.is_empty() { !fixed.is_empty() } else { fixed.contains(&first) };
        if is_fixed || body.pointer(pointer).is_none() {
            continue;
        }
        if let Some(member) = body.to_mut().pointer_mut(pointer) {
            match retyped(pointer, member, text) {
                Ok(value) => *member = value,
                Err(problem) => problems.push(problem),
            }
        }
    }
    if problems.is_empty() { Ok(body) } else { Err(problems.join("\n")) }
}

/// Values are given as text; a documented number or boolean stays one. Sent as a string it would be another request
/// than the documented one, and the endpoint right to refuse it.
fn retyped(name: &str, documented: &Value, text: &str) -> Result<Value, String> {
    let kept = match documented {
        Value::Number(_) => text.parse::<Number>().ok().map(Value::Number),
        Value::Bool(_) => text.parse().ok().map(Value::Bool),
        Value::Object(_) | Value::Array(_) => {
            Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())))
        }
        _ => Some(Value::String(text.to_owned())),
    };
    kept.ok_or_else(|| format!("`{name}` must be {}, found `{text}`", kind(documented)))
}

pub(crate) enum Piece<'p> {
    Literal(&'p str),
    Variable(&'p str),
}

/// A path template in pieces. A brace that is not closed is taken literally.
pub(crate) fn pieces(path: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = path;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, after)) = rest.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
            rest = after;
            return Some(Piece::Variable(name));
        }
        let brace = rest.char_indices().skip(1).find(|(_, character)| *character == '{');
        let (literal, after) = rest.split_at(brace.map_or(rest.len(), |(at, _)| at));
        rest = after;
        Some(Piece::Literal(literal))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::redact::secret::Secret;

    /// The request, filled from `state` and `run`, as lines: what is sent, then what is shown where that differs.
    #[track_caller]
    fn check(request: Value, state: Value, run: Value, token: Option<&str>, expected: &[&str]) {
        let case = json!({"id": "a/b", "operation": "a", "request": request, "expected": {"status": 200}});
        let case: Case = serde_json::from_value(case).unwrap();
        let (state, run): (Values, Values) =
            (serde_json::from_value(state).unwrap(), serde_json::from_value(run).unwrap());
        let token = token.map(Secret::new);
        let keys = Keys { token: token.as_ref(), ..Keys::NONE };
        let replacements = Replacements { state: &state, run: &run };
        let lines = match prepare(&case, replacements, "/base", "http://h", keys) {
            Ok((prepared, sent)) => {
                let lines = |target: &str, headers: &[(String, String)], body: Option<&str>| -> Vec<String> {
                    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}"));
                    std::iter::once(format!("{} {target}", case.request.method))
                        .chain(headers)
                        .chain(body.map(ToOwned::to_owned))
                        .collect()
                };
                let text = prepared.body.map(|body| String::from_utf8(body).unwrap());
                let mut all = lines(&prepared.target, &prepared.headers, text.as_deref());
                let shown = lines(sent.target(), &sent.headers, sent.text(usize::MAX).as_deref());
                all.extend(shown.into_iter().filter(|line| !all.contains(line)).collect::<Vec<_>>());
                all
            }
            Err(reason) => vec![reason],
        };
        assert_eq!(lines, expected);
    }

    #[test]
    fn documented_values_are_sent_where_nothing_replaces_them() {
        let request = json!({
            "method": "POST", "path": "/rockets/{id}/launch",
            "parameters": [
                {"name": "action", "in": "query", "value": "go", "constant": true},
                {"name": "id", "in": "path", "value": "r/1 ä"},
                {"name": "note", "in": "query", "value": "a b&c=d+~"},
                {"name": "X-Trace", "in": "header", "value": "t"},
                {"name": "Content-Length", "in": "header", "value": "999"},
                {"name": "one", "in": "cookie", "value": "1"},
                {"name": "two", "in": "cookie", "value": "2"},
            ],
            "body": {"media_type": "application/json", "value": {"delay": 5, "name": "Ada"}},
        });
        check(
            request.clone(),
            json!({}),
            json!({}),
            None,
            &[
                "POST /base/rockets/r%2F1%20%C3%A4/launch?action=go&note=a%20b%26c%3Dd%2B~",
                "X-Trace: t",
                "Cookie: one=1; two=2",
                "Content-Type: application/json",
                r#"{"delay":5,"name":"Ada"}"#,
                "Cookie: ***",
            ],
        );
        let run = json!({"id": "run", "action": "explode", "note": "n", "X-Trace": "u", "delay": "6", "name": "7"});
        check(
            request,
            json!({"id": "state"}),
            run,
            None,
            &[
                "POST /base/rockets/state/launch?action=go&note=n",
                "X-Trace: u",
                "Cookie: one=1; two=2",
                "Content-Type: application/json",
                r#"{"delay":6,"name":"7"}"#,
                "Cookie: ***",
            ],
        );
    }

    #[test]
    fn a_value_fills_what_its_alias_names() {
        let request = json!({
            "method": "PUT", "path": "/rockets/{rocket}", "aliases": {"id": "rocket", "pad_id": "pad"},
            "body": {"media_type": "application/json", "value": {"pad": "p-1", "fuelled": true}},
        });
        let state = json!({"id": "r-9", "pad_id": "p-9", "fuelled": "false", "unknown": "x"});
        check(
            request.clone(),
            state,
            json!({}),
            None,
            &["PUT /base/rockets/r-9", "Content-Type: application/json", r#"{"pad":"p-9","fuelled":false}"#],
        );
        check(request, json!({}), json!({}), None, &["the path variable `rocket` has no value"]);
    }

    #[test]
    fn a_body_member_keeps_its_documented_type() {
        let request = json!({
            "method": "PUT", "path": "/",
            "body": {"media_type": "application/json", "value": {"fuelled": true, "delay": 5, "name": "x", "crew": null}},
        });
        let check_body = |state: Value, expected: &str| {
            let (type_line, request) = ("Content-Type: application/json", request.clone());
            match expected.strip_prefix('!') {
                Some(reason) => check(request, state, json!({}), None, &[reason]),
                None => check(request, state, json!({}), None, &["PUT /base/", type_line, expected]),
            }
        };
        check_body(
            json!({"fuelled": "false", "delay": "-2.5e1", "name": "true", "crew": "7"}),
            r#"{"fuelled":false,"delay":-25.0,"name":"true","crew":"7"}"#,
        );
        check_body(json!({"fuelled": "maybe"}), "!`fuelled` must be a boolean, found `maybe`");
        check_body(json!({"fuelled": "True"}), "!`fuelled` must be a boolean, found `True`");
        check_body(json!({"delay": "soon"}), "!`delay` must be a number, found `soon`");
        check_body(json!({"delay": " 5"}), "!`delay` must be a number, found ` 5`");
        check_body(json!({"delay": "NaN"}), "!`delay` must be a number, found `NaN`");
    }

    #[test]
    fn a_value_that_would_address_something_else_is_refused_wherever_it_comes_from() {
        let with = |documented: &str, constant: bool| {
            json!({
                "method": "GET", "path": "/rockets/{id}/launch",
                "parameters": [{"name": "id", "in": "path", "value": documented, "constant": constant}],
            })
        };
        let id = |value: &str| json!({"id": value});
        let refused = |value: &str| format!("the path variable `id` is {value}, which would address something else");
        check(with("r-1", false), id(""), json!({}), None, &[&refused("empty")]);
        check(with("r-1", false), json!({}), id("."), None, &[&refused("`.`")]);
        check(with("..", false), json!({}), json!({}), None, &[&refused("`..`")]);
        check(with("..", true), json!({}), json!({}), None, &[&refused("`..`")]);
        check(with("..", false), id("..."), json!({}), None, &["GET /base/rockets/.../launch"]);
    }

    #[test]
    fn a_token_goes_where_the_document_says_and_is_not_shown() {
        let with = |credential: Value| {
            json!({
                "method": "GET", "path": "/", "credential": credential,
                "parameters": [{"name": "X-Key", "in": "header", "value": "documented"}, {"name": "key", "in": "query", "value": "doc"}],
            })
        };
        check(
            with(json!({"name": "x-key", "in": "header", "prefix": "Bearer "})),
            json!({}),
            json!({}),
            Some("s3cret"),
            &["GET /base/?key=doc", "x-key: Bearer s3cret", "x-key: Bearer ***"],
        );
        check(
            with(json!({"name": "key", "in": "query"})),
            json!({}),
            json!({}),
            Some("s 3"),
            &["GET /base/?key=s%203", "X-Key: documented", "GET /base/?key=***", "X-Key: ***"],
        );
        check(
            with(json!({"name": "key", "in": "cookie"})),
            json!({}),
            json!({}),
            Some("s3cret"),
            // The value under the credential's name may be one as well.
            &[
                "GET /base/?key=doc",
                "X-Key: documented",
                "Cookie: key=s3cret",
                "GET /base/?key=***",
                "X-Key: ***",
                "Cookie: key=***",
            ],
        );
        check(
            with(json!({"name": "X-Key", "in": "header"})),
            json!({}),
            json!({}),
            None,
            &["GET /base/?key=doc", "X-Key: documented", "X-Key: ***"],
        );
    }

    #[test]
    fn an_encoded_value_keeps_its_separators_and_becomes_nothing_else() {
        let with = |path: &str, query: &str| {
            json!({
                "method": "GET", "path": "/rockets/{id}",
                "parameters": [
                    {"name": "id", "in": "path", "value": path, "prefix": ";id=", "encoded": true},
                    {"name": "crew", "in": "query", "value": query, "encoded": true},
                    {"name": "pad", "in": "cookie", "value": "a b;c"},
                ],
            })
        };
        let cookie = ["Cookie: pad=a%20b%3Bc", "Cookie: ***"];
        let line = "GET /base/rockets/;id=a,b%2Cc?crew=Ada,Bob%20B";
        check(with("a,b%2Cc", "Ada,Bob%20B"), json!({}), json!({}), None, &[line, cookie[0], cookie[1]]);
        let line = "GET /base/rockets/;id=%2Fx%3Fy,z?crew=a,b%26c%23d/e";
        let run = json!({"id": "/x?y,z", "crew": "a,b&c#d/e"});
        check(with("", ""), json!({}), run, None, &[line, cookie[0], cookie[1]]);
    }

    #[test]
    fn there_is_one_cookie_line_whoever_asks_for_cookies() {
        let request = json!({
            "method": "GET", "path": "/",
            "credential": {"name": "session", "in": "cookie", "with": [{"scheme": "b", "name": "X-B", "in": "header", "instead": "b"}]},
            "parameters": [
                {"name": "lang", "in": "cookie", "value": "de"}, {"name": "cookie", "in": "header", "value": "c=1"},
            ],
        });
        let expected = ["GET /base/", "Cookie: lang=de; c=1; session=s3;cret", "X-B: b", "Cookie: ***"];
        let expected = expected.map(|line| line.replace("s3;cret", "s3%3Bcret"));
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check(request, json!({}), json!({}), Some("s3;cret"), &expected);
    }

    #[test]
    fn names_are_what_values_can_replace() {
        let request: Request = serde_json::from_value(json!({
            "method": "GET", "path": "/{a}/{b}", "aliases": {"other_a": "a", "other_z": "z"},
            "parameters": [{"name": "b", "in": "path", "value": "1", "constant": true}, {"name": "c", "in": "query", "value": ""}],
            "body": {"media_type": "application/json", "value": {"d": 1}},
        })).unwrap();
        assert_eq!(names(&request).into_iter().collect::<Vec<_>>(), ["a", "c", "d", "other_a"]);
    }

    #[test]
    fn a_path_is_taken_apart_at_its_braces() {
        let lines = |path| {
            pieces(path)
                .map(|piece| match piece {
                    Piece::Literal(text) => text.to_owned(),
                    Piece::Variable(name) => format!("<{name}>"),
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(lines("/ä/{a}{b}:x/{c"), ["/ä/", "<a>", "<b>", ":x/", "{c"]);
    }
}
