//! Refusals that may have another reason than what a case is about.

mod presumed;
mod unchanged;
