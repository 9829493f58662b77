//! Reads the operation and its arguments from a request.

use crate::api::json::not_decoded;
use crate::api::operation::{ApiVersion, Operation};
use crate::api::parameters::parameters;
use crate::api::route::{Endpoint, Route};
use crate::service::clock::Timestamp;
use crate::service::error::ServiceError;
use crate::service::graph::Graph;
use crate::service::job::{Job, JobStatus};
use crate::service::query::Page;
use crate::service::version::Version;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A call with valid arguments.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) version: ApiVersion,
    pub(crate) operation: Operation,
    pub(crate) project: Cow<'a, str>,
    pub(crate) graph: Cow<'a, str>,
    /// The job or the backup in the path.
    pub(crate) item: Cow<'a, str>,
    pub(crate) arguments: Arguments,
}

/// The operation with its arguments from query and body.
#[derive(Debug, PartialEq)]
pub(crate) enum Arguments {
    StartGraph { backup: Option<String> },
    RestartGraph,
    StopGraph,
    UpgradeGraph { target: Version, force: bool },
    CreateBackup,
    ShowJob,
    ListJobs { filter: JobFilter, page: Page },
    ShowGraph,
    ListGraphs { page: Page },
    ListBackups { page: Page },
    ListGraphBackups { page: Page },
    DeleteBackup,
}

/// Which jobs to list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct JobFilter {
    /// First day, as `2026-11-21`.
    pub(crate) from: Option<String>,
    /// Last day.
    pub(crate) until: Option<String>,
    pub(crate) graph_name: Option<String>,
    pub(crate) status: Option<JobStatus>,
}

impl JobFilter {
    pub(crate) fn admits(&self, job: &Job, graph: &Graph, now: Timestamp) -> bool {
        let day = || job.accepted.day().to_string();
        self.from.as_ref().is_none_or(|from| *from <= day())
            && self.until.as_ref().is_none_or(|until| day() <= *until)
            && self.graph_name.as_ref().is_none_or(|name| *name == graph.name)
            && self.status.is_none_or(|status| status == job.status(now))
    }
}

/// The body of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content<'a> {
    /// The value of `Content-Type`; of several, one that is not JSON.
    pub(crate) media_type: Option<&'a [u8]>,
    /// See [`content_coding`](crate::api::json::content_coding).
    pub(crate) coding: Option<&'a [u8]>,
    pub(crate) body: &'a [u8],
}

impl<'a> Call<'a> {
    pub(crate) fn read(
        route: Route<'a>,
        endpoint: Endpoint,
        query: &str,
        content: Content<'_>,
    ) -> Result<Self, ServiceError> {
        let Route { version, project, graph, item, .. } = route;
        if version == ApiVersion::V2 {
            check_project(&project)?;
        }
        let operation = match endpoint {
            Endpoint::Operation(operation) => operation,
            Endpoint::ByActionId => operation_by_action_id(query)?,
        };
        let arguments = arguments(version, operation, query, content)?;
        Ok(Self { version, operation, project, graph, item, arguments })
    }
}

/// "The value can contain up to 64 characters. Only letters and digits are allowed."
/// ("Stopping a Graph" and "Adding a Backup", table of URI parameters; the pages of version 1 do not say it)
fn check_project(project: &str) -> Result<(), ServiceError> {
    if project.len() <= 64 && project.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(ServiceError::parameter_wrong("project_id", "up to 64 letters and digits"))
}

/// "Starting a Graph", "Forcibly Restarting a Graph", "Upgrading a Graph", table of query parameters;
/// `stop` is in the reference.
fn operation_by_action_id(query: &str) -> Result<Operation, ServiceError> {
    let action = parameter(query, "action_id")?.ok_or_else(|| ServiceError::parameter_missing("action_id"))?;
    match &*action {
        "start" => Ok(Operation::StartGraph),
        "restart" => Ok(Operation::RestartGraph),
        "stop" => Ok(Operation::StopGraph),
        "upgrade" => Ok(Operation::UpgradeGraph),
        "" => Err(ServiceError::parameter_empty("action_id")),
        _ => Err(ServiceError::action_unknown()),
    }
}

