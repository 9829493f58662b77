//! What was answered is in the data file after a crash of the machine, at any moment and whatever the disk made of the writes
//! that were not synced: none, some or all of them, in parts, in another order.
//!
//! The disk is simulated, so a schedule is repeated by its seed and the number of the call to the disk at which the power
//! fails. `GES_EMULATOR_CRASHES=5000` asks for more schedules than the sixty of an ordinary run (and a thousand or more for a
//! crash at every call), `GES_EMULATOR_CRASH_SEED` for those of a seed.

use crate::config::Config;
use crate::instance::Instance;
use crate::router;
use crate::service::transitions::Transitions;
use crate::state::State;
use crate::storage::pending::Batch;
use crate::storage::store::{Found, Store};
use bytes::Bytes;
use http::Request;
use redb::StorageBackend;
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a disk writes completely or not at all.
const SECTOR: usize = 512;

/// A disk in memory whose power fails at a given call.
#[derive(Clone, Debug)]
struct Disk(Arc<Mutex<Contents>>);

#[derive(Debug)]
struct Contents {
    /// As the running process sees it.
    now: Vec<u8>,
    /// What is there for certain after a crash.
    synced: Vec<u8>,
    /// What may be there.
    since: Vec<Change>,
    calls: u64,
    fails_at: u64,
    /// Whether it says that it has synced, and has not.
    lies: bool,
}

#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Length(usize),
}

impl Disk {
    fn new(image: Vec<u8>, fails_at: u64, lies: bool) -> Self {
        let contents = Contents { now: image.clone(), synced: image, since: Vec::new(), calls: 0, fails_at, lies };
        Self(Arc::new(Mutex::new(contents)))
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call that may be the last. What it was to change may be changed nevertheless.
    fn change(&self, change: Option<Change>) -> Result<(), Error> {
        let contents = &mut *self.contents();
        if contents.has_failed() {
            return Err(no_power());
        }
        contents.calls += 1;
        if let Some(change) = change {
            change.apply(&mut contents.now, |_| true);
            contents.since.push(change);
        }
        if contents.has_failed() {
            return Err(no_power());
        }
        Ok(())
    }

    /// What is on the disk when the power is back.
    fn after_crash(&self, luck: &mut Luck) -> Vec<u8> {
        let contents = self.contents();
        let mut image = contents.synced.clone();
        let mut changes = contents.since.clone();
        let kind = luck.below(6);
        match kind {
            // None of them.
            0 => changes.clear(),
            // The first of them.
            1 => changes.truncate(luck.below(changes.len() as u64 + 1) as usize),
            // Any of them.
            2..=4 => changes.retain(|_| luck.below(3) > 0),
            // All of them.
            _ => {}
        }
        if kind == 3 {
            for at in (1..changes.len()).rev() {
                changes.swap(at, luck.below(at as u64 + 1) as usize);
            }
        }
        for change in changes {
            change.apply(&mut image, |_| kind < 4 || luck.below(2) == 0);
        }
        image
    }
}

impl Contents {
    fn has_failed(&self) -> bool {
        self.calls >= self.fails_at
    }
}

impl Change {
    /// Changes those sectors that `is_written` says.
    fn apply(&self, image: &mut Vec<u8>, mut is_written: impl FnMut(usize) -> bool) {
        match self {
            Self::Length(length) => image.resize(*length, 0),
            Self::Write { at, bytes } => {
                image.resize(image.len().max(at + bytes.len()), 0);
                for (number, sector) in bytes.chunks(SECTOR).enumerate() {
                    let at = at + number * SECTOR;
                    if is_written(number) {
                        image[at..at + sector.len()].copy_from_slice(sector);
                    }
                }
            }
        }
    }
}

fn no_power() -> Error {
    Error::other("the power has failed")
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.contents().now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let contents = self.contents();
        if contents.has_failed() {
            return Err(no_power());
        }
        let from = offset as usize;
        let found = contents.now.get(from..from + out.len()).ok_or(ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), Error> {
        self.change(Some(Change::Length(len as usize)))
    }

    fn sync_data(&self) -> Result<(), Error> {
        self.change(None)?;
        let contents = &mut *self.contents();
        if !contents.lies {
            contents.synced.clone_from(&contents.now);
            contents.since.clear();
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        self.change(Some(Change::Write { at: offset as usize, bytes: data.to_vec() }))
    }
}

/// What is wrong, if something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Nothing,
    /// The disk says that it has synced, and has not.
    Disk,
    /// Clients have their answers before the changes are written.
    Answers,
}

/// What clients were told, and what the file has to have.
#[derive(Default)]
struct Promised {
    /// Everything that was answered.
    state: Option<Found>,
    /// What is being written, which may be there completely.
    next: Option<Found>,
}

/// Several lives of one data file, each of which ends in a crash.
struct Schedule {
    luck: Luck,
    transitions: Transitions,
    wrong: Wrong,
    image: Vec<u8>,
    promised: Promised,
}

impl Schedule {
    fn new(seed: u64, wrong: Wrong) -> Self {
        let mut luck = Luck(seed);
        let all = [Transitions::Immediate, Transitions::Manual(2), Transitions::Time(Duration::from_secs(3600))];
        let transitions = all[luck.below(3) as usize];
        Self { luck, transitions, wrong, image: Vec::new(), promised: Promised::default() }
    }

