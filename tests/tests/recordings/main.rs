//! Judges recordings of a small order service, and counts what of its document they cover.

#![allow(clippy::unwrap_used)]

mod covered;
mod judged;
mod service;
