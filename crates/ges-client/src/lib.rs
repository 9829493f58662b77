#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

#[cfg(feature = "blocking")]
pub mod blocking;
mod call;
mod client;
pub mod credentials;
mod endpoint;
mod error;
#[rustfmt::skip]
#[allow(clippy::unwrap_used, dead_code, rustdoc::private_intra_doc_links, unreachable_pub, unused_imports)]
mod generated;
mod job;
mod model;
#[cfg(feature = "support")]
mod pages;
mod percent;
mod response;
mod retry;
mod secret;
#[cfg(feature = "rustls")]
mod tls;
mod wait;

pub use client::{Client, ClientBuilder};
pub use endpoint::{Region, parse_endpoint};
pub use error::{Error, Missing};
pub use generated::{Operation, builder, types};
pub use job::{Job, NamesJob};
pub use model::parse_project_id;
#[cfg(feature = "support")]
pub use pages::Entries;
// For generated code.
use percent::encode_path;
/// The HTTP client that [`ClientBuilder::http_client`] and [`Credentials`](credentials::Credentials) take.
pub use reqwest;
pub use response::Response;
pub use retry::Retries;
pub use wait::Wait;
