//! Asks IAM for the project of a region.

use http::Method;
use reqwest::Request;
use serde::Deserialize;

use crate::call::Inner;
use crate::endpoint::Region;
use crate::error::{Error, Missing};
use crate::model::parse_project_id;
use crate::response::Reply;
use crate::types::ProjectId;

#[derive(Deserialize)]
struct Projects {
    projects: Option<Vec<Project>>,
}

#[derive(Deserialize)]
struct Project {
    id: String,
}

impl Reply for Projects {
    fn lacks(&self) -> Option<&'static str> {
        self.projects.is_none().then_some("list of projects")
    }
}

/// The only project named after the region: `GET /v3/projects?name=REGION`.
///
/// Source: reference, section 4, "Credentials": "none or several found is an error".
pub(super) async fn of_region(http: &reqwest::Client, iam: &Inner, region: &Region) -> Result<ProjectId, Error> {
    let url = iam.address(format_args!("/v3/projects?name={region}"))?;
    let request = Request::new(Method::GET, url);
    let found = iam.call::<Projects>(http, "list_projects", |status| status == 200, request).await?;
    match <[Project; 1]>::try_from(found.into_inner().projects.unwrap_or_default()) {
        Ok([Project { id }]) => parse_project_id(&id),
        Err(found) => {
            let message = format!("IAM lists {} projects named `{region}`, expected exactly one", found.len());
            Err(Error::invalid(message).missing_setting(Missing::Project).with_hint("set `ClientBuilder::project_id`"))
        }
    }
}
