//! Reads a document with the files beside it, and prints what is wrong with it.

use std::io::{IsTerminal, Write};
use std::path::Path;

use openapi_document::{Diagnostics, Document};
use serde_json::Value;
use specwright::openapi;

#[derive(clap::Args)]
pub(crate) struct Output {
    /// Form in which what is wrong with the document of --spec is printed
    #[arg(long, value_enum, default_value = "text", requires = "spec")]
    format: Format,
    /// Number of diagnostics to print as text; all are counted
    #[arg(long, value_name = "N", default_value_t = 50, requires = "spec")]
    limit: usize,
}

impl Default for Output {
    fn default() -> Output {
        Output { format: Format::Text, limit: 50 }
    }
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Output {
    /// Prints diagnostics: text to standard error, JSON to standard output.
    pub(crate) fn print(&self, found: &Diagnostics) {
        // A closed pipe must not keep files from being written.
        let _ = match self.format {
            Format::Json => {
                let list: Value = found.0.iter().map(openapi_document::Diagnostic::to_json).collect();
                writeln!(std::io::stdout(), "{list:#}")
            }
            Format::Text => write!(std::io::stderr(), "{}", fitting(&found.summary(self.limit))),
        };
    }
}

/// In lines that fit, where they go to a terminal; programs and files get each message on one line.
fn fitting(text: &str) -> String {
    if !std::io::stderr().is_terminal() {
        return text.to_owned();
    }
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(80);
    let mut fitting = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut column = 0;
        for word in line.split_inclusive(' ') {
            let width = word.trim_end().chars().count();
            if column > 0 && column + width > columns {
                fitting.truncate(fitting.trim_end().len());
                fitting.push_str("\n  ");
                column = 2;
            }
            fitting.push_str(word);
            column += word.chars().count();
        }
    }
    fitting
}

/// The document at `spec`, with the files in its folder, and in folders in it, that it refers to.
pub(crate) fn read(spec: &Path) -> Result<Result<Document, Diagnostics>, String> {
    openapi::read(spec).map_err(|failure| format!("error: {}", failure.message))
}
