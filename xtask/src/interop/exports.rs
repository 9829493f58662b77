//! Plays exported requests with hurl, httpyac and curl, and compares them with those that we send.
//!
//! Emulators with the same seed give the same identifiers, so their journals can be compared.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::check::{Report, Tool};
use crate::files;
use crate::tools::{self, Build, Emulator, ges, pinned};

pub(super) const TOKEN: &str = "a-token-of-this-check";
pub(super) const EMULATOR: [&str; 4] = ["--token", TOKEN, "--seed", "7"];

/// In an order that the states of one graph allow.
const CALLS: [&[&str]; 5] = [
    &["backup"],
    &["upgrade", "--to-version", "99.0.0"],
    &["restart"],
    &["stop"],
    &["start", "--backup-id", "it's a \"$b\""],
];

pub(crate) fn run(report: &mut Report) {
    let hurl = hurl();
    let httpyac = Tool::new("httpyac", || Ok(tools::from_npm(&pinned::HTTPYAC)?.join("node_modules/.bin/httpyac")));
    let curl = Tool::new("curl", || match tools::is_installed("curl") {
        true => Ok(PathBuf::from("curl")),
        false => Err("error: curl is not installed\nhint: `apt-get install curl`".to_owned()),
    });
    report.check("hurl sends the documented requests from what we export", [&hurl], |[hurl]| by_hurl(hurl));
    report.check("httpyac sends the documented requests from what we export", [&httpyac], |[it]| by_httpyac(it));
    report.check("curl sends the five operations from what --dry-run prints", [&curl], |_| by_curl());
}

/// hurl, built from crates.io.
fn hurl() -> Tool {
    Tool::new("hurl", || {
        let hint = "hint: hurl needs `apt-get install pkg-config libxml2-dev libcurl4-openssl-dev libclang-dev`";
        tools::from_crates_io(&pinned::HURL, Build::Fast).map_err(|error| format!("{error}\n{hint}"))
    })
}

fn by_hurl(hurl: &Path) -> Result<(), String> {
    let file = export("hurl", "hurl")?;
    let play = |emulator: &Emulator| {
        let mut hurl = tools::tool(hurl);
        hurl.args(["--test", "--no-color", "--variable", &format!("token={TOKEN}")]);
        hurl.args(["--variable", &format!("endpoint={}", emulator.url())]);
        hurl.args(["--variable", &format!("provider_states={}", emulator.provider_states())]);
        tools::output(hurl.arg(&file))
    };
    let emulator = Emulator::start(&EMULATOR)?;
    play(&emulator)?;
    compare(&documented()?, &requests(&emulator)?)?;
    // Its asserts compare the answers with the document.
    let broken = Emulator::start(&[&EMULATOR[..], &["--fault", "503:1:before"]].concat())?;
    match play(&broken) {
        Ok(text) => Err(format!("hurl passes although every answer is a 503\n{text}")),
        Err(_) => Ok(()),
    }
}

/// The exported file has one graph per state, which some of the exchanges change. So each exchange is sent on its own,
/// with identifiers that were just set up.
fn by_httpyac(httpyac: &Path) -> Result<(), String> {
    let text = files::read(&export("http", "http")?)?;
    let folder = files::scratch("exports")?;
    let file = folder.join("one.http");
    let mut parts = text.split("\n### ");
    let variables = parts.next().unwrap_or_default();
    let emulator = Emulator::start(&EMULATOR)?;
    for exchange in parts {
        let state = exchange.lines().find_map(|line| line.strip_prefix("# given ")).unwrap_or_default();
        let given = emulator.set_up(state)?;
        let value = |name: &str| match name {
            "endpoint" => Some(emulator.url()),
            "token" => Some(TOKEN.to_owned()),
            _ => given[name.split_once("_of_")?.0].as_str().map(str::to_owned),
        };
        let filled = variables.lines().map(|line| {
            let name = line.strip_prefix('@').and_then(|line| Some(line.split_once(" = ")?.0));
            name.and_then(|name| Some(format!("@{name} = {}", value(name)?))).unwrap_or_else(|| line.to_owned())
        });
        let filled: Vec<String> = filled.collect();
        files::write(&file, &format!("{}\n### {exchange}", filled.join("\n")))?;
        tools::output(tools::tool(httpyac).current_dir(&folder).args(["send", "one.http", "--all", "--no-color"]))?;
    }
    // It contains a token.
    std::fs::remove_file(&file).map_err(|error| format!("error: cannot remove {}: {error}", file.display()))?;
    compare(&documented()?, &requests(&emulator)?)
}

