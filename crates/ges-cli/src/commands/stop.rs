//! `ges stop`: stops a running graph.

use std::process::ExitCode;

use ges_client::Client;
use specwright::Failure;

use crate::call::operation::{Call, Consent, Target, accepted, carry_out};
use crate::call::{Question, exit_status};

/// Stop a running graph
///
/// After seven days a stopped graph starts again by itself.
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges stop --graph-id G --wait
  ges stop --graph-id G --yes --output json
  ges stop --graph-id G --dry-run", "\n\n", exit_status!(call)))]
pub(crate) struct Stop {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    call: Call,
}

pub(crate) async fn run(arguments: &Stop) -> Result<ExitCode, Failure> {
    let Stop { target, consent, call } = arguments;
    let question = Question {
        what: format!("stop graph {}", target.graph_id),
        effect: "The graph answers no queries until it is started again.",
        is_answered: consent.yes,
    };
    let stop = async |ges: &Client| Ok(accepted(&ges.stop_graph(&target.graph_id).send().await?));
    carry_out("stop_graph", target, call, Some(question), stop).await
}
