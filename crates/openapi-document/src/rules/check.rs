//! Every rule, in the order in which violations at one place are reported.

use super::{alternatives, bounds, client, examples, givens, identity, lifecycle, parameters, references};
use crate::document::Api;
use crate::source::Diagnostics;
use crate::structure;

/// Every rule that the document violates, in reading order: of OpenAPI, of this crate, and of the client generator.
pub fn check(api: &Api<'_>) -> Diagnostics {
    let (document, operations) = (api.document(), api.operations());
    let mut found = document.found.clone();
    let survey = &structure::check(document.root(), document.version(), &mut found);
    references::check(document, operations, survey, &mut found);
    identity::check(document, operations, &mut found);
    parameters::check(document, operations, &mut found);
    bounds::check(survey, document.version(), &mut found);
    alternatives::check(document, operations, &mut found);
    examples::check(api, survey, &mut found);
    givens::check(api, &mut found);
    lifecycle::check(document, operations, &mut found);
    client::check(document, operations, survey, &mut found);
    api.locate(found)
}
