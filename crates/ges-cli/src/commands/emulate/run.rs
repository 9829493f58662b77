//! `ges emulate`: runs the emulator on an address.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use ges_emulator::{Config, Emulator, Fault, Key, Listeners, Transitions, User};

use crate::Failure;
use crate::commands::emulate::{limits, tls};
use crate::commands::listener::{asked_to_stop, bind, local};
use crate::output::console::{data, talk};

/// Run a Graph Engine Service on localhost
///
/// The first line on standard output is `listening on http://ADDRESS`, or https. Ctrl-C or SIGTERM end it: no new
/// connections, running requests end, exit status 0.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ges emulate --listen 127.0.0.1:8080
  ges emulate --token T --transitions manual:2 --seed 7

Bring a graph into a state, and learn its id:
  curl -d '{\"state\": \"a running graph\"}' http://127.0.0.1:8080/_emulator/provider-states")]
pub(crate) struct Arguments {
    /// Address and port on this machine; port 0 is any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// A token to accept in X-Auth-Token (repeatable; without it, any token is accepted)
    #[arg(long, value_name = "TOKEN", env = "GES_TOKEN", hide_env_values = true)]
    token: Vec<String>,
    /// An access key to accept signatures of (SDK-HMAC-SHA256)
    #[arg(long, value_name = "AK", env = "HUAWEICLOUD_SDK_AK", requires = "sk")]
    ak: Option<String>,
    /// The secret of --ak
    #[arg(long, value_name = "SK", env = "HUAWEICLOUD_SDK_SK", hide_env_values = true, requires = "ak")]
    sk: Option<String>,
    /// A user who may sign in at POST /v3/auth/tokens (repeatable)
    #[arg(long, value_name = "NAME:PASSWORD[@DOMAIN]")]
    user: Vec<User>,
    /// Keep everything in this file, also over a crash; without it, in memory
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Let calls fail at a rate: a status, reset, truncate, or job (its job fails); `after`: the call took effect (repeatable)
    #[arg(long, value_name = "CODE:RATE[:before|after]")]
    fault: Vec<Fault>,
    /// An address for the control API alone; where the service is not on loopback, the only one it has
    #[arg(long, value_name = "ADDRESS")]
    control_listen: Option<SocketAddr>,
    /// How long jobs take: immediate, manual:N (until they were looked at N times), or time:MILLISECONDS
    #[arg(long, value_name = "MODE", default_value = "immediate")]
    transitions: Transitions,
    /// The same seed and the same calls give the same ids
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The project that new graphs belong to
    #[arg(long, value_name = "ID", env = "HUAWEICLOUD_SDK_PROJECT_ID")]
    project_id: Option<String>,
    /// Say every request and its answer on standard error: method, target, status, time, request id
    #[arg(long)]
    log: bool,
    #[command(flatten)]
    tls: tls::TlsFlags,
    #[command(flatten)]
    limits: limits::LimitFlags,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let tls = arguments.tls.tls(arguments.listen)?;
    let service = bind(arguments.listen).await?;
    let address = local(&service)?;
    let control = match arguments.control_listen {
        Some(control) => Some(bind(control).await?),
        None => None,
    };
    // Whoever reaches the control API can do anything with the emulator, so it is on loopback or where it was asked for.
    let control_address = match &control {
        Some(control) => Some(local(control)?),
        None => address.ip().is_loopback().then_some(address),
    };
    let emulator = emulator(arguments)?;
    let project = emulator.config().project_id.clone();

    let scheme = if tls.is_some() { "https" } else { "http" };
    data(format_args!("listening on {scheme}://{address}\n"))?;
    tls.as_ref().map_or(Ok(()), |tls| arguments.tls.introduce(tls))?;
    match control_address {
        Some(control) => {
            talk(format_args!("project {project}; states: POST {scheme}://{control}/_emulator/provider-states"))
        }
        None => talk(format_args!("project {project}; no control API beyond loopback (see --control-listen)")),
    }
    ges_emulator::serve(Listeners { service, control, tls }, emulator, asked_to_stop()).await;
    Ok(ExitCode::SUCCESS)
}

fn emulator(arguments: &Arguments) -> Result<Emulator, Failure> {
    let mut limits = arguments.limits.limits();
    limits::fit_open_files(&mut limits);
    let mut config = Config { transitions: arguments.transitions, seed: arguments.seed, limits, ..Config::default() };
    config.reference = Some(include_bytes!(concat!(env!("OUT_DIR"), "/reference.html.gz")));
    config.log = arguments.log.then_some(|line| talk(line));
    config.tokens = arguments.token.iter().filter(|token| !token.is_empty()).cloned().collect();
    if let (Some(ak), Some(sk)) = (&arguments.ak, &arguments.sk) {
        config.keys.push(Key::new(ak, sk));
    }
    config.users.clone_from(&arguments.user);
    config.faults.clone_from(&arguments.fault);
    if let Some(project) = arguments.project_id.as_ref().filter(|project| !project.is_empty()) {
        config.project_id.clone_from(project);
    }
    match &arguments.data {
        Some(path) => Emulator::open(config, path).map_err(Failure::cannot_start),
        None => Ok(Emulator::new(config)),
    }
}
