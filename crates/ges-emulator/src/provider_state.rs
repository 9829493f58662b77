//! Which situations can be asked for by name, and what does each need?

use crate::cloud::{Cloud, Condition, NewGraph};
use crate::moment::Moment;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// A situation that a test needs to find, in the words of the Pact protocol a "provider state".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProviderState {
    /// `a running graph`
    RunningGraph,
    /// `a stopped graph`
    StoppedGraph,
    /// `a stopped graph with a backup`
    StoppedGraphWithBackup,
    /// `an importing graph`; the import ends after an hour on the emulator's clock.
    ImportingGraph,
    /// `no such graph`: an identifier that belongs to none.
    NoSuchGraph,
}

impl ProviderState {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::RunningGraph,
        Self::StoppedGraph,
        Self::StoppedGraphWithBackup,
        Self::ImportingGraph,
        Self::NoSuchGraph,
    ];

    /// The words it is asked for with.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RunningGraph => "a running graph",
            Self::StoppedGraph => "a stopped graph",
            Self::StoppedGraphWithBackup => "a stopped graph with a backup",
            Self::ImportingGraph => "an importing graph",
            Self::NoSuchGraph => "no such graph",
        }
    }

    /// Makes a new graph that is in this state; its condition in `new` does not matter.
    pub(crate) fn set_up(self, new: NewGraph, cloud: &mut Cloud, now: Moment) -> Given {
        let project_id = new.project.clone();
        let condition = match self {
            Self::RunningGraph => Condition::Running,
            Self::StoppedGraph | Self::StoppedGraphWithBackup => Condition::Stopped,
            Self::ImportingGraph => Condition::Importing,
            Self::NoSuchGraph => {
                let graph_id = cloud.unused_graph_id().to_string();
                return Given { project_id, graph_id, backup_id: None };
            }
        };
        let graph = cloud.add_graph(NewGraph { condition, ..new }, now);
        let backup = match self {
            Self::StoppedGraphWithBackup => cloud.add_finished_backup(graph, now),
            _ => None,
        };
        Given { project_id, graph_id: graph.to_string(), backup_id: backup.map(|backup| backup.to_string()) }
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

/// What a test needs to know about the situation it asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Given {
    /// The project of the graph.
    pub project_id: String,
    /// The graph, or an identifier that belongs to none.
    pub graph_id: String,
    /// A successful backup of the graph, where the state has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_id: Option<String>,
}

/// Words that name no [`ProviderState`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownState {
    text: String,
}

impl fmt::Display for UnknownState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no provider state is called `{}`; known are ", self.text)?;
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
        assert_eq!(
            "a burning graph".parse::<ProviderState>().unwrap_err().to_string(),
            "no provider state is called `a burning graph`; known are `a running graph`, \
             `a stopped graph`, `a stopped graph with a backup`, `an importing graph`, `no such graph`"
        );
    }
}
