//! Authenticates a request, and determines the projects that its caller may use.
//!
//! If a request has an `X-Auth-Token`, only the token counts: the official SDKs sign every request, even one that a token
//! was added to. Otherwise the signature counts.

use crate::auth::credentials::{Key, User};
use crate::auth::signature::{ALGORITHM, MAX_SKEW, SECURITY_TOKEN, Signature, SigningKey};
use crate::auth::token::{Claims, Issuer};
use crate::service::clock::Timestamp;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use std::borrow::Cow;
use std::fmt;
use subtle::ConstantTimeEq;

/// Authenticates callers by the credentials of the configuration.
pub(crate) struct Authenticator {
    tokens: Vec<String>,
    /// Each with its secret, prepared for use.
    keys: Vec<(Key, SigningKey)>,
    pub(super) users: Vec<User>,
    pub(super) issuer: Issuer,
    /// The project of every region.
    pub(super) project_id: String,
}

/// The two clocks. A signature has the date of the caller's clock, which is close to the system's; a token expires by the
/// emulator's clock.
pub(crate) trait Clocks {
    fn system(&self) -> Timestamp;
    fn emulated(&self) -> Timestamp;
}

/// What a caller may call.
#[derive(Debug, PartialEq)]
pub(crate) enum Scope<'a> {
    Everything,
    Project(Cow<'a, str>),
    /// A token for a domain is not accepted by the service
    /// ("must be project scoped", reference: gateway facts).
    Domain,
}

impl Scope<'_> {
    pub(crate) fn admits(&self, project: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Project(own) => own == project,
            Self::Domain => false,
        }
    }

    fn of_key(project: Option<&str>) -> Scope<'_> {
        project.map_or(Scope::Everything, |project| Scope::Project(project.into()))
    }

    fn of_token(claims: Claims) -> Self {
        claims.project.map_or(Self::Domain, |project| Self::Project(project.into()))
    }
}

/// Why a request is rejected. The messages are those of the gateway (reference: gateway facts).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unauthenticated {
    NoToken,
    WrongToken,
    WrongSignature,
    UnknownKey { access: String },
}

impl Unauthenticated {
    pub(crate) fn message(&self) -> String {
        let tail: Cow<'_, str> = match self {
            Self::NoToken => "x-auth-token not found".into(),
            Self::WrongToken => "decrypt token fail".into(),
            Self::WrongSignature => "verify aksk signature fail".into(),
            Self::UnknownKey { access } => format!("Get secretKey failed,ak:{access},err:ak not exist").into(),
        };
        format!("Incorrect IAM authentication information: {tail}")
    }
}

static TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

enum Found<'a> {
    None,
    One(&'a HeaderValue),
    Several,
}

fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Found<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Found::None,
        (Some(value), None) => Found::One(value),
        _ => Found::Several,
    }
}

impl Authenticator {
    pub(crate) fn new(tokens: &[String], keys: &[Key], users: &[User], project_id: &str, seed: u64) -> Self {
        Self {
            tokens: tokens.to_vec(),
            keys: keys.iter().map(|key| (key.clone(), SigningKey::new(key.secret.as_bytes()))).collect(),
            users: users.to_vec(),
            issuer: Issuer::new(seed, secrets(tokens, keys, users)),
            project_id: project_id.to_owned(),
        }
    }

