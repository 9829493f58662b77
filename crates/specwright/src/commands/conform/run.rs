//! Runs `conform`: plans, sends, reports.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use conformance_engine::plan::{Environment, Plan, Selection, Size};
use conformance_engine::report::text::counted;
use conformance_engine::report::{self, Verdict, text as report_text};
use conformance_engine::run::{Options, Stop, run as carry_out};
use conformance_engine::suite::Suite;
use conformance_engine::{Address, Known, Proxies, Secret, is_loopback, proxy_for};
use secrecy::ExposeSecret;

use crate::Failure;
use crate::commands::conform::arguments::Arguments;
use crate::commands::conform::costs::{self, Estimate};
use crate::commands::conform::endpoint::{Target, target};
use crate::commands::conform::{first_use, inputs};
use crate::commands::report_files;
use crate::output::console::{data, talk, text};
use crate::output::progress::{Progress, SignOfLife, clear_line};
use crate::output::secrets::without_secrets;
use crate::output::terminal::{self, fitted};
use crate::program::{Credentials, Documentation, Documented, Embedded, Program, Service, Words};
use crate::value::file::is_read;

/// Plans, sends and reports.
///
/// # Errors
/// The usage is wrong, or the run cannot start or finish.
pub async fn run<P: Program>(arguments: &Arguments<P>) -> Result<ExitCode, Failure> {
    let target = target(arguments)?;
    let Documented { suite, contract, needed, naming } = arguments.documentation.read()?;
    // Leaked, because it lives as long as the process.
    let suite: &'static Suite = Box::leak(Box::new(suite));
    let mut credentials = arguments.service.credentials(inputs::used(arguments, target.is_some()))?;
    let schemes = inputs::schemes(arguments, suite)?;
    let deviations = inputs::deviations(arguments, suite)?;
    arguments.ca_file.iter().for_each(|path| is_read(path));
    let reports = arguments.reports.open()?;
    // A list may be written over itself: it keeps what still fails, with its reasons.
    let other = arguments.write_deviations.as_deref().filter(|path| arguments.deviations.as_deref() != Some(*path));
    other.map_or(Ok(()), report_files::check)?;
    let token = credentials.token.as_ref().map(|token| Secret::new(token.expose_secret()));
    let reach = Environment {
        // What is embedded has them.
        provider_states: match &target {
            Some(target) => target.provider_states.is_some(),
            None => arguments.provider_states.is_some() || inputs::is_embedded(arguments),
        },
        givens: inputs::givens(arguments, suite)?,
        resource: arguments.resource.clone(),
        values: inputs::values(arguments, std::mem::take(&mut credentials.values))?,
        needed,
        credentials: Known::of(token.as_ref(), &schemes, credentials.signer.is_some()),
        prefer: arguments.prefer.then_some(naming),
    };
    let (only, skip) = (arguments.only.clone(), arguments.skip.clone());
    let is_local = match &target {
        Some(target) => is_loopback(&target.endpoint),
        None => inputs::is_embedded(arguments),
    };
    let frugal = inputs::is_frugal(arguments, is_local);
    let selection = Selection { only, skip, kinds: inputs::kinds(arguments), shard: arguments.shard, frugal };
    let plan = Plan::new(suite, &reach, &selection).map_err(Failure::usage)?;
    for pattern in &plan.matchless {
        talk(format_args!("warning: no case matches `{pattern}`"));
    }
    if arguments.plan {
        data(fitted(&without_secrets(&plan)))?;
        let longest = plan.longest(
            arguments.timeout,
            patience(arguments, is_local || target.is_none()) + arguments.settle.unwrap_or_default(),
        );
        let others = others(suite, &reach, &selection, &plan)?;
        // An endpoint that nobody names is most likely one of this machine.
        data(costs::table(&plan, &others, longest, Estimate::of(is_local || target.is_none())))?;
        disruptions::<P>(&plan, |line| data(format_args!("{line}\n")))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(target) = target.as_ref().filter(|target| !is_loopback(&target.endpoint) && !arguments.allow_disruptive)
    {
        return refuse::<P>(&plan, &target.endpoint);
    }

    let has_credentials = token.is_some() || credentials.signer.is_some() || !schemes.is_empty();
    let lacks_states = target.is_some() && first_use::has_no_states(arguments, &plan);
    let lacking = lacks_states.then(|| first_use::states::<P>(&plan, suite, has_credentials));
    if let Some(target) = target.as_ref().filter(|_| !has_credentials) {
        first_use::credentials(arguments, &plan, &target.endpoint)?;
    }
    let contract = Some(Arc::new(contract));
    let options =
        Options { deviations, contract, credentials: schemes, ..options(arguments, target, credentials).await? };
    let resource = suite.lifecycle.as_ref().map(|lifecycle| lifecycle.resource.clone());
    tokio::spawn(end_on_interrupt(options.stop.clone(), resource));
    let style = terminal::style();
    // If a report goes to standard output, the text goes to standard error.
    let told = |text: String| match reports.take_stdout() {
        true if text.is_empty() => Ok(()),
        true => {
            talk(text.trim_end());
            Ok(())
        }
        false => data(text),
    };
    // Cases that run one after another are reported as they end, so that an interrupted run has their results.
    let is_in_order = options.concurrency == 1;
    let mut progress = Progress::new(plan.steps().count());
    let mut written = Ok(());
    let mut said = report_text::Said::default();
    let report = carry_out(&plan, &options, |entry| {
        clear_line();
        progress.next(&entry.id);
        if is_in_order && written.is_ok() {
            written = told(text(|out| report_text::write_progress(entry, &mut said, style, out)));
        }
    });
    let report = report.await.map_err(|error| Failure::new(error.exit_code(), &error));
    clear_line();
    drop(progress);
    let report = report?;
    written?;

    if is_in_order {
        let details = text(|out| report_text::write_details(&report, style, out));
        // If nothing can be reached for want of a flag, the hint says it all.
        let details = if lacking.is_some() && report.verdict == Verdict::NothingRan { String::new() } else { details };
        told(if details.is_empty() { details } else { format!("\n{details}") })?;
        told(text(|out| said.write_repeated(style, out)))?;
        told(text(|out| report_text::write_summary(&report, style, out)))?;
    } else {
        told(text(|out| report_text::write_report(&report, style, out)))?;
    }
    lacking.iter().for_each(talk);
    if let Some(hint) = report::base_path_hint(suite, &report, &options.endpoint) {
        talk(hint);
    }
    first_use::static_mock(&report).iter().for_each(talk);
    reports.write(&report)?;
    if let Some(path) = &arguments.write_deviations {
        let list = report::baseline(&report, &options.deviations);
        report_files::place(path, &list).map_err(|error| report_files::cannot_finish(path, &error))?;
        let count = list.lines().filter(|line| *line == "  reason: \"\"").count();
        talk(format_args!("wrote {}: fill in the reasons of {}", path.display(), counted(count, "deviation")));
    }
    if !plan.spared.is_empty() {
        talk(format_args!(
            "not run, because they take operations of their own: {}; --thorough runs them",
            counted(plan.spared.len(), "case")
        ));
    }
    if !suite.left_out.is_empty() {
        let count = suite.left_out.len();
        talk(format_args!("without a case: {count} of the operations and examples; see --plan for the reasons"));
    }
    if !suite.untried.is_empty() {
        let count = suite.untried.len();
        talk(format_args!(
            "with constraints that are not tried: {}; see --plan for the reasons",
            counted(count, "operation")
        ));
    }
    arguments.coverage.conclude(&report)
}

async fn options<P: Program>(
    arguments: &Arguments<P>,
    target: Option<Target>,
    credentials: Credentials,
) -> Result<Options, Failure> {
    let Credentials { token, signer, .. } = credentials;
    let mut options = match target {
        Some(Target { endpoint, provider_states }) => {
            talk(format_args!("checking {endpoint}"));
            let token = token.map(|token| Secret::new(token.expose_secret()));
            Options { provider_states, token, signer, ..Options::new(endpoint) }
        }
        None => {
            let Embedded { endpoint, provider_states, token } = arguments.service.embedded(token).await?;
            let name = P::Service::EMBEDDED.unwrap_or("endpoint");
            talk(format_args!("checking the embedded {name} (no --endpoint)"));
            let token = Some(Secret::new(token.expose_secret()));
            Options { provider_states, token, ..Options::new(endpoint) }
        }
    };
    options.level = arguments.level.into();
    options.timeout = arguments.timeout;
    options.patience = patience(arguments, is_loopback(&options.endpoint));
    options.settle = arguments.settle.unwrap_or_default();
    options.max_retry_wait = arguments.max_retry_wait;
    options.wait_for_endpoint = arguments.wait_for_endpoint;
    options.watch = Some(Arc::new(SignOfLife::default()));
    options.deadline = arguments.deadline;
    options.shows_bodies = arguments.show_bodies;
    options.concurrency = arguments.concurrency.into();
    options.ca_file.clone_from(&arguments.ca_file);
    options.proxies = Proxies::from_environment();
    if let Some(proxy) = proxy_for(&options.proxies, &options.endpoint).map_err(Failure::usage)? {
        talk(format_args!("through the proxy {proxy}"));
    }
    // A signature is valid for one request and a few minutes, so a repeated request needs another one.
    let variable = if options.signer.is_some() { P::VARIABLES.signature } else { P::VARIABLES.token };
    variable.clone_into(&mut options.token_variable);
    P::VARIABLES.credential.clone_into(&mut options.credential_variables);
    Ok(options)
}

/// The jobs of a real service take minutes, those of an emulator milliseconds.
fn patience<P: Program>(arguments: &Arguments<P>, is_local: bool) -> Duration {
    arguments.job_timeout.unwrap_or(Duration::from_secs(if is_local { 30 } else { 1800 }))
}

/// The first Ctrl-C stops the run and restores the resource, the second one quits immediately.
async fn end_on_interrupt(stop: Stop, resource: Option<String>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        let restoring = resource.as_ref().map(|it| format!(": restoring the {it}'s initial state"));
        talk(format_args!("stopping{}; press Ctrl-C again to quit immediately", restoring.unwrap_or_default()));
        stop.now("the run was interrupted");
    }
    if tokio::signal::ctrl_c().await.is_ok() {
        let restored = resource.map(|it| format!(": the initial state of a {it} may not be restored"));
        talk(format_args!("quit immediately{}", restored.unwrap_or_default()));
        // Source: POSIX shells, 128 and the number of the signal.
        std::process::exit(130);
    }
}

