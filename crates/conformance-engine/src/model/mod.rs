//! The values that everything else works on.

pub(crate) mod body;
pub(crate) mod case;
pub(crate) mod content_encoding;
pub mod contract;
#[cfg(feature = "run")]
pub(crate) mod coverage;
pub mod exchange;
#[cfg(feature = "run")]
pub(crate) mod exchange_json;
pub mod json;
pub mod lifecycle;
pub(crate) mod note;
#[cfg(feature = "run")]
pub(crate) mod percent;
#[cfg(feature = "run")]
pub mod recorded;
#[cfg(feature = "run")]
pub(crate) mod report;
#[cfg(feature = "run")]
pub(crate) mod shard;
pub mod suite;
pub(crate) mod text;
