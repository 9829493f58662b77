//! The clients: each has a graph of its own, and remembers what it was told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ges_client::credentials::Token;
use ges_client::{Client, Error, Retries, types};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::Outcome;
use crate::processes::{Emulator, PROJECT, TOKEN};

/// Clients of `ges-client`, of which every second one calls through `ges observe`, and of `ges`.
const CLIENTS: usize = 32;
const COMMANDS: usize = 2;
/// The backups of a graph, of which the oldest is deleted then.
const BACKUPS: usize = 5;

/// All clients, and what they share.
pub(crate) struct Fleet {
    ges: PathBuf,
    endpoint: String,
    direct: Client,
    observed: Client,
    graphs: Mutex<Vec<String>>,
    memories: Vec<Mutex<Memory>>,
    latencies: Mutex<Vec<f64>>,
    counts: Mutex<BTreeMap<&'static str, u64>>,
    problems: Mutex<Vec<String>>,
    is_paused: AtomicBool,
    running: AtomicU64,
    pub(crate) checked: AtomicU64,
}

/// What a client was told of its graph.
#[derive(Default)]
struct Memory {
    /// Acknowledged and not deleted, the oldest first.
    backups: Vec<String>,
    /// Those of which the deletion was acknowledged.
    deleted: BTreeSet<String>,
    /// Those that may be deleted by a call whose answer was lost.
    perhaps_deleted: BTreeSet<String>,
    /// Backups that may have been made by calls whose answers were lost.
    perhaps_made: usize,
    /// The latest acknowledged job.
    job: Option<(String, Instant)>,
}

/// The time for which a job is kept for certain: there are fewer calls in it than jobs that are kept.
const JOB_IS_KEPT: Duration = Duration::from_secs(2);

impl Fleet {
    pub(crate) fn new(ges: &Path, direct: &str, observed: &str) -> Outcome<Self> {
        let client = |endpoint: &str| {
            let builder = Client::builder().endpoint(endpoint).project_id(PROJECT).credentials(Token::new(TOKEN)?);
            builder.retries(Retries::default().first_pause(Duration::from_millis(5))).build()
        };
        Ok(Self {
            ges: ges.to_owned(),
            endpoint: direct.to_owned(),
            direct: client(direct)?,
            observed: client(observed)?,
            graphs: Mutex::default(),
            memories: (0..CLIENTS + COMMANDS).map(|_| Mutex::default()).collect(),
            latencies: Mutex::default(),
            counts: Mutex::default(),
            problems: Mutex::default(),
            is_paused: AtomicBool::new(false),
            running: AtomicU64::new(0),
            checked: AtomicU64::new(0),
        })
    }

    /// One for each client, and one for the suite.
    pub(crate) fn make_graphs(&self, emulator: &Emulator) -> Outcome<()> {
        for _ in 0..=CLIENTS + COMMANDS {
            let made: Value = serde_json::from_str(&emulator.control("graphs", "{}")?)?;
            let id = made["graph_id"].as_str().ok_or("a graph without an id")?.to_owned();
            locked(&self.graphs).push(id);
        }
        Ok(())
    }

