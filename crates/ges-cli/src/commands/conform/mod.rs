//! `ges conform` and its subcommands.

mod arguments;
mod costs;
pub(crate) mod coverage;
mod credentials;
mod embedded;
mod endpoint;
mod export;
mod first_use;
mod inputs;
mod merge;
mod replay;
pub(crate) mod report_files;
mod run;
mod suite;
pub(crate) mod traffic;

pub(crate) use arguments::Arguments;
pub(crate) use run::run;
