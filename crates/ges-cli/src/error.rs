//! Why a call failed: the message, a hint, and the exit status.

use std::fmt;

use ges_client::credentials::variable::{IAM_ENDPOINT, PROJECT_ID};
use ges_client::{Error, Missing};
use specwright::Failure;

use crate::hint;

/// The job failed: exit status 4.
pub(crate) fn job_failed(message: impl fmt::Display) -> Failure {
    Failure::new(4, message)
}

/// It is not known whether the call took effect: exit status 5.
pub(crate) fn unknown(message: impl fmt::Display) -> Failure {
    Failure::new(5, message)
}

/// Ctrl-C: exit status 130, as shells report it for a command that the signal ended.
pub(crate) fn interrupted(message: impl fmt::Display) -> Failure {
    Failure::new(130, message)
}

/// An error of the client, with the exit status and a hint. `graph_id` is the graph of the call.
pub(crate) fn of_call(error: &Error, graph_id: Option<&str>) -> Failure {
    let exit = match () {
        () if error.is_invalid() => 2,
        () if error.is_job_failed() => 4,
        () if error.is_job_unfinished() || error.may_have_taken_effect() => 5,
        () if error.is_unauthorized() || error.status().is_none() => 3,
        () => 1,
    };
    let message = match hint(error, graph_id) {
        Some(hint) => format!("{}\nhint: {hint}", without_hint(error)),
        None => error.to_string(),
    };
    Failure::new(exit, message)
}

/// The message of an error without its hint, which names methods of the client.
pub(crate) fn without_hint(error: &Error) -> String {
    let text = error.to_string();
    text.split_once("\nhint: ").map_or(text.as_str(), |(message, _)| message).to_owned()
}

/// The next step, as a command if there is one.
fn hint(error: &Error, graph_id: Option<&str>) -> Option<String> {
    let look = || graph_id.map(hint::show_graph);
    Some(match () {
        // The client's own hint names a method, not a flag.
        () if error.missing() == Some(Missing::Project) => {
            format!("add --project-id, or set {PROJECT_ID}; with --region, a user's only project is found by itself")
        }
        () if error.missing() == Some(Missing::IamEndpoint) => {
            format!("add --iam-endpoint, or --region instead of --endpoint; or set {IAM_ENDPOINT}")
        }
        () if error.missing() == Some(Missing::Credentials) => {
            "add --token-file, --user, --ak with --sk-file, or --profile; or set GES_TOKEN; GES_USER, GES_PASSWORD and \
             GES_DOMAIN; or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"
                .to_owned()
        }
        () if error.is_invalid() => return None,
        () if error.is_credentials() && error.status().is_some() => {
            "check the user, the account and the password; too many failed attempts lock the user".to_owned()
        }
        () if error.is_unauthorized() => {
            "a token is valid for 24 hours and one project; a signature requires a correct clock".to_owned()
        }
        () if error.is_forbidden() => {
            "an administrator can grant the permission, such as ges:graph:operate or ges:backup:create".to_owned()
        }
        () if matches!(error.code(), Some("GES.7007" | "GES.8301")) => {
            "`ges list jobs` lists the jobs; they are kept for a month".to_owned()
        }
        () if matches!(error.code(), Some("GES.7024")) => "`ges list backups` lists the backups".to_owned(),
        () if error.is_not_found() => {
            "`ges list graphs` lists the graphs of the project; check the project ID".to_owned()
        }
        () if error.is_throttled() => "too many calls; wait before the next call".to_owned(),
        () if error.is_job_failed() || error.is_not_running() => format!("check the graph with {}", look()?),
        () if error.may_have_taken_effect() => {
            format!("the call may have taken effect; check the graph with {} before repeating it", look()?)
        }
        // The codes of start and restart for a graph in the wrong state.
        () if matches!(error.code(), Some("GES.7015" | "GES.7016" | "GES.7037")) => {
            format!("check the state of the graph with {}", look()?)
        }
        () if error.is_endless() => {
            "narrow the list: jobs by --since, --until, --status or --graph-name, backups by --graph-id".to_owned()
        }
        () if error.is_connection() => {
            let flag = if error.is_credentials() { "--iam-endpoint" } else { "--endpoint" };
            format!("check {flag} or --region, http or https, and the proxy variables")
        }
        () => return None,
    })
}
