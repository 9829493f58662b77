//! The snapshot format.
//!
//! A snapshot is JSON that can be kept in a repository and read by people. It has the version of its format; members beyond
//! that format are refused, because they would be lost.

use crate::service::backup::Backup;
use crate::service::clock::{self, Timestamp};
use crate::service::graph::Graph;
use crate::service::id::Ids;
use crate::service::job::Job;
use crate::service::state::ServiceState;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Increased when older emulators can no longer read the format.
const VERSION: u64 = 1;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snapshot {
    #[serde(rename = "ges_emulator_snapshot")]
    version: u64,
    /// The time of the emulator's clock, which continues from there.
    #[serde(with = "clock::as_millis")]
    pub(crate) now: Timestamp,
    ids: Ids,
    backups_made: u64,
    graphs: Vec<Graph>,
    backups: Vec<Backup>,
    jobs: Vec<Job>,
}

impl Snapshot {
    pub(crate) fn new(state: ServiceState, now: Timestamp) -> Self {
        let ServiceState { ids, backups_made, graphs, backups, jobs } = state;
        Self { version: VERSION, now, ids, backups_made, graphs, backups, jobs }
    }

    /// Checks that the snapshot is one that a service could have written.
    pub(crate) fn read(text: &[u8]) -> Result<Self, InvalidSnapshot> {
        /// The version alone.
        #[derive(Deserialize)]
        struct Versioned {
            ges_emulator_snapshot: Option<u64>,
        }
        let unreadable = |error: serde_json::Error| InvalidSnapshot { problems: vec![error.to_string()] };
        let versioned: Versioned = serde_json::from_slice(text).map_err(unreadable)?;
        match versioned.ges_emulator_snapshot {
            Some(VERSION) => {}
            Some(other) => {
                let problem = format!("unsupported version {other} of the snapshot format: expected version {VERSION}");
                return Err(InvalidSnapshot { problems: vec![problem] });
            }
            None => {
                let problem = "not a snapshot: the member `ges_emulator_snapshot` is missing".to_owned();
                return Err(InvalidSnapshot { problems: vec![problem] });
            }
        }
        let snapshot: Self = serde_json::from_slice(text).map_err(unreadable)?;
        let (state, now) = snapshot.into_parts();
        match state.problems() {
            problems if problems.is_empty() => Ok(Self::new(state, now)),
            problems => Err(InvalidSnapshot { problems }),
        }
    }

    pub(crate) fn into_parts(self) -> (ServiceState, Timestamp) {
        let Self { version: _, now, ids, backups_made, graphs, backups, jobs } = self;
        (ServiceState { ids, backups_made, graphs, backups, jobs }, now)
    }
}

/// A text that is not a valid snapshot. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSnapshot {
    problems: Vec<String>,
}

impl InvalidSnapshot {
    /// Everything that was found to be wrong.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for InvalidSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot restore the snapshot; nothing was changed: ")?;
        f.write_str(self.problems.first().map_or("", String::as_str))?;
        match self.problems.len() {
            0 | 1 => Ok(()),
            count => write!(f, " (and {} more problems)", count - 1),
        }
    }
}

impl std::error::Error for InvalidSnapshot {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::service::records::Service;
    use crate::service::setup::InitialState;
    use crate::service::transitions::Transitions;
    use serde_json::{Value, json};
    use std::time::{Duration, SystemTime};

