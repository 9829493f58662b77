//! One file or folder for each command.

#[cfg(feature = "document")]
pub mod check;
#[cfg(feature = "document")]
pub mod diff;
#[cfg(feature = "generate")]
pub mod generate;
#[cfg(feature = "config")]
pub mod init;
#[cfg(feature = "run")]
pub mod listener;
