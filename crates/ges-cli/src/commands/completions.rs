//! `ges completions`: prints the completions of a shell.

use std::process::ExitCode;

use clap_complete::Shell;
use specwright::Failure;
use specwright::output::console::data;

use crate::call::exit_status;

/// Print shell completions for `ges`
#[derive(clap::Args)]
#[command(after_help = concat!("\
Examples:
  ges completions bash > ~/.local/share/bash-completion/completions/ges
  ges completions zsh > ~/.zfunc/_ges          # with ~/.zfunc in fpath
  ges completions fish > ~/.config/fish/completions/ges.fish

", exit_status!(local)))]
pub(crate) struct Completions {
    /// Shell to print the completions for
    shell: Shell,
}

pub(crate) fn run(arguments: &Completions, mut command: clap::Command) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "ges", &mut script);
    data(String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
