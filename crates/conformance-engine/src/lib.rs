#![cfg_attr(feature = "run", doc = include_str!("../README.md"))]
// The front page shows the runner, so its example compiles only with it.
#![cfg_attr(not(feature = "run"), doc = "The values of `conformance-engine`, without its runner.")]

pub mod check;
pub mod diff;
#[cfg(feature = "run")]
mod format;
#[cfg(feature = "run")]
mod http;
mod model;
#[cfg(feature = "run")]
pub mod plan;
#[cfg(feature = "run")]
mod redact;
#[cfg(feature = "run")]
pub mod report;
#[cfg(feature = "run")]
pub mod run;
#[cfg(feature = "run")]
pub mod traffic;

pub use self::check::schema;
#[cfg(feature = "yaml")]
pub use self::model::text::events;
pub use self::model::text::visible;
pub use self::model::{contract, exchange, json, lifecycle, suite};
#[cfg(feature = "run")]
pub use self::{
    format::curl::{credential_variable, curl},
    format::{export, locust::locustfile, shell, terminal},
    http::address::{Address, AddressError, is_loopback},
    http::credentials::{Known, SchemeValues},
    http::proxied::proxy_for,
    http::request::Values,
    model::recorded,
    redact::secret::{Secret, Sign, Unsigned},
};
#[cfg(feature = "run")]
pub use environment_proxy::Proxies;
