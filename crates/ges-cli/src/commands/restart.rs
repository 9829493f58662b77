//! `ges restart`: forcibly restarts a graph.

use std::process::ExitCode;

use ges_client::{Client, Error};

use crate::Failure;
use crate::call::operation::{Call, Consent, Target, accepted, carry_out};
use crate::call::{Question, exit_status};

/// Restart a graph that is running, importing, exporting or clearing
///
/// Its running tasks fail. With --wait, version 2 of the API is asked first: its answer names the job to wait for, which
/// that of version 1.0 need not do.
#[derive(clap::Args)]
#[command(after_help = concat!("Example:
  ges restart --graph-id G --yes --wait", exit_status!()))]
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
        effect: "Its running tasks fail, and it answers no queries for a while.",
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

/// Whether a service does not have an operation, in which case nothing has happened: one that has it and not the graph
/// has a code of its own for that.
fn is_unknown_address(error: &Error) -> bool {
    matches!(error.status(), Some(404 | 405)) && error.code().is_none_or(|code| !code.starts_with("GES."))
}
