//! How much of a contract was exercised.

mod covered;
mod merge;
mod minimum;

pub use self::covered::{Count, Coverage, Excluded, Item, Kind, MOST_EXCLUDED, Missing};
pub use self::minimum::Minimum;
