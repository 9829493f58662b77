//! Makes the cases of one operation, each of a request and of what may be answered to it.

use std::collections::BTreeSet;

use conformance_engine::schema::{Direction, Schemas};
use conformance_engine::suite::{Ambiguous, Case, Expected, ExpectedBody, Kind, Place, Request, Source};
use serde_json::{Map, Value};

use crate::document::{Document, Operation, parts};
use crate::node::Node;
use crate::suite::member_rules::OneKind;
use crate::suite::setup::Linked;

/// More cases of one operation than these would tell nothing new.
const MOST: usize = 250;

/// What is derived from one operation.
#[derive(Default)]
pub(crate) struct Derived {
    pub(crate) cases: Vec<Case>,
    /// Why some of its constraints are not tried.
    pub(crate) untried: Vec<String>,
}

/// What a server may answer to a request that is wrong in one way.
#[derive(Clone)]
pub(super) struct Answers {
    pub(super) status: u16,
    pub(super) or: Vec<u16>,
    /// Every other refusal will do as well.
    pub(super) any: bool,
    /// Undocumented statuses that refuse it as well.
    pub(super) fitting: Vec<u16>,
    /// Of the statuses, those that may have another reason.
    pub(super) ambiguous: Vec<u16>,
}

impl Answers {
    /// This status and no other.
    pub(super) fn of(status: u16) -> Self {
        Self { status, or: Vec::new(), any: false, fitting: Vec::new(), ambiguous: Vec::new() }
    }
}

/// Derives the cases of one operation.
pub(super) struct Deriving<'d, 'c> {
    pub(super) document: &'d Document,
    pub(super) operation: &'c Operation<'d>,
    pub(super) documented: &'c [Case],
    /// The request that succeeds.
    pub(super) base: &'c Case,
    pub(super) kinds: &'c OneKind<'d>,
    pub(super) linked: &'c Linked,
    pub(super) schemas: Schemas<'c>,
    pub(super) derived: Derived,
    known: BTreeSet<String>,
    /// How many requests have no documented status that could refuse them: of credentials, of everything else.
    unanswered: [usize; 2],
    /// How many requests there are beyond [`MOST`].
    too_many: usize,
}

impl<'d, 'c> Deriving<'d, 'c> {
    pub(super) fn new(
        document: &'d Document,
        operation: &'c Operation<'d>,
        documented: &'c [Case],
        base: &'c Case,
        kinds: &'c OneKind<'d>,
        linked: &'c Linked,
        components: &'c Map<String, Value>,
    ) -> Self {
        Self {
            document,
            operation,
            documented,
            base,
            kinds,
            linked,
            schemas: Schemas::new(components),
            derived: Derived::default(),
            known: BTreeSet::new(),
            unanswered: [0, 0],
            too_many: 0,
        }
    }

    pub(super) fn end(self) -> Derived {
        let mut derived = self.derived;
        let [credentials, constraints] = self.unanswered;
        if credentials > 0 {
            derived.untried.push(
                "requests without a valid credential are not tried: neither 401 nor 403 is documented".to_owned(),
            );
        }
        if constraints > 0 {
            let (requests, are) = match constraints {
                1 => ("request that breaks", "is"),
                _ => ("requests that break", "are"),
            };
            derived.untried.push(format!(
                "{constraints} {requests} a constraint {are} not tried: \
                 no status of their refusal (400, 422, …) is documented"
            ));
        }
        if self.too_many > 0 {
            derived.untried.push(format!(
                "{} more requests that break a constraint are not tried: there are {MOST} already",
                self.too_many
            ));
        }
        derived
    }

    /// Adds the case of a request that is wrong, if the document says how it may be refused.
    pub(super) fn push(&mut self, name: &str, breaks: String, request: Request, answers: Option<Answers>) {
        let Some(answers) = answers else {
            self.unanswered[usize::from(!name.starts_with("credential."))] += 1;
            return;
        };
        if self.derived.cases.len() >= MOST {
            self.too_many += 1;
            return;
        }
        let status = answers.status;
        let response = self.response(status);
        let section = match response.and_then(|response| response.node.text("description")) {
            Some(description) => format!("status code {status}: {description}"),
            None => format!("status code {status}"),
        };
        let body = response.map_or_else(|| self.guess(), |response| self.refusal(status, response));
        let case = refused(self.base, name, breaks, request, section, answers, body);
        let mut id = case.id.clone();
        // A member called `a.b`, and the member `b` of `a`.
        for number in 2.. {
            if self.known.insert(id.clone()) {
                break;
            }
            id = format!("{}_{number}", case.id);
        }
        self.derived.cases.push(Case { id, ..case });
    }

    /// Whether `value` breaks `schema`, and that is known.
    pub(super) fn is_broken(&self, value: &Value, schema: &Value) -> bool {
        let found = self.schemas.violations(value, schema, Direction::Request);
        found.iter().any(|violation| !violation.schema_is_broken)
    }

    pub(super) fn fits(&self, value: &Value, schema: &Value) -> bool {
        self.schemas.violations(value, schema, Direction::Request).is_empty()
    }
}

/// The case of a request that is made from that of `base`.
pub(super) fn refused(
    base: &Case,
    name: &str,
    breaks: String,
    request: Request,
    section: String,
    answers: Answers,
    body: Option<ExpectedBody>,
) -> Case {
    let Answers { status, or, any, fitting, ambiguous } = answers;
    let unchanged = base.id.clone();
    let ambiguous = (!ambiguous.is_empty()).then_some(Ambiguous { statuses: ambiguous, unchanged });
    Case {
        id: format!("{}/derived/{name}", base.operation),
        operation: base.operation.clone(),
        kind: Kind::Derived { breaks, any_refusal: any },
        given: base.given.clone(),
        source: base.source.as_ref().map(|source| Source { document: source.document.clone(), section }),
        request,
        expected: Expected { status, or, fitting, ambiguous, body, ..Expected::default() },
    }
}

/// The members that a schema describes, those of its parts included.
pub(super) fn members<'d>(document: &'d Document, schema: &'d Node) -> Vec<(&'d str, &'d Node)> {
    let parts = parts(document, schema).into_iter();
    parts.flat_map(|part| part.entries_of("properties")).map(|entry| (entry.key.as_str(), &entry.value)).collect()
}

pub(super) fn required<'d>(document: &'d Document, schema: &'d Node) -> BTreeSet<&'d str> {
    let parts = parts(document, schema).into_iter();
    parts.flat_map(|part| part.items_of("required")).filter_map(Node::as_text).collect()
}

pub(super) fn place_of(place: &str) -> Option<Place> {
    match place {
        "path" => Some(Place::Path),
        "query" => Some(Place::Query),
        "header" => Some(Place::Header),
        "cookie" => Some(Place::Cookie),
        _ => None,
    }
}

/// The request that others are made from: a documented one that succeeds, or one that is made up.
pub(super) fn base<'c>(cases: impl Iterator<Item = &'c Case> + Clone) -> Option<&'c Case> {
    let mut successes = cases.filter(|case| {
        (200..300).contains(&case.expected.status) && matches!(case.kind, Kind::Documented | Kind::Described)
    });
    let is_shown =
        |case: &&Case| case.kind.is_documented() && case.request.body.as_ref().is_none_or(|body| !body.composed);
    successes.clone().find(is_shown).or_else(|| successes.next())
}
