//! What does `ges emulate` allow its callers?

use std::time::Duration;

use ges_emulator::Limits;

use crate::console::talk;
use crate::quantity::{bytes, seconds};

#[derive(clap::Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitFlags {
    /// Connections at the same time; one more takes the place of the one that has been idle or slow for longest
    #[arg(long, value_name = "N", default_value = "1024", value_parser = connections)]
    max_connections: usize,
    /// The largest body of a request; a larger one is answered with 413
    #[arg(long, value_name = "BYTES", default_value = "1MiB", value_parser = bytes)]
    max_body: usize,
    /// The largest snapshot that can be restored
    #[arg(long, value_name = "BYTES", default_value = "64MiB", value_parser = bytes)]
    max_snapshot: usize,
    /// The largest head of a request, the token included; a larger one is answered with 431
    #[arg(long, value_name = "BYTES", default_value = "64KiB", value_parser = bytes)]
    max_head: usize,
    /// The most header fields of a request; more are answered with 431
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..))]
    max_header_fields: u16,
    /// From the first byte of a request to the end of its head, and for a TLS handshake; then the connection is closed
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    head_timeout: Duration,
    /// For the body of a request; then it is answered with 408
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    body_timeout: Duration,
    /// How long a connection may stay open without a request
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    idle_timeout: Duration,
    /// How long an answer waits for a caller who takes nothing of it
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    write_timeout: Duration,
    /// Finished jobs that are remembered; the oldest are forgotten first
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    max_jobs: usize,
    /// The latest requests that the page and GET /_emulator/requests show
    #[arg(long, value_name = "N", default_value_t = 100)]
    max_journal: usize,
    /// How long running requests may take to end once the emulator was asked to stop
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    shutdown_grace: Duration,
}

impl LimitFlags {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            connections: self.max_connections,
            body_bytes: self.max_body,
            snapshot_bytes: self.max_snapshot,
            head_bytes: self.max_head,
            head_fields: self.max_header_fields.into(),
            head_timeout: self.head_timeout,
            body_timeout: self.body_timeout,
            idle_timeout: self.idle_timeout,
            write_timeout: self.write_timeout,
            shutdown_grace: self.shutdown_grace,
            jobs: self.max_jobs,
            journal: self.max_journal,
            ..Limits::default()
        }
    }
}

/// Sees to it that the process may open a file for every connection, or says that it may not and makes do.
pub(crate) fn fit_open_files(limits: &mut Limits) {
    /// Listeners, the data file, standard streams, and the connections of the control API.
    const OTHERS: usize = 256;
    // Where it cannot be told, there is no such limit, or it shows when it is reached.
    let wanted = limits.connections.saturating_add(OTHERS);
    let Ok(allowed) = rlimit::increase_nofile_limit(wanted as u64) else { return };
    let allowed = usize::try_from(allowed).unwrap_or(usize::MAX);
    if allowed < wanted {
        limits.connections = allowed.saturating_sub(OTHERS).max(allowed / 2).max(1);
        talk(format_args!(
            "note: this process may open {allowed} files, so it takes {} connections at a time\n\
             hint: `ulimit -Hn {wanted}` before, or --max-connections {}",
            limits.connections, limits.connections
        ));
    }
}

fn connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1_000_000) => Ok(number),
        _ => Err("a number from 1 to 1000000 is needed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        limits: LimitFlags,
    }

    #[test]
    fn the_defaults_are_those_of_the_emulator() {
        let Ok(flags) = Flags::try_parse_from(["ges"]) else { panic!("defaults that cannot be read") };
        assert_eq!(format!("{:?}", flags.limits.limits()), format!("{:?}", Limits::default()));
    }
}
