//! The report as HAR 1.2 (<http://www.softwareishard.com/blog/har-12-spec/>): every exchange, for whatever opens HAR.
//!
//! What HAR has no place for stands in members that begin with `_`, as the format asks of extensions: the case, what the
//! request was for, and what came of it.

use serde_json::{Map, Value, json};

use crate::model::exchange::{Exchange, Purpose};
use crate::model::exchange_json::Content;
use crate::model::percent;
use crate::model::report::{Entry, Report};

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

fn entry(report: &Report, entry: &Entry, exchange: &Exchange) -> Value {
    let milliseconds = exchange.took.as_secs_f64() * 1000.0;
    let is_judged = entry.judged().is_some_and(|judged| std::ptr::eq(judged, exchange));
    let mut har = json!({
        "startedDateTime": exchange.started_text().unwrap_or_else(|| report.started.clone()),
        "time": milliseconds,
        "request": request(exchange),
        "response": response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
    });
    let extension =
        if is_judged && exchange.purpose == Purpose::Case && entry.kind != "exchange" { "_case" } else { "_of" };
    har[extension] = Value::from(entry.id.as_str());
    har["_purpose"] = Value::from(exchange.purpose.name());
    if let Some(detail) = exchange.purpose.detail() {
        har["_detail"] = Value::from(detail);
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

fn request(exchange: &Exchange) -> Value {
    let request = &exchange.sent;
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
        "bodySize": request.body.as_ref().map_or(0, Vec::len),
    });
    if let Some(wire) = request.wire {
        har["comment"] = Value::from(wire.about());
    }
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
fn response(exchange: &Exchange) -> Value {
    let Some(reply) = &exchange.reply else {
        let trouble = exchange.trouble.as_deref().unwrap_or_default();
        return json!({"status": 0, "statusText": "", "httpVersion": "", "cookies": [], "headers": [],
            "content": {"size": 0, "mimeType": "x-unknown"}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
            "_error": trouble});
    };
    let mut content = Map::new();
    content.insert("size".to_owned(), Value::from(reply.body.len()));
    content.insert("mimeType".to_owned(), Value::from(media_type(&reply.headers)));
    if reply.body.is_unknown() {
        content.insert("size".to_owned(), Value::from(-1));
    } else {
        let (text, is_encoded) = text(&reply.body);
        content.insert("text".to_owned(), Value::from(text));
        if is_encoded {
            content.insert("encoding".to_owned(), Value::from("base64"));
        }
        if reply.truncated {
            content.insert("comment".to_owned(), Value::from("truncated: the body was longer"));
        }
    }
    let size = content["size"].clone();
    let mut har = json!({
        "status": reply.status,
        "statusText": reply.reason,
        "httpVersion": if reply.version.is_empty() { "HTTP/1.1" } else { &reply.version },
        "cookies": [],
        "headers": headers(&reply.headers),
        "content": content,
        "redirectURL": reply.header("location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": size,
    });
    if let Some(fault) = &reply.framing_fault {
        har["_framingFault"] = Value::from(fault.as_str());
    }
    har
}

fn headers(headers: &[(String, String)]) -> Value {
    headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

fn media_type(headers: &[(String, String)]) -> &str {
    let named = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    named.map_or("x-unknown", |(_, value)| value)
}

/// The text, and whether it is base64.
fn text(body: &[u8]) -> (String, bool) {
    match Content::from(body) {
        Content::Text(text) => (text.into_owned(), false),
        Content::Base64(text) => (text, true),
    }
}
