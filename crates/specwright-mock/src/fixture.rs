//! Matches requests to fixtures and answers them. Generated modules have the operations and exchanges of an API.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use conformance_engine::schema::{Direction, Schemas};
use httpmock::{HttpMockRequest, Mock, MockServer, Regex, Then, When};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Map, Value};

pub use conformance_engine::suite::Place;

/// A mock server on a free port of this machine. It answers 404 until it has fixtures.
///
/// It dereferences to [`httpmock::MockServer`].
pub struct Server {
    mocks: MockServer,
    /// The token of accepted requests; `None` accepts any.
    token: Option<String>,
    /// The body of the 401 for other requests.
    refusal: Option<Value>,
    /// The operations that have a fixture for the 401.
    refusing: Mutex<HashSet<&'static str>>,
}

impl Server {
    /// A server over `mocks` that accepts requests with `token`, or all if it is `None`, and answers others 401 with the
    /// body `refusal`, or without one.
    pub fn over(mocks: MockServer, token: Option<String>, refusal: Option<Value>) -> Server {
        Server { mocks, token, refusal, refusing: Mutex::default() }
    }

    /// Removes all fixtures and recorded requests.
    pub fn reset(&self) {
        self.mocks.reset();
        self.refusing.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl std::ops::Deref for Server {
    type Target = MockServer;

    fn deref(&self) -> &MockServer {
        &self.mocks
    }
}

/// An operation, as its document describes it.
#[derive(Debug)]
pub struct Operation {
    /// The `operationId`.
    pub id: &'static str,
    /// The HTTP method, upper case.
    pub method: &'static str,
    /// The path, its variables in braces.
    pub path: &'static str,
    /// The constant query parameters, which every request has exactly once.
    pub constants: &'static [(&'static str, &'static str)],
    /// Paths of other operations that also fit `path`: they have a literal where it has a variable.
    pub others: &'static [&'static str],
    /// The place of the credential, if the operation needs one.
    pub credential: Option<Credential>,
    /// The parameters that are not constant.
    pub parameters: &'static [Parameter],
    /// The request body.
    pub body: Option<Body>,
    /// The documented replies.
    pub replies: &'static [Reply],
    /// The schemas under `#/components/schemas`, as a JSON object.
    pub components: &'static str,
}

/// The place of a credential in a request.
#[derive(Debug)]
pub struct Credential {
    /// The name of the header, the query parameter or the cookie.
    pub name: &'static str,
    /// Header, query or cookie.
    pub place: Place,
    /// The text before the token (`Bearer `).
    pub prefix: &'static str,
}

/// A parameter of an operation.
#[derive(Debug)]
pub struct Parameter {
    /// The name on the wire.
    pub name: &'static str,
    /// Path, query, header or cookie.
    pub place: Place,
    /// Whether it is required.
    pub required: bool,
    /// Its schema, as JSON.
    pub schema: &'static str,
}

/// The body of a request.
#[derive(Debug)]
pub struct Body {
    /// The media type.
    pub media_type: &'static str,
    /// Whether it is required.
    pub required: bool,
    /// The schema of a JSON body, as JSON.
    pub schema: Option<&'static str>,
}

/// A documented reply.
#[derive(Debug)]
pub struct Reply {
    /// `200`, `4XX` or `default`.
    pub status: &'static str,
    /// The media type of the body, if there is one.
    pub media_type: Option<&'static str>,
    /// The schema of that body, as JSON.
    pub schema: Option<&'static str>,
}

/// A documented exchange.
#[derive(Debug)]
pub struct Exchange {
    /// The name of the example.
    pub name: &'static str,
    /// The parameters of the documented request that are not constant.
    pub parameters: &'static [(Place, &'static str, &'static str)],
    /// The body of the documented request.
    pub body: Option<&'static str>,
    /// The status of the documented reply.
    pub status: u16,
    /// The body of the documented reply.
    pub reply: Option<&'static str>,
}

impl Exchange {
    /// The documented value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&'static str> {
        self.parameters.iter().find(|(_, known, _)| *known == name).map(|(.., value)| *value)
    }
}

/// A type that represents an operation.
pub trait Described {
    /// The names of its documented exchanges; [`Infallible`](std::convert::Infallible) if there are none.
    type Example: Documented;
    /// The operation.
    const OPERATION: &'static Operation;
}

/// A type that names documented exchanges.
pub trait Documented: Copy {
    /// The exchange of this name.
    fn exchange(self) -> &'static Exchange;
}

impl Documented for std::convert::Infallible {
    fn exchange(self) -> &'static Exchange {
        match self {}
    }
}

