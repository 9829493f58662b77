//! How does a client come about?

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use reqwest::{Request, Url};
use serde::Deserialize;

use crate::answer::Reply;
use crate::call::Inner;
use crate::client::Client;
use crate::credentials::{self, Credentials, Found, Setting};
use crate::error::{Error, Missing};
use crate::retries::Retries;

/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one attempt of a call may take altogether. The operations only accept a job, so an answer is a matter of
/// seconds.
const TIMEOUT: Duration = Duration::from_secs(60);
/// A connection that was idle for longer is not used again: the service may be about to close it, and a request lost that
/// way may or may not have been read.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

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
    timeout: Duration,
    connect_timeout: Duration,
    root_certificates: Vec<u8>,
    http: Option<reqwest::Client>,
}

impl ClientBuilder {
    pub(crate) fn new() -> ClientBuilder {
        ClientBuilder {
            endpoint: None,
            iam_endpoint: None,
            region: None,
            project_id: None,
            credentials: None,
            profile: None,
            retries: Retries::default(),
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            root_certificates: Vec::new(),
            http: None,
        }
    }

    /// The region, `cn-north-4` for instance: the endpoints of GES and IAM follow from it, unless they are given.
    ///
    /// Source: reference, section 4, "Transport": `ges.REGION.myhuaweicloud.com`, for `eu-` regions `.eu`.
    pub fn region(self, region: impl Into<String>) -> ClientBuilder {
        ClientBuilder { region: Some(region.into()), ..self }
    }

    /// Where the service is: `https://ges.cn-north-4.myhuaweicloud.com`, or another that speaks its language. A path in it
    /// comes before the path of each operation.
    pub fn endpoint(self, endpoint: impl Into<String>) -> ClientBuilder {
        ClientBuilder { endpoint: Some(endpoint.into()), ..self }
    }

    /// Where IAM is: users sign in there, and the project of a region is asked for there.
    pub fn iam_endpoint(self, endpoint: impl Into<String>) -> ClientBuilder {
        ClientBuilder { iam_endpoint: Some(endpoint.into()), ..self }
    }

    /// The project whose graphs the client is for. Without it, [`connect`](ClientBuilder::connect) asks IAM for the
    /// project of the region.
    pub fn project_id(self, project_id: impl Into<String>) -> ClientBuilder {
        ClientBuilder { project_id: Some(project_id.into()), ..self }
    }

    /// What calls prove their origin with. Without it, they are looked for: a token in the variable `GES_TOKEN`; a user in
    /// `GES_USER`, `GES_PASSWORD` and `GES_DOMAIN` (the account); keys in `HUAWEICLOUD_SDK_AK` and `HUAWEICLOUD_SDK_SK` (and
    /// `HUAWEICLOUD_SDK_SECURITY_TOKEN`); keys in the official SDK's profile file, `~/.huaweicloud/credentials` or what
    /// `HUAWEICLOUD_SDK_CREDENTIALS_FILE` names. Then also the project and the endpoint of IAM are taken from there
    /// (`HUAWEICLOUD_SDK_PROJECT_ID`, `HUAWEICLOUD_SDK_IAM_ENDPOINT`), unless they are given.
    pub fn credentials(self, credentials: impl Credentials) -> ClientBuilder {
        ClientBuilder { credentials: Some(Arc::new(credentials)), ..self }
    }

    /// A profile file of the official SDK, to take keys, project and endpoint of IAM from, unless they are given. It goes
    /// before the environment.
    pub fn profile(self, path: impl Into<PathBuf>) -> ClientBuilder {
        ClientBuilder { profile: Some(path.into()), ..self }
    }

    /// How often calls are repeated by themselves; [`Retries::none`] switches it off.
    pub fn retries(self, retries: Retries) -> ClientBuilder {
        ClientBuilder { retries, ..self }
    }

    /// How long one attempt of a call may take altogether; a minute unless told otherwise.
    pub fn timeout(self, timeout: Duration) -> ClientBuilder {
        ClientBuilder { timeout, ..self }
    }

    /// How long a connection may take to open; 10 seconds unless told otherwise.
    pub fn connect_timeout(self, connect_timeout: Duration) -> ClientBuilder {
        ClientBuilder { connect_timeout, ..self }
    }

    /// Certificates, in PEM, to trust besides those that the system trusts: for an endpoint of your own.
    pub fn root_certificates(self, pem: impl Into<Vec<u8>>) -> ClientBuilder {
        ClientBuilder { root_certificates: pem.into(), ..self }
    }

