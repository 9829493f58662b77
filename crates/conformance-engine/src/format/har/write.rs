//! The report as HAR 1.2 (<http://www.softwareishard.com/blog/har-12-spec/>): every exchange, for whatever opens HAR.
//!
//! What HAR has no place for stands in members that begin with `_`, as the format asks of extensions: the case, what the
//! request was for, and what came of it.

use serde_json::{Map, Value, json};

use crate::model::percent;
use crate::model::report::{Content, Entry, ExchangeEntry, Header, Report};

/// Writes the report as HAR.
pub(crate) fn write(report: &Report) -> String {
    let entries = report.with_tours();
    let entries = entries.iter();
    let entries: Vec<Value> =
        entries.flat_map(|entry| entry.exchanges.iter().map(|exchange| self::entry(report, entry, exchange))).collect();
    let (name, version) = report.written_by.split_once(' ').unwrap_or((&report.written_by, ""));
    let har = json!({"log": {
        "version": "1.2",
        "creator": {"name": name, "version": version},
        "comment": format!("{} {}, {}", report.document.title, report.document.version, report.subject),
        "entries": entries,
    }});
    format!("{har:#}\n")
}

fn entry(report: &Report, entry: &Entry, exchange: &ExchangeEntry) -> Value {
    let milliseconds = exchange.seconds * 1000.0;
    let is_judged = entry.judged().is_some_and(|judged| std::ptr::eq(judged, exchange));
    let mut har = json!({
        "startedDateTime": exchange.started.as_deref().unwrap_or(&report.started),
        "time": milliseconds,
        "request": request(exchange),
        "response": response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
    });
    let extension = if is_judged && exchange.purpose == "case" && entry.kind != "exchange" { "_case" } else { "_of" };
    har[extension] = Value::from(entry.id.as_str());
    har["_purpose"] = Value::from(exchange.purpose.as_str());
    if let Some(detail) = &exchange.detail {
        har["_detail"] = Value::from(detail.as_str());
    }
    if is_judged {
        har["_outcome"] = Value::from(entry.outcome.name());
        let findings: Vec<Value> = entry.findings.iter().map(|finding| Value::from(finding.shown())).collect();
        if !findings.is_empty() {
            har["_findings"] = Value::from(findings);
        }
        if entry.is_wrong_on_purpose() {
            har["_wrongOnPurpose"] = Value::Bool(true);
        }
    }
    har
}

fn request(exchange: &ExchangeEntry) -> Value {
    let request = &exchange.request;
    let pairs = percent::pairs(percent::query(&request.url));
    let pairs = pairs.map(|(name, value)| json!({"name": name, "value": value}));
    let version = exchange.reply.as_ref().map_or("", |reply| reply.version.as_str());
    let mut har = json!({
        "method": request.method,
        "url": request.url,
        "httpVersion": if version.is_empty() { "HTTP/1.1" } else { version },
        "cookies": [],
        "headers": headers(&request.headers),
        "queryString": pairs.collect::<Vec<_>>(),
        "headersSize": -1,
        "bodySize": request.body.as_ref().map_or(0, size),
    });
    if let Some(body) = &request.body {
        let mut data = Map::new();
        data.insert("mimeType".to_owned(), Value::from(media_type(&request.headers)));
        let (text, is_encoded) = text(body);
        data.insert("text".to_owned(), Value::from(text));
        if is_encoded {
            data.insert("_encoding".to_owned(), Value::from("base64"));
        }
        har["postData"] = Value::Object(data);
    }
    har
}

/// Where there is no reply, the status is 0, as browsers write it.
fn response(exchange: &ExchangeEntry) -> Value {
    let Some(reply) = &exchange.reply else {
        let trouble = exchange.trouble.as_deref().unwrap_or_default();
        return json!({"status": 0, "statusText": "", "httpVersion": "", "cookies": [], "headers": [],
            "content": {"size": 0, "mimeType": "x-unknown"}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
            "_error": trouble});
    };
    let mut content = Map::new();
    content.insert("size".to_owned(), Value::from(reply.body.as_ref().map_or(0, size)));
    content.insert("mimeType".to_owned(), Value::from(media_type(&reply.headers)));
    match &reply.body {
        Some(body) => {
            let (text, is_encoded) = text(body);
            content.insert("text".to_owned(), Value::from(text));
            if is_encoded {
                content.insert("encoding".to_owned(), Value::from("base64"));
            }
            if reply.truncated {
                content.insert("comment".to_owned(), Value::from("truncated: the body was longer"));
            }
        }
        None => _ = content.insert("size".to_owned(), Value::from(-1)),
    }
    let redirect = reply.headers.iter().find(|header| header.name.eq_ignore_ascii_case("location"));
    let mut har = json!({
        "status": reply.status,
        "statusText": reply.reason,
        "httpVersion": if reply.version.is_empty() { "HTTP/1.1" } else { &reply.version },
        "cookies": [],
        "headers": headers(&reply.headers),
        "content": content,
        "redirectURL": redirect.map_or("", |header| header.value.as_str()),
        "headersSize": -1,
        "bodySize": reply.body.as_ref().map_or(-1, |body| i64::try_from(size(body)).unwrap_or(-1)),
    });
    if let Some(fault) = &reply.framing_fault {
        har["_framingFault"] = Value::from(fault.as_str());
    }
    har
}

fn headers(headers: &[Header]) -> Value {
    headers.iter().map(|header| json!({"name": header.name, "value": header.value})).collect()
}

fn media_type(headers: &[Header]) -> &str {
    let named = headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-type"));
    named.map_or("x-unknown", |header| header.value.as_str())
}

fn text(content: &Content) -> (&str, bool) {
    match content {
        Content::Text(text) => (text, false),
        Content::Base64(text) => (text, true),
    }
}

fn size(content: &Content) -> usize {
    match content {
        Content::Text(text) => text.len(),
        Content::Base64(text) => text.trim_end_matches('=').len() * 3 / 4,
    }
}
