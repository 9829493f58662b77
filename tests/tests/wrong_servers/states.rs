//! Servers that are wrong about states: what is allowed in which, what an operation leaves behind, whom it concerns, and
//! what happens at the same time. And servers that are right about them in another way than the emulator.

use conformance_engine::plan::Selection;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conformance_engine::run::Verdict;
use ges_emulator::Transitions;
use serde_json::{Value, json};

use crate::server::{Answer, Call, Fault, Nature, TOKEN, World, plain, serve_as};
use crate::{By, block_on, failing, on_all_cores};

/// One way of being wrong.
struct Wrong {
    name: &'static str,
    /// The case that must fail where states are set up.
    case: &'static str,
    /// The case that must fail on a tour of one graph; nothing where one graph cannot show it.
    on_tour: Option<&'static str>,
    fault: Fault,
    nature: Nature,
}

#[derive(Default)]
struct List(Vec<Wrong>);

/// A call that has no answer yet, and which others it met.
struct UnderWay {
    number: usize,
    graph: String,
    met_same: bool,
    met_other: bool,
}

const STATUS: [(&str, &str); 4] = [("200", "running"), ("900", "stopped"), ("202", "importing"), ("201", "upgrading")];

impl List {
    /// Caught by the same case either way.
    fn add(
        &mut self,
        name: &'static str,
        case: &'static str,
        fault: impl Fn(&World, Call) -> Answer + Send + Sync + 'static,
    ) {
        self.0.push(Wrong { name, case, on_tour: Some(case), fault: Arc::new(fault), nature: Nature::default() });
    }

    /// The last one needs more than one graph, or a state that no call leads to.
    fn only_with_states(&mut self) {
        self.0.last_mut().unwrap().on_tour = None;
    }

    /// The last one is caught by another case on a tour.
    fn on_tour(&mut self, case: &'static str) {
        self.0.last_mut().unwrap().on_tour = Some(case);
    }

    /// In this state the operation is answered with a success, and nothing happens.
    fn accepts(&mut self, name: &'static str, case: &'static str, operation: &'static str, state: &'static str) {
        let count = AtomicUsize::new(0);
        self.add(name, case, move |world, call| {
            let is_concerned = call.operation() == operation && state_of(world, &call).as_deref() == Some(state);
            let answer = world.forward(&call);
            if is_concerned && is_refused_for_the_state(&call, &answer) { accepted(&call, &count) } else { answer }
        });
    }

