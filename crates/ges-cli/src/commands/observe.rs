//! `ges observe`: a proxy that checks traffic against the documentation.
//!
//! Checking never delays traffic: it runs on its own thread, and traffic that it cannot keep up with is counted.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use conformance_engine::Address;
use conformance_engine::check::Level;
use conformance_engine::recorded::Recorded;
use conformance_engine::report::text::{write_entry, write_summary};
use conformance_engine::report::{Counts, Entry, Origin, Outcome, Report};
use conformance_engine::traffic::proxy::{Event, Options, observe};

use crate::Failure;
use crate::call::exit_status;
use crate::commands::conform::report_files::ReportArguments;
use crate::commands::conform::traffic::{ContractFlags, Documented};
use crate::commands::listener::{asked_to_stop, bind, local};
use crate::output::console::{self, data, talk, text};
use crate::value::quantity::Size;

/// Forward traffic to a service unchanged, and check each exchange against the documentation
///
/// The first line on standard output is `listening on http://ADDRESS`, the endpoint for the client. Each exchange is a
/// line on standard error. Ctrl-C or SIGTERM stops the proxy and writes the reports; a second Ctrl-C quits immediately.
#[derive(clap::Args)]
#[command(after_help = concat!("\
Examples:
  ges observe --upstream http://127.0.0.1:8080 --report html=traffic.html
  ges observe --upstream https://ges.example.net --replace-host

", exit_status!(check)))]
pub(crate) struct Arguments {
    /// Address to listen on; port 0 selects a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Service to forward to: scheme, host and port
    #[arg(long, value_name = "URL")]
    upstream: String,
    /// Replace the header Host by the host of the service (breaks AK/SK signatures)
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
    against: ContractFlags,
    #[command(flatten)]
    reports: ReportArguments,
}

/// The bytes that may wait to be checked; beyond, bodies are dropped.
const QUEUE: usize = 64 << 20;

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let reports = arguments.reports.open()?;
    let upstream = Address::url(&arguments.upstream).map_err(Failure::usage)?;
    if !upstream.is_bare() {
        return Err(Failure::usage(format!(
            "--upstream `{upstream}` must not have a path, because requests are forwarded unchanged\nhint: give the path to the client"
        )));
    }
    let against = arguments.against.read()?;
    let listener = bind(arguments.listen).await?;
    let address = local(&listener)?;

    let options = Options {
        upstream: upstream.clone(),
        ca_file: arguments.ca_file.clone(),
        body_limit: arguments.body_limit.0,
        replaces_host: arguments.replace_host,
        grace: Duration::from_secs(2),
    };
    let (queue, events) = channel();
    let queue = Queue { events: queue, waiting: Arc::default() };
    let waiting = Arc::clone(&queue.waiting);
    let keeps = if reports.are_none() { 0 } else { arguments.keep.0 };
    let shown = upstream.to_string();
    let judge = std::thread::spawn(move || judge(&arguments.against, &against, shown, keeps, &events, &waiting));

    data(format_args!("listening on http://{address}\n"))?;
    talk(format_args!("forwarding to {upstream}; press Ctrl-C to stop and write the reports"));
    let end = observe(listener, options, move |event| queue.put(event), asked_to_stop()).await;
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
    talk(text(|out| write_summary(&report, console::Style::default(), out)).trim_end());
    reports.write(&report)?;
    Ok(ExitCode::from(report.verdict.exit_code()))
}

/// Exchanges that wait to be checked. Adding one never blocks.
struct Queue {
    events: Sender<Event>,
    waiting: Arc<AtomicUsize>,
}

impl Queue {
    fn put(&self, mut event: Event) {
        if let Event::Exchange(recorded) = &mut event {
            if self.waiting.load(Ordering::Relaxed) > QUEUE {
                let reason = "more traffic than could be judged";
                recorded.let_bodies_go(reason);
            }
            self.waiting.fetch_add(recorded.size(), Ordering::Relaxed);
        }
        // The checker may have ended; the end of the run reports that.
        let _ = self.events.send(event);
    }
}

/// Checks exchanges until there are no more.
fn judge(
    arguments: &ContractFlags,
    against: &Documented,
    upstream: String,
    keeps: usize,
    events: &Receiver<Event>,
    waiting: &AtomicUsize,
) -> Report {
    let style = console::error_style();
    let mut watcher = arguments.watcher(against, Level::Documented);
    let mut kept = Kept { room: keeps, ..Kept::default() };
    for event in events {
        match event {
            Event::Note(remark) => talk(format_args!("note: {}", remark.escape_debug())),
            Event::Exchange(recorded) => {
                let size = recorded.size();
                let mut recorded: Recorded = *recorded;
                recorded.label = (kept.seen + 1).to_string();
                let entry = watcher.see_passing(recorded);
                waiting.fetch_sub(size, Ordering::Relaxed);
                talk(text(|out| write_entry(&entry, style, out)).trim_end());
                kept.add(entry, size);
            }
        }
    }
    let mut report =
        Report::new(Origin::Watch, watcher.document(), upstream, Level::Documented.to_string(), kept.entries);
    report.omit(kept.omitted);
    report
}

/// What is kept for the reports.
#[derive(Default)]
struct Kept {
    entries: Vec<Entry>,
    omitted: Counts,
    seen: usize,
    /// In bytes.
    room: usize,
}

impl Kept {
    fn add(&mut self, entry: Entry, size: usize) {
        /// What an entry takes beside its bodies, roughly.
        const ENTRY: usize = 4096;

        self.seen += 1;
        // Kept twice while the report is written: as values and as text.
        match self.room.checked_sub(size + ENTRY) {
            Some(room) => {
                self.room = room;
                self.entries.push(entry);
            }
            None => {
                self.room = 0;
                self.omitted.add(entry.outcome);
                if entry.outcome == Outcome::Fail && self.omitted.fail == 1 {
                    talk("note: the reports are full and do not list this exchange (see --keep)");
                }
            }
        }
    }
}
