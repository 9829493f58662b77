//! The rules a document must keep beyond its shape. Each file answers for one group; the README lists them all.

mod alternatives;
mod bounds;
mod client;
mod examples;
mod identity;
mod lifecycle;
mod names;
mod parameters;
mod references;

use crate::diagnostic::Diagnostics;
use crate::document::Document;
use crate::operations::Operation;
use crate::shape::Survey;

pub(crate) use identity::{are_told_apart, without_names};
pub(crate) use lifecycle::given_name;

pub(crate) fn check(document: &Document, operations: &[Operation<'_>], survey: &Survey<'_>, found: &mut Diagnostics) {
    references::check(document, operations, survey, found);
    identity::check(document, operations, found);
    parameters::check(document, operations, found);
    bounds::check(survey, found);
    alternatives::check(document, found);
    examples::check(document, operations, survey, found);
    lifecycle::check(document, operations, found);
    client::check(document, operations, survey, found);
}