    /// Calls of the clients fail; those of the suite do not.
    pub(crate) fn add_faults(&self, emulator: &Emulator) -> Outcome<()> {
        for at in 0..CLIENTS + COMMANDS {
            let graph = self.graph(at);
            for fault in [
                r#""status":503,"rate":0.02"#,
                r#""status":503,"rate":0.02,"when":"after""#,
                r#""status":429,"retry_after":0,"rate":0.02"#,
                r#""connection":"reset","rate":0.01,"when":"after""#,
                r#""connection":"truncate","rate":0.01,"when":"after""#,
                r#""latency_ms":20,"rate":0.02"#,
                r#""job_fails":true,"rate":0.05"#,
            ] {
                emulator.control("faults", &format!(r#"{{"graph_id":"{graph}",{fault}}}"#))?;
            }
        }
        Ok(())
    }

    pub(crate) fn graph_of_suite(&self) -> String {
        self.graph(CLIENTS + COMMANDS)
    }

    /// Deletes the backups that the suite made: no page has an operation for it, so it does not itself.
    pub(crate) async fn tidy_after_suite(&self, emulator: &Emulator) -> Outcome<()> {
        let client = Client::new(&emulator.url(), PROJECT, TOKEN)?;
        let graph = self.graph_of_suite();
        for backup in client.list_graph_backups(&*graph).all().collect().await? {
            client.delete_backup(&*graph, backup.id.unwrap_or_default()).send().await?;
        }
        Ok(())
    }

    fn graph(&self, at: usize) -> String {
        locked(&self.graphs).get(at).cloned().unwrap_or_default()
    }

    /// Starts all clients, which end at this time.
    pub(crate) fn start(self: &Arc<Self>, seed: u64, ends: Instant) -> Vec<JoinHandle<()>> {
        let client = |at: usize| {
            let (fleet, mut luck) = (Arc::clone(self), Luck(seed ^ (at as u64) << 32));
            tokio::spawn(async move {
                while Instant::now() < ends {
                    tokio::time::sleep(Duration::from_millis(20 + luck.below(100))).await;
                    if fleet.is_paused.load(Ordering::SeqCst) {
                        continue;
                    }
                    fleet.running.fetch_add(1, Ordering::SeqCst);
                    if at < CLIENTS {
                        fleet.call(at, luck.below(10)).await;
                    } else {
                        fleet.command(at, luck.below(4)).await;
                    }
                    fleet.running.fetch_sub(1, Ordering::SeqCst);
                }
            })
        };
        (0..CLIENTS + COMMANDS).map(client).collect()
    }

    /// No client begins a call; those that are under way are not waited for.
    pub(crate) fn pause(&self) {
        self.is_paused.store(true, Ordering::SeqCst);
    }

    pub(crate) fn resume(&self) {
        self.is_paused.store(false, Ordering::SeqCst);
    }

    /// One call of `ges-client`.
    async fn call(&self, at: usize, kind: u64) {
        let client = if at.is_multiple_of(2) { &self.direct } else { &self.observed };
        let graph = self.graph(at);
        let began = Instant::now();
        let (what, outcome) = match kind {
            0 | 1 => ("backup", self.back_up(client, at, &graph).await),
            2 => ("delete", self.delete(client, at, &graph).await),
            3 => {
                let stopped = client.stop_graph(&*graph).send().await;
                ("stop", stopped.map(|reply| self.began_job(at, reply.into_inner().job_id)))
            }
            4 | 5 => {
                let started = client.start_graph(&*graph).send().await;
                ("start", started.map(|reply| self.began_job(at, reply.into_inner().job_id)))
            }
            6 => {
                let restarted = client.restart_graph(&*graph).send().await;
                ("restart", restarted.map(|reply| self.began_job(at, reply.into_inner().job_id)))
            }
            7 => {
                let found = client.list_graph_backups(&*graph).all().collect().await;
                let ids = |backups: Vec<types::Backup>| backups.into_iter().filter_map(|backup| backup.id).collect();
                ("list", found.map(|backups| self.compare(at, &ids(backups))))
            }
            _ => ("show", client.show_graph(&*graph).send().await.map(drop)),
        };
        locked(&self.latencies).push(began.elapsed().as_secs_f64() * 1000.0);
        self.count(what);
        match outcome {
            Ok(()) => {}
            Err(error) if error.may_have_taken_effect() => self.count("lost"),
            // Each is documented, a fault, or a connection that ended with the emulator.
            Err(error) if error.is_connection() || matches!(error.status(), None | Some(400..=599)) => {
                self.count("refused");
            }
            Err(error) => locked(&self.problems).push(format!("{what}: {error}")),
        }
    }

    async fn back_up(&self, client: &Client, at: usize, graph: &str) -> Result<(), Error> {
        // Before, because the emulator may be killed and checked meanwhile.
        locked(&self.memories[at]).perhaps_made += 1;
        let made = client.create_backup(graph).send().await;
        let mut memory = locked(&self.memories[at]);
        match made {
            Ok(reply) => {
                let reply = reply.into_inner();
                memory.perhaps_made -= 1;
                memory.backups.extend(reply.backup_id);
                memory.job = reply.job_id.map(|job| (job, Instant::now()));
                Ok(())
            }
            Err(error) => {
                memory.perhaps_made -= usize::from(!error.may_have_taken_effect());
                Err(error)
            }
        }
    }

    async fn delete(&self, client: &Client, at: usize, graph: &str) -> Result<(), Error> {
        let oldest = {
            let mut memory = locked(&self.memories[at]);
            if memory.backups.len() <= BACKUPS {
                return Ok(());
            }
            let oldest = memory.backups.remove(0);
            memory.perhaps_deleted.insert(oldest.clone());
            oldest
        };
        let deleted = client.delete_backup(graph, &*oldest).send().await;
        let mut memory = locked(&self.memories[at]);
        match deleted {
            Ok(_) => {
                memory.perhaps_deleted.remove(&oldest);
                memory.deleted.insert(oldest);
                Ok(())
            }
            Err(error) => {
                if !error.may_have_taken_effect() && !error.is_not_found() {
                    memory.perhaps_deleted.remove(&oldest);
                    memory.backups.push(oldest);
                }
                Err(error)
            }
        }
    }

    fn began_job(&self, at: usize, job: Option<String>) {
        locked(&self.memories[at]).job = job.map(|job| (job, Instant::now()));
    }

    /// One call of the command `ges`, whose exit status says what it knows.
    async fn command(&self, at: usize, kind: u64) {
        let graph = self.graph(at);
        let oldest = {
            let Memory { backups, perhaps_deleted, .. } = &mut *locked(&self.memories[at]);
            let oldest = (backups.len() > BACKUPS).then(|| backups.remove(0));
            perhaps_deleted.extend(oldest.clone());
            oldest
        };
        let (kind, arguments): (_, &[&str]) = match (&oldest, kind) {
            (Some(oldest), _) => (4, &["delete", "backup", "--yes", "--backup-id", oldest, "--graph-id", &graph]),
            (None, 0) => (0, &["backup", "--output", "json", "--graph-id", &graph]),
            (None, 1) => (1, &["restart", "--yes", "--output", "json", "--graph-id", &graph]),
            (None, 2) => (2, &["show", "graph", "--output", "json", "--graph-id", &graph]),
            (None, _) => (3, &["list", "backups", "--output", "json", "--graph-id", &graph]),
        };
        let mut ges = tokio::process::Command::new(&self.ges);
        ges.args(arguments).args(["--endpoint", &self.endpoint, "--project-id", PROJECT, "--token", TOKEN]);
        locked(&self.memories[at]).perhaps_made += usize::from(kind == 0);
        let output = match ges.stdin(Stdio::null()).output().await {
            Ok(output) => output,
            Err(error) => return locked(&self.problems).push(format!("ges: {error}")),
        };
        self.count("ges");
        let mut memory = locked(&self.memories[at]);
        match output.status.code() {
            Some(0) if kind == 0 => {
                let reply: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
                memory.perhaps_made -= 1;
                memory.backups.extend(reply["backup_id"].as_str().map(str::to_owned));
            }
            Some(0) if kind == 3 => {
                drop(memory);
                let reply: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
                let backups = reply["backup_list"].as_array().into_iter().flatten();
                self.compare(at, &backups.filter_map(|backup| backup["id"].as_str().map(str::to_owned)).collect());
            }
            Some(0) if kind == 4 => {
                memory.perhaps_deleted.clear();
                memory.deleted.extend(oldest);
            }
            // "nothing changed"
            Some(1 | 3) => memory.perhaps_made -= usize::from(kind == 0),
            Some(0 | 5) => {}
            _ => {
                let text = String::from_utf8_lossy(&output.stderr);
                locked(&self.problems).push(format!("ges {arguments:?} ended with {}: {text}", output.status));
            }
        }
    }

    /// What was acknowledged and is not there, or is there against what was acknowledged.
    pub(crate) async fn check(&self, emulator: &Emulator) -> Outcome<Vec<String>> {
        // Calls that were under way have ended: their connections broke.
        let patience = Instant::now() + Duration::from_secs(60);
        while self.running.load(Ordering::SeqCst) > 0 && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let client = Client::new(&emulator.url(), PROJECT, TOKEN)?;
        let mut problems = Vec::new();
        for at in 0..CLIENTS + COMMANDS {
            let graph = self.graph(at);
            let found = client.list_graph_backups(&*graph).all().collect().await?;
            let found: BTreeSet<String> = found.into_iter().filter_map(|backup| backup.id).collect();
            let job = locked(&self.memories[at]).job.clone();
            if let Some((job, when)) = job
                && when.elapsed() < JOB_IS_KEPT
                && let Err(error) = client.show_job(&*graph, &*job).send().await
            {
                problems.push(format!("the job {job} was acknowledged: {error}"));
            }
            self.checked.fetch_add(locked(&self.memories[at]).backups.len() as u64, Ordering::Relaxed);
            self.compare(at, &found);
        }
        problems.append(&mut locked(&self.problems));
        Ok(problems)
    }

    /// Compares the backups of a graph with what its client was told. No call for this graph is under way.
    fn compare(&self, at: usize, found: &BTreeSet<String>) {
        let Memory { backups, deleted, perhaps_deleted, perhaps_made, .. } = &mut *locked(&self.memories[at]);
        let mut problems = locked(&self.problems);
        let lost = backups.iter().filter(|id| !found.contains(*id));
        problems.extend(lost.map(|id| format!("the backup {id} was acknowledged and is lost")));
        let back = deleted.iter().filter(|id| found.contains(*id));
        problems.extend(back.map(|id| format!("the deletion of the backup {id} was acknowledged and is undone")));
        let is_known = |id: &&String| backups.contains(id) || deleted.contains(*id) || perhaps_deleted.contains(*id);
        let others: Vec<String> = found.iter().filter(|id| !is_known(id)).cloned().collect();
        if others.len() > *perhaps_made {
            let there = others.len();
            problems.push(format!("{there} backups that nobody was told of, and {perhaps_made} answers were lost"));
        }
        *perhaps_made = perhaps_made.saturating_sub(others.len());
        backups.retain(|id| found.contains(id));
        backups.extend(others);
        let back = std::mem::take(perhaps_deleted).into_iter().chain(std::mem::take(deleted));
        backups.extend(back.filter(|id| found.contains(id)));
    }

    pub(crate) fn take_latencies(&self) -> Vec<f64> {
        std::mem::take(&mut *locked(&self.latencies))
    }

    fn count(&self, what: &'static str) {
        *locked(&self.counts).entry(what).or_default() += 1;
    }

    pub(crate) fn counts(&self) -> String {
        locked(&self.counts).iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// SplitMix64.
struct Luck(u64);

impl Luck {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOWHERE: &str = "http://127.0.0.1:1";

    /// What is found where a client was told of `backups` and of deletions, and some of its answers were lost.
    #[track_caller]
    fn check(backups: &[&str], deleted: &[&str], perhaps: (usize, &[&str]), found: &[&str], problems: &[&str]) {
        let texts = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let fleet = Fleet::new(Path::new("ges"), NOWHERE, NOWHERE).expect("clients");
        *locked(&fleet.memories[0]) = Memory {
            backups: texts(backups),
            deleted: texts(deleted).into_iter().collect(),
            perhaps_deleted: texts(perhaps.1).into_iter().collect(),
            perhaps_made: perhaps.0,
            job: None,
        };
        fleet.compare(0, &texts(found).into_iter().collect());
        let said = locked(&fleet.problems).join("; ");
        assert_eq!(locked(&fleet.problems).len(), problems.len(), "{said}");
        problems.iter().for_each(|part| assert!(said.contains(part), "{part}: {said}"));
        // Whatever it was, it is known from now on, and said once.
        locked(&fleet.problems).clear();
        fleet.compare(0, &texts(found).into_iter().collect());
        assert_eq!(locked(&fleet.problems).len(), 0);
    }

    #[test]
    fn what_was_acknowledged_has_to_be_there_and_what_was_lost_may_be() {
        let none: &[&str] = &[];
        check(&["a", "b"], none, (0, none), &["a", "b"], &[]);
        check(&["a", "b"], none, (0, none), &["a"], &["the backup b was acknowledged and is lost"]);
        check(none, &["a"], (0, none), none, &[]);
        check(none, &["a"], (0, none), &["a"], &["the deletion of the backup a was acknowledged and is undone"]);
        // A lost answer: either, once.
        check(&["a"], none, (1, none), &["a"], &[]);
        check(&["a"], none, (1, none), &["a", "x"], &[]);
        check(&["a"], none, (1, none), &["a", "x", "y"], &["2 backups that nobody was told of, and 1 answers"]);
        check(none, none, (0, none), &["x"], &["1 backups that nobody was told of, and 0 answers"]);
        check(none, none, (0, &["a"]), &["a"], &[]);
        check(none, none, (0, &["a"]), none, &[]);
        check(&["b"], none, (0, &["a"]), none, &["the backup b was acknowledged"]);
    }
}
