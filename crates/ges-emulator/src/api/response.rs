//! The JSON bodies of the service, in the spelling of each API version.
//!
//! Version 1 writes `jobId`, version 2 `job_id`, and so for every member of every answer
//! ("Starting a Graph" and "Stopping a Graph", tables of response parameters).

use crate::api::operation::ApiVersion;
use crate::service::error::ServiceError;
use crate::service::id::{BackupId, JobId};
use crate::service::job::End;
use crate::service::query::{BackupView, GraphView, JobView, List};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use std::fmt;

/// The service's answer to an accepted call.
pub(crate) enum Answer {
    Job(JobId),
    JobAndBackup(JobId, BackupId),
    Nothing,
    Graph(GraphView),
    Graphs(List<GraphView>),
    JobDetails(JobView),
    Jobs(List<JobView>),
    Backups(List<BackupView>),
}

impl Answer {
    /// The body of a response.
    pub(crate) fn to_json(&self, version: ApiVersion) -> Vec<u8> {
        // Writing these values to memory cannot fail; an empty body would be seen at once if it did.
        serde_json::to_vec(&Versioned(version, self)).unwrap_or_default()
    }
}

/// A value in the spelling of an API version.
pub(crate) struct Versioned<'a, T: ?Sized>(pub(crate) ApiVersion, pub(crate) &'a T);

impl Serialize for Versioned<'_, Answer> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let &Self(version, answer) = self;
        if let Answer::JobDetails(job) = answer {
            return Versioned(version, job).serialize(serializer);
        }
        let member = |v1, v2| version.choose(v1, v2);
        let mut map = serializer.serialize_map(None)?;
        match answer {
            Answer::Nothing | Answer::JobDetails(_) => {}
            Answer::Job(job) => map.serialize_entry(member("jobId", "job_id"), job)?,
            Answer::JobAndBackup(job, backup) => {
                map.serialize_entry(member("jobId", "job_id"), job)?;
                map.serialize_entry(member("backupId", "backup_id"), backup)?;
            }
            Answer::Graph(graph) => map.serialize_entry("graph", &Versioned(version, graph))?,
            Answer::Graphs(List { total, page }) => {
                map.serialize_entry(member("graphCount", "graph_count"), total)?;
                map.serialize_entry("graphs", &Versioned(version, page.as_slice()))?;
            }
            Answer::Jobs(List { total, page }) => {
                map.serialize_entry(member("jobCount", "job_count"), total)?;
                map.serialize_entry(member("jobList", "job_list"), &Versioned(version, page.as_slice()))?;
            }
            Answer::Backups(List { total, page }) => {
                map.serialize_entry(member("backupCount", "backup_count"), total)?;
                map.serialize_entry(member("backupList", "backup_list"), &Versioned(version, page.as_slice()))?;
            }
        }
        map.end()
    }
}

/// The two members whose names differ by more than their case.
impl Serialize for Versioned<'_, ServiceError> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (code, message) = match self.0 {
            ApiVersion::V1 => ("errorCode", "errorMessage"),
            ApiVersion::V2 => ("error_code", "error_msg"),
        };
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry(code, self.1.code)?;
        map.serialize_entry(message, &self.1.message)?;
        map.end()
    }
}

/// Reference: graph management. Only members that the emulator has values for.
impl Serialize for Versioned<'_, GraphView> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let &Self(version, GraphView { graph, state, progress }) = self;
        let member = |v1, v2| version.choose(v1, v2);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &graph.id)?;
        map.serialize_entry("name", &graph.name)?;
        map.serialize_entry("status", state.status())?;
        if let Some(percentage) = progress {
            map.serialize_entry(member("actionProgress", "action_progress"), &Text(percentage))?;
        }
        map.serialize_entry(member("dataStoreVersion", "data_store_version"), &Text(&graph.version))?;
        map.serialize_entry(member("graphSizeTypeIndex", "graph_size_type_index"), SIZE)?;
        map.serialize_entry("arch", ARCHITECTURE)?;
        map.serialize_entry("created", &graph.created)?;
        map.serialize_entry("updated", &graph.updated)?;
        if version == ApiVersion::V2 {
            map.serialize_entry("product_type", graph.edition.product_type())?;
        }
        map.end()
    }
}

