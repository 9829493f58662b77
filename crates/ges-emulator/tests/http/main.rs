//! Tests over HTTP.

mod control_api;
mod credentials;
mod documented_exchanges;
mod doors;
mod faults;
mod limits;
mod log;
mod on_the_wire;
mod page;
mod reference;
mod signer;
#[cfg(feature = "tls")]
mod tls;
mod wire;
