//! What the commands that call a service share.

pub(crate) mod confirm;
pub(crate) mod dry_run;
pub(crate) mod exit_status;
pub(crate) mod operation;
pub(crate) mod read;
pub(crate) mod wait;

pub(crate) use confirm::Question;
pub(crate) use exit_status::exit_status;
