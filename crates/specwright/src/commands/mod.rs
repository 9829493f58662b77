//! One file or folder for each command.

#[cfg(all(feature = "document", feature = "run"))]
pub mod check;
#[cfg(feature = "run")]
pub mod completions;
#[cfg(feature = "run")]
pub mod conform;
#[cfg(feature = "run")]
pub mod coverage;
#[cfg(feature = "document")]
pub mod diff;
#[cfg(feature = "run")]
pub mod export;
#[cfg(feature = "generate")]
pub mod generate;
#[cfg(feature = "config")]
pub mod init;
#[cfg(feature = "run")]
pub mod listener;
#[cfg(feature = "run")]
pub mod man;
#[cfg(feature = "run")]
pub mod merge;
#[cfg(feature = "run")]
pub mod observe;
#[cfg(feature = "run")]
pub mod replay;
#[cfg(feature = "run")]
pub mod report_files;
#[cfg(feature = "run")]
pub mod schema;
#[cfg(feature = "run")]
pub mod traffic;
