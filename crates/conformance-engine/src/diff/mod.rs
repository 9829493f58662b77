//! What changed between two versions of a document: promises, each with whom the change breaks.
//!
//! The promises are the two values that a document is turned into: the contract (what may be asked and answered) and
//! the suite (the documented examples, with their states). Examples are promises here: a documented request
//! gets the documented answer. Cases that follow from constraints are not compared, because the constraints are.
//!
//! Whom a change breaks is decided by what it does to the set of permitted messages. Where requests are restricted or
//! replies are widened, a caller written for the old document meets something new. Where requests are widened or
//! replies are restricted, a server written for the old document has to change.

mod cases;
mod change;
mod contract;
mod schema;
mod write;

pub use self::change::{Change, Kind, Part, Party, Promises};
pub use self::write::{markdown, text};

/// Every promise that differs, in the order of the old document; what is new comes last.
pub fn diff(old: Promises<'_>, new: Promises<'_>) -> Vec<Change> {
    let mut changes = contract::changes(old.contract, new.contract);
    changes.extend(cases::changes(old, new));
    changes.extend(cases::states(old.suite.lifecycle.as_ref(), new.suite.lifecycle.as_ref()));
    changes
}
