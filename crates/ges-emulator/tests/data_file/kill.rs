//! Everything that was answered survives `kill -9`, and nothing is half done.
//!
//! Clients keep an emulator in a process of its own busy, which is killed at a random moment. Then
//! the file is opened again and compared with what was confirmed to the clients. `GES_EMULATOR_KILLS=200`
//! asks for more rounds than the few of an ordinary run.

use crate::folder::Folder;
use crate::load::{Client, Luck, reopen, state};
use ges_emulator::{Config, Emulator, ProviderState, Transitions, serve};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;

const CLIENTS: u64 = 4;
const FILE: &str = "GES_EMULATOR_TEST_FILE";
const TRANSITIONS: &str = "GES_EMULATOR_TEST_TRANSITIONS";

/// How jobs go in a round.
const MODES: [&str; 3] = ["immediate", "time:5ms", "manual:2"];

#[test]
fn answered_requests_survive_a_kill() {
    let rounds = env::var("GES_EMULATOR_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let folder = Folder::new();
    let path = folder.path("data");
    let mut luck = Luck(millis());
    println!("{rounds} rounds from {}", luck.0);
    let mut confirmed = Confirmed::default();
    let mut slowest = Duration::ZERO;
    for round in 0..rounds {
        let mode = MODES[round % MODES.len()];
        let (mut process, address) = emulator_process(&path, mode);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let luck = Luck(luck.below(u64::MAX) ^ client);
                thread::spawn(move || be_a_client(address, client == 0, luck))
            })
            .collect();
        thread::sleep(Duration::from_micros(luck.below(120_000)));
        // SIGKILL, where there are signals.
        process.kill().expect("a process");
        process.wait().expect("its end");
        for client in clients {
            confirmed.add(client.join().expect("a client"));
        }
        let began = Instant::now();
        let emulator = reopen(config("immediate"), &path).expect("the file of a killed emulator");
        slowest = slowest.max(began.elapsed());
        confirmed.check(&emulator, round);
    }
    let Confirmed { jobs, backups, deleted, .. } = &confirmed;
    println!(
        "{} jobs, {} backups and {} deletions were answered; opened in {slowest:?} at most",
        jobs.len(),
        backups.len(),
        deleted.len()
    );
}

#[test]
fn a_restore_is_complete_or_absent_after_a_kill() {
    let folder = Folder::new();
    let mut luck = Luck(millis());
    let other = Emulator::new(config("immediate"));
    // More than any other request may have in its body.
    for _ in 0..3000 {
        other.set_up(ProviderState::StoppedGraphWithBackup);
    }
    let (snapshot, after) = (other.snapshot(), state(&other));
    assert!(snapshot.len() > config("immediate").limits.body_bytes);
    for round in 0..5 {
        let path = folder.path(&format!("data-{round}"));
        let emulator = reopen(config("immediate"), &path).expect("a new file");
        for _ in 0..50 {
            emulator.set_up(ProviderState::ImportingGraph);
        }
        let before = state(&emulator);
        drop(emulator);

        let (mut process, address) = emulator_process(&path, "immediate");
        let snapshot = snapshot.clone();
        let client = thread::spawn(move || Client::connect(address)?.call("POST /_emulator/restore", &snapshot));
        thread::sleep(Duration::from_micros(luck.below(200_000)));
        process.kill().expect("a process");
        process.wait().expect("its end");
        let answered = client.join().expect("a client").is_ok();
        let found = state(&reopen(config("immediate"), &path).expect("the file of a killed emulator"));
        assert!(found == after || found == before && !answered, "round {round}, answered: {answered}");
    }
}

/// Not a question, but the process that is killed.
#[test]
#[ignore = "serves until it is killed"]
fn the_process_that_is_killed() {
    let Some(path) = env::var_os(FILE) else { return };
    let config = config(&env::var(TRANSITIONS).expect("how jobs go"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let emulator = reopen(config, path).expect("a data file");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("\nlistening on {}", listener.local_addr().expect("an address"));
        serve(listener, emulator, std::future::pending()).await;
    });
}

fn emulator_process(path: &Path, transitions: &str) -> (Child, SocketAddr) {
    let mut process = Command::new(env::current_exe().expect("this program"))
        .args(["--exact", "kill::the_process_that_is_killed", "--ignored", "--nocapture"])
        .env(FILE, path)
        .env(TRANSITIONS, transitions)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
    let address = lines.find_map(|line| line.expect("text").strip_prefix("listening on ")?.parse().ok());
    (process, address.expect("an address"))
}

fn config(transitions: &str) -> Config {
    let transitions: Transitions = transitions.parse().expect("transitions");
    Config { transitions, ..Config::default() }
}

fn millis() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as u64
}

