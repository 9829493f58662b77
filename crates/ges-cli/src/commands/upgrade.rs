//! `ges upgrade`: upgrades a running graph to a later version.

use std::process::ExitCode;

use specwright::Failure;

use crate::call::operation::{Call, Consent, Target, accepted, carry_out};
use crate::call::{Question, exit_status};

/// Upgrade a running graph to a later version
///
/// The service rolls back a failed upgrade.
#[derive(clap::Args)]
#[command(after_help = concat!("Examples:
  ges upgrade --graph-id G --to-version 2.3.4 --wait --job-timeout 3h
  ges upgrade --graph-id G --to-version 2.3.4 --force --yes", "\n\n", exit_status!(call)))]
pub(crate) struct Upgrade {
    #[command(flatten)]
    target: Target,
    /// Version to upgrade to; must be later than that of the graph
    #[arg(long, value_name = "VERSION")]
    to_version: String,
    /// Interrupt running tasks instead of waiting for them
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    call: Call,
}

pub(crate) async fn run(arguments: &Upgrade) -> Result<ExitCode, Failure> {
    let Upgrade { target, to_version, force, consent, call } = arguments;
    let question = Question {
        what: format!("upgrade graph {} to version {to_version}", target.graph_id),
        effect: match force {
            true => "Running tasks are interrupted, and the graph answers no queries until it runs again.",
            false => "The graph answers no queries until it runs again.",
        },
        is_answered: consent.yes,
    };
    carry_out("upgrade_graph", target, call, Some(question), async |ges| {
        let request = ges.upgrade_graph(&target.graph_id).body_map(|body| {
            let body = body.upgrade_version(to_version.clone());
            if *force { body.force_upgrade(true) } else { body }
        });
        Ok(accepted(&request.send().await?))
    })
    .await
}
