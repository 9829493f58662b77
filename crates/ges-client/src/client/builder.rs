//! Builds a client from settings.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;

use super::client::Client;
use super::{http, project};
use crate::call::Inner;
use crate::credentials::{self, Context, Credentials, Place, Token};
use crate::endpoint::{self, Region};
use crate::error::{Error, Missing};
use crate::model::parse_project_id;
use crate::retry::Retries;
use crate::types::ProjectId;

/// The default time for opening a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The default time for one attempt of a call. The operations only accept a job, so a response takes seconds.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The default pauses of a wait. Real jobs take minutes, seldom more than half an hour (reference, section 5).
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];

/// Settings of a [`Client`], see [`Client::builder`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` or `connect`"]
pub struct ClientBuilder {
    endpoint: Option<String>,
    iam_endpoint: Option<String>,
    region: Option<String>,
    project_id: Option<String>,
    credentials: Option<Arc<dyn Credentials>>,
    profile: Option<PathBuf>,
    retries: Retries,
    pauses: [Duration; 2],
    timeout: Duration,
    connect_timeout: Duration,
    root_certificates: Vec<u8>,
    http: Option<reqwest::Client>,
}

impl Client {
    /// A builder for a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// A client for the service at `endpoint` (`https://ges.cn-north-4.myhuaweicloud.com`), the project `project_id`,
    /// and a user token: the value of `X-Subject-Token` in the response of IAM's `POST /v3/auth/tokens`.
    ///
    /// # Errors
    /// The endpoint is not an http or https URL, the project ID is malformed, or a header cannot carry the token. Nothing
    /// is sent yet.
    pub fn new(endpoint: &str, project_id: impl Into<String>, token: &str) -> Result<Client, Error> {
        Client::builder().endpoint(endpoint).project_id(project_id).credentials(Token::new(token)?).build()
    }
}

impl ClientBuilder {
    fn new() -> ClientBuilder {
        ClientBuilder {
            endpoint: None,
            iam_endpoint: None,
            region: None,
            project_id: None,
            credentials: None,
            profile: None,
            retries: Retries::default(),
            pauses: PAUSES,
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            root_certificates: Vec::new(),
            http: None,
        }
    }

    /// The region, `cn-north-4` for instance: the endpoints of GES and IAM follow from it, unless they are set. See
    /// [`Region`].
    pub fn region(self, region: impl Into<String>) -> ClientBuilder {
        ClientBuilder { region: Some(region.into()), ..self }
    }

    /// The endpoint of GES, `https://ges.cn-north-4.myhuaweicloud.com` for instance. A path in it precedes the path of each
    /// operation.
    pub fn endpoint(self, endpoint: impl Into<String>) -> ClientBuilder {
        ClientBuilder { endpoint: Some(endpoint.into()), ..self }
    }

    /// The endpoint of IAM, where users sign in and [`connect`](ClientBuilder::connect) looks up the project.
    pub fn iam_endpoint(self, endpoint: impl Into<String>) -> ClientBuilder {
        ClientBuilder { iam_endpoint: Some(endpoint.into()), ..self }
    }

    /// The project of the graphs, 1 to 64 letters and digits. Without it, [`connect`](ClientBuilder::connect) asks IAM for
    /// the project of the region.
    pub fn project_id(self, project_id: impl Into<String>) -> ClientBuilder {
        ClientBuilder { project_id: Some(project_id.into()), ..self }
    }

    /// The credentials of all calls. Without them, the client uses what [`credentials::find`] finds in all places: a token in
    /// `GES_TOKEN`; a user in `GES_USER`, `GES_PASSWORD` and `GES_DOMAIN` (the account); keys in `HUAWEICLOUD_SDK_AK` and
    /// `HUAWEICLOUD_SDK_SK` (and `HUAWEICLOUD_SDK_SECURITY_TOKEN`); keys in a profile file of the official SDK,
    /// `~/.huaweicloud/credentials` or the one that `HUAWEICLOUD_SDK_CREDENTIALS_FILE` names. Only then, the project and the
    /// endpoint of IAM also come from there or from `HUAWEICLOUD_SDK_PROJECT_ID` and `HUAWEICLOUD_SDK_IAM_ENDPOINT`, unless
    /// they are set.
    pub fn credentials(self, credentials: impl Credentials) -> ClientBuilder {
        ClientBuilder { credentials: Some(Arc::new(credentials)), ..self }
    }

    /// A profile file of the official SDK with keys, project and endpoint of IAM, which are used unless they are set. It
    /// takes precedence over the environment.
    pub fn profile(self, path: impl Into<PathBuf>) -> ClientBuilder {
        ClientBuilder { profile: Some(path.into()), ..self }
    }

    /// How often failed calls are retried automatically; [`Retries::none`] switches it off.
    pub fn retries(self, retries: Retries) -> ClientBuilder {
        ClientBuilder { retries, ..self }
    }

