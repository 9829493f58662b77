//! A command that calls GES and `ges conform` take endpoint, project and credentials from the same sources.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

/// `ges list graphs` and one request of `ges conform`.
const COMMANDS: [&[&str]; 2] = [
    &["list", "graphs"],
    &["conform", "--only", "stop_graph/accepted", "--given", "a running graph=g-1", "--allow-disruptive"],
];

/// A service that answers 403, and the heads of the requests that it got.
struct Recorder {
    endpoint: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    fn start() -> Recorder {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&heads);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                // A connection without a request only checks that the service is there.
                if !head.is_empty() {
                    recorded.lock().unwrap().push(head.join("\n"));
                }
                let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
            }
        });
        Recorder { endpoint, heads }
    }

    /// Path, project and credential of the first request since the last call.
    fn take(&self) -> Option<(String, String, String)> {
        let head = std::mem::take(&mut *self.heads.lock().unwrap()).into_iter().next()?;
        let target = head.split(' ').nth(1)?;
        let (path, rest) = target.split_once("/v2/")?;
        let header = |name: &str| {
            let mut pairs = head.lines().filter_map(|line| line.split_once(": "));
            pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
        };
        let access = |value: String| Some(value.split_once("Access=")?.1.split_once(',')?.0.to_owned());
        let credential = header("x-auth-token").or_else(|| header("authorization").and_then(access));
        Some((path.to_owned(), rest.split('/').next()?.to_owned(), credential.unwrap_or_default()))
    }
}

/// A home directory with a profile file, and another profile file.
fn files() -> (PathBuf, PathBuf) {
    let home = std::env::temp_dir().join(format!("ges-sources-{}", std::process::id()));
    std::fs::create_dir_all(home.join(".huaweicloud")).unwrap();
    let profile = home.join("profile");
    for (path, name) in [(home.join(".huaweicloud/credentials"), "home"), (profile.clone(), "named")] {
        std::fs::write(path, format!("[basic]\nak = {name}\nsk = s\nproject_id = {name}\n")).unwrap();
    }
    (home, profile)
}

/// Stands for an empty argument.
const EMPTY: &str = "(empty)";

/// Runs a command with flags, which are separated by `|`, and with these variables only.
fn run(command: &[&str], flags: &str, variables: &[(&str, &str)]) -> Output {
    let mut ges = Command::new(env!("CARGO_BIN_EXE_ges"));
    for (name, _) in std::env::vars() {
        if name.starts_with("GES_") || name.starts_with("HUAWEICLOUD_") || name.to_lowercase().ends_with("_proxy") {
            ges.env_remove(name);
        }
    }
    ges.env_remove("HOME").envs(variables.iter().copied());
    let flags = flags.split('|').filter(|flag| !flag.is_empty()).map(|flag| if flag == EMPTY { "" } else { flag });
    ges.args(command).args(flags).output().unwrap()
}

const PROJECT: (&str, &str) = ("HUAWEICLOUD_SDK_PROJECT_ID", "env");
const TOKEN: (&str, &str) = ("GES_TOKEN", "env-token");
const ACCESS: (&str, &str) = ("HUAWEICLOUD_SDK_AK", "env-ak");
const SECRET: (&str, &str) = ("HUAWEICLOUD_SDK_SK", "s");

#[test]
fn both_send_the_same_project_and_credential_to_the_same_endpoint() {
    let recorder = Recorder::start();
    let (home, profile) = files();
    let endpoint = &*recorder.endpoint;
    let slashes = format!("{endpoint}/cloud/ges//");
    let (home, profile) = (home.to_str().unwrap(), profile.to_str().unwrap());
    let named = ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", profile);
    let by_flag = format!("--endpoint|{endpoint}");
    let by_profile = format!("{by_flag}|--profile|{profile}");
    for (flags, variables, path, project, credential) in [
        // Endpoint: a flag precedes the variable; blanks around it and slashes at its end do not matter.
        (&*by_flag, &[PROJECT, TOKEN, ("GES_ENDPOINT", "ftp://unused")][..], "", "env", "env-token"),
        ("", &[PROJECT, TOKEN, ("GES_ENDPOINT", &slashes)], "/cloud/ges", "env", "env-token"),
        (&format!("--endpoint| {slashes} "), &[PROJECT, TOKEN], "/cloud/ges", "env", "env-token"),
        // Project: a flag precedes all; the environment precedes a profile, unless a flag names the profile.
        (&format!("{by_flag}|--project-id|flag"), &[PROJECT, TOKEN], "", "flag", "env-token"),
        (&format!("{by_profile}|--project-id|flag"), &[PROJECT], "", "flag", "named"),
        (&by_profile, &[PROJECT], "", "named", "named"),
        (&by_flag, &[PROJECT, named], "", "env", "named"),
        (&by_flag, &[named], "", "named", "named"),
        // Credentials: flags, then a token, then keys, then a profile.
        (&format!("{by_flag}|--token|flag"), &[PROJECT, TOKEN, ACCESS, SECRET], "", "env", "flag"),
        (&format!("{by_flag}|--ak|flag|--sk|s"), &[PROJECT, TOKEN, ACCESS, SECRET], "", "env", "flag"),
        (&format!("{by_flag}|--ak|flag"), &[PROJECT, TOKEN, SECRET], "", "env", "flag"),
        (&by_profile, &[TOKEN, ACCESS, SECRET], "", "named", "named"),
        (&by_flag, &[PROJECT, TOKEN, ACCESS, SECRET, named], "", "env", "env-token"),
        (&by_flag, &[PROJECT, ACCESS, SECRET, named], "", "env", "env-ak"),
        // An empty variable counts as unset.
        (&by_flag, &[("HUAWEICLOUD_SDK_PROJECT_ID", ""), ("GES_TOKEN", ""), named], "", "named", "named"),
    ] {
        for command in COMMANDS {
            let output = run(command, flags, variables);
            let stderr = String::from_utf8_lossy(&output.stderr);
            let expected = Some((path.to_owned(), project.to_owned(), credential.to_owned()));
            assert_eq!(recorder.take(), expected, "{command:?} {flags} {variables:?}\n{stderr}");
        }
    }

    // The one difference: a service under test gets nothing from the home directory, and no user.
    let [list, conform] = COMMANDS;
    run(list, &by_flag, &[("HOME", home)]);
    assert_eq!(recorder.take(), Some((String::new(), "home".to_owned(), "home".to_owned())));
    let output = run(conform, &by_flag, &[("HOME", home), PROJECT]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(3) && stderr.contains("no credentials for "), "{stderr}");
    assert_eq!(recorder.take(), None);
    std::fs::remove_dir_all(home).unwrap();
}

