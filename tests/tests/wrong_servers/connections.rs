//! Right servers that treat connections in their own way, with states and on a tour.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::server::{Answer, Fault, written};

/// Each with its name. A fault has a counter of its own, so each run gets new ones.
pub(crate) fn all() -> Vec<(&'static str, Fault)> {
    vec![
        ("each answer ends its connection, and does not say so", closing_after(1, "")),
        ("every second answer does", closing_after(2, "")),
        ("every third answer does, and says the opposite", closing_after(3, "keep-alive")),
        ("each answer ends its connection, and says so", closing_after(1, "close")),
        ("every eleventh request is asked to come again", coming_again(11, 429)),
        ("every thirteenth request finds the server busy", coming_again(13, 503)),
    ]
}

fn closing_after(every: usize, said: &'static str) -> Fault {
    let count = AtomicUsize::new(0);
    Arc::new(move |world, call| {
        let mut answer = world.forward(&call);
        if !said.is_empty() {
            answer = answer.with_header("connection", said);
        }
        if count.fetch_add(1, Ordering::Relaxed) % every == every - 1 {
            answer.raw = Some(written(&answer));
        }
        answer
    })
}

fn coming_again(every: usize, status: u16) -> Fault {
    let count = AtomicUsize::new(0);
    Arc::new(move |world, call| {
        if count.fetch_add(1, Ordering::Relaxed) % every == every - 1 {
            return Answer::json(status, &serde_json::json!({})).with_header("retry-after", "0");
        }
        world.forward(&call)
    })
}
