//! Loads the static fixtures into httpmock's standalone server, and checks its answers.

use std::path::Path;

use serde_json::Value;

use super::check::{Report, Tool};
use crate::files;
use crate::tools::{self, Answer, Build, Server, pinned};

const STUBS: &str = "spec/generated/httpmock";
const HAR: &str = "spec/generated/ges.har";
const DOCUMENTS: [&str; 2] = ["spec/ges.yaml", "spec/generated/ges.merged.yaml"];

/// `python` has Schemathesis.
pub(crate) fn run(report: &mut Report, python: &Tool) {
    let httpmock = Tool::new("httpmock standalone", || tools::from_crates_io(&pinned::HTTPMOCK, Build::Fast));
    let name = "httpmock answers each documented exchange by name, and 401 without the token";
    report.check(name, [&httpmock], |[httpmock]| exchanges(&start(httpmock)?));
    for document in DOCUMENTS {
        let name = format!("Schemathesis, examples, all checks, {document} against httpmock");
        report
            .check(&name, [&httpmock, python], |[httpmock, python]| schemathesis(python, &start(httpmock)?, document));
    }
}

/// Each exchange of the HAR file, as documented and then without its token.
fn exchanges(server: &Server) -> Result<(), String> {
    let text = files::read(&files::root().join(HAR))?;
    let har: Value = serde_json::from_str(&text).map_err(|error| format!("{HAR}: {error}"))?;
    let entries = har["log"]["entries"].as_array().map_or(&[][..], Vec::as_slice);
    if entries.is_empty() {
        return Err(format!("{HAR} has no entries"));
    }
    let mut problems = Vec::new();
    for entry in entries {
        let (request, id) = (&entry["request"], entry["comment"].as_str().unwrap_or_default());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let headers = request["headers"].as_array().map_or(&[][..], Vec::as_slice);
        let mut headers: Vec<String> =
            headers.iter().map(|header| format!("{}: {}", text(&header["name"]), text(&header["value"]))).collect();
        let url = text(&request["url"]);
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        let line = format!("{} /{path}", text(&request["method"]));
        let body = text(&request["postData"]["text"]);

        let name = id.split('/').next_back().unwrap_or_default();
        headers.push(format!("Prefer: example={name}"));
        let found = server.send(&line, &headers, &body)?;
        let documented = (entry["response"]["status"].as_u64(), parsed(&text(&entry["response"]["content"]["text"])));
        if (Some(found.status.into()), parsed(&found.body)) != documented {
            problems.push(format!("{id}: expected {documented:?}, found {found:?}"));
        }
        headers.retain(|header| !header.starts_with("X-Auth-Token"));
        let without = server.send(&line, &headers, &body)?.status;
        headers.push("X-Auth-Token: a-wrong-one".to_owned());
        let wrong = server.send(&line, &headers, &body)?.status;
        if (without, wrong) != (401, 401) {
            problems.push(format!("{id}: expected 401, found {without} without a token, {wrong} with a wrong one"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

fn schemathesis(python: &Path, server: &Server, document: &str) -> Result<(), String> {
    let mut run = tools::tool(python);
    // Schemathesis leaves its caches in the current folder.
    run.current_dir(files::scratch("schemathesis")?);
    run.args(["-m", "schemathesis.cli", "run"]).arg(files::root().join(document));
    run.args(["--phases", "examples", "--checks", "all", "--url", &server.url()]);
    run.args(["--header", &format!("X-Auth-Token: {}", token()?)]);
    tools::output(&mut run).map(drop)
}

/// The token that the stubs require, from the comment in them.
fn token() -> Result<String, String> {
    let text = files::read(&files::root().join(STUBS).join("ges.yaml"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("# The credential of every request is `"));
    let token = line.and_then(|rest| rest.split('`').next());
    token.map(str::to_owned).ok_or_else(|| format!("{STUBS}/ges.yaml: no comment names the token"))
}

/// The standalone server with the stubs, once it answers.
fn start(program: &Path) -> Result<Server, String> {
    let server = Server::at_free_port(|port| {
        let mut httpmock = tools::tool(program);
        httpmock.args(["--disable-access-log", "--port", &port.to_string(), "--mock-files-dir", STUBS]);
        httpmock
    })?;
    match server.send("GET /__httpmock__/ping", &[], "")? {
        Answer { status: 200, .. } => Ok(server),
        answer => Err(format!("error: httpmock with {STUBS}: expected 200, found {answer:?}")),
    }
}
