#![doc = include_str!("../README.md")]

mod answer;
mod authentication;
mod backup;
mod browser;
mod call;
mod cloud;
mod config;
mod connection;
mod contents;
mod control;
mod control_snapshot;
mod credentials;
mod emulator;
mod fault;
mod faults;
mod gateway;
mod graph;
mod id;
#[cfg(test)]
mod invariants;
mod job;
mod journal;
mod keeper;
mod line;
mod moment;
mod open_error;
mod operation;
mod provider_state;
mod records;
mod refusal;
mod route;
mod server;
mod sign_in;
mod signature;
mod snapshot;
mod store;
mod tls;
mod token;
mod transitions;
mod unwritten;
mod version;
mod waiting;

pub use config::{Config, Limits};
pub use credentials::{InvalidUser, Key, User};
pub use emulator::Emulator;
pub use fault::{Disturbance, Fault, InvalidFault, When};
pub use faults::TooManyFaults;
pub use open_error::OpenError;
pub use operation::{ApiVersion, Operation};
pub use provider_state::{Given, ProviderState, UnknownState};
pub use server::{Listeners, serve};
pub use snapshot::InvalidSnapshot;
pub use tls::Tls;
#[cfg(feature = "tls")]
pub use tls::TlsError;
pub use transitions::{InvalidTransitions, Transitions};
