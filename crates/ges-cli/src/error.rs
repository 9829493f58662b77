//! Why a command failed: the message, a hint, and the exit status.

use std::fmt;

use ges_client::credentials::variable::{IAM_ENDPOINT, PROJECT_ID};
use ges_client::{Error, Missing};

/// Why a command ended without having done its work.
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) exit: u8,
}

impl Failure {
    /// What was asked for makes no sense, or was not confirmed: exit status 2, as for an unknown flag.
    pub(crate) fn usage(message: impl fmt::Display) -> Failure {
        Failure { message: message.to_string(), exit: 2 }
    }

    /// What was asked for makes sense, but something in the way of it does not allow it: exit status 3.
    pub(crate) fn cannot_start(message: impl fmt::Display) -> Failure {
        Failure { message: message.to_string(), exit: 3 }
    }

    /// The job failed: exit status 4.
    pub(crate) fn job_failed(message: impl fmt::Display) -> Failure {
        Failure { message: message.to_string(), exit: 4 }
    }

    /// Nobody knows yet whether it was done: exit status 5.
    pub(crate) fn unknown(message: impl fmt::Display) -> Failure {
        Failure { message: message.to_string(), exit: 5 }
    }

    /// Ctrl-C: exit status 130, as shells have it for a command that the signal ended.
    pub(crate) fn interrupted(message: impl fmt::Display) -> Failure {
        Failure { message: message.to_string(), exit: 130 }
    }

    /// What an error of the client means here. `graph_id`: the graph it was about.
    pub(crate) fn of_call(error: &Error, graph_id: Option<&str>) -> Failure {
        let exit = match () {
            () if error.is_invalid() => 2,
            () if error.is_job_failed() => 4,
            () if error.is_job_unfinished() || error.may_have_taken_effect() => 5,
            () if error.is_unauthorized() || error.status().is_none() => 3,
            () => 1,
        };
        let message = match hint(error, graph_id) {
            Some(hint) => format!("{}\nhint: {hint}", Failure::without_hint(error)),
            None => error.to_string(),
        };
        Failure { message, exit }
    }

    /// What is wrong, without a hint that speaks to a programmer.
    pub(crate) fn without_hint(error: &Error) -> String {
        let text = error.to_string();
        text.split_once("\nhint: ").map_or(text.as_str(), |(message, _)| message).to_owned()
    }
}

/// What to do about it, as a command if there is one.
fn hint(error: &Error, graph_id: Option<&str>) -> Option<String> {
    let look = || graph_id.map(|graph_id| format!("`ges show graph --graph-id {graph_id}`"));
    Some(match () {
        // The client tells a programmer which setting of it is missing.
        () if error.missing() == Some(Missing::Project) => {
            format!("add --project-id, or set {PROJECT_ID}; with --region, IAM tells it if there is only one")
        }
        () if error.missing() == Some(Missing::IamEndpoint) => {
            format!("add --iam-endpoint, or --region instead of --endpoint; or set {IAM_ENDPOINT}")
        }
        () if error.missing() == Some(Missing::Credentials) => {
            "give --token-file, --user, --ak with --sk-file, or --profile; or set GES_TOKEN; GES_USER, GES_PASSWORD and \
             GES_DOMAIN; or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"
                .to_owned()
        }
        () if error.is_invalid() => return None,
        () if error.is_credentials() && error.status().is_some() => {
            "check the user, the account and the password; too many tries lock a user".to_owned()
        }
        () if error.is_unauthorized() => {
            "a token is good for 24 hours and one project; a signature needs a clock that is right".to_owned()
        }
        () if error.is_forbidden() => {
            "an administrator can grant the permission, such as ges:graph:operate or ges:backup:create".to_owned()
        }
        () if matches!(error.code(), Some("GES.7007" | "GES.8301")) => {
            "`ges list jobs` lists the jobs; they are kept for a month".to_owned()
        }
        () if matches!(error.code(), Some("GES.7024")) => "`ges list backups` lists the backups".to_owned(),
        () if error.is_not_found() => {
            "`ges list graphs` lists the graphs of the project; is it the right project?".to_owned()
        }
        () if error.is_throttled() => "too many calls; wait before the next one".to_owned(),
        () if error.is_job_failed() || error.is_not_running() => format!("{} shows how the graph is", look()?),
        () if error.may_have_taken_effect() => {
            format!("it may have taken effect all the same; {} shows how the graph is before you repeat it", look()?)
        }
        // Start and restart say this of a graph that is in the wrong state.
        () if matches!(error.code(), Some("GES.7015" | "GES.7016" | "GES.7037")) => {
            format!("{} shows whether the graph is in a state for it", look()?)
        }
        () if error.is_connection() => {
            let flag = if error.is_credentials() { "--iam-endpoint" } else { "--endpoint" };
            format!("is it the right {flag} or --region, http or https, and is a proxy in the way?")
        }
        () => return None,
    })
}
