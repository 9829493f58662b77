//! The typed client: what progenitor makes of the document, completed.

mod builders;
mod calls;
mod culprits;
mod docs;
pub(crate) mod enums;
mod features;
mod front;
mod imports;
mod marks;
pub(crate) mod methods;
mod open_enums;
mod partial;
mod progenitor;
mod refused;
mod send;
mod wire;

pub(crate) use front::needs;
pub(crate) use partial::{Partial, partial};
pub(crate) use progenitor::client;
pub(crate) use refused::refused;
