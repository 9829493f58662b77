//! What the tests of several crates share: scripted servers, raw requests, commands that listen, pages that show commands,
//! an emulator, budgets of time and memory.
//!
//! Not published. Each part panics where it cannot do its work, which fails the test that uses it.
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

pub mod client;
pub mod cost;
#[cfg(feature = "emulator")]
pub mod emulator;
pub mod files;
pub mod message;
pub mod page;
pub mod process;
pub mod proxy;
pub mod server;
pub mod terminal;

pub use message::Request;
pub use server::{Server, Then, json_reply, reply, unused_address, write};
