//! `cargo xtask codegen`: generates files from the documents, or checks that they are current.

use std::process::ExitCode;

use specwright::output::file;

use crate::{files, layout};

#[derive(clap::Args)]
#[command(after_help = "\
From another document, `specwright generate` does it.

Exit status:
  0    the files are written, or nothing is stale
  1    nothing is generated, or a file is stale (--check)
  2    bad usage")]
pub(crate) struct Arguments {
    /// Write nothing; name each stale file and exit with 1 if there is one
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let mut stale = 0;
    for file in &layout::derived(files::root(), files::read)? {
        let path = files::shown(&file.path);
        if arguments.check {
            if let Some(difference) = file::difference(&file.path, &file.text) {
                stale += 1;
                eprint!("error: {} is stale\n{difference}", path.display());
            }
        } else if files::write(&file.path, &file.text)? {
            println!("wrote {}", path.display());
        }
    }
    if stale > 0 {
        eprintln!("hint: run `cargo xtask codegen` and commit the result");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether everything generated in this repository is current.
pub(crate) fn check() -> Result<ExitCode, String> {
    run(&Arguments { check: true })
}
