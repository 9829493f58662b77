//! Which service is called, for which project, and with whose credentials?

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ges_client::credentials::{Credentials, Keys, Password, Token};
use ges_client::types::ProjectId;
use ges_client::{Client, ClientBuilder};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::Failure;
use crate::console::talk;
use crate::quantity::seconds;

/// The variables that are read here. Those of credentials are read by ges-client, and only where no flag names any: a
/// token that somebody exported long ago must not stand beside keys that were given for this call.
pub(crate) const ENDPOINT: &str = "GES_ENDPOINT";
pub(crate) const PROJECT_ID: &str = "HUAWEICLOUD_SDK_PROJECT_ID";
pub(crate) const IAM_ENDPOINT: &str = "HUAWEICLOUD_SDK_IAM_ENDPOINT";
/// Beside an `--ak` that has no secret on the command line.
pub(crate) const SECRET_KEY: &str = "HUAWEICLOUD_SDK_SK";
pub(crate) const SECURITY_TOKEN: &str = "HUAWEICLOUD_SDK_SECURITY_TOKEN";

/// Beside a `--user` of whom the command line does not say it.
const PASSWORD: &str = "GES_PASSWORD";
const DOMAIN: &str = "GES_DOMAIN";

/// How long a connection may take to open, unless there is less time altogether.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A secret is longer than this only by mistake: a file of something else.
const LONGEST_SECRET: u64 = 64 << 10;

/// The same for every command that calls a service.
#[derive(clap::Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connection {
    /// Where the service is: scheme, host, port, and a path prefix if it has one [env: GES_ENDPOINT]
    #[arg(long, value_name = "URL", value_hint = clap::ValueHint::Url, conflicts_with = "region")]
    endpoint: Option<String>,
    /// A region of Huawei Cloud instead of an endpoint, such as cn-north-4
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The project of the graphs; with a region, IAM is asked if it is not given [env: HUAWEICLOUD_SDK_PROJECT_ID]
    #[arg(long, value_name = "ID")]
    project_id: Option<String>,
    #[command(flatten)]
    proof: Proof,
    /// The IAM user to sign in; asks for the password at a terminal, unless GES_PASSWORD has it [env: GES_USER]
    #[arg(long, value_name = "NAME", group = "credentials")]
    user: Option<String>,
    /// The account of --user, which IAM calls a domain [env: GES_DOMAIN]
    #[arg(long, value_name = "ACCOUNT", requires = "user")]
    domain: Option<String>,
    /// A file with the password of --user; - for standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "user")]
    password_file: Option<PathBuf>,
    /// Where IAM is, if not where the region has it [env: HUAWEICLOUD_SDK_IAM_ENDPOINT]
    #[arg(long, value_name = "URL", value_hint = clap::ValueHint::Url)]
    iam_endpoint: Option<String>,
    /// Certificates to trust beside the system's, as PEM
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    ca_file: Option<PathBuf>,
    /// How long each call may take: seconds, or a time such as 2m
    #[arg(long, value_name = "TIME", default_value = "60", value_parser = seconds, allow_negative_numbers = true)]
    timeout: Duration,
}

/// Who calls, for every command that needs to say so.
#[derive(clap::Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Proof {
    /// The user token; better in a file or in the environment, for others can see a command line [env: GES_TOKEN]
    #[arg(long, value_name = "TOKEN", group = "credentials")]
    token: Option<SecretString>,
    /// A file with the user token; - for standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, group = "credentials")]
    token_file: Option<PathBuf>,
    /// The access key to sign with [env: HUAWEICLOUD_SDK_AK]
    #[arg(long, value_name = "AK", group = "credentials")]
    ak: Option<String>,
    /// The secret of --ak; better in a file or in the environment [env: HUAWEICLOUD_SDK_SK]
    #[arg(long, value_name = "SK", requires = "ak", conflicts_with = "sk_file")]
    sk: Option<SecretString>,
    /// A file with the secret of --ak; - for standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "ak")]
    sk_file: Option<PathBuf>,
    /// A file with the security token of a temporary --ak [env: HUAWEICLOUD_SDK_SECURITY_TOKEN, the token itself]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "ak")]
    security_token_file: Option<PathBuf>,
    /// A profile file of the official SDK, for keys and project; ~/.huaweicloud/credentials is looked at last of all
    /// [env: HUAWEICLOUD_SDK_CREDENTIALS_FILE]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, group = "credentials")]
    profile: Option<PathBuf>,
}