fn by_curl() -> Result<(), String> {
    let [printed, called] = [Emulator::start(&EMULATOR)?, Emulator::start(&EMULATOR)?];
    for (emulator, is_dry) in [(&printed, true), (&called, false)] {
        let given = emulator.set_up("a running graph")?;
        let id = |name: &str| given[name].as_str().unwrap_or_default().to_owned();
        for call in CALLS {
            let mut ges = ges()?;
            ges.args(call).args(["--graph-id", &id("graph_id"), "--project-id", &id("project_id")]);
            ges.args(["--endpoint", &emulator.url()]).env("GES_TOKEN", TOKEN);
            if is_dry {
                let line = tools::output(ges.arg("--dry-run"))?;
                tools::output(tools::tool("sh").args(["-c", &line]).env("GES_TOKEN", TOKEN))?;
            } else {
                if call[0] != "backup" {
                    ges.arg("--yes");
                }
                // The last one names a backup that does not exist. Only the request counts.
                let _ = ges.output().map_err(|error| format!("error: cannot start {ges:?}: {error}"))?;
            }
        }
    }
    compare(&requests(&called)?, &requests(&printed)?)
}

/// The file that `ges conform export` writes.
pub(super) fn export(format: &str, extension: &str) -> Result<PathBuf, String> {
    let file = files::scratch("exports")?.join(format!("ges.{extension}"));
    files::write(&file, &tools::output(ges()?.args(["conform", "export", "--format", format]))?)?;
    Ok(file)
}

/// What we send for the documented cases.
pub(super) fn documented() -> Result<Vec<Value>, String> {
    let emulator = Emulator::start(&EMULATOR)?;
    let mut conform = ges()?;
    conform.args(["conform", "--kinds", "documented", "--token", TOKEN, "--endpoint", &emulator.url()]);
    tools::output(conform.arg("--provider-states").arg(emulator.provider_states()))?;
    requests(&emulator)
}

/// Each request in the journal, with the status of its answer.
pub(super) fn requests(emulator: &Emulator) -> Result<Vec<Value>, String> {
    let journal = emulator.page("/_emulator/requests")?;
    let journal: Value = serde_json::from_str(&journal).map_err(|error| format!("error: {error}\n{journal}"))?;
    let requests = journal["requests"].as_array().ok_or("error: the journal has no requests")?;
    let compared = |request: &Value| {
        let headers = request["headers"].as_array().map_or(&[][..], Vec::as_slice);
        let media_type = headers.iter().find(|header| header[0] == "content-type").map(|header| &header[1]);
        serde_json::json!({
            "method": request["method"], "target": request["target"], "content-type": media_type,
            "body": request["body"], "status": request["status"],
        })
    };
    Ok(requests.iter().map(compared).collect())
}

pub(super) fn compare(ours: &[Value], theirs: &[Value]) -> Result<(), String> {
    if ours.is_empty() {
        return Err("error: `ges` sent no request".to_owned());
    }
    match ours.iter().zip(theirs).find(|(ours, theirs)| ours != theirs) {
        Some((ours, theirs)) => Err(format!("a request differs\n  ges sends     {ours}\n  the tool sends {theirs}")),
        None if ours.len() != theirs.len() => {
            Err(format!("ges sends {} requests, the tool {}", ours.len(), theirs.len()))
        }
        None => Ok(()),
    }
}