fn arguments(
    version: ApiVersion,
    operation: Operation,
    query: &str,
    content: Content<'_>,
) -> Result<Arguments, ServiceError> {
    let page = || page(query);
    // The pages show `{ }` or nothing, and describe no member ("Stopping a Graph", "Adding a Backup").
    let no_arguments = || match object(content)?.keys().next() {
        None => Ok(()),
        Some(name) => Err(ServiceError::body_invalid(&format!("this operation has no parameter {name}"))),
    };
    Ok(match operation {
        Operation::StartGraph => {
            // Snake case in both versions ("Starting a Graph", table of body parameters).
            let backup = text(&object(content)?, "graph_backup_id")?.map(str::to_owned);
            // "If this parameter is left blank, the graph starts from the status when it was closed".
            Arguments::StartGraph { backup: backup.filter(|id| !id.is_empty()) }
        }
        Operation::RestartGraph => no_arguments().map(|()| Arguments::RestartGraph)?,
        Operation::StopGraph => no_arguments().map(|()| Arguments::StopGraph)?,
        Operation::UpgradeGraph => {
            let (target, force) = match version {
                ApiVersion::V1 => ("upgradeVersion", "forceUpgrade"),
                ApiVersion::V2 => ("upgrade_version", "force_upgrade"),
            };
            let body = object(content)?;
            Arguments::UpgradeGraph {
                target: target_version(&body, target)?,
                force: truth(&body, force)?.unwrap_or(false),
            }
        }
        Operation::CreateBackup => no_arguments().map(|()| Arguments::CreateBackup)?,
        Operation::ShowJob => Arguments::ShowJob,
        Operation::ListJobs => Arguments::ListJobs { filter: job_filter(version, query)?, page: page()? },
        Operation::ShowGraph => Arguments::ShowGraph,
        Operation::ListGraphs => Arguments::ListGraphs { page: page()? },
        Operation::ListBackups => Arguments::ListBackups { page: page()? },
        Operation::ListGraphBackups => Arguments::ListGraphBackups { page: page()? },
        Operation::DeleteBackup => Arguments::DeleteBackup,
    })
}

/// An empty body is the same as an empty object, with any media type. A body without a media type is read as JSON.
fn object(Content { media_type, coding, body }: Content<'_>) -> Result<Map<String, Value>, ServiceError> {
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    if !media_type.is_none_or(is_json) {
        return Err(ServiceError::body_invalid("the content type is not application/json"));
    }
    if let Some(coding) = coding {
        return Err(ServiceError::body_invalid(&not_decoded(coding)));
    }
    if body == b"{}" {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(ServiceError::body_invalid("the body is not a JSON object")),
        Err(_) => Err(ServiceError::body_invalid("the body is not JSON")),
    }
}

/// `application/json` and types that end in `+json`, with or without parameters.
pub(crate) fn is_json(media_type: &[u8]) -> bool {
    let essence = media_type.split(|&b| b == b';').next().unwrap_or_default().trim_ascii();
    let suffix = essence.len().checked_sub(b"+json".len()).and_then(|at| essence.get(at..));
    let has_suffix = suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case(b"+json"));
    // More than one type in one field is a list, which no type is.
    essence.eq_ignore_ascii_case(b"application/json")
        || has_suffix && essence.contains(&b'/') && !essence.contains(&b',')
}

fn text<'b>(body: &'b Map<String, Value>, name: &str) -> Result<Option<&'b str>, ServiceError> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ServiceError::parameter_wrong(name, "a string")),
    }
}

fn truth(body: &Map<String, Value>, name: &str) -> Result<Option<bool>, ServiceError> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::Bool(truth)) => Ok(Some(*truth)),
        Some(_) => Err(ServiceError::parameter_wrong(name, "true or false")),
    }
}

fn target_version(body: &Map<String, Value>, name: &str) -> Result<Version, ServiceError> {
    match text(body, name)? {
        None => Err(ServiceError::parameter_missing(name)),
        Some("") => Err(ServiceError::parameter_empty(name)),
        Some(text) => {
            let wrong = || ServiceError::parameter_wrong(name, "numbers separated by dots");
            Version::parse(text).ok_or_else(wrong)
        }
    }
}

/// The defaults are those of the reference (job management, backup management).
fn page(query: &str) -> Result<Page, ServiceError> {
    let number = |name, default| match parameter(query, name)? {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| ServiceError::parameter_wrong(name, "a whole number")),
    };
    Ok(Page { offset: number("offset", 0)?, limit: number("limit", 10)? })
}