#[test]
fn both_refuse_the_same_mistakes_in_the_same_words() {
    let endpoint = "--endpoint|http://127.0.0.1:1";
    let missing = ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/no/such/file");
    for (flags, variables, status, message) in [
        ("--endpoint|(empty)", &[PROJECT, TOKEN][..], 2, "the endpoint is empty"),
        ("", &[PROJECT, TOKEN, ("GES_ENDPOINT", "")], 2, "the endpoint is empty"),
        ("--endpoint|ges", &[PROJECT, TOKEN], 2, "the endpoint is not a URL"),
        ("--endpoint|ftp://a", &[PROJECT, TOKEN], 2, "the endpoint must begin with https:// or http://"),
        (
            "--endpoint|http://a?b",
            &[PROJECT, TOKEN],
            2,
            "the endpoint must consist of scheme, host, port and path only",
        ),
        (
            "--endpoint|http://u:p@a",
            &[PROJECT, TOKEN],
            2,
            "the endpoint must consist of scheme, host, port and path only",
        ),
        ("--region|a.b", &[PROJECT, TOKEN], 2, "`a.b` is not a region"),
        (&format!("{endpoint}|--project-id|a-b"), &[TOKEN], 2, "the project ID is not 1 to 64 letters and digits"),
        (&format!("{endpoint}|--project-id|(empty)"), &[TOKEN], 2, "the project ID is not 1 to 64 letters and digits"),
        (&format!("{endpoint}|--token|(empty)"), &[PROJECT], 2, "the token is empty"),
        (&format!("{endpoint}|--token|a\nb"), &[PROJECT], 2, "such as a line break"),
        (&format!("{endpoint}|--ak|a"), &[PROJECT], 2, "--ak requires its secret key"),
        (&format!("{endpoint}|--profile|/no/such/file"), &[PROJECT], 3, "/no/such/file cannot be read"),
        (endpoint, &[PROJECT, missing], 3, "/no/such/file cannot be read"),
        (endpoint, &[PROJECT, ("GES_TOKEN", "a\nb")], 3, "such as a line break"),
        (endpoint, &[PROJECT, ACCESS], 3, "the environment has HUAWEICLOUD_SDK_AK but no HUAWEICLOUD_SDK_SK"),
        (endpoint, &[PROJECT, SECRET], 3, "the environment has HUAWEICLOUD_SDK_SK but no HUAWEICLOUD_SDK_AK"),
    ] {
        let errors = COMMANDS.map(|command| {
            let output = run(command, flags, variables);
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(status), "{command:?} {flags} {variables:?}\n{stderr}");
            assert!(stderr.contains(message), "{command:?} {flags} {variables:?}\n{stderr}");
            stderr
        });
        assert_eq!(errors[0], errors[1], "{flags} {variables:?}");
    }
}

#[test]
fn both_go_to_the_same_endpoint_of_a_region() {
    for (region, host) in
        [("cn-north-4", "ges.cn-north-4.myhuaweicloud.com"), ("eu-west-101", "ges.eu-west-101.myhuaweicloud.eu")]
    {
        let list = run(&["list", "graphs", "--dry-run"], &format!("--region|{region}"), &[PROJECT]);
        let list = String::from_utf8_lossy(&list.stdout).into_owned();
        assert!(list.contains(&format!("https://{host}/v2/env/graphs")), "{list}");
        // Without `--allow-disruptive`, nothing is sent.
        let conform = run(&["conform", "--given", "a running graph=g-1"], &format!("--region|{region}"), &[PROJECT]);
        let conform = String::from_utf8_lossy(&conform.stderr).into_owned();
        assert!(conform.contains(&format!("https://{host} is not a loopback address")), "{conform}");
    }
}
