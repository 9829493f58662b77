//! `ges conform`: the command of `specwright`, and those below it.

use std::process::ExitCode;

use specwright::Failure;
use specwright::commands::{conform, export, merge, replay, schema};

use crate::call::exit_status;
use crate::ges::Ges;

// The help is that of the flattened command.
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    mut_arg("project_id", |arg| arg.help(
        "Project of the requests, where --provider-states or --given names none [default: that of the profile] \
         [env: HUAWEICLOUD_SDK_PROJECT_ID]"
    )),
    mut_arg("profile", |arg| arg.help(
        "Profile file of the official SDK with keys and project; ~/.huaweicloud/credentials is not read unless it is \
         named [env: HUAWEICLOUD_SDK_CREDENTIALS_FILE]"
    )),
    long_about = "\
Check whether an endpoint does what the documentation says, and report what deviates

Without --endpoint, the emulator is started inside the command and checked.",
)]
pub(crate) struct Conform {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: conform::Arguments<Ges>,
}

#[derive(clap::Subcommand)]
enum Command {
    Replay(replay::Arguments<Ges>),
    /// See `ges observe`, which checks traffic as it passes
    #[command(after_help = exit_status!(local))]
    Observe {
        /// Whatever `ges observe` takes
        #[arg(value_name = "ARGUMENTS", trailing_var_arg = true, allow_hyphen_values = true)]
        _rest: Vec<String>,
    },
    Merge(merge::Arguments<Ges>),
    Export(export::Arguments<Ges>),
    Schema(schema::Schema),
}

pub(crate) async fn run(arguments: &Conform) -> Result<ExitCode, Failure> {
    match &arguments.command {
        None => conform::run(&arguments.check).await,
        Some(Command::Replay(arguments)) => replay::run(arguments),
        Some(Command::Merge(arguments)) => merge::run(arguments),
        Some(Command::Export(arguments)) => export::run(arguments),
        Some(Command::Schema(arguments)) => schema::run(arguments),
        Some(Command::Observe { .. }) => {
            Err(Failure::usage("`ges conform` has no command `observe`\nhint: use `ges observe --upstream URL`"))
        }
    }
}