    /// A stopped graph, a running one that is backed up and waits for an upgrade.
    fn snapshot() -> Snapshot {
        let config = Config { transitions: Transitions::Time(Duration::from_secs(60)), ..Config::default() };
        let mut service = Service::new(config.seed, config.transitions, &config.limits);
        let now = Timestamp::from_system(SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123));
        let mut stopped = config.new_graph();
        stopped.initial = InitialState::Stopped;
        service.add_graph(stopped, now);
        let running = service.add_graph(config.new_graph(), now).to_string();
        let project = &config.project_id;
        let target = crate::service::version::Version::parse("2.0").unwrap();
        service.create_backup(project, &running, now).unwrap();
        service.restart_graph(project, &running, now).unwrap();
        let now = now.plus(Duration::from_secs(60));
        service.create_backup(project, &running, now).unwrap();
        service.upgrade_graph(project, &running, &target, false, now).unwrap();
        Snapshot::new(service.to_state(), now)
    }

    /// Later emulators must read this; a change that breaks the test requires another version of the format.
    #[test]
    fn version_1_has_this_format() {
        let written = serde_json::to_string_pretty(&snapshot()).unwrap();
        assert_eq!(written, include_str!("../../tests/snapshot-version-1.json").trim_end());
        assert_eq!(Snapshot::read(written.as_bytes()), Ok(snapshot()));
    }

    #[track_caller]
    fn check(spoil: impl FnOnce(&mut Value), expected: &[&str]) {
        let mut text = serde_json::to_value(snapshot()).unwrap();
        spoil(&mut text);
        let error = Snapshot::read(text.to_string().as_bytes()).unwrap_err();
        for (found, expected) in error.problems().iter().zip(expected) {
            assert!(found.contains(expected), "{found} should contain {expected}");
        }
        assert_eq!(error.problems().len(), expected.len(), "{error:?}");
    }

    #[test]
    fn another_version_is_refused() {
        check(|it| it["ges_emulator_snapshot"] = json!(2), &["version 2 of the snapshot format: expected version 1"]);
        check(|it| *it = json!({}), &["the member `ges_emulator_snapshot` is missing"]);
    }

    #[test]
    fn unknown_members_are_refused() {
        check(|it| it["colour"] = json!("red"), &["unknown field `colour`"]);
        check(|it| it["graphs"][0]["colour"] = json!("red"), &["unknown field `colour`"]);
        check(|it| it["jobs"][0]["course"]["time"]["colour"] = json!("red"), &["unknown field `colour`"]);
    }

    #[test]
    fn invalid_values_are_refused() {
        check(|it| it["graphs"][0]["id"] = json!("7"), &["`7` is not the identifier of a graph"]);
        check(
            |it| it["graphs"][0]["version"] = json!("latest"),
            &["`latest` is not a version: expected numbers separated by dots"],
        );
        check(|it| it["graphs"][0]["rest"] = json!("asleep"), &["unknown variant `asleep`"]);
        check(|it| it["now"] = json!(-1), &["invalid value"]);
    }

    #[test]
    fn inconsistent_records_are_refused() {
        check(
            |it| it["graphs"][1]["id"] = it["graphs"][0]["id"].clone(),
            &[
                "occurs twice",
                "cannot be changed by",
                "cannot be backed up by",
                "which does not exist",
                "which does not exist",
                "which does not exist",
                "which does not exist",
                "which does not exist",
                "which does not exist",
            ],
        );
        check(|it| it["graphs"][1]["job_id"] = Value::Null, &["does not name it"]);
        check(|it| it["graphs"][1]["rest"] = it["graphs"][0]["rest"].clone(), &["changed by", "backed up by"]);
        check(|it| it["jobs"][2]["end"] = json!({ "at": 0, "failure": null }), &["backed up by"]);
        check(|it| it["jobs"][0]["course"]["time"]["until"] = json!(0), &["ends before it begins"]);
        check(|it| it["jobs"][0]["course"] = json!("rest"), &["unknown variant"]);
        check(|it| it["backups_made"] = json!(0), &["of 0", "of 0"]);
    }

    #[test]
    fn reserved_identifiers_are_refused() {
        let still = "has an identifier that is reserved for a later one";
        check(|it| it["ids"]["issued"] = json!(0), &[still; 8]);
        check(|it| it["ids"]["issued"] = json!(1_u64 << 48), &["`issued` exceeds the number of identifiers"]);
    }
}
