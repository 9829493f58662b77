//! Every command of `docs/any-api.md` prints what the page shows.
//!
//! A `console` block is commands behind `$ ` and what each prints, messages before data. They run in a shell, in a folder of their own,
//! but for the order service: it runs in this process, at free ports.

#![cfg(all(unix, feature = "generate"))]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use test_support::{page, process};

#[path = "../examples/orders/service.rs"]
mod service;

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
    let count = page::play(&page, |command| shell.run(command));
    assert!(count > 10, "only {count} commands");
    for written in ["report.html", "report.md", "locustfile.py", "specwright.toml", "orders-client/Cargo.toml"] {
        assert!(shell.folder.join(written).exists(), "{written} is missing");
    }
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
