//! Words and lines of `curl` that we print, run by the shells that are installed: dash, bash, zsh and fish.

#![allow(clippy::unwrap_used)]

use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use conformance_engine::exchange::Sent;
use conformance_engine::visible::is_hidden;
use conformance_engine::{curl, shell};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use test_support::server::{Server, Then, reply, write};

/// The shells of this machine. POSIX `sh` is one of them; a test says which it did not ask.
fn shells() -> Vec<&'static str> {
    let is_there = |shell: &&str| Command::new(shell).args(["-c", "exit 0"]).stderr(Stdio::null()).status().is_ok();
    let (there, missing): (Vec<_>, Vec<_>) = ["sh", "dash", "bash", "zsh", "fish"].into_iter().partition(is_there);
    if !missing.is_empty() {
        eprintln!("not installed, so not asked: {}", missing.join(", "));
    }
    assert!(there.contains(&"sh"), "there is no shell at all");
    there
}

/// Runs a script in an empty folder and checks that it left nothing there.
fn run(shell: &str, script: &str) -> Output {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("shells/{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let folder = test_support::files::empty_folder(env!("CARGO_TARGET_TMPDIR"), &name);
    let mut command = test_support::process::command(shell, &["GES_"]);
    let output = command.args(["-c", script]).current_dir(&folder).env("KEY", "se*cret{1-2}").env("HOME", &folder);
    let output = output.output().unwrap();
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    // fish keeps its settings in the home folder.
    let left: Vec<_> =
        left.into_iter().filter(|path| !path.ends_with(".config") && !path.ends_with(".local")).collect();
    assert!(left.is_empty(), "{shell} made {left:?} of\n{script}");
    output
}

/// One process of each shell prints all words, which have to be the texts.
fn check_words(texts: &[String]) {
    const BETWEEN: &str = "\n=====\n";
    let words: Vec<String> = texts.iter().map(|text| shell::word(text).unwrap()).collect();
    for word in &words {
        assert!(!word.contains(is_hidden), "{word:?}");
    }
    let script: String = words.iter().map(|word| format!("printf '%s\\012=====\\012' {word}\n")).collect();
    for shell in shells() {
        let output = run(shell, &script);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{shell}: {said}\n{script}");
        let found = String::from_utf8(output.stdout).unwrap();
        let found: Vec<&str> = found.split_terminator(BETWEEN).collect();
        for ((found, text), word) in found.iter().zip(texts).zip(&words) {
            assert_eq!(found, text, "{shell}: {word}");
        }
        assert_eq!(found.len(), texts.len(), "{shell}\n{script}");
    }
}

#[test]
fn a_word_is_the_text_in_every_shell() {
    let texts = [
        "",
        " ",
        "ff808081e220a8390000e4d971771b69",
        "it's",
        "''",
        "'\\''",
        "\\",
        "\\\\",
        "\\'",
        "a\\",
        "a\\n",
        "\\012",
        "$HOME",
        "$(touch canary)",
        "`touch canary`",
        "; touch canary",
        "| touch canary",
        "& touch canary",
        "> canary",
        "< /etc/passwd",
        "\"; touch canary; \"",
        "'; touch canary; '",
        "(touch canary)",
        "{a,b}",
        "[a-z]",
        "*",
        "?",
        "~",
        "~root",
        "#a",
        "a #b",
        "!!",
        "!touch",
        "^a^b",
        "=ls",
        "=(touch canary)",
        "%self",
        "%1",
        "-n",
        "--",
        "-e \\n",
        "a\tb",
        "a\n touch canary",
        "a\ntouch canary\n'b",
        "\r",
        "a\rtouch canary",
        "\u{1b}[2J",
        "\u{7}\u{8}\u{7f}",
        "\u{9b}31m",
        "\u{202e}a\u{2066}",
        "\u{200b}",
        "\u{feff}a",
        "\u{e0041}",
        "%d%s%%",
        "100%",
        "\n%s",
        "\n-n",
        "\n'",
        "\n\\x",
        "Größe 図 ❤\u{fe0f}",
        "a=b",
        "a=~",
        "$'a\\n'",
        "${IFS}",
        "$((1+1))",
        "<(id)",
        "a\u{a0}b",
        "echo\u{3000}a",
    ];
    check_words(&texts.map(str::to_owned));
}

#[test]
fn any_text_is_one_word_in_every_shell() {
    let letter = prop_oneof![
        4 => any::<char>(),
        4 => proptest::sample::select("'\"\\$`!#%=~*?[]{}()<>|&;-\n\t\r \u{1b}a0".chars().collect::<Vec<_>>()),
    ];
    let text = proptest::collection::vec(letter, 0..12).prop_map(|letters| letters.into_iter().collect::<String>());
    let texts = proptest::collection::vec(text, 150);
    let mut runner =
        TestRunner::new(Config { cases: 2, failure_persistence: None, max_shrink_iters: 0, ..Config::default() });
    let writable = |text: &String| shell::word(text).is_some() && !text.contains("\n=====\n");
    let ran = runner.run(&texts, |texts| {
        check_words(&texts.into_iter().filter(writable).collect::<Vec<_>>());
        Ok(())
    });
    ran.unwrap();
}

#[test]
fn a_line_of_curl_sends_the_request_from_every_shell() {
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("curl is not installed, so nothing was sent");
        return;
    }
    // The method, the target, a header and its value, the body; then the target as it arrives.
    type Row = (&'static str, &'static str, (&'static str, &'static str), Option<&'static [u8]>, &'static str);
    let json = ("Content-Type", "application/json");
    let accept = ("X-A", "b");
    let rows: [Row; 22] = [
        ("GET", "/a?b=[1-3]", accept, None, "/a?b=[1-3]"),
        ("GET", "/{a,b}/x", accept, None, "/{a,b}/x"),
        ("GET", "/a#b", accept, None, "/a"),
        ("GET", "/a b", accept, None, "/a%20b"),
        ("GET", "/a/../b/./c", accept, None, "/a/../b/./c"),
        ("GET", "/$(touch canary)`touch canary`", accept, None, "/$(touch%20canary)`touch%20canary`"),
        ("GET", "/a'b\"c\\", accept, None, "/a'b\"c\\"),
        ("GET", "/?key=***&x=[a]", accept, None, "/?key=se*cret{1-2}&x=[a]"),
        ("DELETE", "/a", ("X-A", "'; touch canary; '"), None, "/a"),
        ("GET", "/a", ("X-A", "a!b \\' $HOME"), None, "/a"),
        ("GET", "/a", ("X-A", "\u{202e}\ta"), None, "/a"),
        ("GET", "/a", ("X-A", ""), None, "/a"),
        ("GET", "/a", ("X-A", "@/etc/hostname"), None, "/a"),
        ("POST", "/a", json, Some(b"{\"a\": \"it's\"}"), "/a"),
        ("POST", "/a", json, Some(b"{\n  \"a\": \"\\\"\\\\\"\n}\n"), "/a"),
        ("POST", "/a", accept, Some(b"@/etc/hostname"), "/a"),
        ("PUT", "/a", accept, Some(b"\0\x01\xff\r\n%d\\n'-\x1b]0;x\x07"), "/a"),
        ("PATCH", "/a", accept, Some(b"-x"), "/a"),
        ("PATCH", "/a", accept, Some(b"-x\n"), "/a"),
        ("POST", "/a", accept, Some(b""), "/a"),
        ("POST", "/a", accept, None, "/a"),
        ("PUT", "/a", json, Some("{\"a\":\"\u{202e}\u{85}\"}".as_bytes()), "/a"),
    ];
    let server = Server::start(|_, stream| {
        write(stream, reply("200 OK", "", ""));
        Then::Close
    });
    for shell in shells() {
        for (method, target, (name, value), body, expected) in rows {
            let sent = Sent {
                method: method.to_owned(),
                url: format!("{}{target}", server.url),
                headers: vec![(name.to_owned(), value.to_owned())],
                body: body.map(<[u8]>::to_vec),
                wire: None,
            };
            let line = curl(&sent, "KEY", None);
            assert!(!line.contains(is_hidden), "{line:?}");
            let before = server.requests().len();
            let output = run(shell, &line);
            let said = String::from_utf8_lossy(&output.stderr);
            let requests = server.requests();
            assert_eq!(requests.len(), before + 1, "{shell}: {line}\n{said}");
            let request = &requests[before];
            assert_eq!((request.method(), request.target()), (method, expected), "{shell}: {line}");
            assert_eq!(request.header(name), Some(value.trim()), "{shell}: {line}\n{}", request.head);
            assert_eq!(request.body, body.unwrap_or_default(), "{shell}: {line}");
            let types = request.headers().filter(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            assert_eq!(types.count(), usize::from(name == json.0), "{shell}: {line}\n{}", request.head);
        }
    }
}
