//! Places in the text of a document, and what is reported at them.

mod diagnostic;
mod suggestion;

pub use diagnostic::{At, Diagnostic, Diagnostics};
pub(crate) use suggestion::did_you_mean;