fn job_filter(version: ApiVersion, query: &str) -> Result<JobFilter, ServiceError> {
    let (start_time, end_time) = match version {
        ApiVersion::V1 => ("startTime", "endTime"),
        ApiVersion::V2 => ("start_time", "end_time"),
    };
    let given = |name| Ok(parameter(query, name)?.map(Cow::into_owned));
    let day = |name| match given(name)? {
        Some(text) if text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10 => Ok(Some(text)),
        Some(_) => Err(ServiceError::parameter_wrong(name, "a day such as 2026-11-21")),
        None => Ok(None),
    };
    // Every graph has a name, so an empty one means no filter.
    let graph_name = given("graph_name")?.filter(|name| !name.is_empty());
    let (words, known) = match version {
        ApiVersion::V1 => ("running, waiting, success or failed", &JobStatus::ALL[..4]),
        ApiVersion::V2 => ("running, waiting, success, partiallyFailed or failed", &JobStatus::ALL[..]),
    };
    let status = match given("status")? {
        None => None,
        Some(word) => {
            let status = known.iter().find(|status| status.filter_word() == word);
            Some(*status.ok_or_else(|| ServiceError::parameter_wrong("status", words))?)
        }
    };
    Ok(JobFilter { from: day(start_time)?, until: day(end_time)?, graph_name, status })
}