/// Reference: job management.
impl Serialize for Versioned<'_, JobView> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let &Self(version, JobView { job, graph_name, now }) = self;
        let member = |v1, v2| version.choose(v1, v2);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(member("jobId", "job_id"), &job.id)?;
        map.serialize_entry("status", job.status(*now).word())?;
        map.serialize_entry(member("jobType", "job_type"), "GraphManagement")?;
        map.serialize_entry(member("jobName", "job_name"), job.task.name())?;
        map.serialize_entry(member("relatedGraph", "related_graph"), graph_name)?;
        map.serialize_entry(member("beginTime", "begin_time"), &job.accepted)?;
        if let Some(End { at, failure }) = job.end {
            map.serialize_entry(member("endTime", "end_time"), &at)?;
            if let Some(failure) = failure {
                map.serialize_entry(member("failReason", "fail_reason"), failure.reason())?;
            }
        }
        // "reserved, not used", 0 in every example
        map.serialize_entry(member("jobProgress", "job_progress"), &0)?;
        map.end()
    }
}

/// Reference: backup management.
impl Serialize for Versioned<'_, BackupView> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let &Self(version, BackupView { backup, graph_name, graph_state }) = self;
        let member = |v1, v2| version.choose(v1, v2);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &backup.id)?;
        map.serialize_entry("name", &format_args!("{graph_name}_{}", backup.began.digits()))?;
        map.serialize_entry(member("backupMethod", "backup_method"), "manual")?;
        map.serialize_entry(member("graphId", "graph_id"), &backup.graph)?;
        map.serialize_entry(member("graphName", "graph_name"), graph_name)?;
        map.serialize_entry(member("graphStatus", "graph_status"), graph_state.status())?;
        map.serialize_entry(member("graphSizeTypeIndex", "graph_size_type_index"), SIZE)?;
        map.serialize_entry(member("dataStoreVersion", "data_store_version"), &Text(&backup.version))?;
        map.serialize_entry("arch", ARCHITECTURE)?;
        map.serialize_entry("status", backup.status.word())?;
        map.serialize_entry(member("startTimestamp", "start_timestamp"), &backup.began.millis())?;
        map.serialize_entry(member("startTime", "start_time"), &backup.began)?;
        if let Some(ended) = backup.status.ended() {
            map.serialize_entry(member("endTimestamp", "end_timestamp"), &ended.millis())?;
            map.serialize_entry(member("endTime", "end_time"), &ended)?;
            map.serialize_entry("duration", &ended.since(backup.began).as_secs())?;
        }
        map.end()
    }
}

impl<'a, T> Serialize for Versioned<'a, [T]>
where
    Versioned<'a, T>: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.1.len()))?;
        for item in self.1 {
            list.serialize_element(&Versioned::<'a, T>(self.0, item))?;
        }
        list.end()
    }
}

/// As in the examples of the reference.
const SIZE: &str = "1";
const ARCHITECTURE: &str = "x86_64";

struct Text<'a, T>(&'a T);

