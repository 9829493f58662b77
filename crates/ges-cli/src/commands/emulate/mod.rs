//! `ges emulate`.

mod limits;
mod probe;
mod run;
mod tls;

pub(crate) use run::{Arguments, run};
