//! The values that a provider state supplies for each documented state.

use crate::generated::Given;

impl Given {
    /// The values that a provider state must return, because the requests of its exchanges carry them.
    pub fn values(self) -> &'static [&'static str] {
        match self {
            Given::RunningGraph
            | Given::StoppedGraph
            | Given::ImportingGraph
            | Given::ExportingGraph
            | Given::ClearingGraph
            | Given::NoSuchGraph => &["project_id", "graph_id"],
            Given::StoppedGraphWithBackup => &["project_id", "graph_id", "backup_id"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Given;
    use crate::Operation;

    #[test]
    fn every_operation_has_a_documented_success_and_a_documented_failure() {
        let suite = crate::suite().unwrap();
        for operation in Operation::ALL {
            let statuses =
                suite.cases.iter().filter(|case| case.operation == operation.id()).map(|case| case.expected.status);
            assert!(statuses.clone().any(|status| status < 300), "{}", operation.id());
            assert!(statuses.clone().any(|status| status >= 400), "{}", operation.id());
        }
    }

    #[test]
    fn the_contract_knows_every_operation_and_every_status_that_a_case_expects() {
        let (suite, contract) = (crate::suite().unwrap(), crate::contract().unwrap());
        for operation in Operation::ALL {
            assert!(contract.operation(operation.id()).is_some(), "{}", operation.id());
        }
        // Status requests are of x-lifecycle, and of no operation. Of other methods the document says nothing.
        let is_documented =
            |case: &&conformance_engine::suite::Case| case.operation != "look" && !case.kind.is_refused_with(405);
        for case in suite.cases.iter().filter(is_documented) {
            let operation = contract.operation(&case.operation).unwrap();
            assert!(operation.responses.contains_key(&case.expected.status.to_string()), "{}", case.id);
        }
    }

    #[test]
    fn every_given_of_the_suite_is_known_and_needs_a_graph() {
        let suite = crate::suite().unwrap();
        for case in &suite.cases {
            let given = case.given.as_deref().and_then(Given::from_id);
            assert!(given.is_some_and(|given| given.values().contains(&"graph_id")), "{}: {:?}", case.id, case.given);
        }
    }
}
