//! `ges start`: starts a stopped graph, from a backup if one is named.

use std::process::ExitCode;

use crate::Failure;
use crate::call::operation::{Call, Consent, Target, accepted, carry_out};
use crate::call::{Question, exit_status};

/// Start a stopped graph, perhaps from a backup
///
/// From a backup, what is in the graph is overwritten.
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges start --graph-id G --wait
  ges start --graph-id G --backup-id B --yes --wait", exit_status!()))]
pub(crate) struct Start {
    #[command(flatten)]
    target: Target,
    /// The backup to start from; `ges list backups` lists them
    #[arg(long, value_name = "ID")]
    backup_id: Option<String>,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    call: Call,
}

pub(crate) async fn run(arguments: &Start) -> Result<ExitCode, Failure> {
    let Start { target, backup_id, consent, call } = arguments;
    let backup_id = backup_id.as_ref().filter(|backup_id| !backup_id.is_empty());
    // A graph that only goes on from where it was needs nobody's consent.
    let question = backup_id.map(|backup_id| Question {
        what: format!("start graph {} from backup {backup_id}", target.graph_id),
        effect: "What is in the graph is overwritten.",
        is_answered: consent.yes,
    });
    carry_out("start_graph", target, call, question, async |ges| {
        let mut request = ges.start_graph(&target.graph_id);
        if let Some(backup_id) = backup_id {
            request = request.body_map(|body| body.graph_backup_id(backup_id.clone()));
        }
        Ok(accepted(&request.send().await?))
    })
    .await
}
