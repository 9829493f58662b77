//! What a run costs, and what another choice would: for `conform --plan`.

use std::fmt::Write as _;
use std::time::Duration;

use conformance_engine::plan::{Plan, Size};

/// How long a call and its job are taken to last, for an estimate.
#[derive(Clone, Copy)]
pub(super) struct Estimate {
    call: Duration,
    job: Duration,
}

impl Estimate {
    /// Jobs of an emulator take milliseconds, those of a service minutes.
    pub(super) fn of(is_local: bool) -> Self {
        if is_local {
            Self { call: Duration::from_millis(2), job: Duration::from_millis(20) }
        } else {
            Self { call: Duration::from_millis(200), job: Duration::from_secs(120) }
        }
    }

    fn time(self, size: Size) -> Duration {
        let times =
            |duration: Duration, count: usize| duration.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
        times(self.call, size.requests).saturating_add(times(self.job, size.waits))
    }
}

/// The cost of the plan by kind, and in sum; then that of the other choices, each with the flags that make it.
pub(super) fn table(plan: &Plan<'_>, others: &[(&str, usize, Size)], longest: Duration, estimate: Estimate) -> String {
    let costs = plan.costs();
    let width = others.iter().map(|(flags, ..)| flags.len()).fold("on the way".len(), usize::max);
    let mut text = format!("{:<width$} {:>6} {:>9} {:>6}  time\n", "cost", "cases", "requests", "jobs");
    let mut row = |name: &str, cases: Option<usize>, size: Size, more: &str| {
        let cases = cases.map_or_else(String::new, |cases| cases.to_string());
        let time = span(estimate.time(size));
        // Writing to a string cannot fail.
        _ = writeln!(text, "{name:<width$} {cases:>6} {:>9} {:>6}  about {time}{more}", size.requests, size.waits);
    };
    for cost in &costs {
        row(cost.kind, (cost.cases > 0).then_some(cost.cases), cost.size, "");
    }
    let cases = costs.iter().map(|cost| cost.cases).sum();
    row("all", Some(cases), plan.size(), &format!(", at most {}", span(longest)));
    for (flags, cases, size) in others {
        row(flags, Some(*cases), *size, "");
    }
    let job = span(estimate.job);
    _ = writeln!(
        text,
        "jobs are those that are waited for; about: if a call takes {} and a job {job}",
        span(estimate.call)
    );
    text
}

pub(super) fn span(duration: Duration) -> String {
    match duration.as_secs() {
        0 if duration.as_millis() > 0 => format!("{} ms", duration.as_millis()),
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_grows_with_requests_and_jobs() {
        let size = Size { requests: 10, waits: 3 };
        assert_eq!(Estimate::of(true).time(size), Duration::from_millis(80));
        assert_eq!(Estimate::of(false).time(size), Duration::from_secs(362));
        assert_eq!(
            ["80 ms", "7 min", "0 s", "3 h"],
            [80, 362_000, 0, 7_300_000].map(|ms| span(Duration::from_millis(ms)))
        );
    }
}
