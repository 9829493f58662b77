//! Runs a plan against an endpoint.
//!
//! One endpoint that lies, hangs or resets costs one case and not the run: whatever goes wrong on the endpoint is a
//! failure of the case it happened to, in words. Only what makes the whole run pointless (no connection, credentials
//! refused outright) stops it.
//!
//! **Invariant:** the token leaves this module in requests to the endpoint only. The provider of states never gets
//! it, and nothing in a [`Report`] contains it, not even where a server sends it back.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use environment_proxy::Proxy;
use futures_util::future::{Either, join, join_all, select};

use crate::check::coverage::explain;
use crate::http::address::Address;
use crate::http::client::{Client, Limits, seconds};
use crate::http::proxied::proxy_for;
use crate::http::tls::Tls;
use crate::model::exchange_json::rfc_3339;
use crate::model::report::{DocumentName, Entry, Origin, Report, Verdict};
use crate::model::suite::{Case, Kind};
use crate::plan::plan::{Disposition, Plan};
use crate::run::board::Board;
use crate::run::options::Options;
use crate::run::runner::{Connections, Runner};
use crate::run::stop::Stop;
use crate::run::watch::Waiting;

/// Carries out `plan`, of which the report holds one entry for each case (of the shard, if it is one). `progress` gets
/// each as it ends, which with several at a time is not their order.
///
/// Runs on the caller's runtime (time and network enabled); a single thread is enough.
pub async fn run<'a>(
    plan: &Plan<'a>,
    options: &Options,
    progress: impl FnMut(&Entry) + Send,
) -> Result<Report, StartError> {
    let stop = options.stop.clone();
    let (deadline_passed, deadline) = (options.stop.clone(), options.deadline);
    let watch = async move {
        if let Some(deadline) = deadline {
            tokio::time::sleep(deadline).await;
            let shown = format!("{} s", deadline.as_secs_f64());
            deadline_passed.now(&format!("the run's deadline of {shown} had passed"));
        }
    };
    let whole = pin!(carry_out(plan, options, progress, &stop));
    match select(whole, pin!(watch)).await {
        Either::Left((run, _)) => run,
        Either::Right(((), whole)) => whole.await,
    }
}

async fn carry_out<'a>(
    plan: &Plan<'a>,
    options: &Options,
    progress: impl FnMut(&Entry) + Send,
    stop: &Stop,
) -> Result<Report, StartError> {
    let (started, clock) = (SystemTime::now(), Instant::now());
    let first = connect_first(plan, options).await?;
    let runner = Runner::new(plan, options);
    let board = Board::new(plan.entries.len(), progress);
    let units = units(plan);
    let next = AtomicUsize::new(0);
    let post = |mut entry: Entry| {
        runner.finish(&mut entry);
        board.post(entry);
    };
    let worker = async |mut connections: Connections| {
        let mut last = None;
        while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
            // Once this unit's first request is on its way, while there is nothing to do but wait.
            let before = last.take();
            let post_last = async { before.into_iter().for_each(post) };
            match unit {
                Unit::Case(index) => {
                    // Pinned, for it is large to move.
                    let entry = pin!(runner.case(*index, &plan.entries[*index], &mut connections, stop));
                    last = Some(join(entry, post_last).await.0);
                }
                Unit::Tour(index) => _ = join(runner.tour(*index, &mut connections, stop, &board), post_last).await,
            }
        }
        last.into_iter().for_each(post);
    };
    let others = options.concurrency.clamp(1, units.len().max(1)) - 1;
    let others = (0..others).map(|_| first.another()).collect::<Vec<_>>();
    let last = first.another();
    join_all(std::iter::once(first).chain(others).map(worker)).await;

    // What looks at the whole run comes after all of it.
    let mut connections = last;
    for (index, entry) in plan.entries.iter().enumerate().filter(|(_, entry)| is_about_all(entry.case)) {
        if !matches!(entry.disposition, Disposition::Tour(_)) {
            post(runner.case(index, entry, &mut connections, stop).await);
        }
    }
    let mut entries = board.into_entries();
    runner.conclude_preparations(&mut entries);
    options.deviations.conclude(&mut entries);
    entries.retain(|entry| plan.shard.is_none_or(|shard| shard.has(entry.position)));
    for entry in &mut entries {
        entry.at = plan.suite.place(&entry.id, entry.operation.as_deref()).cloned();
    }
    let mut tours = runner.take_tours();
    runner.redact_again(&mut entries, &mut tours);
    let mut endpoint = options.endpoint.to_string();
    runner.redactor().text(&mut endpoint, specwright_redaction::Format::Any);
    let document = DocumentName::of(plan.suite);
    let mut report = Report::new(Origin::Run, document, endpoint, options.level.to_string(), entries);
    report.started = rfc_3339(started);
    report.seconds = clock.elapsed().as_secs_f64();
    report.shard = plan.shard;
    report.coverage = runner.coverage();
    if let Some(coverage) = &mut report.coverage {
        explain(coverage, &report.entries);
    }
    report.left_behind = runner.left_behind();
    report.tours = tours;
    Ok(report)
}

