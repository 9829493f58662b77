//! Waits for an endpoint that asks for it (429, and 503 with `Retry-After`), and tells the watch while it does.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use crate::model::exchange::{Exchange, Reply};
use crate::model::report::Entry;
use crate::model::suite::Case;
use crate::run::runner::Runner;
use crate::run::stop::Stop;
use crate::run::watch::Waiting;

/// The shortest pause before a request is repeated; doubled each time.
const SHORTEST: Duration = Duration::from_millis(100);

/// The same where the answer does not say how long, and how often it is repeated then: 3.5 s in all.
const SHORTEST_UNSAID: Duration = Duration::from_millis(500);
const REPEATS_UNSAID: u32 = 3;

/// After so many cases for which that was in vain, it is not done again in the same run.
const IN_VAIN: usize = 3;

/// How often a watch is told.
const BEAT: Duration = Duration::from_secs(1);

impl Runner<'_, '_> {
    /// The pause before the request of `case` is sent again, if `reply` asks for one and there is time for it. A refusal that
    /// is documented for the case is its answer. `exchanges` end with the reply.
    pub(crate) fn pause_for(&self, case: &Case, reply: &Reply, exchanges: &[Exchange]) -> Option<Duration> {
        if case.expected.has_status(reply.status) || case.expected.or.contains(&reply.status) {
            return None;
        }
        self.pause_before_repeat(reply, exchanges)
    }

    /// The same for a reply that is no case's answer.
    pub(crate) fn pause_before_repeat(&self, reply: &Reply, exchanges: &[Exchange]) -> Option<Duration> {
        let said = retry_after(reply, SystemTime::now());
        if said.is_none() && reply.status != 429 {
            return None;
        }
        let Waited { times, spent, .. } = waited(exchanges);
        if said.is_none() && times >= REPEATS_UNSAID {
            self.impatient.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        if said.is_none() && self.impatient.load(Ordering::Relaxed) >= IN_VAIN {
            return None;
        }
        let shortest = if said.is_some() { SHORTEST } else { SHORTEST_UNSAID };
        let pause = said.unwrap_or_default().max(shortest.saturating_mul(1 << times.min(16)));
        (spent.saturating_add(pause) <= self.options.max_retry_wait).then_some(pause)
    }

    /// Sleeps, and tells the watch; whether it slept to the end.
    pub(crate) async fn sleep(&self, what: &str, pause: Duration, stop: &Stop) -> bool {
        let begun = Instant::now();
        loop {
            let since = begun.elapsed();
            let Some(left) = pause.checked_sub(since).filter(|left| !left.is_zero()) else { return true };
            self.tell(what, since, pause);
            if !stop.sleep(left.min(BEAT)).await {
                return false;
            }
        }
    }

    pub(crate) fn tell(&self, what: &str, since: Duration, longest: Duration) {
        if let Some(watch) = &self.options.watch {
            watch.waiting(&Waiting { what, since, longest });
        }
    }

    /// Says of a case that its requests were repeated, or why they were not.
    pub(crate) fn note_patience(&self, entry: &mut Entry) {
        let Waited { times, unsaid, spent } = waited(&entry.exchanges);
        if times > 0 {
            let seconds = (spent.as_secs_f64() * 10.0).round() / 10.0;
            let how = if unsaid == times { "429 without Retry-After" } else { "Retry-After" };
            let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
            entry.note(format!("asked to try again later ({how}) {times}, and waited {seconds} s"));
        }
        let asked = entry.reply().and_then(|reply| retry_after(reply, SystemTime::now()));
        if let Some(asked) = asked.filter(|_| entry.outcome != crate::model::report::Outcome::Pass) {
            let (asked, most) = (asked.as_secs_f64(), self.options.max_retry_wait.as_secs_f64());
            entry.note(format!("Retry-After asks for {asked} s more; a case waits at most {most} s in all"));
        }
    }
}

/// How often a request was repeated because the answer asked for it.
#[derive(Default)]
struct Waited {
    times: u32,
    /// How often the answer did not say for how long.
    unsaid: u32,
    spent: Duration,
}

fn waited(exchanges: &[Exchange]) -> Waited {
    let mut sum = Waited::default();
    for (first, second) in exchanges.iter().zip(exchanges.iter().skip(1)) {
        let Some(reply) = first.reply.as_ref().filter(|_| first.purpose == second.purpose && is_same(first, second))
        else {
            continue;
        };
        let is_said = retry_after(reply, first.started).is_some();
        if is_said || reply.status == 429 {
            sum.times += 1;
            sum.unsaid += u32::from(!is_said);
            sum.spent += second.started.duration_since(first.started + first.took).unwrap_or_default();
        }
    }
    sum
}

/// Whether two requests are one, sent twice. A signature has the time in it.
fn is_same(first: &Exchange, second: &Exchange) -> bool {
    let (first, second) = (&first.sent, &second.sent);
    first.method == second.method && first.url == second.url && first.body == second.body
}

/// How long a reply with status 429 or 503 asks to wait.
///
/// Source: RFC 9110, 10.2.3: seconds, or a date, of which the three forms of 5.6.7 must be read. A date is compared with
/// the server's own clock, if it shows one.
fn retry_after(reply: &Reply, now: SystemTime) -> Option<Duration> {
    if !matches!(reply.status, 429 | 503) {
        return None;
    }
    let value = reply.header("retry-after")?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = reply.header("date").and_then(|date| httpdate::parse_http_date(date.trim()).ok()).unwrap_or(now);
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, headers: &[(&str, &str)], expected: Option<u64>) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let reply = Reply { status, headers, ..Reply::default() };
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(retry_after(&reply, now), expected.map(Duration::from_secs));
    }

    #[test]
    fn seconds_and_dates_are_read() {
        check(429, &[("retry-after", "7")], Some(7));
        check(503, &[("Retry-After", " 0 ")], Some(0));
        check(503, &[("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT")], Some(10));
        check(503, &[("retry-after", "Sunday, 06-Nov-94 08:49:47 GMT")], Some(10));
        check(503, &[("retry-after", "Sun Nov  6 08:49:47 1994")], Some(10));
        // The server's clock is what its dates are about.
        let own = [("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT"), ("date", "Sun, 06 Nov 1994 08:49:42 GMT")];
        check(429, &own, Some(5));
        check(503, &[("retry-after", "Sat, 05 Nov 1994 08:49:47 GMT")], Some(0));
    }

    #[test]
    fn what_does_not_ask_is_not_waited_for() {
        check(503, &[], None);
        check(500, &[("retry-after", "1")], None);
        check(200, &[("retry-after", "1")], None);
        check(429, &[("retry-after", "soon")], None);
        check(429, &[("retry-after", "-1")], None);
        check(429, &[("retry-after", "99999999999999999999999")], Some(u64::MAX));
    }
}
