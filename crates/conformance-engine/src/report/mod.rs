//! Writes the report of a run, a replay or an observation, and merges the reports of shards.

pub mod coverage;
mod diff;
mod html;
mod junit;
mod merge;
pub mod text;
mod write;

pub use self::merge::merge;
pub use self::write::Format;
pub use crate::model::note::Note;
pub use crate::model::report::*;
pub use crate::model::shard::Shard;
