//! Which credentials does this machine have for us, if nobody named any?

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::{Credentials, Keys, Password, Token};
use crate::error::{Error, Missing};

/// What was found, and what stood beside it.
pub(crate) struct Found {
    pub(crate) credentials: Box<dyn Credentials>,
    pub(crate) project_id: Option<String>,
    pub(crate) iam_endpoint: Option<String>,
}

/// Looks, in this order, for a token in `GES_TOKEN`, for a user in `GES_USER`, `GES_PASSWORD` and `GES_DOMAIN`, for keys in
/// `HUAWEICLOUD_SDK_AK` and `HUAWEICLOUD_SDK_SK`, and for keys in the official SDK's profile file.
///
/// With a profile file that somebody named, that file comes first and is the only place for keys.
///
/// Source: reference, section 4, "Credentials" (names and format; of the file, section `[basic]`). The official SDK takes
/// neither tokens nor users, so the names of their variables are ours.
pub(crate) fn find(named: Option<&Path>) -> Result<Found, Error> {
    find_in(named, &|name| std::env::var(name).ok(), &|path| std::fs::read(path))
}

/// The keys of a profile file, and the project that it names.
pub(super) fn in_profile(path: &Path) -> Result<(Keys, Option<String>), Error> {
    let found = profile(Some(path), &|_| None, &|path| std::fs::read(path))?;
    Ok((found.keys, found.project_id))
}

type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;
type Files<'a> = &'a dyn Fn(&Path) -> std::io::Result<Vec<u8>>;

fn find_in(named: Option<&Path>, variables: Variables<'_>, files: Files<'_>) -> Result<Found, Error> {
    let variable = |name: &str| variables(name).filter(|value| !value.is_empty());
    let secret = |name: &str| variable(name).map(SecretString::from);
    if named.is_some() {
        let mut found = Found::from(profile(named, &variable, files)?);
        found.project_id = found.project_id.or_else(|| variable("HUAWEICLOUD_SDK_PROJECT_ID"));
        found.iam_endpoint = found.iam_endpoint.or_else(|| variable("HUAWEICLOUD_SDK_IAM_ENDPOINT"));
        return Ok(found);
    }
    let of_environment = |credentials| Found { credentials, project_id: None, iam_endpoint: None };
    let mut found = if let Some(token) = secret("GES_TOKEN") {
        of_environment(Box::new(Token::new(token)?))
    } else if let Some(user) = user(&variable)? {
        of_environment(Box::new(user))
    } else {
        let access = variable("HUAWEICLOUD_SDK_AK");
        let key = secret("HUAWEICLOUD_SDK_SK");
        let half = |has: &str, lacks: &str| {
            let [has, lacks] = [has, lacks].map(|key| format!("HUAWEICLOUD_SDK_{}", key.to_uppercase()));
            format!("the environment has {has} and no {lacks}")
        };
        match keys(access, key, secret("HUAWEICLOUD_SDK_SECURITY_TOKEN"), half)? {
            Some(keys) => of_environment(Box::new(keys)),
            None => profile(None, &variable, files)?.into(),
        }
    };
    found.project_id = variable("HUAWEICLOUD_SDK_PROJECT_ID").or(found.project_id);
    found.iam_endpoint = variable("HUAWEICLOUD_SDK_IAM_ENDPOINT").or(found.iam_endpoint);
    Ok(found)
}

/// Who signs in: all three variables, or none.
fn user(variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Password>, Error> {
    const NAMES: [&str; 3] = ["GES_USER", "GES_PASSWORD", "GES_DOMAIN"];
    let [user, password, domain] = NAMES.map(variable);
    let password = password.map(SecretString::from);
    match (user, password, domain) {
        (Some(user), Some(password), Some(domain)) => Ok(Some(Password::new(user, password, domain))),
        (None, None, None) => Ok(None),
        (user, password, domain) => {
            let is_there = [user.is_some(), password.is_some(), domain.is_some()];
            let of = |wanted| {
                let names = NAMES.iter().zip(is_there).filter(|(_, is_there)| *is_there == wanted);
                names.map(|(name, _)| *name).collect::<Vec<_>>().join(" and ")
            };
            Err(Error::credentials(format!("the environment has {} and no {}", of(true), of(false))))
        }
    }
}

/// Half a pair is a mistake that somebody wants to know about, and not a reason to go on looking.
fn keys(
    access: Option<String>,
    secret: Option<SecretString>,
    security_token: Option<SecretString>,
    half: impl Fn(&str, &str) -> String,
) -> Result<Option<Keys>, Error> {
    let half = |has, lacks| Error::credentials(half(has, lacks));
    let (access, secret) = match (access, secret) {
        (Some(access), Some(secret)) => (access, secret),
        (None, None) => return Ok(None),
        (Some(_), None) => return Err(half("ak", "sk")),
        (None, Some(_)) => return Err(half("sk", "ak")),
    };
    let keys = Keys::new(access, secret);
    Ok(Some(match security_token {
        Some(token) => keys.security_token(token)?,
        None => keys,
    }))
}

/// What a profile file says.
struct Profile {
    keys: Keys,
    project_id: Option<String>,
    iam_endpoint: Option<String>,
}

impl From<Profile> for Found {
    fn from(Profile { keys, project_id, iam_endpoint }: Profile) -> Found {
        Found { credentials: Box::new(keys), project_id, iam_endpoint }
    }
}

fn profile(
    named: Option<&Path>,
    variable: &dyn Fn(&str) -> Option<String>,
    files: Files<'_>,
) -> Result<Profile, Error> {
    let named = named.map(Path::to_owned).or_else(|| variable("HUAWEICLOUD_SDK_CREDENTIALS_FILE").map(PathBuf::from));
    let home = || variable(if cfg!(windows) { "USERPROFILE" } else { "HOME" }).map(PathBuf::from);
    let path = named.clone().or_else(|| home().map(|home| home.join(".huaweicloud/credentials")));
    let shown =
        path.as_deref().map_or_else(|| "~/.huaweicloud/credentials".to_owned(), |path| path.display().to_string());
    let read = path.as_deref().map(files).unwrap_or_else(|| Err(std::io::ErrorKind::NotFound.into()));
    let text = match read {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
            let places = format!(
                "GES_TOKEN, GES_USER with GES_PASSWORD and GES_DOMAIN, HUAWEICLOUD_SDK_AK with HUAWEICLOUD_SDK_SK, and the \
                 file {shown}"
            );
            return Err(Error::credentials("nobody named any, and there are none where they are looked for")
                .for_want_of(Missing::Credentials)
                .with_hint(format!("looked at {places}; or pass some to `ClientBuilder::credentials`")));
        }
        Err(error) => return Err(Error::credentials(format!("the file {shown} cannot be read")).caused_by(error)),
    };
    let text = std::str::from_utf8(&text).map_err(|_| Error::credentials(format!("the file {shown} is not text")))?;
    let value = |key: &str| value(text, "basic", key).map(str::to_owned);
    let secret = |key: &str| value(key).map(SecretString::from);
    let half = |has: &str, lacks: &str| format!("the section [basic] of {shown} has `{has}` and no `{lacks}`");
    let keys = keys(value("ak"), secret("sk"), secret("security_token"), half)?
        .ok_or_else(|| Error::credentials(format!("the file {shown} has no section [basic] with `ak` and `sk`")))?;
    Ok(Profile { keys, project_id: value("project_id"), iam_endpoint: value("iam_endpoint") })
}

