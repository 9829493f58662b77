//! `Authorization` headers, on their way into the verifier of signatures.

use bytes::Bytes;
use ges_emulator::{Config, Emulator, Key, ProviderState};
use http::Request;

use super::signer;

const ACCESS: &str = "AKOFTHEFUZZER";
const SECRET: &str = "s3cret-0f-the-fuzzer";

/// Only a header that holds the signature that belongs to the request opens the door, and no refusal tells what the
/// right one would have been. Each line is one header; `{{signature}}` is the right signature, `{{names}}` what it signs.
pub fn authorization(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let emulator = Emulator::new(Config { keys: vec![Key::new(ACCESS, SECRET)], ..Config::default() });
    let graph = emulator.set_up(ProviderState::RunningGraph).graph_id;
    let address = format!("/v2/{}/graphs/{graph}/stop", emulator.config().project_id);
    let signed = signer::signed(&format!("POST {address}"), "{}", ACCESS, SECRET, &[]);

    let mut request = Request::post(&address);
    let (mut names, mut signature) = ("", "");
    for line in signed.split("\r\n").take_while(|line| !line.is_empty()).skip(1) {
        let (name, value) = line.split_once(": ").expect("a header");
        if name == "authorization" {
            names = between(value, "SignedHeaders=", ",");
            signature = between(value, "Signature=", ",");
        } else {
            request = request.header(name, value);
        }
    }
    let text = text.replace("{{signature}}", signature).replace("{{names}}", names);
    for line in text.lines() {
        request = request.header("authorization", line);
    }
    let Ok(request) = request.body(Bytes::from_static(b"{}")) else { return };
    let answer = emulator.answer(request);
    let said = String::from_utf8_lossy(answer.body());
    if answer.status() == 200 {
        let mut lines = text.lines();
        let line = lines.next().unwrap_or_default();
        assert!(lines.next().is_none(), "two headers: {text}");
        assert!(line.contains(signature) && line.contains(ACCESS) && line.contains(names), "{line}");
    } else {
        assert_eq!(answer.status(), 401, "{said}");
        assert!(!said.contains(SECRET), "{said}");
        assert!(text.contains(signature) || !said.contains(signature), "{said}");
    }
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).map_or("", |(_, rest)| rest);
    rest.split(to).next().unwrap_or_default()
}
