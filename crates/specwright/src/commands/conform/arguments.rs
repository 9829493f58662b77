//! The flags of `conform`.

use std::path::PathBuf;
use std::time::Duration;

use crate::value::level::Match;
use crate::value::quantity::duration;
use clap::ValueEnum;
use conformance_engine::report::Shard;
use secrecy::SecretString;

use crate::commands::coverage::CoverageArguments;
use crate::commands::report_files::ReportArguments;
use crate::exit_status;
use crate::program::{Program, Service, Words, examples};

// The headings of the help.
const CONNECTION: &str = "Connection";
const STATES: &str = "States";
const CASES: &str = "Cases";
const REPORTS: &str = "Reports";

/// Check whether an endpoint does what the documentation says, and report what deviates
#[derive(clap::Args)]
#[command(after_help = after_help::<P>())]
pub struct Arguments<P: Program> {
    #[command(flatten)]
    pub(super) documentation: P::Documentation,
    #[command(flatten)]
    pub(super) service: P::Service,
    /// Pact provider-state endpoint: POST {"state": …, "action": "setup", "params": {}}
    #[arg(long, help_heading = STATES, value_name = "URL")]
    pub(super) provider_states: Option<String>,
    #[arg(long = P::WORDS.resource_flag, help_heading = STATES, value_name = "ID", help = format!(
        "{} to drive through its lifecycle; its initial state is restored afterwards", capital(P::WORDS.resource)
    ))]
    pub(super) resource: Option<String>,
    #[arg(long, help_heading = STATES, value_name = "STATE=ID", help = format!(
        "{} that is in this state already, such as '{}'; more values follow after commas, such as '{}' (repeatable)",
        capital(P::WORDS.resource), P::WORDS.given, P::WORDS.given_more
    ))]
    pub(super) given: Vec<String>,
    /// Request each example of a static mock by name (Prefer: code=…, example=…), as Prism understands it; this needs no
    /// states, and checks documented examples only
    #[arg(long, help_heading = STATES, conflicts_with_all = ["resource", "given", "provider_states"])]
    pub(super) prefer: bool,
    #[arg(long, help_heading = STATES, value_name = "NAME=VALUE", help = format!(
        "Value of a parameter or body member that depends on the endpoint, such as {}; a value that comes with a state \
         takes precedence (repeatable)", P::WORDS.set
    ))]
    pub(super) set: Vec<String>,
    #[arg(long, help_heading = CONNECTION, value_name = "NAME=VALUE", help = format!(
        "Value of a security scheme of the document, by the scheme's name; for HTTP basic, user:password. Preferred to \
         the token; better exported as {}NAME, because other users can see command lines (repeatable)",
        P::VARIABLES.credential
    ))]
    pub(super) credential: Vec<SecretString>,
    /// Only cases of these kinds [default: all; documented,described with --prefer]
    #[arg(long, help_heading = CASES, value_name = "KIND", value_enum, value_delimiter = ',')]
    pub(super) kinds: Vec<Kind>,
    #[arg(long, help_heading = CASES, conflicts_with = "kinds", help = format!(
        "All cases, also those that take jobs of their own; by default, a run that drives one {} at an endpoint which is \
         not on this machine sends the documented cases and what costs no job more", P::WORDS.resource
    ))]
    pub(super) thorough: bool,
    /// Print the requests in order, with their effects and what each choice costs, and send nothing
    #[arg(long, help_heading = CASES)]
    pub(super) plan: bool,
    #[arg(long, help_heading = CASES, value_name = "GLOB", help = format!(
        "Only cases whose id matches, such as '{}'; * is any text and ? any character (repeatable)", P::WORDS.cases
    ))]
    pub(super) only: Vec<String>,
    /// No cases whose id matches (repeatable)
    #[arg(long, help_heading = CASES, value_name = "GLOB")]
    pub(super) skip: Vec<String>,
    /// How much a reply must have in common with the documented one
    #[arg(long = "match", help_heading = CASES, value_name = "LEVEL", value_enum, default_value_t = Match::Documented)]
    pub(super) level: Match,
    /// Maximum time of a call, from connecting to the last byte
    #[arg(long, help_heading = CONNECTION, value_name = "DURATION", default_value = "10s", value_parser = duration, allow_negative_numbers = true)]
    pub(super) timeout: Duration,
    /// Maximum time that a case waits in all where the endpoint answers 429 or 503 with Retry-After
    #[arg(long, help_heading = CONNECTION, value_name = "DURATION", default_value = "60s", value_parser = duration, allow_negative_numbers = true)]
    pub(super) max_retry_wait: Duration,
    /// Wait so long until the endpoint answers: GET of its base path, with any status but 502, 503 and 504
    #[arg(long, help_heading = CONNECTION, value_name = "DURATION", value_parser = duration, allow_negative_numbers = true)]
    pub(super) wait_for_endpoint: Option<Duration>,
    /// Maximum time to wait for a job to finish [default: 30s; 30m for an endpoint that is not loopback]
    #[arg(long, help_heading = STATES, value_name = "DURATION", value_parser = duration, allow_negative_numbers = true)]
    pub(super) job_timeout: Option<Duration>,
    /// Pause after a call that starts a job, if the endpoint can show neither the job nor what it changes [default: none]
    #[arg(long, help_heading = STATES, value_name = "DURATION", value_parser = duration, allow_negative_numbers = true)]
    pub(super) settle: Option<Duration>,
    /// Maximum time of the whole run; the rest is not sent, but initial states are restored
    #[arg(long, help_heading = CASES, value_name = "DURATION", value_parser = duration, allow_negative_numbers = true)]
    pub(super) deadline: Option<Duration>,
    /// Cases at the same time
    #[arg(long, help_heading = CONNECTION, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256),
          allow_negative_numbers = true)]
    pub(super) concurrency: u16,
    #[arg(long, help_heading = CONNECTION, help = format!(
        "Send the requests also to an endpoint that is not on this machine, where they {}", P::WORDS.disruption
    ))]
    pub(super) allow_disruptive: bool,
    /// PEM file with CA certificates to trust in addition to those of the system
    #[arg(long, help_heading = CONNECTION, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
    /// YAML list of cases that are known to fail: `id` (with * and ?), `reason` and, if wanted, `until`. A listed case that
    /// passes is a failure
    #[arg(long, help_heading = REPORTS, value_name = "FILE")]
    pub(super) deviations: Option<PathBuf>,
    /// Write the failures of this run as such a list, with reasons to fill in
    #[arg(long, help_heading = REPORTS, value_name = "FILE")]
    pub(super) write_deviations: Option<PathBuf>,
    #[arg(long, help_heading = CASES, value_name = "I/N", help = format!(
        "Only part I of N of the cases; run each part with its own {}, and see `{}`", P::WORDS.resource, P::call("merge")
    ))]
    pub(super) shard: Option<Shard>,
    /// Show bodies that cannot be read, and may therefore hold a secret; reports cut them otherwise
    #[arg(long, help_heading = REPORTS)]
    pub(super) show_bodies: bool,
    #[command(flatten)]
    pub(super) reports: ReportArguments,
    #[command(flatten)]
    pub(super) coverage: CoverageArguments,
}