    /// After a refusal of this operation in this state something happens to the graph.
    fn acts(
        &mut self,
        name: &'static str,
        case: &'static str,
        (operation, state): (&'static str, &'static str),
        acts: &'static [&'static str],
    ) {
        self.add(name, case, move |world, call| {
            let is_concerned = call.operation() == operation && state_of(world, &call).as_deref() == Some(state);
            let answer = world.forward(&call);
            if is_concerned && is_refused_for_the_state(&call, &answer) {
                acts.iter().for_each(|act| perform(world, &call, act));
            }
            answer
        });
    }

    /// Right after the operation `first` another one is refused once.
    fn forgets(&mut self, name: &'static str, case: &'static str, first: &'static str, then: &'static str) {
        let last: Mutex<BTreeMap<String, String>> = Mutex::default();
        self.add(name, case, move |world, call| {
            let (graph, operation) = (graph(&call), call.operation().to_owned());
            let mut last = last.lock().unwrap();
            let is_right_after = last.get(&graph).is_some_and(|last| last == first);
            if is_right_after && operation == then {
                last.remove(&graph);
                return refused(&call);
            }
            let answer = world.forward(&call);
            if answer.status == 200 {
                last.insert(graph, operation);
            }
            answer
        });
    }

    /// What was backed up is gone once `is_gone` says so of how many successes of each operation came afterwards.
    fn loses_backups(
        &mut self,
        name: &'static str,
        case: &'static str,
        is_gone: impl Fn(&[String], usize, usize) -> bool + Send + Sync + 'static,
    ) {
        let known: Mutex<Vec<(String, String, usize)>> = Mutex::default();
        let done: Mutex<BTreeMap<String, Vec<String>>> = Mutex::default();
        self.add(name, case, move |world, call| {
            let (graph, operation) = (graph(&call), call.operation().to_owned());
            let mut known = known.lock().unwrap();
            let mut done = done.lock().unwrap();
            let done = done.entry(graph.clone()).or_default();
            if let Some(backup) = call.members().get("graph_backup_id").and_then(Value::as_str) {
                let of_graph: Vec<_> = known.iter().filter(|(of, ..)| *of == graph).collect();
                let at = of_graph.iter().position(|(_, id, _)| id == backup);
                if let Some(at) = at
                    && is_gone(&done[of_graph[at].2..], at, of_graph.len())
                    && state_of(world, &call).as_deref() == Some("stopped")
                {
                    return Answer::json(
                        400,
                        &json!({"errorCode": "GES.7024", "errorMessage": "There is no such backup."}),
                    );
                }
            }
            let answer = world.forward(&call);
            if answer.status == 200 {
                done.push(operation);
                if let Some(backup) = answer.value()["backup_id"].as_str() {
                    known.push((graph, backup.to_owned(), done.len()));
                }
            }
            answer
        });
    }

    /// A success of this operation also does something to every other graph.
    fn spreads(&mut self, name: &'static str, case: &'static str, operation: &'static str, act: &'static str) {
        self.add(name, case, move |world, call| {
            let is_concerned = call.operation() == operation;
            let answer = world.forward(&call);
            if is_concerned && answer.status == 200 {
                for other in others(world, &call) {
                    perform(world, &at(&call, &other), act);
                }
            }
            answer
        });
        self.only_with_states();
    }

    /// Of calls of this operation that meet, each is decided by `decide`, which gets whether it met another on the same
    /// graph, and on another.
    fn meeting(
        &mut self,
        name: &'static str,
        case: &'static str,
        operation: &'static str,
        decide: impl Fn(&World, &Call, bool, bool) -> Option<Answer> + Send + Sync + 'static,
    ) {
        let under_way: Mutex<Vec<UnderWay>> = Mutex::default();
        self.add(name, case, move |world, call| {
            if call.operation() != operation || call.token() != Some(TOKEN) {
                return world.forward(&call);
            }
            let number = {
                let mut under_way = under_way.lock().unwrap();
                let number = under_way.last().map_or(0, |last| last.number + 1);
                let mut new = UnderWay { number, graph: graph(&call), met_same: false, met_other: false };
                for other in under_way.iter_mut() {
                    let is_same = other.graph == new.graph;
                    for one in [&mut new, other] {
                        one.met_same |= is_same;
                        one.met_other |= !is_same;
                    }
                }
                under_way.push(new);
                number
            };
            let mut met = (false, false);
            for _ in 0..30 {
                let under_way = under_way.lock().unwrap();
                let own = under_way.iter().find(|it| it.number == number).unwrap();
                met = (own.met_same, own.met_other);
                drop(under_way);
                if met != (false, false) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            let answer = decide(world, &call, met.0, met.1).unwrap_or_else(|| world.forward(&call));
            under_way.lock().unwrap().retain(|it| it.number != number);
            answer
        });
        self.0.last_mut().unwrap().nature.blocks = true;
    }

    /// Status requests of these paths are answered so.
    fn looks(
        &mut self,
        name: &'static str,
        case: &'static str,
        is_concerned: fn(&str) -> bool,
        change: impl Fn(Answer) -> Answer + Send + Sync + 'static,
    ) {
        self.add(name, case, move |world, call| {
            let is_concerned = call.method == "GET" && is_concerned(&call.path);
            let answer = world.forward(&call);
            if is_concerned { change(answer) } else { answer }
        });
        self.0.last_mut().unwrap().nature.with_looks = true;
    }
}

fn graph(call: &Call) -> String {
    call.path.split('/').nth(4).unwrap_or_default().to_owned()
}

/// The same call, to another graph.
fn at(call: &Call, graph: &str) -> Call {
    let mut segments: Vec<&str> = call.path.split('/').collect();
    segments[4] = graph;
    Call { path: segments.join("/"), ..call.clone() }
}

fn get(world: &World, call: &Call, below: &str) -> Value {
    let project = call.path.split('/').nth(2).unwrap_or_default();
    let headers = vec![("x-auth-token".to_owned(), TOKEN.to_owned())];
    let path = format!("/v2/{project}/graphs{below}");
    let query = if below.is_empty() { "limit=1000" } else { "" };
    let (method, target, query) = ("GET".to_owned(), String::new(), query.to_owned());
    world.forward(&Call { method, target, path, query, headers, body: Vec::new() }).value()
}

/// The name of the state of the call's graph.
fn state_of(world: &World, call: &Call) -> Option<String> {
    let shown = get(world, call, &format!("/{}", graph(call)));
    let status = shown["graph"]["status"].as_str()?.to_owned();
    STATUS.iter().find(|(known, _)| *known == status).map(|(_, name)| (*name).to_owned())
}

