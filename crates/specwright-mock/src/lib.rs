#![doc = include_str!("../README.md")]

mod fixture;
mod types;

pub use fixture::{
    Body, Credential, Described, Documented, Exchange, Fixture, Operation, Parameter, Place, Reply, Server,
};
pub use httpmock;
pub use serde;
pub use serde_json;
