//! Names a job, so that it can be waited for.

/// The job that carries out what a call asked for. It can be kept, as two texts, and waited for by another process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Job {
    /// The graph whose job it is.
    pub graph_id: String,
    /// The job, by the ID that the call answered.
    pub job_id: String,
}

impl Job {
    /// The job `job_id` of the graph `graph_id`.
    pub fn new(graph_id: impl Into<String>, job_id: impl Into<String>) -> Job {
        Job { graph_id: graph_id.into(), job_id: job_id.into() }
    }
}

/// What can be waited for: a [`Job`], and the answer of a call, which names one.
pub trait NamesJob {
    /// The job, unless the answer does not say.
    fn job(&self) -> Option<Job>;
}

impl NamesJob for Job {
    fn job(&self) -> Option<Job> {
        Some(self.clone())
    }
}
