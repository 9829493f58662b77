//! Reads and plans an arbitrary file of cases.

use conformance_engine::check::{Level, compare};
use conformance_engine::exchange::Reply;
use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::schema::Schemas;
use conformance_engine::suite::Suite;

/// What is a suite is written and read alike, can be planned, and judges its own examples without an end of the world:
/// schemas and values both come from the file.
pub fn suite(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let suite = match Suite::from_json(text) {
        Ok(suite) => suite,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let written = serde_json::to_string(&suite).expect("a suite can be written");
    assert_eq!(Suite::from_json(&written).expect("what was written is read"), suite);

    for provider_states in [false, true] {
        let reach = Environment { provider_states, ..Environment::default() };
        let plan = Plan::new(&suite, &reach, &Selection::default()).expect("everything is selected");
        assert_eq!(plan.entries.len(), suite.cases.len());
    }
    let schemas = Schemas::new(&suite.schemas);
    for case in &suite.cases {
        let Some(expected) = &case.expected.body else { continue };
        let reply = Reply {
            status: case.expected.status,
            headers: vec![("content-type".to_owned(), expected.media_type.clone())],
            body: expected.example.as_ref().map(ToString::to_string).unwrap_or_default().into_bytes().into(),
            ..Reply::default()
        };
        for level in [Level::Schema, Level::Documented, Level::Exact] {
            compare(case, &schemas, &reply, level);
        }
    }
}
