//! A fault rule: which calls it matches, and what it does to them.

use crate::api::operation::{ApiVersion, Operation};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A fault rule: it makes some calls fail on purpose.
///
/// It applies to calls that would otherwise reach the service. A request with a wrong token or a missing argument is rejected
/// as usual. Requests to the control API and sign-ins are never affected.
///
/// The short form is `CODE:RATE[:before|after]`, where the code is a status, `reset`, `truncate` or `job`:
///
/// ```
/// use ges_emulator::{Fault, When};
///
/// let fault: Fault = "503:0.1:after".parse().unwrap();
/// assert_eq!((fault.status, fault.rate, fault.when), (Some(503), 0.1, When::After));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Only calls of this operation.
    pub operation: Option<Operation>,
    /// Only calls for this graph, whether it exists or not.
    pub graph_id: Option<String>,
    /// Only calls of this API version.
    pub api_version: Option<ApiVersion>,
    /// The delay of the response. On its own it delays the response of a call that has taken effect.
    pub latency: Duration,
    /// The status of the response, instead of the service's response.
    pub status: Option<u16>,
    /// The body of the response with [`status`](Self::status); without it, an error of the service in the format of the API
    /// version.
    pub body: Option<String>,
    /// The seconds in the header `Retry-After` of the response with [`status`](Self::status).
    pub retry_after: Option<u32>,
    /// What happens to the connection.
    pub connection: Option<ConnectionFault>,
    /// Whether the job of an accepted call fails. An upgrade is then rolled back; after any other job the graph is as it was
    /// before the call. Applies only to calls that start a job.
    pub job_fails: bool,
    /// Whether the fault happens before or after the call takes effect.
    pub when: When,
    /// The maximum number of calls it applies to.
    pub times: Option<u32>,
    /// The fraction of the calls that it applies to, from 0 (none) to 1 (all). The same seed and the same calls give the same
    /// faults.
    pub rate: f64,
}

/// A fault of the connection, instead of a complete response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionFault {
    /// The connection is reset without a response.
    Reset,
    /// The connection closes after half of the body. Without a status, and before the call took effect, that is the body of an
    /// internal error.
    Truncate,
}

/// Whether a fault happens before or after the call takes effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// Before the call reaches the service: it has no effect.
    #[default]
    Before,
    /// After the call took effect, but before the caller knows.
    After,
}

impl Default for Fault {
    /// Applies to every call and does nothing to it.
    fn default() -> Self {
        Self {
            operation: None,
            graph_id: None,
            api_version: None,
            latency: Duration::ZERO,
            status: None,
            body: None,
            retry_after: None,
            connection: None,
            job_fails: false,
            when: When::default(),
            times: None,
            rate: 1.0,
        }
    }
}

/// No client waits longer.
const LONGEST_LATENCY: Duration = Duration::from_secs(60 * 60);

impl Fault {
    /// Whether the call does not reach the service.
    pub(crate) fn prevents_the_call(&self) -> bool {
        self.when == When::Before && (self.status.is_some() || self.connection.is_some())
    }

    /// The fault that a request to the control API describes.
    pub(crate) fn from_json(body: Value) -> Result<Self, InvalidFault> {
        let written: FaultJson = serde_json::from_value(body).map_err(InvalidFault::new)?;
        let fault = Self {
            operation: written.operation.as_deref().map(Operation::named).transpose().map_err(InvalidFault::new)?,
            graph_id: written.graph_id,
            api_version: written.api_version.map(ApiVersion::from),
            latency: Duration::from_millis(written.latency_ms.unwrap_or_default()),
            status: written.status,
            body: written.body.map(|body| match body {
                Value::String(text) => text,
                value => value.to_string(),
            }),
            retry_after: written.retry_after,
            connection: written.connection,
            job_fails: written.job_fails.unwrap_or_default(),
            when: written.when.unwrap_or_default(),
            times: written.times,
            rate: written.rate.unwrap_or(1.0),
        };
        fault.checked()
    }

    fn checked(self) -> Result<Self, InvalidFault> {
        let wrong = |reason: &str| Err(InvalidFault::new(reason));
        let Self { operation, latency, status, connection, job_fails, rate, .. } = self;
        match status {
            None if latency.is_zero() && connection.is_none() && !job_fails => {
                wrong("a fault rule needs at least one of latency_ms, status, connection and job_fails")
            }
            _ if job_fails && self.prevents_the_call() => {
                wrong("job_fails with a status or connection requires `when: after`")
            }
            _ if job_fails && operation.is_some_and(|operation| !operation.starts_a_job()) => {
                wrong("job_fails requires an operation that starts a job")
            }
            None if self.body.is_some() || self.retry_after.is_some() => wrong("body and retry_after require a status"),
            Some(status) if !(200..=599).contains(&status) => wrong("status must be a number from 200 to 599"),
            _ if latency > LONGEST_LATENCY => wrong("latency_ms must be at most 3600000 (an hour)"),
            _ if !(0.0..=1.0).contains(&rate) => wrong("rate must be a number from 0 to 1"),
            _ if self.times == Some(0) => wrong("times must be at least 1"),
            _ => Ok(self),
        }
    }

