//! The service that a command calls, the project, and the credentials. ges-client decides what they mean.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use conformance_engine::visible::escaped;
use ges_client::credentials::{
    Credentials, Found, FoundCredentials, Keys, Password, Place, Token, find, from_profile, variable,
};
use ges_client::{Client, ClientBuilder, Region, parse_endpoint, parse_project_id};
use secrecy::SecretString;
use specwright::Failure;
use specwright::output::console::talk;
use specwright::value::quantity::duration;
use specwright::value::secret::secret;

use crate::error;

/// The variable of the endpoint. ges-client has the other variables.
pub(crate) const ENDPOINT: &str = "GES_ENDPOINT";
/// The variable of the token, for commands that repeat a request.
pub(crate) const TOKEN: &str = "GES_TOKEN";

/// The maximum time to open a connection, if `--timeout` is not shorter.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The service and the project, for every command that calls a service.
#[derive(clap::Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Service {
    /// Endpoint of the service: scheme, host, port and optionally a path prefix [env: GES_ENDPOINT]
    #[arg(long, value_name = "URL", value_hint = clap::ValueHint::Url, conflicts_with = "region")]
    endpoint: Option<String>,
    /// Huawei Cloud region, such as cn-north-4, instead of --endpoint
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Project of the graphs [default: from the profile or, with --region, from IAM] [env: HUAWEICLOUD_SDK_PROJECT_ID]
    #[arg(long, value_name = "ID")]
    project_id: Option<String>,
}

/// The flags of every command that calls a service.
#[derive(clap::Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connection {
    #[command(flatten)]
    service: Service,
    #[command(flatten)]
    proof: CredentialFlags,
    /// IAM user to sign in; the password comes from --password-file, GES_PASSWORD or a prompt [env: GES_USER]
    #[arg(long, value_name = "NAME", group = "credentials")]
    user: Option<String>,
    /// Account of --user, called domain in IAM [env: GES_DOMAIN]
    #[arg(long, value_name = "ACCOUNT", requires = "user")]
    domain: Option<String>,
    /// File with the password of --user; - is standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "user")]
    password_file: Option<PathBuf>,
    /// Endpoint of IAM [default: that of the region] [env: HUAWEICLOUD_SDK_IAM_ENDPOINT]
    #[arg(long, value_name = "URL", value_hint = clap::ValueHint::Url)]
    iam_endpoint: Option<String>,
    /// PEM file with CA certificates to trust in addition to those of the system
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    ca_file: Option<PathBuf>,
    /// Maximum time of a call, from connecting to the last byte
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration, allow_negative_numbers = true)]
    timeout: Duration,
}

/// The credentials, for every command that calls a service.
#[derive(clap::Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct CredentialFlags {
    /// User token; prefer --token-file or the environment, because other users can see command lines [env: GES_TOKEN]
    #[arg(long, value_name = "TOKEN", group = "credentials")]
    token: Option<SecretString>,
    /// File with the user token; - is standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, group = "credentials")]
    token_file: Option<PathBuf>,
    /// Access key to sign requests with [env: HUAWEICLOUD_SDK_AK]
    #[arg(long, value_name = "AK", group = "credentials")]
    ak: Option<String>,
    /// Secret key of --ak; prefer --sk-file or the environment [env: HUAWEICLOUD_SDK_SK]
    #[arg(long, value_name = "SK", requires = "ak", conflicts_with = "sk_file")]
    sk: Option<SecretString>,
    /// File with the secret key of --ak; - is standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "ak")]
    sk_file: Option<PathBuf>,
    /// File with the security token of a temporary --ak; - is standard input [env: HUAWEICLOUD_SDK_SECURITY_TOKEN, the
    /// token itself]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "ak")]
    security_token_file: Option<PathBuf>,
    /// Profile file of the official SDK with keys and project [default: ~/.huaweicloud/credentials]
    /// [env: HUAWEICLOUD_SDK_CREDENTIALS_FILE]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, group = "credentials")]
    profile: Option<PathBuf>,
}

