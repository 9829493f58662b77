//! Carries out a plan against an endpoint.

mod board;
mod case;
pub(crate) mod deviations;
mod effect;
mod identity;
mod made;
mod options;
mod patience;
mod poll;
mod provider_state;
mod refusal;
#[allow(clippy::module_inception)]
mod run;
mod runner;
mod stop;
mod tour;
mod watch;

pub use self::deviations::{Deviation, Deviations, DeviationsError};
pub use self::options::Options;
pub use self::run::{StartError, run};
pub use self::stop::Stop;
pub use self::watch::{Waiting, Watch};
pub use crate::model::report::{Entry, Outcome, Report, Verdict};
