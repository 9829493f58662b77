//! The order service: orders in memory, and HTTP.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const TOKEN: &str = "a-token";
const PREFIX: &str = "/shop/v1/orders";
const STATUSES: [&str; 3] = ["open", "paid", "cancelled"];

/// Serves until it is ended.
pub(crate) async fn serve(listener: TcpListener, has_bug: bool) -> io::Result<()> {
    let service = Arc::new(Service { orders: Mutex::default(), has_bug });
    loop {
        let (stream, _) = listener.accept().await?;
        let service = Arc::clone(&service);
        let answer = service_fn(move |request| answer(Arc::clone(&service), request));
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
        // A connection that breaks off is its client's business.
        tokio::spawn(async move { _ = connection.await });
    }
}

struct Service {
    orders: Mutex<Orders>,
    has_bug: bool,
}

#[derive(Default)]
struct Orders {
    last: u64,
    all: BTreeMap<String, Value>,
}

impl Orders {
    fn add(&mut self, mut order: Value, status: &str) -> Value {
        self.last += 1;
        let id = format!("o-{}", self.last);
        (order["id"], order["status"]) = (json!(id), json!(status));
        self.all.insert(id, order.clone());
        order
    }
}

/// A status, and a body unless it is null.
type Answer = (StatusCode, Value);

async fn answer(service: Arc<Service>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let answer = match body.collect().await {
        Ok(body) => service.answer(&head, &body.to_bytes()),
        Err(_) => problem(StatusCode::BAD_REQUEST, "invalid", "The body ended early"),
    };
    let (status, value) = answer;
    let body = if value.is_null() { Bytes::new() } else { Bytes::from(value.to_string()) };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    if !value.is_null() {
        let is_problem = status.is_client_error();
        let media_type = if is_problem { "application/problem+json" } else { "application/json" };
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    // Source: RFC 9110, section 15.5.6: a 405 names the methods.
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods(head.uri.path())));
    }
    Ok(response)
}

fn methods(path: &str) -> &'static str {
    match path.trim_start_matches(PREFIX).split('/').count() {
        1 => "GET, POST",
        2 => "GET, DELETE",
        _ => "POST",
    }
}

fn problem(status: StatusCode, kind: &str, title: &str) -> Answer {
    let kind = format!("https://orders.example/{kind}");
    (status, json!({"type": kind, "title": title, "status": status.as_u16()}))
}

fn invalid(title: &str) -> Answer {
    problem(StatusCode::BAD_REQUEST, "invalid", title)
}

impl Service {
    fn answer(&self, head: &Parts, body: &[u8]) -> Answer {
        if head.uri.path() == "/states" {
            return self.set_up(body);
        }
        let Some(path) = head.uri.path().strip_prefix(PREFIX) else { return not_found() };
        let path: Vec<String> = path.split('/').skip(1).map(decoded).collect();
        if !is_known(&path) {
            return not_found();
        }
        if !has_token(head) {
            return problem(StatusCode::UNAUTHORIZED, "no-token", "A valid token is needed");
        }
        let query: Vec<(String, String)> = pairs(head.uri.query().unwrap_or_default());
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match (&head.method, &path[..]) {
            (&Method::GET, []) => self.list(&query),
            (&Method::POST, []) => self.create(head, body),
            (&Method::GET, [id]) => self.with(id, |order| (StatusCode::OK, order.clone())),
            (&Method::DELETE, [id]) => self.delete(id),
            (&Method::POST, [id, "actions"]) => match action(&query) {
                Some("pay") => self.change(id, "paid"),
                Some("cancel") => self.change(id, "cancelled"),
                _ => not_found(),
            },
            _ => (StatusCode::METHOD_NOT_ALLOWED, Value::Null),
        }
    }

    /// Sets up a provider state, and answers the values that name it.
    fn set_up(&self, body: &[u8]) -> Answer {
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let order = json!({"lines": [{"article": "tea", "count": 2}]});
        let mut orders = self.orders();
        let id = match asked["state"].as_str() {
            Some("an open order") => orders.add(order, "open")["id"].clone(),
            Some("a paid order") => orders.add(order, "paid")["id"].clone(),
            Some("no such order") => json!("o-0"),
            _ => return invalid("No such state"),
        };
        (StatusCode::OK, json!({ "order_id": id }))
    }

