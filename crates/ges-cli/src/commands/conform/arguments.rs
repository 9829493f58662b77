//! The flags of `ges conform`.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use conformance_engine::report::Shard;
use secrecy::SecretString;
use specwright::value::level::Match;
use specwright::value::quantity::duration;

use crate::call::exit_status;
use crate::commands::conform::coverage::CoverageArguments;
use crate::commands::conform::report_files::ReportArguments;
use crate::commands::conform::{export, merge, replay};
use crate::connection::{CredentialFlags, Service};

/// Check whether an endpoint does what the documentation says, and report what deviates
///
/// Without --endpoint, the emulator is started inside the command and checked.
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    mut_arg("project_id", |arg| arg.help(
        "Project of the requests, where --provider-states or --given names none [default: that of the profile] \
         [env: HUAWEICLOUD_SDK_PROJECT_ID]"
    )),
    mut_arg("profile", |arg| arg.help(
        "Profile file of the official SDK with keys and project; ~/.huaweicloud/credentials is not read unless it is \
         named [env: HUAWEICLOUD_SDK_CREDENTIALS_FILE]"
    )),
    after_help = concat!("\
Examples:
  ges conform
  ges conform --endpoint URL --token T --provider-states URL/states
  ges conform --endpoint https://ges.example.net --graph-id G --plan
  ges conform --endpoint http://127.0.0.1:4010 --prefer --match exact

Kinds of cases (--kinds):
  documented  the examples of the document
  described   operations without a response example
  permitted   documented requests, changed as the document permits
  derived     documented requests that break one constraint each
  journey     requests in a sequence that shows a documented effect

The state that a case needs, such as a running graph, comes from --given, from --graph-id or from --provider-states, in \
this order. With --graph-id, the graph is stopped, started and so on, until it has been in every state that calls can \
reach. Then its initial state is restored, also after Ctrl-C. A second Ctrl-C quits at once.

Requests go straight to the endpoint: HTTP_PROXY, HTTPS_PROXY and ALL_PROXY are not used.

Outcomes:
  pass         the reply keeps what the document promises
  fail         it does not
  deviates     it does not, and --deviations lists the case
  unreachable  its state cannot be reached, so nothing was sent
  skipped      the case was not selected
  broken       the case could not be judged, and the endpoint is not the cause

", exit_status!(check))
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) service: Service,
    /// Pact provider-state endpoint: POST {"state": …, "action": "setup", "params": {}}
    #[arg(long, value_name = "URL")]
    pub(super) provider_states: Option<String>,
    /// Graph to drive through its lifecycle; its initial state is restored afterwards
    #[arg(long, value_name = "ID")]
    pub(super) graph_id: Option<String>,
    /// Graph that is in this state already, such as 'an importing graph=ID'; more values follow after commas, such as
    /// 'a stopped graph with a backup=ID,backup_id=B' (repeatable)
    #[arg(long, value_name = "STATE=ID")]
    pub(super) given: Vec<String>,
    /// Request each example of a static mock by name (Prefer: code=…, example=…), as Prism understands it; this needs no
    /// states, and checks documented examples only
    #[arg(long, conflicts_with_all = ["graph_id", "given", "provider_states"])]
    pub(super) prefer: bool,
    /// Value of a parameter or body member that depends on the endpoint, such as upgradeVersion=2.3.4;
    /// a value that comes with a state takes precedence (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) set: Vec<String>,
    /// Value of a security scheme of the document, by the scheme's name; for HTTP basic, user:password. Preferred to the
    /// token; better exported as GES_CREDENTIAL_NAME, because other users can see command lines (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) credential: Vec<SecretString>,
    /// Only cases of these kinds [default: all; with --cases and no states: documented,described]
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',')]
    pub(super) kinds: Vec<Kind>,
    /// All cases, also those that take jobs of their own; by default, a run that drives one graph at an endpoint which is
    /// not on this machine sends the documented cases and what costs no job more
    #[arg(long, conflicts_with = "kinds")]
    pub(super) thorough: bool,
    /// Print the requests in order, with their effects and what each choice costs, and send nothing
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
    /// Maximum time of a call, from connecting to the last byte
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration, allow_negative_numbers = true)]
    pub(super) timeout: Duration,
    /// Maximum time that a case waits in all where the endpoint answers 429 or 503 with Retry-After
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration, allow_negative_numbers = true)]
    pub(super) max_retry_wait: Duration,
    /// Wait so long until the endpoint answers: GET of its base path, with any status but 502, 503 and 504
    #[arg(long, value_name = "DURATION", value_parser = duration, allow_negative_numbers = true)]
    pub(super) wait_for_endpoint: Option<Duration>,
    /// Maximum time to wait for a job to finish [default: 30s; 30m for an endpoint that is not loopback]
    #[arg(long, value_name = "DURATION", value_parser = duration, allow_negative_numbers = true)]
    pub(super) job_timeout: Option<Duration>,
    /// Pause after a call that starts a job, if the endpoint can show neither the job nor the graph [default: none]
    #[arg(long, value_name = "DURATION", value_parser = duration, allow_negative_numbers = true)]
    pub(super) settle: Option<Duration>,
    /// Maximum time of the whole run; the rest is not sent, but the graph's initial state is restored
    #[arg(long, value_name = "DURATION", value_parser = duration, allow_negative_numbers = true)]
    pub(super) deadline: Option<Duration>,
    /// Cases at the same time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256),
          allow_negative_numbers = true)]
    pub(super) concurrency: u16,
    /// Send the requests also to an endpoint that is not on this machine, where they stop, restart and upgrade graphs
    #[arg(long)]
    pub(super) allow_disruptive: bool,
    /// PEM file with CA certificates to trust in addition to those of the system
    #[arg(long, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
    /// Cases of another API instead of those of GES, derived with `cargo xtask codegen --spec` (requires --endpoint or --plan)
    #[arg(long, value_name = "FILE")]
    pub(super) cases: Option<PathBuf>,
    /// Contract of that API, to say how much of it the cases cover
    #[arg(long, value_name = "FILE", requires = "cases")]
    pub(super) contract: Option<PathBuf>,
    /// YAML list of cases that are known to fail: `id` (with * and ?), `reason` and, if wanted, `until`. A listed case that
    /// passes is a failure
    #[arg(long, value_name = "FILE")]
    pub(super) deviations: Option<PathBuf>,
    /// Write the failures of this run as such a list, with reasons to fill in
    #[arg(long, value_name = "FILE")]
    pub(super) write_deviations: Option<PathBuf>,
    /// Only part I of N of the cases; run each part with its own graph, and see `ges conform merge`
    #[arg(long, value_name = "I/N")]
    pub(super) shard: Option<Shard>,
    #[command(flatten)]
    pub(super) reports: ReportArguments,
    #[command(flatten)]
    pub(super) coverage: CoverageArguments,
    #[command(flatten)]
    pub(super) proof: CredentialFlags,
}

#[derive(clap::Subcommand)]
pub(super) enum Command {
    Replay(replay::Arguments),
    /// See `ges observe`, which checks traffic as it passes
    #[command(after_help = exit_status!(local))]
    Observe {
        /// Whatever `ges observe` takes
        #[arg(value_name = "ARGUMENTS", trailing_var_arg = true, allow_hyphen_values = true)]
        _rest: Vec<String>,
    },
    Merge(merge::Arguments),
    Export(export::Arguments),
    /// Print the JSON schema of `--report json`
    #[command(after_help = exit_status!(local))]
    Schema,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    /// Documented examples
    Documented,
    /// Operations without a response example, judged by status and schema
    Described,
    /// Documented requests, changed or written in other ways that the document permits
    Permitted,
    /// Documented requests that break one documented constraint each
    Derived,
    /// Sequences of requests that show a documented effect
    Journey,
}
