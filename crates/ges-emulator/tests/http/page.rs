//! The page at `/`: contents, escaping, and headers.

use bytes::Bytes;
use ges_emulator::{Config, Emulator, ProviderState, StateValues, Transitions};
use http::{Request, Response};
use std::time::{Duration, Instant};

fn emulator(config: Config) -> (Emulator, StateValues) {
    let emulator = Emulator::new(config);
    let given = emulator.set_up(ProviderState::RunningGraph);
    (emulator, given)
}

fn ask(emulator: &Emulator, line: &str, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let (method, target) = line.split_once(' ').expect("a method and a target");
    let request = Request::builder().method(method).uri(target);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    emulator.answer(request.body(Bytes::from(body.to_owned())).expect("a request"))
}

fn page(emulator: &Emulator, query: &str) -> String {
    let answer = ask(emulator, &format!("GET /{query}"), &[], "");
    assert_eq!(answer.status(), 200);
    String::from_utf8(answer.into_body().to_vec()).expect("text")
}

#[test]
fn the_page_shows_graphs_jobs_backups_and_requests() {
    let (emulator, given) = emulator(Config { transitions: Transitions::Manual(9), ..Config::default() });
    let graph = format!("/v2/{}/graphs/{}", given.project_id, given.graph_id);
    let backup = ask(&emulator, &format!("POST {graph}/backups"), &[("X-Auth-Token", "t")], "");
    let ids: serde_json::Value = serde_json::from_slice(backup.body()).unwrap();
    let page = page(&emulator, "");
    for text in [
        &*given.graph_id,
        "status 200",
        "1.1.7",
        ids["job_id"].as_str().unwrap(),
        "BackupGraph",
        "pending",
        ids["backup_id"].as_str().unwrap(),
        "backing up",
        &format!("{graph}/backups"),
        "create_backup",
        "Reload the page",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn text_from_requests_is_escaped() {
    let (emulator, given) = emulator(Config::default());
    let evil = "<img src=x onerror=alert(1)>\"'&</pre><script>";
    let graph = serde_json::json!({ "name": evil, "project_id": evil }).to_string();
    assert_eq!(ask(&emulator, "POST /_emulator/graphs", &[], &graph).status(), 200);
    let target = format!("/v1.0/%3Cscript%3E/graphs/{}/action?action_id='\"", given.graph_id);
    let request = Request::post("/v2/p/graphs/g/stop").header("X-Auth-Token", "t").header("X-Evil", evil);
    emulator.answer(request.body(Bytes::from(evil)).unwrap());
    drop(Request::post(&*target).body(Bytes::new()).map(|request| emulator.answer(request)));
    ask(&emulator, "POST /_emulator/faults", &[], &serde_json::json!({ "status": 500, "body": evil }).to_string());
    ask(&emulator, &format!("POST /v2/p/graphs/{}/stop", given.graph_id), &[("X-Auth-Token", "t")], "");

    for query in ["", "?graph=%3Cimg%20src=x%20onerror=alert(1)%3E%22'", "?graph=<script>&page=2\"'"] {
        let Ok(uri) = format!("/{query}").parse::<http::Uri>() else { continue };
        let page = page(&emulator, &uri.to_string()[1..]);
        assert!(page.contains("&lt;img") || query.is_empty(), "{query}");
        for tag in ["<img", "onerror=alert(1)\"", "</pre><script", "\"'&<"] {
            assert!(!page.contains(tag), "{tag} in {query}");
        }
        // Ours, once each.
        assert_eq!((page.matches("<script").count(), page.matches("<style").count()), (1, 1), "{query}");
    }
}

#[test]
fn the_policy_allows_only_the_pages_own_script_and_style() {
    let (emulator, _) = emulator(Config::default());
    let answer = ask(&emulator, "GET /", &[], "");
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    for text in ["unsafe", "*", "http"] {
        assert!(!policy.contains(text), "{policy}");
    }
    let page = String::from_utf8(answer.body().to_vec()).unwrap();
    for text in ["src=", "@import", "url(", " style=", " onclick"] {
        assert!(!page.contains(text), "{text}");
    }
}

#[test]
fn the_page_shows_no_secrets() {
    let config = Config { tokens: vec!["hunter2".to_owned()], ..Config::default() };
    let (emulator, given) = emulator(config);
    let line = format!("POST /v2/{}/graphs/{}/stop?key=hunter2", given.project_id, given.graph_id);
    ask(&emulator, &line, &[("X-Auth-Token", "token-of-the-caller"), ("X-Other", "hunter2")], "hunter2");
    let page = page(&emulator, "");
    assert!(page.contains("key=***"), "{page}");
    assert!(!page.contains("hunter2") && !page.contains("token-of-the-caller"), "{page}");
}

#[test]
fn loading_the_page_is_no_query_and_no_journal_entry() {
    let (emulator, given) = emulator(Config { transitions: Transitions::Manual(1), ..Config::default() });
    let graph = format!("/v2/{}/graphs/{}", given.project_id, given.graph_id);
    ask(&emulator, &format!("POST {graph}/stop"), &[("X-Auth-Token", "t")], "");
    let before = page(&emulator, "");
    for _ in 0..5 {
        let now = page(&emulator, "");
        let main = |page: &str| page.split("<main>").nth(1).map(str::to_owned);
        assert_eq!(main(&now), main(&before));
    }
    assert!(before.contains("stopping"), "{before}");
    // But it shows the effects of time.
    ask(&emulator, &format!("GET {graph}"), &[("X-Auth-Token", "t")], "");
    assert!(page(&emulator, "").contains("stopped"));
    emulator.advance_clock(Duration::from_secs(8 * 24 * 60 * 60));
    assert!(page(&emulator, "").contains("preparing"));
}

#[test]
fn ten_thousand_graphs_are_paged_through_and_found() {
    let (emulator, first) = emulator(Config::default());
    for _ in 1..10_000 {
        emulator.set_up(ProviderState::StoppedGraphWithBackup);
    }
    let graphs = |page: &str| page.matches("status 200").count() + page.matches("status 900").count();
    let began = Instant::now();
    let latest = page(&emulator, "");
    // Unoptimised, and on a machine that may have other things to do; it takes a few milliseconds.
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert!(latest.contains("Page 1 of 400, 10000 graphs") && latest.contains("The latest 25 of 9999"), "{latest}");
    assert_eq!(graphs(&latest), 25);
    assert!(latest.len() < 100_000, "{}", latest.len());
    let last = page(&emulator, "?page=400");
    assert!(last.contains(&first.graph_id) && !latest.contains(&first.graph_id));
    let found = page(&emulator, &format!("?graph={}", &first.graph_id[..18]));
    assert!(found.contains(&first.graph_id));
    assert_eq!(graphs(&found), 1);
    for (query, text) in [
        ("?page=401", "There is no such page"),
        ("?page=99999999999999999999", "Page 1 of 400"),
        ("?page=18446744073709551615", "There is no such page"),
        ("?page=0", "Page 1 of 400"),
        ("?page=-1&graph=%", "Page 1 of 400"),
        ("?graph=no+such", "No graph matches"),
        ("?&&==&graph", "Page 1 of 400"),
    ] {
        assert!(page(&emulator, query).contains(text), "{query}");
    }
}

#[test]
fn the_page_is_read_only() {
    let (emulator, _) = emulator(Config::default());
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "EXPLODE"] {
        let answer = ask(&emulator, &format!("{method} /"), &[], "");
        assert_eq!((answer.status().as_u16(), &answer.headers()["allow"]), (405, &"GET, HEAD".parse().unwrap()));
    }
    assert_eq!(ask(&emulator, "HEAD /", &[], "").status(), 200);
    // A link from another page is allowed, but not a public domain name.
    assert_eq!(ask(&emulator, "GET /", &[("Sec-Fetch-Site", "cross-site")], "").status(), 200);
    assert_eq!(ask(&emulator, "GET /", &[("Host", "evil.example.com")], "").status(), 403);
}
