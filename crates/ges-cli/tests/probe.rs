//! `ges emulate --probe`, the health check of a container without a shell; and the page at `/docs` as it is built.

#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

use std::io::Write;
use std::net::TcpListener;

use test_support::process::{Listening, command};

#[track_caller]
fn probe(listen: &str, more: &[&str], expected: i32, in_stderr: &str) {
    let mut probe = command(env!("CARGO_BIN_EXE_ges"), &["GES_", "HUAWEICLOUD_"]);
    let output = probe.args(["emulate", "--listen", listen, "--probe"]).args(more).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(expected), "{stderr}");
    assert!(stderr.contains(in_stderr), "{stderr}");
    assert!(output.stdout.is_empty());
}

fn emulate(arguments: &[&str]) -> Listening {
    let mut emulate = command(env!("CARGO_BIN_EXE_ges"), &["GES_", "HUAWEICLOUD_"]);
    Listening::start(emulate.arg("emulate").args(arguments), 1)
}

#[test]
fn an_emulator_is_alive_until_it_ends() {
    let emulator = emulate(&["--listen", "0.0.0.0:0", "--token", "secret"]);
    let address = emulator.address().to_owned();
    probe(&address, &[], 0, "");
    probe(&address.replace("0.0.0.0", "127.0.0.1"), &[], 0, "");
    drop(emulator);
    probe(&address, &[], 3, "no emulator answers at 127.0.0.1:");
}

#[test]
fn an_emulator_with_https_is_alive() {
    let emulator = emulate(&["--tls-self-signed"]);
    probe(emulator.address(), &["--tls-self-signed"], 0, "");
}

#[test]
fn what_speaks_no_http_is_no_emulator() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let other = std::thread::spawn(move || listener.accept().unwrap().0.write_all(b"SSH-2.0-x\r\n").unwrap());
    probe(&address, &[], 3, "does not speak HTTP");
    other.join().unwrap();
}

#[test]
fn the_reference_has_the_licence_of_what_draws_it() {
    let emulator = emulate(&[]);
    let page = test_support::client::send(emulator.address(), "GET /docs", &[], "").body;
    let licence =
        page.split_once("<details id=\"licence\"").and_then(|(_, rest)| rest.split_once("</details>")).unwrap().0;
    for part in ["SmartBear Software", "Apache License", "END OF TERMS AND CONDITIONS"] {
        assert!(licence.contains(part), "{part}: {licence}");
    }
}
