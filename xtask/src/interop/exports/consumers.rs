//! Runs what we write of hostile texts with the programs that it is for: shells, hurl, rustdoc.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use crate::files;
use crate::interop::check::{Report, Tool};
use crate::tools::{self, cargo};

/// Its texts would be requests, variables, code or tests of their own.
const DOCUMENT: &str = "tests/interop/hostile.yaml";

pub(super) fn run(report: &mut Report, hurl: &Tool) {
    let shells = Tool::new("zsh, fish", || {
        let missing: Vec<&str> =
            ["dash", "bash", "zsh", "fish"].into_iter().filter(|it| !tools::is_installed(it)).collect();
        if missing.is_empty() {
            return Ok(PathBuf::new());
        }
        let installed = tools::output(tools::tool("apt-get").args(["install", "-y"]).args(&missing));
        installed.map(|_| PathBuf::new()).map_err(|error| format!("{error}\nhint: install {}", missing.join(", ")))
    });
    report.check("dash, bash, zsh and fish run just what our lines show", [&shells], |_| {
        tools::run(cargo().args(["test", "--locked", "-q", "-p", "conformance-engine", "--test", "shells"]))
    });
    report.check("hurl sends no request that a hostile document only wrote", [hurl], |[hurl]| by_hurl(hurl));
    report.check("no text of a hostile document is a doc test of its client", [], |[]| by_rustdoc());
}

fn specwright() -> Result<Command, String> {
    tools::run(cargo().args(["build", "--locked", "--package", "specwright"]))?;
    Ok(tools::tool(files::root().join("target/debug/specwright")))
}

fn by_hurl(hurl: &Path) -> Result<(), String> {
    let export = tools::output(specwright()?.args(["export", DOCUMENT, "--format", "hurl", "--states", "variables"]))?;
    let file = files::scratch("consumers")?.join("hostile.hurl");
    files::write(&file, &export)?;
    let (endpoint, requests) = recorder()?;
    let mut play = tools::tool(hurl);
    play.args(["--test", "--no-color", "--variable", &format!("endpoint={endpoint}"), "--variable", "token=T-O-K-E-N"]);
    for variable in ["id=i", "token_value=t", "x_line=l", "text=x"] {
        play.args(["--variable", variable]);
    }
    tools::output(play.arg(&file))?;
    let requests = requests.lock().map_err(|_| "error: the recorder ended")?.clone();
    let lines: Vec<&str> = requests.iter().filter_map(|request| request.lines().next()).collect();
    let is_expected = |line: &&str| line.starts_with("PUT /lines/") || line.starts_with("POST /texts ");
    if lines.len() != 2 || !lines.iter().all(is_expected) {
        return Err(format!("expected a PUT and a POST, hurl sent {lines:?}\n{export}"));
    }
    match requests.iter().find(|request| request.contains("T-O-K-E-N")) {
        Some(request) => Err(format!("a text of the document became the token\n{request}")),
        None if requests
            .iter()
            .any(|request| request.contains("```\n\nDELETE {{endpoint}}/text\n```\n{{token}} \\n")) =>
        {
            Ok(())
        }
        None => Err(format!("the body of text is not as documented\n{}", requests.join("\n\n"))),
    }
}

/// The lines that a recorder has seen.
type Seen = Arc<Mutex<Vec<String>>>;

/// A server that answers 204 to everything, and what it was sent.
fn recorder() -> Result<(String, Seen), String> {
    let cannot = |error: std::io::Error| format!("error: cannot listen: {error}");
    let listener = TcpListener::bind("127.0.0.1:0").map_err(cannot)?;
    let endpoint = format!("http://{}", listener.local_addr().map_err(cannot)?);
    let requests = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&requests);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let Ok(copy) = stream.try_clone() else { continue };
            let mut reader = BufReader::new(copy);
            let (mut request, mut length) = (String::new(), 0);
            while !request.ends_with("\r\n\r\n") && reader.read_line(&mut request).is_ok_and(|read| read > 0) {}
            for line in request.to_ascii_lowercase().lines() {
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap_or(0);
                }
            }
            let mut body = Vec::new();
            let read = reader.take(length).read_to_end(&mut body);
            if let (Ok(_), Ok(mut log)) = (read, log.lock()) {
                log.push(request + &String::from_utf8_lossy(&body));
            }
            // The client may have hung up.
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        }
    });
    Ok((endpoint, requests))
}

fn by_rustdoc() -> Result<(), String> {
    let folder = files::scratch("consumers/client")?;
    let mut generate = specwright()?;
    generate.args(["generate", DOCUMENT, "--crate-name", "hostile-client", "--out"]);
    tools::output(generate.arg(&folder))?;
    let manifest = folder.join("Cargo.toml");
    let mut text = files::read(&manifest)?;
    if !text.contains("[workspace]") {
        text += "\n[workspace]\n";
        files::write(&manifest, &text)?;
    }
    let said = tools::output(cargo().args(["test", "--doc", "--manifest-path"]).arg(&manifest))?;
    // The call on the page of the crate is ours.
    let foreign: Vec<&str> =
        said.lines().filter(|line| line.starts_with("test ") && !line.contains("README.md")).collect();
    let foreign: Vec<&&str> =
        foreign.iter().filter(|line| !line.contains("test result") && !line.ends_with("ignored")).collect();
    if foreign.is_empty() { Ok(()) } else { Err(format!("these ran: {foreign:?}")) }
}
