//! One file or folder for each command.

#[cfg(feature = "document")]
pub mod diff;
#[cfg(feature = "run")]
pub mod listener;
