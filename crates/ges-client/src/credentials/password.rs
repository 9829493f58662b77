//! An IAM user with a password, and the tokens from signing in.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use http::{HeaderName, HeaderValue, Method};
use reqwest::Request;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::authorize::{Authorizing, Context, Credentials};
use super::token::HEADER;
use crate::endpoint::Region;
use crate::error::{Error, Missing};
use crate::response::{Reading, Reply};
use crate::secret;

const SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");
/// Source: reference, "gateway facts": "token: valid 24 h".
const DOCUMENTED_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// An IAM user, who signs in with name and password (`POST /v3/auth/tokens`) when the first call needs a token.
///
/// All calls share the token. It is renewed in the last 24th of its lifetime (of the usual 24 hours, the last one), and
/// when the service refuses it. If many calls need a token at once, one signs in and the others wait; a failed sign-in fails
/// all of them, so that a wrong password does not lock the user.
///
/// Source: reference, "gateway facts" (request, response, lifetime of a token).
pub struct Password {
    user: String,
    password: SecretString,
    domain: String,
    session: RwLock<Option<Arc<Session>>>,
    /// Held while signing in; the error of the latest sign-in, if it failed.
    signing_in: Mutex<Option<Error>>,
    failures: AtomicU64,
    sign_ins: AtomicU64,
}

/// A token with its scope and lifetime.
struct Session {
    number: u64,
    token: HeaderValue,
    region: Option<Region>,
    project_id: Option<String>,
    since: Instant,
    lifetime: Duration,
}

impl Password {
    /// The user `user` of the account `domain`. (IAM calls accounts domains.)
    pub fn new(user: impl Into<String>, password: impl Into<SecretString>, domain: impl Into<String>) -> Password {
        Password {
            user: user.into(),
            password: password.into(),
            domain: domain.into(),
            session: RwLock::new(None),
            signing_in: Mutex::new(None),
            failures: AtomicU64::new(0),
            sign_ins: AtomicU64::new(0),
        }
    }

    async fn session(&self, http: &reqwest::Client, context: &Context) -> Result<Arc<Session>, Error> {
        let failures = self.failures.load(Ordering::Acquire);
        if let Some(session) = self.current(context) {
            if !session.is_old() {
                return Ok(session);
            }
            // Still valid: one call renews it, the others use it meanwhile.
            let Ok(mut last_failure) = self.signing_in.try_lock() else { return Ok(session) };
            if let Some(newer) = self.current(context).filter(|newer| !newer.is_old()) {
                return Ok(newer);
            }
            return match self.sign_in(http, context, &mut last_failure).await {
                Ok(newer) => Ok(newer),
                Err(error) => {
                    tracing::warn!(status = error.status(), "the token expires soon and could not be renewed");
                    Ok(session)
                }
            };
        }
        let mut last_failure = self.signing_in.lock().await;
        if let Some(session) = self.current(context) {
            return Ok(session);
        }
        if self.failures.load(Ordering::Acquire) != failures
            && let Some(error) = &*last_failure
        {
            return Err(error.clone());
        }
        self.sign_in(http, context, &mut last_failure).await
    }

    /// The current token, if it is for this scope and has not expired.
    fn current(&self, context: &Context) -> Option<Arc<Session>> {
        let session = self.session.read().unwrap_or_else(PoisonError::into_inner).clone();
        session.filter(|session| session.since.elapsed() < session.lifetime && session.is_for(context))
    }

    async fn sign_in(
        &self,
        http: &reqwest::Client,
        context: &Context,
        last_failure: &mut MutexGuard<'_, Option<Error>>,
    ) -> Result<Arc<Session>, Error> {
        let password = self.password.expose_secret().as_bytes();
        let outcome = self.fetch(http, context).await;
        match outcome.map_err(|error| error.without([password]).while_signing_in()) {
            Ok(session) => {
                let session = Arc::new(session);
                *self.session.write().unwrap_or_else(PoisonError::into_inner) = Some(session.clone());
                **last_failure = None;
                Ok(session)
            }
            Err(error) => {
                **last_failure = Some(error.clone());
                self.failures.fetch_add(1, Ordering::Release);
                Err(error)
            }
        }
    }

    async fn fetch(&self, http: &reqwest::Client, context: &Context) -> Result<Session, Error> {
        let iam = context.iam_endpoint().ok_or_else(|| {
            Error::credentials("a sign-in needs the endpoint of IAM")
                .missing_setting(Missing::IamEndpoint)
                .with_hint("set `ClientBuilder::region` or `ClientBuilder::iam_endpoint`")
        })?;
        let project = match (context.project_id(), context.region()) {
            (Some(id), _) => Project { id: Some(id), name: None },
            (None, Some(region)) => Project { id: None, name: Some(region) },
            (None, None) => {
                return Err(Error::credentials("a sign-in needs a project ID or a region"));
            }
        };
        let mut url = iam.clone();
        url.set_path(&format!("{}/v3/auth/tokens", iam.path().trim_end_matches('/')));
        let mut request = Request::new(Method::POST, url);
        request
            .headers_mut()
            .insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf8"));
        *request.body_mut() = Some(self.body(project)?.into());
        let since = Instant::now();
        let reading = Reading { is_success: |status| status == 201, has_effect: false };
        let mut response = http.execute(request).await.map_err(|error| Error::transport(error, false))?;
        // The token is in the header. The body is optional.
        let token = response.headers().get(SUBJECT_TOKEN).filter(|_| response.status().is_success());
        let Some(token) = token.and_then(|token| secret::header(token.as_bytes())) else {
            reading.read::<Nothing>(&mut response).await?;
            return Err(Error::credentials("the response of IAM has no token (`X-Subject-Token`)"));
        };
        let Issued { expires_at, issued_at, project } = read_issued(response).await;
        tracing::debug!(lifetime = ?lifetime(expires_at.as_deref(), issued_at.as_deref()), "signed in");
        Ok(Session {
            number: self.sign_ins.fetch_add(1, Ordering::Relaxed),
            token,
            region: context.region.clone(),
            project_id: project.and_then(|project| project.id).or_else(|| context.project_id.clone().map(String::from)),
            since,
            lifetime: lifetime(expires_at.as_deref(), issued_at.as_deref()).unwrap_or(DOCUMENTED_LIFETIME),
        })
    }

