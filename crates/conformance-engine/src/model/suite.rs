//! What there is to check: the documented exchanges of one API, as data.
//!
//! A generator writes a [`Suite`] as JSON, the runner reads it with [`Suite::from_json`]. The format carries no word
//! of any particular API. Reading is strict: a member that this version does not know is an error and not a case
//! judged by half of its rules.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::setup::{Setup, SetupStep, Stays, Taken, Undo, Unique};
pub use crate::model::case::{
    Altered, Ambiguous, Body, Case, Credential, Expected, ExpectedBody, Header, Instead, Kind, Media, Origin,
    Parameter, Place, Presumed, Request, Response, Rule, Sending, Source, Wire,
};
pub use crate::model::lifecycle::{GivenState, Lifecycle, State, StatusQuery, Transition};
pub use crate::model::text::{absent_like, folded, words};

mod setup;

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
    /// The paths that the document's servers have, without a slash at their end: `/api/v3`. None where they have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub base_paths: Vec<String>,
    /// Security schemes of the document that no case has a credential for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unused_schemes: Vec<String>,
    /// The documented exchanges, in the order of the document.
    pub cases: Vec<Case>,
    /// Operations or examples that could not become a case, each with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// Constraints that no case breaks, each with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untried: Vec<LeftOut>,
    /// The states of the API's resource and the operations between them, if the document has them (`x-lifecycle`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,
    /// The states that documented calls make, under the name by which cases ask for them ([`Case::given`]).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub setups: BTreeMap<String, Setup>,
    /// Operation -> the call that removes what its requests made, where the document says how states are made. It takes
    /// values from the request itself (step 0).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undo: BTreeMap<String, Undo>,
    /// Operation -> why no call removes what its requests made, where the document says how states are made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stays: BTreeMap<String, Stays>,
    /// Operation -> the values that no two of its requests may have in common (`x-unique`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unique: BTreeMap<String, Vec<Unique>>,
    /// `components.schemas`: what `#/components/schemas/NAME` in a case refers to;
    /// and under the whole text of any other reference (`#/…`), what that leads to.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub schemas: serde_json::Map<String, Value>,
    /// Where examples and operations stand in the document, by case id and by operation. Not in the file: an edit of the
    /// document that moves its lines changes no case.
    #[serde(skip)]
    pub places: BTreeMap<String, DocumentPlace>,
}

/// A place in a document: a line and a column of a file, both counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DocumentPlace {
    /// What messages call the file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl fmt::Display for DocumentPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
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

    /// Where the example of a case stands, or the operation of a case that has none; nothing for a suite from a file.
    pub fn place(&self, case: &str, operation: Option<&str>) -> Option<&DocumentPlace> {
        self.places.get(case).or_else(|| self.places.get(operation?))
    }

    /// How the state that `case` asks for is made by documented calls, if it is one of these.
    pub fn setup(&self, case: &Case) -> Option<&Setup> {
        self.setups.get(case.given.as_ref()?)
    }

    /// The case as a file has it that another tool runs, or why the file cannot have it: it knows neither the calls that make
    /// a state, nor values that are new each time. Where the document shows a value for the item that a call would make, that
    /// is what the file sends.
    #[allow(dead_code, reason = "only what writes files asks")]
    pub(crate) fn writable<'c>(&self, case: &'c Case) -> Result<Cow<'c, Case>, String> {
        let is_unique = self.unique.get(&case.operation).is_some_and(|unique| !unique.is_empty());
        match (self.setup(case), &case.given) {
            (Some(setup), Some(given)) if !setup.implied || case.request.open().next().is_some() => {
                let calls: Vec<&str> = setup.steps.iter().map(|step| step.case.as_str()).collect();
                let calls = if calls.is_empty() { String::new() } else { format!(" ({})", calls.join(", ")) };
                Err(format!("`conform` makes its state `{given}`{calls}; this file cannot"))
            }
            _ if is_unique => Err("a value of it has to be new each time (`x-unique`)".to_owned()),
            (Some(_), _) => Ok(Cow::Owned(Case { given: None, ..case.clone() })),
            (None, _) => Ok(Cow::Borrowed(case)),
        }
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
        for (operation, undo) in self.undo.iter().filter(|(_, undo)| !ids.contains(undo.case.as_str())) {
            problems.push(format!("what {operation} made: no case is called `{}`", undo.case));
        }
        for (state, setup) in &self.setups {
            let unknown = setup.cases().filter(|id| !ids.contains(id));
            problems.extend(unknown.map(|id| format!("state `{state}`: no case is called `{id}`")));
            let takes = |(at, step): (usize, &SetupStep)| step.takes.values().any(|taken| taken.step >= at);
            if setup.steps.iter().enumerate().any(takes) {
                problems.push(format!("state `{state}`: a call takes a value of one that comes after it"));
            }
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
