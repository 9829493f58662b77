//! Proof of who makes a call: tokens, passwords and keys, and the places where they are found.

mod authorize;
mod chain;
mod keys;
mod password;
mod profile;
mod signature;
mod token;

pub use authorize::{Authorizing, Context, Credentials};
pub use chain::{Found, FoundCredentials, Place, find, from_profile, variable};
pub use keys::Keys;
pub use password::Password;
pub use token::Token;

pub(crate) use chain::none_found;
