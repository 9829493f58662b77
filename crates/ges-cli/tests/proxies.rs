//! Which requests of `ges` go through a proxy: calls, `conform` and `observe` by one rule.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use test_support::process::{Listening, command};
use test_support::proxy::TestProxy;
use test_support::unused_address;

const VARIABLES: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const TOKEN: &str = "a-token-for-the-endpoint-only";
const PROJECT: &str = "0123456789abcdef0123456789abcdef";

fn ges(line: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = command(env!("CARGO_BIN_EXE_ges"), &["GES_", "HUAWEICLOUD_", "REQUEST_METHOD"]);
    command.args(line.split_whitespace()).env("GES_TOKEN", TOKEN);
    command.envs(environment.iter().copied());
    command
}

#[track_caller]
fn check(line: &str, environment: &[(&str, &str)], status: i32, expected: &str) -> String {
    let output = ges(line, environment).output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    assert_eq!(output.status.code(), Some(status), "{line} with {environment:?}:\n{printed}");
    assert!(printed.contains(expected), "{line} with {environment:?}:\n{printed}");
    printed
}

fn emulator(arguments: &[&str]) -> Listening {
    let mut emulator = ges("emulate --listen 127.0.0.1:0", &[]);
    Listening::start(emulator.args(["--project-id", PROJECT]).args(arguments), 1)
}

/// A call, a run of the suite.
fn lines(endpoint: &str) -> [String; 2] {
    [
        format!("list graphs --project-id {PROJECT} --endpoint {endpoint}"),
        format!(
            "conform --only stop_graph/not_running --allow-disruptive --endpoint {endpoint} --provider-states \
             {endpoint}/_emulator/provider-states"
        ),
    ]
}

#[test]
fn a_call_and_a_run_go_through_the_proxy_of_their_scheme() {
    let emulator = emulator(&[]);
    let proxy = TestProxy::to(emulator.address(), None);
    for line in lines("http://ges.invalid") {
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            check(&line, &[(name, &proxy.url)], 0, "");
            let heard = proxy.heard();
            assert!(!heard.is_empty(), "{line} with {name}");
            for head in heard {
                let target = head.split(' ').nth(1).unwrap();
                assert!(target.starts_with("http://ges.invalid/"), "{line} with {name}: {head}");
                assert!(head.to_ascii_lowercase().contains("\r\nhost: ges.invalid\r\n"), "{head}");
            }
        }
        // A value without a scheme is http.
        check(&line, &[("HTTP_PROXY", proxy.address())], 0, "");
        assert!(!proxy.heard().is_empty(), "{line}");
    }
    // A failed call is repeated with pauses, so the run stands for both.
    let [_, line] = lines("http://ges.invalid");
    for environment in [
        &[("HTTPS_PROXY", &*proxy.url)][..],
        &[("HTTP_PROXY", &*proxy.url), ("NO_PROXY", "ges.invalid")],
        &[("HTTP_PROXY", &*proxy.url), ("no_proxy", "a.example, .invalid")],
        &[("ALL_PROXY", &*proxy.url), ("NO_PROXY", "*")],
        &[("HTTP_PROXY", &*proxy.url), ("REQUEST_METHOD", "GET")],
    ] {
        check(&line, environment, 3, "cannot connect to ges.invalid");
        assert_eq!(proxy.heard(), [""; 0], "{environment:?}");
    }
    let said =
        check(&lines("http://ges.invalid")[1], &[("HTTP_PROXY", &proxy.url)], 0, "through the proxy http://127.0.0.1:");
    assert!(said.contains("(HTTP_PROXY)"), "{said}");
}

/// Whatever the variables say, and in every spelling of loopback: no token leaves the machine for itself.
#[test]
fn loopback_goes_through_no_proxy() {
    let emulator = emulator(&[]);
    let proxy = TestProxy::to(emulator.address(), None);
    let port = emulator.address().rsplit_once(':').unwrap().1;
    let environment = VARIABLES.map(|name| (name, &*proxy.url));
    for host in ["127.0.0.1", "localhost", "LOCALHOST", "127.0.0.9"] {
        for line in lines(&format!("http://{host}:{port}")) {
            // Nothing listens at the last one, and no proxy is asked either.
            check(&line, &environment, if host == "127.0.0.9" { 3 } else { 0 }, "");
            assert_eq!(proxy.heard(), [""; 0], "{line}");
        }
    }
    let mut observe = ges(&format!("observe --listen 127.0.0.1:0 --upstream http://localhost:{port}"), &environment);
    let observe = Listening::start(&mut observe, 1);
    let answer = test_support::client::send(observe.address(), "GET /_emulator/health", &[], "");
    assert_eq!((answer.status, proxy.heard().len()), (200, 0));
}

