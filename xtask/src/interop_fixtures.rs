//! Do the static fixtures work in the server they are written for, and does Schemathesis agree with them?

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::interop_command::{Report, Tool};
use crate::{files, tools};

const HTTPMOCK: &str = "0.9.0";
const STUBS: &str = "spec/generated/httpmock";
const HAR: &str = "spec/generated/ges.har";
const DOCUMENTS: [&str; 2] = ["spec/ges.yaml", "spec/generated/ges.merged.yaml"];

/// `python` has Schemathesis.
pub(crate) fn run(report: &mut Report, python: &Tool) {
    let httpmock = Tool::new("httpmock standalone", install);
    let name = "httpmock answers each documented exchange by name, and 401 without the token";
    report.check(name, [&httpmock], |[httpmock]| exchanges(&Server::start(httpmock)?));
    for document in DOCUMENTS {
        let name = format!("Schemathesis, examples, all checks, {document} against httpmock");
        report.check(&name, [&httpmock, python], |[httpmock, python]| {
            schemathesis(python, &Server::start(httpmock)?, document)
        });
    }
}

fn install() -> Result<PathBuf, String> {
    let folder = tools::scratch("httpmock")?;
    let program = folder.join(format!("bin/httpmock{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        let mut install = tools::cargo();
        install.args(["install", "--quiet", "--locked", "--version", HTTPMOCK, "--features", "standalone", "httpmock"]);
        tools::output(install.arg("--root").arg(&folder))?;
    }
    Ok(program)
}

/// Each exchange of the HAR file, as documented and then without its token.
fn exchanges(server: &Server) -> Result<(), String> {
    let text = files::read(&files::root().join(HAR))?;
    let har: Value = serde_json::from_str(&text).map_err(|error| format!("{HAR}: {error}"))?;
    let entries = har["log"]["entries"].as_array().map_or(&[][..], Vec::as_slice);
    if entries.is_empty() {
        return Err(format!("{HAR} has no entries"));
    }
    let mut wrong = Vec::new();
    for entry in entries {
        let (request, id) = (&entry["request"], entry["comment"].as_str().unwrap_or_default());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let headers = request["headers"].as_array().map_or(&[][..], Vec::as_slice);
        let mut headers: Vec<String> =
            headers.iter().map(|header| format!("{}: {}", text(&header["name"]), text(&header["value"]))).collect();
        let url = text(&request["url"]);
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        let line = format!("{} /{path} HTTP/1.1", text(&request["method"]));
        let body = text(&request["postData"]["text"]);

        let name = id.split('/').next_back().unwrap_or_default();
        headers.push(format!("Prefer: example={name}"));
        let found = server.send(&line, &headers, &body)?;
        let wanted = (entry["response"]["status"].as_u64(), parsed(&text(&entry["response"]["content"]["text"])));
        if (Some(found.0), parsed(&found.1)) != wanted {
            wrong.push(format!("{id}: wanted {wanted:?}, got {found:?}"));
        }
        headers.retain(|header| !header.starts_with("X-Auth-Token"));
        let refused = server.send(&line, &headers, &body)?;
        headers.push("X-Auth-Token: of-somebody-else".to_owned());
        let foreign = server.send(&line, &headers, &body)?;
        if (refused.0, foreign.0) != (401, 401) {
            wrong.push(format!("{id}: {} without a token, {} with a wrong one", refused.0, foreign.0));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

fn schemathesis(python: &Path, server: &Server, document: &str) -> Result<(), String> {
    let mut run = tools::tool(python);
    // It leaves its caches where it runs.
    run.current_dir(tools::scratch("schemathesis")?);
    run.args(["-m", "schemathesis.cli", "run"]).arg(files::root().join(document));
    run.args(["--phases", "examples", "--checks", "all", "--url", &format!("http://{}", server.address)]);
    run.args(["--header", &format!("X-Auth-Token: {}", token()?)]);
    tools::output(&mut run).map(drop)
}

/// The token that the stubs want, as they say themselves.
fn token() -> Result<String, String> {
    let text = files::read(&files::root().join(STUBS).join("ges.yaml"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("# The credential of every request is `"));
    let token = line.and_then(|rest| rest.split('`').next());
    token.map(str::to_owned).ok_or_else(|| format!("{STUBS} does not say which token it wants"))
}

/// The standalone server, ended when this is dropped.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(program: &Path) -> Result<Server, String> {
        let failed = |error: std::io::Error| format!("error: httpmock: {error}");
        // It prints no port, so it has to be told one.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).map_err(failed)?.port();
        let mut httpmock = tools::tool(program);
        httpmock.args(["--disable-access-log", "--port", &port.to_string(), "--mock-files-dir", STUBS]);
        let process = httpmock.stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(failed)?;
        let mut server = Server { process, address: format!("127.0.0.1:{port}") };
        let begin = Instant::now();
        while server.send("GET /__httpmock__/ping HTTP/1.1", &[], "").is_err() {
            if let Some(status) = server.process.try_wait().map_err(failed)? {
                return Err(format!("error: httpmock ended with {status}: it does not load {STUBS}"));
            }
            if begin.elapsed() > Duration::from_secs(20) {
                return Err("error: httpmock does not answer".to_owned());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Status and body of the answer.
    fn send(&self, line: &str, headers: &[String], body: &str) -> Result<(u64, String), String> {
        let failed = |error: std::io::Error| format!("error: httpmock: {error}");
        let mut stream = TcpStream::connect(&self.address).map_err(failed)?;
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let fixed = format!("host: {}\r\nconnection: close\r\ncontent-length: {}", self.address, body.len());
        write!(stream, "{line}\r\n{fixed}\r\n{headers}\r\n{body}").map_err(failed)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(failed)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("error: httpmock sent half an answer")?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        Ok((status, body.to_owned()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already, and then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