/// A fixture of the operation `O` that has no response yet.
///
/// It matches the requests that the document allows: method, path, constant query parameters, required parameters, no
/// undocumented parameter, a body that fits its schema, the credential. The methods named after parameters,
/// [`body`](Fixture::body) and [`when`](Fixture::when) restrict it further. If two fixtures match a request, the earlier one
/// answers.
#[must_use = "a fixture answers nothing before `example`, `reply` or `status_…` gives it a response"]
pub struct Fixture<'s, O> {
    server: &'s Server,
    values: Vec<(Place, &'static str, String)>,
    body: Option<Value>,
    /// Whether undocumented optional parameters and bodies are excluded.
    is_exact: bool,
    when: Vec<Box<dyn FnOnce(When) -> When + 's>>,
    then: Vec<Box<dyn FnOnce(Then) -> Then + 's>>,
    operation: PhantomData<O>,
}

impl<'s, O: Described> Fixture<'s, O> {
    /// A fixture that answers any documented request of the operation.
    pub fn new(server: &'s Server) -> Self {
        let (values, when, then) = (Vec::new(), Vec::new(), Vec::new());
        Fixture { server, values, body: None, is_exact: false, when, then, operation: PhantomData }
    }

    /// Only requests with exactly this JSON body.
    ///
    /// # Panics
    /// `body` cannot be serialized as JSON.
    #[track_caller]
    pub fn body(self, body: impl Serialize) -> Self {
        Fixture { body: Some(json(&body)), ..self }
    }

    /// Only requests that also meet these conditions of [`httpmock::When`].
    pub fn when(mut self, narrow: impl FnOnce(When) -> When + 's) -> Self {
        self.when.push(Box::new(narrow));
        self
    }

    /// Changes the response by the methods of [`httpmock::Then`]: a header, a delay.
    pub fn then(mut self, change: impl FnOnce(Then) -> Then + 's) -> Self {
        self.then.push(Box::new(change));
        self
    }

    /// Only the first `count` requests; later requests get the next matching fixture.
    pub fn times(self, count: usize) -> Self {
        self.then(move |then| then.up_to_n_times(count))
    }

    /// Delays the response.
    pub fn delay(self, delay: Duration) -> Self {
        self.then(move |then| then.delay(delay))
    }

    /// Answers any documented request of the operation with the response of this example.
    pub fn example(self, example: O::Example) -> Mock<'s> {
        let exchange = example.exchange();
        let reply = documented(O::OPERATION, exchange.status);
        self.answer(exchange.status, reply.and_then(|reply| reply.media_type), exchange.reply.map(str::as_bytes))
    }

    /// Answers only the request of this example, with its identifiers and body, with its response.
    pub fn exactly(mut self, example: O::Example) -> Mock<'s> {
        let exchange = example.exchange();
        let values = exchange.parameters.iter().map(|(place, name, value)| (*place, *name, (*value).to_owned()));
        self.values.extend(values);
        // Generated from a JSON value, so it parses.
        self.body = exchange.body.and_then(|body| serde_json::from_str(body).ok());
        self.is_exact = true;
        self.example(example)
    }

    /// Answers with any status and body, documented or not: the page of a proxy, or half a body.
    pub fn reply(self, status: u16, media_type: &str, body: impl AsRef<[u8]>) -> Mock<'s> {
        self.answer(status, Some(media_type), Some(body.as_ref()))
    }

    /// Answers with any status and no body.
    pub fn reply_empty(self, status: u16) -> Mock<'s> {
        self.answer(status, None, None)
    }

    /// Only requests with this value of a parameter.
    pub fn with(mut self, place: Place, name: &'static str, value: &dyn ToString) -> Self {
        self.values.push((place, name, value.to_string()));
        self
    }

    /// Answers with `body`, which must fit the schema of `reply`.
    ///
    /// # Panics
    /// It does not, or it cannot be serialized as JSON.
    #[track_caller]
    pub fn reply_json(self, status: u16, reply: &Reply, body: &impl Serialize) -> Mock<'s> {
        let body = json(body);
        if let Some(schema) = reply.schema {
            let found = violations(O::OPERATION, schema, &body, Direction::Reply);
            assert!(
                found.is_empty(),
                "the document does not allow this body for status {status} of {}: {}\nhint: use `reply` for undocumented responses",
                O::OPERATION.id,
                found.join(", ")
            );
        }
        self.answer(status, reply.media_type, Some(body.to_string().as_bytes()))
    }

    fn answer(self, status: u16, media_type: Option<&str>, body: Option<&[u8]>) -> Mock<'s> {
        let Fixture { server, values, body: wanted, is_exact, when: narrow, then: change, .. } = self;
        let token = server.token.clone();
        let mock = server.mocks.mock(move |mut when, mut then| {
            when = address(when, O::OPERATION);
            if let (Some(Credential { name, place: Place::Header, prefix }), Some(token)) =
                (&O::OPERATION.credential, &token)
            {
                when = when.header(*name, format!("{prefix}{token}"));
            }
            if let Some(body) = &wanted {
                when = when.json_body(body.clone());
            }
            let request = Allowed { operation: O::OPERATION, token, values, is_exact, has_body: wanted.is_some() };
            when = when.is_true(move |found| request.matches(found));
            narrow.into_iter().fold(when, |when, narrow| narrow(when));
            then = then.status(status);
            if let Some(media_type) = media_type {
                then = then.header("content-type", media_type);
            }
            if let Some(body) = body {
                then = then.body(body);
            }
            change.into_iter().fold(then, |then, change| change(then));
        });
        answer_401_to_others(server, O::OPERATION);
        mock
    }
}

