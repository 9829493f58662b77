//! The flags of `ges conform`.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use conformance_engine::report::Shard;

use crate::commands::conform::level::Match;
use crate::commands::conform::report_files::ReportArguments;
use crate::commands::conform::{export, merge, replay};
use crate::connection::{Proof, Service};
use crate::value::quantity::seconds;

/// Check whether an endpoint does what the documentation says, and report what deviates
///
/// Sends every documented example (documented), documented requests that break one documented constraint each and must
/// be refused (derived), and sequences that show documented effects (journey). Without --endpoint, the emulator is
/// started inside the command and checked.
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    mut_arg("project_id", |arg| arg.help(
        "Project for requests whose state does not supply one; the default is that of the profile \
         [env: HUAWEICLOUD_SDK_PROJECT_ID]"
    )),
    mut_arg("profile", |arg| arg.help(
        "Profile file of the official SDK with keys and project; ~/.huaweicloud/credentials is not read unless it is \
         named [env: HUAWEICLOUD_SDK_CREDENTIALS_FILE]"
    )),
    after_help = "\
Examples:
  ges conform
  ges conform --endpoint http://127.0.0.1:8080 --token T --provider-states http://127.0.0.1:8080/states
  ges conform --endpoint https://ges.example.net --graph-id G --plan
  ges conform --endpoint http://127.0.0.1:4010 --prefer --match exact

What a case needs, a running graph or a stopped one, comes from --given, from --graph-id or from --provider-states, in
this order. With --graph-id, the graph is stopped, started, backed up and so on until every state was there that can be,
and is brought back to the one it was found in. Ctrl-C ends the run and brings it back too; a second one ends at once.

Exit status:
  0  every case that ran passed, and at least one ran; or the plan was printed, as asked
  1  the contract is broken
  2  bad usage
  3  the run could not start, be judged or end: no connection, credentials refused, a provider of states that fails, a
     deadline, Ctrl-C
  4  nothing ran"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) service: Service,
    /// Whom to ask for states, by Pact's protocol: POST {"state": …, "action": "setup", "params": {}}
    #[arg(long, value_name = "URL")]
    pub(super) provider_states: Option<String>,
    /// A graph that is led through its states, and back
    #[arg(long, value_name = "ID")]
    pub(super) graph_id: Option<String>,
    /// A graph that is in a state already, such as 'an importing graph=ID'; more values follow with commas, such as
    /// 'a stopped graph with a backup=ID,backup_id=B' (repeatable)
    #[arg(long, value_name = "STATE=ID")]
    pub(super) given: Vec<String>,
    /// Ask a static mock for each example by its name (Prefer: code=…, example=…), as Prism understands it; no state is
    /// needed then, and only documented examples are checked
    #[arg(long, conflicts_with_all = ["graph_id", "given", "provider_states"])]
    pub(super) prefer: bool,
    /// A value for a parameter or body member that only the endpoint can know, such as upgradeVersion=2.3.4;
    /// what a state brings is preferred (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) set: Vec<String>,
    /// Only cases of these kinds; all, but with --cases only documented ones
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',')]
    pub(super) kinds: Vec<Kind>,
    /// Print what would be sent, in order, with its effects and how long it may take, and send nothing
    #[arg(long)]
    pub(super) plan: bool,
    /// Only cases whose id matches, such as 'stop_graph/*'; * is any text and ? any character (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub(super) only: Vec<String>,
    /// No cases whose id matches (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub(super) skip: Vec<String>,
    /// How much a reply must have in common with the documented one
    #[arg(long = "match", value_name = "LEVEL", value_enum, default_value_t = Match::Documented)]
    pub(super) level: Match,
    /// Seconds for each call, from connecting to the last byte
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    pub(super) timeout: Duration,
    /// Seconds for what a call began, a start say, to end; 30, or 1800 for an endpoint that is not on this machine
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(super) wait: Option<Duration>,
    /// Seconds to wait instead where neither jobs nor graphs can be looked at
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(super) settle: Option<Duration>,
    /// Seconds for the whole run; what is left then is not sent, but a graph is still brought back
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(super) deadline: Option<Duration>,
    /// Cases at the same time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256),
          allow_negative_numbers = true)]
    pub(super) concurrency: u16,
    /// Let the calls of the plan reach an endpoint that is not on this machine: they stop, restart and upgrade graphs
    #[arg(long)]
    pub(super) allow_disruptive: bool,
    /// Certificates to trust beside the system's, as PEM
    #[arg(long, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
    /// Other cases than those of GES, as `cargo xtask codegen --spec` derives them from a document (needs --endpoint)
    #[arg(long, value_name = "FILE")]
    pub(super) cases: Option<PathBuf>,
    /// Cases that are known to fail, as a YAML list of `id`, `reason` and perhaps `until`; one that passes is a failure
    #[arg(long, value_name = "FILE")]
    pub(super) deviations: Option<PathBuf>,
    /// Only the Ith of N parts of the cases, each to be run with a graph of its own; see `ges conform merge`
    #[arg(long, value_name = "I/N")]
    pub(super) shard: Option<Shard>,
    #[command(flatten)]
    pub(super) reports: ReportArguments,
    #[command(flatten)]
    pub(super) proof: Proof,
}

#[derive(clap::Subcommand)]
pub(super) enum Command {
    Replay(replay::Arguments),
    Merge(merge::Arguments),
    Export(export::Arguments),
    /// Print the JSON schema of `--report json`
    Schema,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    /// Documented examples
    Documented,
    /// Documented requests that break one documented constraint each
    Derived,
    /// Requests in a row that show a documented effect
    Journey,
}