/// One answer, or a request that was never answered.
#[derive(Debug)]
enum Event {
    Graph {
        graph: String,
    },
    Job {
        graph: String,
        job: String,
        task: &'static str,
    },
    Backup {
        graph: String,
        job: String,
        backup: String,
    },
    Deleted {
        backup: String,
    },
    ClockMoved,
    /// It may have taken effect or not.
    Unanswered {
        what: What,
    },
}

#[derive(Clone, Debug)]
enum What {
    Graph,
    Job { graph: String },
    Backup { graph: String },
    Delete { backup: String },
    Clock,
    Look,
}

const PROJECT: &str = "p";

/// Sends requests until there is no response. Every client has its own graphs.
fn be_a_client(address: SocketAddr, moves_the_clock: bool, mut luck: Luck) -> Vec<Event> {
    let mut events = Vec::new();
    let Ok(mut client) = Client::connect(address) else { return events };
    let (mut graphs, mut backups): (Vec<String>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    let mut version = 0;
    loop {
        let (what, line, body, task);
        let pick = luck.below(12);
        if graphs.len() < 2 {
            (what, task) = (What::Graph, "");
            (line, body) = ("POST /_emulator/graphs".to_owned(), json!({ "project_id": PROJECT }).to_string());
        } else if pick == 0 && moves_the_clock {
            (what, task) = (What::Clock, "");
            (line, body) = ("POST /_emulator/clock".to_owned(), r#"{"advance": "PT1S"}"#.to_owned());
        } else if pick < 3 && !backups.is_empty() {
            let (graph, backup) = backups.swap_remove(luck.below(backups.len() as u64) as usize);
            line = format!("DELETE /v2/{PROJECT}/graphs/{graph}/backups/{backup}");
            (what, body, task) = (What::Delete { backup }, String::new(), "");
        } else {
            let graph = graphs[luck.below(2) as usize].clone();
            let path = format!("/v2/{PROJECT}/graphs/{graph}");
            match pick {
                3..6 => {
                    line = format!("POST {path}/backups");
                    (what, body, task) = (What::Backup { graph }, String::new(), "back_up");
                }
                6 => {
                    line = format!("GET {path}");
                    (what, body, task) = (What::Look, String::new(), "");
                }
                7 => {
                    version += 1;
                    line = format!("POST {path}/upgrade");
                    body = json!({ "upgrade_version": format!("1.1.7.{version}") }).to_string();
                    (what, task) = (What::Job { graph }, "upgrade");
                }
                _ => {
                    task = ["stop", "start", "restart"][luck.below(3) as usize];
                    line = format!("POST {path}/{task}");
                    (what, body) = (What::Job { graph }, String::new());
                }
            }
        }
        let Ok((status, answer)) = client.call(&line, &body) else {
            events.push(Event::Unanswered { what });
            return events;
        };
        assert!(status < 500, "{line}: {answer}");
        let id = |name: &str| answer[name].as_str().map(str::to_owned).expect("an identifier");
        if status != 200 {
            // A refusal changes nothing. A backup under way cannot be deleted, but later it can.
            continue;
        }
        events.push(match what {
            What::Graph => {
                graphs.push(id("graph_id"));
                Event::Graph { graph: id("graph_id") }
            }
            What::Job { graph } => Event::Job { graph, job: id("job_id"), task },
            What::Backup { graph } => {
                backups.push((graph.clone(), id("backup_id")));
                Event::Backup { graph, job: id("job_id"), backup: id("backup_id") }
            }
            What::Delete { backup } => Event::Deleted { backup },
            What::Clock => Event::ClockMoved,
            What::Look => continue,
        });
    }
}

/// What was confirmed to all clients in all rounds.
#[derive(Default)]
struct Confirmed {
    graphs: BTreeSet<String>,
    /// The graph and the task of a job.
    jobs: BTreeMap<String, (String, &'static str)>,
    /// The graph and the job of a backup.
    backups: BTreeMap<String, (String, String)>,
    deleted: BTreeSet<String>,
    /// Requests for these were not answered; each may have had its effect once.
    graphs_unconfirmed: usize,
    jobs_unconfirmed: BTreeMap<String, usize>,
    backups_unconfirmed: BTreeMap<String, usize>,
    deleted_unconfirmed: BTreeSet<String>,
    seconds: u64,
    seconds_unconfirmed: u64,
}

impl Confirmed {
    fn add(&mut self, events: Vec<Event>) {
        for event in events {
            let new = match event {
                Event::Graph { graph } => self.graphs.insert(graph),
                Event::Job { graph, job, task } => self.jobs.insert(job, (graph, task)).is_none(),
                Event::Backup { graph, job, backup } => {
                    let new = self.jobs.insert(job.clone(), (graph.clone(), "back_up")).is_none();
                    self.backups.insert(backup, (graph, job)).is_none() && new
                }
                Event::Deleted { backup } => self.deleted.insert(backup),
                Event::ClockMoved => {
                    self.seconds += 1;
                    true
                }
                Event::Unanswered { what } => {
                    self.add_unconfirmed(what);
                    true
                }
            };
            assert!(new, "an identifier was issued twice");
        }
    }

    fn add_unconfirmed(&mut self, what: What) {
        match what {
            What::Graph => self.graphs_unconfirmed += 1,
            What::Job { graph } => *self.jobs_unconfirmed.entry(graph).or_default() += 1,
            What::Backup { graph } => *self.backups_unconfirmed.entry(graph).or_default() += 1,
            What::Delete { backup } => drop(self.deleted_unconfirmed.insert(backup)),
            What::Clock => self.seconds_unconfirmed += 1,
            What::Look => {}
        }
    }

    /// Everything that was confirmed exists, and nothing that was not requested. That no record
    /// contradicts another was checked when the file was opened.
    fn check(&self, emulator: &Emulator, round: usize) {
        let now = millis();
        let snapshot: Value = serde_json::from_str(&emulator.snapshot()).expect("JSON");
        let records = |name: &str| snapshot[name].as_array().expect("records").iter();
        let text = |value: &Value| value.as_str().expect("text").to_owned();

        let graphs: BTreeSet<_> = records("graphs").map(|graph| text(&graph["id"])).collect();
        assert!(graphs.is_superset(&self.graphs), "round {round}: graphs are lost");
        assert!(
            graphs.len() <= self.graphs.len() + self.graphs_unconfirmed,
            "round {round}: graphs that were not requested"
        );

        let jobs: BTreeMap<_, _> = records("jobs").map(|job| (text(&job["id"]), job)).collect();
        for (id, (graph, task)) in &self.jobs {
            let job = jobs.get(id).unwrap_or_else(|| panic!("round {round}: job {id} is lost"));
            assert_eq!(job["graph_id"].as_str(), Some(&**graph), "round {round}: job {id}");
            assert_eq!(name_of(&job["task"]), *task, "round {round}: job {id}");
        }
        let untold = jobs.iter().filter(|(id, _)| !self.jobs.contains_key(*id));
        let mut backups_untold: BTreeMap<String, usize> = BTreeMap::new();
        let mut jobs_untold: BTreeMap<String, usize> = BTreeMap::new();
        for (_, job) in untold {
            let kind = if name_of(&job["task"]) == "back_up" { &mut backups_untold } else { &mut jobs_untold };
            *kind.entry(text(&job["graph_id"])).or_default() += 1;
        }
        assert_at_most(&jobs_untold, &self.jobs_unconfirmed, "jobs", round);
        assert_at_most(&backups_untold, &self.backups_unconfirmed, "backups", round);

        let backups: BTreeMap<_, _> = records("backups").map(|backup| (text(&backup["id"]), backup)).collect();
        for (id, (graph, job)) in &self.backups {
            let Some(backup) = backups.get(id) else {
                let deleted = self.deleted.contains(id) || self.deleted_unconfirmed.contains(id);
                assert!(deleted, "round {round}: backup {id} is lost");
                continue;
            };
            assert!(!self.deleted.contains(id), "round {round}: backup {id} is there again");
            assert_eq!(backup["graph_id"].as_str(), Some(&**graph), "round {round}: backup {id}");
            assert_eq!(jobs[job]["task"]["back_up"]["backup_id"].as_str(), Some(&**id), "round {round}: job {job}");
        }
        for (id, backup) in backups.iter().filter(|(id, _)| !self.backups.contains_key(*id)) {
            let made = |job: &&Value| job["task"]["back_up"]["backup_id"] == **id;
            assert!(jobs.values().any(made), "round {round}: {backup} is there without its job");
        }

        // The emulator's clock cannot have been asked later than now, nor run slower than the system's.
        let ahead = snapshot["now"].as_u64().expect("a time").saturating_sub(now) / 1000;
        let most = self.seconds + self.seconds_unconfirmed + 5;
        assert!((self.seconds..=most).contains(&ahead), "round {round}: {ahead} s is not {} s", self.seconds);
    }
}

/// `"stop"`, or the one member of `{"upgrade": …}`.
fn name_of(task: &Value) -> &str {
    let member = || task.as_object().and_then(|members| members.keys().next().map(String::as_str));
    task.as_str().or_else(member).expect("a task")
}

#[track_caller]
fn assert_at_most(found: &BTreeMap<String, usize>, most: &BTreeMap<String, usize>, what: &str, round: usize) {
    for (graph, count) in found {
        assert!(
            Some(count) <= most.get(graph),
            "round {round}: {count} {what} of graph {graph} that were not requested"
        );
    }
}
