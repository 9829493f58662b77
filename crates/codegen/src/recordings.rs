//! The documented exchanges in the two formats that recordings of HTTP come in: a VCR cassette, laid out as Schemathesis
//! lays out its own, and HAR 1.2.
//!
//! Nothing was recorded: what only a recording knows (when, how long) is the beginning of time, and zero.

use conformance_engine::suite::{Parameter, Place};
use http::StatusCode;
use percent_encoding::utf8_percent_encode;
use serde_json::{Map, Value, json};

use crate::cases::credential;
use crate::client::IN_QUERY;
use crate::document::Document;
use crate::exchanges::{self, Exchange};
use crate::mock::body_text;
use crate::operations::Operation;
use crate::stubs::{TOKEN, path};
use crate::yaml_text;

/// A cassette, without a header.
pub(crate) fn cassette(document: &Document, operations: &[Operation<'_>]) -> String {
    let interactions = recordings(document, operations).map(|recording| {
        let response = json!({
            "status": { "code": recording.status.to_string(), "message": recording.reason() },
            "headers": by_name(&recording.reply_headers),
            "body": { "encoding": "utf-8", "string": recording.reply },
            "elapsed": "0",
            "http_version": "1.1",
        });
        json!({
            "id": recording.id,
            "status": "SUCCESS",
            "generation": { "time": 0, "mode": "positive" },
            "components": Value::Null,
            "phase": { "name": "examples", "data": {} },
            "recorded_at": BEGINNING,
            "checks": [],
            "request": recording.request(),
            "response": response,
        })
    });
    let interactions: Vec<Value> = interactions.collect();
    yaml_text::write(&json!({
        "command": "cargo xtask codegen",
        "recorded_with": "nothing: derived from the document",
        "seed": 0,
        "http_interactions": interactions,
    }))
}

/// A HAR file.
pub(crate) fn har(document: &Document, operations: &[Operation<'_>], comment: &str) -> String {
    let entries = recordings(document, operations).map(|recording| {
        json!({
            "startedDateTime": BEGINNING,
            "time": 0,
            "request": recording.har_request(),
            "response": {
                "status": recording.status,
                "statusText": recording.reason(),
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": recording.reply_headers.iter().map(pair).collect::<Vec<_>>(),
                "content": {
                    "size": recording.reply.len(),
                    "mimeType": recording.reply_headers.first().map_or("", |(_, value)| value),
                    "text": recording.reply,
                },
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": recording.reply.len(),
            },
            "cache": {},
            "timings": { "send": 0, "wait": 0, "receive": 0 },
            "comment": recording.id,
        })
    });
    let entries: Vec<Value> = entries.collect();
    let version = document.root().get("info").and_then(|info| info.text("version")).unwrap_or_default();
    let log = json!({
        "version": "1.2",
        "creator": { "name": "codegen", "version": version },
        "comment": comment,
        "entries": entries,
    });
    format!("{:#}\n", json!({ "log": log }))
}

const BEGINNING: &str = "1970-01-01T00:00:00+00:00";

/// One documented exchange, as bytes on the wire would have it.
struct Recording {
    /// `operation_id/example`
    id: String,
    method: String,
    /// Absolute.
    url: String,
    /// Decoded.
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    cookies: Vec<(String, String)>,
    body: Option<(String, String)>,
    status: u16,
    reply_headers: Vec<(String, String)>,
    reply: String,
}

fn recordings<'a>(
    document: &'a Document,
    operations: &'a [Operation<'_>],
) -> impl Iterator<Item = Recording> + use<'a> {
    let server = server(document);
    operations.iter().flat_map(move |operation| {
        let (exchanges, _) = exchanges::of(document, operation);
        exchanges.iter().map(|exchange| Recording::of(document, operation, exchange, &server)).collect::<Vec<_>>()
    })
}

