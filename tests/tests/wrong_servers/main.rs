//! The suite catches each server that breaks the contract in one place, and accuses no correct one.
//!
//! Each wrong server is the emulator with one deviation: an answer rewritten, a request repaired before the emulator
//! sees it, or something done that nobody asked for. Each must be caught by the case that names what is wrong. Other
//! cases may fail as well, where the deviation is in their way.

#![allow(clippy::unwrap_used)]

mod accused;
mod connections;
mod deviations;
mod foreign;
mod made;
mod permitted;
mod refused;
mod server;
mod small;
mod states;
mod variations;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::run::{Options, Outcome, Verdict, run};
use conformance_engine::{Address, Secret};

use deviations::Deviation;
use server::{Served, TOKEN, serve};

/// Every wrong server.
fn all() -> Vec<Deviation> {
    let mut all = deviations::all();
    all.extend(permitted::all());
    all.extend(refused::all());
    all
}

/// How the cases get their states.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    ProviderStates,
    /// One graph, led through its states.
    Tour,
}

/// The cases that failed, and what the run says as a whole.
async fn failing(served: &Served, by: By, selection: Selection) -> (Vec<String>, Verdict) {
    let suite = ges_conformance::suite().unwrap();
    let given = served.running_graph();
    let reach = Environment {
        provider_states: by == By::ProviderStates,
        resource: (by == By::Tour).then_some(given.graph_id),
        values: [("project_id".to_owned(), given.project_id)].into(),
        ..Environment::default()
    };
    let plan = Plan::new(&suite, &reach, &selection).unwrap();
    let options = Options {
        provider_states: Some(Address::url(&format!("{}/_emulator/provider-states", served.url)).unwrap()),
        token: Some(Secret::new(TOKEN)),
        timeout: Duration::from_secs(1),
        patience: Duration::from_millis(400),
        ..Options::new(Address::endpoint(&served.url).unwrap())
    };
    let run = run(&plan, &options, |_| {}).await.unwrap();
    let failed = run.entries.iter().filter(|entry| entry.outcome == Outcome::Fail);
    (failed.map(|entry| entry.id.clone()).collect(), run.verdict)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Tries every deviation and says which were missed; prints the score.
#[track_caller]
fn check(by: By) {
    let deviations: Vec<_> = all().into_iter().filter(|it| by == By::ProviderStates || it.on_tour).collect();
    let missed = on_all_cores(&deviations, |Deviation { name, case, fault, .. }| {
        // A broken request depends on no other case, so it is tried alone: whole runs of all servers take minutes. A tour has
        // a job for each permitted case, which takes its time.
        let only = if case.contains("/derived/") { vec![case.clone()] } else { Vec::new() };
        let is_slow = by == By::Tour && !case.contains("/permitted/");
        let kinds = if is_slow { &["documented", "described", "derived", "journey"][..] } else { &[] };
        let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let selection = Selection { only, kinds, ..Selection::default() };
        let (failed, verdict) = block_on(async { failing(&serve(fault.clone()).await, by, selection).await });
        (!failed.iter().any(|id| id == case) || verdict != Verdict::ContractBroken)
            .then(|| format!("{name}: expected {case} to fail, found {verdict:?} with {failed:?}"))
    });
    println!("{by:?}: {} of {} wrong servers caught", deviations.len() - missed.len(), deviations.len());
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// What `ask` answers of each, from as many threads as there are cores. Half of the time a run waits.
fn on_all_cores<T: Sync>(all: &[T], ask: impl Fn(&T) -> Option<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let answers = || std::iter::from_fn(|| all.get(next.fetch_add(1, Ordering::Relaxed))).filter_map(&ask).collect();
    let threads = 2 * std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| -> Vec<String> { answers() })).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn every_wrong_server_is_caught_by_the_case_that_names_it() {
    assert!(all().len() >= 160);
    check(By::ProviderStates);
}

#[test]
fn one_graph_is_enough_to_catch_them_but_for_states_that_no_call_leads_to() {
    check(By::Tour);
}

#[test]
fn the_plain_server_is_never_accused() {
    for by in [By::ProviderStates, By::Tour] {
        let accused = on_all_cores(&(0..20).collect::<Vec<_>>(), |turn| {
            let found = block_on(async { failing(&serve(server::plain()).await, by, Selection::default()).await });
            (found != (Vec::new(), Verdict::Passed)).then(|| format!("{by:?}, turn {turn}: {found:?}"))
        });
        assert!(accused.is_empty(), "{}", accused.join("\n"));
    }
}

/// Servers that keep the contract in another way than the emulator does.
#[test]
fn no_other_right_server_is_accused() {
    for by in [By::ProviderStates, By::Tour] {
        let kinds = ["documented", "described", "derived", "journey"].map(str::to_owned);
        // These read a request as it is written, so they are not asked what is written otherwise.
        let literal = Selection { kinds: kinds.into(), ..Selection::default() };
        let all = variations::all().into_iter().chain(permitted::right());
        let mut variations: Vec<_> = all.map(|variation| (variation, Selection::default())).collect();
        variations.extend(refused::variations().into_iter().map(|variation| (variation, literal.clone())));
        assert!(variations.len() >= 30);
        let accused = on_all_cores(&variations, |((name, fault), selection)| {
            let found = block_on(async { failing(&serve(fault.clone()).await, by, selection.clone()).await });
            (found != (Vec::new(), Verdict::Passed)).then(|| format!("{by:?}, {name}: {found:?}"))
        });
        println!("{by:?}: {} of {} right servers passed", variations.len() - accused.len(), variations.len());
        assert!(accused.is_empty(), "{}", accused.join("\n"));
    }
}

#[test]
fn no_right_server_is_accused_of_its_connections() {
    let names: Vec<_> = connections::all().into_iter().map(|(name, _)| name).collect();
    // What a connection does is the same for every kind of request.
    let kinds = ["documented", "derived"].map(str::to_owned).into();
    let selection = Selection { kinds, ..Selection::default() };
    for by in [By::ProviderStates, By::Tour] {
        let turns: Vec<_> = (0..20 * names.len()).collect();
        let accused = on_all_cores(&turns, |turn| {
            let (name, fault) = connections::all().swap_remove(turn % names.len());
            let found = block_on(async { failing(&serve(fault).await, by, selection.clone()).await });
            (found != (Vec::new(), Verdict::Passed)).then(|| format!("{by:?}, {name}: {found:?}"))
        });
        assert!(accused.is_empty(), "{}", accused.join("\n"));
    }
}
