//! Other programs: how they are started, installed and ended.

mod cargo;
mod emulator;
mod install;
mod interruption;
pub(crate) mod pinned;
mod process;
mod server;

pub(crate) use cargo::cargo;
pub(crate) use emulator::{Emulator, ges, ges_at};
pub(crate) use install::{Build, from_crates_io, from_npm, from_pypi, source_from_pypi};
pub(crate) use interruption::{end_children, end_children_on_signal};
pub(crate) use process::{is_ci, is_installed, output, run, skip, skipped, tool};
pub(crate) use server::{Answer, Server, free_address};
