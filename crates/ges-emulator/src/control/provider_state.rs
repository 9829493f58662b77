//! The provider states, and how each is set up.

use crate::service::clock::Timestamp;
use crate::service::graph::Edition;
use crate::service::job::Failure;
use crate::service::records::Service;
use crate::service::setup::{InitialState, NewGraph};
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// A provider state, as in the Pact protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProviderState {
    /// `a running graph`
    RunningGraph,
    /// `a running graph with a backup`
    RunningGraphWithBackup,
    /// `a stopped graph`
    StoppedGraph,
    /// `a stopped graph with a backup`
    StoppedGraphWithBackup,
    /// `an importing graph`; the import ends after an hour on the emulator's clock.
    ImportingGraph,
    /// `an exporting graph`, also for an hour.
    ExportingGraph,
    /// `a clearing graph`, also for an hour.
    ClearingGraph,
    /// `a graph that is rolled back`, as after a failed upgrade; also for an hour.
    RollingBackGraph,
    /// `a faulty graph`
    FaultyGraph,
    /// `a frozen graph`
    FrozenGraph,
    /// `a running graph of the database edition`
    DatabaseEditionGraph,
    /// `a finished job`: of a running graph, and successful.
    FinishedJob,
    /// `a failed job`: of a running graph.
    FailedJob,
    /// `no such graph`: an identifier that no graph has.
    NoSuchGraph,
    /// `no such job`: a running graph, and an identifier that no job has.
    NoSuchJob,
}

impl ProviderState {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::RunningGraph,
        Self::RunningGraphWithBackup,
        Self::StoppedGraph,
        Self::StoppedGraphWithBackup,
        Self::ImportingGraph,
        Self::ExportingGraph,
        Self::ClearingGraph,
        Self::RollingBackGraph,
        Self::FaultyGraph,
        Self::FrozenGraph,
        Self::DatabaseEditionGraph,
        Self::FinishedJob,
        Self::FailedJob,
        Self::NoSuchGraph,
        Self::NoSuchJob,
    ];

    /// The name in the Pact protocol.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RunningGraph => "a running graph",
            Self::RunningGraphWithBackup => "a running graph with a backup",
            Self::StoppedGraph => "a stopped graph",
            Self::StoppedGraphWithBackup => "a stopped graph with a backup",
            Self::ImportingGraph => "an importing graph",
            Self::ExportingGraph => "an exporting graph",
            Self::ClearingGraph => "a clearing graph",
            Self::RollingBackGraph => "a graph that is rolled back",
            Self::FaultyGraph => "a faulty graph",
            Self::FrozenGraph => "a frozen graph",
            Self::DatabaseEditionGraph => "a running graph of the database edition",
            Self::FinishedJob => "a finished job",
            Self::FailedJob => "a failed job",
            Self::NoSuchGraph => "no such graph",
            Self::NoSuchJob => "no such job",
        }
    }

    /// Makes a new graph in this state. The initial state of `new` is ignored; its edition is used if the state has none.
    pub(crate) fn set_up(self, new: NewGraph, service: &mut Service, now: Timestamp) -> StateValues {
        let initial = match self {
            Self::StoppedGraph | Self::StoppedGraphWithBackup => InitialState::Stopped,
            Self::ImportingGraph => InitialState::Importing,
            Self::ExportingGraph => InitialState::Exporting,
            Self::ClearingGraph => InitialState::Clearing,
            Self::RollingBackGraph => InitialState::RollingBack,
            Self::FaultyGraph => InitialState::Faulty,
            Self::FrozenGraph => InitialState::Frozen,
            _ => InitialState::Running,
        };
        let edition = if self == Self::DatabaseEditionGraph { Edition::Persistence } else { new.edition };
        let mut given =
            StateValues { project_id: new.project.clone(), graph_id: String::new(), backup_id: None, job_id: None };
        if self == Self::NoSuchGraph {
            given.graph_id = new.id.unwrap_or_else(|| service.unused_graph_id()).to_string();
            return given;
        }
        let graph = service.add_graph(NewGraph { initial, edition, ..new }, now);
        given.graph_id = graph.to_string();
        let backup = match self {
            Self::RunningGraphWithBackup | Self::StoppedGraphWithBackup => service.add_finished_backup(graph, now),
            _ => None,
        };
        given.backup_id = backup.map(|id| id.to_string());
        let job = match self {
            Self::FinishedJob => service.add_ended_job(graph, None, now),
            Self::FailedJob => service.add_ended_job(graph, Some(Failure::OnPurpose), now),
            Self::NoSuchJob => Some(service.unused_job_id()),
            _ => None,
        };
        given.job_id = job.map(|id| id.to_string());
        given
    }
}

impl fmt::Display for ProviderState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ProviderState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|state| state.name() == text);
        found.copied().ok_or_else(|| UnknownState { text: text.to_owned() })
    }
}

/// The identifiers of a provider state that was set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateValues {
    /// The project of the graph.
    pub project_id: String,
    /// The graph, or an identifier that no graph has.
    pub graph_id: String,
    /// A successful backup of the graph, if the state has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_id: Option<String>,
    /// A finished job of the graph, or an identifier that no job has, if the state has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
}

/// A text that is not the name of a [`ProviderState`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownState {
    text: String,
}

impl fmt::Display for UnknownState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown provider state `{}`; known are ", self.text)?;
        for (i, state) in ProviderState::ALL.iter().enumerate() {
            write!(f, "{}`{state}`", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownState {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_found_by_its_name() {
        for &state in ProviderState::ALL {
            assert_eq!(state.name().parse(), Ok(state));
        }
    }

    #[test]
    fn an_unknown_state_is_answered_with_the_known_ones() {
        let message = "a burning graph".parse::<ProviderState>().unwrap_err().to_string();
        let start = "unknown provider state `a burning graph`; known are `a running graph`, `a running graph with";
        assert!(message.starts_with(start), "{message}");
        assert!(ProviderState::ALL.iter().all(|state| message.contains(&format!("`{state}`"))), "{message}");
    }
}
