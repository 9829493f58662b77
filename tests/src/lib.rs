//! Questions about more than one crate; the answers are in `tests/`.
//!
//! Here, only whether the examples of the front page compile.

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct FrontPage;