fn others(world: &World, call: &Call) -> Vec<String> {
    let graphs = get(world, call, "");
    let ids = graphs["graphs"].as_array().into_iter().flatten().filter_map(|graph| graph["id"].as_str());
    ids.filter(|id| *id != graph(call)).map(str::to_owned).collect()
}

/// Like [`World::act`], and an upgrade has its version.
fn perform(world: &World, call: &Call, operation: &str) {
    if operation != "upgrade" {
        return world.act(call, operation);
    }
    let project = call.path.split('/').nth(2).unwrap_or_default();
    let path = format!("/v1.0/{project}/graphs/{}/action", graph(call));
    let query = "action_id=upgrade".to_owned();
    let (method, target) = ("POST".to_owned(), String::new());
    let upgrade = Call { method, target, path, query, headers: Vec::new(), body: Vec::new() };
    world.forward(&upgrade.with_token().with_body(&json!({"upgradeVersion": "1.1.8"})));
}

/// Nothing is wrong with the call, only with the state.
fn is_refused_for_the_state(call: &Call, answer: &Answer) -> bool {
    let codes = ["GES.7001", "GES.7002", "GES.7015", "GES.7016"];
    let code = |name: &str| answer.value()[name].as_str().is_some_and(|code| codes.contains(&code));
    let is_well_formed = call.body.is_empty() || serde_json::from_slice::<Value>(&call.body).is_ok();
    answer.status == 400 && is_well_formed && (code("errorCode") || code("error_code"))
}

fn accepted(call: &Call, count: &AtomicUsize) -> Answer {
    let number = count.fetch_add(1, Ordering::Relaxed);
    let body = match call.operation() {
        "stop" => json!({"job_id": format!("made-{number}")}),
        "backup" => json!({"job_id": format!("made-{number}"), "backup_id": format!("kept-{number}")}),
        _ => json!({"jobId": format!("made-{number}")}),
    };
    Answer::json(200, &body)
}

fn refused(call: &Call) -> Answer {
    Answer::json(
        400,
        &match call.operation() {
            "stop" | "backup" => json!({"error_code": "GES.7001", "error_msg": "The graph is not running."}),
            _ => json!({"errorCode": "GES.7015", "errorMessage": "The graph is in another state."}),
        },
    )
}

fn all() -> Vec<Wrong> {
    let mut list = List::default();
    allowed_and_refused(&mut list);
    unknown(&mut list);
    effects(&mut list);
    memory(&mut list);
    backups(&mut list);
    second(&mut list);
    identifiers(&mut list);
    at_once(&mut list);
    looks(&mut list);
    list.0
}

fn allowed_and_refused(list: &mut List) {
    list.accepts("a running graph can be started", "start_graph/state/running", "start", "running");
    list.accepts("a stopped graph can be upgraded", "upgrade_graph/state/stopped", "upgrade", "stopped");
    list.accepts("a stopped graph can be backed up", "create_backup/state/stopped", "backup", "stopped");
    list.accepts("an importing graph can be stopped", "stop_graph/state/importing", "stop", "importing");
    list.only_with_states();
    list.accepts("an importing graph can be upgraded", "upgrade_graph/state/importing", "upgrade", "importing");
    list.only_with_states();
    list.accepts("an importing graph can be backed up", "create_backup/state/importing", "backup", "importing");
    list.only_with_states();
    list.add("an importing graph cannot be restarted", "restart_graph/state/importing", |world, call| {
        let is_concerned = call.operation() == "restart" && state_of(world, &call).as_deref() == Some("importing");
        if is_concerned { refused(&call) } else { world.forward(&call) }
    });
    list.only_with_states();
    list.add("a start needs a backup", "start_graph/state/stopped", |world, call| {
        let is_start = call.operation() == "start" && call.body == b"{}" && call.token() == Some(TOKEN);
        if is_start { refused(&call) } else { world.forward(&call) }
    });
    list.add("a stopped graph says 500 to a backup", "create_backup/state/stopped", |world, call| {
        let is_backup = call.operation() == "backup";
        let answer = world.forward(&call);
        if is_backup && is_refused_for_the_state(&call, &answer) { Answer { status: 500, ..answer } } else { answer }
    });
    list.add("a refused start of a running graph names a job", "start_graph/state/running", |world, call| {
        let is_start = call.operation() == "start" && state_of(world, &call).as_deref() == Some("running");
        let answer = world.forward(&call);
        let mut value = answer.value();
        value["jobId"] = json!("job-0");
        if is_start && answer.status == 400 { answer.with_value(&value) } else { answer }
    });
    let count = AtomicUsize::new(0);
    list.add("an upgrade to the same version works", "upgrade_graph/state/once", move |world, call| {
        let is_upgrade = call.operation() == "upgrade";
        let answer = world.forward(&call);
        let code = answer.value()["errorCode"].clone();
        let is_version = is_upgrade && answer.status == 400 && call.members().contains_key("upgradeVersion");
        let is_again = is_version && !["GES.7001", "GES.8011"].iter().any(|other| code == *other);
        let is_valid = call.members().get("upgradeVersion").is_some_and(|it| it == "1.1.8")
            && call.members().get("forceUpgrade").is_none_or(Value::is_boolean);
        if is_again && is_valid { accepted(&call, &count) } else { answer }
    });
}

