//! Overlays: changes to a document that stand in files of their own, and are applied before anything else is read from it.
//!
//! Source: Overlay Specification 1.0.0 and 1.1.0.

mod action;
mod apply;
mod extends;
mod pattern;
mod query;
mod read;
mod select;

pub(crate) use apply::apply;

/// An overlay: the text of a file that changes a document.
#[derive(Clone, Copy, Debug)]
pub struct Overlay<'t> {
    /// What diagnostics call it, usually the path.
    pub name: &'t str,
    /// YAML or JSON.
    pub text: &'t str,
}
