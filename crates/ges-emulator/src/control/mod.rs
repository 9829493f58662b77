//! The control API under `/_emulator/`.

pub(crate) mod origin;
pub(crate) mod provider_state;
pub(crate) mod router;
pub(crate) mod snapshot;
