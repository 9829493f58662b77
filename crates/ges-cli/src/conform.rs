//! `ges conform`: does an endpoint do what the documentation says?

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use clap::ValueEnum;
use conformance_engine::check::Level;
use conformance_engine::plan::{Naming, Plan, Reach, Selection};
use conformance_engine::report::{self, Report, Shard};
use conformance_engine::run::{Deviations, Options, Stop, run as carry_out};
use conformance_engine::suite::Suite;
use conformance_engine::{Address, Secret, Sign, Values, is_loopback};
use ges_client::credentials::{Found, FoundCredentials, Place};
use ges_conformance::{Given, Operation};

use crate::connection::{Proof, Service};
use crate::console::{self, Progress, data, talk};
use crate::quantity::seconds;
use crate::reports::ReportArguments;
use crate::signing::Signer;
use crate::{Failure, embedded, export, merge, replay};

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
    command: Option<Command>,
    #[command(flatten)]
    service: Service,
    /// Whom to ask for states, by Pact's protocol: POST {"state": …, "action": "setup", "params": {}}
    #[arg(long, value_name = "URL")]
    provider_states: Option<String>,
    /// A graph that is led through its states, and back
    #[arg(long, value_name = "ID")]
    graph_id: Option<String>,
    /// A graph that is in a state already, such as 'an importing graph=ID'; more values follow with commas, such as
    /// 'a stopped graph with a backup=ID,backup_id=B' (repeatable)
    #[arg(long, value_name = "STATE=ID")]
    given: Vec<String>,
    /// Ask a static mock for each example by its name (Prefer: code=…, example=…), as Prism understands it; no state is
    /// needed then, and only documented examples are checked
    #[arg(long, conflicts_with_all = ["graph_id", "given", "provider_states"])]
    prefer: bool,
    /// A value for a parameter or body member that only the endpoint can know, such as upgradeVersion=2.3.4;
    /// what a state brings is preferred (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Only cases of these kinds; all, but with --cases only documented ones
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',')]
    kinds: Vec<Kind>,
    /// Print what would be sent, in order, with its effects and how long it may take, and send nothing
    #[arg(long)]
    plan: bool,
    /// Only cases whose id matches, such as 'stop_graph/*'; * is any text and ? any character (repeatable)
    #[arg(long, value_name = "GLOB")]
    only: Vec<String>,
    /// No cases whose id matches (repeatable)
    #[arg(long, value_name = "GLOB")]
    skip: Vec<String>,
    /// How much a reply must have in common with the documented one
    #[arg(long = "match", value_name = "LEVEL", value_enum, default_value_t = Match::Documented)]
    level: Match,
    /// Seconds for each call, from connecting to the last byte
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    timeout: Duration,
    /// Seconds for what a call began, a start say, to end; 30, or 1800 for an endpoint that is not on this machine
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    wait: Option<Duration>,
    /// Seconds to wait instead where neither jobs nor graphs can be looked at
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    settle: Option<Duration>,
    /// Seconds for the whole run; what is left then is not sent, but a graph is still brought back
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    deadline: Option<Duration>,
    /// Cases at the same time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256),
          allow_negative_numbers = true)]
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
    /// Cases that are known to fail, as a YAML list of `id`, `reason` and perhaps `until`; one that passes is a failure
    #[arg(long, value_name = "FILE")]
    deviations: Option<PathBuf>,
    /// Only the Ith of N parts of the cases, each to be run with a graph of its own; see `ges conform merge`
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    #[command(flatten)]
    reports: ReportArguments,
    #[command(flatten)]
    proof: Proof,
}

