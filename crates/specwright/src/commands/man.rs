//! `man`: prints or writes manual pages.

use std::marker::PhantomData;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::Failure;
use crate::output::console::{data, talk};
use crate::program::{Program, examples};
use clap::ValueHint;
use conformance_engine::shell;

use crate::exit_status;

/// Print the manual page of this program, or write the pages of all commands
#[derive(clap::Args)]
#[command(after_help = after_help::<P>())]
pub struct Man<P: Program> {
    /// Folder for the pages, one for each command; created if missing
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    #[arg(skip)]
    program: PhantomData<P>,
}

fn after_help<P: Program>() -> String {
    let lines =
        ["{man} | man -l -", &format!("{{man}} --out ~/.local/share/man/man1   # then: man {}-conform", P::NAME)];
    format!("{}\n{}", examples::<P>(&lines), exit_status!(local))
}

/// Prints the page of `command`, or writes its pages and those of the commands below it.
///
/// # Errors
/// They cannot be written.
pub fn run<P: Program>(arguments: &Man<P>, command: clap::Command) -> Result<ExitCode, Failure> {
    let Some(folder) = &arguments.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .render(&mut page)
            .map_err(|error| Failure::cannot_start(format!("cannot render the manual page: {error}")))?;
        data(String::from_utf8_lossy(&page))?;
        return Ok(ExitCode::SUCCESS);
    };
    let shown = folder.display();
    let page = folder.join(format!("{}.1", P::NAME));
    let read =
        shell::word(&page.to_string_lossy()).map_or_else(String::new, |it| format!("; read one with `man -l {it}`"));
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(command, folder))
        .map_err(|error| Failure::cannot_start(format!("cannot write to {shown}: {error}")))?;
    talk(format_args!("wrote the manual pages to {shown}{read}"));
    Ok(ExitCode::SUCCESS)
}
