//! What there is to check: the documented exchanges of one API, as data.
//!
//! A generator writes a [`Suite`] as JSON, the runner reads it with [`Suite::from_json`]. The format carries no word
//! of any particular API. Reading is strict: a member that this version does not know is an error and not a case
//! judged by half of its rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Every exchange that one document lets a runner replay, with what is needed to judge the replies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Who wrote the file, for people who read it; of no meaning to a runner.
    #[serde(rename = "@generated", default, skip_serializing_if = "String::is_empty")]
    pub generated: String,
    /// `info.title` of the document.
    pub title: String,
    /// `info.version` of the document.
    pub version: String,
    /// The documented exchanges, in the order of the document.
    pub cases: Vec<Case>,
    /// Operations or examples that could not become a case, each with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// The states of the thing that the API is about, and what leads from one to another, if the document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,
    /// `components.schemas`: what `#/components/schemas/NAME` in a case refers to;
    /// and under the whole text of any other reference (`#/…`), what that leads to.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub schemas: serde_json::Map<String, Value>,
}

impl Suite {
    /// Reads a suite strictly: no unknown members, no case id twice, nothing that could not be sent or judged.
    pub fn from_json(text: &str) -> Result<Self, SuiteError> {
        let suite: Self = serde_json::from_str(text).map_err(SuiteError::from_parser)?;
        let problems = suite.problems();
        if problems.is_empty() { Ok(suite) } else { Err(SuiteError { problems, place: None }) }
    }

    /// The case of this id.
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id)
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let ids: BTreeSet<&str> = self.cases.iter().map(|case| case.id.as_str()).collect();
        let mut known = BTreeSet::new();
        for case in &self.cases {
            if !known.insert(case.id.as_str()) {
                problems.push(format!("two cases are called `{}`", case.id));
            }
            problems.extend(case.problems().map(|problem| format!("case `{}`: {problem}", case.id)));
            let unknown = case.kind.steps().iter().filter(|step| !ids.contains(step.as_str()));
            problems.extend(unknown.map(|step| format!("case `{}`: no case is called `{step}`", case.id)));
        }
        problems
    }
}

/// Why a text is not a suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuiteError {
    problems: Vec<String>,
    place: Option<(usize, usize)>,
}

impl SuiteError {
    /// Line and column, counted from 1, if one place is to blame.
    pub fn place(&self) -> Option<(usize, usize)> {
        self.place
    }

    fn from_parser(error: serde_json::Error) -> Self {
        let place = Some((error.line(), error.column()));
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        Self { problems: vec![message], place }
    }
}

impl fmt::Display for SuiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.problems.join("\n"))
    }
}

impl std::error::Error for SuiteError {}

/// A request, the state it is made in, and the reply that the document promises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// `operation_id/example_name`, for instance `launch_rocket/not_fuelled`. Never changes with a description.
    pub id: String,
    /// The `operationId`.
    pub operation: String,
    /// What the case comes from.
    #[serde(default, skip_serializing_if = "Kind::is_documented")]
    pub kind: Kind,
    /// The provider state the exchange was documented in (`x-given`), if the document names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// Where the exchange is documented (`x-source`), if the document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// What to send.
    pub request: Request,
    /// What the document promises in return.
    pub expected: Expected,
}

impl Case {
    fn problems(&self) -> impl Iterator<Item = String> {
        let request = &self.request;
        let rules = self.expected.body.iter().flat_map(|body| body.rules.keys());
        let no_pointers = rules.filter(|pointer| !pointer.is_empty() && !pointer.starts_with('/'));
        [
            self.id.is_empty().then(|| "the id is empty".to_owned()),
            (request.method.is_empty() || !request.method.bytes().all(|byte| byte.is_ascii_uppercase()))
                .then(|| format!("`{}` is not a method in upper case", request.method)),
            (!request.path.starts_with('/') || request.path.contains(['?', '#']))
                .then(|| format!("`{}` is not a path without query and fragment", request.path)),
            (!(100..1000).contains(&self.expected.status))
                .then(|| format!("{} is not an HTTP status", self.expected.status)),
        ]
        .into_iter()
        .flatten()
        .chain(no_pointers.map(|pointer| format!("the rule for `{pointer}` is not under a JSON pointer")))
    }
}

