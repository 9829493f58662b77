//! Flags that `ges conform replay` and `ges observe` share: the document that traffic is compared with.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use conformance_engine::check::Level;
use conformance_engine::contract::Contract;
use conformance_engine::suite::Suite;
use conformance_engine::traffic::watcher::{JudgedSide, Watcher};
use specwright::Failure;
use specwright::value::file::read;

use crate::commands::conform::suite::suite;
use crate::connection::TOKEN;

/// The document that traffic is compared with, and the side that is judged.
#[derive(clap::Args)]
pub(crate) struct ContractFlags {
    /// Side whose mistakes are failures; mistakes of the other side are notes
    #[arg(long, value_name = "SIDE", value_enum, default_value_t = Side::Both)]
    judge: Side,
    /// Base path of the API, such as /ges (repeatable)
    #[arg(long, value_name = "PATH")]
    base_path: Vec<String>,
    /// Contract of another API instead of GES, derived with `cargo xtask codegen --spec`
    #[arg(long, value_name = "FILE")]
    contract: Option<PathBuf>,
    /// Cases of that API, for recordings that name their cases, and for its states
    #[arg(long, value_name = "FILE", requires = "contract")]
    cases: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Side {
    /// Client and server
    Both,
    /// Client
    Requests,
    /// Server
    Replies,
}

/// The contract and the cases that traffic is compared with.
pub(crate) struct Documented {
    contract: Contract,
    suite: Option<Suite>,
}

/// The contract in a file.
pub(crate) fn contract(path: &Path) -> Result<Contract, Failure> {
    Contract::from_json(&read(path)?).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

impl ContractFlags {
    pub(crate) fn read(&self) -> Result<Documented, Failure> {
        let Some(path) = &self.contract else {
            let contract = ges_conformance::contract().map_err(Failure::cannot_start)?;
            let suite = suite(None)?;
            return Ok(Documented { contract, suite: Some(suite) });
        };
        let contract = contract(path)?;
        let suite = self.cases.as_deref().map(|path| suite(Some(path)));
        Ok(Documented { contract, suite: suite.transpose()? })
    }

    pub(crate) fn watcher<'a>(&self, against: &'a Documented, level: Level) -> Watcher<'a> {
        let blame = match self.judge {
            Side::Both => JudgedSide::Both,
            Side::Requests => JudgedSide::Requests,
            Side::Replies => JudgedSide::Replies,
        };
        let watcher = Watcher::new(&against.contract, against.suite.as_ref(), level, blame).token_variable(TOKEN);
        self.base_path.iter().fold(watcher, |watcher, path| watcher.below(path))
    }
}
