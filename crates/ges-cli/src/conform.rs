//! `ges conform`: does an endpoint do what the documentation says?

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::ValueEnum;
use conformance_engine::compare::Level;
use conformance_engine::plan::{Plan, Reach, Selection};
use conformance_engine::report_text::{self, Style};
use conformance_engine::run::{Options, run as carry_out};
use conformance_engine::suite::Suite;
use conformance_engine::{Address, Secret, Values, is_loopback};
use ges_conformance::Operation;

use crate::{Failure, embedded};

/// Replay every documented example against an endpoint and report what deviates
///
/// Without --endpoint, the emulator is started inside the command and checked.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ges conform
  ges conform --endpoint http://127.0.0.1:8080 --token T --provider-states http://127.0.0.1:8080/states
  ges conform --endpoint https://ges.example.net --project-id P --given 'a running graph=G' --plan

Exit status:
  0  every case that ran passed, and at least one ran (also after --plan)
  1  the contract is broken
  2  bad usage
  3  the run could not start or could not be judged: no connection, credentials refused, states that do not come
  4  nothing ran")]
pub(crate) struct Arguments {
    /// Where the service is: scheme, host, port, and a path prefix if it has one
    #[arg(long, value_name = "URL", env = "GES_ENDPOINT", conflicts_with = "region")]
    endpoint: Option<String>,
    /// A region of Huawei Cloud instead of an endpoint, such as cn-north-4
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The user token, sent as X-Auth-Token
    #[arg(long, value_name = "TOKEN", env = "GES_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The project, for requests whose state does not bring one
    #[arg(long, value_name = "ID", env = "HUAWEICLOUD_SDK_PROJECT_ID")]
    project_id: Option<String>,
    /// Whom to ask for states, by Pact's protocol: POST {"state": …, "action": "setup", "params": {}}
    #[arg(long, value_name = "URL")]
    provider_states: Option<String>,
    /// A graph that is in a state already; or NAME=VALUE pairs, with commas between, instead of GRAPH_ID
    #[arg(long, value_name = "STATE=GRAPH_ID")]
    given: Vec<String>,
    /// A value for a parameter or body member that only the endpoint can know, such as upgradeVersion=2.3.4
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Print what would be sent, and send nothing
    #[arg(long)]
    plan: bool,
    /// Only cases whose id matches; * is any text [repeatable]
    #[arg(long, value_name = "GLOB")]
    only: Vec<String>,
    /// No cases whose id matches [repeatable]
    #[arg(long, value_name = "GLOB")]
    skip: Vec<String>,
    /// How much a reply must have in common with the documented one
    #[arg(long = "match", value_name = "LEVEL", value_enum, default_value_t = Match::Documented)]
    level: Match,
    /// Seconds for each call, from connecting to the last byte
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Duration,
    /// Cases at the same time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    /// Let the calls of the plan reach an endpoint that is not on this machine: they stop, restart and upgrade graphs
    #[arg(long)]
    allow_disruptive: bool,
    /// Certificates to trust beside the system's, as PEM
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Other cases than those of GES, as `cargo xtask codegen --spec` derives them from a document (needs --endpoint)
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Match {
    /// Status, media type, and the body against its schema
    Schema,
    /// Also every member of the documented example, with its type; error codes equal
    Documented,
    /// The documented example itself; for static mocks
    Exact,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let suite = suite(arguments)?;
    let endpoint = endpoint(arguments)?;
    let provider_states = arguments.provider_states.as_deref().map(Address::url).transpose().map_err(Failure::usage)?;
    if endpoint.is_none() && (arguments.cases.is_some() || provider_states.is_some() || !arguments.given.is_empty()) {
        return Err(Failure::usage(
            "--cases, --provider-states and --given speak of an endpoint, and there is none\nhint: add --endpoint URL",
        ));
    }
    let reach = Reach {
        provider_states: provider_states.is_some() || endpoint.is_none(),
        givens: givens(&arguments.given)?,
        values: values(arguments, &suite)?,
    };
    let selection = Selection { only: arguments.only.clone(), skip: arguments.skip.clone() };
    let plan = Plan::new(&suite, &reach, &selection).map_err(Failure::usage)?;
    for pattern in &plan.matchless {
        eprintln!("warning: no case matches `{pattern}`");
    }
    if arguments.plan {
        print!("{plan}");
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(endpoint) = endpoint.as_ref().filter(|endpoint| !is_loopback(endpoint) && !arguments.allow_disruptive) {
        return Ok(refuse(&plan, endpoint));
    }

    let options = options(arguments, endpoint, provider_states).await?;
    eprintln!("checking {} against {}", options.endpoint, suite.title);
    let mut progress = Progress::new(plan.steps().count());
    let run = carry_out(&plan, &options, |result| progress.next(&result.case.id)).await;
    progress.clear();
    let run = run.map_err(|error| Failure { message: error.to_string(), exit: error.exit_code() })?;

    let mut report = String::new();
    let style = Style { colour: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() };
    // Writing to a string does not fail.
    let _ = report_text::write_run(&run, style, &mut report);
    if !suite.left_out.is_empty() {
        report.push_str(&format!(
            "{} examples or operations of the document are no case; --plan lists them\n",
            suite.left_out.len()
        ));
    }
    // A reader that went away (`| head`) has seen what it wanted.
    let _ = std::io::stdout().write_all(report.as_bytes());
    Ok(ExitCode::from(run.verdict().exit_code()))
}

fn suite(arguments: &Arguments) -> Result<Suite, Failure> {
    match &arguments.cases {
        None => ges_conformance::suite().map_err(Failure::cannot_start),
        Some(path) => {
            let shown = path.display();
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?;
            Suite::from_json(&text).map_err(|error| Failure::usage(format!("{shown}: {error}")))
        }
    }
}

fn endpoint(arguments: &Arguments) -> Result<Option<Address>, Failure> {
    // Source: the official SDK's table of regions (reference, "region table for GES").
    let of_region = arguments.region.as_ref().map(|region| format!("https://ges.{region}.myhuaweicloud.com"));
    let text = arguments.endpoint.clone().filter(|text| !text.is_empty()).or(of_region);
    text.as_deref().map(Address::endpoint).transpose().map_err(Failure::usage)
}

async fn options(
    arguments: &Arguments,
    endpoint: Option<Address>,
    provider_states: Option<Address>,
) -> Result<Options, Failure> {
    let token = arguments.token.clone().filter(|token| !token.is_empty());
    let mut options = match endpoint {
        Some(endpoint) => Options { provider_states, token: token.map(Secret::new), ..Options::new(endpoint) },
        None => {
            let embedded = embedded::start(token).await?;
            Options {
                provider_states: Some(embedded.provider_states),
                token: Some(embedded.token),
                ..Options::new(embedded.endpoint)
            }
        }
    };
    options.level = match arguments.level {
        Match::Schema => Level::Schema,
        Match::Documented => Level::Documented,
        Match::Exact => Level::Exact,
    };
    options.timeout = arguments.timeout;
    options.concurrency = arguments.concurrency.into();
    options.ca_file.clone_from(&arguments.ca_file);
    Ok(options)
}

/// `--set` and `--project-id`.
fn values(arguments: &Arguments, suite: &Suite) -> Result<Values, Failure> {
    let mut values = Values::new();
    // The project often comes from the environment, which does not know which document is checked.
    let takes_project = |parameter: &conformance_engine::suite::Parameter| parameter.name == "project_id";
    if let Some(project) = &arguments.project_id
        && suite.cases.iter().any(|case| case.request.parameters.iter().any(takes_project))
    {
        values.insert("project_id".to_owned(), project.clone());
    }
    for pair in &arguments.set {
        let (name, value) =
            pair.split_once('=').ok_or_else(|| Failure::usage(format!("--set `{pair}` is not NAME=VALUE")))?;
        values.insert(name.to_owned(), value.to_owned());
    }
    Ok(values)
}

/// `--given`.
fn givens(arguments: &[String]) -> Result<BTreeMap<String, Values>, Failure> {
    let mut givens: BTreeMap<String, Values> = BTreeMap::new();
    for argument in arguments {
        let (state, id) = argument
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("--given `{argument}` is not STATE=GRAPH_ID")))?;
        let values = givens.entry(state.trim().to_owned()).or_default();
        if !id.contains('=') {
            values.insert("graph_id".to_owned(), id.to_owned());
            continue;
        }
        for pair in id.split(',') {
            let (name, value) = pair
                .split_once('=')
                .ok_or_else(|| Failure::usage(format!("--given `{argument}`: `{pair}` is not NAME=VALUE")))?;
            values.insert(name.trim().to_owned(), value.to_owned());
        }
    }
    Ok(givens)
}

