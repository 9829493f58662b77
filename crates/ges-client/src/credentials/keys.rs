//! An access key pair (AK/SK), which signs every request.

use std::fmt;
use std::future::ready;
use std::time::SystemTime;

use http::HeaderValue;
use reqwest::Request;
use secrecy::{ExposeSecret, SecretString};

use super::authorize::{Authorizing, Context, Credentials};
use super::signature::Signer;
use crate::error::Error;
use crate::secret;

/// An access key (AK) and its secret key (SK), which sign requests (`SDK-HMAC-SHA256`). The secret itself is never sent.
///
/// A refused signature is not retried, because five in a row lock the key for five minutes. The clock of this machine may
/// be off by 15 minutes at most.
pub struct Keys {
    access: String,
    signer: Signer,
    security_token: Option<HeaderValue>,
}

impl Keys {
    /// A permanent key pair.
    pub fn new(access: impl Into<String>, secret: impl Into<SecretString>) -> Keys {
        let signer = Signer::new(secret.into().expose_secret().as_bytes());
        Keys { access: access.into(), signer, security_token: None }
    }

    /// Adds the security token of a temporary key pair.
    ///
    /// # Errors
    /// A header cannot carry the token. The error does not repeat it.
    pub fn security_token(mut self, token: impl Into<SecretString>) -> Result<Keys, Error> {
        let token = token.into();
        let header = secret::header(token.expose_secret().as_bytes()).ok_or_else(|| {
            Error::credentials("the security token has characters that a header cannot carry, such as a line break")
        })?;
        self.security_token = Some(header);
        Ok(self)
    }

    /// The pair, or `None` if both halves are missing. `half` words the error about a single half: it has, it lacks.
    pub(super) fn of_pair(
        access: Option<String>,
        secret: Option<SecretString>,
        security_token: Option<SecretString>,
        half: impl Fn(&str, &str) -> String,
    ) -> Result<Option<Keys>, Error> {
        let (access, secret) = match (access, secret) {
            (Some(access), Some(secret)) => (access, secret),
            (None, None) => return Ok(None),
            (Some(_), None) => return Err(Error::credentials(half("ak", "sk"))),
            (None, Some(_)) => return Err(Error::credentials(half("sk", "ak"))),
        };
        let keys = Keys::new(access, secret);
        match security_token {
            Some(token) => keys.security_token(token).map(Some),
            None => Ok(Some(keys)),
        }
    }

    /// Adds date and signature to a request that is otherwise complete, for programs that send their own requests.
    /// [`Client`](crate::Client) signs automatically.
    ///
    /// # Errors
    /// The body is a stream, or a header cannot carry the access key.
    pub fn sign(&self, request: &mut Request) -> Result<(), Error> {
        self.sign_at(request, &Context::default(), SystemTime::now())
    }

    fn sign_at(&self, request: &mut Request, context: &Context, now: SystemTime) -> Result<(), Error> {
        if let Some(project) = context.project_id() {
            let project = HeaderValue::from_str(project)
                .map_err(|_| Error::invalid("the project ID has characters that a header cannot carry"))?;
            request.headers_mut().insert("x-project-id", project);
        }
        if let Some(token) = &self.security_token {
            request.headers_mut().insert("x-security-token", token.clone());
        }
        self.signer.sign(request, &self.access, now)
    }
}

impl Credentials for Keys {
    fn authorize<'a>(
        &'a self,
        request: &'a mut Request,
        _: &'a reqwest::Client,
        context: &'a Context,
    ) -> Authorizing<'a> {
        Box::pin(ready(self.sign_at(request, context, SystemTime::now()).map(|()| 0)))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("access", &self.access).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;
    use http::header::AUTHORIZATION;
    use reqwest::Url;

    #[track_caller]
    fn check(keys: &Keys, sign: impl Fn(&Keys, &mut Request) -> Result<(), Error>, names: &str) {
        let mut request = Request::new(Method::GET, Url::parse("http://127.0.0.1/").unwrap());
        sign(keys, &mut request).unwrap();
        let header = request.headers()[AUTHORIZATION].to_str().unwrap();
        let expected = format!("SDK-HMAC-SHA256 Access=ak, SignedHeaders={names}, Signature=");
        assert!(header.starts_with(&expected), "{header}");
        assert!(!header.contains("sk-1") && !header.contains("sts-1"), "{header}");
    }

    #[test]
    fn the_headers_of_project_and_security_token_are_signed() {
        let lasting = Keys::new("ak", "sk-1");
        let passing = Keys::new("ak", "sk-1").security_token("sts-1").unwrap();
        let context = Context { project_id: "p".parse().ok(), ..Context::default() };
        let for_project = |keys: &Keys, request: &mut Request| keys.sign_at(request, &context, SystemTime::now());
        check(&lasting, Keys::sign, "host;x-sdk-date");
        check(&lasting, for_project, "host;x-project-id;x-sdk-date");
        check(&passing, Keys::sign, "host;x-sdk-date;x-security-token");
        check(&passing, for_project, "host;x-project-id;x-sdk-date;x-security-token");
    }
}
