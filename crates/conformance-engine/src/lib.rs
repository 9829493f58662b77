// The front page shows the runner, so its example compiles only with it.
#![cfg_attr(feature = "run", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "run"), doc = "The values of `conformance-engine`, without its runner.")]

pub mod compare;
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
mod http;
#[cfg(feature = "run")]
mod looking;
#[cfg(feature = "run")]
pub mod plan;
#[cfg(feature = "run")]
mod plan_text;
#[cfg(feature = "run")]
pub mod report_text;
#[cfg(feature = "run")]
mod request;
#[cfg(feature = "run")]
pub mod run;
#[cfg(feature = "run")]
mod runner;
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
pub use {
    address::{Address, AddressError, is_loopback},
    curl::curl,
    exchange::Sent,
    request::Values,
    secret::Secret,
    stop::Stop,
};
