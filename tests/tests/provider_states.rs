//! The servers of `docs/provider-states.md` set up states for a run.
//!
//! The one in Rust is compiled as documentation (`tests/src/lib.rs`).

#![allow(clippy::unwrap_used)]

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use conformance_engine::Address;
use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::run::{Options, Outcome, run};
use openapi_document::{Api, Document, suite};
use test_support::server::Then;
use test_support::{Server, json_reply, unused_address, write};

const ACCOUNTS: &str = "
openapi: 3.1.0
info: {title: Accounts, version: '1'}
paths:
  /accounts/{account_id}:
    parameters: [{name: account_id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: show
      responses:
        '200':
          description: it
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: string}}}
              examples:
                open: {x-given: an account, value: {id: a-0}}
                locked: {x-given: a locked account, value: {id: a-0}}
                frozen: {x-given: a frozen account, value: {id: a-0}}
";

/// Ends the server with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// The block of the page in this language.
fn block(language: &str) -> String {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/provider-states.md")).unwrap();
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[track_caller]
fn check(program: &str, language: &str, extension: &str) {
    if Command::new(program).arg("--version").output().is_err() {
        println!("{program} is not installed; its server is not tried");
        return;
    }
    let file = std::env::temp_dir().join(format!("provider-states-{}.{extension}", std::process::id()));
    fs::write(&file, block(language)).unwrap();
    let address = unused_address();
    let port = address.rsplit(':').next().unwrap();
    let child = Command::new(program).arg(&file).arg(port).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _running = Running(child);

    let endpoint = Server::start(|request, stream| {
        let id = request.path().rsplit('/').next().unwrap_or_default().to_owned();
        let known = id.strip_prefix("a-").is_some_and(|number| number.parse::<u32>().is_ok());
        let status = if known { "200 OK" } else { "404 Not Found" };
        write(stream, json_reply(status, &format!("{{\"id\": \"{id}\"}}")));
        Then::KeepOpen
    });
    let document = Document::read("accounts.yaml", ACCOUNTS).map_err(|found| found.to_string()).unwrap();
    let suite = suite(&Api::of(&document));
    let environment = Environment { provider_states: true, ..Environment::default() };
    let kinds = vec!["documented".to_owned()];
    let plan = Plan::new(&suite, &environment, &Selection { kinds, ..Selection::default() }).unwrap();
    let options = Options {
        provider_states: Some(Address::url(&format!("http://{address}/states")).unwrap()),
        wait_for_endpoint: Some(Duration::from_secs(20)),
        concurrency: 3,
        ..Options::new(Address::endpoint(&endpoint.url).unwrap())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let report = runtime.block_on(run(&plan, &options, |_| {})).unwrap();
    let found: Vec<(String, Outcome)> =
        report.entries.iter().filter(|it| it.kind == "documented").map(|it| (it.id.clone(), it.outcome)).collect();
    let expected =
        [("show/open", Outcome::Pass), ("show/locked", Outcome::Pass), ("show/frozen", Outcome::Unreachable)];
    assert_eq!(found, expected.map(|(id, outcome)| (id.to_owned(), outcome)), "{program}: {:?}", report.entries);
    _ = fs::remove_file(&file);
}

#[test]
fn the_server_in_python_sets_up_states() {
    check("python3", "python", "py");
}

#[test]
fn the_server_in_javascript_sets_up_states() {
    check("node", "javascript", "js");
}
