//! The emulator as its users see it.

use crate::config::Config;
use crate::control::provider_state::{ProviderState, StateValues};
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

    /// An emulator with its state in a data file, which is created if missing.
    ///
    /// A response is returned only when every change that it reports is in the file, so the state survives the end of the
    /// process at any moment. [`Config::seed`] is used only when the file is created; the rest of the configuration is that
    /// of this call. The file is closed when the last handle to the emulator is dropped.
    ///
    /// # Errors
    ///
    /// If the file cannot be read and written, is in use, or does not contain the state of an emulator. It is not changed.
    pub fn open(config: Config, path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Ok(Self { instance: Arc::new(Instance::open(config, path.as_ref())?) })
    }

    /// The configuration in use.
    pub fn config(&self) -> &Config {
        &self.instance.config
    }

    /// Answers one request, whether to the service or to the control API.
    ///
    /// With a data file, it returns when every change that the response reports is in the file.
    pub fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (response, change) = router::answer(request, &self.instance);
        self.instance.written_blocking(change).map_or_else(write_failed, |()| response)
    }

    /// Sets up a provider state, usually by making a new graph.
    pub fn set_up(&self, state: ProviderState) -> StateValues {
        let mut locked = self.instance.lock();
        let now = locked.now();
        let given = state.set_up(self.config().new_graph(), &mut locked.service, now);
        self.wait_for(locked);
        given
    }

    /// Adds a fault rule, which applies until a reset. The number is the `id` of the rule in `GET /_emulator/faults`.
    ///
    /// Without a socket there is no connection: [`answer`](Self::answer) returns the response complete and without delay.
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

    /// Resets the emulator to its initial state.
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

    /// Releases the state, and returns when its changes are in the data file.
    fn wait_for(&self, state: Locked<'_>) {
        let change = state.release();
        // The next request is answered with the failure.
        let _ = self.instance.written_blocking(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::credentials::Key;

    /// A part of every secret below.
    const SECRET: &str = "hunter2";

    #[test]
    fn debug_shows_no_secret_of_the_configuration_or_of_a_request() {
        let key = Key { security_token: Some("sts-hunter2".to_owned()), ..Key::new("an-access-key", "sk-hunter2") };
        let config = Config {
            tokens: vec!["token-hunter2".to_owned()],
            keys: vec![key],
            users: vec!["ann:hunter2@acme".parse().unwrap()],
            ..Config::default()
        };
        let emulator = Emulator::new(config.clone());
        for header in ["X-Auth-Token", "X-Security-Token", "Authorization"] {
            let request = Request::post("/v3/auth/tokens?password=hunter2").header(header, "other-hunter2");
            emulator.answer(request.body(Bytes::from_static(b"hunter2")).unwrap());
        }
        let signed = "SDK-HMAC-SHA256 Access=an-access-key, SignedHeaders=host;x-sdk-date, Signature=hunter2";
        emulator
            .answer(Request::post("/v2/p/graphs/g/stop").header("Authorization", signed).body(Bytes::new()).unwrap());

        let as_bytes = format!("{:?}", SECRET.as_bytes());
        let as_bytes = as_bytes.trim_matches(['[', ']']).replace(' ', "");
        for shown in [format!("{config:?}{emulator:?}"), format!("{config:#?}{emulator:#?}")] {
            assert!(shown.contains("an-access-key") && shown.contains("acme"), "{shown}");
            let without_blanks: String = shown.split_whitespace().collect();
            for secret in [SECRET, &as_bytes] {
                assert!(!without_blanks.contains(secret), "{shown}");
            }
        }
    }
}
