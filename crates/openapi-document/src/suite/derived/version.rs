//! Requests on the condition that a thing has a version that it has not.

use conformance_engine::suite::{Case, Origin, Parameter, Place};
use serde_json::Value;

use super::deriving::Deriving;
use crate::document::raised;

/// What says that the condition is false.
const FALSE: u16 = 412;

/// A strong entity tag that no server makes. Source: RFC 9110, section 8.8.3.
const STALE: &str = "\"no-such-version\"";

impl Deriving<'_, '_> {
    /// With an `If-Match` that is false, where the document has the header and says with 412 how that is answered.
    ///
    /// Source: RFC 9110, section 13.1.1: the method is not performed then.
    pub(super) fn version(&mut self) {
        let is_shown = |case: &Case| case.kind.is_documented() && case.expected.status == FALSE;
        // What only reads performs nothing.
        let is_safe = ["get", "head", "options", "trace"].contains(&self.operation.method);
        if is_safe || self.exact(FALSE).is_none() || self.documented.iter().any(is_shown) {
            return;
        }
        let is_condition = |place: &str, name: &str| place == "header" && name.eq_ignore_ascii_case("if-match");
        let mut declared = self.operation.parameters.iter();
        let Some(declared) = declared.find(|it| is_condition(it.place, it.name)) else { return };
        let schema = declared.node.get("schema").map(|schema| raised(self.document, schema)).unwrap_or_default();
        let name = declared.name.to_owned();
        if !self.fits(&Value::from(STALE), &schema) {
            let reason = format!("no request with a false `{name}`: no other value is known to fit");
            return self.derived.untried.push(reason);
        }
        let mut request = self.base.request.clone();
        request.parameters.retain(|it| !(it.place == Place::Header && it.name.eq_ignore_ascii_case(&name)));
        request.parameters.push(Parameter {
            name: name.clone(),
            place: Place::Header,
            value: STALE.to_owned(),
            prefix: String::new(),
            encoded: false,
            // What a state brings along must not repair it.
            constant: true,
            origin: Origin::Documented,
        });
        let answers = self.answers_to_wrong(&[&[FALSE]], &[]);
        self.push(&format!("header.{name}.stale"), format!("no version is the one of `{name}`"), request, answers);
    }
}
