//! One running emulator: its configuration, its state behind a lock, its journal, and the writer of its data file.

use crate::auth::authentication::{Authenticator, Clocks};
use crate::config::Config;
use crate::journal::Journal;
use crate::service::clock::Timestamp;
use crate::state::{State, system_clock};
use crate::storage::error::OpenError;
use crate::storage::pending::{Batch, ChangeNumber};
use crate::storage::store::Store;
use crate::storage::writer::{WriteFailed, Writer};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The part of an emulator that all handles share.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) config: Config,
    pub(crate) authenticator: Authenticator,
    state: Arc<Mutex<State>>,
    /// Apart from the state, so that no request waits while another one is recorded.
    journal: Mutex<Journal>,
    /// `None` without a data file.
    writer: Option<Writer>,
}

impl Instance {
    /// In memory only.
    pub(crate) fn new(config: Config) -> Self {
        let state = Arc::new(Mutex::new(State::new(&config)));
        Self::with(config, state, None)
    }

    /// With the state in a data file, which is created if missing.
    pub(crate) fn open(mut config: Config, path: &Path) -> Result<Self, OpenError> {
        let (store, found) = Store::open(path, config.seed, &State::new(&config).batch())?;
        config.seed = store.format().seed;
        let state = Arc::new(Mutex::new(State::of_file(&config, store.format(), found)));
        let changing = Arc::clone(&state);
        let writer = Writer::start(move |written| locked(&changing).take_changes(written), written_to(store));
        let writer = writer.map_err(|error| OpenError::io(path, error))?;
        Ok(Self::with(config, state, Some(writer)))
    }

    /// As [`open`](Self::open), with a store that is written to only by the function that comes with it.
    #[cfg(test)]
    pub(crate) fn by_hand(
        mut config: Config,
        store: Store,
        found: Option<crate::storage::store::Found>,
    ) -> (Self, impl FnMut()) {
        config.seed = store.format().seed;
        let state = Arc::new(Mutex::new(State::of_file(&config, store.format(), found)));
        let changing = Arc::clone(&state);
        let (writer, write) =
            Writer::by_hand(move |written| locked(&changing).take_changes(written), written_to(store));
        (Self::with(config, state, Some(writer)), write)
    }

    fn with(config: Config, state: Arc<Mutex<State>>, writer: Option<Writer>) -> Self {
        let journal = Mutex::new(Journal::new(config.limits.journal));
        Self { authenticator: config.authenticator(), config, state, journal, writer }
    }

    /// The state. Everything that is done to it before it is released is one change.
    pub(crate) fn lock(&self) -> Locked<'_> {
        Locked { state: locked(&self.state), writer: self.writer.as_ref() }
    }

    /// May be locked while the state is, not the other way round.
    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resets the state and the journal to their initial state.
    pub(crate) fn reset(&self, state: &mut State) {
        state.reset(&self.config);
        *self.journal() = Journal::new(self.config.limits.journal);
    }

    /// Whether answers have to wait until changes are in a data file.
    pub(crate) fn has_data_file(&self) -> bool {
        self.writer.is_some()
    }

    /// Returns when this change is in the data file, if there is one.
    pub(crate) async fn written(&self, change: Option<ChangeNumber>) -> Result<(), WriteFailed> {
        match &self.writer {
            Some(writer) => writer.written(change).await,
            None => Ok(()),
        }
    }

    /// As [`written`](Self::written), and blocks the thread.
    pub(crate) fn written_blocking(&self, change: Option<ChangeNumber>) -> Result<(), WriteFailed> {
        match &self.writer {
            Some(writer) => writer.written_blocking(change),
            None => Ok(()),
        }
    }

    /// `None` without a data file.
    pub(crate) fn flushes(&self) -> Option<u64> {
        self.writer.as_ref().map(Writer::flushes)
    }
}

impl Clocks for Instance {
    fn system(&self) -> Timestamp {
        system_clock()
    }

    /// Locks the state.
    fn emulated(&self) -> Timestamp {
        self.lock().now()
    }
}

/// Writes changes to a store, and says what went wrong.
fn written_to(store: Store) -> impl FnMut(&Batch) -> Result<(), String> + Send + 'static {
    move |batch| store.write(batch).map_err(|error| format!("cannot write {}: {error}", store.path().display()))
}

/// A panic in another thread does not stop the emulator: the state that it left is still valid.
fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The locked state. The writer is woken when it is released.
pub(crate) struct Locked<'a> {
    state: MutexGuard<'a, State>,
    writer: Option<&'a Writer>,
}

impl Locked<'_> {
    /// The change that was made; `None` if nothing changed.
    pub(crate) fn release(mut self) -> Option<ChangeNumber> {
        self.note_changes()
    }

    fn note_changes(&mut self) -> Option<ChangeNumber> {
        let change = self.state.note_changes();
        if let (Some(_), Some(writer)) = (change, self.writer) {
            writer.wake();
        }
        change
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        self.note_changes();
    }
}

impl Deref for Locked<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}
