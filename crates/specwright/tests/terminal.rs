//! What a hostile document, server, recording or report makes `specwright` print controls no terminal.

#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use test_support::files::empty_folder;
use test_support::process::command;
use test_support::server::{Server, Then, reply, write};
use test_support::terminal::{HOSTILE, check, obeyed};

/// A document that says it everywhere: in names, keys, examples, states and what it misspells.
fn document(version: &str) -> Value {
    let schema = json!({"type": "object", "required": [HOSTILE, "id"], "description": HOSTILE,
        "properties": {HOSTILE: {"type": "string", "enum": [HOSTILE]}, "id": {"type": "string", "pattern": HOSTILE}}});
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Door"},
        "examples": {HOSTILE: {"summary": HOSTILE, "x-given": HOSTILE, "value": {HOSTILE: HOSTILE, "id": version}}}}});
    json!({
        "openapi": "3.1.0", HOSTILE: 1,
        "info": {"title": HOSTILE, "version": format!("{version}{HOSTILE}"), "description": HOSTILE},
        "servers": [{"url": format!("/{HOSTILE}")}],
        "paths": {
            "/doors/{id}": {"get": {"operationId": HOSTILE, "summary": HOSTILE,
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}, "example": HOSTILE},
                    {"name": HOSTILE, "in": "query", "schema": {"type": "string"}, "example": HOSTILE}],
                "responses": {"200": {"description": HOSTILE, "content": content}, HOSTILE: {"description": HOSTILE}}}},
            format!("/{HOSTILE}"): {"post": {"requestBody": {"content": content.clone()}, "tags": [HOSTILE],
                "responses": {"201": {"description": HOSTILE, "content": content}}}},
            "/plain": {"get": {"operationId": "plain", "responses": {"200": {"description": HOSTILE}}}},
        },
        "components": {"schemas": {"Door": schema, HOSTILE: {"$ref": format!("#/{HOSTILE}")}}},
    })
}

fn specwright(folder: &Path, arguments: &[&str]) -> (String, String) {
    let mut specwright = command(env!("CARGO_BIN_EXE_specwright"), &["SPECWRIGHT_"]);
    check(&arguments.join(" "), &specwright.args(arguments).current_dir(folder).output().unwrap())
}

#[test]
fn nothing_of_a_hostile_document_controls_a_terminal() {
    let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), "terminal");
    // Also the name of the file; a file name has no slash.
    let name = format!("{}.json", HOSTILE.replace('/', ""));
    fs::write(folder.join(&name), document("1").to_string()).unwrap();
    fs::write(folder.join("new.json"), document("2").to_string()).unwrap();
    let server = Server::start(|_, stream| {
        write(stream, reply("200 OK", "Content-Type: application/json\r\n", &json!({HOSTILE: [HOSTILE]}).to_string()));
        Then::Close
    });
    let run = |arguments: &[&str]| specwright(&folder, arguments);
    let mut said = 0;
    for format in ["text", "json", "github", "codeclimate"] {
        let (stdout, _) = run(&["check", &name, "--format", format]);
        said += usize::from(stdout.contains("u{1b}[2J") || stdout.contains("u001b[2J"));
    }
    assert_eq!(said, 4, "what the document says is shown");
    for format in ["text", "markdown", "json"] {
        run(&["diff", &name, "new.json", "--format", format]);
    }
    for format in ["hurl", "http", "locust"] {
        run(&["export", "new.json", "--format", format]);
        run(&["export", "new.json", "--format", format, "--states", "variables"]);
    }
    run(&["conform", &name, "--endpoint", &server.url, "--plan"]);
    for kind in ["json=r.json", "html=-", "markdown=-", "junit=-", "har=-", "vcr=-", "github", "json=-"] {
        run(&[
            "conform",
            "new.json",
            "--endpoint",
            &server.url,
            "--thorough",
            "--report",
            kind,
            "--report",
            "har=r.har",
        ]);
    }
    run(&["conform", "new.json", "--endpoint", HOSTILE]);
    run(&["conform", "new.json", "--endpoint", &server.url, "--set", HOSTILE, "--only", HOSTILE]);
    run(&["replay", "new.json", "r.har", "--report", "json=replayed.json"]);
    run(&["replay", "new.json", "r.har", "--report", "html=-"]);

    // A report that somebody else wrote.
    let mut report: Value = serde_json::from_str(&fs::read_to_string(folder.join("replayed.json")).unwrap()).unwrap();
    for member in ["started", "subject", "level", "written_by"] {
        if report.get(member).is_some() {
            report[member] = json!(HOSTILE);
        }
    }
    let list = ["entries", "cases", "exchanges"].into_iter().find(|name| report[*name].is_array());
    for entry in report[list.unwrap()].as_array_mut().unwrap() {
        for member in ["id", "operation", "kind", "given", "about", "reason", "curl", "documented"] {
            if entry.get(member).is_some_and(Value::is_string) {
                entry[member] = json!(HOSTILE);
            }
        }
    }
    for name in ["one.json", "two.json"] {
        fs::write(folder.join(name), report.to_string()).unwrap();
    }
    for kind in ["json=m.json", "html=-", "markdown=-", "junit=-", "har=-", "vcr=-", "github", "json=-"] {
        run(&["merge", "one.json", "two.json", "--report", kind]);
    }

    let (_, stderr) = run(&["generate", &name, "--out", "client", "--crate-name", "doors-client"]);
    assert!(stderr.contains("of 3 operations generated"), "{stderr}");
    let mut folders = vec![folder.join("client")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = fs::read_to_string(&entry).unwrap();
            assert_eq!(obeyed(&text), None, "{}: {text:?}", entry.display());
            files += 1;
        }
    }
    assert!(files >= 5, "{files} files were generated");
    run(&["generate", &name, "--out", "client", "--crate-name", "doors-client", "--check", "--strict"]);
    run(&["init", "--document", &name, "--yes"]);
    fs::write(folder.join("specwright.toml"), format!("{} = 1\n", json!(HOSTILE))).unwrap();
    run(&["check", "new.json"]);
}

#[test]
fn no_argument_controls_a_terminal() {
    // A line break of one's own is one's own.
    let hostile = HOSTILE.replace('\n', " ");
    let hostile = hostile.as_str();
    let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), "terminal-arguments");
    for command in
        ["check", "generate", "conform", "replay", "observe", "diff", "merge", "export", "init", "schema", "man"]
    {
        specwright(&folder, &[command, hostile]);
        specwright(&folder, &[command, &format!("--{hostile}")]);
    }
    for arguments in [
        &["completions", hostile][..],
        &[hostile],
        &["check", "a", "--format", hostile],
        &["check", "a", "--max", hostile],
        &["generate", "a", "--out", hostile, "--only", hostile],
        &["conform", "a", "--timeout", hostile],
        &["conform", "a", "--report", hostile],
        &["conform", "a", "--given", hostile],
        &["merge", hostile, hostile],
        &["diff", hostile, hostile],
    ] {
        specwright(&folder, arguments);
    }
}
