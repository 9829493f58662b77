//! Backs up a graph and stops it for the night, and starts it in the morning.
//!
//! The file that the graph was loaded from has a checksum. If it has changed overnight, a load may have been interrupted: then
//! the graph is started from the backup.
//!
//! Each of these points has a test: on `ges-mock`, which answers what the test says (`tests/nights.rs`), and over two nights on
//! `ges-emulator`, which has a state (`tests/whole_night.rs`).
//!
//! - The graph is not stopped before its backup is known to be good.
//! - What the morning needs is on the disk before the graph is stopped.
//! - A graph that was stopped or started meanwhile is no failure.
//! - A call that may have taken effect is not repeated; the graph is looked at instead.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use ges_client::types::{BackupStatus, GraphStatus};
use ges_client::{Client, NamesJob};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Source: "Starting a Graph", status code 400; in this program it can only mean that the graph runs already.
const NOT_STOPPED: &str = "GES.7015";

/// One graph, and what is kept of it on this machine.
#[derive(Debug)]
pub struct Nightly {
    /// The service.
    pub ges: Client,
    /// The graph.
    pub graph_id: String,
    /// What the graph was loaded from.
    pub loaded: PathBuf,
    /// What the evening leaves for the morning.
    pub night: PathBuf,
    /// How long a job may take.
    pub deadline: Duration,
    /// The pauses between looks at a job, from the shortest to the longest.
    pub pauses: [Duration; 2],
}

/// How an evening ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Evening {
    /// The graph is stopped, and this is its backup.
    Stopped {
        /// The backup to start from.
        backup_id: String,
    },
    /// The graph did not run, so there was nothing to do.
    DidNotRun,
}

/// How a morning ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Morning {
    /// The graph goes on from where it was stopped.
    WentOn,
    /// The graph has what the backup has.
    StartedFrom {
        /// The backup.
        backup_id: String,
    },
    /// The graph ran already.
    RanAlready,
}

/// What the evening leaves for the morning.
#[derive(Debug, Serialize, Deserialize)]
struct Night {
    backup_id: String,
    checksum: String,
}

impl Nightly {
    /// Backs the graph up, makes sure of the backup, and stops the graph.
    ///
    /// # Errors
    /// Something of this did not work. The graph is stopped only if the backup is good and noted down.
    pub async fn evening(&self) -> Result<Evening, Problem> {
        let checksum = self.checksum()?;
        let backup = match self.ges.create_backup(&self.graph_id).send().await {
            Err(error) if error.is_not_running() => return Ok(Evening::DidNotRun),
            backup => backup?,
        };
        self.wait_for(&backup).await?;
        let backup_id =
            backup.into_inner().backup_id.ok_or_else(|| Problem::new("the answer does not name the backup"))?;
        self.verify(&backup_id).await?;
        self.note(&Night { backup_id: backup_id.clone(), checksum })?;

        match self.ges.stop_graph(&self.graph_id).send().await {
            Ok(stop) => self.wait_for(&stop).await?,
            // The call may or may not have arrived: the status of the graph decides.
            Err(error) if error.may_have_taken_effect() && self.comes_to(GraphStatus::is_stopped).await? => {}
            Err(error) if error.is_not_running() => {}
            Err(error) => return Err(error.into()),
        }
        Ok(Evening::Stopped { backup_id })
    }

