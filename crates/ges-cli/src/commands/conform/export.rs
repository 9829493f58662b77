//! `ges conform export`: writes the documented exchanges as a file for hurl, an editor's HTTP client or Locust.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use conformance_engine::export::{States, Tool, export};
use conformance_engine::locustfile;
use specwright::Failure;
use specwright::output::console::data;

use crate::call::exit_status;
use crate::commands::conform::suite::{needed, suite};

/// Export the documented exchanges for hurl, for the REST client of an editor, or as a load test for Locust
#[derive(clap::Args)]
#[command(after_help = concat!("\
Examples:
  ges conform export --format hurl > ges.hurl
  ges conform export --format http > ges.http
  ges conform export --format locust > locustfile.py

", exit_status!(local)))]
pub(crate) struct Arguments {
    /// Tool that runs the file
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Format,
    /// Source of the graph IDs for each state [default: provider for hurl and locust, variables for http]
    #[arg(long, value_name = "WHERE", value_enum)]
    states: Option<From>,
    /// Cases of another API instead of those of GES, derived with `cargo xtask codegen --spec`
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
}

/// Where `ges emulate` sets up provider states, for the example command line.
const PROVIDER_STATES: &str = "http://127.0.0.1:8080/_emulator/provider-states";

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// hurl, with assertions
    Hurl,
    /// The REST client of an editor
    Http,
    /// Locust, a load test; the environment names credentials and the provider of states
    Locust,
}

#[derive(Clone, Copy, ValueEnum)]
enum From {
    /// A request to a provider-state endpoint before each exchange
    Provider,
    /// Variables, one set for each state
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
                "--format http cannot request provider states\nhint: add --format hurl or --states variables",
            ));
        }
        (Format::Locust, None | Some(From::Provider)) => {
            data(locustfile(&suite, &needed()))?;
            return Ok(ExitCode::SUCCESS);
        }
        (Format::Locust, Some(From::Variables)) => {
            return Err(Failure::usage(
                "--format locust takes the values of states from a provider\nhint: leave out --states; SPECWRIGHT_VALUES \
                 sets values of a run",
            ));
        }
    };
    data(export(&suite, tool, states, &needed()))?;
    Ok(ExitCode::SUCCESS)
}
