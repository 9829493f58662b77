//! Documents: reading them, and a program for any of them.

#[cfg(feature = "run")]
mod derive;
#[cfg(feature = "run")]
mod program;
pub mod read;

#[cfg(feature = "run")]
pub use derive::derive;
#[cfg(feature = "run")]
pub use program::{ServiceFlags, Specwright};
pub use read::{DocumentFlags, read};