    /// As [`from_json`](Self::from_json) reads it.
    pub(crate) fn to_json(&self) -> impl Serialize {
        FaultJson {
            operation: self.operation.map(|operation| operation.name().to_owned()),
            graph_id: self.graph_id.clone(),
            api_version: self.api_version.map(VersionName::from),
            latency_ms: u64::try_from(self.latency.as_millis()).ok().filter(|&millis| millis > 0),
            status: self.status,
            body: self.body.clone().map(Value::String),
            retry_after: self.retry_after,
            connection: self.connection,
            job_fails: self.job_fails.then_some(true),
            when: Some(self.when),
            times: self.times,
            rate: Some(self.rate),
        }
    }
}

/// A fault as the control API writes it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    graph_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_version: Option<VersionName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<ConnectionFault>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_fails: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<When>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum VersionName {
    V1,
    V2,
}

impl From<VersionName> for ApiVersion {
    fn from(name: VersionName) -> Self {
        match name {
            VersionName::V1 => Self::V1,
            VersionName::V2 => Self::V2,
        }
    }
}

impl From<ApiVersion> for VersionName {
    fn from(version: ApiVersion) -> Self {
        match version {
            ApiVersion::V1 => Self::V1,
            ApiVersion::V2 => Self::V2,
        }
    }
}

impl FromStr for Fault {
    type Err = InvalidFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || InvalidFault::new(format!("expected a fault as `CODE:RATE[:before|after]`, found `{text}`"));
        let mut parts = text.split(':');
        let (code, rate) = (parts.next().unwrap_or_default(), parts.next().ok_or_else(form)?);
        let when = match parts.next() {
            None | Some("before") => When::Before,
            Some("after") => When::After,
            Some(_) => return Err(form()),
        };
        let fault = match code {
            "reset" => Self { connection: Some(ConnectionFault::Reset), ..Self::default() },
            "truncate" => Self { connection: Some(ConnectionFault::Truncate), ..Self::default() },
            "job" => Self { job_fails: true, ..Self::default() },
            status if status.bytes().all(|b| b.is_ascii_digit()) => {
                Self { status: Some(status.parse().map_err(|_| form())?), ..Self::default() }
            }
            _ => return Err(form()),
        };
        if parts.next().is_some() || !rate.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(form());
        }
        let rate = rate.parse().map_err(|_| form())?;
        Self { when, rate, ..fault }.checked()
    }
}

/// A text or an object that is not a valid [`Fault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidFault {
    reason: String,
}

impl InvalidFault {
    fn new(reason: impl ToString) -> Self {
        Self { reason: reason.to_string() }
    }
}

impl fmt::Display for InvalidFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for InvalidFault {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(text: &str, expected: Option<Fault>) {
        assert_eq!(text.parse().ok(), expected, "{text}");
    }

    #[test]
    fn the_short_form_is_code_rate_and_optionally_before_or_after() {
        let fault = Fault { status: Some(503), rate: 0.1, ..Fault::default() };
        check("503:0.1", Some(fault.clone()));
        check("503:0.1:before", Some(fault.clone()));
        check("503:0.1:after", Some(Fault { when: When::After, ..fault }));
        check("429:1", Some(Fault { status: Some(429), ..Fault::default() }));
        check("job:1", Some(Fault { job_fails: true, ..Fault::default() }));
        check("reset:1", Some(Fault { connection: Some(ConnectionFault::Reset), ..Fault::default() }));
    }

    #[test]
    fn other_texts_are_no_fault() {
        for text in [
            "",
            "503",
            ":",
            "503:",
            ":0.1",
            "503:2",
            "503:-1",
            "503:1e-3",
            "503:.",
            "503:nan",
            "503:inf",
            "199:1",
            "600:1",
            "99999:1",
            "+503:1",
            "teapot:1",
            "503:1:",
            "503:1:later",
            "503:1:after:x",
            "503:1.1.1",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn a_fault_is_read_back_as_written() {
        let written = json!({
            "operation": "stop_graph", "graph_id": "g", "api_version": "v2", "latency_ms": 5, "status": 503,
            "body": "<html>", "retry_after": 1, "connection": "truncate", "job_fails": true, "when": "after",
            "times": 3, "rate": 0.5,
        });
        let fault = Fault::from_json(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(fault.to_json()).unwrap(), written);
    }

    #[track_caller]
    fn check_json(written: Value, reason: &str) {
        let error = Fault::from_json(written.clone()).unwrap_err().to_string();
        assert!(error.contains(reason), "{written}: {error}");
    }

    #[test]
    fn an_inconsistent_fault_is_refused_with_the_reason() {
        check_json(json!({}), "at least one of");
        check_json(json!({"times": 3}), "at least one of");
        check_json(json!({"status": 99}), "from 200 to 599");
        check_json(json!({"status": "503"}), "invalid type");
        check_json(json!({"latency_ms": 5, "body": "x"}), "require a status");
        check_json(json!({"latency_ms": 3_600_001}), "an hour");
        check_json(json!({"status": 503, "rate": 1.5}), "from 0 to 1");
        check_json(json!({"status": 503, "times": 0}), "at least 1");
        check_json(json!({"status": 503, "operation": "explode"}), "known are start_graph");
        check_json(json!({"status": 503, "api_version": "v3"}), "unknown variant");
        check_json(json!({"connection": "slow"}), "unknown variant");
        check_json(json!({"job_fails": false}), "at least one of");
        check_json(json!({"job_fails": true, "status": 503}), "requires `when: after`");
        check_json(json!({"job_fails": true, "operation": "show_job"}), "starts a job");
        check_json(json!({"status": 503, "code": 1}), "unknown field");
    }
}
