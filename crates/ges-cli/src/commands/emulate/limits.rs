//! The limits of `ges emulate`: connections, bodies, jobs and time.

use std::time::Duration;

use ges_emulator::Limits;
use specwright::output::console::talk;
use specwright::value::quantity::{Size, duration};

#[derive(clap::Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitFlags {
    /// Maximum number of connections; one more replaces the connection that has been idle or slow for longest
    #[arg(long, value_name = "N", default_value = "1024", value_parser = connections)]
    max_connections: usize,
    /// Maximum size of a request body; a larger one is answered with 413
    #[arg(long, value_name = "SIZE", default_value = "1MiB", allow_negative_numbers = true)]
    max_body: Size,
    /// Maximum time that a connection may stay open without a request
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = duration, allow_negative_numbers = true)]
    idle_timeout: Duration,
    /// Maximum number of finished jobs to keep; the oldest are removed first
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    max_jobs: usize,
    /// Maximum number of requests to keep for the page and GET /_emulator/requests
    #[arg(long, value_name = "N", default_value_t = 100)]
    max_journal: usize,
    /// Maximum time for running requests to finish after Ctrl-C or SIGTERM
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration, allow_negative_numbers = true)]
    shutdown_grace: Duration,
}

impl LimitFlags {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            connections: self.max_connections,
            body_bytes: self.max_body.0,
            idle_timeout: self.idle_timeout,
            shutdown_grace: self.shutdown_grace,
            jobs: self.max_jobs,
            journal: self.max_journal,
            ..Limits::default()
        }
    }
}

/// Raises the number of files that the process may open, or lowers the number of connections and says so.
pub(crate) fn fit_open_files(limits: &mut Limits) {
    /// Listeners, the data file, standard streams, and the connections of the control API.
    const OTHERS: usize = 256;
    // If the limit is unknown, the server notices when it is reached.
    let wanted = limits.connections.saturating_add(OTHERS);
    let Ok(allowed) = rlimit::increase_nofile_limit(wanted as u64) else { return };
    let allowed = usize::try_from(allowed).unwrap_or(usize::MAX);
    if allowed < wanted {
        limits.connections = allowed.saturating_sub(OTHERS).max(allowed / 2).max(1);
        talk(format_args!(
            "note: this process may open {allowed} files, so it serves at most {} connections at a time\n\
             hint: raise the limit with `ulimit -Hn {wanted}`, or add --max-connections {}",
            limits.connections, limits.connections
        ));
    }
}

fn connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1_000_000) => Ok(number),
        _ => Err("expected a number from 1 to 1000000".to_owned()),
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