/// Adds a fixture that answers 401 to requests of the operation with another credential than the server's.
fn answer_401_to_others(server: &Server, operation: &'static Operation) {
    let Some(token) = server.token.clone().filter(|_| operation.credential.is_some()) else { return };
    if !server.refusing.lock().unwrap_or_else(PoisonError::into_inner).insert(operation.id) {
        return;
    }
    server.mocks.mock(|when, then| {
        address(when, operation).is_false(move |request| has_credential(operation, &token, request));
        let then = then.status(401);
        if let Some(refusal) = server.refusal.clone() {
            then.header("content-type", "application/json").json_body(refusal);
        }
    });
}

/// Matches method, path template and constant query parameters.
fn address(when: When, operation: &'static Operation) -> When {
    let steps = operation.path.split('/').map(|step| {
        let mut pattern = String::new();
        let mut rest = step;
        while let Some((before, after)) = rest.split_once('{') {
            pattern.push_str(&escaped(before));
            pattern.push_str("[^/]+");
            rest = after.split_once('}').map_or("", |(_, after)| after);
        }
        pattern + &escaped(rest)
    });
    let pattern = format!("^{}$", steps.collect::<Vec<_>>().join("/"));
    let when = when.method(operation.method).path_matches(Regex::from(pattern)).is_true(move |request| {
        let uri = request.uri();
        operation.others.iter().all(|other| variables(other, uri.path()).is_none())
    });
    operation.constants.iter().fold(when, |when, (name, value)| when.query_param(*name, *value))
}

/// `text` as a regular expression that matches it literally.
fn escaped(text: &str) -> String {
    text.chars().flat_map(|c| [r"\.+*?()|[]{}^$".contains(c).then_some('\\'), Some(c)]).flatten().collect()
}

/// The decoded values of the variables of the template `path` in `found`; `None` if it does not match.
fn variables<'p>(path: &'p str, found: &str) -> Option<Vec<(&'p str, String)>> {
    let (mut steps, mut parts) = (path.split('/'), found.split('/'));
    let mut values = Vec::new();
    loop {
        match (steps.next(), parts.next()) {
            (None, None) => return Some(values),
            (Some(mut step), Some(mut part)) => {
                while let Some((before, after)) = step.split_once('{') {
                    let (name, rest) = after.split_once('}')?;
                    part = part.strip_prefix(before)?;
                    // Up to the next literal, or the end of the step.
                    let literal = rest.split('{').next().unwrap_or_default();
                    let end = if literal.is_empty() { part.len() } else { part.find(literal)? };
                    if end == 0 {
                        return None;
                    }
                    values.push((name, percent_decode_str(&part[..end]).decode_utf8().ok()?.into_owned()));
                    (step, part) = (rest, &part[end..]);
                }
                if step != part {
                    return None;
                }
            }
            _ => return None,
        }
    }
}

fn has_credential(operation: &Operation, token: &str, request: &HttpMockRequest) -> bool {
    let Some(Credential { name, place, prefix }) = &operation.credential else { return true };
    let wanted = format!("{prefix}{token}");
    match place {
        Place::Query => request.query_params().iter().any(|(known, value)| known == name && *value == wanted),
        Place::Cookie => cookies(request).any(|(known, value)| known == *name && value == wanted),
        _ => header(request, name).any(|value| value == wanted),
    }
}

fn header<'r>(request: &'r HttpMockRequest, name: &'r str) -> impl Iterator<Item = &'r str> {
    request.headers_vec().iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
}

fn cookies(request: &HttpMockRequest) -> impl Iterator<Item = (&str, &str)> {
    let pairs = header(request, "cookie").flat_map(|line| line.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('='))
}

