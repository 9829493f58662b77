//! The documented exchanges in the two formats that recordings of HTTP come in: a VCR cassette, laid out as Schemathesis
//! lays out its own, and HAR 1.2.
//!
//! Nothing was recorded: what only a recording knows (when, how long) is the beginning of time, and zero.

use conformance_engine::suite::{Parameter, Place};
use http::StatusCode;
use percent_encoding::utf8_percent_encode;
use serde_json::{Map, Value, json};

use crate::cases::credential;
use crate::client::{IN_QUERY, object};
use crate::document::Document;
use crate::exchanges::{self, Exchange};
use crate::mock::body_text;
use crate::operations::Operation;
use crate::stubs::{TOKEN, path};
use crate::yaml_text;

/// A cassette, without a header.
pub(crate) fn cassette(document: &Document, operations: &[Operation<'_>]) -> String {
    let interactions = recordings(document, operations).map(|recording| {
        let request = recording.request();
        let response = object([
            ("status", json!({ "code": recording.status.to_string(), "message": recording.reason() })),
            ("headers", by_name(recording.reply_headers)),
            ("body", object([("encoding", "utf-8".into()), ("string", recording.reply.into())])),
            ("elapsed", "0".into()),
            ("http_version", "1.1".into()),
        ]);
        object([
            ("id", recording.id.into()),
            ("status", "SUCCESS".into()),
            ("generation", json!({ "time": 0, "mode": "positive" })),
            ("components", Value::Null),
            ("phase", json!({ "name": "examples", "data": {} })),
            ("recorded_at", BEGINNING.into()),
            ("checks", json!([])),
            ("request", request),
            ("response", response),
        ])
    });
    yaml_text::write(&object([
        ("command", "cargo xtask codegen".into()),
        ("recorded_with", "nothing: derived from the document".into()),
        ("seed", 0.into()),
        ("http_interactions", interactions.collect()),
    ]))
}

/// A HAR file.
pub(crate) fn har(document: &Document, operations: &[Operation<'_>], comment: &str) -> String {
    let entries = recordings(document, operations).map(|recording| {
        let request = recording.har_request();
        let media_type = recording.reply_headers.first().map_or("", |(_, value)| value).to_owned();
        let response = object([
            ("status", recording.status.into()),
            ("statusText", recording.reason().into()),
            ("httpVersion", "HTTP/1.1".into()),
            ("cookies", json!([])),
            ("headers", pairs(&recording.reply_headers)),
            (
                "content",
                object([
                    ("size", recording.reply.len().into()),
                    ("mimeType", media_type.into()),
                    ("text", recording.reply.as_str().into()),
                ]),
            ),
            ("redirectURL", "".into()),
            ("headersSize", (-1).into()),
            ("bodySize", recording.reply.len().into()),
        ]);
        object([
            ("startedDateTime", BEGINNING.into()),
            ("time", 0.into()),
            ("request", request),
            ("response", response),
            ("cache", json!({})),
            ("timings", json!({ "send": 0, "wait": 0, "receive": 0 })),
            ("comment", recording.id.into()),
        ])
    });
    let version = document.root().get("info").and_then(|info| info.text("version")).unwrap_or_default();
    let log = object([
        ("version", "1.2".into()),
        ("creator", json!({ "name": "codegen", "version": version })),
        ("comment", comment.into()),
        ("entries", entries.collect()),
    ]);
    format!("{:#}\n", object([("log", log)]))
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
        let mut headers = self.headers.clone();
        if !self.cookies.is_empty() {
            let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            headers.push(("Cookie".to_owned(), cookies.collect::<Vec<_>>().join("; ")));
        }
        let mut request = Map::new();
        request.insert("uri".to_owned(), self.url.as_str().into());
        request.insert("method".to_owned(), self.method.as_str().into());
        request.insert("headers".to_owned(), by_name(headers));
        if let Some((_, text)) = &self.body {
            let body = object([("encoding", "utf-8".into()), ("string", text.as_str().into())]);
            request.insert("body".to_owned(), body);
        }
        Value::Object(request)
    }

    fn har_request(&self) -> Value {
        let mut request = object([
            ("method", self.method.as_str().into()),
            ("url", self.url.as_str().into()),
            ("httpVersion", "HTTP/1.1".into()),
            ("cookies", pairs(&self.cookies)),
            ("headers", pairs(&self.headers)),
            ("queryString", pairs(&self.query)),
            ("headersSize", (-1).into()),
            ("bodySize", self.body.as_ref().map_or(0, |(_, text)| text.len()).into()),
        ]);
        if let Some((media, text)) = &self.body {
            request["postData"] = object([("mimeType", media.as_str().into()), ("text", text.as_str().into())]);
        }
        request
    }
}

fn pairs(pairs: &[(String, String)]) -> Value {
    pairs
        .iter()
        .map(|(name, value)| object([("name", name.as_str().into()), ("value", value.as_str().into())]))
        .collect()
}

/// Each name with the list of its values.
fn by_name(pairs: Vec<(String, String)>) -> Value {
    let mut out = Map::new();
    for (name, value) in pairs {
        if let Value::Array(values) = out.entry(name).or_insert_with(|| json!([])) {
            values.push(value.into());
        }
    }
    Value::Object(out)
}
