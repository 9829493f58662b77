//! `cargo xtask release-files`: writes what an archive of a release has beside the binaries: completions, manual pages and
//! the licences of others; and a bill of materials.

use std::process::ExitCode;

use crate::tools::{self, cargo, tool};
use crate::{files, licences};

/// Each shell with the name of its completions for `NAME`.
const SHELLS: [(&str, &str); 4] =
    [("bash", "NAME.bash"), ("zsh", "_NAME"), ("fish", "NAME.fish"), ("powershell", "_NAME.ps1")];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only the licences of others
    #[arg(long)]
    licences: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let folder = files::root().join("target/release-files");
    let third_party = folder.join("THIRD-PARTY.txt");
    files::write(&third_party, &licences::third_party()?)?;
    files::write(&folder.join("bill-of-materials.cdx.json"), &licences::bill_of_materials()?)?;
    if arguments.licences {
        println!("wrote {}", files::shown(&third_party).display());
        return Ok(ExitCode::SUCCESS);
    }
    let mut written = 0;
    for (package, command) in licences::COMMANDS.into_iter().filter(|(package, _)| licences::exists(package)) {
        tools::run(cargo().args(["build", "--locked", "--package", package]))?;
        let built = || tool(files::root().join("target/debug").join(command));
        for (shell, file) in SHELLS {
            let text = tools::output(built().args(["completions", shell]))?;
            files::write(&folder.join("completions").join(file.replace("NAME", command)), &text)?;
            written += 1;
        }
        tools::output(built().args(["man", "--out"]).arg(folder.join("man")))?;
    }
    println!(
        "wrote {written} completions, the manual pages and THIRD-PARTY.txt to {}",
        files::shown(&folder).display()
    );
    Ok(ExitCode::SUCCESS)
}
