//! Does the client keep what its front page says, over the network and against a service that keeps a state?

#![allow(clippy::unwrap_used)]

mod answers;
mod broken_network;
mod credentials;
mod emulator;
mod https;
mod official_sdk;
mod repetition;
mod secrets;
mod service;
mod traces;
mod waiting;
mod wire;
