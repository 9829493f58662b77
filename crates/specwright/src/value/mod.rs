//! Values of flags, read from text, and the files that flags name.

pub mod file;
#[cfg(feature = "run")]
pub mod level;
#[cfg(feature = "run")]
pub mod listen;
#[cfg(feature = "document")]
pub mod most;
#[cfg(feature = "run")]
pub mod quantity;
#[cfg(feature = "run")]
pub mod secret;
