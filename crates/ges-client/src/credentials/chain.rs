//! Finds credentials in the environment and in profile files.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::authorize::{Authorizing, Context, Credentials};
use super::keys::Keys;
use super::password::Password;
use super::profile::Profile;
use super::token::Token;
use crate::error::{Error, Missing};

/// The environment variables that are read, by [`find`] and by [`from_profile`].
///
/// Source: reference, section 4, "Credentials". The official SDK reads neither tokens nor users; the variables for them are
/// ours.
pub mod variable {
    /// A user token.
    pub const TOKEN: &str = "GES_TOKEN";
    /// The name of an IAM user.
    pub const USER: &str = "GES_USER";
    /// The password of that user.
    pub const PASSWORD: &str = "GES_PASSWORD";
    /// The account of that user, which IAM calls a domain.
    pub const DOMAIN: &str = "GES_DOMAIN";
    /// An access key.
    pub const ACCESS_KEY: &str = "HUAWEICLOUD_SDK_AK";
    /// The secret of that access key.
    pub const SECRET_KEY: &str = "HUAWEICLOUD_SDK_SK";
    /// The security token of a temporary access key.
    pub const SECURITY_TOKEN: &str = "HUAWEICLOUD_SDK_SECURITY_TOKEN";
    /// The path of a profile file of the official SDK.
    pub const PROFILE: &str = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";
    /// A project ID.
    pub const PROJECT_ID: &str = "HUAWEICLOUD_SDK_PROJECT_ID";
    /// The endpoint of IAM.
    pub const IAM_ENDPOINT: &str = "HUAWEICLOUD_SDK_IAM_ENDPOINT";
}

/// A place where [`find`] looks for credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A token in the variable `GES_TOKEN`.
    Token,
    /// An IAM user in `GES_USER`, `GES_PASSWORD` and `GES_DOMAIN`.
    User,
    /// Keys in `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK` and, for temporary ones, `HUAWEICLOUD_SDK_SECURITY_TOKEN`.
    Keys,
    /// Keys in the profile file that `HUAWEICLOUD_SDK_CREDENTIALS_FILE` names.
    NamedProfile,
    /// Keys in `~/.huaweicloud/credentials`, the profile file that the official SDK reads.
    HomeProfile,
}

impl Place {
    /// All places, in the order in which a [`Client`](crate::Client) without credentials of its own tries them.
    pub const ALL: &[Place] = &[Place::Token, Place::User, Place::Keys, Place::NamedProfile, Place::HomeProfile];
}

/// Credentials of this machine, and what is configured beside them.
#[derive(Debug)]
pub struct Found {
    /// The credentials.
    pub credentials: FoundCredentials,
    /// The project, from `HUAWEICLOUD_SDK_PROJECT_ID` or the profile file.
    pub project_id: Option<String>,
    /// The endpoint of IAM, from `HUAWEICLOUD_SDK_IAM_ENDPOINT` or the profile file.
    pub iam_endpoint: Option<String>,
}

impl Found {
    /// These credentials, with the project ID and the endpoint of IAM of the environment.
    pub fn new(credentials: FoundCredentials) -> Found {
        Found::with(credentials, &environment)
    }

    fn with(credentials: FoundCredentials, variables: Variables<'_>) -> Found {
        Found {
            credentials,
            project_id: variables(variable::PROJECT_ID),
            iam_endpoint: variables(variable::IAM_ENDPOINT),
        }
    }
}

/// The kinds of credentials that can be found.
#[derive(Debug)]
pub enum FoundCredentials {
    /// A user token.
    Token(Token),
    /// A user who signs in.
    Password(Password),
    /// An access key pair.
    Keys(Keys),
}

impl FoundCredentials {
    fn inner(&self) -> &dyn Credentials {
        match self {
            FoundCredentials::Token(token) => token,
            FoundCredentials::Password(password) => password,
            FoundCredentials::Keys(keys) => keys,
        }
    }
}

impl Credentials for FoundCredentials {
    fn authorize<'a>(
        &'a self,
        request: &'a mut reqwest::Request,
        http: &'a reqwest::Client,
        context: &'a Context,
    ) -> Authorizing<'a> {
        self.inner().authorize(request, http, context)
    }

    fn refused(&self, number: u64) -> bool {
        self.inner().refused(number)
    }
}

