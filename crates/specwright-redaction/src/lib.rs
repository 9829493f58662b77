#![doc = include_str!("../README.md")]

mod body;
mod credentials;
mod decode;
mod inflate;
mod known;
pub mod name;
mod needles;
mod packed;
mod redactor;
mod scan;
mod table;

pub use body::{Cut, Unread};
pub use credentials::{learn, learn_header};
pub use known::Known;
pub use redactor::Redactor;
pub use scan::Format;

/// What stands in the place of a secret.
pub const REDACTED: &str = "***";
