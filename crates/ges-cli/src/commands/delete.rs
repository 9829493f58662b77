//! `ges delete`: deletes a backup.

use std::process::ExitCode;

use ges_client::Client;
use serde::Serialize;
use specwright::Failure;

use crate::call::confirm::{Question, confirm};
use crate::call::operation::{Consent, Target};
use crate::call::{dry_run, exit_status, wait};
use crate::connection::Connection;
use crate::error;
use crate::hint;
use crate::output::table::{self, Format, Table};
use crate::value::identifier::backup_id;

/// Delete a backup of a graph
#[derive(clap::Subcommand)]
pub(crate) enum Delete {
    Backup(Backup),
}

/// Delete a backup of a graph
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges delete backup --graph-id G --backup-id B
  ges delete backup --graph-id G --backup-id B --yes --output json", "\n\n", exit_status!(call)))]
pub(crate) struct Backup {
    #[command(flatten)]
    target: Target,
    /// Backup ID; see `ges list backups`
    #[arg(long, value_name = "ID", value_parser = backup_id)]
    backup_id: String,
    #[command(flatten)]
    consent: Consent,
    /// Print the request as a curl command and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    output: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) async fn run(delete: &Delete) -> Result<ExitCode, Failure> {
    match delete {
        Delete::Backup(arguments) => backup(arguments).await,
    }
}

/// The result as `--output json` prints it; these names are a promise.
#[derive(Serialize)]
struct Outcome<'a> {
    operation: &'static str,
    graph_id: &'a str,
    backup_id: &'a str,
    status: &'static str,
}

async fn backup(arguments: &Backup) -> Result<ExitCode, Failure> {
    let Backup { target, backup_id, consent, connection, .. } = arguments;
    let graph_id = &target.graph_id;
    let delete = async |ges: &Client| ges.delete_backup(graph_id, backup_id).send().await.map(drop);
    if arguments.dry_run {
        dry_run::print(connection, delete).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let ges = connection.client().await?;
    let question = Question {
        what: format!("delete backup {backup_id} of graph {graph_id}"),
        effect: "A deleted backup cannot be recovered.",
        is_answered: consent.yes,
    };
    confirm(&question, &connection.place())?;

    let look = format!("check with {}", hint::command("ges list backups", &[("--graph-id", graph_id)], ""));
    let deleting = wait::or_interrupted(delete(&ges)).await.ok_or_else(|| {
        error::interrupted(format!("interrupted before a response arrived; the backup may be deleted\nhint: {look}"))
    })?;
    deleting.map_err(|error| match error.may_have_taken_effect() {
        true => error::unknown(format!("{}\nhint: the backup may be deleted; {look}", error::without_hint(&error))),
        false => error::of_call(&error, Some(graph_id)),
    })?;

    let outcome = Outcome { operation: "delete_backup", graph_id, backup_id, status: "deleted" };
    let text = |text: &str| Some(text.to_owned());
    let table = Table::of_one(&[("graph", text(graph_id)), ("backup", text(backup_id)), ("status", text("deleted"))]);
    table::write(arguments.output, &outcome, &table)?;
    Ok(ExitCode::SUCCESS)
}
