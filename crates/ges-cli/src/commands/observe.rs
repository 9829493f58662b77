//! `ges observe`: a proxy that compares the traffic that passes with the documentation.
//!
//! Traffic is never held up by judging: a thread of its own judges what passed. What it cannot keep up with is counted.

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
use conformance_engine::report::lines;
use conformance_engine::report::{Counts, Entry, Origin, Outcome, Report};
use conformance_engine::traffic::proxy::{Event, Options, observe};

use crate::Failure;
use crate::commands::conform::report_files::ReportArguments;
use crate::commands::conform::traffic::{Against, AgainstArguments};
use crate::commands::listener::{asked_to_stop, bind, local};
use crate::output::console::{self, data, talk, text};

/// Pass traffic on to a service, unchanged, and judge each exchange against the documentation
///
/// The first line on standard output is `listening on http://ADDRESS`: the endpoint to give to the client. A line for
/// each exchange goes to standard error. Ends on Ctrl-C or SIGTERM, and then writes the reports; a second Ctrl-C ends
/// at once.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ges observe --upstream http://127.0.0.1:8080 --report html=traffic.html
  ges observe --listen 127.0.0.1:9000 --upstream https://ges.example.net --replace-host

Exit status: as for `ges conform`; 4 if no exchange could be judged")]
pub(crate) struct Arguments {
    /// Where to listen; port 0 is any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The service that gets the traffic
    #[arg(long, value_name = "URL")]
    upstream: String,
    /// Write the service's name into the header Host, for services that look at it (breaks AK/SK signatures)
    #[arg(long)]
    replace_host: bool,
    /// Certificates to trust beside the system's, as PEM
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// The longest body that is judged, in KiB; longer ones pass without
    #[arg(long, value_name = "KIB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    body_limit: u32,
    /// How much traffic is kept for the reports, in MiB; what comes later is counted and not listed
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    keep: u32,
    #[command(flatten)]
    against: AgainstArguments,
    #[command(flatten)]
    reports: ReportArguments,
}

/// What waits to be judged, in bytes, before bodies are let go.
const QUEUE: usize = 64 << 20;

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let reports = arguments.reports.open()?;
    let upstream = Address::url(&arguments.upstream).map_err(Failure::usage)?;
    if !upstream.is_bare() {
        return Err(Failure::usage(format!(
            "the upstream `{upstream}` has a path, and requests pass as they are\nhint: leave the path to the client"
        )));
    }
    let against = arguments.against.read()?;
    let listener = bind(arguments.listen).await?;
    let address = local(&listener)?;

    let options = Options {
        upstream: upstream.clone(),
        ca_file: arguments.ca_file.clone(),
        body_limit: arguments.body_limit as usize * 1024,
        replaces_host: arguments.replace_host,
        grace: Duration::from_secs(2),
    };
    let (queue, events) = channel();
    let queue = Queue { events: queue, waiting: Arc::default() };
    let waiting = Arc::clone(&queue.waiting);
    let keeps = if reports.are_none() { 0 } else { arguments.keep as usize * 1024 * 1024 };
    let shown = upstream.to_string();
    let judge = std::thread::spawn(move || judge(&arguments.against, &against, shown, keeps, &events, &waiting));

    data(format_args!("listening on http://{address}\n"))?;
    talk(format_args!("passing traffic on to {upstream}; Ctrl-C ends and reports"));
    let end = observe(listener, options, move |event| queue.put(event), asked_to_stop()).await;
    let finish = tokio::task::spawn_blocking(move || judge.join());
    let report = tokio::select! {
        report = finish => report,
        // Asked twice: whoever asks wants to leave.
        () = asked_to_stop() => return Ok(ExitCode::from(130)),
    };
    end.map_err(Failure::cannot_start)?;
    let report = match report {
        Ok(Ok(report)) => report,
        _ => return Err(Failure::cannot_start("the traffic could not be judged")),
    };
    talk(text(|out| lines::write_counts(&report, console::Style::default(), out)).trim_end());
    reports.write(&report)?;
    Ok(ExitCode::from(report.verdict.exit_code()))
}

/// What waits to be judged. Putting something there never waits.
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
        // Nobody listens any more if the judge is gone; the end of the run says so.
        let _ = self.events.send(event);
    }
}

/// Judges what comes until nothing more does.
fn judge(
    arguments: &AgainstArguments,
    against: &Against,
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
                talk(text(|out| lines::write_entry(&entry, style, out)).trim_end());
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
                    talk("note: there is no room left for this exchange in the reports (see --keep)");
                }
            }
        }
    }
}
