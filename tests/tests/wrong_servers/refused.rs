//! Servers that accept what is nearly right, each with the case that must fail; and right ones that refuse it otherwise.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::deviations::Deviation;
use crate::server::{Answer, Call, Fault, TOKEN, World};

const PROJECT: &str = "0123456789abcdef0123456789abcdef";

/// The wrong ones.
pub(crate) fn all() -> Vec<Deviation> {
    let mut list = List(Vec::new());
    credentials(&mut list);
    actions(&mut list);
    projects(&mut list);
    methods(&mut list);
    members(&mut list);
    list.0
}

struct List(Vec<Deviation>);

impl List {
    fn add(&mut self, name: &str, case: &str, fault: impl Fn(&World, Call) -> Answer + Send + Sync + 'static) {
        let (name, case) = (name.to_owned(), case.to_owned());
        // On a tour, no DELETE is sent that the document does not have.
        let on_tour = !case.ends_with("/derived/method.delete");
        self.0.push(Deviation { name, case, on_tour, fault: Arc::new(fault) });
    }

    /// A token counts if this says so.
    fn token(&mut self, name: &str, case: &str, is_good: fn(&str) -> bool) {
        self.add(name, case, move |world, call| {
            let is_good = call.token().is_some_and(is_good);
            world.forward(&if is_good { call.with_token() } else { call })
        });
    }

    /// An action in a request to the shared address is taken for this one if this says so.
    fn action(&mut self, name: &str, case: &str, action: &'static str, is_it: fn(&str) -> bool) {
        self.add(name, case, move |world, mut call| {
            if call.path.ends_with("/action") && is_it(&call.query) {
                call.query = format!("action_id={action}");
            }
            world.forward(&call)
        });
    }

    /// A project of version 2 is taken for the right one if this says so.
    fn project(&mut self, name: &str, case: &str, is_good: fn(&str) -> bool) {
        self.add(name, case, move |world, mut call| {
            let mut segments: Vec<String> = call.path.split('/').map(str::to_owned).collect();
            let project = percent_decode_str(&segments[2]).decode_utf8_lossy().into_owned();
            if segments[1] == "v2" && is_good(&project) {
                PROJECT.clone_into(&mut segments[2]);
            }
            call.path = segments.join("/");
            world.forward(&call)
        });
    }

    /// This method does what `POST` does, where the path ends so.
    fn method(&mut self, name: &str, case: &str, method: &'static str, end: &'static str) {
        self.add(name, case, move |world, mut call| {
            if call.method == method && call.path.ends_with(end) {
                "POST".clone_into(&mut call.method);
            }
            world.forward(&call)
        });
    }

    /// The body of a request to this operation is repaired.
    fn body(
        &mut self,
        name: &str,
        case: &str,
        operation: &'static str,
        repair: impl Fn(&mut Value) + Send + Sync + 'static,
    ) {
        self.add(name, case, move |world, call| {
            let value = serde_json::from_slice(&call.body);
            match value {
                Ok(mut value) if call.operation() == operation => {
                    repair(&mut value);
                    world.forward(&call.with_body(&value))
                }
                _ => world.forward(&call),
            }
        });
    }
}

