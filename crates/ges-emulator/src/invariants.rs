//! Invariants of the service, tested on random walks over its operations.
//!
//! Each walk can be repeated from its seed.

use crate::limits::Limits;
use crate::service::clock::Timestamp;
use crate::service::error::ServiceError;
use crate::service::graph::{BaseState, Edition, LONGEST_STOP, State};
use crate::service::job::Task;
use crate::service::query::Page;
use crate::service::records::Service;
use crate::service::setup::{InitialState, NewGraph};
use crate::service::state::ServiceState;
use crate::service::transitions::Transitions;
use crate::service::version::Version;
use crate::storage::pending::{Batch, Numbers, PendingChanges};
use crate::storage::snapshot::Snapshot;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

const PROJECT: &str = "p1";
const ALL: Page = Page { offset: 0, limit: usize::MAX };

/// Small steps of time: no state lasts less than one.
const STEP: Duration = Duration::from_secs(1);

struct Walk {
    transitions: Transitions,
    service: Service,
    now: Timestamp,
    graphs: Vec<String>,
    backups: Vec<String>,
    jobs: BTreeSet<String>,
    version: u32,
    luck: u64,
}

#[test]
fn a_failure_changes_nothing() {
    walk_all(|walk| {
        walk.catch_up();
        let before = walk.service.clone();
        if walk.call().is_err() {
            assert_eq!(walk.service, before);
        }
    });
}

#[test]
fn no_two_jobs_have_the_same_identifier() {
    walk_all(|walk| {
        if let Ok(Some(job)) = walk.call() {
            assert!(walk.jobs.insert(job.clone()), "{job} twice");
        }
    });
}

#[test]
fn states_change_as_documented() {
    walk_all(|walk| {
        let before = walk.states();
        // One event at a time: two could hide a state between them.
        match random(&mut walk.luck) % 3 {
            0 => walk.now = walk.now.plus(STEP),
            1 => walk.look(),
            _ => drop(walk.call()),
        }
        for (before, after) in before.into_iter().zip(walk.states()) {
            let documented = before == after || may_follow(before, after, walk.transitions);
            assert!(documented, "{before:?} then {after:?}");
        }
    });
}

#[test]
fn a_failed_job_has_no_effect() {
    walk_all(|walk| {
        walk.catch_up();
        let before = walk.versions();
        let Ok(Some(job)) = walk.call() else { return };
        // There is no other call until everything has ended, including the restart of a stopped graph.
        walk.now = walk.now.plus(Duration::from_secs(2 * 60 * 60));
        for _ in 0..12 {
            walk.look();
        }
        let all = walk.service.list_jobs(PROJECT, |_, _| true, ALL, walk.now).page;
        let ended = all.into_iter().find(|seen| seen.job.id.to_string() == job).unwrap().job;
        assert!(ended.end.is_some_and(|end| end.failure.is_some() == ended.is_to_fail), "{ended:?}");
        if ended.is_to_fail {
            assert_eq!(walk.versions(), before, "{ended:?}");
            let state = walk.state_of(&ended.graph.to_string());
            let expected = if matches!(ended.task, Task::Start { .. }) { State::Stopped } else { State::Running };
            assert_eq!(state, expected, "{ended:?}");
        }
    });
}

#[test]
fn no_graph_of_the_database_edition_ever_stops() {
    walk_all(|walk| {
        let _ = walk.call();
        let stopped = walk.service.clone().list_graphs(PROJECT, ALL, walk.now).page.into_iter().find(|seen| {
            let was_made_stopped = seen.graph.name == format!("{:?}", InitialState::Stopped);
            seen.graph.edition == Edition::Persistence && !was_made_stopped && seen.state == State::Stopped
        });
        assert!(stopped.is_none());
    });
}

#[test]
fn no_graph_is_stopped_for_more_than_seven_days() {
    walk_all(|walk| {
        let _ = walk.call();
        if one_in(20, &mut walk.luck) {
            walk.now = walk.now.plus(LONGEST_STOP);
        }
        let graphs = walk.service.clone().list_graphs(PROJECT, ALL, walk.now);
        for seen in graphs.page {
            let BaseState::Stopped { since } = seen.graph.base_state else { continue };
            let has_waited = walk.now.since(since) >= LONGEST_STOP;
            // It is on its way by then, or was brought back when it failed to start.
            assert!(!has_waited || seen.graph.job.is_some(), "{:?}", seen.graph);
        }
    });
}

#[test]
fn every_job_ends() {
    for (transitions, seed) in walks() {
        let mut walk = Walk::new(transitions, seed);
        for _ in 0..20 {
            let _ = walk.call();
        }
        // An import takes an hour, an upgrade may wait for a backup.
        walk.now = walk.now.plus(Duration::from_secs(2 * 60 * 60));
        for _ in 0..10 {
            walk.look();
        }
        let jobs = walk.service.list_jobs(PROJECT, |job, _| !job.has_ended(), ALL, walk.now);
        assert_eq!(jobs.total, 0, "{transitions} from seed {seed}");
    }
}

