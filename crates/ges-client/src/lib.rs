#![doc = include_str!("../README.md")]

mod client;
mod error;
#[rustfmt::skip]
#[allow(clippy::unwrap_used, dead_code, rustdoc::private_intra_doc_links, missing_docs, unreachable_pub, unused_imports)]
mod generated;
mod hooks;
mod operation;

pub use client::Client;
pub use error::Error;
pub use generated::{Operation, ResponseValue, builder, types};
