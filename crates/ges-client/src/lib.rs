#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

use std::borrow::Cow;

mod answer;
#[cfg(feature = "blocking")]
pub mod blocking;

mod call;
mod client;
mod client_builder;
pub mod credentials;
mod error;
#[rustfmt::skip]
#[allow(clippy::unwrap_used, dead_code, rustdoc::private_intra_doc_links, unreachable_pub, unused_imports)]
mod generated;
mod graph_status;
mod operation;
mod reply;
mod retries;
#[cfg(feature = "rustls")]
mod tls;
mod wait;

pub use answer::Response;
pub use client::Client;
pub use client_builder::ClientBuilder;
pub use error::{Error, Missing};
pub use generated::{Operation, builder, types};
/// The HTTP client that [`ClientBuilder::http_client`] and [`Credentials`](credentials::Credentials) speak of.
pub use reqwest;
pub use retries::Retries;
pub use wait::{Job, NamesJob, Wait};

/// For generated code: a path parameter as one segment of an address.
fn encode_path(segment: &str) -> Cow<'_, str> {
    // Nearly every identifier is plain. Without a way out in its middle the loop is a few instructions.
    if segment.bytes().fold(true, |plain, byte| plain & (byte.is_ascii_alphanumeric() | (byte == b'-'))) {
        return Cow::Borrowed(segment);
    }
    percent_encoding::utf8_percent_encode(segment, SEGMENT).into()
}

/// What a segment of a path cannot contain as it is.
const SEGMENT: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