/// The first server of the document, its variables at their defaults.
fn server(document: &Document) -> String {
    let server = document.root().items_of("servers").first();
    let mut url = server.and_then(|server| server.text("url")).unwrap_or("http://localhost").to_owned();
    for variable in server.map_or([].iter(), |server| server.entries_of("variables")) {
        let default = variable.value.text("default").unwrap_or_default();
        url = url.replace(&format!("{{{}}}", variable.key), default);
    }
    let url = url.trim_end_matches('/');
    if url.contains("://") { url.to_owned() } else { format!("http://localhost{url}") }
}

impl Recording {
    fn of(document: &Document, operation: &Operation<'_>, exchange: &Exchange<'_>, server: &str) -> Recording {
        let credential =
            credential(document, operation).map(|one| (one.place, (one.name, format!("{}{TOKEN}", one.prefix))));
        let at = |place: Place| {
            let own = exchange.parameters.iter().filter(move |parameter| parameter.place == place);
            let own = own.map(|Parameter { name, value, .. }| (name.clone(), value.clone()));
            own.chain(credential.iter().filter(|(known, _)| *known == place).map(|(_, pair)| pair.clone()))
                .collect::<Vec<_>>()
        };
        let query = at(Place::Query);
        let encoded = |text: &str| utf8_percent_encode(text, IN_QUERY).to_string();
        let pairs: Vec<String> =
            query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let mut url = format!("{server}{}", path(operation.path, &exchange.parameters));
        if !pairs.is_empty() {
            url = format!("{url}?{}", pairs.join("&"));
        }
        let body = exchange.body.map(|(media, value)| (media.to_owned(), body_text(media, &value.to_json())));
        let mut headers = at(Place::Header);
        headers.extend(body.iter().map(|(media, _)| ("Content-Type".to_owned(), media.clone())));
        let reply = exchange.reply.as_ref();
        Recording {
            id: format!("{}/{}", operation.label(), exchange.name),
            method: operation.method.to_uppercase(),
            url,
            query,
            headers,
            cookies: at(Place::Cookie),
            body,
            status: exchange.status,
            reply_headers: reply
                .map(|one| ("Content-Type".to_owned(), one.media_type.to_owned()))
                .into_iter()
                .collect(),
            reply: reply.map(|one| body_text(one.media_type, &one.value.to_json())).unwrap_or_default(),
        }
    }

    fn reason(&self) -> &'static str {
        StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
    }

    /// As in a cassette.
    fn request(&self) -> Value {
        let mut request = Map::new();
        request.insert("uri".to_owned(), json!(self.url));
        request.insert("method".to_owned(), json!(self.method));
        let mut headers = self.headers.clone();
        if !self.cookies.is_empty() {
            let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            headers.push(("Cookie".to_owned(), cookies.collect::<Vec<_>>().join("; ")));
        }
        request.insert("headers".to_owned(), by_name(&headers));
        if let Some((_, text)) = &self.body {
            request.insert("body".to_owned(), json!({ "encoding": "utf-8", "string": text }));
        }
        Value::Object(request)
    }

    fn har_request(&self) -> Value {
        let list = |pairs: &[(String, String)]| pairs.iter().map(pair).collect::<Vec<_>>();
        let mut request = json!({
            "method": self.method,
            "url": self.url,
            "httpVersion": "HTTP/1.1",
            "cookies": list(&self.cookies),
            "headers": list(&self.headers),
            "queryString": list(&self.query),
            "headersSize": -1,
            "bodySize": self.body.as_ref().map_or(0, |(_, text)| text.len()),
        });
        if let Some((media, text)) = &self.body {
            request["postData"] = json!({ "mimeType": media, "text": text });
        }
        request
    }
}

fn pair((name, value): &(String, String)) -> Value {
    json!({ "name": name, "value": value })
}

/// Each name with the list of its values.
fn by_name(pairs: &[(String, String)]) -> Value {
    let mut out = Map::new();
    for (name, value) in pairs {
        if let Value::Array(values) = out.entry(name.clone()).or_insert_with(|| json!([])) {
            values.push(json!(value));
        }
    }
    Value::Object(out)
}
