//! The endpoint that `ges conform` checks.

use conformance_engine::Address;
use specwright::Failure;

use crate::commands::conform::arguments::Arguments;

/// The endpoint to check, if it is not the embedded emulator.
pub(super) struct Target {
    pub(super) endpoint: Address,
    pub(super) provider_states: Option<Address>,
}

pub(super) fn target(arguments: &Arguments) -> Result<Option<Target>, Failure> {
    let provider_states = arguments.provider_states.as_deref().map(Address::url).transpose().map_err(Failure::usage)?;
    match arguments.service.endpoint()? {
        Some(endpoint) => {
            let endpoint = Address::endpoint(&endpoint).map_err(Failure::usage)?;
            Ok(Some(Target { endpoint, provider_states }))
        }
        // Nothing is sent.
        None if arguments.plan => Ok(None),
        None => {
            let requiring = [
                ("--cases", arguments.cases.is_some()),
                ("--provider-states", provider_states.is_some()),
                ("--graph-id", arguments.graph_id.is_some()),
                ("--given", !arguments.given.is_empty()),
                ("--prefer", arguments.prefer),
            ];
            match requiring.iter().find(|(_, given)| *given) {
                Some((flag, _)) => Err(Failure::usage(format!("{flag} requires --endpoint\nhint: add --endpoint URL"))),
                None => Ok(None),
            }
        }
    }
}