    /// An HTTP client with settings of your own, a proxy for instance, instead of the one that would be made. Timeouts and
    /// certificates are then its own, and so are redirects: let it follow none, because a token must not travel.
    pub fn http_client(self, http: reqwest::Client) -> ClientBuilder {
        ClientBuilder { http: Some(http), ..self }
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// It is not said which project and endpoint the client is for; there are no credentials; a setting is of no use.
    pub fn build(self) -> Result<Client, Error> {
        let parts = self.parts()?;
        let project_id = parts.setting.project_id.clone().ok_or_else(|| {
            Error::invalid("the project is not known").for_want_of(Missing::Project).with_hint(
                "give `ClientBuilder::project_id`, or use `connect` instead of `build`, which asks for the project of a region",
            )
        })?;
        Ok(parts.client(project_id))
    }

    /// The client, after asking IAM (`GET /v3/projects?name=REGION`) for the project of the region if none is given.
    ///
    /// # Errors
    /// As [`build`](ClientBuilder::build), and what asking comes to: no connection, a refusal, no such project or several.
    pub async fn connect(self) -> Result<Client, Error> {
        let mut parts = self.parts()?;
        let project_id = match parts.setting.project_id.clone() {
            Some(project_id) => project_id,
            None => project_of(&parts).await?,
        };
        parts.setting.project_id = Some(project_id.clone());
        Ok(parts.client(project_id))
    }

    fn parts(mut self) -> Result<Parts, Error> {
        let credentials = match self.credentials.take() {
            Some(credentials) => credentials,
            None => {
                let Found { credentials, project_id, iam_endpoint } = credentials::find(self.profile.as_deref())?;
                self.project_id = self.project_id.or(project_id);
                self.iam_endpoint = self.iam_endpoint.or(iam_endpoint);
                Arc::from(credentials)
            }
        };
        let region = self.region.as_deref();
        if region
            .is_some_and(|region| region.is_empty() || !region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        {
            return Err(Error::invalid(format!("`{}` is no region", region.unwrap_or_default()))
                .with_hint("a region is written as `cn-north-4`"));
        }
        let of_region = |service: &str| {
            region.map(|region| {
                let domain = if region.starts_with("eu-") { "eu" } else { "com" };
                format!("https://{service}.{region}.myhuaweicloud.{domain}")
            })
        };
        let endpoint = self.endpoint.clone().or_else(|| of_region("ges")).ok_or_else(|| {
            Error::invalid("it is not known where the service is")
                .with_hint("give `ClientBuilder::region` or `ClientBuilder::endpoint`")
        })?;
        let endpoint = address("endpoint", &endpoint)?;
        let iam = self.iam_endpoint.clone().or_else(|| of_region("iam"));
        let iam = iam.map(|iam| address("endpoint of IAM", &iam)).transpose()?;
        let http = match self.http.take() {
            Some(http) => http,
            None => {
                self.http(endpoint.scheme() == "https" || iam.as_ref().is_some_and(|iam| iam.scheme() == "https"))?
            }
        };
        let setting = Setting { iam, region: self.region, project_id: self.project_id };
        Ok(Parts { endpoint, http, credentials, setting, retries: self.retries })
    }

    fn http(&self, with_tls: bool) -> Result<reqwest::Client, Error> {
        if !cfg!(any(feature = "rustls", feature = "native-tls")) && (with_tls || !self.root_certificates.is_empty()) {
            return Err(Error::invalid("https needs the feature `rustls` or `native-tls` of ges-client"));
        }
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // Whether a call is repeated is decided in one place, and that is ours. By `never` alone, each request would still
            // be copied.
            .retry(reqwest::retry::never().max_retries_per_request(0))
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .timeout(self.timeout);
        // Otherwise every call asks whether its host goes through a proxy.
        let builder = if may_have_proxy() { builder } else { builder.no_proxy() };
        #[cfg(feature = "rustls")]
        let builder = builder.tls_backend_preconfigured(crate::tls::config(with_tls, &self.root_certificates)?);
        #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
        let builder = {
            let certificates = reqwest::Certificate::from_pem_bundle(&self.root_certificates);
            let certificates =
                certificates.map_err(|error| Error::invalid("the root certificates are not PEM").caused_by(error))?;
            builder.tls_backend_native().tls_certs_merge(certificates)
        };
        builder.build().map_err(|error| Error::invalid("the HTTP client cannot be set up").caused_by(error))
    }
}

/// Whether the environment or the system could name a proxy. Only where the environment alone has a say can one know.
fn may_have_proxy() -> bool {
    const VARIABLES: [&str; 3] = ["all_proxy", "http_proxy", "https_proxy"];
    let is_set = |name: &str| std::env::var_os(name).or_else(|| std::env::var_os(name.to_uppercase())).is_some();
    cfg!(any(target_vendor = "apple", windows)) || VARIABLES.into_iter().any(is_set)
}

struct Parts {
    endpoint: Url,
    http: reqwest::Client,
    credentials: Arc<dyn Credentials>,
    setting: Setting,
    retries: Retries,
}

impl Parts {
    fn client(self, project_id: String) -> Client {
        let inner = Inner::new(self.endpoint, self.credentials, self.setting, self.retries);
        Client::of(self.http, inner, project_id)
    }
}

fn address(what: &str, text: &str) -> Result<Url, Error> {
    // Not repeated: it may hold a password.
    let url = Url::parse(text).map_err(|error| {
        Error::invalid(format!("the {what} is not an address"))
            .caused_by(error)
            .with_hint("it looks like https://ges.cn-north-4.myhuaweicloud.com")
    })?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(Error::invalid(format!("the {what} must begin with https:// or http://")));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(Error::invalid(format!("the {what} must be scheme, host, port and path, and nothing else")));
    }
    Ok(url)
}

/// Source: reference, section 4, "Credentials": "none or several found is an error".
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

async fn project_of(parts: &Parts) -> Result<String, Error> {
    let (Some(iam), Some(region)) = (&parts.setting.iam, &parts.setting.region) else {
        return Err(Error::invalid("the project is not known, and neither is the region to ask IAM for its project")
            .for_want_of(Missing::Project)
            .with_hint("give `ClientBuilder::project_id` or `ClientBuilder::region`"));
    };
    let inner = Inner::new(iam.clone(), parts.credentials.clone(), parts.setting.clone(), parts.retries.clone());
    // A region is letters, digits and hyphens.
    let url = inner.address(format_args!("/v3/projects?name={region}"))?;
    let request = Request::new(Method::GET, url);
    let found = inner.call::<Projects>(&parts.http, "list_projects", |status| status == 200, request).await?;
    match found.into_inner().projects.unwrap_or_default().as_slice() {
        [Project { id }] => Ok(id.clone()),
        found => {
            let message = format!("IAM knows {} projects of the name `{region}`, and one is needed", found.len());
            Err(Error::invalid(message).for_want_of(Missing::Project).with_hint("give `ClientBuilder::project_id`"))
        }
    }
}
