//! Asks the provider of states to bring something into the state that a case needs.

use serde_json::Value;

use crate::check::value::found;
use crate::http::client::{Client, SendError};
use crate::http::request::{Prepared, Replacements, Values, has_value, names};
use crate::model::exchange::{Purpose, Reply, Sent};
use crate::model::json::Problem;
use crate::model::report::{Entry, Outcome};
use crate::model::suite::Case;
use crate::run::runner::{Runner, carry_out};

impl Runner<'_, '_> {
    /// Asks the provider to bring something into the case's state; it answers the values that name it.
    pub(crate) async fn ask_for_state(
        &self,
        entry: &mut Entry,
        case: &Case,
        provider: Option<&mut Client>,
    ) -> Result<Values, (Outcome, String)> {
        let (Some(client), Some(address)) = (provider, &self.options.provider_states) else {
            return Err((Outcome::Unreachable, "no provider-state endpoint".to_owned()));
        };
        let state = case.given.as_deref().unwrap_or_default();
        let broken = |what: String| (Outcome::Broken, format!("asked for the state `{state}`: {what}"));

        let body = serde_json::json!({"state": state, "action": "setup", "params": {}}).to_string();
        let header = |name: &str| (name.to_owned(), "application/json".to_owned());
        let request = Prepared {
            method: "POST".to_owned(),
            target: address.target(),
            headers: vec![header("Content-Type"), header("Accept")],
            body: Some(body.into_bytes()),
            wire: None,
        };
        let sent = Sent {
            method: request.method.clone(),
            url: address.to_string(),
            headers: request.headers.clone(),
            body: request.body.clone(),
            wire: None,
        };
        let purpose = Purpose::ProviderState(state.to_owned());
        let answer = loop {
            let answer = carry_out(&mut entry.exchanges, purpose.clone(), sent.clone(), &request, client).await;
            match &answer {
                // What was set up the first time has no name, so no case uses it.
                Err(SendError::Unanswered(_)) => {}
                Ok(reply) => match self.pause_before_repeat(reply, &entry.exchanges) {
                    Some(pause) if self.sleep("the provider of states", pause, &self.options.stop).await => {}
                    _ => break answer,
                },
                Err(_) => break answer,
            }
        };
        let reply = answer.map_err(|trouble| match trouble {
            SendError::Endpoint(reason) | SendError::Unanswered(reason) | SendError::Request(reason) => broken(reason),
        })?;
        if !(200..300).contains(&reply.status) {
            let text = reply.text(200);
            let reason = format!("asked for the state `{state}`: status {} {text}", reply.status);
            let reason = reason.trim_end().to_owned();
            // 4xx is how a provider says that it knows no such state; anything else, that it does not work.
            let is_refusal = (400..500).contains(&reply.status);
            return Err((if is_refusal { Outcome::Unreachable } else { Outcome::Broken }, reason));
        }
        if let Some(fault) = &reply.framing_fault {
            return Err(broken(format!("the body {fault}")));
        }
        let values = values_of(&reply).map_err(broken)?;
        let replacements = Replacements { state: &values, run: self.plan.values };
        let needed = self.plan.needed.get(state).into_iter().flatten();
        let requests = || case.kind.steps().iter().filter_map(|step| self.plan.suite.case(step)).chain([case]);
        let has = |name: &String| requests().any(|case| has_value(&case.request, replacements, name));
        match needed.into_iter().find(|name| !has(name) && requests().any(|case| takes(case, name))) {
            // Otherwise the request would go out with the documented value, and be about nothing that exists.
            Some(name) => Err((Outcome::Broken, format!("the provider of states answered no `{name}` for `{state}`"))),
            None => match requests()
                .find_map(|case| case.request.open().find(|name| !has_value(&case.request, replacements, name)))
            {
                Some(name) => Err((Outcome::Unreachable, format!("needs --set {name}: no value is documented"))),
                None => Ok(values),
            },
        }
    }
}

/// Whether a value of this name would replace something in the request of `case`.
fn takes(case: &Case, name: &str) -> bool {
    names(&case.request).contains(name)
}

/// The values in a provider's answer: strings, numbers and booleans; everything else is ignored. An empty answer has
/// none.
fn values_of(reply: &Reply) -> Result<Values, String> {
    let reading = reply.json().map_err(|reason| format!("the body {reason}"))?;
    if reading.problems == [Problem::Empty] {
        return Ok(Values::new());
    }
    if let Some(problem) = reading.problems.first() {
        return Err(format!("expected a JSON object, found {problem}"));
    }
    let Some(Value::Object(members)) = &reading.value else {
        return Err(format!(
            "expected a JSON object, found {}",
            reading.value.as_ref().map_or_else(String::new, found)
        ));
    };
    let mut values = Values::new();
    for (name, value) in members {
        match value {
            Value::String(text) => _ = values.insert(name.clone(), text.clone()),
            Value::Number(_) | Value::Bool(_) => _ = values.insert(name.clone(), value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => {}
        }
    }
    Ok(values)
}