/// The credentials of the first of `places` that has some; `None` if none has. A variable that is empty counts as unset.
///
/// A project ID or IAM endpoint in the environment takes precedence over that in the profile file.
///
/// # Errors
/// A place has half of what it takes, such as an access key without its secret, or a named profile file cannot be read.
/// The error repeats no secret.
///
/// ```no_run
/// use ges_client::credentials::{Place, find};
///
/// // Everywhere but in the home directory.
/// let found = find(&[Place::Token, Place::Keys, Place::NamedProfile])?;
/// # Ok::<(), ges_client::Error>(())
/// ```
pub fn find(places: &[Place]) -> Result<Option<Found>, Error> {
    find_in(places, &environment, &read)
}

/// The keys in a profile file of the official SDK.
///
/// A project ID or IAM endpoint in the file takes precedence over that in the environment.
///
/// # Errors
/// The file cannot be read, or has no keys. The error repeats no secret.
pub fn from_profile(path: impl AsRef<Path>) -> Result<Found, Error> {
    from_profile_in(path.as_ref(), &environment, &read)
}

/// The error of a client for which [`find`] finds nothing.
pub(crate) fn none_found() -> Error {
    Error::no_credentials("none given and none found").missing_setting(Missing::Credentials).with_hint(format!(
        "pass some to `ClientBuilder::credentials`, or set {}; or {}, {} and {}; or {} and {}; or write the file {}",
        variable::TOKEN,
        variable::USER,
        variable::PASSWORD,
        variable::DOMAIN,
        variable::ACCESS_KEY,
        variable::SECRET_KEY,
        home_profile(&environment).unwrap_or_else(|| Path::new("~").join(HOME_PROFILE)).display(),
    ))
}

const HOME_PROFILE: &str = ".huaweicloud/credentials";

type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;
type Files<'a> = &'a dyn Fn(&Path) -> std::io::Result<Vec<u8>>;

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    std::fs::read(path)
}

fn find_in(places: &[Place], variables: Variables<'_>, files: Files<'_>) -> Result<Option<Found>, Error> {
    for place in places {
        let credentials = match place {
            Place::Token => token(variables)?.map(FoundCredentials::Token),
            Place::User => user(variables)?.map(FoundCredentials::Password),
            Place::Keys => keys(variables)?.map(FoundCredentials::Keys),
            Place::NamedProfile | Place::HomeProfile => match profile_of(*place, variables, files)? {
                Some(Profile { keys, project_id, iam_endpoint }) => {
                    let found = Found::with(FoundCredentials::Keys(keys), variables);
                    return Ok(Some(Found {
                        project_id: found.project_id.or(project_id),
                        iam_endpoint: found.iam_endpoint.or(iam_endpoint),
                        ..found
                    }));
                }
                None => None,
            },
        };
        if let Some(credentials) = credentials {
            return Ok(Some(Found::with(credentials, variables)));
        }
    }
    Ok(None)
}

/// The profile file that the environment names, or the one in the home directory if there is one.
fn profile_of(place: Place, variables: Variables<'_>, files: Files<'_>) -> Result<Option<Profile>, Error> {
    let named = place == Place::NamedProfile;
    let path = if named { variables(variable::PROFILE).map(PathBuf::from) } else { home_profile(variables) };
    let Some(path) = path else { return Ok(None) };
    match files(&path) {
        Err(error) if !named && error.kind() == ErrorKind::NotFound => Ok(None),
        text => profile(&path, text).map(Some),
    }
}

fn from_profile_in(path: &Path, variables: Variables<'_>, files: Files<'_>) -> Result<Found, Error> {
    let Profile { keys, project_id, iam_endpoint } = profile(path, files(path))?;
    let found = Found::with(FoundCredentials::Keys(keys), variables);
    Ok(Found {
        project_id: project_id.or(found.project_id),
        iam_endpoint: iam_endpoint.or(found.iam_endpoint),
        ..found
    })
}

fn profile(path: &Path, text: std::io::Result<Vec<u8>>) -> Result<Profile, Error> {
    let cannot = |error| Error::credentials(format!("the file {} cannot be read", path.display())).caused_by(error);
    Profile::parse(path, text.map_err(cannot)?)
}