#[test]
fn the_same_calls_lead_to_the_same_state() {
    for (transitions, seed) in walks() {
        let [one, other] = [(); 2].map(|()| {
            let mut walk = Walk::new(transitions, seed);
            for _ in 0..50 {
                let _ = walk.call();
                walk.now = walk.now.plus(STEP);
            }
            walk.service
        });
        assert_eq!(one, other);
    }
}

#[test]
fn the_time_of_queries_does_not_matter() {
    // Not so with `manual:N`, whose whole point it is.
    for (transitions, seed) in walks().filter(|(one, _)| !matches!(one, Transitions::Manual(_))) {
        let [watched, unwatched] = [true, false].map(|watched| {
            let mut walk = Walk::new(transitions, seed);
            for _ in 0..50 {
                let _ = walk.call();
                for _ in 0..5 {
                    walk.now = walk.now.plus(STEP);
                    if watched {
                        walk.look();
                    }
                }
            }
            walk.catch_up();
            walk.service
        });
        assert_eq!(watched, unwatched, "{transitions} from seed {seed}");
    }
}

#[test]
fn the_written_batches_equal_the_state() {
    for (transitions, seed) in walks() {
        let mut walk = Walk::new(transitions, seed);
        let numbers = Numbers::of(&walk.service, 0);
        let mut pending = PendingChanges::none_since(&mut walk.service, numbers);
        let mut file = Written::new(Batch::of_everything(&walk.service, Numbers::of(&walk.service, 0)));
        for _ in 0..50 {
            // Several calls may share a flush.
            for _ in 0..=random(&mut walk.luck) % 3 {
                let _ = walk.call();
                if one_in(3, &mut walk.luck) {
                    walk.look();
                }
                pending.add(&walk.service, 0);
            }
            walk.now = walk.now.plus(STEP);
            file.write(pending.take(&mut walk.service));
            let resumed = Service::from_state(file.to_state(), transitions, &Limits::default());
            assert_eq!(resumed, walk.service, "{transitions} from seed {seed}");
        }
    }
}

#[test]
fn nothing_is_written_when_nothing_changed() {
    walk_all(|walk| {
        walk.catch_up();
        let numbers = Numbers::of(&walk.service, 0);
        let mut pending = PendingChanges::none_since(&mut walk.service, numbers);
        pending.add(&walk.service, 0);
        walk.look();
        let looks_count = matches!(walk.transitions, Transitions::Manual(_));
        assert!(looks_count || pending.add(&walk.service, 0).is_none());

        walk.catch_up();
        pending.add(&walk.service, 0);
        let before = walk.service.clone();
        let refused = walk.call().is_err();
        let change = pending.add(&walk.service, 0);
        assert_eq!(change.is_none(), refused);
        assert_eq!(change.is_none(), walk.service == before);
    });
}

#[test]
fn every_state_of_a_service_is_consistent() {
    walk_all(|walk| {
        let _ = walk.call();
        let none: [String; 0] = [];
        assert_eq!(walk.service.to_state().problems(), none);
    });
}

#[test]
fn a_snapshot_holds_everything() {
    walk_all(|walk| {
        let _ = walk.call();
        if !one_in(10, &mut walk.luck) {
            return;
        }
        let snapshot = serde_json::to_vec(&Snapshot::new(walk.service.to_state(), walk.now)).unwrap();
        let (state, now) = Snapshot::read(&snapshot).unwrap().into_parts();
        assert_eq!(now, walk.now);
        assert_eq!(Service::from_state(state, walk.transitions, &Limits::default()), walk.service);
    });
}

/// What a data file does, in memory: rows of text, found by their key.
struct Written {
    numbers: Numbers,
    graphs: BTreeMap<usize, String>,
    backups: BTreeMap<u128, String>,
    jobs: BTreeMap<u128, String>,
}

impl Written {
    fn new(first: Batch) -> Self {
        let numbers = first.numbers.clone();
        let mut new = Self { numbers, graphs: BTreeMap::new(), backups: BTreeMap::new(), jobs: BTreeMap::new() };
        new.write(first);
        new
    }

    fn write(&mut self, batch: Batch) {
        self.numbers = batch.numbers;
        for (at, graph) in batch.graphs {
            self.graphs.insert(at, text(&graph));
        }
        for (id, backup) in batch.backups {
            match backup {
                Some(backup) => self.backups.insert(id.number(), text(&backup)),
                None => self.backups.remove(&id.number()),
            };
        }
        for (id, job) in batch.jobs {
            match job {
                Some(job) => self.jobs.insert(id.number(), text(&job)),
                None => self.jobs.remove(&id.number()),
            };
        }
    }

    fn to_state(&self) -> ServiceState {
        fn records<Key, Record: DeserializeOwned>(rows: &BTreeMap<Key, String>) -> Vec<Record> {
            rows.values().map(|row| serde_json::from_str(row).unwrap()).collect()
        }
        let Numbers { ids, backups_made, .. } = self.numbers.clone();
        let (graphs, backups, jobs) = (records(&self.graphs), records(&self.backups), records(&self.jobs));
        ServiceState { ids, backups_made, graphs, backups, jobs }
    }
}

fn text(record: &impl Serialize) -> String {
    serde_json::to_string(record).unwrap()
}