/// What the other choices of kinds and thoroughness would cost, where that is something else.
fn others(
    suite: &'static Suite,
    reach: &Environment,
    selection: &Selection,
    plan: &Plan<'_>,
) -> Result<Vec<(&'static str, usize, Size)>, Failure> {
    let documented = || ["documented".to_owned(), "described".to_owned()].to_vec();
    let choices = [
        ("--kinds documented,described", Selection { kinds: documented(), ..selection.clone() }),
        ("--thorough", Selection { kinds: Vec::new(), frugal: false, ..selection.clone() }),
    ];
    let mut others = Vec::new();
    for (flags, choice) in choices {
        let other = Plan::new(suite, reach, &choice).map_err(Failure::usage)?;
        let (cases, size) = (other.steps().count(), other.size());
        if (cases, size) != (plan.steps().count(), plan.size()) {
            others.push((flags, cases, size));
        }
    }
    Ok(others)
}

/// Prints the plan and what it disrupts, instead of sending it to an endpoint that is not on this machine.
fn refuse<P: Program>(plan: &Plan<'_>, endpoint: &Address) -> Result<ExitCode, Failure> {
    data(fitted(&plan.to_string()))?;
    disruptions::<P>(plan, |line| {
        talk(line);
        Ok(())
    })?;
    talk(format_args!("nothing was sent: {endpoint} is not a loopback address"));
    if plan.steps().next().is_none() {
        let Words { resource, resource_flag, .. } = P::WORDS;
        talk(format_args!(
            "hint: no case can run; add --{resource_flag} with a {resource} that may be disrupted, or --provider-states"
        ));
    } else {
        talk("hint: if everything that this plan reaches may be disrupted, add --allow-disruptive");
    }
    Ok(ExitCode::from(4))
}

/// What the plan does to users of the endpoint, one line for each operation.
fn disruptions<P: Program>(plan: &Plan<'_>, mut say: impl FnMut(&str) -> Result<(), Failure>) -> Result<(), Failure> {
    for operation in plan.disruptive() {
        if let Some(disruption) = P::disruption(operation) {
            say(&format!("{operation} {disruption}"))?;
        }
    }
    Ok(())
}
