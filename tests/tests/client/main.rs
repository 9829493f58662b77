//! The client keeps the promises of its README, over the network and against a stateful service.

#![allow(clippy::unwrap_used)]

mod answers;
mod broken_network;
mod credentials;
mod emulator;
mod https;
mod official_sdk;
mod pages;
mod repetition;
mod secrets;
mod service;
mod traces;
mod waiting;
mod wire;
