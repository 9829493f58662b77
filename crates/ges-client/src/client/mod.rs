//! The client, its builder and its methods.

mod builder;
mod client;
#[rustfmt::skip]
mod generated;
mod http;
mod project;

pub use builder::ClientBuilder;
pub use client::Client;