impl Connection {
    /// A client for calls. IAM is asked for the project if nobody names it.
    pub(crate) async fn client(&self) -> Result<Client, Failure> {
        let builder = self.builder()?;
        let builder = if let Some(token) = self.proof.token()? {
            builder.credentials(Token::new(token).map_err(Failure::usage)?)
        } else if let Some(user) = self.user()? {
            builder.credentials(user)
        } else if let Some(keys) = self.proof.keys()? {
            builder.credentials(keys)
        } else if let Some(profile) = &self.proof.profile {
            builder.profile(profile)
        } else {
            builder
        };
        builder.connect().await.map_err(|error| match &self.proof.profile {
            // The message names the file; other places for credentials are no help.
            Some(_) if error.is_credentials() => Failure::cannot_start(Failure::without_hint(&error)),
            _ => Failure::of_call(&error, None),
        })
    }

    /// The certificates that are trusted beside those of the system.
    pub(crate) fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// A client whose calls end in `credentials`. Nobody is asked for anything, and nobody's secrets are read.
    pub(crate) fn dry_client(&self, credentials: impl Credentials) -> Result<Client, Failure> {
        if self.project().is_none() {
            return Err(Failure::usage(
                "a dry run asks nobody, so the project has to be given\nhint: add --project-id, or leave --dry-run out",
            ));
        }
        self.builder()?.credentials(credentials).build().map_err(|error| Failure::of_call(&error, None))
    }

    /// The endpoint or region, for people.
    pub(crate) fn place(&self) -> String {
        let region = self.region.as_ref().map(|region| format!("region {region}"));
        region.or_else(|| self.endpoint()).unwrap_or_default()
    }

    fn builder(&self) -> Result<ClientBuilder, Failure> {
        let mut builder = Client::builder().timeout(self.timeout).connect_timeout(self.timeout.min(CONNECT_TIMEOUT));
        match (&self.region, self.endpoint()) {
            (Some(region), _) => builder = builder.region(region),
            (None, Some(endpoint)) if endpoint.trim().is_empty() => {
                return Err(Failure::usage(
                    "the endpoint is empty\nhint: it looks like https://ges.cn-north-4.myhuaweicloud.com",
                ));
            }
            (None, Some(endpoint)) => builder = builder.endpoint(endpoint),
            (None, None) => {
                return Err(Failure::usage(format!(
                    "it is not said which service to call\nhint: add --region or --endpoint, or set {ENDPOINT}"
                )));
            }
        }
        if let Some(project) = self.project() {
            ProjectId::try_from(project.as_str())
                .map_err(|_| Failure::usage("the project ID is not 1 to 64 letters and digits"))?;
            builder = builder.project_id(project);
        }
        if let Some(iam) = self.iam_endpoint() {
            builder = builder.iam_endpoint(iam);
        }
        if let Some(path) = &self.ca_file {
            let pem = std::fs::read(path)
                .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
            builder = builder.root_certificates(pem);
        }
        Ok(builder)
    }

    fn endpoint(&self) -> Option<String> {
        // A variable that is set and empty is a mistake in a script, which must not pass for no variable.
        self.endpoint.clone().or_else(|| std::env::var(ENDPOINT).ok())
    }

    fn project(&self) -> Option<String> {
        // A profile that was named knows better than the environment for which project its keys are.
        self.project_id.clone().or_else(|| variable(PROJECT_ID).filter(|_| self.proof.profile.is_none()))
    }

