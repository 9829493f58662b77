//! HAR 1.2 (<http://www.softwareishard.com/blog/har-12-spec/>), as browsers, proxies and test tools write it.

use serde_json::Value;

use crate::format::recording::{
    Body, Parts, ReplyParts, Unreadable, from_base64, label, number, seconds, status, text, time,
};
use crate::model::exchange::Purpose;
use crate::model::recorded::{Expansion, Recorded};

/// Who wrote a file, as it says itself.
pub(crate) fn recorder(creator: &Value) -> String {
    let recorder = [text(creator, "name"), text(creator, "version")];
    recorder.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Whether the body of the reply is in base64.
pub(crate) fn is_encoded(entry: &Value) -> bool {
    entry.pointer("/response/content/encoding") == Some(&Value::from("base64"))
}

/// Whether a recorder writes bodies of requests in base64 where it does so with replies, and does not say it.
pub(crate) fn encodes_requests(recorder: &str) -> bool {
    recorder.starts_with("harfile")
}

pub(crate) fn entry(
    index: usize,
    entry: &Value,
    encodes_requests: bool,
    expansion: &mut Expansion,
) -> Result<Recorded, Unreadable> {
    let label = label(text(entry, "_id"), index);
    let unreadable = |reason: &str| Unreadable { label: label.clone(), reason: reason.to_owned() };
    let request = entry.get("request").ok_or_else(|| unreadable("it has no `request`"))?;
    let method = text(request, "method").filter(|method| !method.is_empty());
    let url = text(request, "url").filter(|url| !url.is_empty());
    let (Some(method), Some(url)) = (method, url) else {
        return Err(unreadable("its request has no `method` or no `url`"));
    };
    let mut request_headers = headers(request);
    let post_data = request.get("postData").filter(|data| data.is_object());
    if let Some(media_type) = post_data.and_then(|data| text(data, "mimeType")) {
        add_media_type(&mut request_headers, media_type);
    }
    let response = entry.get("response").unwrap_or(&Value::Null);
    let reply = status(response.get("status")).map(|status| {
        let mut headers = headers(response);
        let content = response.get("content").unwrap_or(&Value::Null);
        if let Some(media_type) = text(content, "mimeType") {
            add_media_type(&mut headers, media_type);
        }
        ReplyParts {
            status,
            reason: text(response, "statusText").unwrap_or_default().to_owned(),
            version: text(response, "httpVersion").unwrap_or_default().to_owned(),
            headers,
            body: reply_body(content, response.get("bodySize")),
            framing_fault: text(response, "_framingFault").map(ToOwned::to_owned),
        }
    });
    let trouble = ["_error", "_trouble"].iter().find_map(|name| text(response, name).or_else(|| text(entry, name)));
    let started = text(entry, "startedDateTime").and_then(time);
    let took = seconds(number(entry.get("time")).map(|milliseconds| milliseconds / 1000.0));
    let parts = Parts {
        label: label.clone(),
        method: method.to_owned(),
        url: url.to_owned(),
        request_headers,
        request_body: request_body(post_data, request.get("bodySize"), encodes_requests),
        trouble: trouble.filter(|_| reply.is_none()).map(ToOwned::to_owned),
        reply,
        started,
        took,
        purpose: text(entry, "_purpose").map(|name| Purpose::named(name, text(entry, "_detail"))),
        case: text(entry, "_case").map(ToOwned::to_owned),
        is_wrong_on_purpose: entry.get("_wrongOnPurpose") == Some(&Value::Bool(true)),
    };
    parts.into_recorded(expansion)
}

/// Names and values. HTTP/2's pseudo headers are none.
fn headers(message: &Value) -> Vec<(String, String)> {
    let all = message.get("headers").and_then(Value::as_array).into_iter().flatten();
    let pairs = all.filter_map(|header| Some((text(header, "name")?, text(header, "value").unwrap_or_default())));
    let pairs = pairs.filter(|(name, _)| !name.is_empty() && !name.starts_with(':'));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The body has a media type of its own; some recorders keep no other.
fn add_media_type(headers: &mut Vec<(String, String)>, media_type: &str) {
    let is_known = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    // `x-unknown` is how recorders say that there was none.
    if !is_known && !media_type.is_empty() && media_type != "x-unknown" {
        headers.push(("content-type".to_owned(), media_type.to_owned()));
    }
}

fn request_body(data: Option<&Value>, size: Option<&Value>, is_encoded: bool) -> Body {
    let had_one = number(size).is_some_and(|size| size > 0.0);
    let missing = || Body::Missing("the recording has only its size".to_owned());
    let Some(data) = data else {
        return if had_one { missing() } else { Body::None };
    };
    match text(data, "text") {
        Some(content) if is_encoded || text(data, "encoding").or(text(data, "_encoding")) == Some("base64") => {
            from_base64(content).map_or_else(|| Body::Missing("it is no base64".to_owned()), Body::Bytes)
        }
        Some("") if had_one => missing(),
        Some("") => Body::None,
        Some(content) => Body::Bytes(content.as_bytes().to_vec()),
        None => match data.get("params").and_then(Value::as_array).filter(|params| !params.is_empty()) {
            Some(_) => Body::Missing("the recording has only its fields".to_owned()),
            None if had_one => missing(),
            None => Body::None,
        },
    }
}

fn reply_body(content: &Value, size: Option<&Value>) -> Body {
    let had_one = [content.get("size"), size].into_iter().any(|size| number(size).is_some_and(|size| size > 0.0));
    if let Some(comment) = text(content, "comment").filter(|comment| comment.contains("truncated")) {
        return Body::Missing(comment.to_owned());
    }
    match text(content, "text") {
        Some(encoded) if text(content, "encoding").is_some_and(|name| name.eq_ignore_ascii_case("base64")) => {
            from_base64(encoded).map_or_else(|| Body::Missing("it is no base64".to_owned()), Body::Bytes)
        }
        Some("") | None if had_one => Body::Missing("the recording has only its size".to_owned()),
        Some(text) => Body::Bytes(text.as_bytes().to_vec()),
        // A size of 0 is an empty body, of -1 an unknown one.
        None if number(content.get("size")) == Some(0.0) || number(size) == Some(0.0) => Body::None,
        None => Body::Missing("it is not in the recording".to_owned()),
    }
}