    /// One life, to its end or to a crash. Returns how often the disk was called.
    fn live(&mut self, fails_at: u64) -> Result<u64, String> {
        let disk = Disk::new(std::mem::take(&mut self.image), fails_at, self.wrong == Wrong::Disk);
        // A process that loses its disk may panic, but not before.
        self.run(&disk)?;
        let calls = disk.contents().calls;
        self.image = disk.after_crash(&mut self.luck);
        if self.promised.state.is_none() {
            // A file that was not completed has no name: the next life makes a new one.
            self.image.clear();
        }
        Ok(calls)
    }

    fn run(&mut self, disk: &Disk) -> Result<(), String> {
        let config = Config { transitions: self.transitions, ..Config::default() };
        let (instance, mut write) = if disk.contents().now.is_empty() {
            let first = State::new(&config).batch();
            let Ok(store) = Store::create_on(disk.clone(), 7, &first) else { return Ok(()) };
            self.promised.state = Some(found_in(first));
            Instance::by_hand(config, store, None)
        } else {
            let bytes = disk.contents().now.clone();
            let (store, found) = match Store::resume_on(bytes, disk.clone()) {
                Ok(opened) => opened,
                Err(_) if disk.contents().has_failed() => return Ok(()),
                Err(error) => return Err(error.to_string()),
            };
            let in_order = ordered(Found { state: found.state.clone(), ..found });
            self.check(&in_order)?;
            self.promised = Promised { state: Some(in_order), next: None };
            Instance::by_hand(config, store, Some(found))
        };
        for _ in 0..4 {
            self.burst(&instance, &mut write);
            if disk.contents().has_failed() {
                break;
            }
        }
        drop(write);
        Ok(())
    }

    /// Several calls whose changes are written together.
    fn burst(&mut self, instance: &Instance, write: &mut impl FnMut()) {
        let mut changes = Vec::new();
        for _ in 0..=self.luck.below(4) {
            let (line, body) = self.call(instance);
            let (method, target) = line.split_once(' ').unwrap();
            let request = Request::builder().method(method).uri(target).header("X-Auth-Token", "t");
            changes.push(router::answer(request.body(Bytes::from(body)).unwrap(), instance).1);
        }
        let next = found_in(instance.lock().batch());
        if self.wrong == Wrong::Answers {
            self.promised.state = Some(next);
            return write();
        }
        self.promised.next = Some(next);
        write();
        if changes.into_iter().any(|change| instance.written_blocking(change).is_ok()) {
            self.promised.state = self.promised.next.take();
        }
    }

