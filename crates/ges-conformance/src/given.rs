//! What it takes to bring a graph into each state that an example is documented in.

use crate::generated::Given;

impl Given {
    /// The values that a provider state has to answer, because the requests of its exchanges carry them.
    pub fn values(self) -> &'static [&'static str] {
        match self {
            Given::RunningGraph | Given::StoppedGraph | Given::ImportingGraph | Given::NoSuchGraph => {
                &["project_id", "graph_id"]
            }
            Given::StoppedGraphWithBackup => &["project_id", "graph_id", "backup_id"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Given;

    #[test]
    fn every_given_of_the_suite_is_known_and_asks_for_a_graph() {
        let suite = crate::suite().unwrap();
        assert_eq!(suite.cases.len(), 10);
        for case in &suite.cases {
            let given = case.given.as_deref().and_then(Given::from_id);
            assert!(given.is_some_and(|given| given.values().contains(&"graph_id")), "{}: {:?}", case.id, case.given);
        }
    }
}
