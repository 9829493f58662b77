//! `export`: writes the documented exchanges as a file for hurl, an editor's HTTP client or Locust.

use std::process::ExitCode;

use crate::Failure;
use crate::output::console::data;
use crate::program::{Documentation, Documented, Program, examples};
use clap::ValueEnum;
use conformance_engine::export::{States, Tool, export};
use conformance_engine::locustfile;

use crate::exit_status;

/// Export the documented exchanges for hurl, for the REST client of an editor, or as a load test for Locust
#[derive(clap::Args)]
#[command(after_help = after_help::<P>())]
pub struct Arguments<P: Program> {
    #[command(flatten)]
    documentation: P::Documentation,
    /// Tool that runs the file
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Format,
    /// Source of the values that come with each state [default: provider for hurl and locust, variables for http]
    #[arg(long, value_name = "WHERE", value_enum)]
    states: Option<From>,
}

fn after_help<P: Program>() -> String {
    let lines = ["hurl", "http"].map(|format| format!("{{export}} --format {format} > {}.{format}", P::NAME));
    format!("{}\n{}", examples::<P>(&lines), exit_status!(local))
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Format {
    /// hurl, with assertions
    Hurl,
    /// The REST client of an editor
    Http,
    /// Locust, a load test; the environment names credentials and the provider of states
    Locust,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum From {
    /// A request to a provider-state endpoint before each exchange
    Provider,
    /// Variables, one set for each state
    Variables,
}

/// Prints the file.
///
/// # Errors
/// The documentation cannot be read, or the tool cannot do what is asked for.
pub fn run<P: Program>(arguments: &Arguments<P>) -> Result<ExitCode, Failure> {
    let Documented { suite, needed, .. } = arguments.documentation.read()?;
    let (tool, states) = match (arguments.format, arguments.states) {
        (Format::Hurl, None | Some(From::Provider)) => (Tool::Hurl, States::Provider { example: P::PROVIDER_STATES }),
        (Format::Hurl, Some(From::Variables)) => (Tool::Hurl, States::Variables),
        (Format::Http, None | Some(From::Variables)) => (Tool::Http, States::Variables),
        (Format::Http, Some(From::Provider)) => {
            return Err(Failure::usage(
                "--format http cannot request provider states\nhint: add --format hurl or --states variables",
            ));
        }
        (Format::Locust, None | Some(From::Provider)) => {
            data(locustfile(&suite, &needed))?;
            return Ok(ExitCode::SUCCESS);
        }
        (Format::Locust, Some(From::Variables)) => {
            return Err(Failure::usage(
                "--format locust takes the values of states from a provider\nhint: leave out --states; SPECWRIGHT_VALUES \
                 sets values of a run",
            ));
        }
    };
    data(export(&suite, tool, states, &needed))?;
    Ok(ExitCode::SUCCESS)
}
