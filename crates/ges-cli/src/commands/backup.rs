//! `ges backup`: backs up a running graph.

use std::process::ExitCode;

use specwright::Failure;

use crate::call::exit_status;
use crate::call::operation::{Accepted, Call, Target, accepted, carry_out};

/// Back up a running graph
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges backup --graph-id G --wait
  ges backup --graph-id G --wait --output json | jq -r .backup_id", "\n\n", exit_status!(call)))]
pub(crate) struct Backup {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    call: Call,
}

pub(crate) async fn run(arguments: &Backup) -> Result<ExitCode, Failure> {
    let Backup { target, call } = arguments;
    carry_out("create_backup", target, call, None, async |ges| {
        let answer = ges.create_backup(&target.graph_id).send().await?;
        Ok(Accepted { backup_id: answer.backup_id.clone(), ..accepted(&answer) })
    })
    .await
}
