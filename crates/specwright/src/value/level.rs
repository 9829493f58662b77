//! How closely a reply is compared with the documented one.

use clap::ValueEnum;
use conformance_engine::check::Level;

/// `--match`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Match {
    /// Status, media type, and the body against its schema
    Schema,
    /// Also every member of the documented example, with its type; error codes equal
    Documented,
    /// The documented example itself; for static mocks
    Exact,
}

impl From<Match> for Level {
    fn from(level: Match) -> Level {
        match level {
            Match::Schema => Level::Schema,
            Match::Documented => Level::Documented,
            Match::Exact => Level::Exact,
        }
    }
}
