//! The typed client: what progenitor makes of the document, completed.

mod docs;
pub(crate) mod enums;
mod features;
mod marks;
mod open_enums;
mod partial;
mod progenitor;
mod refused;
mod send;

pub(crate) use partial::{Partial, partial};
pub(crate) use progenitor::client;
pub(crate) use refused::refused;