#[derive(clap::Subcommand)]
enum Command {
    Replay(replay::Arguments),
    Merge(merge::Arguments),
    Export(export::Arguments),
    /// Print the JSON schema of `--report json`
    Schema,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// Documented examples
    Documented,
    /// Documented requests that break one documented constraint each
    Derived,
    /// Requests in a row that show a documented effect
    Journey,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Match {
    /// Status, media type, and the body against its schema
    Schema,
    /// Also every member of the documented example, with its type; error codes equal
    Documented,
    /// The documented example itself; for static mocks
    Exact,
}

impl From<Match> for Level {
    fn from(level: Match) -> Level {
        match level {
            Match::Schema => Level::Schema,
            Match::Documented => Level::Documented,
            Match::Exact => Level::Exact,
        }
    }
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Some(Command::Replay(arguments)) => return replay::run(arguments),
        Some(Command::Merge(arguments)) => return merge::run(arguments),
        Some(Command::Export(arguments)) => return export::run(arguments),
        Some(Command::Schema) => return data(report::SCHEMA).map(|()| ExitCode::SUCCESS),
        None => {}
    }
    let reports = arguments.reports.open()?;
    // As long as the process, which is over soon: nobody has to take it apart again.
    let suite: &'static Suite = Box::leak(Box::new(suite(arguments)?));
    let target = target(arguments)?;
    let credentials = credentials(arguments, target.is_some())?;
    let reach = Reach {
        provider_states: target.as_ref().is_none_or(|target| target.provider_states.is_some()),
        givens: givens(arguments, suite)?,
        resource: arguments.graph_id.clone(),
        values: values(arguments, credentials.as_ref(), suite)?,
        needed: needed(),
        // Our own document goes to mocks with one operation per path.
        prefer: arguments.prefer.then_some(if arguments.cases.is_none() { Naming::Merged } else { Naming::Plain }),
    };
    let (only, skip) = (arguments.only.clone(), arguments.skip.clone());
    let selection = Selection { only, skip, kinds: kinds(arguments), shard: arguments.shard };
    let plan = Plan::new(suite, &reach, &selection).map_err(Failure::usage)?;
    for pattern in &plan.matchless {
        talk(format_args!("warning: no case matches `{pattern}`"));
    }
    if arguments.plan {
        data(&plan)?;
        let is_local = target.as_ref().is_none_or(|target| is_loopback(&target.endpoint));
        let size = plan.size();
        data(format_args!(
            "{} requests, and {} waits for what they begin: {} at most\n",
            size.requests,
            size.waits,
            span(plan.longest(arguments.timeout, patience(arguments, is_local) + arguments.settle.unwrap_or_default())),
        ))?;
        disruptions(&plan, |line| data(format_args!("{line}\n")))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(target) = target.as_ref().filter(|target| !is_loopback(&target.endpoint) && !arguments.allow_disruptive)
    {
        return refuse(&plan, &target.endpoint);
    }

    let deviations = deviations(arguments, suite)?;
    let options = Options { deviations, ..options(arguments, target, credentials).await? };
    tokio::spawn(end_on_interrupt(options.stop.clone()));
    let style = console::style();
    // Standard output belongs to a report that was asked for there; then the text is talk.
    let told = |text: String| match reports.take_stdout() {
        true if text.is_empty() => Ok(()),
        true => {
            talk(text.trim_end());
            Ok(())
        }
        false => data(text),
    };
    let started = SystemTime::now();
    // Cases that run one after another are reported as they end, so that nothing is lost when the run is cut short.
    let is_in_order = options.concurrency == 1;
    let mut progress = Progress::new(plan.steps().count());
    let mut written = Ok(());
    let run = carry_out(&plan, &options, |result| {
        progress.next(&result.case.id);
        if is_in_order && written.is_ok() {
            written = told(text(|out| report::text::write_case(result, style, out)));
        }
    });
    let run = run.await.map_err(|error| Failure { message: error.to_string(), exit: error.exit_code() });
    drop(progress);
    let mut run = run?;
    if let Some(shard) = arguments.shard {
        // The others are for the other shards to count.
        let mut position = 0..;
        run.results.retain(|_| position.next().is_some_and(|position| shard.has(position)));
    }
    written?;

    if is_in_order {
        told(text(|out| report::text::write_summary(&run, style, out)))?;
    } else {
        told(text(|out| report::text::write_run(&run, style, out)))?;
    }
    if !reports.are_none() {
        reports.write(&Report::of_run(&run, suite, started, arguments.shard))?;
    }
    if !suite.left_out.is_empty() {
        let count = suite.left_out.len();
        talk(format_args!("{count} operations or examples of the document are no case; --plan says why"));
    }
    Ok(ExitCode::from(run.verdict().exit_code()))
}

pub(crate) fn text(write: impl FnOnce(&mut String) -> std::fmt::Result) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut text);
    text
}

