//! `completions`: prints the completions of a shell.

use std::marker::PhantomData;
use std::process::ExitCode;

use crate::Failure;
use crate::output::console::data;
use crate::program::{Program, examples};
use clap_complete::Shell;

use crate::exit_status;

/// Print shell completions for this program
#[derive(clap::Args)]
#[command(after_help = after_help::<P>())]
pub struct Completions<P: Program> {
    /// Shell to print the completions for
    shell: Shell,
    #[arg(skip)]
    program: PhantomData<P>,
}

fn after_help<P: Program>() -> String {
    let name = P::NAME;
    let lines = [
        format!("{{completions}} bash > ~/.local/share/bash-completion/completions/{name}"),
        format!("{{completions}} zsh > ~/.zfunc/_{name}   # with ~/.zfunc in fpath"),
        format!("{{completions}} fish > ~/.config/fish/completions/{name}.fish"),
    ];
    format!("{}\n{}", examples::<P>(&lines), exit_status!(local))
}

/// Prints the completions of `command`.
///
/// # Errors
/// They cannot be written.
pub fn run<P: Program>(arguments: &Completions<P>, mut command: clap::Command) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, P::NAME, &mut script);
    data(String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
