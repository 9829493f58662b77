//! `ges emulate`: a Graph Engine Service on localhost.

use std::net::SocketAddr;
use std::process::ExitCode;

use ges_emulator::{Config, Emulator, Transitions};
use tokio::net::TcpListener;

use crate::Failure;
use crate::console::{data, talk};

/// Run a Graph Engine Service on localhost
///
/// The first line on standard output is `listening on http://ADDRESS`. Ends on Ctrl-C or SIGTERM.
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
    /// How long jobs take: immediate, manual:N (until they were looked at N times), or time:MILLISECONDS
    #[arg(long, value_name = "MODE", default_value = "immediate")]
    transitions: Transitions,
    /// The same seed and the same calls give the same ids
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The project that new graphs belong to
    #[arg(long, value_name = "ID", env = "HUAWEICLOUD_SDK_PROJECT_ID")]
    project_id: Option<String>,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if !arguments.listen.ip().is_loopback() {
        // Whoever reaches the control API can do anything with the emulator.
        let message =
            format!("{} is not an address of this machine alone\nhint: listen on 127.0.0.1 or [::1]", arguments.listen);
        return Err(Failure::usage(message));
    }
    let cannot =
        |error: std::io::Error| Failure::cannot_start(format!("cannot listen on {}: {error}", arguments.listen));
    let listener = TcpListener::bind(arguments.listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;

    let mut config = Config { transitions: arguments.transitions, seed: arguments.seed, ..Config::default() };
    config.tokens = arguments.token.iter().filter(|token| !token.is_empty()).cloned().collect();
    if let Some(project) = &arguments.project_id {
        config.project_id.clone_from(project);
    }
    let project = config.project_id.clone();

    data(format_args!("listening on http://{address}\n"))?;
    talk(format_args!("project {project}; states: POST http://{address}/_emulator/provider-states"));
    ges_emulator::serve(listener, Emulator::new(config), asked_to_stop()).await;
    Ok(ExitCode::SUCCESS)
}

/// Ctrl-C or, where there is such a thing, SIGTERM.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(mut terminate), Ok(mut interrupt)) => tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            },
            // Without signals there is no graceful end, only an end.
            _ => std::future::pending().await,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}
