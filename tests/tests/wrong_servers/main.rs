//! Does the suite notice a server that breaks the contract in one place, and never accuse one that keeps it?
//!
//! Each wrong server is the emulator with one deviation: an answer rewritten, a request repaired before the emulator
//! sees it, or something done that nobody asked for. Each must be caught by the case that names what is wrong. Other
//! cases may fail as well, where the deviation is in their way.

#![allow(clippy::unwrap_used)]

mod deviations;
mod server;

use std::time::Duration;

use conformance_engine::plan::{Plan, Reach, Selection};
use conformance_engine::run::{Options, Outcome, Verdict, run};
use conformance_engine::{Address, Secret};

use deviations::{Deviation, all};
use server::{Served, TOKEN, serve};

/// How the cases get their states.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    ProviderStates,
    /// One graph, led through its states.
    Tour,
}

/// The cases that failed, and what the run says as a whole.
async fn failing(served: &Served, by: By) -> (Vec<String>, Verdict) {
    let suite = ges_conformance::suite().unwrap();
    let given = served.running_graph();
    let reach = Reach {
        provider_states: by == By::ProviderStates,
        resource: (by == By::Tour).then_some(given.graph_id),
        values: [("project_id".to_owned(), given.project_id)].into(),
        ..Reach::default()
    };
    let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
    let options = Options {
        provider_states: Some(Address::url(&format!("{}/_emulator/provider-states", served.url)).unwrap()),
        token: Some(Secret::new(TOKEN)),
        timeout: Duration::from_millis(400),
        patience: Duration::from_millis(400),
        ..Options::new(Address::endpoint(&served.url).unwrap())
    };
    let run = run(&plan, &options, |_| {}).await.unwrap();
    let failed = run.results.iter().filter(|result| matches!(result.outcome, Outcome::Fail { .. }));
    (failed.map(|result| result.case.id.clone()).collect(), run.verdict())
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Tries every deviation and says which were missed; prints the score.
#[track_caller]
fn check(by: By) {
    let deviations: Vec<_> = all().into_iter().filter(|it| by == By::ProviderStates || it.on_tour).collect();
    let mut missed = Vec::new();
    for Deviation { name, case, fault, .. } in &deviations {
        let (failed, verdict) = block_on(async { failing(&serve(fault.clone()).await, by).await });
        if !failed.iter().any(|id| id == case) || verdict != Verdict::ContractBroken {
            missed.push(format!("{name}: expected {case} to fail, found {verdict:?} with {failed:?}"));
        }
    }
    println!("{by:?}: {} of {} wrong servers caught", deviations.len() - missed.len(), deviations.len());
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn every_wrong_server_is_caught_by_the_case_that_names_it() {
    assert!(all().len() >= 60);
    check(By::ProviderStates);
}

#[test]
fn one_graph_is_enough_to_catch_them_but_for_states_that_no_call_leads_to() {
    check(By::Tour);
}

#[test]
fn the_plain_server_is_never_accused() {
    for turn in 0..20 {
        for by in [By::ProviderStates, By::Tour] {
            let (failed, verdict) = block_on(async { failing(&serve(server::plain()).await, by).await });
            assert_eq!((failed, verdict), (Vec::new(), Verdict::Passed), "{by:?}, turn {turn}");
        }
    }
}