impl<T: fmt::Display> Serialize for Text<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::service::clock::Timestamp;
    use crate::service::graph::Edition;
    use crate::service::query::Page;
    use crate::service::records::Service;
    use crate::service::setup::{InitialState, NewGraph};
    use crate::service::transitions::Transitions;
    use crate::service::version::Version;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;
    use std::time::{Duration, SystemTime};

    const HOUR: Duration = Duration::from_secs(60 * 60);

    fn after(hours: u32) -> Timestamp {
        Timestamp::from_system(SystemTime::UNIX_EPOCH).plus(HOUR * hours)
    }

    /// A service in which everything takes an hour, and a running graph in it.
    fn service(edition: Edition) -> (Service, String) {
        let mut service = Service::new(0, Transitions::Time(HOUR), &Limits::default());
        let (project, name, version) = ("p1".to_owned(), "demo".to_owned(), Version::of_new_graphs());
        let new = NewGraph { id: None, project, name, version, edition, initial: InitialState::Running };
        let graph = service.add_graph(new, after(0)).to_string();
        (service, graph)
    }

    /// Whether these members are shown; `null` stands for none.
    #[track_caller]
    fn check(shown: impl Serialize, expected: Value) {
        let shown = serde_json::to_value(shown).unwrap();
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(shown.get(name).unwrap_or(&Value::Null), value, "{name}");
        }
    }

    #[test]
    fn version_2_shows_the_edition_of_a_graph() {
        for (edition, name) in [(Edition::InMemory, "InMemory"), (Edition::Persistence, "Persistence")] {
            let (mut service, graph) = service(edition);
            let seen = service.show_graph("p1", &graph, after(0)).ok().unwrap();
            check(Versioned(ApiVersion::V2, &seen), json!({"name": "demo", "product_type": name}));
            check(Versioned(ApiVersion::V1, &seen), json!({"name": "demo", "product_type": null}));
        }
    }

    #[test]
    fn a_failed_job_has_a_reason() {
        for (why, reason) in [
            ("restart", json!("The graph was forcibly restarted.")),
            ("upgrade", json!("The graph was forcibly upgraded.")),
            ("fault", json!("An internal error occurs in the underlying service of the graph engine.")),
            ("nothing", Value::Null),
        ] {
            let (mut service, graph) = service(Edition::InMemory);
            let (job, _) = service.create_backup("p1", &graph, after(0)).ok().unwrap();
            match why {
                "restart" => drop(service.restart_graph("p1", &graph, after(0))),
                "upgrade" => drop(service.upgrade_graph("p1", &graph, &Version::parse("2").unwrap(), true, after(0))),
                "fault" => service.fail_job(job),
                _ => {}
            }
            let seen = service.show_job("p1", &graph, &job.to_string(), after(1)).ok().unwrap();
            check(Versioned(ApiVersion::V1, &seen), json!({"jobName": "BackupGraph", "failReason": reason}));
        }
    }

    #[test]
    fn a_finished_backup_has_an_end_time() {
        let (mut service, graph) = service(Edition::InMemory);
        drop(service.create_backup("p1", &graph, after(0)));
        let page = Page { offset: 0, limit: 1 };
        for (hours, expected) in [
            (0, json!({"status": "backing_up", "startTimestamp": 0, "endTimestamp": null, "duration": null})),
            (2, json!({"status": "success", "startTimestamp": 0, "endTimestamp": 3_600_000, "duration": 3600})),
        ] {
            let seen = service.list_backups("p1", page, after(hours));
            check(Versioned(ApiVersion::V1, &seen.page[0]), expected);
        }
    }

    /// The members of an answer that has `shown` among them in version 1.
    #[track_caller]
    fn check_members(answer: &Answer, shown: &str) {
        let [v1, v2] = [ApiVersion::V1, ApiVersion::V2]
            .map(|version| members(&serde_json::from_slice(&answer.to_json(version)).unwrap()));
        assert!(v1.contains(shown), "{v1:?} should have {shown}");
        let snake_case = |name: &String| -> String {
            let spelled = |letter: char| {
                if letter.is_uppercase() { format!("_{}", letter.to_lowercase()) } else { letter.to_string() }
            };
            name.chars().map(spelled).collect()
        };
        let mut expected: BTreeSet<_> = v1.iter().map(snake_case).collect();
        // Version 1 does not say it.
        expected.extend(v2.contains("product_type").then(|| "product_type".to_owned()));
        assert_eq!(v2, expected);
    }

    /// The names of all members, of those of members too.
    fn members(value: &Value) -> BTreeSet<String> {
        match value {
            Value::Object(object) => {
                object.iter().flat_map(|(name, value)| members(value).into_iter().chain([name.clone()])).collect()
            }
            Value::Array(items) => items.iter().flat_map(members).collect(),
            _ => BTreeSet::new(),
        }
    }

    #[test]
    fn version_2_writes_members_in_snake_case() {
        let (mut service, graph) = service(Edition::InMemory);
        let (job, backup) = service.create_backup("p1", &graph, after(0)).ok().unwrap();
        let page = Page { offset: 0, limit: 10 };
        check_members(&Answer::Job(job), "jobId");
        check_members(&Answer::JobAndBackup(job, backup), "backupId");
        check_members(&Answer::Backups(service.list_backups("p1", page, after(2))), "startTimestamp");
        check_members(&Answer::Jobs(service.list_all_jobs("p1", page, after(2))), "jobProgress");
        check_members(&Answer::Graphs(service.list_graphs("p1", page, after(2))), "graphSizeTypeIndex");
        check_members(&Answer::Graph(service.show_graph("p1", &graph, after(2)).ok().unwrap()), "status");
    }

    #[test]
    fn an_error_has_different_members_in_each_version() {
        let error = ServiceError::graph_not_running();
        let text = |version| serde_json::to_string(&Versioned(version, &error)).unwrap();
        assert_eq!(text(ApiVersion::V1), r#"{"errorCode":"GES.7001","errorMessage":"The graph is not running."}"#);
        assert_eq!(text(ApiVersion::V2), r#"{"error_code":"GES.7001","error_msg":"The graph is not running."}"#);
    }
}
