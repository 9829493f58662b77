//! The document of an order service, and recordings of its traffic.

use std::sync::LazyLock;

use conformance_engine::check::Level;
use conformance_engine::contract::Contract;
use conformance_engine::report::{Entry, Origin, Report};
use conformance_engine::suite::Suite;
use conformance_engine::traffic::recording::Recording;
use conformance_engine::traffic::watcher::{JudgedSide, Watcher};
use openapi_document::{Api, Document, contract_text, suite_text};
use serde_json::{Value, json};

const DOCUMENT: &str = r"
openapi: 3.0.3
info: {title: Orders, version: '1'}
security: [{key: []}]
paths:
  /orders:
    get:
      operationId: list_orders
      parameters:
        - {name: state, in: query, schema: {type: string, enum: [open, paid, shipped]}}
        - {name: limit, in: query, schema: {type: integer, minimum: 1}}
      responses:
        '200': {description: d, content: {application/json: {schema: {type: object, properties: {
          orders: {type: array, items: {$ref: '#/components/schemas/Order'}}}}}}}
    post:
      operationId: create_order
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/New'}, examples: {
        one: {value: {item: tea, note: blue}}}}}}
      responses:
        '201': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Created'}, examples: {
          one: {value: {order_id: o-1}}}}}}
        '400': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
  /orders/latest:
    get:
      operationId: latest_order
      responses: {'204': {description: d, headers: {Location: {schema: {type: string}}, X-Age: {schema: {type: string}}}}}
  /orders/{order_id}:
    parameters: [{name: order_id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: show_order
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
        '404': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
    delete:
      operationId: delete_order
      responses: {'204': {description: d}}
  /orders/{order_id}/pay:
    parameters: [{name: order_id, in: path, required: true, schema: {type: string}}]
    post:
      operationId: pay_order
      responses:
        '200': {description: d, content: {application/json: {schema: {type: object, properties: {
          payment_id: {type: string, x-match: id}}}}}}
        '409': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
  /orders/{order_id}/ship:
    parameters: [{name: order_id, in: path, required: true, schema: {type: string}}]
    post:
      operationId: ship_order
      responses:
        '200': {description: d}
        '409': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
x-lifecycle:
  resource: order
  identifier: order_id
  states:
    open: {status: open}
    paid: {status: paid}
    shipping: {status: shipping}
    shipped: {status: shipped}
    lost: {status: lost}
  operations:
    pay_order: {from: [open], to: paid}
    ship_order: {from: [paid], through: [shipping], to: shipped}
  look: {paths: ['/orders/{order_id}'], status: /state}
components:
  securitySchemes: {key: {type: apiKey, name: X-Api-Key, in: header}}
  schemas:
    New:
      type: object
      required: [item]
      properties:
        item: {type: string, minLength: 2}
        note: {type: string, enum: [red, blue]}
        id: {type: string, readOnly: true}
    Created: {type: object, required: [order_id], properties: {order_id: {type: string, x-match: id}}}
    Error: {type: object, required: [error], properties: {error: {type: string}}}
    Order:
      type: object
      required: [state]
      properties:
        state: {type: string, enum: [open, paid, shipping, shipped]}
        customer: {type: object, properties: {name: {type: string}, tags: {type: object, additionalProperties: {
          type: object, properties: {since: {type: string}}}}}}
        parent: {$ref: '#/components/schemas/Order'}
";

/// What the document says of all exchanges, and its cases.
pub(crate) static SERVICE: LazyLock<(Contract, Suite)> = LazyLock::new(|| {
    let document = Document::read("orders.yaml", DOCUMENT).unwrap_or_else(|found| panic!("{found}"));
    let api = Api::of(&document);
    let contract = Contract::from_json(&contract_text(openapi_document::contract(&api), "orders.yaml")).unwrap();
    let suite = Suite::from_json(&suite_text(openapi_document::suite(&api), "orders.yaml")).unwrap();
    (contract, suite)
});

/// One exchange of a recording: `at` is in milliseconds. A path that begins with `!` is asked without the key.
#[derive(Clone)]
pub(crate) struct Recorded {
    pub(crate) at: u64,
    pub(crate) took: u64,
    pub(crate) request: (&'static str, String, Option<String>),
    pub(crate) reply: (u16, String),
    pub(crate) case: Option<&'static str>,
}

/// `POST /orders {"item": "tea"}` and `201 {"order_id": "o-1"}`; nothing is an exchange without a reply.
pub(crate) fn exchange(at: u64, request: &str, reply: &str) -> Recorded {
    let (method, rest) = request.split_once(' ').unwrap();
    let (target, body) = rest.split_once(' ').map_or((rest, None), |(target, body)| (target, Some(body.to_owned())));
    let (status, text) = reply.split_once(' ').unwrap_or((reply, ""));
    let method = ["GET", "POST", "DELETE", "PUT", "HEAD", "PATCH"].into_iter().find(|known| *known == method).unwrap();
    let status = status.parse().unwrap_or_default();
    Recorded { at, took: 5, request: (method, target.to_owned(), body), reply: (status, text.to_owned()), case: None }
}

impl Recorded {
    fn time(&self) -> String {
        format!("2026-01-02T03:{:02}:{:02}.{:03}Z", self.at / 60_000, self.at / 1000 % 60, self.at % 1000)
    }

    fn headers(&self) -> Vec<(&'static str, &'static str)> {
        let json = ("content-type", "application/json");
        let key = (!self.request.1.starts_with('!')).then_some(("X-Api-Key", "***"));
        key.into_iter().chain(self.request.2.is_some().then_some(json)).collect()
    }

    fn url(&self) -> String {
        format!("http://h{}", self.request.1.trim_start_matches('!'))
    }

    fn har(&self) -> Value {
        let named = |headers: &[(&str, &str)]| -> Value {
            headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
        };
        let mut entry = json!({
            "startedDateTime": self.time(), "time": self.took,
            "request": {"method": self.request.0, "url": self.url(), "headers": named(&self.headers())},
            "response": {"status": self.reply.0, "headers": named(&[("content-type", "application/json"), ("location", "/orders/o-1")]),
                "content": {"size": self.reply.1.len(), "text": self.reply.1}},
        });
        if let Some(body) = &self.request.2 {
            entry["request"]["postData"] = json!({"mimeType": "application/json", "text": body});
        }
        if let Some(case) = self.case {
            entry["_case"] = json!(case);
        }
        entry
    }

    fn vcr(&self) -> Value {
        let lists = |headers: &[(&str, &str)]| -> Value {
            headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!([value])))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        json!({
            "recorded_at": self.time(),
            "request": {"method": self.request.0, "uri": self.url(), "headers": lists(&self.headers()),
                "body": {"encoding": "utf-8", "string": self.request.2.clone().unwrap_or_default()}},
            "response": {"status": {"code": self.reply.0, "message": ""},
                "headers": lists(&[("content-type", "application/json"), ("location", "/orders/o-1")]),
                "body": {"encoding": "utf-8", "string": self.reply.1}},
        })
    }
}

pub(crate) fn har(recorded: &[Recorded]) -> Recording {
    let entries: Vec<Value> = recorded.iter().map(Recorded::har).collect();
    let har = json!({"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": entries}});
    Recording::read(har.to_string().as_bytes()).unwrap()
}

pub(crate) fn vcr(recorded: &[Recorded]) -> Recording {
    let interactions: Vec<Value> = recorded.iter().map(Recorded::vcr).collect();
    Recording::read(json!({"http_interactions": interactions}).to_string().as_bytes()).unwrap()
}

/// The report of a recording, with what it covers.
pub(crate) fn report(recording: Recording, side: JudgedSide) -> Report {
    let (contract, suite) = &*SERVICE;
    report_of(contract, suite, recording, side)
}

/// The same for another document.
pub(crate) fn report_of(contract: &Contract, suite: &Suite, recording: Recording, side: JudgedSide) -> Report {
    let mut watcher = Watcher::new(contract, Some(suite), Level::Documented, side);
    let entries = watcher.replay(recording);
    let (document, level) = (watcher.document(), Level::Documented.to_string());
    let mut report = Report::new(Origin::Replay, document, "orders.har".to_owned(), level, entries);
    report.coverage = Some(watcher.coverage());
    report
}

/// The outcome of an entry, and what is wrong, on one line.
pub(crate) fn line(entry: &Entry) -> String {
    let findings = entry.findings.iter().map(|finding| format!("; {}: {}", finding.side.name(), finding.shown()));
    format!("{}{}", entry.outcome.name(), findings.collect::<String>())
}
