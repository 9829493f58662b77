//! Cassettes in the shape of Ruby's VCR: of Schemathesis, of VCR itself, of vcrpy, and of ours.

use serde_json::Value;

use crate::format::recording::{
    Body, Parts, ReplyParts, Unreadable, from_base64, label, number, seconds, status, text, time,
};
use crate::format::yaml::BINARY;
use crate::model::exchange::Purpose;
use crate::model::recorded::{Expansion, Recorded};

/// Who wrote a cassette, as it says itself.
pub(crate) fn recorder(recorded_with: &Value) -> String {
    recorded_with.as_str().unwrap_or("an unnamed recorder").to_owned()
}

pub(crate) fn entry(index: usize, entry: &Value, expansion: &mut Expansion) -> Result<Recorded, Unreadable> {
    let label = label(text(entry, "id"), index);
    let unreadable = |reason: &str| Unreadable { label: label.clone(), reason: reason.to_owned() };
    let request = entry.get("request").ok_or_else(|| unreadable("it has no `request`"))?;
    let method = text(request, "method").filter(|method| !method.is_empty());
    let url = text(request, "uri").or_else(|| text(request, "url")).filter(|url| !url.is_empty());
    let (Some(method), Some(url)) = (method, url) else {
        return Err(unreadable("its request has no `method` or no `uri`"));
    };
    let response = entry.get("response").filter(|response| response.is_object());
    let reply = match response {
        None => None,
        Some(response) => {
            let head = response.get("status").unwrap_or(&Value::Null);
            // Ruby and Python write {code, message}; others only the code.
            let code = status(head.get("code").or(Some(head)));
            let code = code.ok_or_else(|| unreadable("its response has no `status`"))?;
            let version = text(response, "http_version").filter(|version| !version.is_empty());
            let version = version.map(|version| match version.strip_prefix("HTTP/") {
                Some(_) => version.to_owned(),
                None => format!("HTTP/{version}"),
            });
            let cut = response.get("truncated_from").filter(|size| !size.is_null());
            Some(ReplyParts {
                status: code,
                reason: text(head, "message").unwrap_or_default().to_owned(),
                version: version.unwrap_or_default(),
                headers: headers(response),
                body: match cut {
                    Some(_) => Body::Missing("the recording has only its beginning".to_owned()),
                    None => body(response.get("body")),
                },
                framing_fault: text(response, "framing_fault").map(ToOwned::to_owned),
            })
        }
    };
    let generation = entry.get("generation").and_then(|generation| text(generation, "mode"));
    let elapsed = response.and_then(|response| number(response.get("elapsed")));
    let parts = Parts {
        label: label.clone(),
        method: method.to_ascii_uppercase(),
        url: url.to_owned(),
        request_headers: headers(request),
        request_body: match body(request.get("body")) {
            // No recorder tells an empty body from none.
            Body::Bytes(bytes) if bytes.is_empty() => Body::None,
            other => other,
        },
        trouble: text(entry, "trouble").filter(|_| reply.is_none()).map(ToOwned::to_owned),
        reply,
        started: text(entry, "recorded_at").and_then(time),
        took: seconds(elapsed),
        purpose: text(entry, "purpose").map(|name| Purpose::named(name, text(entry, "purpose_detail"))),
        case: text(entry, "case").map(ToOwned::to_owned),
        is_wrong_on_purpose: generation == Some("negative"),
    };
    parts.into_recorded(expansion)
}

/// A mapping of names to one value or several.
fn headers(message: &Value) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for (name, values) in message.get("headers").and_then(Value::as_object).into_iter().flatten() {
        match values {
            Value::Array(values) => {
                headers.extend(values.iter().filter_map(Value::as_str).map(|value| (name.clone(), value.to_owned())));
            }
            Value::String(value) => headers.push((name.clone(), value.clone())),
            _ => {}
        }
    }
    headers
}

/// A text, or `{encoding, string}`, or `{encoding, base64_string}`; where a scalar is allowed, `!!binary` as well.
fn body(value: Option<&Value>) -> Body {
    let encoded =
        |text: &str| from_base64(text).map_or_else(|| Body::Missing("it is no base64".to_owned()), Body::Bytes);
    match value {
        None | Some(Value::Null) => Body::None,
        Some(Value::String(text)) => Body::Bytes(text.as_bytes().to_vec()),
        Some(value) => {
            if let Some(binary) = text(value, BINARY) {
                return encoded(binary);
            }
            if let Some(base64) = text(value, "base64_string") {
                return encoded(base64);
            }
            match value.get("string") {
                None | Some(Value::Null) => Body::None,
                Some(Value::String(text)) => Body::Bytes(text.as_bytes().to_vec()),
                Some(value) => match text(value, BINARY) {
                    Some(binary) => encoded(binary),
                    None => Body::Missing("it is no text".to_owned()),
                },
            }
        }
    }
}
