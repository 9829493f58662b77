#![doc = include_str!("../README.md")]

pub mod commands;
#[cfg(feature = "config")]
pub mod config;
mod error;
mod exit_status;
#[cfg(feature = "document")]
pub mod openapi;
pub mod output;
#[cfg(feature = "run")]
pub mod program;
pub mod value;

pub use error::Failure;
