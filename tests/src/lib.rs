//! Tests of more than one crate, in `tests/`; which kind of test lives where is in `README.md`.
//!
//! Here, only whether the examples of the front page and of the pages in `docs` compile.

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct FrontPage;

#[cfg(doctest)]
#[doc = include_str!("../../docs/provider-states.md")]
struct ProviderStates;
