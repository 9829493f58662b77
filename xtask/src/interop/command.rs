//! `cargo xtask interop`: checks our documents and the emulator with programs that others wrote.
//!
//! They are installed at pinned versions below `target/`.

use std::process::ExitCode;

use super::check::{Report, Tool};
use super::{
    browser, documents, exports, fixtures, generated, json_schema, locust, prism, recipes, reports, schemathesis, sdk,
    secrets,
};
use crate::tools::{self, pinned};

#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Run only the checks whose name contains one of these words, such as sdk, httpmock or spectral
    #[arg(value_name = "WORD")]
    words: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    tools::end_children_on_signal()?;
    let mut report = Report::of_checks_named(&arguments.words);
    let python = Tool::new("openapi-spec-validator, official SDK, Schemathesis", || tools::from_pypi(&pinned::PYTHON));
    json_schema::run(&mut report);
    documents::run(&mut report, &python);
    sdk::run(&mut report, &python);
    schemathesis::run(&mut report, &python);
    fixtures::run(&mut report, &python);
    prism::run(&mut report);
    generated::run(&mut report);
    reports::run(&mut report, &python);
    exports::run(&mut report);
    locust::run(&mut report);
    browser::run(&mut report);
    secrets::run(&mut report);
    recipes::run(&mut report);
    println!("interop: {} checked, {} failed, {} skipped", report.checked, report.failed, report.skipped);
    if report.checked + report.skipped + report.failed == 0 {
        let words = arguments.words.join(", ");
        return Err(format!(
            "error: no check has one of these words in its name: {words}\nhint: `cargo xtask interop` runs all checks \
             and prints their names"
        ));
    }
    Ok(if report.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
