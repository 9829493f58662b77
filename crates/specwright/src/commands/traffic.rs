//! Flags that `replay` and `observe` share: which side is judged, and where the API begins.

pub(crate) mod kept;

use clap::ValueEnum;
use conformance_engine::check::Level;
use conformance_engine::traffic::watcher::{JudgedSide, Watcher};

use crate::program::Documented;

/// The side that is judged, and the base path.
#[derive(clap::Args, Debug)]
pub struct TrafficFlags {
    /// Side whose mistakes are failures; mistakes of the other side are notes
    #[arg(long, value_name = "SIDE", value_enum, default_value_t = Side::Both)]
    judge: Side,
    /// Base path of the API, such as /v1 (repeatable)
    #[arg(long, value_name = "PATH")]
    base_path: Vec<String>,
    /// Show bodies that cannot be read, and may therefore hold a secret; reports cut them otherwise
    #[arg(long)]
    show_bodies: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Side {
    /// Client and server
    Both,
    /// Client
    Requests,
    /// Server
    Replies,
}

impl TrafficFlags {
    /// What judges the traffic.
    pub(crate) fn watcher<'a>(&self, against: &'a Documented, level: Level) -> Watcher<'a> {
        let blame = match self.judge {
            Side::Both => JudgedSide::Both,
            Side::Requests => JudgedSide::Requests,
            Side::Replies => JudgedSide::Replies,
        };
        let watcher = Watcher::new(&against.contract, Some(&against.suite), level, blame).show_bodies(self.show_bodies);
        self.base_path.iter().fold(watcher, |watcher, path| watcher.below(path))
    }
}
