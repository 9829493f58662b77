//! `ges man`: prints or writes manual pages.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueHint;
use specwright::Failure;
use specwright::output::console::{data, talk};

use crate::call::exit_status;

/// Print the manual page of `ges`, or write the pages of all commands
#[derive(clap::Args)]
#[command(after_help = concat!("\
Examples:
  ges man | man -l -
  ges man --out ~/.local/share/man/man1      # then: man ges-stop

", exit_status!(local)))]
pub(crate) struct Man {
    /// Folder for ges.1, ges-stop.1 and so on; created if missing
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Man, command: clap::Command) -> Result<ExitCode, Failure> {
    let Some(folder) = &arguments.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .render(&mut page)
            .map_err(|error| Failure::cannot_start(format!("cannot render the manual page: {error}")))?;
        data(String::from_utf8_lossy(&page))?;
        return Ok(ExitCode::SUCCESS);
    };
    let shown = folder.display();
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(command, folder))
        .map_err(|error| Failure::cannot_start(format!("cannot write to {shown}: {error}")))?;
    talk(format_args!("wrote the manual pages to {shown}; read one with `man -l {shown}/ges.1`"));
    Ok(ExitCode::SUCCESS)
}