impl Service {
    /// The endpoint of the flags or, without a flag, of the environment.
    pub(crate) fn endpoint(&self) -> Result<Option<String>, Failure> {
        if let Some(region) = &self.region {
            return Ok(Some(region.parse::<Region>().map_err(Failure::usage)?.ges_endpoint()));
        }
        // A variable that is set and empty is a mistake in a script: it does not count as unset.
        let endpoint = self.endpoint.clone().or_else(|| std::env::var(ENDPOINT).ok());
        endpoint.map(|text| parse_endpoint(&text).map(String::from).map_err(Failure::usage)).transpose()
    }

    /// The project of the flag, or else the one that came with the credentials or from the environment.
    pub(crate) fn project_id(&self, found: Option<&Found>) -> Result<Option<String>, Failure> {
        let other = || match found {
            Some(found) => found.project_id.clone(),
            None => environment(variable::PROJECT_ID),
        };
        let id = self.project_id.clone().or_else(other);
        id.map(|id| parse_project_id(&id).map(String::from).map_err(Failure::usage)).transpose()
    }
}

impl Connection {
    /// A client for calls. IAM finds the project if no flag, profile or variable names it.
    pub(crate) async fn client(&self) -> Result<Client, Failure> {
        let builder = self.builder()?;
        let found = match self.user()? {
            Some(user) => Some(Found::new(FoundCredentials::Password(user))),
            None => self.proof.find(Place::ALL)?,
        };
        let project_id = self.service.project_id(found.as_ref())?;
        let iam_endpoint = self.iam_endpoint.clone().or_else(|| found.as_ref()?.iam_endpoint.clone());
        // Without credentials, the error of the client lists where it searched.
        let builder = match found {
            Some(found) => builder.credentials(found.credentials),
            None => builder,
        };
        let builder = project_id.into_iter().fold(builder, ClientBuilder::project_id);
        let builder = iam_endpoint.into_iter().fold(builder, ClientBuilder::iam_endpoint);
        builder.connect().await.map_err(|error| error::of_call(&error, None))
    }

    /// The certificates that are trusted in addition to those of the system.
    pub(crate) fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// A client whose calls end in `credentials`. It asks no service and reads no secret.
    pub(crate) fn dry_client(&self, credentials: impl Credentials) -> Result<Client, Failure> {
        let exported = || environment(variable::PROJECT_ID).filter(|_| self.proof.profile.is_none());
        let Some(project_id) = self.service.project_id.clone().or_else(exported) else {
            return Err(Failure::usage(format!(
                "--dry-run requires a project ID, because it does not ask IAM for one\nhint: add --project-id, or set {}",
                variable::PROJECT_ID
            )));
        };
        let builder = self.builder()?.project_id(project_id).credentials(credentials);
        builder.build().map_err(|error| error::of_call(&error, None))
    }

    /// The endpoint or region, for people.
    pub(crate) fn place(&self) -> String {
        match &self.service.region {
            Some(region) => format!("region {region}"),
            None => self.service.endpoint().ok().flatten().unwrap_or_default(),
        }
    }

    /// A client with everything but credentials, project and endpoint of IAM.
    fn builder(&self) -> Result<ClientBuilder, Failure> {
        let builder = Client::builder().timeout(self.timeout).connect_timeout(self.timeout.min(CONNECT_TIMEOUT));
        let mut builder = match (self.service.endpoint()?, &self.service.region) {
            (_, Some(region)) => builder.region(region),
            (Some(endpoint), None) => builder.endpoint(endpoint),
            (None, None) => {
                return Err(Failure::usage(format!(
                    "no endpoint or region configured\nhint: add --region or --endpoint, or set {ENDPOINT}"
                )));
            }
        };
        if let Some(path) = &self.ca_file {
            let pem = std::fs::read(path)
                .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
            builder = builder.root_certificates(pem);
        }
        Ok(builder)
    }