    /// A random call, of those that change something.
    fn call(&mut self, instance: &Instance) -> (String, String) {
        let state = instance.lock().service.to_state();
        let project = &instance.config.project_id;
        let Some(graph) = state.graphs.get(self.luck.below(state.graphs.len().max(1) as u64) as usize) else {
            return ("POST /_emulator/graphs".to_owned(), "{}".to_owned());
        };
        let path = format!("/v2/{project}/graphs/{}", graph.id);
        let line = match self.luck.below(12) {
            0 => return ("POST /_emulator/graphs".to_owned(), r#"{"status":"stopped"}"#.to_owned()),
            1 => return ("POST /_emulator/clock".to_owned(), r#"{"advance":"PT40M"}"#.to_owned()),
            2 => return ("POST /_emulator/clock".to_owned(), r#"{"advance":"P7D"}"#.to_owned()),
            3 if !state.backups.is_empty() => {
                let backup = &state.backups[self.luck.below(state.backups.len() as u64) as usize];
                format!("DELETE /v2/{project}/graphs/{}/backups/{}", backup.graph, backup.id)
            }
            // A whole new state, larger than one page of the file.
            4 if self.luck.below(4) == 0 => return ("POST /_emulator/reset".to_owned(), String::new()),
            3 | 4 => {
                return ("POST /_emulator/provider-states".to_owned(), provider_state("a stopped graph with a backup"));
            }
            5 | 6 => format!("POST {path}/backups"),
            7 => format!("POST {path}/stop"),
            8 => format!("POST {path}/start"),
            9 => format!("POST {path}/restart"),
            // A query, which may end a job.
            10 => format!("GET {path}"),
            _ => return ("POST /_emulator/provider-states".to_owned(), provider_state("an importing graph")),
        };
        (line, String::new())
    }

    /// Everything that was answered is there, and nothing is half done.
    fn check(&self, found: &Found) -> Result<(), String> {
        let Promised { state, next } = &self.promised;
        if [state, next].into_iter().flatten().any(|allowed| allowed == found) {
            return Ok(());
        }
        let jobs = |state: &Option<Found>| state.as_ref().map_or(0, |state| state.state.jobs.len());
        let (answered, there) = (jobs(state), found.state.jobs.len());
        Err(format!(
            "expected the state that was answered ({answered} jobs) or the next one, found another ({there} jobs)"
        ))
    }
}

fn provider_state(name: &str) -> String {
    format!(r#"{{"state":"{name}","action":"setup","params":{{}}}}"#)
}

fn found_in(batch: Batch) -> Found {
    let clock_ahead_ms = batch.numbers.clock_ahead_ms;
    let state = crate::service::state::ServiceState {
        ids: batch.numbers.ids,
        backups_made: batch.numbers.backups_made,
        graphs: batch.graphs.into_iter().map(|(_, graph)| graph).collect(),
        backups: batch.backups.into_iter().filter_map(|(_, backup)| backup).collect(),
        jobs: batch.jobs.into_iter().filter_map(|(_, job)| job).collect(),
    };
    ordered(Found { state, clock_ahead_ms })
}

/// Records in one order: a file has them by their keys.
fn ordered(mut found: Found) -> Found {
    found.state.backups.sort_by_key(|backup| backup.id.number());
    found.state.jobs.sort_by_key(|job| job.id.number());
    found
}

/// Crashes at calls to the disk that the lives of a seed make, all of them or each so many. Returns how many schedules
/// there were.
fn crash_everywhere(seed: u64, step: usize, wrong: Wrong) -> Result<u64, String> {
    let mut whole = Schedule::new(seed, wrong);
    let calls = whole.live(u64::MAX)?;
    let mut schedules = 0;
    for fails_at in (1..=calls).skip(seed as usize % step).step_by(step) {
        let mut schedule = Schedule::new(seed, wrong);
        let mut lives = || {
            schedule.live(fails_at)?;
            // The next lives crash as well, while they open the file or later.
            for _ in 0..2 {
                let fails_at = 1 + schedule.luck.below(calls);
                schedule.live(fails_at)?;
            }
            schedule.live(u64::MAX).map(drop)
        };
        lives().map_err(|why| format!("GES_EMULATOR_CRASH_SEED={seed}, a crash at call {fails_at}: {why}"))?;
        schedules += 1;
    }
    Ok(schedules)
}

#[test]
fn everything_that_was_answered_survives_a_crash_at_any_call() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let wanted = number("GES_EMULATOR_CRASHES").unwrap_or(60);
    let step = if wanted < 1000 { 7 } else { 1 };
    let first = number("GES_EMULATOR_CRASH_SEED").unwrap_or(1);
    let began = Instant::now();
    let mut schedules = 0;
    for seed in first.. {
        if schedules >= wanted {
            break;
        }
        schedules += crash_everywhere(seed, step, Wrong::Nothing).unwrap_or_else(|why| panic!("{why}"));
    }
    println!("{schedules} schedules from seed {first} in {:?}", began.elapsed());
}

#[test]
fn a_disk_that_lies_is_found() {
    assert!((1..20).any(|seed| crash_everywhere(seed, 5, Wrong::Disk).is_err()));
}

#[test]
fn answers_before_the_sync_are_found() {
    assert!((1..20).any(|seed| crash_everywhere(seed, 5, Wrong::Answers).is_err()));
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
