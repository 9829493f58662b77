//! Concurrent calls have the effects and answers that they could have had one after the other, as the pages describe them;
//! also where answers are lost. `LINEARIZABILITY_HISTORIES=100000` asks for more than the thousand of an ordinary run,
//! `LINEARIZABILITY_SEED` for what a seed has.

#![allow(clippy::unwrap_used)]

mod clients;
mod model;
mod search;
mod wrong;

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clients::{History, Service};
use model::{Answer, Length};
use search::{Verdict, search};
use wrong::Wrong;

/// Jobs end at once, after two queries, or after an hour of the emulator's clock.
const LENGTHS: [Length; 3] = [Length::Minutes(0), Length::Looks(2), Length::Minutes(60)];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_calls_have_an_order_that_the_pages_allow() {
    let number = |name| env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let histories = number("LINEARIZABILITY_HISTORIES").unwrap_or(1000);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    let seed = number("LINEARIZABILITY_SEED").unwrap_or(now);
    println!("{histories} histories from LINEARIZABILITY_SEED={seed}");
    let began = Instant::now();
    // All at once, so that calls meet in more ways than the clients of one history would have.
    let all: Vec<_> = (0..)
        .zip(LENGTHS)
        .map(|(place, length)| {
            tokio::spawn(async move {
                let service = Service::start(length).await;
                let mut counts = BTreeMap::new();
                let seeds = (0..histories).map(|number| seed.wrapping_add(number));
                for seed in seeds.filter(|seed| seed % LENGTHS.len() as u64 == place) {
                    let history = service.record(seed, None).await;
                    count(&history, &mut counts);
                    if let Some(why) = judge(history) {
                        panic!("LINEARIZABILITY_SEED={seed} LINEARIZABILITY_HISTORIES=1, {length:?}: {why}");
                    }
                }
                counts
            })
        })
        .collect();
    let mut counts = BTreeMap::new();
    for one in all {
        for (what, count) in one.await.unwrap() {
            *counts.entry(what).or_insert(0) += count;
        }
    }
    println!("{counts:?} in {:?}", began.elapsed());
    // A check of nothing would pass as well.
    for what in ["accepted", "refused", "looks", "lost", "moved"] {
        assert!(histories < 100 || counts.get(what).is_some_and(|&count| count > histories / 10), "{what}: {counts:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wrong_service_is_found() {
    for wrong in Wrong::ALL {
        let mut found = Vec::new();
        for length in LENGTHS {
            let service = Service::start(length).await;
            let mut tried = 0;
            while tried < 300 {
                tried += 1;
                if judge(service.record(tried, Some(wrong)).await).is_some() {
                    found.push(tried);
                    break;
                }
            }
        }
        println!("{wrong:?}: found after {found:?} histories");
        assert!(!found.is_empty(), "{wrong:?} is never found");
    }
}

fn count(history: &History, counts: &mut BTreeMap<&'static str, u64>) {
    for call in &history.calls {
        let what = match &call.answered {
            None => "lost",
            Some((_, Answer::Accepted { .. })) => "accepted",
            Some((_, Answer::Refused(_))) => "refused",
            Some((_, Answer::Moved)) => "moved",
            Some(_) => "looks",
        };
        *counts.entry(what).or_default() += 1;
    }
}

/// Why the history is not linearizable, if it is not.
fn judge(History { first, mut calls }: History) -> Option<String> {
    calls.sort_by_key(|call| call.made);
    let longest = match search(first.clone(), &calls) {
        Verdict::Linearizable => return None,
        Verdict::Undecided => return Some("too many possibilities".to_owned()),
        Verdict::Not { longest } => longest,
    };
    let mut why = format!("no order of these calls is one that the pages allow\nat first: {first:?}\n");
    for (at, call) in calls.iter().enumerate() {
        let place = longest.iter().position(|&other| other == at);
        let place = place.map_or("cannot follow".to_owned(), |place| format!("is number {}", place + 1));
        let (until, answer) = match &call.answered {
            Some((when, answer)) => (when.to_string(), format!("{answer:?}")),
            None => ("?".to_owned(), "no answer".to_owned()),
        };
        _ = writeln!(why, "{:>4} to {until:>4}  {:?}: {answer}  ({place})", call.made, call.op);
    }
    Some(why)
}
