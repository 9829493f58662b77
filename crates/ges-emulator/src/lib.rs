#![doc = include_str!("../README.md")]

mod answer;
mod authentication;
mod backup;
mod call;
mod cloud;
mod config;
mod control;
mod emulator;
mod gateway;
mod graph;
mod id;
#[cfg(test)]
mod invariants;
mod job;
mod journal;
mod moment;
mod operation;
mod provider_state;
mod refusal;
mod route;
mod server;
mod transitions;
mod version;

pub use config::{Config, Limits};
pub use emulator::Emulator;
pub use operation::{ApiVersion, Operation};
pub use provider_state::{Given, ProviderState, UnknownState};
pub use server::serve;
pub use transitions::{InvalidTransitions, Transitions};