fn home_profile(variables: Variables<'_>) -> Option<PathBuf> {
    let home = variables(if cfg!(windows) { "USERPROFILE" } else { "HOME" })?;
    Some(Path::new(&home).join(HOME_PROFILE))
}

fn token(variables: Variables<'_>) -> Result<Option<Token>, Error> {
    variables(variable::TOKEN).map(Token::new).transpose()
}

/// All three variables, or none.
fn user(variables: Variables<'_>) -> Result<Option<Password>, Error> {
    const NAMES: [&str; 3] = [variable::USER, variable::PASSWORD, variable::DOMAIN];
    let [user, password, domain] = NAMES.map(variables);
    let password = password.map(SecretString::from);
    match (user, password, domain) {
        (Some(user), Some(password), Some(domain)) => Ok(Some(Password::new(user, password, domain))),
        (None, None, None) => Ok(None),
        (user, password, domain) => {
            let is_set = [user.is_some(), password.is_some(), domain.is_some()];
            let of = |wanted| {
                let names = NAMES.iter().zip(is_set).filter(|(_, is_set)| *is_set == wanted);
                names.map(|(name, _)| *name).collect::<Vec<_>>().join(" and ")
            };
            Err(Error::credentials(format!("the environment has {} but no {}", of(true), of(false))))
        }
    }
}