fn unknown(list: &mut List) {
    for (name, case, operation) in [
        ("a graph that nobody made can be stopped", "stop_graph/state/unknown", "stop"),
        ("a graph that nobody made can be started", "start_graph/state/unknown", "start"),
        ("a graph that nobody made can be restarted", "restart_graph/state/unknown", "restart"),
    ] {
        let count = AtomicUsize::new(0);
        list.add(name, case, move |world, call| {
            let is_concerned = call.operation() == operation;
            let answer = world.forward(&call);
            if is_concerned && answer.status == 404 { accepted(&call, &count) } else { answer }
        });
    }
    list.add("a graph that nobody made is an error of the server", "restart_graph/state/unknown", |world, call| {
        let is_concerned = call.operation() == "restart";
        let answer = world.forward(&call);
        if is_concerned && answer.status == 404 { Answer { status: 500, ..answer } } else { answer }
    });
    list.add("a graph that nobody made is not refused, and not served", "stop_graph/state/unknown", |world, call| {
        let is_concerned = call.operation() == "stop";
        let answer = world.forward(&call);
        if is_concerned && answer.status == 404 { Answer { status: 202, ..answer } } else { answer }
    });
    list.add("a backup that nobody made can be restored", "start_graph/state/unknown_backup_id", |world, call| {
        let is_start = call.operation() == "start";
        let answer = world.forward(&call);
        let is_unknown = is_start && answer.value()["errorCode"] == "GES.7024";
        if is_unknown { world.forward(&call.with_body(&json!({}))) } else { answer }
    });
}

fn effects(list: &mut List) {
    let count = AtomicUsize::new(0);
    list.add("a start without a backup leaves the graph stopped", "start_graph/state/stopped", move |world, call| {
        let is_concerned = call.operation() == "start" && call.body == b"{}" && call.token() == Some(TOKEN);
        if is_concerned && state_of(world, &call).as_deref() == Some("stopped") {
            return accepted(&call, &count);
        }
        world.forward(&call)
    });
    let count = AtomicUsize::new(0);
    list.add("a restart leaves an importing graph importing", "restart_graph/state/importing", move |world, call| {
        let is_concerned = call.operation() == "restart" && call.token() == Some(TOKEN);
        if is_concerned && state_of(world, &call).as_deref() == Some("importing") {
            return accepted(&call, &count);
        }
        world.forward(&call)
    });
    list.only_with_states();
    let running = ("start", "running");
    list.acts("a refused start stops a running graph", "start_graph/state/running", running, &["stop"]);
    let stopped = ("upgrade", "stopped");
    list.acts("a refused upgrade starts a stopped graph", "upgrade_graph/state/stopped", stopped, &["start"]);
    list.acts(
        "a refused upgrade upgrades",
        "upgrade_graph/journey/stopped_then_start_graph_stopped_then_upgrade_graph_accepted",
        stopped,
        &["start", "upgrade", "stop"],
    );
    list.on_tour("upgrade_graph/accepted");
    let stopped = ("backup", "stopped");
    list.acts("a refused backup starts a stopped graph", "create_backup/state/stopped", stopped, &["start"]);
    let importing = ("stop", "importing");
    list.acts("a refused stop ends an import", "stop_graph/state/importing", importing, &["restart"]);
    list.only_with_states();
    let importing = ("backup", "importing");
    list.acts("a refused backup ends an import", "create_backup/state/importing", importing, &["restart"]);
    list.only_with_states();
    let importing = ("upgrade", "importing");
    list.acts("a refused upgrade ends an import", "upgrade_graph/state/importing", importing, &["restart"]);
    list.only_with_states();
    list.add(
        "an unknown backup starts the graph all the same",
        "start_graph/state/unknown_backup_id",
        |world, call| {
            let is_start = call.operation() == "start";
            let answer = world.forward(&call);
            if is_start && answer.value()["errorCode"] == "GES.7024" {
                world.act(&call, "start");
            }
            answer
        },
    );
}

