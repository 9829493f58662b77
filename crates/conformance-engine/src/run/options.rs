//! How a plan is carried out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use environment_proxy::Proxies;

use crate::check::comparison::Level;
use crate::http::address::Address;
use crate::http::credentials::SchemeValues;
use crate::model::contract::Contract;
use crate::redact::secret::{Secret, Sign};
use crate::run::deviations::Deviations;
use crate::run::stop::Stop;
use crate::run::watch::Watch;

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
    /// How long a case waits in all where the endpoint asks for it: 429 or 503 with `Retry-After`; a few seconds of it
    /// for 429 without.
    pub max_retry_wait: Duration,
    /// How long to wait until the endpoint, and the provider of states, answer at all; not at all if it is not set.
    pub wait_for_endpoint: Option<Duration>,
    /// Is told what the run waits for.
    pub watch: Option<Arc<dyn Watch>>,
    /// For the whole run: a case that has not begun by then is broken. Initial states are restored all the same.
    pub deadline: Option<Duration>,
    /// Ends the run early, as the deadline does.
    pub stop: Stop,
    /// A PEM file of certificates to trust beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// The proxies to go through; by default none.
    pub proxies: Proxies,
    /// The shell variable that stands for the token in a line to repeat a request with, without its `$`.
    pub token_variable: String,
    /// What begins the names of the variables that stand for the values of security schemes there.
    pub credential_variables: String,
    /// Cases that are known to fail.
    pub deviations: Deviations,
    /// What the document says of every exchange; with it, the report says how much of it was exercised.
    pub contract: Option<Arc<Contract>>,
    /// Reports show bodies that cannot be read, and may therefore hold a secret.
    pub shows_bodies: bool,
}

impl Options {
    /// One case after another at [`Level::Documented`], 10 seconds and 1 MiB for each, no credential; a minute for an
    /// endpoint that asks for it.
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
            max_retry_wait: Duration::from_secs(60),
            wait_for_endpoint: None,
            watch: None,
            deadline: None,
            stop: Stop::default(),
            ca_file: None,
            proxies: Proxies::default(),
            token_variable: "TOKEN".to_owned(),
            credential_variables: "CREDENTIAL_".to_owned(),
            deviations: Deviations::default(),
            contract: None,
            shows_bodies: false,
        }
    }
}
