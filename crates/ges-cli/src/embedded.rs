//! The emulator that `ges conform` embeds, for a run without an endpoint.
//!
//! The emulator and the document are two readings of the same pages and share no code, so the compiler would not
//! notice a new operation or state that only one of them knows. The two functions below are where it does.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::Ipv4Addr;

use conformance_engine::Address;
use ges_conformance::{Given, Operation};
use ges_emulator::{Config, Emulator, ProviderState};
use secrecy::{ExposeSecret, SecretString};
use specwright::Failure;
use specwright::program::Embedded;
use tokio::net::TcpListener;

/// Starts an emulator on a free port that accepts only `token`, or else a random token.
pub(crate) async fn start(token: Option<SecretString>) -> Result<Embedded, Failure> {
    let cannot = |error: &dyn std::fmt::Display| Failure::cannot_start(format!("cannot start the emulator: {error}"));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|error| cannot(&error))?;
    let address = listener.local_addr().map_err(|error| cannot(&error))?;
    let token = token.unwrap_or_else(|| format!("{:016x}", RandomState::new().build_hasher().finish()).into());
    let emulator = Emulator::new(Config { tokens: vec![token.expose_secret().to_owned()], ..Config::default() });
    tokio::spawn(ges_emulator::serve(listener, emulator, std::future::pending()));
    Ok(Embedded {
        endpoint: Address::endpoint(&format!("http://{address}")).map_err(|error| cannot(&error))?,
        provider_states: Some(
            Address::url(&format!("http://{address}/_emulator/provider-states")).map_err(|error| cannot(&error))?,
        ),
        token,
    })
}

/// The emulator's name of a documented operation.
const fn emulated(operation: Operation) -> ges_emulator::Operation {
    match operation {
        Operation::StartGraph => ges_emulator::Operation::StartGraph,
        Operation::RestartGraph => ges_emulator::Operation::RestartGraph,
        Operation::UpgradeGraph => ges_emulator::Operation::UpgradeGraph,
        Operation::StopGraph => ges_emulator::Operation::StopGraph,
        Operation::CreateBackup => ges_emulator::Operation::CreateBackup,
    }
}

/// The emulator's name of a documented state.
const fn provider_state(given: Given) -> ProviderState {
    match given {
        Given::RunningGraph => ProviderState::RunningGraph,
        Given::StoppedGraph => ProviderState::StoppedGraph,
        Given::StoppedGraphWithBackup => ProviderState::StoppedGraphWithBackup,
        Given::ImportingGraph => ProviderState::ImportingGraph,
        Given::ExportingGraph => ProviderState::ExportingGraph,
        Given::ClearingGraph => ProviderState::ClearingGraph,
        Given::NoSuchGraph => ProviderState::NoSuchGraph,
    }
}

const _: fn(Operation) -> ges_emulator::Operation = emulated;
const _: fn(Given) -> ProviderState = provider_state;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_emulator_has_every_documented_operation_under_the_same_name() {
        for operation in Operation::ALL {
            assert_eq!(emulated(operation).name(), operation.id());
        }
    }

    #[test]
    fn the_emulator_can_be_brought_into_every_documented_state() {
        let emulator = Emulator::new(Config::default());
        for given in Given::ALL {
            assert_eq!(provider_state(given).name(), given.id());
            let values = emulator.set_up(provider_state(given));
            assert_eq!(values.backup_id.is_some(), given.values().contains(&"backup_id"), "{}", given.id());
        }
    }
}
