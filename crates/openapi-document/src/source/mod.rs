//! Places in the text of a document, and what is reported at them.

mod diagnostic;
mod level;
mod suggestion;

pub use diagnostic::{At, Diagnostic, Diagnostics, RuleCount};
pub use level::Level;
pub(crate) use suggestion::{did_you_mean, did_you_mean_within};