/// To an https server a proxy makes a tunnel, and sees no token.
#[test]
fn https_goes_through_a_tunnel() {
    let certificate = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("proxies-{}.pem", std::process::id()));
    let certificate = certificate.to_str().unwrap();
    let emulator =
        emulator(&["--tls-self-signed", "--tls-name", "ges.invalid", "--tls-cert-out", certificate, "--token", TOKEN]);
    let proxy = TestProxy::to(emulator.address(), None);
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        for line in lines("https://ges.invalid") {
            check(&format!("{line} --ca-file {certificate}"), &[(name, &proxy.url)], 0, "");
            let heard = proxy.heard();
            assert!(!heard.is_empty(), "{line} with {name}");
            for head in heard {
                assert!(head.starts_with("CONNECT ges.invalid:443 HTTP/1.1\r\n") && !head.contains(TOKEN), "{head}");
            }
        }
    }
    let line = format!("observe --listen 127.0.0.1:0 --upstream https://ges.invalid --ca-file {certificate}");
    let observe = Listening::start(&mut ges(&line, &[("HTTPS_PROXY", &proxy.url)]), 1);
    let answer = test_support::client::send(observe.address(), "GET /_emulator/health", &[], "");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(matches!(&proxy.heard()[..], [head] if head.starts_with("CONNECT ges.invalid:443 ")));
    std::fs::remove_file(certificate).unwrap();
}

/// Bytes pass unchanged also to a server of plain http.
#[test]
fn what_is_observed_goes_through_a_tunnel() {
    let emulator = emulator(&[]);
    let proxy = TestProxy::to(emulator.address(), None);
    let line = "observe --listen 127.0.0.1:0 --upstream http://ges.invalid:8080";
    let observe = Listening::start(&mut ges(line, &[("HTTP_PROXY", &proxy.url)]), 1);
    let answer = test_support::client::send(observe.address(), "GET /_emulator/health", &[], "");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(matches!(&proxy.heard()[..], [head] if head.starts_with("CONNECT ges.invalid:8080 ")));
}

#[test]
fn a_proxy_may_need_a_password_which_is_never_shown() {
    let emulator = emulator(&[]);
    // me:hunter2
    let proxy = TestProxy::to(emulator.address(), Some("Basic bWU6aHVudGVyMg=="));
    let right = format!("http://me:hunter2@{}", proxy.address());
    let wrong = format!("http://me:hunter3@{}", proxy.address());
    for line in lines("http://ges.invalid") {
        let said = check(&line, &[("HTTP_PROXY", &right)], 0, "");
        assert!(!said.contains("hunter2") && !said.contains("bWU6"), "{said}");
        for value in [&wrong, &proxy.url] {
            let output = ges(&line, &[("HTTP_PROXY", value)]).output().unwrap();
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert!(output.status.code() != Some(0) && said.contains("407"), "{line}: {said}");
            assert!(!said.contains("hunter3"), "{said}");
        }
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_told() {
    let nowhere = unused_address();
    for line in lines("http://ges.invalid").into_iter().chain(["observe --upstream http://ges.invalid".to_owned()]) {
        let said = check(&line, &[("HTTP_PROXY", "socks5://me:hunter2@p:1")], 2, "HTTP_PROXY names a SOCKS proxy");
        assert!(said.contains("hint: ") && !said.contains("hunter2"), "{said}");
        let said =
            check(&line, &[("ALL_PROXY", "http://me:hunter2@p:port")], 2, "ALL_PROXY is not the address of a proxy");
        assert!(said.contains("hint: ") && !said.contains("hunter2"), "{said}");
    }
    let [call, run] = lines("http://ges.invalid");
    check(&call, &[("HTTP_PROXY", &nowhere)], 3, "proxy");
    check(&run, &[("HTTP_PROXY", &nowhere)], 3, "cannot connect to the proxy http://127.0.0.1:");
}