    /// What the caller of this request may call.
    pub(crate) fn authenticate(
        &self,
        request: &Request<Bytes>,
        clocks: &dyn Clocks,
    ) -> Result<Scope<'_>, Unauthenticated> {
        let headers = request.headers();
        match (only(headers, &TOKEN), only(headers, &AUTHORIZATION)) {
            (Found::Several, _) => Err(Unauthenticated::WrongToken),
            (Found::One(token), _) if !token.is_empty() => self.scope_of_token(token.as_bytes(), clocks),
            (_, Found::One(authorization)) if authorization.as_bytes().starts_with(ALGORITHM.as_bytes()) => {
                self.scope_of_signature(authorization, request, clocks)
            }
            (_, Found::Several) => Err(Unauthenticated::WrongSignature),
            // Another scheme counts as no authorization.
            (_, Found::One(_) | Found::None) => Err(Unauthenticated::NoToken),
        }
    }

    /// Whether the configuration has no credentials, so that any are accepted.
    fn is_open(&self) -> bool {
        self.tokens.is_empty() && self.keys.is_empty() && self.users.is_empty()
    }

    fn scope_of_token(&self, presented: &[u8], clocks: &dyn Clocks) -> Result<Scope<'_>, Unauthenticated> {
        if let Some(claims) = std::str::from_utf8(presented).ok().and_then(|token| self.issuer.read(token)) {
            let is_valid = claims.is_valid(clocks.emulated());
            return if is_valid { Ok(Scope::of_token(claims)) } else { Err(Unauthenticated::WrongToken) };
        }
        // Every accepted token is compared, so that the time taken reveals nothing about them.
        let compare = |accepted, token: &String| accepted | same(presented, token.as_bytes());
        let accepted = self.tokens.iter().fold(self.is_open(), compare);
        if accepted { Ok(Scope::Everything) } else { Err(Unauthenticated::WrongToken) }
    }

    fn scope_of_signature(
        &self,
        authorization: &HeaderValue,
        request: &Request<Bytes>,
        clocks: &dyn Clocks,
    ) -> Result<Scope<'_>, Unauthenticated> {
        let wrong = Unauthenticated::WrongSignature;
        let Some(signature) = Signature::read(authorization, request.headers()) else { return Err(wrong) };
        if self.is_open() {
            return Ok(Scope::Everything);
        }
        let unknown = || Unauthenticated::UnknownKey { access: signature.access.to_owned() };
        let known = self.keys.iter().find(|(key, _)| key.access == signature.access);
        let (key, secret) = known.ok_or_else(unknown)?;
        if let Some(expected) = &key.security_token {
            // A temporary key without its token is an unknown key.
            let presented = request.headers().get(&SECURITY_TOKEN).map_or(b"".as_slice(), HeaderValue::as_bytes);
            if !signature.covers(&SECURITY_TOKEN) || !same(presented, expected.as_bytes()) {
                return Err(unknown());
            }
        }
        let now = clocks.system();
        let skew = now.since(signature.signed_at).max(signature.signed_at.since(now));
        if skew > MAX_SKEW || !signature.is_by(secret, request) {
            return Err(wrong);
        }
        Ok(Scope::of_key(key.project.as_deref()))
    }

    /// Tokens, secret keys and passwords.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        secrets(&self.tokens, self.keys.iter().map(|(key, _)| key), &self.users)
    }
}

/// The order matters: tokens depend on it.
fn secrets<'a>(
    tokens: &'a [String],
    keys: impl IntoIterator<Item = &'a Key>,
    users: &'a [User],
) -> impl Iterator<Item = &'a str> {
    let of_keys = keys.into_iter().flat_map(|key| std::iter::once(&key.secret).chain(&key.security_token));
    let passwords = users.iter().map(|user| &user.password);
    tokens.iter().chain(of_keys).chain(passwords).map(String::as_str)
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

