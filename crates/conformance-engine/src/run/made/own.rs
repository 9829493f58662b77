//! Whether a run made what it is about to remove: only then are there values for the call that removes it.

use std::borrow::Cow;

use serde_json::Value;

use crate::http::expression::{Seen, Target, header, is_elsewhere, places};
use crate::http::request::Values;
use crate::model::exchange::Sent;
use crate::model::percent::{pairs, query};
use crate::model::suite::{Case, Undo};
use crate::model::text::folded;

/// How the name of an identifier may end.
const ENDINGS: [&str; 4] = ["no", "number", "key", "code"];

/// The values for the call that removes what the exchange made, or why nothing may be removed: the status does not say that
/// something is new, the reply does not have each variable of the path, or the request named the thing itself.
pub(super) fn values(undo: &Undo, seen: &Seen<'_>, remover: &Case) -> Result<Values, String> {
    let (path, prefix) = (remover.request.path.as_str(), seen.prefix);
    if seen.reply.status != undo.status {
        let (found, expected) = (seen.reply.status, undo.status);
        return Err(format!("it was answered {found}, and only {expected} says that it is new"));
    }
    let mut values = Values::new();
    for (key, taken) in &undo.takes {
        values.insert(key.clone(), seen.value(taken, &Target { key, path, prefix })?);
    }
    let mut has_own = false;
    for name in places(path) {
        if remover.request.has_constant(name) {
            continue;
        }
        let key = format!("path.{name}");
        let (Some(taken), Some(value)) = (undo.takes.get(&key), values.get(&key)) else {
            return Err(format!("nothing has a value for `{name}` of {}", remover.id));
        };
        if taken.value.starts_with("$request.path.") {
            continue;
        }
        let Some(source) = taken.value.strip_prefix("$response.") else {
            return Err(format!("`{}` is no value of its reply", taken.value));
        };
        if value.starts_with(['{', '[']) || [".", "..", "true", "false"].contains(&value.as_str()) {
            return Err(format!("`{value}` of its reply is no identifier"));
        }
        let member = source.strip_prefix("body#").and_then(|pointer| pointer.rsplit('/').next());
        if names(seen.sent, seen.case, value, &[member.unwrap_or(name), name], prefix) {
            return Err(format!("its request names `{value}` itself, so it may have been there before"));
        }
        has_own = true;
    }
    let addresses = undo.takes.values().filter_map(|taken| taken.value.strip_prefix("$response.header."));
    // The reply's own word for where the thing is.
    let addresses = addresses.chain(["Location"]).filter_map(|name| header(&seen.reply.headers, name));
    for address in addresses {
        let target = Target { key: "", path, prefix };
        if is_elsewhere(address, &seen.sent.url) || !target.is_at(address, &values) {
            return Err(format!("`{address}` is no address of {}", remover.request.path));
        }
    }
    if has_own { Ok(values) } else { Err(format!("no identifier of its reply is in the path of {}", remover.id)) }
}

/// Whether a request that was sent is for the thing that `values` name.
pub(super) fn is_for(sent: &Sent, remover: &Case, values: &Values, prefix: &str) -> bool {
    Target { key: "", path: &remover.request.path, prefix }.is_at(sent.target(), values)
}

/// Whether a request has the identifier itself. A number may be there by chance, so it is one only under a name that
/// identifies what is made.
fn names(sent: &Sent, case: &Case, value: &str, known: &[&str], prefix: &str) -> bool {
    let is_number = value.parse::<f64>().is_ok();
    let identifies = |name: &str| {
        let name = folded(name);
        let is_known = known.iter().any(|known| folded(known) == name);
        is_known || ["id", "uuid", "guid"].contains(&name.as_str()) || ENDINGS.iter().any(|end| name.ends_with(end))
    };
    let is_it = |name: &str, found: &str| found.eq_ignore_ascii_case(value) && (!is_number || identifies(name));
    let of_query = pairs(query(&sent.url)).any(|(name, found)| is_it(&name, &found));
    let target = |name: &'_ str| Target { key: "", path: &case.request.path, prefix }.variable(name, sent.target());
    let of_path = places(&case.request.path).any(|name| target(name).is_some_and(|found| is_it(name, &found)));
    let of_headers = sent.headers.iter().any(|(name, found)| is_it(name, found));
    let body = sent.body.as_deref().unwrap_or_default();
    let of_body = match serde_json::from_slice::<Value>(body) {
        Ok(body) => has(&body, "", &is_it),
        Err(_) if is_number => pairs(&String::from_utf8_lossy(body)).any(|(name, found)| is_it(&name, &found)),
        Err(_) => String::from_utf8_lossy(body).contains(value),
    };
    of_query || of_path || of_headers || of_body
}

/// Whether a value, or one inside of it, is the one.
fn has(value: &Value, name: &str, is_it: &dyn Fn(&str, &str) -> bool) -> bool {
    let text = match value {
        Value::Object(members) => return members.iter().any(|(name, value)| has(value, name, is_it)),
        Value::Array(items) => return items.iter().any(|item| has(item, name, is_it)),
        Value::String(text) => Cow::Borrowed(text.as_str()),
        other => Cow::Owned(other.to_string()),
    };
    is_it(name, &text)
}
