//! `--coverage-min`: the exit status of a check that covers too little.

use std::process::ExitCode;

use crate::Failure;
use crate::output::console::talk;
use conformance_engine::report::Report;
use conformance_engine::report::coverage::Minimum;

/// The exit status of a check that passed and covers too little.
const COVERS_TOO_LITTLE: u8 = 5;

/// `--coverage-min`.
#[derive(clap::Args, Debug)]
pub struct CoverageArguments {
    /// Least coverage of each kind (operations, statuses, parameters, members, values, headers, examples, states) in
    /// percent, such as 80 or 60,operations=100; exit status 5 if there is less
    #[arg(long, help_heading = "Reports", value_name = "PERCENT")]
    coverage_min: Option<Minimum>,
}

impl CoverageArguments {
    /// The exit status of the report. What failed comes before what is not covered.
    ///
    /// # Errors
    /// A minimum is given, and the report does not say what it covers.
    pub(crate) fn conclude(&self, report: &Report) -> Result<ExitCode, Failure> {
        let exit = report.verdict.exit_code();
        let Some(minimum) = &self.coverage_min else { return Ok(ExitCode::from(exit)) };
        let coverage = report.coverage.as_ref().ok_or_else(|| {
            Failure::usage("--coverage-min: not every report says what it covers\nhint: write the reports again")
        })?;
        let missed = minimum.missed_by(coverage);
        for line in &missed {
            talk(format_args!("not enough is covered: {line}"));
        }
        Ok(ExitCode::from(if exit == 0 && !missed.is_empty() { COVERS_TOO_LITTLE } else { exit }))
    }
}
