//! `conform`: checks an endpoint.

mod arguments;
mod costs;
mod endpoint;
mod first_use;
mod inputs;
mod run;

pub use arguments::Arguments;
pub use run::run;
