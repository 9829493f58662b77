//! Writes a report in one of its formats.

use crate::format::{har, vcr};
use crate::model::report::Report;
use crate::model::text::visible::escaped_json;
use crate::report::{github, html, junit, markdown};

/// The formats in which a report can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Our own, with everything: [`SCHEMA`](crate::model::report::SCHEMA).
    Json,
    /// XML for build servers: one suite per operation.
    Junit,
    /// HAR 1.2: every exchange.
    Har,
    /// A cassette in the shape of Schemathesis: every exchange.
    Vcr,
    /// One page for people.
    Html,
    /// Failures by cause, for a comment on a pull request.
    Markdown,
    /// Workflow commands of GitHub Actions: annotations at the lines of the document.
    Github,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Json, Self::Junit, Self::Har, Self::Vcr, Self::Html, Self::Markdown, Self::Github];

    /// Its name on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Har => "har",
            Self::Vcr => "vcr",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Github => "github",
        }
    }
}

impl Report {
    /// The report in one of its formats.
    ///
    /// # Errors
    /// None that has been seen: writing to memory does not fail.
    pub fn write(&self, format: Format) -> Result<String, String> {
        match format {
            Format::Json => Ok(escaped_json(&self.to_json()).into_owned()),
            Format::Junit => junit::write(self),
            Format::Har => Ok(escaped_json(&har::write(self)).into_owned()),
            Format::Vcr => Ok(vcr::write(self)),
            Format::Html => Ok(html::write(self)),
            Format::Markdown => Ok(markdown::write(self)),
            Format::Github => Ok(github::annotations(self, str::to_owned)),
        }
    }
}