/// Compares in constant time. The length is no secret.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::credentials::Key;
    use crate::config::Config;
    use crate::service::id::Ids;
    use std::time::{Duration, SystemTime};

    /// When vector B of the reference was signed: 2026-01-02T03:04:05Z.
    const SIGNED: u64 = 1_767_323_045;

    struct Times {
        system: u64,
        emulated: u64,
    }

    fn moment(seconds: u64) -> Timestamp {
        Timestamp::from_system(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    impl Clocks for Times {
        fn system(&self) -> Timestamp {
            moment(self.system)
        }

        fn emulated(&self) -> Timestamp {
            moment(self.emulated)
        }
    }

    #[track_caller]
    fn check_at(headers: &[(&str, &str)], config: &Config, times: Times, expected: Result<Scope<'_>, Unauthenticated>) {
        let mut request =
            Request::post("/v2/0123456789abcdef0123456789abcdef/graphs/4c5f882d-a813-4d78-a8e3-6d3212ddd121/stop");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let authenticator = config.authenticator();
        let found = authenticator.authenticate(&request.body(Bytes::new()).unwrap(), &times);
        assert_eq!(found, expected, "{headers:?}");
    }

    #[track_caller]
    fn check(headers: &[(&str, &str)], config: &Config, expected: Result<Scope<'_>, Unauthenticated>) {
        check_at(headers, config, Times { system: SIGNED, emulated: SIGNED }, expected);
    }

    #[track_caller]
    fn check_tokens(presented: &[&str], accepted: &[&str], expected: Result<Scope<'_>, Unauthenticated>) {
        let tokens = accepted.iter().map(ToString::to_string).collect();
        let headers: Vec<_> = presented.iter().map(|token| ("X-Auth-Token", *token)).collect();
        check(&headers, &Config { tokens, ..Config::default() }, expected);
    }

    #[test]
    fn a_configured_token_is_accepted() {
        check_tokens(&["one"], &["one"], Ok(Scope::Everything));
        check_tokens(&["two"], &["one", "two"], Ok(Scope::Everything));
        check_tokens(&["one"], &["one", "one"], Ok(Scope::Everything));
    }

    #[test]
    fn any_other_token_is_refused() {
        for wrong in ["ones", "on", "onE", "One"] {
            check_tokens(&[wrong], &["one"], Err(Unauthenticated::WrongToken));
        }
        check_tokens(&["one", "one"], &["one"], Err(Unauthenticated::WrongToken));
    }

    #[test]
    fn a_token_is_required() {
        check_tokens(&[], &["one"], Err(Unauthenticated::NoToken));
        check_tokens(&[], &[], Err(Unauthenticated::NoToken));
        check_tokens(&[""], &[], Err(Unauthenticated::NoToken));
    }

    #[test]
    fn without_configured_credentials_any_token_is_accepted() {
        check_tokens(&["anything"], &[], Ok(Scope::Everything));
        for config in [with_key(key()), with_user()] {
            check(&[("X-Auth-Token", "anything")], &config, Err(Unauthenticated::WrongToken));
        }
    }

    fn with_key(key: Key) -> Config {
        Config { keys: vec![Key::new("other", "s"), key], ..Config::default() }
    }

    fn with_user() -> Config {
        Config { users: vec!["ann:secret".parse().unwrap()], ..Config::default() }
    }

    fn key() -> Key {
        Key::new("AKIDEXAMPLE000000001", "SecretKeyExample0000000000000000000000001")
    }

    const NAMES: &str = "content-type;host;x-project-id;x-sdk-date";

    /// The headers of vector B of the reference.
    const B: [(&str, &str); 5] = [
        ("Host", "ges.cn-north-4.myhuaweicloud.com"),
        ("X-Sdk-Date", "20260102T030405Z"),
        ("Content-Type", "application/json"),
        ("X-Project-Id", "0123456789abcdef0123456789abcdef"),
        (
            "Authorization",
            "SDK-HMAC-SHA256 Access=AKIDEXAMPLE000000001, SignedHeaders=content-type;host;x-project-id;x-sdk-date, \
             Signature=3b4ac56f3f3daed6055eb23b4d0b1a963950b59b00e05b6c2e5e775c3f98b45b",
        ),
    ];

    #[test]
    fn a_signed_request_is_accepted() {
        check(&B, &with_key(key()), Ok(Scope::Everything));
    }

    #[test]
    fn a_key_may_be_bound_to_a_project() {
        let bound = Key { project: Some("p1".to_owned()), ..key() };
        check(&B, &with_key(bound), Ok(Scope::Project("p1".into())));
        assert!(Scope::Project("p1".into()).admits("p1"));
        assert!(!Scope::Project("p1".into()).admits("p2"));
        assert!(!Scope::Domain.admits("p1"));
    }

    #[test]
    fn a_wrong_signature_is_refused() {
        let wrong = Key { secret: "another".to_owned(), ..key() };
        check(&B, &with_key(wrong), Err(Unauthenticated::WrongSignature));
    }

    #[test]
    fn an_unknown_key_is_named() {
        let unknown = Unauthenticated::UnknownKey { access: "AKIDEXAMPLE000000001".to_owned() };
        let tokens_only = Config { tokens: vec!["one".to_owned()], ..Config::default() };
        for config in [with_key(Key::new("another", "s")), tokens_only, with_user()] {
            check(&B, &config, Err(unknown.clone()));
        }
        assert_eq!(
            unknown.message(),
            "Incorrect IAM authentication information: \
             Get secretKey failed,ak:AKIDEXAMPLE000000001,err:ak not exist"
        );
    }

    #[test]
    fn a_signature_is_valid_for_fifteen_minutes_of_the_system_clock() {
        let config = with_key(key());
        for (system, good) in [(-901_i64, false), (-900, true), (900, true), (901, false)] {
            let times = Times { system: SIGNED.saturating_add_signed(system), emulated: SIGNED };
            let expected = if good { Ok(Scope::Everything) } else { Err(Unauthenticated::WrongSignature) };
            check_at(&B, &config, times, expected);
        }
        let moved = Times { system: SIGNED, emulated: SIGNED + 7 * 86_400 };
        check_at(&B, &config, moved, Ok(Scope::Everything));
    }

    #[test]
    fn a_temporary_key_requires_its_signed_token() {
        let temporary = Key { security_token: Some("sts".to_owned()), ..key() };
        let unknown = Unauthenticated::UnknownKey { access: temporary.access.clone() };
        let unsigned = [B.as_slice(), &[("X-Security-Token", "sts")]].concat();
        for headers in [B.as_slice(), &unsigned] {
            check(headers, &with_key(temporary.clone()), Err(unknown.clone()));
        }
        // A key that is not temporary has no use for it.
        check(&unsigned, &with_key(key()), Ok(Scope::Everything));
    }

    #[test]
    fn without_configured_credentials_any_well_formed_signature_is_accepted() {
        check(&B, &Config::default(), Ok(Scope::Everything));
        let malformed = B[4].1.replace("host;", "");
        let headers = [&B[..4], &[("Authorization", malformed.as_str())]].concat();
        check(&headers, &Config::default(), Err(Unauthenticated::WrongSignature));
        assert!(B[4].1.contains(NAMES));
    }

    #[test]
    fn a_token_takes_precedence_over_a_signature() {
        let tokens = vec!["one".to_owned()];
        let config = Config { tokens, ..with_key(key()) };
        let with = |token| [B.as_slice(), &[("X-Auth-Token", token)]].concat();
        check(&with("one"), &config, Ok(Scope::Everything));
        check(&with("two"), &config, Err(Unauthenticated::WrongToken));
        check(&with(""), &config, Ok(Scope::Everything));
    }

    #[test]
    fn another_authorization_scheme_is_ignored() {
        for text in ["Basic YTpi", "Bearer x", ""] {
            check(&[("Authorization", text)], &Config::default(), Err(Unauthenticated::NoToken));
        }
        check(&[B[4], B[4]], &Config::default(), Err(Unauthenticated::WrongSignature));
    }

    #[test]
    fn an_issued_token_is_valid_for_a_day_of_the_emulators_clock() {
        for config in [Config::default(), with_user(), with_key(key())] {
            let claims = Claims { project: Some("p1".to_owned()), at: moment(SIGNED) };
            let token = config.authenticator().issuer.issue(Ids::new(0).request(), &claims);
            let headers = [("X-Auth-Token", token.as_str())];
            let later = |hours: u64| Times { system: SIGNED, emulated: SIGNED + hours * 60 * 60 };
            check_at(&headers, &config, later(23), Ok(Scope::Project("p1".into())));
            check_at(&headers, &config, later(24), Err(Unauthenticated::WrongToken));
        }
    }

    #[test]
    fn a_token_for_a_domain_is_valid_for_no_project() {
        let config = Config::default();
        let claims = Claims { project: None, at: moment(SIGNED) };
        let token = config.authenticator().issuer.issue(Ids::new(0).request(), &claims);
        check(&[("X-Auth-Token", token.as_str())], &config, Ok(Scope::Domain));
    }
}