fn deviations(arguments: &Arguments, suite: &Suite) -> Result<Deviations, Failure> {
    let Some(path) = &arguments.deviations else { return Ok(Deviations::default()) };
    let text = replay::read(path)?;
    Deviations::read(&text, suite).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
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

/// What is checked, if it is not the emulator inside.
struct Target {
    endpoint: Address,
    provider_states: Option<Address>,
}

fn target(arguments: &Arguments) -> Result<Option<Target>, Failure> {
    let provider_states = arguments.provider_states.as_deref().map(Address::url).transpose().map_err(Failure::usage)?;
    match arguments.service.endpoint()? {
        Some(endpoint) => {
            let endpoint = Address::endpoint(&endpoint).map_err(Failure::usage)?;
            Ok(Some(Target { endpoint, provider_states }))
        }
        None => {
            let speaks = [
                ("--cases", arguments.cases.is_some()),
                ("--provider-states", provider_states.is_some()),
                ("--graph-id", arguments.graph_id.is_some()),
                ("--given", !arguments.given.is_empty()),
                ("--prefer", arguments.prefer),
            ];
            match speaks.iter().find(|(_, given)| *given) {
                Some((flag, _)) => Err(Failure::usage(format!(
                    "{flag} speaks of an endpoint, and there is none\nhint: add --endpoint URL"
                ))),
                None => Ok(None),
            }
        }
    }
}

/// The credentials of the command line, else of the environment. Users cannot sign in here, and the profile file in the
/// home directory is not read: the endpoint under test may not be trusted with its keys.
fn credentials(arguments: &Arguments, has_endpoint: bool) -> Result<Option<Found>, Failure> {
    if arguments.proof.has_keys() && !has_endpoint {
        return Err(Failure::usage("--ak and --profile require an endpoint\nhint: add --endpoint URL"));
    }
    // The keys in the environment are for GES, not for the API of another document.
    let is_ges = has_endpoint && arguments.cases.is_none() && !arguments.prefer;
    let places = if is_ges { &[Place::Token, Place::Keys, Place::NamedProfile][..] } else { &[Place::Token] };
    arguments.proof.find(places)
}

async fn options(arguments: &Arguments, target: Option<Target>, found: Option<Found>) -> Result<Options, Failure> {
    let (token, signer) = match found.map(|found| found.credentials) {
        Some(FoundCredentials::Token(token)) => (Some(token.expose_secret().to_owned()), None),
        Some(FoundCredentials::Keys(keys)) => (None, Some(Arc::new(Signer(keys)) as Arc<dyn Sign>)),
        // `credentials` does not look for users.
        Some(FoundCredentials::Password(_)) | None => (None, None),
    };
    let mut options = match target {
        Some(Target { endpoint, provider_states }) => {
            talk(format_args!("checking {endpoint}"));
            Options { provider_states, token: token.map(Secret::new), signer, ..Options::new(endpoint) }
        }
        None => {
            let embedded = embedded::start(token).await?;
            talk("checking the emulator inside this command (no --endpoint)");
            Options {
                provider_states: Some(embedded.provider_states),
                token: Some(embedded.token),
                ..Options::new(embedded.endpoint)
            }
        }
    };
    options.level = arguments.level.into();
    options.timeout = arguments.timeout;
    options.patience = patience(arguments, is_loopback(&options.endpoint));
    options.settle = arguments.settle.unwrap_or_default();
    options.deadline = arguments.deadline;
    options.concurrency = arguments.concurrency.into();
    options.ca_file.clone_from(&arguments.ca_file);
    // A signature is good for one request and a few minutes: whoever repeats it needs another one.
    let variable = if options.signer.is_some() { "GES_SIGNATURE" } else { "GES_TOKEN" };
    variable.clone_into(&mut options.token_variable);
    Ok(options)
}

/// `--given`. The first value names the graph; others have a name of their own.
fn givens(arguments: &Arguments, suite: &Suite) -> Result<BTreeMap<String, Values>, Failure> {
    let identifier = suite.lifecycle.as_ref().map(|lifecycle| lifecycle.identifier.clone());
    let mut givens: BTreeMap<String, Values> = BTreeMap::new();
    for given in &arguments.given {
        let wrong =
            |what: &str| Failure::usage(format!("--given `{given}` {what}\nhint: write it as 'a running graph=ID'"));
        let (state, list) = given.split_once('=').ok_or_else(|| wrong("is not STATE=ID"))?;
        let values = givens.entry(state.to_owned()).or_default();
        for (index, pair) in list.split(',').enumerate() {
            let (name, value) = match (pair.split_once('='), &identifier) {
                (Some((name, value)), _) => (name.to_owned(), value),
                (None, Some(identifier)) if index == 0 => (identifier.clone(), pair),
                (None, _) => return Err(wrong(&format!("does not say what `{pair}` is"))),
            };
            if value.is_empty() {
                return Err(wrong(&format!("has no value for {name}")));
            }
            if values.insert(name.clone(), value.to_owned()).is_some() {
                return Err(wrong(&format!("gives {name} a second value")));
            }
        }
    }
    Ok(givens)
}

/// A document that is not ours may be served by anything; its examples are what it surely has.
fn kinds(arguments: &Arguments) -> Vec<String> {
    let names = |kinds: &[Kind]| {
        kinds
            .iter()
            .map(|kind| match kind {
                Kind::Documented => "documented".to_owned(),
                Kind::Derived => "derived".to_owned(),
                Kind::Journey => "journey".to_owned(),
            })
            .collect()
    };
    let is_ours = arguments.cases.is_none() && !arguments.prefer;
    if arguments.kinds.is_empty() && !is_ours { names(&[Kind::Documented]) } else { names(&arguments.kinds) }
}

/// The jobs of a real service take minutes, those of an emulator moments.
fn patience(arguments: &Arguments, is_local: bool) -> Duration {
    arguments.wait.unwrap_or(Duration::from_secs(if is_local { 30 } else { 1800 }))
}

/// The first Ctrl-C ends the run in an orderly way, the second one at once.
async fn end_on_interrupt(stop: Stop) {
    if tokio::signal::ctrl_c().await.is_ok() {
        talk("stopping: what was led through its states is brought back; Ctrl-C again ends at once");
        stop.now("the run was interrupted");
    }
    if tokio::signal::ctrl_c().await.is_ok() {
        talk("ended at once: a graph may be left in another state than it was found in");
        // Source: POSIX shells, 128 and the number of the signal.
        std::process::exit(130);
    }
}

fn span(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h", seconds.div_ceil(3600)),
    }
}

