//! What is written to standard output and standard error.

pub mod console;
#[cfg(feature = "document")]
pub mod diagnostics;
#[cfg(feature = "document")]
pub mod file;
#[cfg(feature = "run")]
pub mod progress;
pub mod secrets;
#[cfg(feature = "run")]
pub mod terminal;
