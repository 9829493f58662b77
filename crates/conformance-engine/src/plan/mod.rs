//! Which cases run, in which order, from which state.

pub(crate) mod cost;
mod display;
pub(crate) mod frugal;
#[allow(clippy::module_inception)]
pub(crate) mod plan;
pub(crate) mod selection;
pub(crate) mod tour_search;

pub use self::cost::Cost;
pub use self::plan::{Disposition, Environment, Naming, Plan, PlanError, PlannedCase, PlannedRequest, Size, Tour};
pub use self::selection::Selection;