/// A value of an INI file as Python's `configparser`, which the official SDK uses, reads it: names in any case, `=` or
/// `:` between name and value, whole lines as comments. Borrowed, so that no copy of a secret is left behind; that is why
/// no library does it.
fn value<'a>(text: &'a str, section: &str, key: &str) -> Option<&'a str> {
    let mut is_in_section = false;
    let mut found = None;
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_in_section = name == section;
        } else if is_in_section
            && let Some((name, value)) = line.split_once(['=', ':'])
            && name.trim().eq_ignore_ascii_case(key)
        {
            found = Some(value.trim()).filter(|value| !value.is_empty());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# of the official SDK\r\n[global]\nak = wrong\n[basic]\nAK = ak-of-the-file\nsk: a=b%c\n; x\n\
                        project_id=p-of-the-file\niam_endpoint = https://iam.example\nsecurity_token =\n";

    fn find_with(
        variables: &[(&str, &str)],
        file: Option<&str>,
    ) -> Result<(String, Option<String>, Option<String>), String> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let files = |path: &Path| match file {
            Some(text) if path.ends_with("credentials") => Ok(text.as_bytes().to_vec()),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        };
        let found = find_in(None, &variable, &files).map_err(|error| error.to_string())?;
        Ok((format!("{:?}", found.credentials), found.project_id, found.iam_endpoint))
    }

    #[track_caller]
    fn check(variables: &[(&str, &str)], file: Option<&str>, credentials: &str, project: Option<&str>) {
        let (found, found_project, _) = find_with(variables, file).unwrap();
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
        let found = find_in(Some(Path::new("/x")), &environment, &files).unwrap();
        assert_eq!(format!("{:?}", found.credentials), r#"Keys { access: "ak-of-the-file", .. }"#);
        assert_eq!(found.project_id.as_deref(), Some("p-of-the-file"));
    }

    #[test]
    fn values_are_read_as_the_official_sdk_reads_them() {
        assert_eq!(value(FILE, "basic", "sk"), Some("a=b%c"));
        assert_eq!(value(FILE, "basic", "security_token"), None);
        assert_eq!(value(FILE, "global", "sk"), None);
        let iam = find_with(&[("HOME", "/h")], Some(FILE)).unwrap().2;
        assert_eq!(iam.as_deref(), Some("https://iam.example"));
    }

    #[track_caller]
    fn check_error(variables: &[(&str, &str)], file: Option<&str>, expected: &str) {
        let message = find_with(variables, file).unwrap_err();
        assert!(message.contains(expected), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }

    #[test]
    fn what_is_missing_is_named_and_secrets_are_not() {
        check_error(&[("HOME", "/h")], None, "/h/.huaweicloud/credentials");
        check_error(&[], None, "GES_TOKEN");
        check_error(&[("HUAWEICLOUD_SDK_SK", "hunter2")], Some(FILE), "HUAWEICLOUD_SDK_SK and no HUAWEICLOUD_SDK_AK");
        check_error(&[("HUAWEICLOUD_SDK_AK", "a")], Some(FILE), "HUAWEICLOUD_SDK_AK and no HUAWEICLOUD_SDK_SK");
        check_error(&[("HOME", "/h")], Some("[basic]\nsk = hunter2\n"), "has `sk` and no `ak`");
        check_error(&[("HOME", "/h")], Some("[global]\nsk = hunter2\n"), "no section [basic]");
        check_error(&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/nowhere")], None, "/nowhere cannot be read");
        check_error(&[("GES_TOKEN", "hunter2\n")], None, "line break");
        check_error(&[("GES_PASSWORD", "hunter2")], Some(FILE), "has GES_PASSWORD and no GES_USER and GES_DOMAIN");
        check_error(&[("GES_USER", "u"), ("GES_PASSWORD", "hunter2")], Some(FILE), "and no GES_DOMAIN");
    }
}
