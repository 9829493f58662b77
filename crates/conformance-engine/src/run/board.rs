//! Collects the results of a run while its workers go on.

use std::sync::{Mutex, PoisonError};

use crate::model::report::Entry;

/// The results so far, each in the place of its case.
pub(crate) struct Board<P>(Mutex<Posted<P>>);

struct Posted<P> {
    entries: Vec<Option<Entry>>,
    progress: P,
}

impl<P: FnMut(&Entry)> Board<P> {
    pub(crate) fn new(cases: usize, progress: P) -> Self {
        Self(Mutex::new(Posted { entries: (0..cases).map(|_| None).collect(), progress }))
    }

    pub(crate) fn post(&self, entry: Entry) {
        let mut board = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (board.progress)(&entry);
        if let Some(place) = board.entries.get_mut(entry.position) {
            *place = Some(entry);
        }
    }

    /// The entry of each case that ended, in the order of the plan.
    pub(crate) fn into_entries(self) -> Vec<Entry> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).entries.into_iter().flatten().collect()
    }
}
