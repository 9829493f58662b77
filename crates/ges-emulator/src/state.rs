//! The mutable state of an emulator: service, clock, fault rules, and pending changes.

use crate::api::operation::Operation;
use crate::config::Config;
use crate::fault::rules::FaultRules;
use crate::journal::RequestInfo;
use crate::service::clock::Timestamp;
use crate::service::id::Ids;
use crate::service::records::Service;
use crate::storage::pending::{Batch, ChangeNumber, Numbers, PendingChanges};
use crate::storage::snapshot::Snapshot;
use crate::storage::store::{Format, Found};
use std::time::{Duration, SystemTime};

/// Everything that the next response depends on.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) service: Service,
    /// How far the emulator's clock is ahead of the system's. A restored clock may be behind it.
    ahead_ms: i64,
    requests: Ids,
    pub(crate) faults: FaultRules,
    /// `None` without a data file.
    pending: Option<PendingChanges>,
}

impl State {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            service: Service::new(config.seed, config.transitions, &config.limits),
            ahead_ms: 0,
            requests: Ids::new(!config.seed),
            faults: FaultRules::new(config.seed, &config.faults),
            pending: None,
        }
    }

    /// The state of a data file, which every change is written to.
    pub(crate) fn of_file(config: &Config, format: Format, found: Option<Found>) -> Self {
        let mut state = Self::new(config);
        if let Some(found) = found {
            state.service = Service::from_state(found.state, config.transitions, &config.limits);
            state.ahead_ms = found.clock_ahead_ms;
        }
        // The file does not have the number of requests, and no two runs may give two requests the same identifier.
        state.requests = Ids::new(!config.seed.wrapping_add(format.openings));
        let numbers = state.numbers();
        state.pending = Some(PendingChanges::none_since(&mut state.service, numbers));
        state
    }

    pub(crate) fn now(&self) -> Timestamp {
        system_clock().shifted(self.ahead_ms)
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms = self.ahead_ms.saturating_add(millis);
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.service.to_state(), self.now())
    }

    /// Resets everything to its initial state.
    pub(crate) fn reset(&mut self, config: &Config) {
        let new = Self::new(config);
        self.replace(new.service, new.ahead_ms);
        self.requests = new.requests;
        self.faults = new.faults;
    }

    pub(crate) fn restore(&mut self, snapshot: Snapshot, config: &Config) {
        let (state, now) = snapshot.into_parts();
        let service = Service::from_state(state, config.transitions, &config.limits);
        self.replace(service, now.millis().cast_signed().saturating_sub_unsigned(system_clock().millis()));
    }

    fn replace(&mut self, service: Service, ahead_ms: i64) {
        self.service = service;
        self.ahead_ms = ahead_ms;
        if let Some(pending) = &mut self.pending {
            pending.add_everything(&mut self.service);
        }
    }

    fn numbers(&self) -> Numbers {
        Numbers::of(&self.service, self.ahead_ms)
    }

    /// All records.
    pub(crate) fn batch(&self) -> Batch {
        Batch::of_everything(&self.service, self.numbers())
    }

    /// The number of the change since the last call; `None` if nothing changed.
    pub(crate) fn note_changes(&mut self) -> Option<ChangeNumber> {
        self.pending.as_mut()?.add(&self.service, self.ahead_ms)
    }

    pub(crate) fn latest_change(&self) -> Option<ChangeNumber> {
        self.pending.as_ref().map(PendingChanges::latest)
    }

    /// What changed after a change that is in the file, and the number of the latest change in it.
    pub(crate) fn take_changes(&mut self, written: ChangeNumber) -> Option<(ChangeNumber, Batch)> {
        let pending = self.pending.as_mut().filter(|pending| pending.latest() > written)?;
        Some((pending.latest(), pending.take(&mut self.service)))
    }

    /// A new identifier for a request, and when it came.
    pub(crate) fn admit(&mut self, operation: Option<Operation>) -> RequestInfo {
        RequestInfo { id: self.requests.request(), at: self.now(), operation, fault: None }
    }
}

/// The only place where the system's clock is read.
pub(crate) fn system_clock() -> Timestamp {
    Timestamp::from_system(SystemTime::now())
}