fn credentials(list: &mut List) {
    let case = |end: &str| format!("stop_graph/derived/credential.{end}");
    list.token("a token may go on", &case("longer"), |token| token.starts_with(TOKEN));
    list.token("a token is anywhere in it", &case("longer"), |token| token.contains(TOKEN));
    list.token("the beginning of a token will do", &case("shorter"), |token| {
        token.len() > 3 && TOKEN.starts_with(token)
    });
    list.token("the last character does not count", &case("shorter"), |token| {
        token.len() + 1 == TOKEN.len() && TOKEN.starts_with(token)
    });
    list.token("a token has no case", &case("other_case"), |token| token.eq_ignore_ascii_case(TOKEN));
    list.token("only the length of a token counts", &case("other_case"), |token| token.len() == TOKEN.len());
    list.token("an empty token is the token", &case("empty"), str::is_empty);
    list.token("blanks are a token", "upgrade_graph/derived/credential.blank", |token| token.trim().is_empty());
    list.token("a scheme before a token is passed over", &case("before"), |token| token == format!("Bearer {TOKEN}"));
    list.token("a token ends so", &case("before"), |token| token.ends_with(TOKEN));
    for (operation, id) in [("backup", "create_backup"), ("start", "start_graph"), ("restart", "restart_graph")] {
        let name = format!("{operation} alone takes a token that goes on");
        list.add(&name, &format!("{id}/derived/credential.longer"), move |world, call| {
            let is_good = call.operation() == operation && call.token().is_some_and(|it| it.starts_with(TOKEN));
            world.forward(&if is_good { call.with_token() } else { call })
        });
    }
    list.add("a token that is cut off is an error of the server", &case("shorter"), |world, call| {
        let is_cut = call.token().is_some_and(|token| token.len() + 1 == TOKEN.len());
        let answer = world.forward(&call);
        if is_cut { Answer { status: 500, ..answer } } else { answer }
    });
    list.add("an empty token is forbidden, not unknown", &case("empty"), |world, call| {
        let is_empty = call.token() == Some("");
        let answer = world.forward(&call);
        if is_empty { Answer { status: 403, ..answer } } else { answer }
    });
}

fn actions(list: &mut List) {
    let case = |operation: &str, end: &str| format!("{operation}_graph/derived/query.action_id.{end}");
    list.action("START is start", &case("start", "other_case"), "start", |query| query == "action_id=START");
    list.action("RESTART is restart", &case("restart", "other_case"), "restart", |query| query == "action_id=RESTART");
    list.action("UPGRADE is upgrade", &case("upgrade", "other_case"), "upgrade", |query| query == "action_id=UPGRADE");
    list.action("an action begins so", &case("start", "behind"), "start", |query| query.starts_with("action_id=start"));
    list.action("the beginning of an action will do", &case("restart", "shorter"), "restart", |query| {
        query == "action_id=restar"
    });
    list.action("an empty action is a restart", &case("restart", "empty"), "restart", |query| query == "action_id=");
    list.action("an empty action is a start", &case("start", "empty"), "start", |query| query == "action_id=");
    list.action("of two actions the first counts", &case("restart", "twice"), "restart", |query| {
        query.starts_with("action_id=restart&")
    });
    list.action("of two actions one counts", &case("upgrade", "twice"), "upgrade", |query| {
        query.split('&').any(|pair| pair == "action_id=upgrade")
    });
}

fn projects(list: &mut List) {
    let stop = |end: &str| format!("stop_graph/derived/path.project_id.pattern{end}");
    let backup = |end: &str| format!("create_backup/derived/path.project_id.pattern{end}");
    list.project("an underscore in a project", &stop(".underscore"), |it| it.contains('_'));
    list.project("a sign in a project", &backup(".sign"), |it| it.contains('!'));
    list.project("a space in a project", &stop(".space"), |it| it.contains(' '));
    list.project("a dot in a project", &stop(".dot"), |it| it.contains('.'));
    list.project("a letter of any script", &backup(".letter_beyond_ascii"), |it| it.chars().all(char::is_alphanumeric));
    list.project("a digit of any script", &stop(".digit_beyond_ascii"), |it| {
        it.chars().all(char::is_numeric) || it.contains('٣')
    });
    list.project("from A to z", &stop(".u005b"), |it| {
        it.chars().all(|c| c.is_ascii_digit() || ('A'..='z').contains(&c))
    });
    list.project("one before A", &backup(".u0040"), |it| it.contains('@'));
    list.project("one behind 9", &stop(".u003a"), |it| it.contains(':'));
    list.project("something before a project", &stop(".before"), |it| it.trim_start_matches('-') == PROJECT);
    list.project("something behind a project", &backup(".behind"), |it| it.trim_end_matches('-') == PROJECT);
    list.project("a line feed behind a project", &stop(".line_feed"), |it| it == format!("{PROJECT}\n"));
    list.project("white space around a project", &backup(".line_feed"), |it| it.trim() == PROJECT);
}