    /// Starts the graph: from the backup if what the graph was loaded from has changed since.
    ///
    /// # Errors
    /// Something of this did not work. The graph runs already although it should be started from the backup.
    pub async fn morning(&self) -> Result<Morning, Problem> {
        let night = self.read()?;
        let backup_id = (self.checksum()? != night.checksum).then_some(night.backup_id);
        let mut start = self.ges.start_graph(&self.graph_id);
        if let Some(backup_id) = &backup_id {
            start = start.body_map(|body| body.graph_backup_id(backup_id.clone()));
        }
        match start.send().await {
            Ok(start) => self.wait_for(&start).await?,
            Err(error) if error.code() == Some(NOT_STOPPED) && self.comes_to(GraphStatus::is_running).await? => {
                return match backup_id {
                    None => Ok(Morning::RanAlready),
                    Some(backup_id) => Err(Problem::new(format!(
                        "the graph runs already, and {} has changed; stop it and start it from backup {backup_id}",
                        self.loaded.display()
                    ))),
                };
            }
            Err(error) if error.may_have_taken_effect() && self.comes_to(GraphStatus::is_running).await? => {}
            Err(error) => return Err(error.into()),
        }
        Ok(match backup_id {
            None => Morning::WentOn,
            Some(backup_id) => Morning::StartedFrom { backup_id },
        })
    }

    /// A job that succeeded has made a backup; whether it can be started from, only the backup itself says.
    async fn verify(&self, backup_id: &str) -> Result<(), Problem> {
        let found = self.ges.list_graph_backups(&self.graph_id).limit(100).send().await?.into_inner().backup_list;
        let found = found.into_iter().find(|backup| backup.id.as_deref() == Some(backup_id));
        match found.and_then(|backup| backup.status) {
            Some(BackupStatus::Success) => Ok(()),
            Some(status) => Err(Problem::new(format!("backup {backup_id} is {status}; the graph was left running"))),
            None => Err(Problem::new(format!("backup {backup_id} is not to be found; the graph was left running"))),
        }
    }

    async fn wait_for(&self, job: &impl NamesJob) -> Result<(), Problem> {
        let [shortest, longest] = self.pauses;
        Ok(self.ges.wait_for(job).deadline(self.deadline).pauses(shortest, longest).await?)
    }

    /// Whether the graph comes to have this status. A graph that runs or is stopped stays that way.
    async fn comes_to(&self, wanted: fn(&GraphStatus) -> bool) -> Result<bool, Problem> {
        let end = tokio::time::Instant::now() + self.deadline;
        loop {
            let graph = self.ges.show_graph(&self.graph_id).send().await?.into_inner().graph;
            match graph.and_then(|graph| graph.status) {
                Some(status) if wanted(&status) => return Ok(true),
                Some(status) if status.is_running() || status.is_stopped() => return Ok(false),
                _ if tokio::time::Instant::now() > end => return Ok(false),
                _ => tokio::time::sleep(self.pauses[1]).await,
            }
        }
    }

    fn checksum(&self) -> Result<String, Problem> {
        let bytes = std::fs::read(&self.loaded).map_err(|error| Problem::of_file(&self.loaded, error))?;
        Ok(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// All of it or nothing: a morning without a backup to start from would be worse than no night.
    fn note(&self, night: &Night) -> Result<(), Problem> {
        let beside = self.night.with_extension("new");
        let text = serde_json::to_string(night).map_err(|error| Problem::new(error.to_string()))?;
        std::fs::write(&beside, text).map_err(|error| Problem::of_file(&beside, error))?;
        std::fs::rename(&beside, &self.night).map_err(|error| Problem::of_file(&self.night, error))
    }

    fn read(&self) -> Result<Night, Problem> {
        let text = std::fs::read_to_string(&self.night).map_err(|error| Problem::of_file(&self.night, error))?;
        serde_json::from_str(&text).map_err(|error| Problem::new(format!("{}: {error}", self.night.display())))
    }
}

/// Why an evening or a morning failed.
#[derive(Debug)]
pub struct Problem(String);

impl Problem {
    fn new(message: impl Into<String>) -> Problem {
        Problem(message.into())
    }

    fn of_file(path: &std::path::Path, error: std::io::Error) -> Problem {
        Problem(format!("{}: {error}", path.display()))
    }
}

/// The error says what to do, and holds no secret.
impl From<ges_client::Error> for Problem {
    fn from(error: ges_client::Error) -> Problem {
        Problem(error.to_string())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}
