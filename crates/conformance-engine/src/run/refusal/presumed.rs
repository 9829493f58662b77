//! Finds out whether a refusal may only say that what a request names does not exist, or is in another state.

use std::sync::PoisonError;

use serde_json::Value;

use crate::http::request::{Replacements, Values, has_value};
use crate::model::exchange::Reply;
use crate::model::report::Entry;
use crate::model::suite::{Case, Kind, folded};
use crate::plan::plan::is_open_to_samples;
use crate::run::case::is_look;
use crate::run::runner::Runner;

impl Runner<'_, '_> {
    /// Whether the document has values to send where the state of a case cannot be made, and nothing else is needed.
    pub(crate) fn has_samples(&self, case: &Case) -> bool {
        let nothing = Values::new();
        let replacements = Replacements { state: &nothing, run: self.plan.values };
        let is_known = |name: &str| has_value(&case.request, replacements, name);
        let setup = self.plan.suite.setup(case);
        setup.is_some_and(|setup| is_open_to_samples(case, setup)) && case.request.open().all(is_known)
    }

    /// Why the reply to the last request tells nothing, if so: what the document shows for an identifier need not exist, and
    /// of a documented conflict it says nothing of when it comes.
    pub(crate) fn presumed(&self, entry: &Entry, case: &Case, reply: &Reply, values: &Values) -> Option<String> {
        let sent = &entry.exchanges.last()?.sent;
        let target = sent.target().split(['?', '#']).next().unwrap_or_default();
        let path = target.strip_prefix(self.options.endpoint.prefix()).unwrap_or(target);
        let is_item = case.request.path.ends_with('}');
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if is_item && (200..300).contains(&reply.status) {
            match sent.method.as_str() {
                "DELETE" => _ = seen.remove(path),
                _ => _ = seen.insert(path.to_owned()),
            }
        }
        if let Some(member) = marked_gone(case, reply) {
            return Some(format!("what was removed is still shown, and `{member}` says that it was removed"));
        }
        let presumed = case.expected.presumes.as_ref()?;
        if case.expected.has_status(reply.status) || case.expected.or.contains(&reply.status) {
            return None;
        }
        let replacements = Replacements { state: values, run: self.plan.values };
        let is_unknown = |place: &&String| {
            let name = place.rsplit(['.', '/']).next().unwrap_or_default();
            let is_seen = || self::part(&case.request.path, path, place).is_some_and(|part| seen.contains(&part));
            !values.contains_key(*place) && !has_value(&case.request, replacements, name) && !is_seen()
        };
        let unknown: Vec<&str> = presumed.names.iter().filter(is_unknown).map(String::as_str).collect();
        let status = reply.status;
        if !unknown.is_empty() && presumed.refusals.contains(&status) {
            let names: Vec<String> = unknown.iter().map(|place| format!("`{}`", name(place))).collect();
            let set = name(unknown[0]);
            return Some(format!(
                "answered {status}, and no call of this run or state gave {}: the document shows a sample only\n\
                 hint: --set {set}=VALUE, or `x-given`, or a link, or a provider of states",
                names.join(", ")
            ));
        }
        presumed.conflicts.contains(&status).then(|| {
            format!(
                "answered {status}, which is documented, and nothing says in which state\n\
                 hint: `x-given` names the state of the success; `x-unique` marks what must be new each time"
            )
        })
    }
}

/// The words by which a thing that is shown says that it was removed.
const GONE: [&str; 9] =
    ["deleted", "removed", "archived", "closed", "cancelled", "canceled", "disabled", "revoked", "terminated"];

/// The member by which a thing that should be gone says that it is: `deletedAt` with a value, `archived: true`, or a word for it
/// in place of a state.
fn marked_gone(case: &Case, reply: &Reply) -> Option<String> {
    if !matches!(case.kind, Kind::Journey { .. }) || !is_look(case) || !(200..300).contains(&reply.status) {
        return None;
    }
    let members = reply.json().ok()?.value.as_ref()?.as_object()?;
    let is_word = |text: &str| GONE.contains(&text.to_ascii_lowercase().as_str());
    let says_so = |name: &str, value: &Value| {
        let name = folded(name);
        match value {
            Value::Bool(flag) => *flag && GONE.iter().any(|word| name.contains(word)),
            Value::String(text) => is_word(text) || !text.is_empty() && GONE.iter().any(|word| name.contains(word)),
            _ => false,
        }
    };
    members.iter().find(|(name, value)| says_so(name, value)).map(|(name, _)| name.clone())
}

/// What a place is called by: `id` of `path.id`.
fn name(place: &str) -> &str {
    place.split_once(['.', '#']).map_or(place, |(_, name)| name.trim_start_matches('/'))
}

/// The path up to and including the variable of a place, as it was sent.
fn part(template: &str, path: &str, place: &str) -> Option<String> {
    let variable = format!("{{{}}}", place.strip_prefix("path.")?);
    let at = template.split('/').position(|segment| segment.contains(&variable))?;
    Some(path.split('/').take(at + 1).collect::<Vec<_>>().join("/"))
}
