//! `observe`: a proxy that checks traffic against the documentation.
//!
//! Checking never delays traffic: it runs on its own thread, and traffic that it cannot keep up with is counted.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::Failure;
use crate::commands::listener::{asked_to_stop, bind, local};
use crate::output::console::{data, shown, talk, text};
use crate::output::terminal::{self, fitted};
use crate::program::{Documentation, Documented, Program, examples};
use crate::value::listen::listen;
use crate::value::quantity::Size;
use conformance_engine::check::Level;
use conformance_engine::recorded::Recorded;
use conformance_engine::report::text::{write_entry, write_summary};
use conformance_engine::report::{Entry, Origin, Outcome, Report};
use conformance_engine::traffic::proxy::{Event, Options, observe};
use conformance_engine::{Address, Proxies, proxy_for};

use crate::commands::coverage::CoverageArguments;
use crate::commands::report_files::ReportArguments;
use crate::commands::traffic::TrafficFlags;
use crate::commands::traffic::kept::Kept;
use crate::exit_status;
use crate::value::file::is_read;

/// Forward traffic to a service unchanged, and check each exchange against the documentation
///
/// The first line on standard output is `listening on http://ADDRESS`, the endpoint for the client. Each exchange is a
/// line on standard error, and failures are listed once more at the end. Ctrl-C or SIGTERM stops the proxy and writes the
/// reports; a second Ctrl-C quits immediately.
#[derive(clap::Args)]
#[command(after_help = after_help::<P>())]
pub struct Arguments<P: Program> {
    #[command(flatten)]
    documentation: P::Documentation,
    /// Address to listen on; port 0 selects a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = listen)]
    listen: SocketAddr,
    /// Service to forward to: scheme, host and port
    #[arg(long, value_name = "URL")]
    upstream: String,
    /// Replace the header Host by the host of the service (breaks signed requests)
    #[arg(long)]
    replace_host: bool,
    /// PEM file with CA certificates to trust in addition to those of the system
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Maximum size of a body to check; a larger one is forwarded unchecked
    #[arg(long, value_name = "SIZE", default_value = "1MiB", allow_negative_numbers = true)]
    body_limit: Size,
    /// Maximum size of the traffic to keep for the reports; later exchanges are counted but not listed
    #[arg(long, value_name = "SIZE", default_value = "64MiB", allow_negative_numbers = true)]
    keep: Size,
    #[command(flatten)]
    traffic: TrafficFlags,
    #[command(flatten)]
    reports: ReportArguments,
    #[command(flatten)]
    coverage: CoverageArguments,
}

fn after_help<P: Program>() -> String {
    let replaced = format!("{{observe}} --upstream {} --replace-host", P::WORDS.endpoint);
    let examples = examples::<P>(&["{observe} --upstream http://127.0.0.1:8080 --report html=traffic.html", &replaced]);
    format!("{examples}\n{}", exit_status!(check))
}

/// Each takes two files, and many systems allow 1,024 or so; where even these are too many, an idle one is closed.
const MOST_CONNECTIONS: usize = 1000;

/// The bytes that may wait to be checked; beyond, bodies are dropped.
const QUEUE: usize = 6 << 20;

/// Beyond these, whole exchanges are dropped, and counted.
const FULL_QUEUE: usize = 8 << 20;

/// How many may wait, however small they are.
const MOST_WAITING: usize = 1024;

/// How long those that wait are checked after the stop; the others are counted.
const AFTER_STOP: Duration = Duration::from_secs(10);

/// Forwards and judges until a signal arrives, then reports.
///
/// # Errors
/// The documentation cannot be read, the address is in use, or a report cannot be written.
pub async fn run<P: Program>(arguments: Arguments<P>) -> Result<ExitCode, Failure> {
    let upstream = Address::url(&arguments.upstream).map_err(Failure::usage)?;
    if !upstream.is_bare() {
        return Err(Failure::usage(format!(
            "--upstream `{upstream}` must not have a path, because requests are forwarded unchanged\nhint: give the path to the client"
        )));
    }
    let proxies = Proxies::from_environment();
    let proxy = proxy_for(&proxies, &upstream).map_err(Failure::usage)?;
    let against = arguments.documentation.read()?;
    arguments.ca_file.iter().for_each(|path| is_read(path));
    let reports = arguments.reports.open()?;
    let listener = bind(arguments.listen).await?;
    let address = local(&listener)?;

    let options = Options {
        upstream: upstream.clone(),
        ca_file: arguments.ca_file.clone(),
        proxies,
        body_limit: arguments.body_limit.0,
        replaces_host: arguments.replace_host,
        grace: Duration::from_secs(2),
        most_connections: MOST_CONNECTIONS,
    };
    let (queue, events) = sync_channel(MOST_WAITING);
    let queue = Queue { events: queue, waiting: Arc::default(), dropped: Arc::default(), end: Arc::default() };
    let (dropped, end_of_judging) = (Arc::clone(&queue.dropped), Arc::clone(&queue.end));
    let waiting = Waiting {
        events,
        waiting: Arc::clone(&queue.waiting),
        dropped: Arc::clone(&queue.dropped),
        end: Arc::clone(&queue.end),
    };
    let (room, keeps_passes) = (arguments.keep.0, !reports.are_none());
    let kept = Kept::new(room, keeps_passes);
    let shown = upstream.to_string();
    let judge = std::thread::spawn(move || judge(&arguments.traffic, &against, shown, kept, waiting));

    data(format_args!("listening on http://{address}\n"))?;
    talk(format_args!("forwarding to {upstream}; press Ctrl-C to stop and write the reports"));
    if let Some(proxy) = proxy {
        talk(format_args!("through the proxy {proxy}, by CONNECT"));
    }
    let end = observe(listener, options, move |event| queue.put(event), asked_to_stop()).await;
    _ = end_of_judging.set(Instant::now() + AFTER_STOP);
    let finish = tokio::task::spawn_blocking(move || judge.join());
    let report = tokio::select! {
        report = finish => report,
        // The second signal quits immediately.
        () = asked_to_stop() => return Ok(ExitCode::from(130)),
    };
    end.map_err(Failure::cannot_start)?;
    let report = match report {
        Ok(Ok(report)) => report,
        _ => return Err(Failure::cannot_start("the traffic could not be checked")),
    };
    list_failures(&report);
    talk(text(|out| write_summary(&report, terminal::error_style(), out)).trim_end());
    let dropped = dropped.load(Ordering::Relaxed);
    if dropped > 0 {
        talk(format_args!(
            "{dropped} more were forwarded and not checked, because they came faster than they could be"
        ));
    }
    if report.omitted > 0 && !reports.are_none() {
        talk(format_args!("{} of them are not listed in the reports (see --keep)", report.omitted));
    }
    reports.write(&report)?;
    arguments.coverage.conclude(&report)
}

