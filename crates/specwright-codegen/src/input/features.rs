//! Which operations need a Cargo feature.

use std::collections::HashSet;

use openapi_document::Diagnostics;
use openapi_document::document::Operation;

use super::document::{Feature, Input};

/// The operations that need a Cargo feature.
#[derive(Default)]
pub(crate) struct Features<'a> {
    /// The name of the feature, if any operation needs it.
    pub(crate) name: Option<&'a str>,
    /// The ids of the operations.
    ids: HashSet<&'a str>,
}

impl<'a> Features<'a> {
    pub(crate) fn of(inputs: &[Input<'a>]) -> Result<Features<'a>, Diagnostics> {
        let mut features = Features::default();
        for Input { api, feature } in inputs {
            let Some(Feature { name, always }) = *feature else { continue };
            let mut found = Diagnostics::default();
            let mut report = |message| {
                let hint = "correct what the generator was asked for; nothing is wrong with the document";
                found.report("generator", api.document().root().at, message, hint);
            };
            if features.name.is_some_and(|known| known != name) {
                report(format!("one feature can be asked for, and `{name}` is the second"));
            }
            let ids: HashSet<&str> = api.operations().iter().map(|operation| operation.id).collect();
            for id in always.iter().filter(|id| !ids.contains(*id)) {
                report(format!("`{id}` is to be there in any case, and no operation has this id"));
            }
            if !found.0.is_empty() {
                return Err(api.locate(found));
            }
            features.name = Some(name);
            features.ids.extend(ids.into_iter().filter(|id| !always.contains(id)));
        }
        Ok(features)
    }

    pub(crate) fn feature_of(&self, operation: &Operation<'_>) -> Option<&'a str> {
        self.name.filter(|_| self.ids.contains(operation.id))
    }
}