fn keys(variables: Variables<'_>) -> Result<Option<Keys>, Error> {
    let secret = |name| variables(name).map(SecretString::from);
    let half = |has: &str, lacks: &str| {
        let name = |key| if key == "ak" { variable::ACCESS_KEY } else { variable::SECRET_KEY };
        format!("the environment has {} but no {}", name(has), name(lacks))
    };
    Keys::of_pair(variables(variable::ACCESS_KEY), secret(variable::SECRET_KEY), secret(variable::SECURITY_TOKEN), half)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# of the official SDK\r\n[global]\nak = wrong\n[basic]\nAK = ak-of-the-file\nsk: a=b%c\n; x\n\
                        project_id=p-of-the-file\niam_endpoint = https://iam.example\nsecurity_token =\n";

    /// The credentials, printed; the project and the endpoint of IAM.
    type Summary = (String, Option<String>, Option<String>);

    fn find_with(places: &[Place], variables: &[(&str, &str)], file: Option<&str>) -> Result<Summary, String> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let files = |path: &Path| match file {
            Some(text) if path.ends_with("credentials") => Ok(text.as_bytes().to_vec()),
            _ => Err(ErrorKind::NotFound.into()),
        };
        match find_in(places, &variable, &files).map_err(|error| error.to_string())? {
            Some(Found { credentials, project_id, iam_endpoint }) => {
                let credentials = match credentials {
                    FoundCredentials::Token(token) => format!("{token:?}"),
                    FoundCredentials::Password(password) => format!("{password:?}"),
                    FoundCredentials::Keys(keys) => format!("{keys:?}"),
                };
                Ok((credentials, project_id, iam_endpoint))
            }
            None => Err("none".to_owned()),
        }
    }

    #[track_caller]
    fn check(variables: &[(&str, &str)], file: Option<&str>, credentials: &str, project: Option<&str>) {
        let (found, found_project, _) = find_with(Place::ALL, variables, file).unwrap();
        assert_eq!((found.as_str(), found_project.as_deref()), (credentials, project));
    }

    #[test]
    fn the_environment_comes_before_the_file_and_a_token_before_keys() {
        let keys = [("HUAWEICLOUD_SDK_AK", "a"), ("HUAWEICLOUD_SDK_SK", "s"), ("HOME", "/h")];
        let all = [&keys[..], &[("GES_TOKEN", "t"), ("HUAWEICLOUD_SDK_PROJECT_ID", "p")]].concat();
        check(&all, Some(FILE), "Token(***)", Some("p"));
        check(&keys, Some(FILE), r#"Keys { access: "a", .. }"#, None);
        let user = [("GES_USER", "u"), ("GES_PASSWORD", "hunter2"), ("GES_DOMAIN", "d")];
        check(&[&keys[..], &user].concat(), Some(FILE), r#"Password { user: "u", domain: "d", .. }"#, None);
        check(&[&user[..], &[("GES_TOKEN", "t")]].concat(), Some(FILE), "Token(***)", None);
        check(&[("HOME", "/h")], Some(FILE), r#"Keys { access: "ak-of-the-file", .. }"#, Some("p-of-the-file"));
        check(
            &[("HOME", "/h"), ("HUAWEICLOUD_SDK_PROJECT_ID", "p")],
            Some(FILE),
            r#"Keys { access: "ak-of-the-file", .. }"#,
            Some("p"),
        );
        check(
            &[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/x/credentials")],
            Some(FILE),
            r#"Keys { access: "ak-of-the-file", .. }"#,
            Some("p-of-the-file"),
        );
    }

    #[test]
    fn a_file_that_was_named_comes_before_the_environment() {
        let environment = |name: &str| (name != "HOME").then(|| format!("{name} of the environment"));
        let files = |_: &Path| Ok(FILE.as_bytes().to_vec());
        let found = from_profile_in(Path::new("/x"), &environment, &files).unwrap();
        assert_eq!(format!("{:?}", found.credentials), r#"Keys(Keys { access: "ak-of-the-file", .. })"#);
        assert_eq!(found.project_id.as_deref(), Some("p-of-the-file"));
    }

    #[test]
    fn the_endpoint_of_iam_is_that_of_the_environment_or_of_the_file() {
        let iam = |variables: &[(&str, &str)]| find_with(Place::ALL, variables, Some(FILE)).unwrap().2;
        assert_eq!(iam(&[("HOME", "/h")]).as_deref(), Some("https://iam.example"));
        let exported = [("HOME", "/h"), ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "https://iam.other.example")];
        assert_eq!(iam(&exported).as_deref(), Some("https://iam.other.example"));
    }

    #[test]
    fn only_the_named_places_are_searched() {
        let all = [
            ("GES_TOKEN", "t"),
            ("GES_USER", "u"),
            ("GES_PASSWORD", "hunter2"),
            ("GES_DOMAIN", "d"),
            ("HUAWEICLOUD_SDK_AK", "a"),
            ("HUAWEICLOUD_SDK_SK", "s"),
            ("HOME", "/h"),
        ];
        let of_file = r#"Keys { access: "ak-of-the-file", .. }"#;
        for (place, expected) in [
            (Place::Token, "Token(***)"),
            (Place::User, r#"Password { user: "u", domain: "d", .. }"#),
            (Place::Keys, r#"Keys { access: "a", .. }"#),
            (Place::HomeProfile, of_file),
        ] {
            assert_eq!(find_with(&[place], &all, Some(FILE)).unwrap().0, expected, "{place:?}");
        }
        assert_eq!(find_with(&[Place::NamedProfile], &all, Some(FILE)).unwrap_err(), "none");
        assert_eq!(find_with(&[Place::HomeProfile], &all, None).unwrap_err(), "none");
        let named = [&all[..], &[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/x/credentials")]].concat();
        assert_eq!(find_with(&[Place::NamedProfile], &named, Some(FILE)).unwrap().0, of_file);
    }

    #[track_caller]
    fn check_error(variables: &[(&str, &str)], file: Option<&str>, expected: &str) {
        let message = find_with(Place::ALL, variables, file).unwrap_err();
        assert!(message.contains(expected), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }

    #[test]
    fn what_is_missing_is_named_and_secrets_are_not() {
        check_error(&[("HOME", "/h")], None, "none");
        check_error(&[], None, "none");
        check_error(&[("HUAWEICLOUD_SDK_SK", "hunter2")], Some(FILE), "HUAWEICLOUD_SDK_SK but no HUAWEICLOUD_SDK_AK");
        check_error(&[("HUAWEICLOUD_SDK_AK", "a")], Some(FILE), "HUAWEICLOUD_SDK_AK but no HUAWEICLOUD_SDK_SK");
        check_error(&[("HOME", "/h")], Some("[basic]\nsk = hunter2\n"), "has `sk` but no `ak`");
        check_error(&[("HOME", "/h")], Some("[global]\nsk = hunter2\n"), "no section [basic]");
        check_error(&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/nowhere")], None, "/nowhere cannot be read");
        check_error(&[("GES_TOKEN", "hunter2\n")], None, "line break");
        check_error(&[("GES_PASSWORD", "hunter2")], Some(FILE), "has GES_PASSWORD but no GES_USER and GES_DOMAIN");
        check_error(&[("GES_USER", "u"), ("GES_PASSWORD", "hunter2")], Some(FILE), "but no GES_DOMAIN");
    }
}
