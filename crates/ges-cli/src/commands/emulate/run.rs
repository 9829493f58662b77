//! `ges emulate`: runs the emulator on an address.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use ges_emulator::{Config, Emulator, Fault, Key, Listeners, Transitions, User};
use secrecy::{ExposeSecret, SecretString};
use specwright::Failure;
use specwright::commands::listener::{asked_to_stop, bind, local};
use specwright::output::console::{data, talk};
use specwright::value::listen::listen;

use crate::call::exit_status;
use crate::commands::emulate::{limits, probe, tls};

/// Run a Graph Engine Service on localhost
///
/// The first line on standard output is `listening on http://ADDRESS` (or https). Ctrl-C or SIGTERM stops it: new
/// connections are refused, running requests finish, and the exit status is 0.
#[derive(clap::Args)]
#[command(after_help = concat!("\
Examples:
  ges emulate --listen 127.0.0.1:8080
  ges emulate --token T --transitions manual:2 --seed 7
  ges emulate --listen 127.0.0.1:8080 --probe

Create a graph in a state; the response has its ID:
  curl -d '{\"state\": \"a running graph\"}' ADDRESS/_emulator/provider-states

", exit_status!(local)))]
pub(crate) struct Arguments {
    /// Address to listen on; port 0 selects a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = listen)]
    listen: SocketAddr,
    /// Token to accept in X-Auth-Token (repeatable); any token is accepted without --token, --ak and --iam-user
    #[arg(long, value_name = "TOKEN", env = "GES_TOKEN", hide_env_values = true)]
    token: Vec<String>,
    /// Access key whose signatures to accept (SDK-HMAC-SHA256)
    #[arg(long, value_name = "AK", env = "HUAWEICLOUD_SDK_AK", hide_env_values = true, requires = "sk")]
    ak: Option<String>,
    /// Secret key of --ak
    #[arg(long, value_name = "SK", env = "HUAWEICLOUD_SDK_SK", hide_env_values = true, requires = "ak")]
    sk: Option<String>,
    /// User who may sign in at POST /v3/auth/tokens (repeatable)
    #[arg(long, value_name = "NAME:PASSWORD[@DOMAIN]")]
    iam_user: Vec<SecretString>,
    /// File that keeps the state, also after a crash [default: in memory only]
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Make calls fail at a rate from 0 to 1 (repeatable); CODE is a status, reset, truncate, or job (the job fails);
    /// with `after`, the call takes effect first
    #[arg(long, value_name = "CODE:RATE[:before|after]")]
    fault: Vec<Fault>,
    /// Separate address for the control API, which is on --listen only if that is a loopback address
    #[arg(long, value_name = "ADDRESS", value_parser = listen)]
    control_listen: Option<SocketAddr>,
    /// How long jobs take: immediate, manual:N (unfinished for N queries), or time:DURATION
    #[arg(long, value_name = "MODE", default_value = "immediate")]
    transitions: Transitions,
    /// Seed of the IDs; the same seed and the same calls give the same IDs
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Project of new graphs
    #[arg(long, value_name = "ID", env = "HUAWEICLOUD_SDK_PROJECT_ID", hide_env_values = true)]
    project_id: Option<String>,
    /// Ask the emulator that listens on --listen for a sign of life, and exit: a health check without a shell
    #[arg(long)]
    probe: bool,
    /// Log every request to standard error: method, target, status, time, request ID
    #[arg(long)]
    log: bool,
    #[command(flatten)]
    tls: tls::TlsFlags,
    #[command(flatten)]
    limits: limits::LimitFlags,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if arguments.probe {
        return probe::probe(arguments.listen, arguments.tls.is_wanted());
    }
    if SystemTime::now() < SystemTime::UNIX_EPOCH {
        // No answer could have a date, and none would be sent.
        return Err(Failure::cannot_start("the clock of this system is before 1970\nhint: set the clock"));
    }
    let tls = arguments.tls.tls(arguments.listen)?;
    let service = bind(arguments.listen).await?;
    let address = local(&service)?;
    let control = match arguments.control_listen {
        Some(control) => Some(bind(control).await?),
        None => None,
    };
    // The control API can do anything with the emulator, so it is on loopback or on the address of --control-listen.
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
        Some(control) => talk(format_args!(
            "project {project}; provider states: POST {scheme}://{control}/_emulator/provider-states"
        )),
        None => talk(format_args!(
            "project {project}; no control API, because {address} is not a loopback address (see --control-listen)"
        )),
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
    // Without a token, any is accepted. An empty variable of the environment is none.
    let is_given = std::env::args_os().any(|word| word == "--token" || word == "--token=");
    if is_given && arguments.token.iter().any(String::is_empty) {
        return Err(Failure::usage("--token is empty; expected a token\nhint: is the variable set that it came from?"));
    }
    config.tokens = arguments.token.iter().filter(|token| !token.is_empty()).cloned().collect();
    if let (Some(ak), Some(sk)) = (&arguments.ak, &arguments.sk) {
        config.keys.push(Key::new(ak, sk));
    }
    // The error of clap would repeat the password.
    let users = arguments.iam_user.iter().map(|user| user.expose_secret().parse::<User>());
    config.users = users.collect::<Result<_, _>>().map_err(|error| Failure::usage(format!("--iam-user: {error}")))?;
    config.faults.clone_from(&arguments.fault);
    if let Some(project) = arguments.project_id.as_ref().filter(|project| !project.is_empty()) {
        config.project_id.clone_from(project);
    }
    match &arguments.data {
        Some(path) => {
            survive_a_limit_of_file_sizes();
            Emulator::open(config, path).map_err(Failure::cannot_start)
        }
        None => Ok(Emulator::new(config)),
    }
}

/// Lets a write beyond the limit of file sizes (`ulimit -f`) fail, as a write to a full disk does. Without a handler, the
/// signal ends the process without a word.
fn survive_a_limit_of_file_sizes() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        /// SIGXFSZ, the same number on all systems that the command is built for.
        const FILE_TOO_LARGE: i32 = 25;
        // The handler stays. Without it the signal does what it did before.
        let _ = signal(SignalKind::from_raw(FILE_TOO_LARGE));
    }
}
