//! The endpoint that `conform` checks.

use crate::Failure;
use conformance_engine::Address;

use crate::commands::conform::arguments::Arguments;
use crate::program::{Program, Service};

/// The endpoint to check, if it is not an embedded one.
pub(super) struct Target {
    pub(super) endpoint: Address,
    pub(super) provider_states: Option<Address>,
}

pub(super) fn target<P: Program>(arguments: &Arguments<P>) -> Result<Option<Target>, Failure> {
    let provider_states = arguments.provider_states.as_deref().map(Address::url).transpose().map_err(Failure::usage)?;
    if let Some(endpoint) = arguments.service.endpoint()? {
        let endpoint = Address::endpoint(&endpoint).map_err(Failure::usage)?;
        return Ok(Some(Target { endpoint, provider_states }));
    }
    // Nothing is sent.
    if arguments.plan {
        return Ok(None);
    }
    if P::Service::EMBEDDED.is_none() {
        return Err(Failure::usage(
            "no endpoint to check\nhint: add --endpoint URL, or --plan to print the requests and send nothing",
        ));
    }
    let resource = format!("--{}", P::WORDS.resource_flag);
    let requiring = [
        ("--provider-states", provider_states.is_some()),
        (&resource, arguments.resource.is_some()),
        ("--given", !arguments.given.is_empty()),
        ("--prefer", arguments.prefer),
    ];
    match requiring.iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(Failure::usage(format!("{flag} requires --endpoint\nhint: add --endpoint URL"))),
        None => Ok(None),
    }
}
