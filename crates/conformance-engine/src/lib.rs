// The front page shows the runner, so its example compiles only with it.
#![cfg_attr(feature = "run", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "run"), doc = "The values of `conformance-engine`, without its runner.")]

pub mod compare;
mod content_encoding;
pub mod contract;
pub mod exchange;
pub mod json;
mod pattern;
pub mod schema;
pub mod suite;
mod value;

#[cfg(feature = "run")]
mod address;
#[cfg(feature = "run")]
mod curl;
#[cfg(feature = "run")]
pub mod deviations;
#[cfg(feature = "run")]
mod diff;
#[cfg(feature = "run")]
pub mod export;
#[cfg(feature = "run")]
mod http;
#[cfg(feature = "run")]
pub mod judge;
#[cfg(feature = "run")]
mod looking;
#[cfg(feature = "run")]
pub mod merge;
#[cfg(feature = "run")]
pub mod observe;
#[cfg(feature = "run")]
pub mod plan;
#[cfg(feature = "run")]
mod plan_text;
#[cfg(feature = "run")]
pub mod recording;
#[cfg(feature = "run")]
pub mod report;
#[cfg(feature = "run")]
mod report_har;
#[cfg(feature = "run")]
mod report_html;
#[cfg(feature = "run")]
mod report_junit;
#[cfg(feature = "run")]
pub mod report_lines;
#[cfg(feature = "run")]
pub mod report_text;
#[cfg(feature = "run")]
mod report_vcr;
#[cfg(feature = "run")]
mod request;
#[cfg(feature = "run")]
pub mod run;
#[cfg(feature = "run")]
mod runner;
#[cfg(feature = "run")]
pub mod scrub;
#[cfg(feature = "run")]
mod secret;
#[cfg(feature = "run")]
mod stop;
#[cfg(feature = "run")]
mod tls;
#[cfg(feature = "run")]
mod tour;
#[cfg(feature = "run")]
mod touring;
#[cfg(feature = "run")]
pub mod traffic;
#[cfg(feature = "run")]
mod wire;
#[cfg(feature = "run")]
mod yaml;

#[cfg(feature = "run")]
pub use {
    address::{Address, AddressError, is_loopback},
    curl::{curl, curl_trusting},
    exchange::Sent,
    request::Values,
    secret::{Secret, Sign, Unsigned},
    stop::Stop,
};
