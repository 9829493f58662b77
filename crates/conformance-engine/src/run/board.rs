//! Collects the results of a run while its workers go on.

use std::sync::{Mutex, PoisonError};

use crate::run::result::CaseResult;

/// The results so far, each in the place of its case.
pub(crate) struct Board<'a, P>(Mutex<Posted<'a, P>>);

struct Posted<'a, P> {
    results: Vec<Option<CaseResult<'a>>>,
    progress: P,
}

impl<'a, P: FnMut(&CaseResult<'a>)> Board<'a, P> {
    pub(crate) fn new(cases: usize, progress: P) -> Self {
        Self(Mutex::new(Posted { results: (0..cases).map(|_| None).collect(), progress }))
    }

    pub(crate) fn post(&self, index: usize, result: CaseResult<'a>) {
        let mut board = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (board.progress)(&result);
        if let Some(place) = board.results.get_mut(index) {
            *place = Some(result);
        }
    }

    /// The result of each case, in the order of the plan.
    pub(crate) fn into_results(self) -> Vec<Option<CaseResult<'a>>> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).results
    }
}
