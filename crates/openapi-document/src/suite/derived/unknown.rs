//! Requests for what does not exist: a path whose last variable has a value of the right form that nothing has.

use conformance_engine::suite::{Case, Kind, Parameter, Place, Sending, absent_like};
use serde_json::Value;

use super::deriving::{Answers, Deriving, place_of};
use crate::document::{Document, Operation, is_listed, raised, variable_names};
use crate::suite::states::journey;

/// What says that there is no such thing.
pub(super) const NONE: [u16; 2] = [404, 410];

/// What a server may say instead: its identifiers may have a form that the document does not tell, and who may not see a
/// thing may not learn that there is none.
const INSTEAD: [u16; 3] = [400, 403, 422];

impl Deriving<'_, '_> {
    /// With an identifier that nothing has, where the document says how that is answered and neither an example nor the
    /// lifecycle shows it.
    pub(super) fn unknown(&mut self) {
        let Some(status) = NONE.into_iter().find(|status| self.exact(*status).is_some()) else { return };
        let is_shown = |case: &Case| case.kind.is_documented() && NONE.contains(&case.expected.status);
        let listed = self.document.root().get("x-lifecycle").and_then(|lifecycle| lifecycle.get("operations"));
        let is_listed = listed.is_some_and(|operations| operations.get(self.operation.id).is_some());
        // What a PUT names may be made by it.
        let makes = self.operation.method == "put" && self.exact(201).is_some();
        if is_listed || makes || self.documented.iter().any(is_shown) {
            return;
        }
        let Some(name) = variable_names(self.operation.path).last() else { return };
        let mut request = self.base.request.clone();
        let mut parameters = request.parameters.iter_mut();
        let Some(sent) = parameters.find(|it| it.place == Place::Path && it.name == name && !it.constant) else {
            return;
        };
        let Some(value) = self.absent(name, sent) else {
            let reason = format!("no request for what does not exist: no other value of `{name}` is known to fit");
            return self.derived.untried.push(reason);
        };
        // What a state brings along must not repair it.
        (sent.value, sent.constant, sent.encoded) = (value, true, false);
        let or = NONE.into_iter().chain(INSTEAD).filter(|it| *it != status && self.exact(*it).is_some());
        let answers = Answers { or: or.collect(), ..Answers::of(status) };
        let breaks = format!("nothing has this `{name}`");
        let is_alone = variable_names(self.operation.path).count() == 1 && request.body.is_none();
        let before = self.derived.cases.len();
        self.push(&format!("path.{name}.unknown"), breaks, request, Some(answers));
        // Nothing has to be made to ask for what is not there.
        if let Some(case) = self.derived.cases.get_mut(before).filter(|_| is_alone) {
            case.given = None;
        }
    }

    /// A value of the form of the documented one, which fits the schema.
    fn absent(&self, name: &str, sent: &Parameter) -> Option<String> {
        let declared = self.operation.parameters.iter();
        let declared = declared.into_iter().find(|it| it.name == name && place_of(it.place) == Some(sent.place))?;
        let schema = raised(self.document, declared.node.get("schema")?);
        // The values of a list may all exist.
        if is_listed(self.document, declared.node.get("schema")?) {
            return None;
        }
        let value = absent_like(&sent.value);
        let as_number = serde_json::from_str::<serde_json::Number>(&value).ok().map(Value::Number);
        let readings = as_number.into_iter().chain([Value::String(value.clone())]);
        readings.into_iter().any(|reading| self.fits(&reading, &schema)).then_some(value)
    }
}

/// For each removal of a thing that a state has, that its look-up then says that there is none: `cases` are those of
/// examples and descriptions, `refused` the derived ones. What a lifecycle lists has journeys of its own.
pub(crate) fn gone(document: &Document, operations: &[Operation<'_>], cases: &[Case], refused: &[Case]) -> Vec<Case> {
    let listed = document.root().get("x-lifecycle").and_then(|lifecycle| lifecycle.get("operations"));
    let is_success = |case: &&Case| {
        (200..300).contains(&case.expected.status) && matches!(case.kind, Kind::Documented | Kind::Described)
    };
    let mut found = Vec::new();
    for removal in
        operations.iter().filter(|it| it.method == "delete" && listed.is_none_or(|all| all.get(it.id).is_none()))
    {
        let is_look = |other: &&Operation<'_>| other.method == "get" && is_one(other.path, removal.path);
        let Some(look) = operations.iter().find(is_look) else { continue };
        let (removal, look) = (removal.label(), look.label());
        let mut removals = cases.iter().filter(|case| case.operation == removal).filter(is_success);
        let Some(removal) = removals.find(|case| case.given.is_some()) else { continue };
        let Some(base) = cases.iter().filter(|case| case.operation == look).find(is_success) else { continue };
        let is_none = |case: &&Case| case.operation == look && NONE.contains(&case.expected.status);
        let Some(unknown) = refused.iter().find(is_none).or_else(|| cases.iter().find(is_none)) else { continue };
        let mut expected = unknown.expected.clone();
        // Who may not see a thing does not learn that there is none.
        expected.or.retain(|status| NONE.contains(status) || *status == 403);
        if let Some(body) = expected.body.as_mut().filter(|_| unknown.kind.is_documented()) {
            body.example = None;
        }
        let shows = format!("after {} there is no such thing", removal.id);
        let name = removal.id.rsplit_once('/').map_or(removal.id.as_str(), |(_, name)| name);
        found.push(Case {
            id: format!("{}/journey/{name}_then_{look}_none", removal.operation),
            kind: journey(shows, &[&removal.id], Sending::Once, None),
            given: removal.given.clone(),
            expected,
            ..base.clone()
        });
    }
    found
}

/// Whether two paths are of the same thing: variables may have other names.
fn is_one(one: &str, other: &str) -> bool {
    let alike = |(one, other): (&str, &str)| one == other || one.starts_with('{') && other.starts_with('{');
    one.split('/').count() == other.split('/').count() && one.split('/').zip(other.split('/')).all(alike)
}
