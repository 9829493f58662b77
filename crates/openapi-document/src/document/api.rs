//! The operations of a document and the exchanges that its examples show, computed once.

use super::concern::{Owners, concerning};
use super::exchange::{self, Exchange, Gap};
use super::operation::{self, Operation};
use super::resolve::Document;
use crate::source::{Diagnostic, Diagnostics};

/// The API that a document describes: its operations, and for each the documented exchanges.
pub struct Api<'d> {
    document: &'d Document,
    operations: Vec<Operation<'d>>,
    /// For each operation, in the same order.
    exchanges: Vec<(Vec<Exchange<'d>>, Vec<Gap>)>,
    owners: Owners,
}

impl<'d> Api<'d> {
    /// The API that `document` describes.
    pub fn of(document: &'d Document) -> Api<'d> {
        let operations = operation::all(document);
        let exchanges = operations.iter().map(|operation| exchange::of(document, operation)).collect();
        let owners = Owners::of(document, &operations);
        Api { document, operations, exchanges, owners }
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
        let owner = |at| self.owners.at(at).map(|index| self.operations[index].label());
        found.located(self.document.files(), owner)
    }

    /// For each operation, in the order of [`Api::operations`], the diagnostics that concern it, in reading order: those
    /// within it or its path item, and those within whatever it refers to, directly or through other references.
    /// Diagnostics of unused components, or of the document as a whole, concern no operation.
    pub fn concerning<'f>(&self, found: impl IntoIterator<Item = &'f Diagnostic>) -> Vec<Vec<&'f Diagnostic>> {
        concerning(self.document, &self.operations, found)
    }
}