fn after_help<P: Program>() -> String {
    let Words { resource, resource_flag, endpoint, .. } = P::WORDS;
    let plan = format!("{{conform}} --endpoint {endpoint} --{resource_flag} ID --plan");
    let mut lines = vec![
        "{conform} --endpoint URL --token T --provider-states URL/states",
        &plan,
        "{conform} --endpoint http://127.0.0.1:4010 --prefer --match exact",
    ];
    lines.splice(0..0, P::Service::EMBEDDED.map(|_| "{conform}"));
    format!(
        "\
{}
Kinds of cases (--kinds):
  documented  the examples of the document
  described   operations without a response example
  permitted   documented requests, changed as the document permits
  derived     documented requests that break one constraint each
  journey     requests in a sequence that shows a documented effect
A static mock keeps none but the first two: --kinds documented,described.

The state that a case needs, such as {}, comes from --given, from --{resource_flag} or from --provider-states, in \
this order. With --{resource_flag}, the {resource} is driven from state to state, until it has been in every state that \
calls can reach. Then its initial state is restored, also after Ctrl-C. A second Ctrl-C quits at once.

Requests go through the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names, unless NO_PROXY names the endpoint; to \
loopback through none.

Outcomes:
  pass         the reply keeps what the document promises
  fail         it does not
  deviates     it does not, and --deviations lists the case
  unjudged     the reply may have another reason than what
               the case is about
  unreachable  its state cannot be reached, so nothing was sent
  skipped      the case was not selected
  broken       the case could not be judged, and the endpoint is not the cause

{}",
        examples::<P>(&lines),
        P::WORDS.state,
        exit_status!(check)
    )
}

/// With a capital letter, as a sentence begins.
fn capital(word: &str) -> String {
    let mut rest = word.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

#[derive(Clone, Copy, Debug, ValueEnum)]
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
