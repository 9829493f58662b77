//! A document to generate from, alone or as one of several.

use openapi_document::Api;

/// A document that keeps every rule ([`openapi_document::check`]), alone or as one of several that are one API.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// What the document describes.
    pub api: &'a Api<'a>,
    /// The Cargo feature that its operations need, if they need one.
    pub feature: Option<Feature<'a>>,
}

/// A Cargo feature that operations of a document need.
#[derive(Clone, Copy, Debug)]
pub struct Feature<'a> {
    /// The name of the feature.
    pub name: &'a str,
    /// The ids of operations that need no feature.
    pub always: &'a [&'a str],
}
