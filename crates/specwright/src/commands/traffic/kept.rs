//! What `replay` and `observe` keep of the traffic for their reports: so much of it, and the counts of the rest.

use conformance_engine::report::{Counts, Entry, Outcome};

/// What an entry takes beside its bodies, roughly.
const ENTRY: usize = 4096;

/// What one takes of which only the outcome is kept.
const LINE: usize = 512;

/// What is kept for the reports, and to list the failures at the end.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) entries: Vec<Entry>,
    pub(crate) omitted: Counts,
    pub(crate) seen: usize,
    /// For everything, in bytes.
    room: usize,
    /// For what did not fail, in bytes.
    passes: usize,
}

impl Kept {
    /// With so many bytes of room, of which failures have a quarter for themselves, or all of it.
    pub(crate) fn new(room: usize, keeps_passes: bool) -> Self {
        Self { room, passes: if keeps_passes { room / 4 * 3 } else { 0 }, ..Self::default() }
    }

    /// Keeps the entry of an exchange of about so many bytes, if there is room.
    pub(crate) fn add(&mut self, entry: Entry, size: usize) {
        self.seen += 1;
        // Kept twice while the report is written: as values and as text.
        let size = size + if entry.exchanges.is_empty() { LINE } else { ENTRY };
        let is_failure = entry.outcome == Outcome::Fail;
        let has_room = size <= self.room && (is_failure || size <= self.passes);
        if !has_room {
            // Nothing after it is listed either, so that a report has no gaps among what passed.
            self.passes = if is_failure { self.passes } else { 0 };
            self.omitted.count(&entry);
            return;
        }
        self.room -= size;
        if !is_failure {
            self.passes -= size;
        }
        self.entries.push(entry);
    }
}