fn methods(list: &mut List) {
    for (method, word) in [("GET", "get"), ("PUT", "put"), ("PATCH", "patch"), ("DELETE", "delete")] {
        list.method(&format!("{method} stops"), &format!("stop_graph/derived/method.{word}"), method, "/stop");
        list.method(&format!("{method} acts"), &format!("start_graph/derived/method.{word}"), method, "/action");
        if method != "GET" {
            let case = format!("create_backup/derived/method.{word}");
            list.method(&format!("{method} backs up"), &case, method, "/backups");
        }
    }
    let mut answered = |name: &str, case: &str, answer: fn() -> Answer| {
        list.add(name, case, move |world, call| {
            if call.method == "POST" || call.path.ends_with("/backups") { world.forward(&call) } else { answer() }
        });
    };
    answered("other methods are answered with nothing", "stop_graph/derived/method.put", || Answer {
        status: 204,
        headers: Vec::new(),
        body: Vec::new(),
        raw: None,
        silent: false,
    });
    answered("other methods are fine", "stop_graph/derived/method.put", || Answer::json(200, &json!({})));
    answered("other methods are errors of the server", "start_graph/derived/method.get", || {
        Answer::json(500, &json!({"errorCode": "GES.7006", "errorMessage": "An internal error occurs."}))
    });
    answered("other methods lead elsewhere", "start_graph/derived/method.patch", || {
        Answer::json(307, &json!({})).with_header("location", "/v2/elsewhere")
    });
    answered("a method that is refused has a job", "stop_graph/derived/method.get", || {
        Answer::json(405, &json!({"job_id": "job-1"}))
    });
}

fn members(list: &mut List) {
    let upgrade = |end: &str| format!("upgrade_graph/derived/body.{end}");
    let start = |end: &str| format!("start_graph/derived/body.{end}");
    let mut member = |name: &str, end: &str, member: &'static str, is_bad: fn(&Value) -> bool, good: Value| {
        list.body(name, &upgrade(end), "upgrade", move |body| {
            if body.get(member).is_some_and(is_bad) {
                body[member] = good.clone();
            }
        });
    };
    let version = json!("1.1.8");
    member("no version is the next", "upgradeVersion.null", "upgradeVersion", Value::is_null, version.clone());
    member("the first version of a list", "upgradeVersion.list", "upgradeVersion", Value::is_array, version);
    let force = "forceUpgrade";
    member("false in quotes is false", "forceUpgrade.as_text", force, |it| *it == json!("false"), json!(false));
    member("0 is false", "forceUpgrade.as_number", force, Value::is_number, json!(false));
    member("null is false", "forceUpgrade.null", force, Value::is_null, json!(false));
    member("a list is true", "forceUpgrade.list", force, Value::is_array, json!(true));
    list.body("a list of one body is a body", &upgrade("list"), "upgrade", |body| {
        if let Some(first) = body.get(0).cloned() {
            *body = first;
        }
    });
    list.body("a text is a version", &upgrade("type"), "upgrade", |body| {
        if body.is_string() {
            *body = json!({"upgradeVersion": "1.1.8"});
        }
    });
    list.body("null is an upgrade", &upgrade("null"), "upgrade", |body| {
        if body.is_null() {
            *body = json!({"upgradeVersion": "1.1.8"});
        }
    });
    list.body("a list is no backup", &start("graph_backup_id.list"), "start", |body| {
        if body.get("graph_backup_id").is_some_and(Value::is_array) {
            *body = json!({});
        }
    });
    list.body("a start with a list", &start("list"), "start", |body| {
        if body.is_array() {
            *body = json!({});
        }
    });
    list.body("a start with null", &start("null"), "start", |body| {
        if body.is_null() {
            *body = json!({});
        }
    });
}