fn memory(list: &mut List) {
    let journey = "start_graph/journey/from_backup_then_create_backup_accepted";
    list.forgets("after a start there are no backups", journey, "start", "backup");
    list.forgets(
        "after a start there is no restart",
        "start_graph/journey/from_backup_then_restart_graph_accepted",
        "start",
        "restart",
    );
    list.forgets(
        "after a restart there is no upgrade",
        "restart_graph/journey/accepted_then_upgrade_graph_accepted",
        "restart",
        "upgrade",
    );
    // On one graph, the only upgrade comes after something else.
    list.only_with_states();
    list.forgets(
        "after an upgrade there are no backups",
        "upgrade_graph/journey/accepted_then_create_backup_accepted",
        "upgrade",
        "backup",
    );
    list.only_with_states();
    list.forgets(
        "after a restart there is no restart",
        "restart_graph/journey/accepted_then_restart_graph_accepted",
        "restart",
        "restart",
    );
    list.forgets(
        "after a backup there is no restart",
        "create_backup/journey/accepted_then_restart_graph_accepted",
        "backup",
        "restart",
    );
    list.forgets(
        "after a stop there is no plain start",
        "stop_graph/journey/accepted_then_start_graph_stopped",
        "stop",
        "start",
    );
    for (name, case, operation) in [
        ("a stop is not noticed by backups", "stop_graph/journey/accepted_then_create_backup_stopped", "backup"),
        ("a stop is not noticed by upgrades", "stop_graph/journey/accepted_then_upgrade_graph_stopped", "upgrade"),
    ] {
        // Only of a graph that was stopped by a call, and not of one that is set up so.
        let (called, count) = (Mutex::new(BTreeSet::new()), AtomicUsize::new(0));
        list.add(name, case, move |world, call| {
            let (graph, operated) = (graph(&call), call.operation().to_owned());
            let answer = world.forward(&call);
            let mut called = called.lock().unwrap();
            if operated == "stop" && answer.status == 200 {
                called.insert(graph.clone());
            }
            let is_concerned = operated == operation && called.contains(&graph);
            if is_concerned && is_refused_for_the_state(&call, &answer) { accepted(&call, &count) } else { answer }
        });
    }
}

fn backups(list: &mut List) {
    list.loses_backups(
        "only the latest backup is there",
        "create_backup/journey/accepted_then_create_backup_accepted_then_stop_graph_accepted_then_start_graph_from_backup_older",
        |_, at, all| at + 1 < all,
    );
    list.loses_backups(
        "only the first backup is there",
        "create_backup/journey/accepted_then_create_backup_accepted_then_stop_graph_accepted_then_start_graph_from_backup",
        |_, at, _| at > 0,
    );
    list.loses_backups(
        "a backup is gone after a restart",
        "create_backup/journey/accepted_then_restart_graph_accepted_then_stop_graph_accepted_then_start_graph_from_backup",
        |since, _, _| since.iter().any(|operation| operation == "restart"),
    );
    list.loses_backups(
        "a backup is gone after an upgrade",
        "create_backup/journey/accepted_then_upgrade_graph_accepted_then_stop_graph_accepted_then_start_graph_from_backup",
        |since, _, _| since.iter().any(|operation| operation == "upgrade"),
    );
    list.only_with_states();
    list.loses_backups(
        "a backup can be used once",
        "create_backup/journey/accepted_then_stop_graph_accepted_then_start_graph_from_backup_then_stop_graph_accepted_then_start_graph_from_backup",
        |since, _, _| since.iter().any(|operation| operation == "start"),
    );
    list.loses_backups(
        "a backup is gone after a stop",
        "create_backup/journey/accepted_then_stop_graph_accepted_then_start_graph_from_backup",
        |since, _, _| since.iter().any(|operation| operation == "stop"),
    );
}

fn second(list: &mut List) {
    list.spreads("a stop stops every graph", "stop_graph/state/another_untouched", "stop", "stop");
    list.spreads("a start starts every graph", "start_graph/state/another_untouched", "start", "start");
    list.spreads("a restart stops the others", "restart_graph/state/another_untouched", "restart", "stop");
    list.spreads("a backup stops the others", "create_backup/state/another_untouched", "backup", "stop");
    list.spreads("an upgrade upgrades every graph", "upgrade_graph/state/another_untouched", "upgrade", "upgrade");
}

