//! `ges start`: starts a stopped graph, optionally from a backup.

use std::process::ExitCode;

use specwright::Failure;

use crate::call::operation::{Call, Consent, Target, accepted, carry_out};
use crate::call::{Question, exit_status};
use crate::value::identifier::backup_id;

/// Start a stopped graph, optionally from a backup
///
/// A start from a backup overwrites the data of the graph.
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges start --graph-id G --wait
  ges start --graph-id G --backup-id B --yes --wait", "\n\n", exit_status!(call)))]
pub(crate) struct Start {
    #[command(flatten)]
    target: Target,
    /// Backup ID to start from; see `ges list backups`
    #[arg(long, value_name = "ID", value_parser = backup_id)]
    backup_id: Option<String>,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    call: Call,
}

pub(crate) async fn run(arguments: &Start) -> Result<ExitCode, Failure> {
    let Start { target, backup_id, consent, call } = arguments;
    // Without a backup nothing is overwritten or interrupted.
    let question = backup_id.as_ref().map(|backup_id| Question {
        what: format!("start graph {} from backup {backup_id}", target.graph_id),
        effect: "The data of the graph is overwritten.",
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
