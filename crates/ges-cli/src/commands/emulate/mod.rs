//! `ges emulate`.

mod limits;
mod run;
mod tls;

pub(crate) use run::{Arguments, run};