/// Right servers, each with its name.
pub(crate) fn variations() -> Vec<(&'static str, Fault)> {
    let mut list: Vec<(&'static str, Fault)> = Vec::new();
    // The address has other methods, which nobody documented.
    let mut methods = |name, answer: fn() -> Answer| {
        let fault = move |world: &World, call: Call| {
            let is_listed = call.method == "GET" && call.path.ends_with("/backups");
            if call.method == "POST" || is_listed { world.forward(&call) } else { answer() }
        };
        list.push((name, Arc::new(fault) as Fault));
    };
    methods("other methods are unknown addresses", || Answer::json(404, &json!({"error_code": "APIG.0101"})));
    methods("other methods are not implemented", || Answer::json(501, &json!({"message": "Unsupported method"})));
    methods("other methods are bad requests", || Answer::json(400, &json!({"error_code": "APIG.0201"})));
    methods("other methods are forbidden", || Answer::json(403, &json!({"error_code": "APIG.0308"})));
    methods("other methods ask for a token first", || Answer::json(401, &json!({"error_code": "APIG.0301"})));
    methods("other methods are refused with a page", || Answer {
        status: 405,
        headers: vec![("content-type".to_owned(), "text/html".to_owned()), ("allow".to_owned(), "POST".to_owned())],
        body: b"<html><h1>405 Not Allowed</h1></html>".to_vec(),
        raw: None,
        silent: false,
    });
    methods("other methods are refused without a word", || Answer {
        status: 405,
        headers: Vec::new(),
        body: Vec::new(),
        raw: None,
        silent: false,
    });
    methods("other methods are refused for their media type", || Answer::json(415, &json!({})));
    let mut projects = |name, answer: fn() -> Answer| {
        let fault = move |world: &World, call: Call| {
            let project = call.path.split('/').nth(2).unwrap_or_default();
            let is_wrong = call.path.starts_with("/v2/") && project != PROJECT;
            // Who asks for a token does so first.
            if is_wrong && call.method == "POST" && call.token() == Some(TOKEN) {
                answer()
            } else {
                world.forward(&call)
            }
        };
        list.push((name, Arc::new(fault) as Fault));
    };
    projects("a project of another form is unknown", || {
        Answer::json(404, &json!({"error_code": "GES.0047", "error_msg": "No such project."}))
    });
    projects("a project of another form is somebody else's", || {
        Answer::json(403, &json!({"error_code": "GES.0008", "error_msg": "No permission."}))
    });
    let mut answers = |name, status: u16, change: fn(Answer) -> Answer| {
        let fault = move |world: &World, call: Call| {
            let answer = world.forward(&call);
            if answer.status == status { change(answer) } else { answer }
        };
        list.push((name, Arc::new(fault) as Fault));
    };
    answers("who you are is asked without a body", 401, |answer| Answer {
        body: Vec::new(),
        headers: Vec::new(),
        ..answer
    });
    answers("who you are is asked on a page", 401, |answer| {
        Answer { body: b"<html>401</html>".to_vec(), ..answer }.with_header("content-type", "text/html")
    });
    answers("who you are is asked with a challenge", 401, |answer| {
        answer.with_header("www-authenticate", "Token realm=\"ges\"")
    });
    answers("a refused method has no body", 405, |answer| Answer { body: Vec::new(), ..answer });
    let fault = |world: &World, call: Call| {
        let known = ["action_id=start", "action_id=restart", "action_id=upgrade"];
        let is_action = call.path.ends_with("/action") && call.token() == Some(TOKEN) && call.method == "POST";
        if is_action && !call.query.is_empty() && !known.contains(&call.query.as_str()) {
            return Answer::json(404, &json!({"error_code": "APIG.0101", "error_msg": "The API does not exist."}));
        }
        world.forward(&call)
    };
    list.push(("an action of another form is an unknown address", Arc::new(fault)));
    let fault = |world: &World, call: Call| {
        let is_json = call
            .headers
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case("content-type") && value.contains("json"));
        let is_wrong = is_json && !call.body.is_empty() && !call.body.starts_with(b"{");
        let names =
            if call.path.starts_with("/v2/") { ["error_code", "error_msg"] } else { ["errorCode", "errorMessage"] };
        if is_wrong && call.token() == Some(TOKEN) && call.method == "POST" {
            return Answer::json(400, &json!({names[0]: "GES.7016", names[1]: "The request body is no object."}));
        }
        world.forward(&call)
    };
    list.push(("what is no object is refused before it is read", Arc::new(fault)));
    list
}
