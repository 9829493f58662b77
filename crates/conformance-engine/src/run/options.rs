//! How a plan is carried out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::check::comparison::Level;
use crate::http::address::Address;
use crate::http::credentials::SchemeValues;
use crate::model::contract::Contract;
use crate::redact::secret::{Secret, Sign};
use crate::run::deviations::Deviations;
use crate::run::stop::Stop;

/// How a plan is carried out.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the API is; it may have a path prefix.
    pub endpoint: Address,
    /// The provider-state endpoint: `POST {"state": …, "action": "setup", "params": {}}`, used with its path and query.
    pub provider_states: Option<Address>,
    /// The credential; where it goes is the cases' business.
    pub token: Option<Secret>,
    /// Values of security schemes, by the names that the document gives them; preferred to the token.
    pub credentials: SchemeValues,
    /// Signs what would carry the credential, if there is no token.
    pub signer: Option<Arc<dyn Sign>>,
    /// How much a reply must have in common with the documented one.
    pub level: Level,
    /// For each call, from connecting to the last byte.
    pub timeout: Duration,
    /// The longest body that is read, in bytes.
    pub body_limit: usize,
    /// How many cases run at the same time, each on a connection of its own.
    pub concurrency: usize,
    /// The longest wait for an operation to finish.
    pub patience: Duration,
    /// How long to wait instead where no status is served.
    pub settle: Duration,
    /// For the whole run: a case that has not begun by then is broken. Initial states are restored all the same.
    pub deadline: Option<Duration>,
    /// Ends the run early, as the deadline does.
    pub stop: Stop,
    /// A PEM file of certificates to trust beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// The shell variable that stands for the token in a line to repeat a request with, without its `$`.
    pub token_variable: String,
    /// Cases that are known to fail.
    pub deviations: Deviations,
    /// What the document says of every exchange; with it, the report says how much of it was exercised.
    pub contract: Option<Arc<Contract>>,
}

impl Options {
    /// One case after another at [`Level::Documented`], 10 seconds and 1 MiB for each, no credential.
    pub fn new(endpoint: Address) -> Self {
        Self {
            endpoint,
            provider_states: None,
            token: None,
            credentials: SchemeValues::new(),
            signer: None,
            level: Level::default(),
            timeout: Duration::from_secs(10),
            body_limit: 1 << 20,
            concurrency: 1,
            patience: Duration::from_secs(30),
            settle: Duration::ZERO,
            deadline: None,
            stop: Stop::default(),
            ca_file: None,
            token_variable: "TOKEN".to_owned(),
            deviations: Deviations::default(),
            contract: None,
        }
    }
}