/// `--set` and `--project-id`.
fn values(arguments: &Arguments, found: Option<&Found>, suite: &Suite) -> Result<Values, Failure> {
    let mut values = Values::new();
    // The environment does not know whether the document under test has projects.
    let takes_project = |parameter: &conformance_engine::suite::Parameter| parameter.name == "project_id";
    if suite.cases.iter().any(|case| case.request.parameters.iter().any(takes_project))
        && let Some(project) = arguments.service.project_id(found)?
    {
        values.insert("project_id".to_owned(), project);
    }
    for pair in &arguments.set {
        let (name, value) =
            pair.split_once('=').ok_or_else(|| Failure::usage(format!("--set `{pair}` is not NAME=VALUE")))?;
        if values.insert(name.to_owned(), value.to_owned()).is_some_and(|earlier| earlier != value) {
            talk(format_args!("warning: `{name}` is set twice; the last value counts"));
        }
    }
    Ok(values)
}

/// What each state of GES has to bring along. States of other documents may bring what they like.
pub(crate) fn needed() -> BTreeMap<String, Vec<String>> {
    let names = |given: Given| given.values().iter().map(|name| (*name).to_owned()).collect();
    Given::ALL.into_iter().map(|given| (given.id().to_owned(), names(given))).collect()
}

/// The calls would stop, restart and upgrade somebody's graphs: says so instead of sending them.
fn refuse(plan: &Plan<'_>, endpoint: &Address) -> Result<ExitCode, Failure> {
    data(plan)?;
    disruptions(plan, |line| {
        talk(line);
        Ok(())
    })?;
    talk(format_args!("nothing was sent: {endpoint} is not a loopback address"));
    talk(if plan.steps().next().is_none() {
        "hint: no case can run; --graph-id names a graph that may be used, --provider-states whom to ask for states"
    } else {
        "hint: if everything that this plan reaches may be disrupted, add --allow-disruptive"
    });
    Ok(ExitCode::from(4))
}

/// What the plan does to people who use the graphs, a line for each operation.
fn disruptions(plan: &Plan<'_>, mut say: impl FnMut(&str) -> Result<(), Failure>) -> Result<(), Failure> {
    for operation in plan.disruptive() {
        if let Some(disruption) = Operation::from_id(operation).and_then(Operation::disruption) {
            say(&format!("{operation} {disruption}"))?;
        }
    }
    Ok(())
}