/// What a case comes from, and what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Kind {
    /// An example of the document.
    #[default]
    Documented,
    /// A documented request that breaks one documented constraint, and so must be refused.
    Derived {
        /// The constraint and how it is broken, in words: `the query parameter "action" is left out`.
        breaks: String,
    },
    /// A documented effect: requests that change something, then one whose reply shows what they did. The request of
    /// the case is the last of them.
    Journey {
        /// The effect, in words: `after land_rocket the rocket is on the ground`.
        shows: String,
        /// The cases whose requests come before, in this order, on the same thing; each must be answered as it is
        /// documented.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        after: Vec<String>,
        /// The case also looks at the whole run: no two replies may give the same new identifier ([`Rule::Id`]).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unique: bool,
    },
}

impl Kind {
    /// One word: `documented`, `derived` or `journey`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Derived { .. } => "derived",
            Self::Journey { .. } => "journey",
        }
    }

    /// What a derived case breaks, or a journey shows.
    pub fn about(&self) -> Option<&str> {
        match self {
            Self::Documented => None,
            Self::Derived { breaks } => Some(breaks),
            Self::Journey { shows, .. } => Some(shows),
        }
    }

    /// The cases whose requests come before the case's own.
    pub fn steps(&self) -> &[String] {
        match self {
            Self::Journey { after, .. } => after,
            _ => &[],
        }
    }

    /// An example of the document.
    pub fn is_documented(&self) -> bool {
        *self == Self::Documented
    }
}

/// A place in the published documentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The title of the page.
    pub document: String,
    /// The section of that page.
    pub section: String,
}

/// A documented request. Values that only an endpoint can know are replaced before it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The HTTP method, upper case.
    pub method: String,
    /// The path with its variables in braces, without query and without fragment.
    pub path: String,
    /// The values for path, query and header, in document order; constants of the operation included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// Where the credential goes, if the operation asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// The body, if the documented request has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// Other names of values: a value called KEY also fills the parameter or top-level body member called VALUE.
    /// Taken from the document's links (a `pad_id` that one operation answers is the `launch_pad_id` of another).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, String>,
}

/// One value outside the body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// The name as it is on the wire.
    pub name: String,
    /// Where it goes.
    #[serde(rename = "in")]
    pub place: Place,
    /// The documented value, already serialised (not yet percent-encoded).
    pub value: String,
    /// A constant tells operations apart (`action=launch`); nothing may replace it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub constant: bool,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Into the path, in place of `{name}`.
    Path,
    /// Into the query string.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
}

/// Where a token goes: `apiKey` in a header or the query, or `http` `bearer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The header's or query parameter's name.
    pub name: String,
    /// A header, a query parameter or a cookie.
    #[serde(rename = "in")]
    pub place: Place,
    /// What stands before the token in that header (`Bearer `), usually nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// What goes there instead of the token: a credential that nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
}

/// A request body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The media type the document gives it.
    pub media_type: String,
    /// The documented value. A string under a media type that is not JSON is sent as it is.
    pub value: Value,
    /// The value is a string and sent as it is, whatever the media type: how a derived case sends what is no JSON.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub raw: bool,
    /// Members that no value from elsewhere replaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<String>,
}

/// What the document promises about a reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The HTTP status.
    pub status: u16,
    /// Other documented statuses that say the same of a request that a derived case broke. Of their bodies nothing is
    /// expected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<u16>,
    /// The media type and body, or nothing where the document describes no body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<ExpectedBody>,
}

/// What the document promises about the body of a reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedBody {
    /// The media type, without parameters.
    pub media_type: String,
    /// Whether there is a body, and of which media type, is not documented. If one comes that is JSON, the rules hold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undocumented: bool,
    /// The schema as the document has it: OpenAPI 3.0, with `$ref`s into [`Suite::schemas`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// The documented example.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
    /// JSON pointer -> what may be said of that member beyond its type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, Rule>,
}

/// What one member of a reply must satisfy beyond its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// The value of the example, exactly: an error code (`x-match: equal`).
    Equal,
    /// Any non-empty string: an identifier, of which no format is documented (`x-match: id`).
    Id,
    /// Absent, null or empty: it has a value only in replies of the other kind (`x-present-on`).
    Blank,
}

/// The states of one kind of thing (`x-lifecycle`), and what leads from one to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// What the thing is, in one word: `rocket`.
    pub resource: String,
    /// The path parameter that names it: `rocket_id`.
    pub identifier: String,
    /// The states, in the order of the document.
    pub states: Vec<State>,
    /// `operationId` -> what the operation does.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub operations: BTreeMap<String, Transition>,
    /// `x-given` -> what it means.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub givens: BTreeMap<String, GivenState>,
    /// How to see the state of the thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
    /// How to see how far a job is that an operation started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Look>,
}

impl Lifecycle {
    /// The state that a look reports as `status`.
    pub fn state_of(&self, status: &str) -> Option<&str> {
        let mut states = self.states.iter();
        states.find(|state| state.status.as_deref() == Some(status)).map(|state| state.name.as_str())
    }
}

