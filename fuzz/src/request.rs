//! HTTP requests, one after another, on their way into the emulator.

use bytes::Bytes;
use ges_emulator::{Config, Emulator, Key, ProviderState, Transitions};
use http::{Request, Response};
use serde_json::Value;

const TOKEN: &str = "t0ken-0f-the-fuzzer";
const SECRET: &str = "s3cret-0f-the-fuzzer";
const PASSWORD: &str = "p4ssword-0f-the-fuzzer";

/// Every request gets an answer that is HTTP and JSON where it says so, no answer is an internal error unless that was
/// asked for, none tells a secret, and the state that is left behind can be written down and taken up again.
pub fn request(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let emulator = emulator();
    let text = filled(text, &emulator);
    for text in text.split("###\n") {
        let Some(request) = read(text) else { continue };
        let path = request.uri().path().to_owned();
        let answer = emulator.answer(request);
        check(&answer, &text_of(&answer), text.contains(PASSWORD) || text.contains(SECRET));
        if path == "/_emulator/requests" {
            assert!(!text_of(&answer).contains(TOKEN), "the journal tells a token");
        }
        // Failures on purpose from here on are failures on purpose.
        if path == "/_emulator/faults" {
            emulator.clear_faults();
        }
    }
    snapshot_comes_back(&emulator);
}

/// One that knows who may call.
fn emulator() -> Emulator {
    Emulator::new(Config {
        tokens: vec![TOKEN.to_owned()],
        keys: vec![Key::new("AKOFTHEFUZZER", SECRET)],
        users: vec![format!("fuzzer:{PASSWORD}@domain").parse().expect("a user")],
        transitions: Transitions::Manual(1),
        ..Config::default()
    })
}

/// `{{a running graph}}` is its identifier, `{{a stopped graph with a backup/backup}}` that of its backup.
fn filled(text: &str, emulator: &Emulator) -> String {
    let mut text = text.replace("{{token}}", TOKEN).replace("{{project}}", &emulator.config().project_id);
    for state in ProviderState::ALL {
        if !text.contains(&format!("{{{{{state}")) {
            continue;
        }
        let given = emulator.set_up(*state);
        text = text.replace(&format!("{{{{{state}}}}}"), &given.graph_id);
        text = text.replace(&format!("{{{{{state}/backup}}}}"), &given.backup_id.unwrap_or_default());
    }
    text
}

/// `METHOD address`, header lines, an empty line, the body. `None` for what no server would hand on.
fn read(text: &str) -> Option<Request<Bytes>> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let (method, address) = lines.next()?.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(address);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        request = request.header(name, value.trim());
    }
    request.body(Bytes::copy_from_slice(body.trim_end_matches('\n').as_bytes())).ok()
}

fn text_of(answer: &Response<Bytes>) -> String {
    format!("{} {:?}\n{}", answer.status(), answer.headers(), String::from_utf8_lossy(answer.body()))
}

fn check(answer: &Response<Bytes>, text: &str, told_by_the_caller: bool) {
    assert!(!answer.status().is_server_error(), "{text}");
    let kind = answer.headers().get("content-type").map(|kind| kind.as_bytes().to_vec()).unwrap_or_default();
    if kind.starts_with(b"application/json") {
        serde_json::from_slice::<Value>(answer.body()).unwrap_or_else(|error| panic!("no JSON: {error}: {text}"));
    }
    assert!(told_by_the_caller || ![SECRET, PASSWORD].iter().any(|secret| text.contains(secret)), "{text}");
}

/// What is written down is what comes back, whatever was done before; only the time goes on.
pub(crate) fn snapshot_comes_back(emulator: &Emulator) {
    let written = emulator.snapshot();
    let other = Emulator::new(Config { transitions: Transitions::Manual(1), ..Config::default() });
    other.restore(&written).unwrap_or_else(|error| panic!("{error}\n{written}"));
    let timeless = |text: &str| {
        let mut value: Value = serde_json::from_str(text).expect("a snapshot is JSON");
        value["now"].take();
        value
    };
    assert_eq!(timeless(&other.snapshot()), timeless(&written));
}
