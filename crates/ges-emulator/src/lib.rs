#![doc = include_str!("../README.md")]

mod api;
mod auth;
mod config;
mod control;
#[cfg(test)]
mod crashes;
mod emulator;
mod fault;
mod gateway;
mod instance;
#[cfg(test)]
mod invariants;
mod journal;
mod limits;
mod redact;
mod router;
mod server;
mod service;
mod state;
mod storage;
mod ui;

pub use api::operation::{ApiVersion, Operation};
pub use auth::credentials::{InvalidUser, Key, User};
pub use config::Config;
pub use control::provider_state::{ProviderState, StateValues, UnknownState};
pub use emulator::Emulator;
pub use fault::rule::{ConnectionFault, Fault, InvalidFault, When};
pub use fault::rules::TooManyFaults;
pub use limits::Limits;
pub use server::listener::{Listeners, serve};
pub use server::tls::Tls;
#[cfg(feature = "tls")]
pub use server::tls::TlsError;
pub use service::transitions::{InvalidTransitions, Transitions};
pub use storage::error::OpenError;
pub use storage::snapshot::InvalidSnapshot;
