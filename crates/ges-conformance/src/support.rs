//! The documented exchanges of what a user of the five operations also needs (`spec/ges-support.yaml`).
//!
//! A suite of its own, because its authority is another: the five pages do not describe these operations, and most of
//! them have no published example.

#[rustfmt::skip]
mod generated;

use conformance_engine::suite::{Suite, SuiteError};

pub use generated::{Given, Operation};

/// The documented exchanges, as JSON.
pub const CASES: &str = include_str!("support/cases.json");

/// The documented exchanges. [`Suite::left_out`] names the operations that have none.
///
/// # Errors
/// None that a build which passed its tests can return; the text is embedded.
pub fn suite() -> Result<Suite, SuiteError> {
    Suite::from_json(CASES)
}

impl Given {
    /// The values that a provider state has to answer, because the requests of its exchanges carry them.
    pub fn values(self) -> &'static [&'static str] {
        match self {
            Given::RunningGraph => &["project_id", "graph_id"],
            Given::FinishedJob | Given::NoSuchJob => &["project_id", "graph_id", "job_id"],
        }
    }
}

impl Operation {
    /// What the call interrupts or costs, in words for a person who is asked to allow it; `None` if it changes
    /// nothing. Source: as for [the five](crate::Operation::disruption), whose twins do what they do.
    pub fn disruption(self) -> Option<&'static str> {
        match self {
            Operation::StartGraphV2 => crate::Operation::StartGraph.disruption(),
            Operation::RestartGraphV2 => crate::Operation::RestartGraph.disruption(),
            Operation::UpgradeGraphV2 => crate::Operation::UpgradeGraph.disruption(),
            Operation::StopGraphV1 => crate::Operation::StopGraph.disruption(),
            Operation::CreateBackupV1 => crate::Operation::CreateBackup.disruption(),
            Operation::DeleteBackup | Operation::DeleteBackupV1 => {
                Some("deletes a backup; the graph cannot be started from it any more")
            }
            Operation::ShowJob
            | Operation::ShowJobV1
            | Operation::ListJobs
            | Operation::ListJobsV1
            | Operation::ShowGraph
            | Operation::ShowGraphV1
            | Operation::ListGraphs
            | Operation::ListGraphsV1
            | Operation::ListBackups
            | Operation::ListBackupsV1
            | Operation::ListGraphBackups
            | Operation::ListGraphBackupsV1 => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Given, Operation, suite};

    #[test]
    fn every_operation_has_an_exchange_or_is_named_as_one_that_has_none() {
        let suite = suite().unwrap();
        for operation in Operation::ALL {
            let has_case = suite.cases.iter().any(|case| case.operation == operation.id());
            let is_left_out = suite.left_out.iter().any(|left| left.operation == operation.id());
            assert!(has_case != is_left_out, "{}", operation.id());
        }
    }

    #[test]
    fn every_given_of_the_suite_supplies_what_its_requests_carry() {
        for case in suite().unwrap().cases {
            let given = case.given.as_deref().and_then(Given::from_id).unwrap_or_else(|| panic!("{}", case.id));
            for parameter in case.request.parameters.iter().filter(|parameter| !parameter.constant) {
                assert!(given.values().contains(&parameter.name.as_str()), "{}: {}", case.id, parameter.name);
            }
        }
    }
}