/// One state of the thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Its name.
    pub name: String,
    /// How a look at the thing reports it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// Where it can be seen, by a `GET`, how far something is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The paths where it is served, best first, with their variables in braces. The first that answers is used.
    pub paths: Vec<String>,
    /// The credential that a look needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// JSON pointer of the member that says how far it is: the status of a [`State`], or of a job.
    pub status: String,
    /// For a job: the variable of the paths that names it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub identifier: String,
    /// For a job: the members of an answer that may name it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answered: Vec<String>,
    /// For a job: the statuses of one that has succeeded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub succeeded: Vec<String>,
    /// For a job: the statuses of one that has failed. With any other it is under way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<String>,
}

/// What an operation does to the thing it is called on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The states in which it may be called.
    pub from: Vec<String>,
    /// The states that may be seen on the way, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<String>,
    /// The state in which it leaves the thing.
    pub to: String,
    /// What exists afterwards that did not before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adds: Vec<String>,
    /// The same request cannot succeed twice on the same thing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
    /// The documented request without what may be left out and would have to come from another answer, where that is
    /// another request: to get from state to state with the least effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain: Option<Request>,
}

/// What a state that a case asks for (`x-given`) means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenState {
    /// The state of the thing; `None`: there is no such thing.
    pub state: Option<String>,
    /// What the thing must have besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
}

/// Something in the document that could not become a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The operation, or the address where it has no id.
    pub operation: String,
    /// The example, if only that is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// Why, in words.
    pub reason: String,
}

/// A member that is `null` is there; only one that is missing is not.
pub(crate) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = r#"{"id": "launch/ok", "operation": "launch",
        "request": {"method": "POST", "path": "/rockets/{rocket}"}, "expected": {"status": 200}}"#;

    #[track_caller]
    fn check(text: &str, expected: Result<usize, &str>) {
        let found = Suite::from_json(text).map(|suite| suite.cases.len()).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(ToOwned::to_owned));
    }

    fn suite_of(cases: &[&str]) -> String {
        format!(r#"{{"title": "Rockets", "version": "1", "cases": [{}]}}"#, cases.join(","))
    }

    #[test]
    fn a_suite_is_read_and_written_alike() {
        let suite = Suite::from_json(&suite_of(&[CASE])).unwrap();
        let again = serde_json::to_string(&suite).unwrap();
        assert_eq!(Suite::from_json(&again), Ok(suite));
    }

    #[test]
    fn what_is_not_a_suite_is_placed() {
        check(
            "{\"title\": \"Rockets\",\n \"version\": 1}",
            Err("line 2, column 13: invalid type: integer `1`, expected a string"),
        );
        check("{", Err("line 1, column 1: EOF while parsing an object"));
    }

    #[test]
    fn an_unknown_member_is_refused() {
        let case = CASE.replace("\"operation\"", "\"opperation\"");
        let error = Suite::from_json(&suite_of(&[&case])).unwrap_err();
        assert!(error.to_string().contains("unknown field `opperation`"), "{error}");
        assert_eq!(error.place().map(|(line, _)| line), Some(1));
    }

    #[test]
    fn a_long_suite_is_read_like_a_short_one() {
        let cases: Vec<_> = (0..3000).map(|number| CASE.replace("launch/ok", &format!("launch/{number}"))).collect();
        let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
        let text = suite_of(&cases).replace("\"cases\"", "\"schemas\": {\"a\": {}},\n\"cases\"");
        assert_eq!(Suite::from_json(&text).unwrap(), serde_json::from_str(&text).unwrap());
        check(&text.replace("launch/2999", "launch/17"), Err("two cases are called `launch/17`"));
        let broken = text.replace("\"launch/2998\", \"operation\"", "\"launch/2998\", \"opperation\"");
        let error = Suite::from_json(&broken).unwrap_err();
        assert_eq!(error.place(), serde_json::from_str::<Suite>(&broken).err().map(|it| (it.line(), it.column())));
        assert!(error.to_string().contains("unknown field `opperation`"), "{error}");
    }

    #[test]
    fn an_id_that_occurs_twice_is_refused() {
        check(&suite_of(&[CASE, CASE]), Err("two cases are called `launch/ok`"));
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_all_reasons() {
        let case = CASE.replace("POST", "post").replace("/rockets/{rocket}", "rockets?x");
        check(
            &suite_of(&[&case]),
            Err("case `launch/ok`: `post` is not a method in upper case\n\
                 case `launch/ok`: `rockets?x` is not a path without query and fragment"),
        );
    }
}
