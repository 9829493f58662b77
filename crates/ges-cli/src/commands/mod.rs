//! One file or folder for each command.

pub(crate) mod backup;
pub(crate) mod conform;
pub(crate) mod delete;
pub(crate) mod emulate;
pub(crate) mod list;
pub(crate) mod restart;
pub(crate) mod show;
pub(crate) mod start;
pub(crate) mod stop;
pub(crate) mod upgrade;
