//! `cargo xtask corpus`: runs real documents through the generator and the planner, and keeps the figures.

mod command;
mod figures;
mod peers;
mod round_trip;
mod survey;
mod table;

pub(crate) use command::{Arguments, run};