    fn user(&self) -> Result<Option<Password>, Failure> {
        let Some(user) = &self.user else { return Ok(None) };
        let has_iam = self.service.region.is_some()
            || self.iam_endpoint.is_some()
            || environment(variable::IAM_ENDPOINT).is_some();
        if !has_iam {
            return Err(Failure::usage(
                "--user requires the endpoint of IAM\nhint: add --iam-endpoint, or --region instead of --endpoint",
            ));
        }
        let domain = self.domain.clone().or_else(|| environment(variable::DOMAIN)).ok_or_else(|| {
            Failure::usage(format!(
                "--user requires the account of the user\nhint: add --domain, or set {}",
                variable::DOMAIN
            ))
        })?;
        let password = match (&self.password_file, environment(variable::PASSWORD)) {
            (Some(path), _) => secret(path)?,
            (None, Some(password)) => password.into(),
            (None, None) => asked_for(user)?,
        };
        Ok(Some(Password::new(user, password, domain)))
    }
}

impl CredentialFlags {
    /// The credentials of the flags or, if none has any, of the first of `places`.
    pub(crate) fn find(&self, places: &[Place]) -> Result<Option<Found>, Failure> {
        // The message names the file or the variables; other places for credentials are no help.
        let cannot = |error| Failure::cannot_start(error::without_hint(&error));
        if let Some(token) = self.token()? {
            let token = Token::new(token).map_err(Failure::usage)?;
            Ok(Some(Found::new(FoundCredentials::Token(token))))
        } else if let Some(keys) = self.keys()? {
            Ok(Some(Found::new(FoundCredentials::Keys(keys))))
        } else if let Some(path) = &self.profile {
            from_profile(path).map(Some).map_err(cannot)
        } else {
            find(places).map_err(cannot)
        }
    }

    /// Whether a flag gives keys, which sign requests to one endpoint.
    pub(crate) fn has_keys(&self) -> bool {
        self.ak.is_some() || self.profile.is_some()
    }

    fn token(&self) -> Result<Option<SecretString>, Failure> {
        match (&self.token, &self.token_file) {
            (Some(token), _) => Ok(Some(token.clone())),
            (None, Some(path)) => secret(path).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn keys(&self) -> Result<Option<Keys>, Failure> {
        let Some(access) = &self.ak else { return Ok(None) };
        let mut security_token = self.security_token_file.as_deref().map(secret).transpose()?;
        let key = match (&self.sk, &self.sk_file) {
            (Some(key), _) => key.clone(),
            (None, Some(path)) => secret(path)?,
            (None, None) => {
                let key = environment(variable::SECRET_KEY).ok_or_else(|| {
                    Failure::usage(format!(
                        "--ak requires its secret key\nhint: add --sk-file FILE, or set {}",
                        variable::SECRET_KEY
                    ))
                })?;
                security_token =
                    security_token.or_else(|| environment(variable::SECURITY_TOKEN).map(SecretString::from));
                key.into()
            }
        };
        let keys = Keys::new(access, key);
        match security_token {
            Some(token) => keys.security_token(token).map(Some).map_err(Failure::usage),
            None => Ok(Some(keys)),
        }
    }
}

/// A variable of the environment; an empty one counts as unset, as in ges-client.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A password that is typed at the terminal, without echo.
fn asked_for(user: &str) -> Result<SecretString, Failure> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::usage(format!(
            "--user requires a password, and there is no terminal to ask at\nhint: add --password-file FILE, or set {}",
            variable::PASSWORD
        )));
    }
    match rpassword::prompt_password(escaped(&format!("password of {user}: "))) {
        Ok(password) if password.is_empty() => Err(Failure::usage("the password is empty; nothing was sent")),
        Ok(password) => Ok(password.into()),
        Err(error) => {
            // Ctrl-D leaves the cursor where it was.
            talk("");
            Err(Failure::usage(format!("cannot read the password: {error}; nothing was sent")))
        }
    }
}
