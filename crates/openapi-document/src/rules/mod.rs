//! The rules that a document keeps beyond its structure. Each file has one group; the README lists them all.

mod alternatives;
mod bounds;
mod check;
mod client;
mod examples;
mod givens;
mod identity;
mod lifecycle;
mod names;
mod parameters;
mod references;

pub use check::check;
pub(crate) use examples::locate;