/// Exchanges that wait to be checked. Adding one never blocks.
struct Queue {
    events: SyncSender<Event>,
    /// Their bytes.
    waiting: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
    /// When checking ends, known once the proxy has stopped.
    end: Arc<OnceLock<Instant>>,
}

impl Queue {
    fn put(&self, mut event: Event) {
        let waiting = self.waiting.load(Ordering::Relaxed);
        if let Event::Exchange(recorded) = &mut event
            && waiting > QUEUE
        {
            recorded.let_bodies_go("more traffic than could be judged");
        }
        let (size, is_exchange) = (size(&event), matches!(event, Event::Exchange(_)));
        self.waiting.fetch_add(size, Ordering::Relaxed);
        // The checker may have ended; the end of the run reports that.
        if waiting > FULL_QUEUE || self.events.try_send(event).is_err() {
            self.waiting.fetch_sub(size, Ordering::Relaxed);
            self.dropped.fetch_add(usize::from(is_exchange), Ordering::Relaxed);
        }
    }
}

/// The other end of the queue.
struct Waiting {
    events: Receiver<Event>,
    waiting: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
    end: Arc<OnceLock<Instant>>,
}

impl Iterator for Waiting {
    type Item = Event;

    /// The next to check. After the end, exchanges are only counted.
    fn next(&mut self) -> Option<Event> {
        loop {
            let event = self.events.recv().ok()?;
            self.waiting.fetch_sub(size(&event), Ordering::Relaxed);
            if self.end.get().is_none_or(|end| Instant::now() < *end) {
                return Some(event);
            }
            self.dropped.fetch_add(usize::from(matches!(event, Event::Exchange(_))), Ordering::Relaxed);
        }
    }
}

/// About what an event takes while it waits, in bytes.
fn size(event: &Event) -> usize {
    match event {
        Event::Exchange(recorded) => recorded.size(),
        Event::Note(text) => text.len() + 64,
    }
}

/// Checks exchanges until there are no more.
fn judge(arguments: &TrafficFlags, against: &Documented, upstream: String, mut kept: Kept, events: Waiting) -> Report {
    let style = terminal::error_style();
    let mut watcher = arguments.watcher(against, Level::Documented);
    for event in events {
        match event {
            Event::Note(remark) => talk(format_args!("note: {}", remark.escape_debug())),
            Event::Exchange(recorded) => {
                let size = recorded.size();
                let mut recorded: Recorded = *recorded;
                recorded.label = (kept.seen + 1).to_string();
                let entry = watcher.see_passing(recorded);
                talk(text(|out| write_entry(&entry, style, out)).trim_end());
                kept.add(entry, size);
            }
        }
    }
    // What was recorded before a secret was seen may hold it.
    watcher.redact_again(&mut kept.entries);
    let mut report =
        Report::new(Origin::Watch, watcher.document(), upstream, Level::Documented.to_string(), kept.entries);
    report.omit(kept.omitted);
    report.coverage = Some(watcher.coverage());
    report
}

/// Names every failure once more, at the end, with the first thing that is wrong.
fn list_failures(report: &Report) {
    let failed: Vec<&Entry> = report.entries.iter().filter(|entry| entry.outcome == Outcome::Fail).collect();
    if report.counts.fail == 0 {
        return;
    }
    talk(format_args!("{} failed:", report.counts.fail));
    for entry in &failed {
        let operation = entry.operation.as_deref().unwrap_or_default();
        let first = entry.findings.first().map(|finding| finding.shown()).unwrap_or_default();
        let more = entry.findings.len().saturating_sub(1);
        let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
        talk(fitted(&format!("  {} {}: {}{more}", shown(&entry.id), shown(operation), shown(&first))));
    }
    if report.counts.fail > failed.len() {
        talk(format_args!("  and {} more, for which --keep has no room", report.counts.fail - failed.len()));
    }
}
