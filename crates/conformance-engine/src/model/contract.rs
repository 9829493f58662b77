//! What may be asked and answered at all: every operation of one API, with what its document says of requests and
//! replies.
//!
//! A [`Suite`](crate::model::suite::Suite) is about the documented examples; a contract is about
//! every exchange there can be, so that unplanned traffic can be judged
//! ([`judge`](crate::check::exchange)). A generator writes it as JSON, [`Contract::from_json`] reads it, strictly.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::case::{Credential, Place};
pub use crate::model::case::{Header, Media, Response};

/// Everything that one document says of requests and replies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Who wrote the file, for people who read it; of no meaning to a judge.
    #[serde(rename = "@generated", default, skip_serializing_if = "String::is_empty")]
    pub generated: String,
    /// `info.title` of the document.
    pub title: String,
    /// `info.version` of the document.
    pub version: String,
    /// The paths that the document's servers have, without a slash at their end: `/api/v3`. None where they have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub base_paths: Vec<String>,
    /// The operations, in the order of the document.
    pub operations: Vec<Operation>,
    /// `components.schemas`: what `#/components/schemas/NAME` refers to;
    /// and under the whole text of any other reference (`#/…`), what that leads to.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub schemas: Map<String, Value>,
}

/// One operation: which requests it takes and what it may answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The `operationId`, or method and path where there is none.
    pub id: String,
    /// The HTTP method, upper case.
    pub method: String,
    /// The path with its variables in braces, without query and without fragment.
    pub path: String,
    /// Query parameters and values that tell the operation from others at its address.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub constants: BTreeMap<String, String>,
    /// What else a request carries outside its body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// Where the credential goes, if the operation asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// The body, if one is described.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// `200`, `4XX` or `default` -> what a reply of this status looks like.
    pub responses: BTreeMap<String, Response>,
    /// Operations that nothing in a request tells from this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alike: Vec<String>,
}

/// One value of a request outside its body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// The name as it is on the wire.
    pub name: String,
    /// Where it goes.
    #[serde(rename = "in")]
    pub place: Place,
    /// A request without it is wrong.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// What its value has to be; nothing where nothing is documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// How a list is written, if it can be one.
    #[serde(default, skip_serializing_if = "Style::is_simple")]
    pub style: Style,
}

/// How a parameter's value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// One value, or several between commas.
    #[default]
    Simple,
    /// One value, or the name again for each further one.
    Repeated,
    /// JSON.
    Json,
    /// `name[member]=value` for each member.
    Deep,
    /// Several values between spaces.
    Spaces,
    /// Several values between `|`.
    Pipes,
    /// In a way that is not judged: `matrix`, `label`, members under their own names.
    Other,
}

impl Style {
    fn is_simple(&self) -> bool {
        *self == Self::Simple
    }
}

/// What a body may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// A request without a body is wrong.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Media type, or range of media types -> its schema, if one is documented.
    pub content: BTreeMap<String, Media>,
}

impl Contract {
    /// Reads a contract strictly: no unknown members, nothing that could not be matched.
    pub fn from_json(text: &str) -> Result<Self, ContractError> {
        let contract: Self = serde_json::from_str(text).map_err(|error| ContractError(vec![error.to_string()]))?;
        let problems = contract.problems();
        if problems.is_empty() { Ok(contract) } else { Err(ContractError(problems)) }
    }

    /// The operation of this id.
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut known = BTreeSet::new();
        for operation in &self.operations {
            let id = &operation.id;
            if !known.insert(id) {
                problems.push(format!("two operations are called `{id}`"));
            }
            if !operation.path.starts_with('/') || operation.path.contains(['?', '#']) {
                problems
                    .push(format!("operation `{id}`: `{}` is not a path without query and fragment", operation.path));
            }
            let is_status = |status: &str| match status.as_bytes() {
                b"default" => true,
                [b'1'..=b'9', b'X', b'X'] => true,
                digits => digits.len() == 3 && digits.iter().all(u8::is_ascii_digit),
            };
            let unknown = operation.responses.keys().filter(|status| !is_status(status));
            problems.extend(unknown.map(|status| format!("operation `{id}`: `{status}` is no status")));
        }
        problems
    }
}

impl Operation {
    /// What the document says of a reply with this status: of the status itself, of its range, or of all others.
    pub fn response(&self, status: u16) -> Option<&Response> {
        self.named_response(status).map(|(_, response)| response)
    }

    /// The same, with what the document calls it: `404`, `4XX` or `default`.
    pub fn named_response(&self, status: u16) -> Option<(&str, &Response)> {
        let names = [status.to_string(), format!("{}XX", status / 100), "default".to_owned()];
        let found = names.iter().find_map(|name| self.responses.get_key_value(name));
        found.map(|(name, response)| (name.as_str(), response))
    }
}

/// Why a text is not a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractError(Vec<String>);

impl fmt::Display for ContractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ContractError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract_of(responses: &str) -> String {
        format!(
            r#"{{"title": "Rockets", "version": "1", "operations": [
                {{"id": "launch", "method": "POST", "path": "/rockets/{{rocket}}", "responses": {responses}}}]}}"#
        )
    }

    #[track_caller]
    fn check(responses: &str, status: u16, expected: Option<&str>) {
        let contract = Contract::from_json(&contract_of(responses)).unwrap();
        let operation = &contract.operations[0];
        let found = operation.response(status).map(|found| {
            let key = operation.responses.iter().find(|(_, response)| std::ptr::eq(*response, found));
            key.unwrap().0.as_str()
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn a_status_is_found_by_itself_then_by_its_range_then_among_all_others() {
        const ALL: &str = r#"{"404": {}, "4XX": {}, "default": {}}"#;
        check(ALL, 404, Some("404"));
        check(ALL, 409, Some("4XX"));
        check(ALL, 200, Some("default"));
        check(r#"{"200": {}}"#, 201, None);
    }

    #[test]
    fn what_is_not_a_contract_is_refused() {
        for (text, expected) in [
            (contract_of(r#"{"20": {}}"#), "operation `launch`: `20` is no status"),
            (contract_of("{}").replace("/rockets/", "/rockets#"), "is not a path"),
            (contract_of("{}").replace("responses", "responces"), "unknown field `responces`"),
        ] {
            let error = Contract::from_json(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_contract_is_read_and_written_alike() {
        let contract = Contract::from_json(&contract_of(r#"{"200": {"rules": {"/id": "id"}}}"#)).unwrap();
        assert_eq!(Contract::from_json(&serde_json::to_string(&contract).unwrap()), Ok(contract));
    }
}