/// The requests that a fixture matches.
struct Allowed {
    operation: &'static Operation,
    token: Option<String>,
    values: Vec<(Place, &'static str, String)>,
    is_exact: bool,
    /// Whether another matcher checks the body.
    has_body: bool,
}

impl Allowed {
    fn matches(&self, request: &HttpMockRequest) -> bool {
        let operation = self.operation;
        let found = self.parameters(request);
        let is_token = |place: &Place, name: &str| {
            operation.credential.as_ref().is_some_and(|known| known.place == *place && known.name == name)
        };
        let constants = operation.constants.iter().map(|(name, _)| *name);
        let is_known = |(place, name, _): &(Place, String, String)| {
            *place != Place::Query
                || is_token(place, name)
                || constants.clone().any(|known| known == name)
                || operation.parameters.iter().any(|known| known.place == Place::Query && known.name == name)
        };
        let of = |place: Place, name: &str| {
            let name = name.to_owned();
            found.iter().filter(move |(p, n, _)| *p == place && *n == name).map(|(.., value)| value.as_str())
        };
        let is_allowed = |parameter: &Parameter| {
            let values: Vec<&str> = of(parameter.place, parameter.name).collect();
            let is_wanted = self.values.iter().any(|(p, name, _)| *p == parameter.place && *name == parameter.name);
            match &values[..] {
                [] => !parameter.required,
                _ if self.is_exact && !is_wanted => false,
                values => self.fits(parameter, values),
            }
        };
        self.token.as_ref().is_none_or(|token| has_credential(operation, token, request))
            && found.iter().all(is_known)
            && operation.constants.iter().all(|(name, _)| of(Place::Query, name).count() == 1)
            && self.values.iter().all(|(place, name, value)| of(*place, name).any(|found| found == value))
            && operation.parameters.iter().all(is_allowed)
            && (self.has_body || self.has_allowed_body(request))
    }

    /// The path and query parameters of the request, and its documented headers and cookies.
    fn parameters(&self, request: &HttpMockRequest) -> Vec<(Place, String, String)> {
        let uri = request.uri();
        let in_path = variables(self.operation.path, uri.path()).unwrap_or_default();
        let in_path = in_path.into_iter().map(|(name, value)| (Place::Path, name.to_owned(), value));
        let in_query = request.query_params().into_iter().map(|(name, value)| (Place::Query, name, value));
        let mut found: Vec<_> = in_path.chain(in_query).collect();
        for Parameter { name, place, .. } in self.operation.parameters {
            match place {
                Place::Header => {
                    found.extend(header(request, name).map(|value| (*place, (*name).to_owned(), value.to_owned())));
                }
                Place::Cookie => {
                    let own = cookies(request).filter(|(known, _)| known == name);
                    found.extend(own.map(|(_, value)| (*place, (*name).to_owned(), value.to_owned())));
                }
                _ => {}
            }
        }
        found
    }

    /// Text on the wire may represent a string, a number or an array: one interpretation must fit the schema.
    fn fits(&self, parameter: &Parameter, values: &[&str]) -> bool {
        let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
        let texts = || values.iter().flat_map(|value| value.split(','));
        let mut readings = vec![texts().map(Value::from).collect::<Value>(), texts().map(read).collect()];
        if let [only] = values {
            readings.extend([Value::from(*only), read(only)]);
        }
        readings.iter().any(|value| violations(self.operation, parameter.schema, value, Direction::Request).is_empty())
    }

    fn has_allowed_body(&self, request: &HttpMockRequest) -> bool {
        let sent = request.body_ref();
        match &self.operation.body {
            // Callers that always send a body send an empty object.
            None => sent.is_empty() || (sent == b"{}" && !self.is_exact),
            Some(body) if sent.is_empty() => !body.required && !self.is_exact,
            Some(Body { schema: None, .. }) => true,
            Some(Body { schema: Some(schema), media_type, .. }) => {
                let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
                header(request, "content-type").any(|found| essence(found) == essence(media_type))
                    && serde_json::from_slice(sent)
                        .is_ok_and(|value| violations(self.operation, schema, &value, Direction::Request).is_empty())
            }
        }
    }
}

/// The violations of a schema of the operation by `value`.
fn violations(operation: &Operation, schema: &str, value: &Value, direction: Direction) -> Vec<String> {
    let components: Map<String, Value> = serde_json::from_str(operation.components).unwrap_or_default();
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    Schemas::new(&components).violations(value, &schema, direction).iter().map(ToString::to_string).collect()
}

/// The documented reply for a status: the exact one, its range, or the default.
fn documented(operation: &'static Operation, status: u16) -> Option<&'static Reply> {
    let names = [status.to_string(), format!("{}XX", status / 100), "default".to_owned()];
    names.iter().find_map(|name| operation.replies.iter().find(|reply| reply.status.eq_ignore_ascii_case(name)))
}

#[track_caller]
fn json(body: &impl Serialize) -> Value {
    serde_json::to_value(body).unwrap_or_else(|error| panic!("the body cannot be serialized as JSON: {error}"))
}