    fn user(&self) -> Result<Option<Password>, Failure> {
        let Some(user) = &self.user else { return Ok(None) };
        if self.region.is_none() && self.iam_endpoint().is_none() {
            return Err(Failure::usage(
                "a sign-in needs to know where IAM is\nhint: add --iam-endpoint, or --region instead of --endpoint",
            ));
        }
        let domain = self.domain.clone().or_else(|| variable(DOMAIN)).ok_or_else(|| {
            Failure::usage(format!("--user needs the account of the user\nhint: add --domain, or set {DOMAIN}"))
        })?;
        let password = match (&self.password_file, variable(PASSWORD)) {
            (Some(path), _) => secret(path)?,
            (None, Some(password)) => password.into(),
            (None, None) => asked_for(user)?,
        };
        Ok(Some(Password::new(user, password, domain)))
    }

    fn iam_endpoint(&self) -> Option<String> {
        self.iam_endpoint.clone().or_else(|| variable(IAM_ENDPOINT))
    }
}

impl Proof {
    /// The token of the command line.
    pub(crate) fn token(&self) -> Result<Option<SecretString>, Failure> {
        match (&self.token, &self.token_file) {
            (Some(token), _) => Ok(Some(token.clone())),
            (None, Some(path)) => secret(path).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The profile file that the command line names.
    pub(crate) fn profile(&self) -> Option<&Path> {
        self.profile.as_deref()
    }

    /// The keys of the command line.
    pub(crate) fn keys(&self) -> Result<Option<Keys>, Failure> {
        let Some(access) = &self.ak else { return Ok(None) };
        let mut security_token = self.security_token_file.as_deref().map(secret).transpose()?;
        let key = match (&self.sk, &self.sk_file) {
            (Some(key), _) => key.clone(),
            (None, Some(path)) => secret(path)?,
            (None, None) => {
                let key = variable(SECRET_KEY).ok_or_else(|| {
                    Failure::usage(format!("--ak needs its secret key\nhint: add --sk-file FILE, or set {SECRET_KEY}"))
                })?;
                security_token = security_token.or_else(|| variable(SECURITY_TOKEN).map(SecretString::from));
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

/// A variable of the environment; one that is empty is none.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A password that a person types, unseen.
fn asked_for(user: &str) -> Result<SecretString, Failure> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::usage(format!(
            "--user needs a password, and there is no terminal to ask at\nhint: add --password-file FILE, or set {PASSWORD}"
        )));
    }
    match rpassword::prompt_password(format!("password of {user}: ")) {
        Ok(password) if password.is_empty() => Err(Failure::usage("the password is empty; nothing was sent")),
        Ok(password) => Ok(password.into()),
        Err(error) => {
            // Ctrl-D leaves the cursor where it was.
            talk("");
            Err(Failure::usage(format!("the password cannot be read, so nothing was sent: {error}")))
        }
    }
}

/// What a file holds, without the line break at its end.
fn secret(path: &Path) -> Result<SecretString, Failure> {
    let (shown, source): (_, Box<dyn Read>) = if path == Path::new("-") {
        ("standard input".to_owned(), Box::new(std::io::stdin()))
    } else {
        let shown = path.display().to_string();
        let file = File::open(path).map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?;
        (shown, Box::new(file))
    };
    let mut text = Zeroizing::new(String::new());
    // Room for all of it, so that no copy is left behind by growing.
    text.reserve_exact(LONGEST_SECRET as usize + 1);
    source
        .take(LONGEST_SECRET + 1)
        .read_to_string(&mut text)
        .map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?;
    match text.trim() {
        "" => Err(Failure::usage(format!("{shown} is empty, where a secret should be"))),
        secret if secret.len() as u64 > LONGEST_SECRET => {
            Err(Failure::usage(format!("{shown} is too long for a secret")))
        }
        secret => Ok(SecretString::from(secret)),
    }
}
