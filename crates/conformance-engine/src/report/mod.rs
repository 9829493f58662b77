//! Writes the report of a run, a replay or an observation, and merges the reports of shards.

mod base_path;
mod baseline;
mod causes;
pub mod coverage;
mod diff;
pub mod github;
mod html;
mod junit;
mod markdown;
mod merge;
pub mod text;
mod words;
mod write;

pub use self::base_path::base_path_hint;
pub use self::baseline::baseline;
pub use self::causes::{Cause, causes};
pub use self::github::annotations;
pub use self::markdown::summary;
pub use self::merge::merge;
pub use self::write::Format;
pub use crate::model::note::Note;
pub use crate::model::report::*;
pub use crate::model::shard::Shard;
