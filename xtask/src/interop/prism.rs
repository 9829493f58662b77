//! Runs the suite and our client against Prism, which reads the merged document.
//!
//! As a mock, Prism answers with the example that a request names, so every documented case must pass exactly. As a
//! proxy, it refuses requests and replies that contradict the document.

use std::path::Path;

use serde_json::Value;

use super::check::{Report, Tool};
use crate::files;
use crate::tools::{self, Emulator, Server, ges, pinned};

const DOCUMENT: &str = "spec/generated/ges.merged.yaml";
const TOKEN: &str = "a-token-of-this-check";

/// In an order that the states of one graph allow.
const OPERATIONS: [&[&str]; 5] = [
    &["backup"],
    &["upgrade", "--to-version", "99.0.0", "--yes"],
    &["restart", "--yes"],
    &["stop", "--yes"],
    &["start"],
];

pub(crate) fn run(report: &mut Report) {
    let prism = Tool::new("Prism", || Ok(tools::from_npm(&pinned::PRISM)?.join("node_modules/.bin/prism")));
    report.check("Prism passes every documented case of `ges conform --prefer --match exact`", [&prism], |[it]| {
        exact(it)
    });
    report.check("Prism as a proxy lets all five operations of our client pass", [&prism], |[it]| proxy(it));
}

fn exact(program: &Path) -> Result<(), String> {
    let prism = start(program, "mock", &[])?;
    let json = files::scratch("prism")?.join("report.json");
    let mut conform = ges()?;
    conform.args(["conform", "--prefer", "--match", "exact", "--token", "t", "--endpoint", &prism.url()]);
    let text = tools::output(conform.arg("--report").arg(format!("json={}", json.display())))?;
    let report: Value = serde_json::from_str(&files::read(&json)?).map_err(|error| format!("error: {error}"))?;
    let entries = report["entries"].as_array().map_or(&[][..], Vec::as_slice);
    let documented = || entries.iter().filter(|entry| entry["kind"] == "documented");
    let passed = documented().filter(|entry| entry["outcome"] == "pass").count();
    if passed > 0 && passed == documented().count() {
        return Ok(());
    }
    Err(format!("{passed} of {} documented cases passed\n{text}", documented().count()))
}

fn proxy(program: &Path) -> Result<(), String> {
    let emulator = Emulator::start(&["--token", TOKEN])?;
    let given = emulator.set_up("a running graph")?;
    let id = |name: &str| given[name].as_str().unwrap_or_default().to_owned();
    let (project, graph) = (id("project_id"), id("graph_id"));
    let prism = start(program, "proxy", &[&emulator.url(), "--errors"])?;
    let call = |operation: &[&str], graph: &str| {
        let mut ges = ges()?;
        ges.args(operation).args(["--graph-id", graph, "--project-id", &project, "--endpoint", &prism.url()]);
        tools::output(ges.env("GES_TOKEN", TOKEN))
    };
    for operation in OPERATIONS {
        call(operation, &graph)?;
    }
    // A documented error passes as well.
    let refused = call(&["stop", "--yes"], "no-such-graph").err().unwrap_or_default();
    if !refused.contains("GES.7000") {
        return Err(format!("stopping a graph that does not exist: expected GES.7000, found {refused}"));
    }
    // Prism does validate: a request that the document does not allow is not passed on.
    let path = format!("/v1.0/{project}/graphs/{graph}/action?action_id=start");
    let headers = ["content-type: application/json".to_owned(), format!("x-auth-token: {TOKEN}")];
    let body = r#"{"graph_backup_id": 7, "upgradeVersion": 7}"#;
    let answer = prism.send(&format!("POST {path}"), &headers, body)?;
    if answer.status == 422 && answer.body.contains("prism/errors#UNPROCESSABLE_ENTITY") {
        return Ok(());
    }
    Err(format!("Prism passes on a body of a wrong type: {answer:?}"))
}

/// Prism as `mock`, or as `proxy` of an address.
fn start(program: &Path, mode: &str, arguments: &[&str]) -> Result<Server, String> {
    Server::at_free_port(|port| {
        let mut prism = tools::tool(program);
        prism.args([mode, "--port", &port.to_string(), DOCUMENT]).args(arguments);
        prism
    })
}
