//! The credentials that `ges conform` sends.

use ges_client::credentials::{Found, Place};

use crate::Failure;
use crate::commands::conform::arguments::Arguments;

/// The credentials of the command line, else of the environment. Users cannot sign in here, and the profile file in the
/// home directory is not read: the endpoint under test may not be trusted with its keys.
pub(super) fn credentials(arguments: &Arguments, has_endpoint: bool) -> Result<Option<Found>, Failure> {
    if arguments.proof.has_keys() && !has_endpoint {
        return Err(Failure::usage("--ak and --profile require an endpoint\nhint: add --endpoint URL"));
    }
    // The keys in the environment are for GES, not for the API of another document.
    let is_ges = has_endpoint && arguments.cases.is_none() && !arguments.prefer;
    let places = if is_ges { &[Place::Token, Place::Keys, Place::NamedProfile][..] } else { &[Place::Token] };
    arguments.proof.find(places)
}
