//! Keeps credentials out of texts that are written: finds them by the names they stand under, and by their values in every
//! common encoding.
//!
//! - [`name::suspicion`] says whether a value under a name is a secret, however the name is spelled.
//! - A [`Redactor`] knows secrets by value, and replaces both these and what a name makes a secret by `***`:
//!   [`known`](Redactor::known) in what a program says, [`text`](Redactor::text), [`header`](Redactor::header) and
//!   [`body`](Redactor::body) in traffic.
//! - [`learn`] and [`learn_header`] find the secrets of traffic by their names, to be kept out of everything else.
//!
//! Reading takes time that grows with the text, and hardly with the number of secrets. Nothing here is a promise against
//! someone who hides a secret on purpose: what is encrypted, hashed, reversed or split into parts is not found.

mod body;
mod credentials;
mod decode;
mod known;
pub mod name;
mod redactor;
mod scan;

pub use body::{Cut, Unread};
pub use credentials::{learn, learn_header};
pub use known::Known;
pub use redactor::Redactor;
pub use scan::Format;

/// What stands in the place of a secret.
pub const REDACTED: &str = "***";
