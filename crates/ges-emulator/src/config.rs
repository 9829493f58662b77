//! The configuration of an emulator.

use crate::auth::authentication::Authenticator;
use crate::auth::credentials::{Key, User};
use crate::fault::rule::Fault;
use crate::limits::Limits;
use crate::service::graph::Edition;
use crate::service::setup::{InitialState, NewGraph};
use crate::service::transitions::Transitions;
use crate::service::version::Version;
use std::fmt;

/// The configuration of an emulator. The defaults are usable as they are.
///
/// Its `Debug` shows no secrets: of tokens only their number.
#[derive(Clone)]
pub struct Config {
    /// The tokens accepted in `X-Auth-Token`, besides those issued by a sign-in.
    ///
    /// With neither tokens nor [`keys`](Self::keys) nor [`users`](Self::users), any token that is not
    /// empty is accepted, and any signature that is well formed.
    pub tokens: Vec<String>,
    /// The keys for signed requests.
    pub keys: Vec<Key>,
    /// The users who may sign in for a token. Without users, every sign-in is accepted.
    pub users: Vec<User>,
    /// The fault rules from the beginning, and again after a reset.
    pub faults: Vec<Fault>,
    /// How long jobs take.
    pub transitions: Transitions,
    /// The seed of identifiers: the same seed and the same calls give the same identifiers.
    pub seed: u64,
    /// The default project of new graphs.
    ///
    /// Version 2 addresses take up to 64 letters and digits
    /// ("Stopping a Graph", table of URI parameters); any other project is reachable in version 1 only.
    pub project_id: String,
    /// The page at `/docs`: self-contained HTML, compressed by gzip. Without it there is no such path.
    pub reference: Option<&'static [u8]>,
    /// Called for every answered request over a connection, with a line of method, target, status, time and request
    /// identifier, without secrets. Not called for the page at `/`, which reloads itself.
    pub log: Option<fn(&str)>,
    /// What protects the process from its callers.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            tokens: Vec::new(),
            keys: Vec::new(),
            users: Vec::new(),
            faults: Vec::new(),
            transitions: Transitions::default(),
            seed: 0,
            project_id: "0123456789abcdef0123456789abcdef".to_owned(),
            reference: None,
            log: None,
            limits: Limits::default(),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without `..`, so that a new member is decided about here.
        let Self { tokens, keys, users, faults, transitions, seed, project_id, reference, log, limits } = self;
        f.debug_struct("Config")
            .field("tokens", &format_args!("({})", tokens.len()))
            .field("keys", keys)
            .field("users", users)
            .field("faults", faults)
            .field("transitions", transitions)
            .field("seed", seed)
            .field("project_id", project_id)
            .field("reference", &reference.map(|page| format!("({} bytes)", page.len())))
            .field("log", &log.is_some())
            .field("limits", limits)
            .finish()
    }
}

impl Config {
    /// Decides about callers by the credentials in here.
    pub(crate) fn authenticator(&self) -> Authenticator {
        Authenticator::new(&self.tokens, &self.keys, &self.users, &self.project_id, self.seed)
    }

    /// A new graph with the defaults.
    pub(crate) fn new_graph(&self) -> NewGraph {
        NewGraph {
            id: None,
            project: self.project_id.clone(),
            // The name in the examples ("Upgrading a Graph", Example Response).
            name: "demo".to_owned(),
            version: Version::of_new_graphs(),
            edition: Edition::default(),
            initial: InitialState::Running,
        }
    }
}