/// Why not even the first request could be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError {
    message: String,
}

impl StartError {
    /// The exit status of a program that ran nothing else.
    pub fn exit_code(&self) -> u8 {
        Verdict::CouldNotRun.exit_code()
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StartError {}

/// What one worker does without a pause.
enum Unit {
    Case(usize),
    Tour(usize),
}

fn units(plan: &Plan<'_>) -> Vec<Unit> {
    let cases = plan.entries.iter().enumerate();
    let cases =
        cases.filter(|(_, entry)| !matches!(entry.disposition, Disposition::Tour(_)) && !is_about_all(entry.case));
    let tours = (0..plan.tours.len()).map(Unit::Tour);
    cases.map(|(index, _)| Unit::Case(index)).chain(tours).collect()
}

fn is_about_all(case: &Case) -> bool {
    matches!(case.kind, Kind::Journey { unique: true, .. })
}

/// Connects before the first case, and keeps the connections.
async fn connect_first(plan: &Plan<'_>, options: &Options) -> Result<Connections, StartError> {
    let limits = Limits { timeout: options.timeout, body: options.body_limit };
    let runs = plan.steps().next().is_some();
    let provider = options.provider_states.as_ref().filter(|_| plan.needs_provider_states());
    let failed = |message| StartError { message };

    let proxy = if runs { proxy_for(&options.proxies, &options.endpoint).map_err(failed)? } else { None };
    let to_provider =
        provider.map(|provider| proxy_for(&options.proxies, provider)).transpose().map_err(failed)?.flatten();
    let is_secure = runs && options.endpoint.origin.tls
        || provider.is_some_and(|provider| provider.origin.tls)
        || proxy.iter().chain(&to_provider).any(Proxy::is_https);
    // Certificates that cannot be read are a mistake also of a run that needs none.
    let tls = if is_secure || options.ca_file.is_some() {
        Some(Tls::new(options.ca_file.as_deref()).map_err(failed)?)
    } else {
        None
    };
    let mut endpoint = Client::new(options.endpoint.clone(), "the endpoint", limits, tls.clone(), proxy);
    if runs {
        reach(&mut endpoint, &options.endpoint, true, options).await.map_err(failed)?;
    }
    let mut provider =
        provider.map(|address| Client::new(address.clone(), "the provider of states", limits, tls, to_provider));
    if let Some(provider) = &mut provider {
        // A server that serves one connection at a time would wait for a request on this one.
        endpoint.forget();
        if let Some(address) = &options.provider_states {
            reach(provider, address, false, options).await.map_err(failed)?;
        }
    }
    Ok(Connections { endpoint, provider })
}

/// Connects, and with [`Options::wait_for_endpoint`] tries again until there is an answer. Of an endpoint it is one to
/// `GET` of its base path: a port may be open, and a gateway may answer, long before a service does.
async fn reach(client: &mut Client, address: &Address, is_asked: bool, options: &Options) -> Result<(), String> {
    const PAUSE: Duration = Duration::from_millis(250);
    let Some(longest) = options.wait_for_endpoint else { return client.connect().await };
    let begun = Instant::now();
    loop {
        let is_accepted = AtomicBool::new(false);
        let attempt = async {
            client.connect().await?;
            is_accepted.store(true, Ordering::Relaxed);
            if is_asked { client.is_there(address).await } else { Ok(()) }
        };
        // What accepts and does not answer may not take longer either.
        let answer = tokio::time::timeout(longest.saturating_sub(begun.elapsed()), attempt).await;
        let silence = || match is_accepted.load(Ordering::Relaxed) {
            true => "the connection is accepted, and the request is not answered",
            false => "the connection is not accepted",
        };
        let answer = answer.unwrap_or_else(|_| Err(silence().to_owned()));
        let Err(failure) = answer else { return Ok(()) };
        let since = begun.elapsed();
        if since + PAUSE > longest {
            return Err(format!("no answer within {}: {failure}", seconds(longest)));
        }
        if !options.stop.sleep(PAUSE).await {
            let reason = options.stop.reason().unwrap_or_default();
            return Err(format!(
                "no answer within {}, and no longer waited, because {reason}: {failure}",
                seconds(since)
            ));
        }
        if let Some(watch) = &options.watch {
            watch.waiting(&Waiting { what: &address.to_string(), since, longest });
        }
    }
}
