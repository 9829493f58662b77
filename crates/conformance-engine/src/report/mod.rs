//! Writes what came of a run, a replay or a watch, and puts shards together.

mod diff;
mod from_run;
mod html;
mod junit;
pub mod lines;
mod merge;
pub mod text;
mod write;

pub use self::merge::merge;
pub use self::write::Format;
pub use crate::model::note::Note;
pub use crate::model::report::*;
pub use crate::model::shard::Shard;