    /// The body of the sign-in, in memory that is overwritten when it is dropped.
    fn body(&self, project: Project<'_>) -> Result<bytes::Bytes, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            auth: Auth<'a>,
        }
        #[derive(Serialize)]
        struct Auth<'a> {
            identity: Identity<'a>,
            scope: Scope<'a>,
        }
        #[derive(Serialize)]
        struct Identity<'a> {
            methods: [&'a str; 1],
            password: PasswordOf<'a>,
        }
        #[derive(Serialize)]
        struct PasswordOf<'a> {
            user: User<'a>,
        }
        #[derive(Serialize)]
        struct User<'a> {
            name: &'a str,
            password: &'a str,
            domain: Named<'a>,
        }
        #[derive(Serialize)]
        struct Named<'a> {
            name: &'a str,
        }
        #[derive(Serialize)]
        struct Scope<'a> {
            project: Project<'a>,
        }

        let password = self.password.expose_secret();
        let user = User { name: &self.user, password, domain: Named { name: &self.domain } };
        let identity = Identity { methods: ["password"], password: PasswordOf { user } };
        let body = Body { auth: Auth { identity, scope: Scope { project } } };
        // Enough capacity even if all is escaped: a reallocation would leave a copy behind.
        let room = 1024 + 6 * (self.user.len() + password.len() + self.domain.len() + 256);
        let mut text = Zeroizing::new(Vec::with_capacity(room));
        serde_json::to_writer(&mut *text, &body)
            .map_err(|_| Error::credentials("the sign-in request cannot be serialized"))?;
        Ok(secret::bytes(text))
    }
}

#[derive(Serialize)]
struct Project<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

/// The description of a token in the response.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Issued {
    expires_at: Option<String>,
    issued_at: Option<String>,
    project: Option<Scope>,
}

#[derive(Deserialize)]
struct Scope {
    id: Option<String>,
}

async fn read_issued(response: reqwest::Response) -> Issued {
    #[derive(Deserialize)]
    struct Body {
        token: Issued,
    }

    let body = response.bytes().await.unwrap_or_default();
    serde_json::from_slice::<Body>(&body).map(|body| body.token).unwrap_or_default()
}

/// Both times are of IAM's clock, so the local clock does not matter.
fn lifetime(expires_at: Option<&str>, issued_at: Option<&str>) -> Option<Duration> {
    let time = |text: &str| humantime::parse_rfc3339_weak(text.trim_end_matches('Z')).ok();
    let (from, to): (SystemTime, SystemTime) = (time(issued_at?)?, time(expires_at?)?);
    to.duration_since(from).ok()
}

/// The object of a failure, which has none.
#[derive(Deserialize)]
struct Nothing {}

impl Reply for Nothing {
    fn lacks(&self) -> Option<&'static str> {
        None
    }
}

impl Session {
    /// Whether the last 24th of its lifetime has begun.
    fn is_old(&self) -> bool {
        self.since.elapsed() >= self.lifetime - self.lifetime / 24
    }

    fn is_for(&self, context: &Context) -> bool {
        match context.project_id() {
            Some(id) => self.project_id.as_deref() == Some(id),
            None => self.region == context.region,
        }
    }
}

impl Credentials for Password {
    fn authorize<'a>(
        &'a self,
        request: &'a mut Request,
        http: &'a reqwest::Client,
        context: &'a Context,
    ) -> Authorizing<'a> {
        Box::pin(async move {
            let session = self.session(http, context).await?;
            request.headers_mut().insert(HEADER, session.token.clone());
            Ok(session.number)
        })
    }

    fn refused(&self, number: u64) -> bool {
        let mut session = self.session.write().unwrap_or_else(PoisonError::into_inner);
        // Another call may have renewed it already.
        if session.as_ref().is_some_and(|session| session.number == number) {
            *session = None;
        }
        true
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Password").field("user", &self.user).field("domain", &self.domain).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_the_time_between_two_times_of_iam() {
        let (from, to) = ("2018-12-17T13:31:14.501000Z", "2018-12-18T13:31:14.501000Z");
        assert_eq!(lifetime(Some(to), Some(from)), Some(DOCUMENTED_LIFETIME));
        assert_eq!(lifetime(Some(from), Some(to)), None);
        assert_eq!(lifetime(Some("soon"), Some(from)), None);
    }

    #[test]
    fn a_sign_in_names_user_account_and_project() {
        let password = Password::new("ann", "a \"quoted\" secret", "acme");
        let body = password.body(Project { id: None, name: Some("cn-north-4") }).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let user = serde_json::json!({"name": "ann", "password": "a \"quoted\" secret", "domain": {"name": "acme"}});
        let expected = serde_json::json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": "cn-north-4"}},
        }});
        assert_eq!(body, expected);
        assert!(!format!("{password:?}").contains("secret"));
    }
}
