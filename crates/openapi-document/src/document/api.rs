//! The operations of a document and the exchanges that its examples show, computed once.

use super::exchange::{self, Exchange, Gap};
use super::operation::{self, Operation};
use super::read::Document;
use crate::source::Diagnostics;

/// The API that a document describes: its operations, and for each the documented exchanges.
pub struct Api<'d> {
    document: &'d Document,
    operations: Vec<Operation<'d>>,
    /// For each operation, in the same order.
    exchanges: Vec<(Vec<Exchange<'d>>, Vec<Gap>)>,
}

impl<'d> Api<'d> {
    /// The API that `document` describes.
    pub fn of(document: &'d Document) -> Api<'d> {
        let operations = operation::all(document);
        let exchanges = operations.iter().map(|operation| exchange::of(document, operation)).collect();
        Api { document, operations, exchanges }
    }

    /// The document that describes it.
    pub fn document(&self) -> &'d Document {
        self.document
    }

    /// The operations, in the order of the document.
    pub fn operations(&self) -> &[Operation<'d>] {
        &self.operations
    }

    /// Each operation with its exchanges, and with the examples that belong to none.
    pub fn exchanges(&self) -> impl Iterator<Item = (&Operation<'d>, &[Exchange<'d>], &[Gap])> {
        let all = self.operations.iter().zip(&self.exchanges);
        all.map(|(operation, (exchanges, gaps))| (operation, &exchanges[..], &gaps[..]))
    }

    /// Puts diagnostics into reading order and fills in the file and the operation of each.
    pub fn locate(&self, found: Diagnostics) -> Diagnostics {
        found.located(self.document.name(), |line| {
            let mut operations = self.operations.iter();
            let owner = operations.find(|op| op.path_at.line == line || (op.at.line..=op.last_line).contains(&line));
            owner.map(Operation::label)
        })
    }
}