/// A parameter may be given once.
fn parameter<'q>(query: &'q str, wanted: &str) -> Result<Option<Cow<'q, str>>, ServiceError> {
    let mut values = parameters(query).filter(|(name, _)| name == wanted).map(|(_, value)| value);
    let Some(first) = values.next() else { return Ok(None) };
    let value = first.ok_or_else(|| ServiceError::parameter_wrong(wanted, "percent-encoded UTF-8"))?;
    if values.next().is_some() {
        return Err(ServiceError::parameter_wrong(wanted, "given once"));
    }
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::json::content_coding;
    use crate::api::route::route;

    #[track_caller]
    fn check(path: &str, query: &str, body: &str, expected: Result<Arguments, &str>) {
        let route = route(path).unwrap();
        let endpoint = route.methods.last().unwrap().1;
        let call =
            Call::read(route, endpoint, query, Content { media_type: None, coding: None, body: body.as_bytes() });
        let found = call.map(|call| call.arguments).map_err(|error| error.code);
        assert_eq!(found, expected, "{path} {query} {body}");
    }

    /// Requests that the pages and the reference document for an operation, with a body if it needs one.
    fn documented(operation: Operation) -> &'static [(&'static str, &'static str)] {
        match operation {
            Operation::StartGraph => {
                &[("POST /v1.0/p/graphs/g/action?action_id=start", ""), ("POST /v2/p/graphs/g/start", "")]
            }
            Operation::RestartGraph => {
                &[("POST /v1.0/p/graphs/g/action?action_id=restart", ""), ("POST /v2/p/graphs/g/restart", "")]
            }
            Operation::StopGraph => {
                &[("POST /v1.0/p/graphs/g/action?action_id=stop", ""), ("POST /v2/p/graphs/g/stop", "")]
            }
            Operation::UpgradeGraph => &[
                ("POST /v1.0/p/graphs/g/action?action_id=upgrade", r#"{"upgradeVersion": "2"}"#),
                ("POST /v2/p/graphs/g/upgrade", r#"{"upgrade_version": "2"}"#),
            ],
            Operation::CreateBackup => &[("POST /v1.0/p/graphs/g/backups", ""), ("POST /v2/p/graphs/g/backups", "")],
            Operation::ShowJob => {
                &[("GET /v1.0/p/graphs/g/jobs/j/status", ""), ("GET /v2/p/graphs/g/jobs/j/status", "")]
            }
            Operation::ListJobs => &[("GET /v1.0/p/graphs/jobs", ""), ("GET /v2/p/graphs/jobs", "")],
            Operation::ShowGraph => &[("GET /v1.0/p/graphs/g", ""), ("GET /v2/p/graphs/g", "")],
            Operation::ListGraphs => &[("GET /v1.0/p/graphs", ""), ("GET /v2/p/graphs", "")],
            Operation::ListBackups => &[("GET /v1.0/p/graphs/backups", ""), ("GET /v2/p/graphs/backups", "")],
            Operation::ListGraphBackups => &[("GET /v1.0/p/graphs/g/backups", ""), ("GET /v2/p/graphs/g/backups", "")],
            Operation::DeleteBackup => {
                &[("DELETE /v1.0/p/graphs/g/backups/b", ""), ("DELETE /v2/p/graphs/g/backups/b", "")]
            }
        }
    }

    #[test]
    fn every_operation_is_found_at_its_documented_path() {
        for &operation in Operation::ALL {
            for (request, body) in documented(operation) {
                let (method, target) = request.split_once(' ').unwrap();
                let (path, query) = target.split_once('?').unwrap_or((target, ""));
                let route = route(path).unwrap_or_else(|| panic!("api/route.rs has no path for {operation}: {path}"));
                let endpoint = route.methods.iter().find(|(known, _)| known.as_str() == method);
                let &(_, endpoint) = endpoint.unwrap_or_else(|| panic!("api/route.rs has no {request}"));
                let call = Call::read(
                    route,
                    endpoint,
                    query,
                    Content { media_type: None, coding: None, body: body.as_bytes() },
                );
                assert_eq!(call.map(|call| call.operation).ok(), Some(operation), "{request}");
            }
        }
    }

    const ACTION: &str = "/v1.0/p/graphs/g/action";

    #[track_caller]
    fn check_upgrade(body: &str, expected: Result<(&str, bool), &str>) {
        let wanted = |(target, force)| Arguments::UpgradeGraph { target: Version::parse(target).unwrap(), force };
        check(ACTION, "action_id=upgrade", body, expected.map(wanted));
    }

    #[test]
    fn an_upgrade_is_not_forced_by_default() {
        check_upgrade(r#"{"upgradeVersion": "1.1.8"}"#, Ok(("1.1.8", false)));
        check_upgrade(r#"{"upgradeVersion": "1.1.8", "forceUpgrade": true}"#, Ok(("1.1.8", true)));
    }

    #[test]
    fn an_upgrade_requires_a_valid_version() {
        check_upgrade("", Err("GES.7049"));
        check_upgrade("{}", Err("GES.7049"));
        check_upgrade(r#"{"upgrade_version": "1.1.8"}"#, Err("GES.7049"));
        check_upgrade(r#"{"upgradeVersion": ""}"#, Err("GES.7050"));
        check_upgrade(r#"{"upgradeVersion": null}"#, Err("GES.0001"));
        check_upgrade(r#"{"upgradeVersion": 1.1}"#, Err("GES.0001"));
        check_upgrade(r#"{"upgradeVersion": "latest"}"#, Err("GES.0001"));
        check_upgrade(r#"{"upgradeVersion": "1.1.8", "forceUpgrade": "yes"}"#, Err("GES.0001"));
    }

    #[test]
    fn version_2_has_the_arguments_of_an_upgrade_in_snake_case() {
        let target = Version::parse("2.3.4").unwrap();
        let body = r#"{"upgrade_version": "2.3.4", "force_upgrade": true}"#;
        check("/v2/p/graphs/g/upgrade", "", body, Ok(Arguments::UpgradeGraph { target, force: true }));
        check("/v2/p/graphs/g/upgrade", "", r#"{"upgradeVersion": "2.3.4"}"#, Err("GES.7049"));
    }

    #[track_caller]
    fn check_start(body: &str, expected: Result<Option<&str>, &str>) {
        let expected = expected.map(|backup| Arguments::StartGraph { backup: backup.map(str::to_owned) });
        check(ACTION, "action_id=start", body, expected);
    }

    #[test]
    fn a_start_takes_at_most_one_backup() {
        for body in ["", " \r\n", "{}", r#"{"graph_backup_id": ""}"#, r#"{"graphBackupId": "b"}"#] {
            check_start(body, Ok(None));
        }
        check_start(r#"{"graph_backup_id": "b"}"#, Ok(Some("b")));
        check_start(r#"{"graph_backup_id": 7}"#, Err("GES.0001"));
    }

    #[test]
    fn an_optional_body_must_be_an_object() {
        for (body, expected) in [
            ("", Ok(Arguments::StopGraph)),
            ("{ }", Ok(Arguments::StopGraph)),
            ("null", Err("GES.7016")),
            ("[]", Err("GES.7016")),
            ("{", Err("GES.7016")),
            ("{}{}", Err("GES.7016")),
            (r#"{"force": true}"#, Err("GES.7016")),
        ] {
            check("/v2/p/graphs/g/stop", "", body, expected);
        }
    }

    #[test]
    fn an_action_id_is_known_and_given_once() {
        for (query, code) in [
            ("", "GES.7049"),
            ("actionId=start", "GES.7049"),
            ("action_id", "GES.7050"),
            ("action_id=", "GES.7050"),
            ("action_id=explode", "GES.7048"),
            ("action_id=START", "GES.7048"),
            ("action_id=start&action_id=stop", "GES.0001"),
            ("action_id=%zz", "GES.0001"),
        ] {
            check(ACTION, query, "", Err(code));
        }
        check(ACTION, "x&action_id=re%73tart&=", "", Ok(Arguments::RestartGraph));
    }

    #[test]
    fn version_2_takes_projects_of_up_to_64_letters_and_digits() {
        for (project, expected) in [
            ("a".repeat(64), Ok(Arguments::StopGraph)),
            ("a".repeat(65), Err("GES.0001")),
            ("a-b".to_owned(), Err("GES.0001")),
            ("%C3%A9".to_owned(), Err("GES.0001")),
        ] {
            check(&format!("/v2/{project}/graphs/g/stop"), "", "", expected);
        }
        check("/v1.0/a-b/graphs/g/action", "action_id=restart", "", Ok(Arguments::RestartGraph));
    }

    #[test]
    fn pages_are_numbers() {
        let page = |offset, limit| Ok(Arguments::ListGraphs { page: Page { offset, limit } });
        check("/v2/p/graphs", "", "", page(0, 10));
        check("/v2/p/graphs", "offset=3&limit=2", "", page(3, 2));
        check("/v2/p/graphs", "limit=-1", "", Err("GES.0001"));
        check("/v2/p/graphs", "limit=", "", Err("GES.0001"));
    }

    #[test]
    fn the_filter_of_jobs_says_waiting_for_pending() {
        let filter = JobFilter { status: Some(JobStatus::Pending), ..JobFilter::default() };
        let page = Page { offset: 0, limit: 10 };
        check("/v2/p/graphs/jobs", "status=waiting", "", Ok(Arguments::ListJobs { filter, page }));
        check("/v2/p/graphs/jobs", "status=pending", "", Err("GES.0001"));
        check("/v2/p/graphs/jobs", "start_time=yesterday", "", Err("GES.0001"));
        for query in ["start_time=", "end_time=", "status=", "start_time=2026-02-30", "end_time=2026-11-21T00:00:00"] {
            check("/v2/p/graphs/jobs", query, "", Err("GES.0001"));
        }
        check("/v2/p/graphs/jobs", "graph_name=", "", Ok(Arguments::ListJobs { filter: JobFilter::default(), page }));
    }

    #[test]
    fn only_version_2_has_partially_failed_jobs() {
        let filter = JobFilter { status: Some(JobStatus::PartiallyFailed), ..JobFilter::default() };
        let page = Page { offset: 0, limit: 10 };
        check("/v2/p/graphs/jobs", "status=partiallyFailed", "", Ok(Arguments::ListJobs { filter, page }));
        check("/v1.0/p/graphs/jobs", "status=partiallyFailed", "", Err("GES.0001"));
    }

    #[test]
    fn only_json_media_types_are_accepted() {
        for (media_type, expected) in [
            ("application/json", true),
            ("Application/JSON ; charset=UTF-8", true),
            ("application/problem+json", true),
            ("application/vnd.api+json", true),
            ("application/VND.api+JSON;version=1", true),
            ("image/svg+xml", false),
            ("json", false),
            ("+json", false),
            ("text/plain, application/vnd.api+json", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("application/jsonp", false),
            ("+jso", false),
            ("", false),
        ] {
            assert_eq!(is_json(media_type.as_bytes()), expected, "{media_type}");
            let object = |body| object(Content { media_type: Some(media_type.as_bytes()), coding: None, body });
            assert_eq!(object(b"{}").is_ok(), expected, "{media_type}");
            assert!(object(b" \r\n").is_ok(), "nothing is of no kind: {media_type}");
        }
    }

    #[test]
    fn a_body_in_a_content_coding_is_refused_by_its_name() {
        for (codings, expected) in [
            (&[][..], true),
            (&["identity"], true),
            (&[" Identity "], true),
            (&[""], true),
            (&["identity,"], true),
            (&["identity", "identity"], true),
            (&["gzip"], false),
            (&["GZIP"], false),
            (&["br"], false),
            (&["x-gzip"], false),
            (&["identity, gzip"], false),
            (&["gzip,identity"], false),
            (&["identity", "deflate"], false),
            (&["zstd", "identity"], false),
        ] {
            let mut headers = http::HeaderMap::new();
            for &coding in codings {
                headers.append(http::header::CONTENT_ENCODING, http::HeaderValue::from_static(coding));
            }
            let content = |body| Content { media_type: None, coding: content_coding(&headers), body };
            let found = object(content(b"{ }"));
            assert_eq!(found.is_ok(), expected, "{codings:?}");
            let is_named = |message: &str| codings.iter().any(|coding| message.contains(&format!("`{coding}`")));
            assert!(found.err().is_none_or(|error| is_named(&error.message)), "{codings:?}");
            assert!(object(content(b"")).is_ok(), "nothing has no coding: {codings:?}");
        }
    }
}
