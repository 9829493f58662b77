//! The credentials in a configuration: access keys and users.

use std::fmt;
use std::str::FromStr;

/// An access key pair (AK/SK) for signing requests.
///
/// ```
/// use ges_emulator::Key;
///
/// let bound = Key { project: Some("p1".to_owned()), ..Key::new("an-access-key", "its-secret") };
/// assert!(!format!("{bound:?}").contains("its-secret"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// The access key (AK), which names the pair.
    pub access: String,
    /// The secret key (SK).
    pub secret: String,
    /// The security token of a temporary key, which every request has to send and sign as `X-Security-Token`.
    pub security_token: Option<String>,
    /// The only project that it is valid for.
    pub project: Option<String>,
}

impl Key {
    /// A permanent key that is valid for every project.
    pub fn new(access: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { access: access.into(), secret: secret.into(), security_token: None, project: None }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("access", &self.access).field("project", &self.project).finish_non_exhaustive()
    }
}

/// A user who may sign in for a token. Written `name:password` or `name:password@domain`.
///
/// The last `@` begins the domain, so a password with an `@` needs a domain after it.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The name to sign in with.
    pub name: String,
    /// The password.
    pub password: String,
    /// The domain (account) of the user; without it, every domain is accepted.
    pub domain: Option<String>,
}

impl FromStr for User {
    type Err = InvalidUser;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, rest) = text.split_once(':').ok_or(InvalidUser)?;
        let (password, domain) = match rest.rsplit_once('@') {
            None => (rest, None),
            Some((password, domain)) => (password, Some(domain)),
        };
        if name.is_empty() || password.is_empty() || domain == Some("") {
            return Err(InvalidUser);
        }
        Ok(Self { name: name.to_owned(), password: password.to_owned(), domain: domain.map(str::to_owned) })
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("name", &self.name).field("domain", &self.domain).finish_non_exhaustive()
    }
}

/// A text that is not a valid [`User`]. The text is not kept, because it may contain a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidUser;

impl fmt::Display for InvalidUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a user as `name:password` or `name:password@domain`, with no part empty")
    }
}

impl std::error::Error for InvalidUser {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str, Option<&str>)>) {
        let user = text.parse::<User>().ok();
        let found = user.as_ref().map(|user| (&*user.name, &*user.password, user.domain.as_deref()));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_user_has_a_name_a_password_and_optionally_a_domain() {
        check("ann:secret", Some(("ann", "secret", None)));
        check("ann:secret@acme", Some(("ann", "secret", Some("acme"))));
        check("ann:se:cr@et@acme", Some(("ann", "se:cr@et", Some("acme"))));
    }

    #[test]
    fn other_texts_are_no_user() {
        for text in ["", "ann", ":", "ann:", ":secret", "ann:@acme", "ann:secret@"] {
            check(text, None);
        }
    }

    #[test]
    fn debug_and_errors_show_no_secrets() {
        let user = "ann:hunter2@acme".parse::<User>();
        let key = Key { security_token: Some("hunter2".to_owned()), ..Key::new("ak", "hunter2") };
        let invalid = "ann:hunter2@".parse::<User>().map_err(|error| error.to_string());
        assert!(!format!("{user:?} {key:?} {invalid:?}").contains("hunter2"));
    }
}
