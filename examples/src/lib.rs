#![doc = include_str!("../README.md")]

pub mod backup_with_progress;
pub mod nightly;
pub mod stop_all;
