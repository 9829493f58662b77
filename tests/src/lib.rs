//! Tests of more than one crate, in `tests/`; which kind of test lives where is in `README.md`.
//!
//! Here, only whether the examples of the front page compile.

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct FrontPage;