fn walks() -> impl Iterator<Item = (Transitions, u64)> {
    let all = [
        Transitions::Immediate,
        // Fewer looks could not see all three parts of a restart.
        Transitions::Manual(3),
        Transitions::Manual(5),
        Transitions::Time(4 * STEP),
        Transitions::Time(7 * STEP),
    ];
    all.into_iter().flat_map(|transitions| (0..20).map(move |seed| (transitions, seed)))
}

/// Takes many steps on many walks.
fn walk_all(mut step: impl FnMut(&mut Walk)) {
    for (transitions, seed) in walks() {
        let mut walk = Walk::new(transitions, seed);
        for _ in 0..100 {
            step(&mut walk);
            if one_in(3, &mut walk.luck) {
                walk.now = walk.now.plus(STEP);
            }
        }
    }
}

/// The arrows between the states (reference: which action in which state).
fn may_follow(before: State, after: State, transitions: Transitions) -> bool {
    use State::*;
    match (before, after) {
        (Running, Stopping | Upgrading) => true,
        (Stopping, Stopped | Preparing) => true,
        (Stopped, Preparing) => true,
        (Preparing, Starting) => true,
        // Back, if it failed.
        (Starting, Running | Stopped) | (Stopping, Running) => true,
        (Upgrading, Running | RollingBack) | (RollingBack, Running) => true,
        (Importing | Exporting | Clearing, Running | Stopping) => true,
        // Without a duration, the states between are never visible.
        (Running, Stopped) | (Stopped, Running) => transitions == Transitions::Immediate,
        _ => false,
    }
}

impl Walk {
    fn new(transitions: Transitions, seed: u64) -> Self {
        let limits = Limits::default();
        let mut walk = Self {
            transitions,
            service: Service::new(seed, transitions, &limits),
            now: Timestamp::from_system(SystemTime::UNIX_EPOCH),
            graphs: Vec::new(),
            backups: vec![String::new()],
            jobs: BTreeSet::new(),
            version: 0,
            luck: seed,
        };
        for initial in InitialState::ALL {
            let new = NewGraph {
                id: None,
                project: PROJECT.to_owned(),
                name: format!("{initial:?}"),
                version: Version::of_new_graphs(),
                edition: if one_in(4, &mut walk.luck) { Edition::Persistence } else { Edition::InMemory },
                initial,
            };
            let graph = walk.service.add_graph(new, walk.now);
            walk.graphs.push(graph.to_string());
        }
        walk.graphs.push(walk.service.unused_graph_id().to_string());
        walk
    }

    /// A call to something, the identifier of its job if it has one. Some jobs are bound to fail.
    fn call(&mut self) -> Result<Option<String>, ServiceError> {
        let graph = one_of(&self.graphs, &mut self.luck);
        let backup = one_of(&self.backups, &mut self.luck);
        let now = self.now;
        let service = &mut self.service;
        let job = match random(&mut self.luck) % 8 {
            0 => service.start_graph(PROJECT, &graph, None, now)?,
            1 => service.start_graph(PROJECT, &graph, Some(&backup), now)?,
            2 => service.restart_graph(PROJECT, &graph, now)?,
            3 | 4 => service.stop_graph(PROJECT, &graph, now)?,
            5 => {
                self.version += 1;
                let target = Version::parse(&format!("1.1.{}", self.version)).unwrap();
                let force = one_in(2, &mut self.luck);
                service.upgrade_graph(PROJECT, &graph, &target, force, now)?
            }
            6 => {
                let (job, backup) = service.create_backup(PROJECT, &graph, now)?;
                self.backups.push(backup.to_string());
                job
            }
            _ => {
                service.delete_backup(PROJECT, &graph, &backup, now)?;
                return Ok(None);
            }
        };
        if one_in(5, &mut self.luck) {
            self.service.fail_job(job);
        }
        Ok(Some(job.to_string()))
    }

    /// The states of all graphs, found without disturbing them.
    fn states(&self) -> Vec<State> {
        let graphs = self.service.clone().list_graphs(PROJECT, ALL, self.now);
        graphs.page.into_iter().map(|seen| seen.state).collect()
    }

    fn state_of(&self, graph: &str) -> State {
        self.service.clone().show_graph(PROJECT, graph, self.now).unwrap().state
    }

    fn versions(&self) -> Vec<String> {
        let graphs = self.service.clone().list_graphs(PROJECT, ALL, self.now);
        graphs.page.into_iter().map(|seen| seen.graph.version.to_string()).collect()
    }

    fn look(&mut self) {
        self.service.list_graphs(PROJECT, ALL, self.now);
    }

    /// Whatever should have happened by now has happened. A list of no jobs looks at none of them.
    fn catch_up(&mut self) {
        self.service.list_jobs(PROJECT, |_, _| false, ALL, self.now);
    }
}

fn one_of(items: &[String], luck: &mut u64) -> String {
    items[(random(luck) % items.len() as u64) as usize].clone()
}

fn one_in(count: u64, luck: &mut u64) -> bool {
    random(luck).is_multiple_of(count)
}

/// SplitMix64.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
