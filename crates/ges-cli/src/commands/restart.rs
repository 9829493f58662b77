//! `ges restart`: forcibly restarts a graph.

use std::process::ExitCode;

use ges_client::{Client, Error};
use specwright::Failure;

use crate::call::operation::{Call, Consent, Target, accepted, carry_out};
use crate::call::{Question, exit_status};

/// Restart a graph that is running, importing, exporting or clearing
///
/// Running tasks fail. With --wait, version 2 of the API is called, because its response names the job to wait for. If
/// the service has only version 1.0, that is called.
#[derive(clap::Args)]
#[command(after_help = concat!("Example:
  ges restart --graph-id G --yes --wait", "\n\n", exit_status!(call)))]
pub(crate) struct Restart {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    call: Call,
}

pub(crate) async fn run(arguments: &Restart) -> Result<ExitCode, Failure> {
    let Restart { target, consent, call } = arguments;
    let question = Question {
        what: format!("restart graph {}", target.graph_id),
        effect: "Running tasks fail, and the graph answers no queries until it runs again.",
        is_answered: consent.yes,
    };
    let restart = async |ges: &Client| {
        if call.wait {
            match ges.restart_graph_v2(&target.graph_id).send().await {
                Err(error) if is_unknown_address(&error) => {}
                answer => return Ok(accepted(&answer?)),
            }
        }
        Ok(accepted(&ges.restart_graph(&target.graph_id).send().await?))
    };
    carry_out("restart_graph", target, call, Some(question), restart).await
}

/// Whether the service does not have the operation, so that nothing has changed. A service that has the operation but
/// not the graph responds with a GES code.
fn is_unknown_address(error: &Error) -> bool {
    matches!(error.status(), Some(404 | 405)) && error.code().is_none_or(|code| !code.starts_with("GES."))
}
