//! `ges conform export`: writes the documented exchanges as a file for hurl or an editor's HTTP client.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use conformance_engine::export::{States, Tool, export};

use crate::Failure;
use crate::commands::conform::suite::{needed, suite};
use crate::output::console::data;

/// Write the documented exchanges as a file that hurl, or an editor's REST client, runs
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  ges conform export --format hurl > ges.hurl
  ges conform export --format http > ges.http")]
pub(crate) struct Arguments {
    /// Who runs the file
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Format,
    /// Where the ids of graphs in each state come from [default: provider for hurl, variables for http]
    #[arg(long, value_name = "WHERE", value_enum)]
    states: Option<From>,
    /// Other cases than those of GES, as `cargo xtask codegen --spec` derives them from a document
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
}

/// Where `ges emulate` sets up provider states, for the example command line.
const PROVIDER_STATES: &str = "http://127.0.0.1:8080/_emulator/provider-states";

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// hurl, with asserts
    Hurl,
    /// The REST clients of editors
    Http,
}

#[derive(Clone, Copy, ValueEnum)]
enum From {
    /// A provider of states is asked before each exchange
    Provider,
    /// Variables, of which each state has its own
    Variables,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let suite = suite(arguments.cases.as_deref())?;
    let (tool, states) = match (arguments.format, arguments.states) {
        (Format::Hurl, None | Some(From::Provider)) => (Tool::Hurl, States::Provider { example: PROVIDER_STATES }),
        (Format::Hurl, Some(From::Variables)) => (Tool::Hurl, States::Variables),
        (Format::Http, None | Some(From::Variables)) => (Tool::Http, States::Variables),
        (Format::Http, Some(From::Provider)) => {
            return Err(Failure::usage(
                "an editor cannot ask a provider of states\nhint: use --format hurl, or --states variables",
            ));
        }
    };
    data(export(&suite, tool, states, &needed()))?;
    Ok(ExitCode::SUCCESS)
}
