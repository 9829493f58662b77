//! The credentials that `ges conform` sends.

use std::collections::BTreeSet;

use conformance_engine::suite::{Credential, Suite};
use conformance_engine::{Known, SchemeValues, Secret};
use ges_client::credentials::{Found, FoundCredentials, Place};
use secrecy::ExposeSecret;
use specwright::Failure;

use crate::commands::conform::arguments::Arguments;

/// The credentials of the command line, else of the environment. Users cannot sign in here, and the profile file in the
/// home directory is not read: the endpoint under test may not be trusted with its keys.
pub(super) fn credentials(arguments: &Arguments, has_endpoint: bool) -> Result<Option<Found>, Failure> {
    if arguments.proof.has_keys() && !has_endpoint {
        return Err(Failure::usage("--ak and --profile require an endpoint\nhint: add --endpoint URL"));
    }
    // The keys in the environment are for GES, not for the API of another document.
    let is_ges = has_endpoint && arguments.cases.is_none() && !arguments.prefer;
    let places = if is_ges { &[Place::Token, Place::Keys, Place::NamedProfile][..] } else { &[Place::Token] };
    arguments.proof.find(places)
}

/// What begins the name of an environment variable with the value of a security scheme.
const VARIABLE: &str = "GES_CREDENTIAL_";

/// The values of security schemes: of the command line, else of the environment. No message shows one.
pub(super) fn schemes(arguments: &Arguments, suite: &Suite) -> Result<SchemeValues, Failure> {
    let credentials = suite.cases.iter().filter_map(|case| case.request.credential.as_ref());
    let known: BTreeSet<&str> = credentials.flat_map(Credential::all).map(|it| it.scheme.as_str()).collect();
    let mut values = SchemeValues::new();
    for pair in &arguments.credential {
        let wrong = |what: &str| Failure::usage(format!("--credential {what}\nhint: write it as NAME=VALUE"));
        let (name, value) = pair.expose_secret().split_once('=').ok_or_else(|| wrong("has no `=`"))?;
        if !known.contains(name) {
            let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Failure::usage(format!(
                "no operation asks for a security scheme called `{name}`\nhint: the document has {known}"
            )));
        }
        if value.is_empty() {
            return Err(wrong(&format!("has no value for `{name}`")));
        }
        if values.insert(name.to_owned(), Secret::new(value)).is_some() {
            return Err(wrong(&format!("has two values for `{name}`")));
        }
    }
    for name in known {
        let variable = name.replace(|c: char| !c.is_ascii_alphanumeric(), "_").to_ascii_uppercase();
        let value = std::env::var(format!("{VARIABLE}{variable}")).ok().filter(|value| !value.is_empty());
        if let Some(value) = value.filter(|_| !name.is_empty() && !values.contains_key(name)) {
            values.insert(name.to_owned(), Secret::new(value));
        }
    }
    Ok(values)
}

/// The names of the credentials of a run.
pub(super) fn known(found: Option<&Found>, schemes: &SchemeValues) -> Known {
    let (token, signs) = match found.map(|found| &found.credentials) {
        Some(FoundCredentials::Token(token)) => (Some(Secret::new(token.expose_secret())), false),
        Some(_) => (None, true),
        None => (None, false),
    };
    Known::of(token.as_ref(), schemes, signs)
}
