//! The emulator as its users see it.

use crate::config::Config;
use crate::control::provider_state::{Given, ProviderState};
use crate::fault::rule::Fault;
use crate::fault::rules::TooManyFaults;
use crate::gateway::handler::write_failed;
use crate::instance::{Instance, Locked};
use crate::router;
use crate::storage::error::OpenError;
use crate::storage::snapshot::{InvalidSnapshot, Snapshot};
use bytes::Bytes;
use http::{Request, Response};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// One emulated service. Clones are handles to the same service.
///
/// [`serve`](crate::serve) puts it on a socket; [`answer`](Self::answer) does without one.
#[derive(Clone, Debug)]
pub struct Emulator {
    pub(crate) instance: Arc<Instance>,
}

impl Emulator {
    /// An emulator without graphs. Its state ends with the process.
    pub fn new(config: Config) -> Self {
        Self { instance: Arc::new(Instance::new(config)) }
    }

    /// An emulator with its state in a data file. The file is made if there is none.
    ///
    /// No response is given before every change that it reports is in the file, so the state survives
    /// the end of the process at any moment. [`Config::seed`] counts only when the file is made; the
    /// rest of the configuration is that of this call. The file is closed when the last handle to the
    /// emulator is dropped.
    ///
    /// # Errors
    ///
    /// If the file cannot be read and written, is in use, or does not hold the state of an emulator.
    /// It is left as it was.
    pub fn open(config: Config, path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Ok(Self { instance: Arc::new(Instance::open(config, path.as_ref())?) })
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        &self.instance.config
    }

    /// Answers one request, whether to the service or to the control API.
    ///
    /// With a data file it returns when every change that the response reports is in the file.
    pub fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (response, change) = router::answer(request, &self.instance);
        self.instance.written_blocking(change).map_or_else(write_failed, |()| response)
    }

    /// Makes a new graph that is in the given state.
    pub fn set_up(&self, state: ProviderState) -> Given {
        let mut locked = self.instance.lock();
        let now = locked.now();
        let given = state.set_up(self.config().new_graph(), &mut locked.service, now);
        self.wait_for(locked);
        given
    }

    /// Adds a fault rule, which holds until a reset. The number is the rule's `id` in
    /// `GET /_emulator/faults`.
    ///
    /// Without a socket there is no connection to disturb: [`answer`](Self::answer) gives such a
    /// response whole and at once.
    ///
    /// # Errors
    ///
    /// If there are a thousand rules already.
    pub fn add_fault(&self, fault: Fault) -> Result<u64, TooManyFaults> {
        self.instance.lock().faults.add(fault)
    }

    /// Removes all fault rules.
    pub fn clear_faults(&self) {
        self.instance.lock().faults.clear();
    }

    /// Moves the emulator's clock forward.
    pub fn advance_clock(&self, by: Duration) {
        let mut state = self.instance.lock();
        state.advance(by);
        self.wait_for(state);
    }

    /// Forgets everything, as if the emulator had just been made.
    pub fn reset(&self) {
        let mut state = self.instance.lock();
        self.instance.reset(&mut state);
        self.wait_for(state);
    }

    /// The whole state as JSON: graphs, backups, jobs, the clock, and the position in the sequence of identifiers.
    /// The README describes the format.
    pub fn snapshot(&self) -> String {
        let snapshot = self.instance.lock().snapshot();
        // Writing these values to memory cannot fail.
        serde_json::to_string(&snapshot).unwrap_or_default()
    }

    /// Restores the state of a [`snapshot`](Self::snapshot), the clock included. The journal is kept.
    ///
    /// # Errors
    ///
    /// If the snapshot is not valid; then nothing is changed.
    pub fn restore(&self, snapshot: &str) -> Result<(), InvalidSnapshot> {
        let snapshot = Snapshot::read(snapshot.as_bytes())?;
        let mut state = self.instance.lock();
        state.restore(snapshot, self.config());
        self.wait_for(state);
        Ok(())
    }

    /// The number of writes to the data file; one write may hold many changes. `None` without a data file.
    pub fn flushes(&self) -> Option<u64> {
        self.instance.flushes()
    }

    /// Releases the state, and returns when what was done to it is in the data file.
    fn wait_for(&self, state: Locked<'_>) {
        let change = state.release();
        // The next request is answered with the failure.
        let _ = self.instance.written_blocking(change);
    }
}
