//! What traces record about a call.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ges_client::Retries;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::wire::Wire;
use test_support::{json_reply, reply};

/// Everything that was traced, as text.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    spans: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
    events: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
}

impl Seen {
    pub(crate) fn text(&self) -> String {
        format!("{:?}{:?}", self.spans.lock().unwrap(), self.events.lock().unwrap())
    }
}

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl Subscriber for Seen {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut spans = self.spans.lock().unwrap();
        let mut fields = BTreeMap::from([("name".to_owned(), span.metadata().name().to_owned())]);
        span.record(&mut Fields(&mut fields));
        spans.push(fields);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        values.record(&mut Fields(&mut self.spans.lock().unwrap()[span.into_u64() as usize - 1]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        self.events.lock().unwrap().push(fields);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_span_says_operation_attempt_status_code_and_request_id() {
    let refused = reply("429 Too Many Requests", "x-request-id: r-1\r\n", "");
    let not_running = r#"{"error_code":"GES.7001","error_msg":"The graph is not running."}"#;
    let failed = reply("400 Bad Request", "x-request-id: r-2\r\n", not_running);
    let wire = Wire::replying([refused, failed, json_reply("200 OK", r#"{"job_id":"j"}"#)]);
    let client = wire.builder().retries(Retries::default().first_pause(Duration::from_millis(1))).build().unwrap();
    let seen = Seen::default();
    let _guard = tracing::subscriber::set_default(seen.clone());
    client.stop_graph("g").send().await.unwrap_err();
    client.create_backup("g").send().await.unwrap();

    let spans = seen.spans.lock().unwrap();
    let ours: Vec<_> = spans.iter().filter(|span| span.contains_key("operation")).collect();
    let field = |span: usize, name: &str| ours[span].get(name).map(String::as_str);
    assert_eq!(ours.len(), 2);
    assert_eq!((field(0, "operation"), field(0, "attempt")), (Some("stop_graph"), Some("2")));
    assert_eq!((field(0, "status"), field(0, "code")), (Some("400"), Some("GES.7001")));
    assert_eq!(field(0, "request_id"), Some("r-2"));
    assert_eq!(
        (field(1, "operation"), field(1, "status"), field(1, "code")),
        (Some("create_backup"), Some("200"), None)
    );
    let events = seen.events.lock().unwrap();
    let repeating: Vec<_> = events.iter().filter(|event| event.contains_key("pause_ms")).collect();
    assert_eq!(repeating.len(), 1);
    assert_eq!((&*repeating[0]["attempt"], &*repeating[0]["status"]), ("1", "429"));
}
