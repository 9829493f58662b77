//! Input from outside causes no panic, no endless loop and no leaked secret.
//!
//! Every file below `fuzz/corpus`, and small changes to them: always the same ones, so that a failure is found again.
//! `FUZZ_ROUNDS=100000 cargo test -p tests --test hostile_input` tries more; `fuzz/README.md` says what else there is.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

// There it is a library.
#[allow(unreachable_pub)]
#[path = "../../fuzz/src/lib.rs"]
mod fuzz;
#[path = "hostile_input/mutator.rs"]
mod mutator;

use fuzz::{TARGETS, Target};
use mutator::Mutator;

/// No honest input of this size takes a tenth of it, on a slow machine, with debug assertions.
const PATIENCE: Duration = Duration::from_secs(20);

#[track_caller]
fn check(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let corpus = corpus(name);
    let rounds = std::env::var("FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let mut mutator = Mutator::new(&corpus);
    let changed = (0..rounds.unwrap_or(target.rounds)).map(move |_| mutator.next());
    run(target, corpus.clone().into_iter().chain(changed));
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = root().join("fuzz/corpus").join(name);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Runs the inputs on a thread of their own; whatever ends it, or keeps it too long, is left in a file.
fn run(target: &'static Target, inputs: impl Iterator<Item = Vec<u8>> + Send + 'static) {
    let current = Arc::new(Mutex::new((Instant::now(), Vec::new())));
    let noted = Arc::clone(&current);
    let worker = std::thread::spawn(move || {
        for input in inputs {
            *noted.lock().unwrap() = (Instant::now(), input.clone());
            (target.check)(&input);
        }
    });
    while !worker.is_finished() {
        std::thread::sleep(Duration::from_millis(5));
        let (since, input) = &*current.lock().unwrap();
        assert!(since.elapsed() < PATIENCE, "no end after {PATIENCE:?}\n{}", keep(target.name, input));
    }
    if worker.join().is_err() {
        panic!("{}", keep(target.name, &current.lock().unwrap().1));
    }
}

fn keep(name: &str, input: &[u8]) -> String {
    let path = root().join("target").join(format!("hostile-{name}"));
    fs::write(&path, input).unwrap();
    let path = path.display();
    format!(
        "the input is in {path}\nhint: fix what it found, and move it to fuzz/corpus/{name}/ under a name that says what it is"
    )
}

#[test]
fn documents_for_the_generator() {
    check("document");
}

#[test]
fn overlays_of_a_document() {
    check("overlay");
}

#[test]
fn requests_to_the_emulator() {
    check("request");
}

#[test]
fn signatures_to_the_emulator() {
    check("authorization");
}

#[test]
fn snapshots_for_the_emulator() {
    check("snapshot");
}

#[test]
fn replies_of_an_endpoint() {
    check("reply");
}

#[test]
fn suites_for_the_runner() {
    check("suite");
}

#[test]
fn recorded_traffic() {
    check("recording");
}

#[test]
fn lists_of_deviations() {
    check("deviations");
}

#[test]
fn profile_files() {
    check("profile");
}

#[test]
fn words_on_a_command_line() {
    check("words");
}

#[test]
fn every_target_is_tested_here_and_has_a_corpus_and_a_fuzzer() {
    let tests = include_str!("hostile_input.rs");
    for target in TARGETS {
        let name = target.name;
        assert!(tests.contains(&format!("check(\"{name}\");")), "{name} has no test here");
        assert!(!corpus(name).is_empty(), "{name} has no corpus");
        assert!(root().join(format!("fuzz/fuzz_targets/{name}.rs")).exists(), "{name} has no fuzzer");
    }
}