    /// The shortest and longest pause between the status requests of a [wait](Client::wait_for); 1 and 30 seconds by default.
    /// Pauses grow by half from one to the next, and have a random part. [`Wait::pauses`](crate::Wait::pauses) sets those of
    /// one wait.
    ///
    /// A unit test sets both to a millisecond, so that the code under test waits for a job of a mock server at once:
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use ges_client::{Client, Error, credentials::Token};
    /// # fn example(mock_server: &str) -> Result<Client, Error> {
    /// let ges = Client::builder().endpoint(mock_server).project_id("a1b2c3").credentials(Token::new("t")?);
    /// ges.wait_pauses(Duration::from_millis(1), Duration::from_millis(1)).build()
    /// # }
    /// ```
    pub fn wait_pauses(self, shortest: Duration, longest: Duration) -> ClientBuilder {
        ClientBuilder { pauses: [shortest, longest], ..self }
    }

    /// The time for one attempt of a call, from connecting to the last byte; one minute by default.
    pub fn timeout(self, timeout: Duration) -> ClientBuilder {
        ClientBuilder { timeout, ..self }
    }

    /// The time for opening a connection; 10 seconds by default.
    pub fn connect_timeout(self, connect_timeout: Duration) -> ClientBuilder {
        ClientBuilder { connect_timeout, ..self }
    }

    /// Certificates in PEM to trust in addition to those of the system.
    pub fn root_certificates(self, pem: impl Into<Vec<u8>>) -> ClientBuilder {
        ClientBuilder { root_certificates: pem.into(), ..self }
    }

    /// Your own HTTP client, with a proxy of your own for instance. Without it the client goes through the proxies that the
    /// environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`), and to loopback through none. Its timeouts and certificates replace those set here. Let it follow
    /// no redirects, which would forward the token.
    pub fn http_client(self, http: reqwest::Client) -> ClientBuilder {
        ClientBuilder { http: Some(http), ..self }
    }

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// Endpoint and region, project, or credentials are missing, or a setting is malformed.
    pub fn build(self) -> Result<Client, Error> {
        let parts = self.parts()?;
        let project_id = parts.context.project_id.clone().ok_or_else(|| {
            Error::invalid("no project ID").missing_setting(Missing::Project).with_hint(
                "set `ClientBuilder::project_id`, or call `connect` instead of `build` to ask IAM for the project of a region",
            )
        })?;
        Ok(parts.client(project_id))
    }

    /// Builds the client. If no project is set, IAM is asked for that of the region (`GET /v3/projects?name=REGION`).
    ///
    /// # Errors
    /// As [`build`](ClientBuilder::build). IAM cannot be reached, refuses, or does not list exactly one project.
    pub async fn connect(self) -> Result<Client, Error> {
        let mut parts = self.parts()?;
        if let Some(project_id) = parts.context.project_id.clone() {
            return Ok(parts.client(project_id));
        }
        let (Some(iam), Some(region)) = (&parts.context.iam_endpoint, &parts.context.region) else {
            return Err(Error::invalid("no project ID, and no region whose project IAM could name")
                .missing_setting(Missing::Project)
                .with_hint("set `ClientBuilder::project_id` or `ClientBuilder::region`"));
        };
        let iam = Inner::new(iam.clone(), parts.credentials.clone(), parts.context.clone(), parts.retries.clone());
        let project_id = project::of_region(&parts.http, &iam, region).await?;
        parts.context.project_id = Some(project_id.clone());
        Ok(parts.client(project_id))
    }

    fn parts(mut self) -> Result<Parts, Error> {
        let credentials = match self.credentials.take() {
            Some(credentials) => credentials,
            None => {
                let found = match &self.profile {
                    Some(path) => credentials::from_profile(path)?,
                    None => credentials::find(Place::ALL)?.ok_or_else(credentials::none_found)?,
                };
                self.project_id = self.project_id.or(found.project_id);
                self.iam_endpoint = self.iam_endpoint.or(found.iam_endpoint);
                Arc::new(found.credentials)
            }
        };
        let region: Option<Region> = self.region.as_deref().map(str::parse).transpose()?;
        let endpoint = self.endpoint.take().or_else(|| region.as_ref().map(Region::ges_endpoint)).ok_or_else(|| {
            Error::invalid("no endpoint or region configured")
                .with_hint("set `ClientBuilder::region` or `ClientBuilder::endpoint`")
        })?;
        let endpoint = endpoint::parse("endpoint", &endpoint)?;
        let iam = self.iam_endpoint.take().or_else(|| region.as_ref().map(Region::iam_endpoint));
        let iam_endpoint = iam.map(|iam| endpoint::parse("endpoint of IAM", &iam)).transpose()?;
        let http = match self.http.take() {
            Some(http) => http,
            None => {
                let urls = [Some(&endpoint), iam_endpoint.as_ref()].into_iter().flatten();
                http::client(urls, self.timeout, self.connect_timeout, &self.root_certificates)?
            }
        };
        let project_id = self.project_id.as_deref().map(parse_project_id).transpose()?;
        let context = Context { iam_endpoint, region, project_id };
        Ok(Parts { endpoint, http, credentials, context, retries: self.retries, pauses: self.pauses })
    }
}

/// What a client is made of once its project is known.
struct Parts {
    endpoint: Url,
    http: reqwest::Client,
    credentials: Arc<dyn Credentials>,
    context: Context,
    retries: Retries,
    pauses: [Duration; 2],
}

impl Parts {
    fn client(self, project_id: ProjectId) -> Client {
        let inner = Inner::new(self.endpoint, self.credentials, self.context, self.retries);
        Client::of(self.http, inner, project_id, self.pauses)
    }
}