/// The calls would stop, restart and upgrade somebody's graphs: says so instead of sending them.
fn refuse(plan: &Plan<'_>, endpoint: &Address) -> ExitCode {
    print!("{plan}");
    let mut operations: Vec<&str> = plan.steps().map(|entry| entry.case.operation.as_str()).collect();
    operations.dedup();
    for operation in operations {
        if let Some(disruption) = Operation::from_id(operation).and_then(Operation::disruption) {
            eprintln!("{operation} {disruption}");
        }
    }
    eprintln!("nothing was sent: {endpoint} is not on this machine");
    eprintln!("hint: if every graph in this plan may be disrupted, add --allow-disruptive");
    ExitCode::from(4)
}

/// A line that counts the cases, on a terminal only.
struct Progress {
    is_shown: bool,
    done: usize,
    total: usize,
}

impl Progress {
    fn new(total: usize) -> Progress {
        Progress { is_shown: std::io::stderr().is_terminal(), done: 0, total }
    }

    fn next(&mut self, id: &str) {
        self.done += 1;
        if self.is_shown {
            let id: String = id.chars().filter(|c| !c.is_control()).take(60).collect();
            eprint!("\r\x1b[K{}/{} {id}", self.done, self.total);
        }
    }

    fn clear(&self) {
        if self.is_shown {
            eprint!("\r\x1b[K");
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if duration > Duration::ZERO => Ok(duration),
        _ => Err("a number of seconds greater than zero is needed".to_owned()),
    }
}