fn identifiers(list: &mut List) {
    let case = "journey/ids_are_unique";
    let changed = |change: fn(&Call, usize, &mut Value)| {
        let counts: Mutex<BTreeMap<String, usize>> = Mutex::default();
        move |world: &World, call: Call| {
            let answer = world.forward(&call);
            if answer.status != 200 {
                return answer;
            }
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(graph(&call)).or_default();
            if call.operation() == "restart" {
                *count = 0;
            }
            *count += 1;
            let mut value = answer.value();
            change(&call, *count, &mut value);
            answer.with_value(&value)
        }
    };
    list.add(
        "jobs are counted anew after a restart",
        case,
        changed(|call, count, value| {
            let job = json!(format!("{}-{count}", graph(call)));
            for name in ["jobId", "job_id"].into_iter().filter(|name| value.get(name).is_some()).collect::<Vec<_>>() {
                value[name] = job.clone();
            }
        }),
    );
    list.add(
        "the backup of a graph has the graph's id",
        case,
        changed(|call, _, value| {
            if value.get("backup_id").is_some() {
                value["backup_id"] = json!(graph(call));
            }
        }),
    );
    list.add("a graph starts with the job that stopped it", case, {
        let jobs: Mutex<BTreeMap<String, Value>> = Mutex::default();
        move |world, call| {
            let (graph, operation) = (graph(&call), call.operation().to_owned());
            let answer = world.forward(&call);
            let mut jobs = jobs.lock().unwrap();
            let mut value = answer.value();
            if answer.status == 200 && operation == "stop" {
                jobs.insert(graph, value["job_id"].clone());
            } else if answer.status == 200
                && operation == "start"
                && let Some(job) = jobs.remove(&graph)
            {
                value["jobId"] = job;
                return answer.with_value(&value);
            }
            answer
        }
    });
}

fn at_once(list: &mut List) {
    let count = Arc::new(AtomicUsize::new(0));
    for (name, case, operation) in [
        ("two stops at once both succeed", "stop_graph/state/twice_at_once", "stop"),
        ("two starts at once both succeed", "start_graph/state/twice_at_once", "start"),
        ("two upgrades at once both succeed", "upgrade_graph/state/twice_at_once", "upgrade"),
    ] {
        let count = count.clone();
        list.meeting(name, case, operation, move |world, call, same, _| {
            let answer = world.forward(call);
            let is_late = same && answer.status == 400;
            Some(if is_late { accepted(call, &count) } else { answer })
        });
        if operation == "upgrade" {
            list.only_with_states();
        }
    }
    list.meeting("two stops at once are both refused", "stop_graph/state/twice_at_once", "stop", |_, call, same, _| {
        same.then(|| refused(call))
    });
    list.meeting(
        "the second of two starts at once is an error of the server",
        "start_graph/state/twice_at_once",
        "start",
        |world, call, same, _| {
            let answer = world.forward(call);
            Some(if same && answer.status == 400 { Answer { status: 500, ..answer } } else { answer })
        },
    );
    list.meeting(
        "two stops of two graphs at once are too many",
        "stop_graph/state/two_at_once",
        "stop",
        |_, call, _, other| other.then(|| refused(call)),
    );
    list.only_with_states();
    list.meeting(
        "two upgrades of two graphs at once get one job",
        "upgrade_graph/state/two_at_once",
        "upgrade",
        |world, call, _, other| {
            let answer = world.forward(call);
            let is_met = other && answer.status == 200;
            Some(if is_met { answer.with_value(&json!({"jobId": "job-of-both"})) } else { answer })
        },
    );
    list.only_with_states();
    list.meeting(
        "two backups of a graph at once are one backup",
        "create_backup/state/twice_at_once",
        "backup",
        |world, call, same, _| {
            let answer = world.forward(call);
            let mut value = answer.value();
            value["backup_id"] = json!("backup-of-both");
            Some(if same && answer.status == 200 { answer.with_value(&value) } else { answer })
        },
    );
}

fn looks(list: &mut List) {
    let is_job = |path: &str| path.contains("/jobs/");
    let is_graph = |path: &str| !path.contains("/jobs/");
    let found = |body: Value| move |answer: Answer| if answer.status < 400 { answer } else { Answer::json(200, &body) };
    list.looks("a job that nobody began succeeded", "look/unknown_job", is_job, found(json!({"status": "success"})));
    list.looks(
        "a graph that nobody made runs",
        "look/unknown_graph",
        is_graph,
        found(json!({"graph": {"status": "200"}})),
    );
    list.looks("a graph that nobody made is an empty answer", "look/unknown_graph", is_graph, found(json!({})));
    list.looks("a job that nobody began is an error of the server", "look/unknown_job", is_job, |answer| {
        if answer.status < 400 { answer } else { Answer { status: 500, ..answer } }
    });
}

