#![doc = include_str!("../README.md")]

pub mod fixture;
#[rustfmt::skip]
mod generated;
mod server;

pub use fixture::{Fixture, Server};
pub use generated::*;
pub use httpmock;
pub use server::TOKEN;
