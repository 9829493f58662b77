//! Every command of `docs/any-api.md` prints what the page shows.
//!
//! A `console` block is commands behind `$ ` and what each prints, messages before data. They run in a shell, in a folder of their own,
//! but for the order service: it runs in this process, at free ports.

#![cfg(all(unix, feature = "generate"))]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use test_support::process;

#[path = "../examples/orders/service.rs"]
mod service;

/// Stands on the page for a part of a line, or, alone on a line, for some lines.
const SOME: &str = "…";
const ORDERS: &str = "cargo run -p specwright --example orders -- ";

#[test]
fn every_command_of_the_page_prints_what_it_shows() {
    let page = include_str!("../../../docs/any-api.md");
    let [right, wrong] = [test_support::unused_address(), test_support::unused_address()];
    let page = page.replace("127.0.0.1:8080", &right).replace("127.0.0.1:8081", &wrong);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("any-api");
    _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let mut shell = Shell { folder, variables: BTreeMap::new() };
    let steps = steps(&page);
    assert!(steps.len() > 10, "only {} commands", steps.len());
    for step in steps {
        let printed = shell.run(&step.command);
        assert!(
            matches(&step.expected, &printed),
            "$ {}\n--- on the page\n{}\n--- printed\n{}",
            step.command,
            step.expected.join("\n"),
            printed.join("\n")
        );
    }
    for written in ["report.html", "report.md", "locustfile.py", "specwright.toml", "orders-client/Cargo.toml"] {
        assert!(shell.folder.join(written).exists(), "{written} is missing");
    }
}

struct Step {
    command: String,
    expected: Vec<String>,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match (line, line.strip_prefix("$ ")) {
            ("```console", _) => inside = true,
            ("```", _) => inside = false,
            (_, Some(command)) if inside => {
                steps.push(Step { command: command.to_owned(), expected: Vec::new() });
            }
            _ if inside => steps.last_mut().expect("a command comes first").expected.push(line.to_owned()),
            _ => {}
        }
    }
    steps
}

struct Shell {
    folder: PathBuf,
    variables: BTreeMap<String, String>,
}

impl Shell {
    /// Everything a command prints, in lines, and at their end the exit status if it is not 0.
    fn run(&mut self, command: &str) -> Vec<String> {
        if let Some(assignment) = command.strip_prefix("export ") {
            let (name, value) = assignment.split_once('=').unwrap();
            self.variables.insert(name.to_owned(), value.to_owned());
            return Vec::new();
        }
        if let Some(arguments) = command.strip_prefix(ORDERS) {
            let (address, flag) = arguments.strip_suffix('&').unwrap().split_once(' ').unwrap();
            return vec![serve(address, flag.trim() == "--bug")];
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let command = command.replace("cp crates/", &format!("cp {}/crates/", root.display()));
        let binaries = Path::new(env!("CARGO_BIN_EXE_specwright")).parent().unwrap();
        let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = process::command("sh", &["SPECWRIGHT_"]);
        shell.current_dir(&self.folder).arg("-c").arg(&command).envs(&self.variables).env("PATH", path);
        let output = shell.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut printed: Vec<String> =
            (text(&output.stderr) + &text(&output.stdout)).lines().map(str::to_owned).collect();
        if !output.status.success() {
            printed.push(format!("[exit status {}]", output.status.code().unwrap()));
        }
        printed
    }
}

/// Starts the order service; it ends with this process.
fn serve(address: &str, has_bug: bool) -> String {
    let listener = std::net::TcpListener::bind(address).unwrap();
    listener.set_nonblocking(true).unwrap();
    let line = format!("listening on http://{}/shop/v1", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { service::serve(tokio::net::TcpListener::from_std(listener).unwrap(), has_bug).await })
    });
    line
}

fn matches(expected: &[String], printed: &[String]) -> bool {
    match expected {
        [] => printed.is_empty(),
        [some, rest @ ..] if some.trim() == SOME => {
            (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..]))
        }
        [line, rest @ ..] => {
            printed.first().is_some_and(|first| line_matches(line, first)) && matches(rest, &printed[1..])
        }
    }
}

fn line_matches(expected: &str, printed: &str) -> bool {
    let Some((before, after)) = expected.split_once(SOME) else { return expected == printed };
    let Some(rest) = printed.strip_prefix(before) else { return false };
    (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| line_matches(after, &rest[at..]))
}
