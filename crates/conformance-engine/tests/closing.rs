//! Servers that close kept connections, unannounced (RFC 9112, 9.5): none of them is accused.
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

mod support;

use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conformance_engine::Values;
use conformance_engine::plan::Environment;
use conformance_engine::run::Options;
use conformance_engine::{Address, suite::Suite};
use serde_json::{Value, json};

use support::{carry_out, line, suite_of};
use test_support::{Server, message, server::reset_on_close, write};

/// How often each server is tried.
const RUNS: usize = 25;

/// How a server ends a connection.
#[derive(Clone, Copy, Debug)]
enum End {
    Close,
    Reset,
    /// It says nothing more, and reads on.
    HalfClose,
}

/// A server that ends a connection after every so many answers.
#[derive(Clone, Copy, Debug)]
struct Closing {
    every: usize,
    after: Duration,
    end: End,
    version: &'static str,
    headers: &'static str,
}

impl Closing {
    fn new(every: usize, milliseconds: u64, end: End) -> Self {
        let after = Duration::from_millis(milliseconds);
        Self { every, after, end, version: "HTTP/1.1", headers: "" }
    }

    fn start(self) -> Server {
        let answered = Arc::new(AtomicUsize::new(0));
        Server::on_connection(move |_, stream| self.serve(stream, &answered))
    }

    fn serve(&self, stream: &mut TcpStream, answered: &AtomicUsize) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Some((head, _)) = message::read(&mut reader) {
            write(stream, self.answer(&head));
            if (answered.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(self.every) {
                std::thread::sleep(self.after);
                match self.end {
                    End::Close => {}
                    End::Reset => reset_on_close(stream),
                    End::HalfClose => {
                        _ = stream.shutdown(Shutdown::Write);
                        _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
                        _ = reader.read_to_end(&mut Vec::new());
                    }
                }
                return;
            }
        }
    }

    fn answer(&self, head: &str) -> String {
        let Self { version, headers, .. } = self;
        let body = r#"{"rocket": "r-1", "mission": "m-9"}"#;
        match head.split(' ').next().unwrap() {
            "DELETE" => format!("{version} 204 No Content\r\n{headers}\r\n"),
            method => {
                let length = body.len();
                let body = if method == "HEAD" { "" } else { body };
                format!(
                    "{version} 200 OK\r\n{headers}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
                )
            }
        }
    }
}

/// How the cases get their state.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    None,
    Given,
    Provider,
}

/// Requests of every kind, those that cannot be repeated too.
fn suite(state: State) -> Suite {
    let methods = ["GET", "POST", "DELETE", "POST", "HEAD", "PUT", "PATCH", "GET", "GET", "POST"];
    let cases = methods.iter().enumerate().map(|(number, method)| {
        let body = json!({"media_type": "application/json", "example": {"mission": "m-1"}});
        let expected = match *method {
            "DELETE" => json!({"status": 204}),
            "HEAD" => json!({"status": 200}),
            _ => json!({"status": 200, "body": body}),
        };
        json!({
            "id": format!("rocket/{number}"), "operation": "rocket", "expected": expected,
            "given": if state == State::None { Value::Null } else { json!("a rocket") },
            "request": {
                "method": method, "path": format!("/rockets/{{rocket}}/{number}"),
                "parameters": [{"name": "rocket", "in": "path", "value": "r-0"}],
                "body": if *method == "PUT" { json!({"media_type": "application/json", "value": {"a": 1}}) } else { Value::Null },
            },
        })
    });
    suite_of(json!(cases.collect::<Vec<_>>()))
}

/// Runs against a server of its own, and everything that was no pass with how often it was.
fn accusations(closing: Closing, state: State) -> BTreeMap<String, usize> {
    let suite = suite(state);
    let given = Values::from([("rocket".to_owned(), "r-7".to_owned())]);
    let mut reach = Environment { provider_states: state == State::Provider, ..Environment::default() };
    if state == State::Given {
        reach.givens = [("a rocket".to_owned(), given)].into();
    }
    let mut found = BTreeMap::new();
    for _ in 0..RUNS {
        let server = closing.start();
        let mut options = Options::new(Address::endpoint(&server.url).unwrap());
        options.provider_states = Some(Address::url(&format!("{}/states", server.url)).unwrap());
        options.timeout = Duration::from_secs(3);
        let run = carry_out(&suite, &reach, &options).unwrap();
        for entry in run.entries.iter().filter(|entry| line(entry) != "pass") {
            *found.entry(format!("{} {}", entry.id, line(entry))).or_insert(0) += 1;
        }
    }
    found
}

#[track_caller]
fn check(servers: &[Closing]) {
    let states = [State::None, State::Given, State::Provider].into_iter();
    let tried: Vec<_> = states.flat_map(|state| servers.iter().map(move |closing| (*closing, state))).collect();
    let next = AtomicUsize::new(0);
    let accused = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((closing, state)) = tried.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = accusations(*closing, *state);
                    if !found.is_empty() {
                        accused.lock().unwrap().push(format!("{closing:?}, state {state:?}: {found:?}"));
                    }
                }
            });
        }
    });
    let accused = accused.into_inner().unwrap();
    assert!(accused.is_empty(), "{}", accused.join("\n"));
}

/// After each answer and after every third, at once and after a while.
fn servers(end: End) -> Vec<Closing> {
    let every = [1, 2, 3].into_iter();
    every.flat_map(|every| [0, 1, 10].map(|after| Closing::new(every, after, end))).collect()
}

#[test]
fn a_connection_may_be_closed_after_any_answer() {
    check(&servers(End::Close));
}

#[test]
fn a_connection_may_be_reset_after_any_answer() {
    check(&servers(End::Reset));
}

#[test]
fn a_connection_may_be_closed_in_one_direction_after_any_answer() {
    check(&servers(End::HalfClose));
}

#[test]
fn what_an_answer_says_of_its_connection_may_be_wrong() {
    let keep_alive = Closing {
        headers: "Connection: keep-alive\r\nKeep-Alive: timeout=5, max=100\r\n",
        ..Closing::new(2, 0, End::Close)
    };
    let said = Closing { headers: "Connection: close\r\n", ..keep_alive };
    check(&[
        keep_alive,
        Closing { after: Duration::from_millis(1), ..keep_alive },
        said,
        Closing { every: 1, version: "HTTP/1.0", headers: "", ..keep_alive },
        Closing { version: "HTTP/1.0", ..keep_alive },
        Closing { version: "HTTP/1.0", after: Duration::from_millis(1), ..keep_alive },
    ]);
}
