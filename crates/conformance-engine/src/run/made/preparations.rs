//! Collects, for all cases of a run, what came of the calls that make states.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, PoisonError};

use crate::model::exchange::Exchange;
use crate::model::report::Finding;
use crate::model::suite::Case;

/// What all cases of a run have to say of the calls that make states.
#[derive(Debug, Default)]
pub(crate) struct Preparations {
    /// Case -> what was wrong the first time that its request was sent for another case.
    failed: Mutex<BTreeMap<String, Failed>>,
    /// Operation -> how many things that it made are still there.
    left: Mutex<BTreeMap<String, usize>>,
    /// The values that had to be new, by operation and place; an empty one where none was left.
    pub(crate) used: Mutex<BTreeSet<(String, String, String)>>,
    /// How many things could not be found when they were to be removed.
    pub(crate) missed: AtomicUsize,
}

/// A reply that was not as documented.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    pub(crate) findings: Vec<Finding>,
    pub(crate) exchange: Exchange,
    /// The case that it was sent for.
    pub(crate) of: String,
}

impl Preparations {
    pub(crate) fn fail(&self, call: &Case, findings: Vec<Finding>, exchange: Exchange, of: &Case) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.entry(call.id.clone()).or_insert_with(|| Failed { findings, exchange, of: of.id.clone() });
    }

    pub(crate) fn leave(&self, operation: &str) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        *left.entry(operation.to_owned()).or_default() += 1;
    }

    /// What failed, by case.
    pub(crate) fn take_failed(&self) -> BTreeMap<String, Failed> {
        std::mem::take(&mut *self.failed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Operation -> how many things that it made are still there.
    pub(crate) fn left_behind(&self) -> BTreeMap<String, usize> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