    fn orders(&self) -> std::sync::MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn list(&self, query: &[(String, String)]) -> Answer {
        let mut wanted = Vec::new();
        let mut limit = None;
        for (name, value) in query {
            match (name.as_str(), value.parse::<usize>()) {
                ("status", _) if STATUSES.contains(&value.as_str()) => wanted.push(value.as_str()),
                ("limit", Ok(number)) if (1..=100).contains(&number) && limit.is_none() => limit = Some(number),
                ("status" | "limit", _) => return invalid("A parameter is not as documented"),
                _ => {}
            }
        }
        if wanted.len() > 3 {
            return invalid("At most three statuses");
        }
        let orders = self.orders();
        let is_wanted =
            |order: &&Value| wanted.is_empty() || order["status"].as_str().is_some_and(|it| wanted.contains(&it));
        let found = orders.all.values().rev().filter(is_wanted).take(limit.unwrap_or(20));
        (StatusCode::OK, found.cloned().collect())
    }

    fn create(&self, head: &Parts, body: &[u8]) -> Answer {
        let media_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        if !body.is_empty() && !media_type.eq_ignore_ascii_case("application/json") {
            return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "Only JSON is read");
        }
        match serde_json::from_slice::<Value>(body).ok().filter(is_new_order) {
            Some(order) => {
                let mut order = self.orders().add(order, "open");
                if self.has_bug {
                    for line in order["lines"].as_array_mut().into_iter().flatten() {
                        let article = line.as_object_mut().and_then(|line| line.remove("article"));
                        line["articles"] = article.unwrap_or_default();
                    }
                }
                (StatusCode::CREATED, order)
            }
            None => invalid("The order is not as documented"),
        }
    }

    fn with(&self, id: &str, then: impl FnOnce(&mut Value) -> Answer) -> Answer {
        self.orders().all.get_mut(id).map_or_else(not_found, then)
    }

    fn delete(&self, id: &str) -> Answer {
        let answer = self.with(id, |order| match order["status"] == "paid" {
            true => not_open("paid"),
            false => (StatusCode::NO_CONTENT, Value::Null),
        });
        if answer.0 == StatusCode::NO_CONTENT {
            self.orders().all.remove(id);
        }
        answer
    }

    fn change(&self, id: &str, to: &str) -> Answer {
        self.with(id, |order| match order["status"].as_str() {
            Some("open") => {
                order["status"] = json!(to);
                (StatusCode::NO_CONTENT, Value::Null)
            }
            Some("paid") if to == "paid" && self.has_bug => (StatusCode::NO_CONTENT, Value::Null),
            status => not_open(status.unwrap_or_default()),
        })
    }
}

fn not_found() -> Answer {
    problem(StatusCode::NOT_FOUND, "no-such-order", "No such order")
}

fn not_open(status: &str) -> Answer {
    problem(StatusCode::CONFLICT, "not-open", &format!("The order is {status}"))
}

fn is_known(path: &[String]) -> bool {
    match path {
        [] => true,
        [id] => !id.is_empty(),
        [id, actions] => !id.is_empty() && actions == "actions",
        _ => false,
    }
}

fn action(query: &[(String, String)]) -> Option<&str> {
    let mut found = query.iter().filter(|(name, _)| name == "action").map(|(_, value)| value.as_str());
    found.next().filter(|_| found.next().is_none())
}

/// Source: RFC 6750, section 2.1; the scheme has no letter case (RFC 9110, section 11.1).
fn has_token(head: &Parts) -> bool {
    let credential = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = credential.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    token.is_some_and(|(_, token)| token == TOKEN)
}

fn is_new_order(order: &Value) -> bool {
    let is_line = |line: &Value| {
        let has_article = line["article"].as_str().is_some_and(|article| !article.is_empty());
        let count = line["count"].as_f64().filter(|count| count.fract() == 0.0);
        has_article && count.is_some_and(|count| (1.0..=1000.0).contains(&count))
    };
    let lines = order["lines"].as_array().is_some_and(|lines| !lines.is_empty() && lines.iter().all(is_line));
    let note = order.get("note").is_none_or(|note| note.as_str().is_some_and(|note| note.chars().count() <= 200));
    lines && note
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
