//! `ges man`: prints or writes manual pages.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueHint;

use crate::Failure;
use crate::output::console::{data, talk};

/// Print the manual page of `ges`, or write one for each command
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ges man | man -l -
  ges man --out ~/.local/share/man/man1      # then: man ges-stop")]
pub(crate) struct Man {
    /// The folder to write ges.1, ges-stop.1 and so on into; it is made if need be
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Man, command: clap::Command) -> Result<ExitCode, Failure> {
    let Some(folder) = &arguments.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .render(&mut page)
            .map_err(|error| Failure::cannot_start(format!("the page cannot be made: {error}")))?;
        data(String::from_utf8_lossy(&page))?;
        return Ok(ExitCode::SUCCESS);
    };
    let shown = folder.display();
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(command, folder))
        .map_err(|error| Failure::cannot_start(format!("cannot write to {shown}: {error}")))?;
    talk(format_args!("the pages are in {shown}; try: man -M {shown} ges, or man -l {shown}/ges.1"));
    Ok(ExitCode::SUCCESS)
}
