//! Questions that need a socket.

mod documented_exchanges;
mod on_the_wire;
mod wire;
