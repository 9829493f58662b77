//! The client, its builder and its methods.

mod builder;
mod client;
mod http;
mod project;
mod support;

pub use builder::ClientBuilder;
pub use client::Client;
