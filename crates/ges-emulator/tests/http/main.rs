//! Questions that need a socket.

mod control_api;
mod credentials;
mod documented_exchanges;
mod faults;
mod on_the_wire;
mod signer;
mod wire;
