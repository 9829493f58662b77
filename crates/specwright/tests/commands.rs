//! The commands of `specwright`, on a document and a server of the tests: what is found, written, and returned.

#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use test_support::files::empty_folder;
use test_support::process::Listening;
use test_support::server::{Server, Then, json_reply, reply, write};

const KEY: &str = "a-key-of-16-chars";

fn command() -> Command {
    test_support::process::command(env!("CARGO_BIN_EXE_specwright"), &["SPECWRIGHT_"])
}

/// The exit status, standard output and standard error.
fn specwright(arguments: &[&str]) -> (i32, String, String) {
    let output = command().args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn check(arguments: &[&str], status: i32, in_stdout: &str, in_stderr: &str) {
    let (found, stdout, stderr) = specwright(arguments);
    assert_eq!(found, status, "{stdout}\n{stderr}");
    assert!(stdout.contains(in_stdout), "{stdout}\n{stderr}");
    assert!(stderr.contains(in_stderr), "{stdout}\n{stderr}");
}

fn doors() -> String {
    format!("{}/tests/doors.yaml", env!("CARGO_MANIFEST_DIR"))
}

fn folder(name: &str) -> PathBuf {
    empty_folder(env!("CARGO_TARGET_TMPDIR"), name)
}

/// A file of the folder, as an argument.
fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

/// What the document describes; `door` is the body of the one door.
fn server(door: &'static str) -> Server {
    Server::start(move |request, stream| {
        let name = name_of(&request.body_text());
        let answer = match (request.method(), request.path()) {
            _ if request.header("X-Key") != Some(KEY) => reply("401 Unauthorized", "", ""),
            ("GET", path) if path.starts_with("/v1/doors/") => json_reply("200 OK", door),
            ("POST", "/v1/doors") if name.is_none_or(|name| name.chars().count() > 8) => {
                reply("400 Bad Request", "", "")
            }
            ("POST", "/v1/doors") => json_reply("201 Created", r#"{"id": "d-2", "open": false}"#),
            _ => reply("404 Not Found", "", ""),
        };
        write(stream, answer);
        Then::Close
    })
}

/// The value of the member `name`, if the body is an object with a text there.
fn name_of(body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    Some(body.get("name")?.as_str()?.to_owned())
}

const DOOR: &str = r#"{"id": "d-1", "open": false}"#;

/// The scripted server does not understand every spelling of a request on the wire.
const KINDS: [&str; 2] = ["--kinds", "documented,derived"];

/// `conform` on this server, with the key.
fn conform(server: &Server, more: &[&str]) -> (i32, String, String) {
    let endpoint = format!("{}/v1", server.url);
    let document = doors();
    specwright(&[&["conform", &document, "--endpoint", &endpoint, "--token", KEY][..], more].concat())
}

#[test]
fn a_right_server_passes_and_a_wrong_one_is_found() {
    let (status, stdout, stderr) = conform(&server(DOOR), &KINDS);
    assert_eq!(status, 0, "{stdout}\n{stderr}");
    assert!(stdout.contains("PASS build/derived/"), "{stdout}");
    assert!(stdout.contains("coverage: operations 2/2"), "{stdout}");

    let (status, stdout, _) = conform(&server(r#"{"id": "d-1"}"#), &[]);
    assert_eq!(status, 1, "{stdout}");
    assert!(stdout.contains("FAIL show/example") && stdout.contains("open"), "{stdout}");
    assert!(stdout.contains("$SPECWRIGHT_TOKEN") && !stdout.contains(KEY), "{stdout}");
    // A scheme with a value of its own has the variable that a run reads.
    let server = server(r#"{"id": "d-1"}"#);
    let endpoint = format!("{}/v1", server.url);
    let run = ["conform", &doors(), "--endpoint", &endpoint].map(str::to_owned);
    let output = command().args(run).env("SPECWRIGHT_CREDENTIAL_KEY", KEY).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("\"X-Key: $SPECWRIGHT_CREDENTIAL_KEY\"") && !stdout.contains(KEY), "{stdout}");
}

/// What one request takes from the reply to another is a secret by the name that it has there.
#[test]
fn a_token_that_a_reply_gives_is_in_no_report() {
    const SEAT: &str = "seat-of-the-7th-row";
    let server = Server::start(|request, stream| {
        let answer = match (request.method(), request.path()) {
            ("POST", "/seats") => json_reply("200 OK", &format!(r#"{{"seat_token": "{SEAT}"}}"#)),
            // It says what it was sent.
            _ => json_reply("500 Internal Server Error", &format!(r#"{{"no": {:?}}}"#, request.header("X-Seat"))),
        };
        write(stream, answer);
        Then::Close
    });
    let folder = folder("taken");
    let document = path(&folder, "seats.yaml");
    let text = "\
openapi: 3.1.0
info: {title: Seats, version: '1'}
paths:
  /seats:
    post:
      operationId: take
      x-cleanup: false
      responses: {'200': {description: ok, content: {application/json: {
        schema: {type: object, properties: {seat_token: {type: string}}}, examples: {front: {value: {seat_token: t}}}}}}}
  /view:
    get:
      operationId: view
      parameters: [{name: X-Seat, in: header, required: true, schema: {type: string}, example: t}]
      responses: {'200': {description: ok, content: {application/json: {schema: {type: object}, examples: {good: {
        x-given: {exchange: take/front, values: {header.X-Seat: $response.body#/seat_token}}, value: {a: 1}}}}}}}
";
    fs::write(&document, text).unwrap();
    let [html, json] = ["html", "json"].map(|format| format!("{format}={}", path(&folder, format)));
    let run =
        ["conform", &document, "--endpoint", &server.url, "--only", "view/*", "--report", &html, "--report", &json];
    let (status, stdout, stderr) = specwright(&run);
    assert_eq!(status, 1, "{stdout}{stderr}");
    assert!(stdout.contains("\"X-Seat: $SPECWRIGHT_CREDENTIAL_X_SEAT\""), "{stdout}");
    let files = ["html", "json"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
    for text in files.iter().chain([&stdout, &stderr]) {
        assert!(!text.contains(SEAT), "{text}");
    }
    assert!(server.requests().iter().any(|request| request.header("X-Seat") == Some(SEAT)));
}

#[test]
fn without_flags_a_server_that_refuses_nothing_fails_and_a_mock_is_told_which_cases_it_keeps() {
    let careless = Server::start(|request, stream| {
        let status = if request.method() == "POST" { "201 Created" } else { "200 OK" };
        write(stream, json_reply(status, DOOR));
        Then::Close
    });
    let mock = "hint: if the endpoint is a static mock, add --kinds documented,described";
    let (status, stdout, stderr) = conform(&careless, &[]);
    assert_eq!(status, 1, "{stdout}\n{stderr}");
    assert!(stdout.contains("FAIL build/derived/") && stdout.contains("PASS build/permitted/"), "{stdout}");
    assert!(stderr.contains(mock), "{stderr}");
    // One that refuses what is wrong is none.
    let (_, stdout, stderr) = conform(&server(DOOR), &[]);
    assert!(stdout.contains("PASS build/derived/") && !stderr.contains("mock"), "{stdout}\n{stderr}");
    let (status, stdout, stderr) = conform(&careless, &["--kinds", "documented,described"]);
    assert_eq!(status, 0, "{stdout}\n{stderr}");
    assert!(!stdout.contains("build/derived/"), "{stdout}");
    assert!(!stderr.contains("mock"), "{stderr}");
}

#[test]
fn a_key_is_also_taken_from_a_file_or_the_environment_and_its_lack_is_said() {
    let server = server(DOOR);
    let endpoint = format!("{}/v1", server.url);
    let key = folder("key").join("key");
    fs::write(&key, format!("{KEY}\n")).unwrap();
    let document = doors();
    let run = ["conform", &document, "--endpoint", &endpoint, "--kinds", "documented"];
    check(&[&run[..], &["--token-file", key.to_str().unwrap()]].concat(), 0, "2 passed", "");
    check(&[&run[..], &["--credential", &format!("key={KEY}")]].concat(), 0, "2 passed", "");
    for variable in ["SPECWRIGHT_TOKEN", "SPECWRIGHT_CREDENTIAL_KEY"] {
        let output = command().args(run).env(variable, KEY).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{variable}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let endpoint = command()
        .args(["conform", &document, "--token", KEY, "--kinds", "documented"])
        .env("SPECWRIGHT_ENDPOINT", &endpoint)
        .output();
    assert_eq!(endpoint.unwrap().status.code(), Some(0));
    check(&run, 3, "FAIL", "cases need X-Key\nhint: add --token-file FILE");
}

#[test]
fn a_plan_needs_no_endpoint_and_a_run_does() {
    let document = doors();
    check(&["conform", &document, "--plan"], 0, "given after build, which adds to", "");
    check(&["conform", &document, "--plan"], 0, "show: wire.lower_case_names", "");
    check(&["conform", &document, "--plan", "--prefer"], 0, "not selected (--kinds, --only, --skip): 22 permitted", "");
    let states = ["conform", &document, "--provider-states", "http://127.0.0.1:1/s"];
    check(&states, 2, "", "no endpoint to check");
    check(&["conform", &document], 2, "", "no endpoint to check\nhint: add --endpoint URL, or --plan");
    check(
        &["conform", &document, "--endpoint", "https://api.example.net", "--token", KEY],
        4,
        "",
        "--allow-disruptive",
    );
}

#[test]
fn bad_usage_is_2() {
    let document = doors();
    let endpoint = ["conform", &document, "--endpoint", "http://127.0.0.1:1"];
    for (more, said) in [
        (["--credential", "lock=x"], "the document has `key`"),
        (["--credential", "key"], "has no `=`"),
        (["--set", "name"], "hint: write it as region=eu-1"),
        (["--given", "an open door"], "hint: write it as 'a paid order=ID'"),
        (["--deviations", "/no/such/file"], "cannot read /no/such/file"),
        (["--report", "html="], "expected a file after `html=`"),
        (["--coverage-min", "most"], "expected a percentage from 0 to 100"),
    ] {
        check(&[&endpoint[..], &more].concat(), 2, "", said);
    }
    check(&["conform", &document, "--endpoint", "ftp://127.0.0.1"], 2, "", "ftp");
    check(&["observe", &document, "--upstream", "http://127.0.0.1:1/v1"], 2, "", "must not have a path");
    // What may be a secret is not repeated.
    check(&["q7Zp2kV9xW4m"], 2, "", "'***'");
    check(&["chekc-this-one"], 2, "", "'chekc-this-one'");
    for (file, shown) in
        [("q7Zp2kV9xW4m", "cannot read ***"), ("none/q7Zp2kV9xW4m", "cannot read ***"), ("a.txt", "cannot read a.txt")]
    {
        check(&["conform", &document, "--endpoint", "http://127.0.0.1:1", "--token-file", file], 2, "", shown);
    }
    check(&["merge", &document], 2, "", "doors.yaml: ");
}

/// Also by another path, by a link, and where it is read for another file.
#[test]
fn no_report_overwrites_an_input() {
    let folder = folder("inputs");
    let write = |name: &str, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        path(&folder, name)
    };
    let text = fs::read_to_string(doors()).unwrap().replace("#/components/schemas/Door", "parts.yaml#/Door");
    let document = write("doors.yaml", &text);
    write(
        "parts.yaml",
        "Door: {type: object, required: [id, open], properties: {id: {type: string}, open: {type: boolean}}}\n",
    );
    write(
        "overlay.yaml",
        "overlay: 1.0.0\ninfo: {title: o, version: '1'}\nactions: [{target: $.info, update: {title: Doors}}]\n",
    );
    write("key", "a-key-of-16-chars");
    write("known.yaml", "[]\n");
    write("traffic.har", r#"{"log": {"version": "1.2", "creator": {"name": "c", "version": "1"}, "entries": []}}"#);
    #[cfg(unix)]
    std::os::unix::fs::symlink("doors.yaml", folder.join("link.html")).unwrap();
    let at = |name: &str| path(&folder, name);
    let flags = ["conform", &document, "--overlay", &at("overlay.yaml"), "--token-file", &at("key"), "--deviations"]
        .map(str::to_owned);
    let merge = at("run.json");
    assert_eq!(conform(&server(DOOR), &[&KINDS[..], &["--report", &format!("json={merge}")]].concat()).0, 0);
    let before = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let inputs = ["doors.yaml", "parts.yaml", "overlay.yaml", "key", "known.yaml", "traffic.har", "run.json"];
    let contents = inputs.map(before);
    let known = at("known.yaml");
    let run = flags.iter().map(String::as_str).chain([&*known, "--endpoint", "http://127.0.0.1:1", "--report"]);
    let run: Vec<&str> = run.collect();
    let mut reports: Vec<String> = inputs[..5].iter().map(|name| format!("json={}", at(name))).collect();
    reports.push(format!("html={}/../inputs/doors.yaml", folder.display()));
    #[cfg(unix)]
    reports.push(format!("html={}", at("link.html")));
    for report in &reports {
        check(&[&run[..], &[report]].concat(), 2, "", "is an input, and is not overwritten\nhint: name another file");
    }
    let list = ["html=run.html", "--write-deviations", &document];
    check(&[&run[..], &list].concat(), 2, "", "is an input");
    let har = at("traffic.har");
    check(&["replay", &document, &har, "--report", &format!("har={har}")], 2, "", "is an input");
    check(&["replay", &document, &har, "--report", &format!("har={document}")], 2, "", "is an input");
    let observed = ["--upstream", "http://127.0.0.1:1", "--report", &format!("vcr={document}")].map(str::to_owned);
    let observed: Vec<&str> = observed.iter().map(String::as_str).collect();
    check(&[&["observe", &document][..], &observed].concat(), 2, "", "is an input");
    check(&["merge", &merge, "--report", &format!("json={merge}")], 2, "", "run.json is an input");
    let two = [format!("html={}", at("same")), format!("json={}/./same", folder.display())];
    check(&[&run[..], &[&two[0], "--report", &two[1]]].concat(), 2, "", "two reports cannot both go to");
    assert_eq!(inputs.map(before), contents);
}

#[test]
fn too_little_coverage_is_5() {
    let server = server(DOOR);
    assert_eq!(conform(&server, &[&KINDS[..], &["--coverage-min", "operations=100"]].concat()).0, 0);
    assert_eq!(conform(&server, &["--kinds", "documented", "--coverage-min", "statuses=100"]).0, 5);
}

#[test]
fn a_document_comes_from_standard_input() {
    let mut child =
        command().args(["conform", "-", "--plan"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(doors()).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("GET /doors/{id}"));
}

#[test]
fn documents_that_cannot_be_used_are_2() {
    let folder = folder("documents");
    let write = |name: &str, text: &[u8]| {
        fs::write(folder.join(name), text).unwrap();
        path(&folder, name)
    };
    check(&["conform", "/no/such/file", "--plan"], 2, "", "cannot read /no/such/file");
    let latin = write("latin.yaml", b"openapi: 3.0.3\ninfo: {title: \xe4}\n");
    check(&["conform", &latin, "--plan"], 2, "", "latin.yaml:2: not UTF-8");
    let list = write("list.yaml", b"[openapi]\n");
    check(&["conform", &list, "--plan"], 2, "", "cannot be read as an OpenAPI document");
    let empty = write("empty.yaml", b"openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths: {}\n");
    check(&["conform", &empty, "--plan"], 2, "", "has no operations");
}

#[test]
fn what_is_wrong_with_a_document_is_counted_before_a_run() {
    let folder = folder("flawed");
    let mut text = fs::read_to_string(doors()).unwrap();
    for index in 0..40 {
        text += &format!("    Unused{index}: {{ type: strin }}\n");
    }
    let flawed = path(&folder, "flawed.yaml");
    fs::write(&flawed, text).unwrap();
    let (status, stdout, stderr) = specwright(&["conform", &flawed, "--plan"]);
    assert_eq!(status, 0, "{stderr}");
    assert!(stdout.contains("GET /doors/{id}"), "{stdout}");
    assert!(stderr.contains(&format!("`specwright check {flawed}` prints them")), "{stderr}");
    assert!(stderr.lines().count() < 40, "{stderr}");
}

#[test]
fn recordings_are_replayed_and_shards_merged() {
    let folder = folder("reports");
    let at = |name: &str| path(&folder, name);
    let (server, document) = (server(DOOR), doors());
    let whole = [format!("json={}", at("whole.json")), format!("har={}", at("run.har"))];
    let (status, stdout, _) = conform(&server, &[&KINDS[..], &["--report", &whole[0], "--report", &whole[1]]].concat());
    assert_eq!(status, 0, "{stdout}");
    for shard in ["1/2", "2/2"] {
        let report = format!("json={}", at(&format!("{}.json", &shard[..1])));
        assert_eq!(conform(&server, &[&KINDS[..], &["--shard", shard, "--report", &report]].concat()).0, 0);
    }
    let merged = specwright(&["merge", &at("1.json"), &at("2.json"), "--report", "json=-"]);
    assert_eq!(merged.0, 0, "{}", merged.2);
    let outcomes = |report: &str| {
        let report: serde_json::Value = serde_json::from_str(report).unwrap();
        let entries = report["cases"].as_array().or(report["entries"].as_array()).unwrap().clone();
        let mut outcomes: Vec<_> =
            entries.iter().map(|entry| format!("{} {}", entry["id"], entry["outcome"])).collect();
        outcomes.sort();
        (outcomes, report["counts"].clone(), report["coverage"].clone())
    };
    assert_eq!(outcomes(&merged.1), outcomes(&fs::read_to_string(at("whole.json")).unwrap()));

    check(&["replay", &document, &at("run.har"), "--base-path", "/v1"], 0, "PASS", "checking");
    let wrong = fs::read_to_string(at("run.har")).unwrap().replace(r#"\"open\": false"#, r#"\"open\": 7"#);
    fs::write(folder.join("wrong.har"), wrong).unwrap();
    check(&["replay", &document, &at("wrong.har"), "--base-path", "/v1"], 1, "FAIL", "");
    check(&["replay", &document, &at("whole.json")], 2, "", "use a HAR file or a VCR cassette");
    for name in ["whole.json", "run.har", "1.json", "2.json"] {
        assert!(!fs::read_to_string(at(name)).unwrap().contains(KEY), "{name}");
    }
}

#[test]
fn traffic_is_judged_as_it_passes() {
    let server = server(r#"{"id": "d-1", "open": "no"}"#);
    let report = path(&folder("observed"), "report.json");
    let mut observe = command();
    observe.args(["observe", &doors(), "--upstream", &server.url, "--base-path", "/v1"]);
    observe.args(["--report", &format!("json={report}")]);
    let proxy = Listening::start(&mut observe, 1);
    let header = format!("X-Key: {KEY}");
    let answer = test_support::client::send(proxy.address(), "GET /v1/doors/d-1", &[&header], "");
    assert_eq!(answer.status, 200);
    let status = proxy.terminate();
    #[cfg(unix)]
    assert_eq!(status, Some(1));
    let report = fs::read_to_string(report).unwrap();
    assert!(report.contains("\"fail\"") && !report.contains(KEY), "{report}");
}

#[test]
fn exchanges_are_exported_and_the_schema_is_printed() {
    let document = doors();
    check(&["export", &document, "--format", "hurl"], 0, "GET {{endpoint}}/doors/d-1", "");
    check(&["export", &document, "--format", "http", "--states", "provider"], 2, "", "hint: add --format hurl");
    check(&["schema"], 0, "\"$schema\"", "");
}

#[test]
fn changes_are_told_and_break_somebody() {
    let folder = folder("diff");
    let old = doors();
    let new = path(&folder, "new.yaml");
    fs::write(&new, fs::read_to_string(&old).unwrap().replace("maxLength: 8", "maxLength: 4")).unwrap();
    check(&["diff", &old, &old], 0, "", "");
    check(&["diff", &old, &new], 1, "build", "");
    check(&["diff", &old, &new, "--fail-on", "server"], 0, "build", "");
    check(&["diff", &old, &new, "--fail-on", "none", "--format", "markdown"], 0, "build", "");
    check(&["diff", &old, &new, "--format", "json"], 1, "\"breaks\"", "");
    check(&["diff", &old, "/no/such/file"], 2, "", "cannot read /no/such/file");
    check(&["diff", "-", "-"], 2, "", "only one of both documents");
}

#[test]
fn completions_and_manual_pages_are_of_this_program() {
    check(&["completions", "bash"], 0, "_specwright()", "");
    check(&["man"], 0, "specwright", "");
    let folder = folder("man");
    check(&["man", "--out", folder.to_str().unwrap()], 0, "", "wrote the manual pages");
    assert!(folder.join("specwright-conform.1").exists());
}

#[test]
fn the_help_of_each_command_fits_and_has_examples_and_exit_statuses() {
    let (_, help, _) = specwright(&["--help"]);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> =
        commands.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 8, "{names:?}");
    for name in names.into_iter().filter(|name| *name != "help") {
        let (_, help, _) = specwright(&[name, "--help"]);
        assert!(help.contains("Exit status:\n  0 "), "{name}: {help}");
        assert!(name == "schema" || help.contains(&format!("  specwright {name}")), "{name} has no example: {help}");
        let wide = help.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{name}");
        let words: Vec<String> = help.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect();
        assert!(!words.iter().any(|word| word == "ges" || word == "graph"), "{name}: {help}");
    }
}
