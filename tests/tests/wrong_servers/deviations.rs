//! The ways of being wrong, each with the case that must fail.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::server::{Answer, Call, Fault, World, written};

/// One way of being wrong.
pub(crate) struct Deviation {
    pub(crate) name: String,
    /// The case that must fail.
    pub(crate) case: String,
    /// One graph can be led to where it shows.
    pub(crate) on_tour: bool,
    pub(crate) fault: Fault,
}

pub(crate) fn all() -> Vec<Deviation> {
    let mut list = List(Vec::new());
    shapes(&mut list);
    statuses(&mut list);
    codes(&mut list);
    dialects(&mut list);
    validation(&mut list);
    states(&mut list);
    identities(&mut list);
    transport(&mut list);
    sly(&mut list);
    list.0
}

struct List(Vec<Deviation>);

impl List {
    fn add(&mut self, name: &str, case: &str, fault: impl Fn(&World, Call) -> Answer + Send + Sync + 'static) {
        // No call makes a graph import data.
        let on_tour = case != "start_graph/importing";
        let (name, case) = (name.to_owned(), case.to_owned());
        self.0.push(Deviation { name, case, on_tour, fault: Arc::new(fault) });
    }

    /// Answers of this status to this operation are changed.
    fn answer(
        &mut self,
        name: &str,
        case: &str,
        (operation, status): (&'static str, u16),
        change: impl Fn(Answer) -> Answer + Send + Sync + 'static,
    ) {
        self.add(name, case, move |world, call| {
            let is_concerned = call.operation() == operation;
            let answer = world.forward(&call);
            if is_concerned && answer.status == status { change(answer) } else { answer }
        });
    }

    /// Their bodies are changed, as JSON.
    fn body(
        &mut self,
        name: &str,
        case: &str,
        of: (&'static str, u16),
        change: impl Fn(&mut Value) + Send + Sync + 'static,
    ) {
        self.answer(name, case, of, move |answer| {
            let mut value = answer.value();
            change(&mut value);
            answer.with_value(&value)
        });
    }

    /// Their bodies are replaced by these bytes.
    fn text(&mut self, name: &str, case: &str, of: (&'static str, u16), change: fn(&str) -> String) {
        self.answer(name, case, of, move |mut answer| {
            answer.body = change(std::str::from_utf8(&answer.body).unwrap()).into_bytes();
            answer
        });
    }

    /// Requests to this operation are repaired before anybody checks them.
    fn repaired(
        &mut self,
        name: &str,
        case: &str,
        operation: &'static str,
        repair: impl Fn(Call) -> Call + Send + Sync + 'static,
    ) {
        self.add(name, case, move |world, call| {
            let is_concerned = operation.is_empty() || call.operation() == operation;
            world.forward(&if is_concerned { repair(call) } else { call })
        });
    }

    /// Something else happens to the graph after answers of this status to this operation.
    fn acts(
        &mut self,
        name: &str,
        case: &str,
        (operation, status): (&'static str, u16),
        acts: &'static [&'static str],
    ) {
        self.add(name, case, move |world, call| {
            let is_concerned = call.operation() == operation;
            let answer = world.forward(&call);
            if is_concerned && answer.status == status {
                acts.iter().for_each(|act| world.act(&call, act));
            }
            answer
        });
    }
}

fn remove(value: &mut Value, name: &str) {
    value.as_object_mut().unwrap().remove(name);
}

fn shapes(list: &mut List) {
    let stop = "stop_graph/accepted";
    list.body("a job id that is a number", stop, ("stop", 200), |body| body["job_id"] = json!(7));
    list.body("a job id that is empty", stop, ("stop", 200), |body| body["job_id"] = json!(""));
    list.body("a job id that is blank", stop, ("stop", 200), |body| body["job_id"] = json!("  "));
    list.body("a job id that is null", stop, ("stop", 200), |body| body["job_id"] = json!(null));
    list.body("a job id in a list", stop, ("stop", 200), |body| body["job_id"] = json!([body["job_id"]]));
    list.body("no job id", "start_graph/from_backup", ("start", 200), |body| *body = json!({}));
    list.body("a job id one level deeper", "upgrade_graph/accepted", ("upgrade", 200), |body| {
        *body = json!({"data": body})
    });
    list.body("no backup id", "create_backup/accepted", ("backup", 200), |body| remove(body, "backup_id"));
    list.body("a backup id in another spelling", "create_backup/accepted", ("backup", 200), |body| {
        body["backupId"] = body["backup_id"].clone();
        remove(body, "backup_id");
    });
    list.body("a list in place of an object", "upgrade_graph/accepted", ("upgrade", 200), |body| *body = json!([body]));
    list.body("an empty job id where none is needed", "restart_graph/accepted", ("restart", 200), |body| {
        body["jobId"] = json!("");
    });
    list.body("a number as a job id where none is needed", "restart_graph/accepted", ("restart", 200), |body| {
        body["jobId"] = json!(5);
    });
    list.body("no message", "stop_graph/not_running", ("stop", 400), |body| remove(body, "error_msg"));
    list.body("a failure one level deeper", "restart_graph/invalid_request", ("restart", 400), |body| {
        *body = json!({"error": body});
    });
    list.text("JSON in a string", stop, ("stop", 200), |text| json!(text).to_string());
    list.text("bytes after the end", stop, ("stop", 200), |text| format!("{text}{{}}"));
    list.text("a byte order mark", stop, ("stop", 200), |text| format!("\u{feff}{text}"));
    list.text("a member twice", stop, ("stop", 200), |text| text.replacen('{', "{\"job_id\":\"a\",", 1));
    list.text("a body that ends too early", stop, ("stop", 200), |text| text[..text.len() - 1].to_owned());
    list.text("no body", "upgrade_graph/accepted", ("upgrade", 200), |_| String::new());
    list.text("a page in place of JSON", "upgrade_graph/no_such_graph", ("upgrade", 400), |_| "<html>".to_owned());
}

fn statuses(list: &mut List) {
    let mut status = |name: &str, case: &str, of, status: u16| {
        list.answer(name, case, of, move |answer| Answer { status, ..answer });
    };
    status("202 for 200", "stop_graph/accepted", ("stop", 200), 202);
    status("201 for 200", "create_backup/accepted", ("backup", 200), 201);
    status("500 for 200", "upgrade_graph/accepted", ("upgrade", 200), 500);
    status("400 for 404", "create_backup/no_such_graph", ("backup", 404), 400);
    status("404 for 400", "upgrade_graph/no_such_graph", ("upgrade", 400), 404);
    status("409 for 400", "start_graph/importing", ("start", 400), 409);
    status("200 for a failure", "stop_graph/not_running", ("stop", 400), 200);
    status("500 for 400", "restart_graph/invalid_request", ("restart", 400), 500);
    status("403 for 401", "stop_graph/derived/credential.missing", ("stop", 401), 403);
    status("400 for 401", "upgrade_graph/derived/credential.wrong", ("upgrade", 401), 400);
    status("422 for a body that is wrong", "upgrade_graph/derived/body.forceUpgrade.type", ("upgrade", 400), 422);
    list.answer("nothing with 204", "restart_graph/accepted", ("restart", 200), |answer| Answer {
        status: 204,
        body: Vec::new(),
        ..answer
    });
    list.answer("somewhere else", "restart_graph/accepted", ("restart", 200), |answer| {
        Answer { status: 307, ..answer }.with_header("location", "/v2/elsewhere")
    });
}

fn codes(list: &mut List) {
    let case = "stop_graph/not_running";
    list.body("another code", case, ("stop", 400), |body| body["error_code"] = json!("GES.7002"));
    list.body("a code in lower case", case, ("stop", 400), |body| body["error_code"] = json!("ges.7001"));
    list.body("a code with a space", case, ("stop", 400), |body| body["error_code"] = json!("GES.7001 "));
    list.body("a code that is a number", case, ("stop", 400), |body| body["error_code"] = json!(7001));
    list.body("an empty code", case, ("stop", 400), |body| body["error_code"] = json!(""));
    list.body("code and message exchanged", "restart_graph/invalid_request", ("restart", 400), |body| {
        let code = body["errorCode"].take();
        body["errorCode"] = body["errorMessage"].take();
        body["errorMessage"] = code;
    });
    list.body("the code of another operation", "start_graph/importing", ("start", 400), |body| {
        body["errorCode"] = json!("GES.7016");
    });
    list.body("the code that another page has", "create_backup/no_such_graph", ("backup", 404), |body| {
        body["error_code"] = json!("GES.7000");
    });
}

fn dialects(list: &mut List) {
    list.body("version 2's failure in version 1", "restart_graph/invalid_request", ("restart", 400), |body| {
        *body = json!({"error_code": body["errorCode"], "error_msg": body["errorMessage"]});
    });
    list.body("version 1's failure in version 2", "stop_graph/not_running", ("stop", 400), |body| {
        *body = json!({"errorCode": body["error_code"], "errorMessage": body["error_msg"]});
    });
    list.body("a failure in both spellings", "stop_graph/not_running", ("stop", 400), |body| {
        body["errorCode"] = body["error_code"].clone();
    });
    list.body("version 1's job id in version 2", "stop_graph/accepted", ("stop", 200), |body| {
        *body = json!({"jobId": body["job_id"]});
    });
    list.body("a job id in both spellings", "start_graph/from_backup", ("start", 200), |body| {
        body["job_id"] = body["jobId"].clone();
    });
    list.body("a code in a success", "upgrade_graph/accepted", ("upgrade", 200), |body| {
        body["errorCode"] = json!("GES.7001");
    });
    list.body("a message in a success", "stop_graph/accepted", ("stop", 200), |body| body["error_msg"] = json!("no"));
    list.body(
        "the other spelling for a wrong body",
        "upgrade_graph/derived/body.upgradeVersion.missing",
        ("upgrade", 400),
        |body| {
            *body = json!({"error_code": body["errorCode"], "error_msg": body["errorMessage"]});
        },
    );
}

fn validation(list: &mut List) {
    list.repaired("nobody is asked for a token", "create_backup/derived/credential.missing", "", Call::with_token);
    list.repaired(
        "one operation asks for no token",
        "start_graph/derived/credential.missing",
        "start",
        Call::with_token,
    );
    list.repaired("any token will do", "stop_graph/derived/credential.wrong", "", |call| {
        if call.token().is_some() { call.with_token() } else { call }
    });
    list.add("no action is a start", "start_graph/derived/query.action_id.missing", |world, mut call| {
        if call.path.ends_with("/action") && call.query.is_empty() {
            call.query = "action_id=start".to_owned();
        }
        world.forward(&call)
    });
    list.add("an unknown action is a restart", "restart_graph/derived/query.action_id.unknown", |world, mut call| {
        if call.query.contains("restart") {
            call.query = "action_id=restart".to_owned();
        }
        world.forward(&call)
    });
    list.add(
        "an unknown action is an error of the server",
        "upgrade_graph/derived/query.action_id.unknown",
        |world, call| {
            let answer = world.forward(&call);
            if call.query.starts_with("action_id=no") { Answer { status: 500, ..answer } } else { answer }
        },
    );
    let upgrade = |change: fn(&mut serde_json::Map<String, Value>)| {
        move |call: Call| {
            let mut members = call.members();
            change(&mut members);
            call.with_body(&Value::Object(members))
        }
    };
    list.repaired(
        "an upgrade needs no version",
        "upgrade_graph/derived/body.upgradeVersion.missing",
        "upgrade",
        upgrade(|members| {
            if members.is_empty() {
                return;
            }
            members.entry("upgradeVersion").or_insert(json!("1.1.8"));
        }),
    );
    list.repaired("an upgrade needs no body", "upgrade_graph/derived/body.missing", "upgrade", |call| {
        if call.body.is_empty() { call.with_body(&json!({"upgradeVersion": "1.1.8"})) } else { call }
    });
    list.repaired(
        "a version may be a number",
        "upgrade_graph/derived/body.upgradeVersion.type",
        "upgrade",
        upgrade(|members| {
            if members.get("upgradeVersion").is_some_and(Value::is_number) {
                members.insert("upgradeVersion".to_owned(), json!("1.1.8"));
            }
        }),
    );
    list.repaired(
        "yes is true",
        "upgrade_graph/derived/body.forceUpgrade.type",
        "upgrade",
        upgrade(|members| {
            if members.get("forceUpgrade").is_some_and(Value::is_string) {
                members.insert("forceUpgrade".to_owned(), json!(true));
            }
        }),
    );
    list.repaired("what is not JSON is no body", "start_graph/derived/body.not_json", "start", |call| {
        if call.members().is_empty() { call.with_body(&json!({})) } else { call }
    });
    list.answer(
        "what is not JSON is an error of the server",
        "upgrade_graph/derived/body.not_json",
        ("upgrade", 400),
        |answer| {
            let is_parser = answer.value()["errorCode"] == "GES.7016";
            if is_parser { Answer { status: 500, ..answer } } else { answer }
        },
    );
    list.repaired(
        "a backup that is a number is no backup",
        "start_graph/derived/body.graph_backup_id.type",
        "start",
        |call| {
            let is_number = call.members().get("graph_backup_id").is_some_and(Value::is_number);
            if is_number { call.with_body(&json!({})) } else { call }
        },
    );
    list.add(
        "a project is 64 characters of whatever is there",
        "stop_graph/derived/path.project_id.too_long",
        |world, mut call| {
            let mut segments: Vec<String> = call.path.split('/').map(str::to_owned).collect();
            if segments[1] == "v2" && segments[2].len() > 64 {
                segments[2].truncate(32);
            }
            call.path = segments.join("/");
            world.forward(&call)
        },
    );
    list.add(
        "dashes in a project do not matter",
        "create_backup/derived/path.project_id.pattern",
        |world, mut call| {
            let mut segments: Vec<String> = call.path.split('/').map(str::to_owned).collect();
            if segments[2].contains('-') {
                segments[2] = "0123456789abcdef0123456789abcdef".to_owned();
            }
            call.path = segments.join("/");
            world.forward(&call)
        },
    );
}

fn states(list: &mut List) {
    let running = |end: &str| format!("{end}_then_stop_graph_accepted");
    list.acts(
        "a stop that does not stop",
        "stop_graph/journey/accepted_then_stop_graph_not_running",
        ("stop", 200),
        &["start"],
    );
    list.acts("a start that does not start", &running("start_graph/journey/from_backup"), ("start", 200), &["stop"]);
    list.acts("a restart that only stops", &running("restart_graph/journey/accepted"), ("restart", 200), &["stop"]);
    list.acts("an upgrade that ends stopped", &running("upgrade_graph/journey/accepted"), ("upgrade", 200), &["stop"]);
    list.acts("a backup that stops the graph", &running("create_backup/journey/accepted"), ("backup", 200), &["stop"]);
    list.acts(
        "a refused restart that starts the graph",
        "restart_graph/journey/invalid_request_then_stop_graph_not_running",
        ("restart", 400),
        &["start"],
    );
    list.acts(
        "a refused stop that starts the graph",
        "stop_graph/journey/not_running_then_restart_graph_invalid_request",
        ("stop", 400),
        &["start"],
    );
    list.acts("a stop that nobody may order", "stop_graph/journey/refused_then_accepted", ("stop", 401), &["stop"]);
    list.acts(
        "a start that nobody may order",
        "start_graph/journey/refused_then_from_backup",
        ("start", 401),
        &["start"],
    );
    list.acts(
        "a wrong upgrade that stops the graph",
        "upgrade_graph/journey/refused_then_accepted",
        ("upgrade", 400),
        &["stop"],
    );
    list.add("a second stop is fine", "stop_graph/not_running", |world, call| {
        let is_stop = call.operation() == "stop";
        let answer = world.forward(&call);
        if is_stop && answer.status == 400 && answer.value()["error_code"] == "GES.7001" {
            Answer::json(200, &json!({"job_id": format!("job-{:p}", &raw const answer)}))
        } else {
            answer
        }
    });
    list.add("a stopped graph can be restarted", "restart_graph/invalid_request", |world, call| {
        if call.operation() == "restart" && call.token().is_some() {
            let answer = world.forward(&call);
            if answer.status == 400 {
                world.act(&call, "start");
                return Answer::json(200, &json!({}));
            }
            return answer;
        }
        world.forward(&call)
    });
    list.add("an importing graph can be started", "start_graph/importing", |world, call| {
        let is_start = call.operation() == "start";
        let answer = world.forward(&call);
        if is_start && answer.status == 400 { Answer::json(200, &json!({"jobId": "job-1"})) } else { answer }
    });
    list.body(
        "a backup that is not there",
        "create_backup/journey/accepted_then_stop_graph_accepted_then_start_graph_from_backup",
        ("backup", 200),
        |body| {
            let mut id: Vec<char> = body["backup_id"].as_str().unwrap().chars().collect();
            id.reverse();
            body["backup_id"] = json!(id.into_iter().collect::<String>());
        },
    );
    list.add("a graph that nobody made can be backed up", "create_backup/no_such_graph", |world, call| {
        let is_backup = call.operation() == "backup";
        let answer = world.forward(&call);
        if is_backup && answer.status == 404 {
            Answer::json(200, &json!({"job_id": "job-2", "backup_id": "backup-2"}))
        } else {
            answer
        }
    });
    list.add("a graph that nobody made can be upgraded", "upgrade_graph/no_such_graph", |world, call| {
        let is_upgrade = call.operation() == "upgrade";
        let answer = world.forward(&call);
        if is_upgrade && answer.value()["errorCode"] == "GES.8011" {
            Answer::json(200, &json!({"jobId": "job-3"}))
        } else {
            answer
        }
    });
}

fn identities(list: &mut List) {
    let case = "journey/ids_are_unique";
    list.body("every backup has the same job", case, ("backup", 200), |body| body["job_id"] = json!("job-4"));
    list.body("every backup has the same id", case, ("backup", 200), |body| body["backup_id"] = json!("backup-4"));
    list.body("every stop has the same job", case, ("stop", 200), |body| body["job_id"] = json!("job-5"));
    list.add("a graph has one job for everything", case, |world, call| {
        let graph = call.path.split('/').nth(4).unwrap_or_default().to_owned();
        let answer = world.forward(&call);
        let mut value = answer.value();
        for name in ["jobId", "job_id"] {
            if value.get(name).is_some() {
                value[name] = json!(format!("job-of-{graph}"));
            }
        }
        if answer.status == 200 { answer.with_value(&value) } else { answer }
    });
    list.body("a failure with a job", "stop_graph/not_running", ("stop", 400), |body| body["job_id"] = json!("job-6"));
    list.body("a failure with a job of version 1", "stop_graph/not_running", ("stop", 400), |body| {
        body["jobId"] = json!("job-6");
    });
    list.body("a failure with a backup", "create_backup/no_such_graph", ("backup", 404), |body| {
        body["backup_id"] = json!("backup-6");
    });
    list.body("a refusal with a job", "upgrade_graph/derived/credential.missing", ("upgrade", 401), |body| {
        body["jobId"] = json!("job-7");
    });
    list.body("a wrong body has a job", "upgrade_graph/derived/body.upgradeVersion.type", ("upgrade", 400), |body| {
        body["jobId"] = json!("job-8");
    });
}

fn transport(list: &mut List) {
    let case = "stop_graph/accepted";
    let of = ("stop", 200);
    list.answer("text", case, of, |answer| answer.with_header("content-type", "text/plain"));
    list.answer("problem details", case, of, |answer| answer.with_header("content-type", "application/problem+json"));
    list.answer("another charset", case, of, |answer| {
        answer.with_header("content-type", "application/json; charset=latin1")
    });
    list.answer("no media type", case, of, |mut answer| {
        answer.headers.retain(|(name, _)| name != "content-type");
        answer
    });
    list.answer("a coding that nobody knows", case, of, |answer| answer.with_header("content-encoding", "x-zip"));
    list.answer("a coding that it does not have", case, of, |answer| answer.with_header("content-encoding", "gzip"));
    list.answer("a transfer coding that nobody knows", case, of, |answer| {
        let raw = written(&answer.clone().with_header("transfer-encoding", "rot13"));
        Answer { raw: Some(raw), ..answer }
    });
    list.answer("nothing", case, of, |answer| Answer { raw: Some(Vec::new()), ..answer });
    list.answer("silence", case, of, |answer| Answer { silent: true, ..answer });
    list.answer("half an answer", case, of, |answer| {
        let whole = written(&answer);
        Answer { raw: Some(whole[..whole.len() - 5].to_vec()), ..answer }
    });
    list.answer("two answers", case, of, |answer| {
        let once = written(&answer);
        Answer { raw: Some([once.clone(), once].concat()), ..answer }
    });
    list.answer("what is not HTTP", case, of, |answer| Answer { raw: Some(b"SSH-2.0-x\r\n".to_vec()), ..answer });
    list.answer("a chunk of no size", case, of, |answer| {
        let raw = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n";
        Answer { raw: Some(raw.to_vec()), ..answer }
    });
}

/// What slips past a reader who looks at the status, the schema and the documented members.
fn sly(list: &mut List) {
    list.body("a job id in another case", "restart_graph/accepted", ("restart", 200), |body| {
        *body = json!({"JobID": "job-9"});
    });
    list.body("version 1's job id further down", "stop_graph/accepted", ("stop", 200), |body| {
        body["job"] = json!({"links": [{"jobId": body["job_id"]}]});
    });
    list.body("a code further down in a success", "start_graph/from_backup", ("start", 200), |body| {
        body["result"] = json!({"errorCode": "GES.7015"});
    });
    list.body(
        "a refusal that does not say why",
        "upgrade_graph/derived/body.upgradeVersion.missing",
        ("upgrade", 400),
        |body| *body = json!({"errorCode": "", "request_id": "r-1"}),
    );
    list.body("a code that is a number in a refusal", "start_graph/derived/body.not_json", ("start", 400), |body| {
        body["errorCode"] = json!(400);
    });
    list.text("a member twice in a refusal", "upgrade_graph/derived/body.missing", ("upgrade", 400), |text| {
        text.replacen('{', "{\"errorCode\":\"GES.8013\",", 1)
    });
    list.text("half a character in a message", "stop_graph/not_running", ("stop", 400), |text| {
        text.replacen("\"error_msg\":\"", "\"error_msg\":\"\\ud83d ", 1)
    });
    list.text("a comma too many", "create_backup/no_such_graph", ("backup", 404), |text| text.replacen('}', ",}", 1));
    list.answer("only what is not found is text", "create_backup/no_such_graph", ("backup", 404), |answer| {
        answer.with_header("content-type", "text/plain; charset=utf-8")
    });
    list.answer("two media types", "upgrade_graph/accepted", ("upgrade", 200), |mut answer| {
        answer.headers.push(("content-type".to_owned(), "text/html".to_owned()));
        answer
    });
    list.answer("a length and chunks", "stop_graph/accepted", ("stop", 200), |answer| {
        let body = String::from_utf8(answer.body.clone()).unwrap();
        let raw = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n\
             {:x}\r\n{body}\r\n0\r\n\r\n",
            body.len(),
        );
        Answer { raw: Some(raw.into_bytes()), ..answer }
    });
    list.answer("a checksum that is wrong", "stop_graph/accepted", ("stop", 200), |mut answer| {
        // gzip, a stored block: the text as it is, between a head and a foot.
        let length = u16::try_from(answer.body.len()).unwrap();
        let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1];
        let sizes = [length.to_le_bytes(), (!length).to_le_bytes()].concat();
        let foot = [[1, 2, 3, 4], u32::from(length).to_le_bytes()].concat();
        answer.body = [&head[..], &sizes, &answer.body, &foot].concat();
        answer.with_header("content-encoding", "gzip")
    });
    let last = Mutex::new(None);
    list.add("the job of another backup", "journey/ids_are_unique", move |world, call| {
        let is_backup = call.operation() == "backup";
        let answer = world.forward(&call);
        if !is_backup || answer.status != 200 {
            return answer;
        }
        // Every other answer names the job that was begun before it, on whatever graph.
        let mut value = answer.value();
        let mut last = last.lock().unwrap();
        match last.take() {
            Some(job) => value["job_id"] = job,
            None => *last = Some(value["job_id"].clone()),
        }
        answer.with_value(&value)
    });
    list.add("backup ids that come again", "journey/ids_are_unique", {
        let count = AtomicUsize::new(0);
        move |world, call| {
            let is_backup = call.operation() == "backup";
            let answer = world.forward(&call);
            if !is_backup || answer.status != 200 {
                return answer;
            }
            let mut value = answer.value();
            value["backup_id"] = json!(format!("backup-{}", count.fetch_add(1, Ordering::Relaxed) % 2));
            answer.with_value(&value)
        }
    });
}