#[track_caller]
fn check(by: By) {
    let wrong: Vec<_> = all().into_iter().filter(|it| by == By::ProviderStates || it.on_tour.is_some()).collect();
    let missed = on_all_cores(&wrong, |Wrong { name, case, on_tour, fault, nature }| {
        let case = if by == By::Tour { on_tour.unwrap_or(case) } else { case };
        // With a state of its own, a case depends on no other; on a tour, what changes no state is no part of it.
        let selection = match by {
            // This one looks at the whole run.
            By::ProviderStates if case != "journey/ids_are_unique" => {
                Selection { only: vec![case.to_owned()], ..Selection::default() }
            }
            _ => Selection { kinds: vec!["documented".to_owned(), "journey".to_owned()], ..Selection::default() },
        };
        let served = serve_as(fault.clone(), *nature);
        let (failed, verdict) = block_on(async { failing(&served.await, by, selection).await });
        (!failed.iter().any(|id| id == case) || verdict != Verdict::ContractBroken)
            .then(|| format!("{name}: expected {case} to fail, found {verdict:?} with {failed:?}"))
    });
    println!("{by:?}: {} of {} servers with wrong states caught", wrong.len() - missed.len(), wrong.len());
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn every_server_with_wrong_states_is_caught_by_the_case_that_names_it() {
    assert!(all().len() >= 40);
    check(By::ProviderStates);
}

#[test]
fn one_graph_is_enough_for_what_one_graph_can_show() {
    check(By::Tour);
}

/// Servers that are right in another way than the emulator.
fn right() -> Vec<(&'static str, Nature, Fault)> {
    let mut list: Vec<(&'static str, Nature, Fault)> = Vec::new();
    let slow = Transitions::Time(Duration::from_millis(25));
    let with_looks = Nature { with_looks: true, ..Nature::default() };
    list.push(("jobs take time", Nature { transitions: slow, ..Nature::default() }, plain()));
    list.push(("jobs take a few looks", Nature { transitions: Transitions::Manual(2), ..Nature::default() }, plain()));
    let mut answers = |name, nature, change: fn(&Call, Answer) -> Answer| {
        let fault = move |world: &World, call: Call| {
            let answer = world.forward(&call);
            change(&call, answer)
        };
        list.push((name, nature, Arc::new(fault)));
    };
    answers("nothing can be looked up", with_looks, |call, answer| {
        if call.method == "GET" { Answer::json(404, &json!({"error_code": "APIG.0101"})) } else { answer }
    });
    answers("graphs can be looked up, and jobs cannot", with_looks, |call, answer| {
        let is_job = call.method == "GET" && call.path.contains("/jobs/");
        if is_job { Answer::json(404, &json!({"error_code": "APIG.0101"})) } else { answer }
    });
    answers("jobs can be looked up, and graphs cannot", with_looks, |call, answer| {
        let is_graph = call.method == "GET" && !call.path.contains("/jobs/");
        if is_graph { Answer::json(501, &json!({"error_code": "APIG.0101"})) } else { answer }
    });
    answers(
        "only the older paths of looks are served, by jobs that take time",
        Nature { transitions: slow, ..with_looks },
        |call, answer| {
            let is_newer = call.method == "GET" && call.path.starts_with("/v2/");
            if is_newer { Answer::json(404, &json!({})) } else { answer }
        },
    );
    answers("what is unknown is forbidden, and looks say 403 or 410", with_looks, |call, answer| {
        let is_unknown = ["GES.7000", "GES.7024"].iter().any(|code| answer.value()["errorCode"] == *code);
        let is_unknown = is_unknown || answer.value()["error_code"] == "GES.7000";
        match (call.method.as_str(), answer.status) {
            ("GET", 400) => Answer { status: 410, ..answer },
            ("GET", 404) => Answer { status: 403, ..answer },
            (_, 400 | 404) if is_unknown => Answer { status: 403, ..answer },
            _ => answer,
        }
    });
    answers("what is unknown is a bad request", Nature::default(), |_, answer| {
        let is_unknown = ["errorCode", "error_code"].iter().any(|name| answer.value()[*name] == "GES.7000");
        if is_unknown { Answer { status: 400, ..answer } } else { answer }
    });
    answers("an unknown backup is not found", Nature::default(), |_, answer| {
        if answer.value()["errorCode"] == "GES.7024" { Answer { status: 404, ..answer } } else { answer }
    });
    answers("what no example shows of other states has other codes and words", Nature::default(), |call, answer| {
        let mut value = answer.value();
        match call.operation() {
            "upgrade" if value["errorCode"] == "GES.7001" => value["errorCode"] = json!("GES.9999"),
            "backup" if value["error_code"] == "GES.7001" => {
                value["error_code"] = json!("GES.9998");
                value["error_msg"] = json!("Not now.");
            }
            _ => return answer,
        }
        answer.with_value(&value)
    });
    answers("statuses are numbers", with_looks, |call, answer| {
        let mut value = answer.value();
        let number = value["graph"]["status"].as_str().and_then(|status| status.parse::<u16>().ok());
        let Some(number) = number.filter(|_| call.method == "GET") else { return answer };
        value["graph"]["status"] = json!(number);
        answer.with_value(&value)
    });
    answers("a graph is shown in a state that nobody documented", with_looks, |call, answer| {
        let mut value = answer.value();
        if call.method != "GET" || value["graph"]["status"] != "202" {
            return answer;
        }
        value["graph"]["status"] = json!("2020");
        answer.with_value(&value)
    });
    answers("each answer takes time", Nature { blocks: true, ..Nature::default() }, |_, answer| {
        std::thread::sleep(Duration::from_millis(3));
        answer
    });
    let one = Mutex::new(());
    list.push((
        "one call is served after another",
        Nature { blocks: true, ..Nature::default() },
        Arc::new(move |world, call| {
            let _turn = one.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            std::thread::sleep(Duration::from_millis(3));
            world.forward(&call)
        }),
    ));
    let numbers: Mutex<(usize, BTreeMap<String, String>)> = Mutex::default();
    list.push((
        "jobs have numbers",
        with_looks,
        Arc::new(move |world, mut call| {
            let mut numbers = numbers.lock().unwrap();
            if let Some((before, rest)) = call.path.split_once("/jobs/") {
                let number = rest.split('/').next().unwrap_or_default();
                if let Some(job) = numbers.1.get(number) {
                    call.path = format!("{before}/jobs/{job}/status");
                }
            }
            let answer = world.forward(&call);
            let mut value = answer.value();
            let name = ["jobId", "job_id"].into_iter().find(|name| value.get(name).is_some_and(|job| job != ""));
            let Some(name) = name.filter(|_| call.method == "POST" && answer.status == 200) else { return answer };
            numbers.0 += 1;
            let number = numbers.0.to_string();
            let job = value[name].as_str().unwrap().to_owned();
            value[name] = json!(number);
            numbers.1.insert(number, job);
            answer.with_value(&value)
        }),
    ));
    let changed: Mutex<BTreeMap<String, (std::time::Instant, Value)>> = Mutex::default();
    list.push((
        "a status is late",
        with_looks,
        Arc::new(move |world, call| {
            let at = graph(&call);
            let mut changed = changed.lock().unwrap();
            if call.method == "GET" {
                let answer = world.forward(&call);
                let late = changed.get(&at).filter(|(since, _)| since.elapsed() < Duration::from_millis(60));
                let mut value = answer.value();
                match late {
                    Some((_, status)) if value["graph"].get("status").is_some() => {
                        value["graph"]["status"] = status.clone();
                        return answer.with_value(&value);
                    }
                    _ => return answer,
                }
            }
            let before = get(world, &call, &format!("/{at}"))["graph"]["status"].clone();
            let answer = world.forward(&call);
            if answer.status == 200 {
                changed.insert(at, (std::time::Instant::now(), before));
            }
            answer
        }),
    ));
    list
}

#[test]
fn no_server_that_is_right_about_states_is_accused() {
    for by in [By::ProviderStates, By::Tour] {
        let right = right();
        assert!(right.len() >= 10);
        let accused = on_all_cores(&right, |(name, nature, fault)| {
            let found =
                block_on(async { failing(&serve_as(fault.clone(), *nature).await, by, Selection::default()).await });
            (found != (Vec::new(), Verdict::Passed)).then(|| format!("{by:?}, {name}: {found:?}"))
        });
        println!("{by:?}: {} of {} servers with right states passed", right.len() - accused.len(), right.len());
        assert!(accused.is_empty(), "{}", accused.join("\n"));
    }
}
