//! With what does a call prove who makes it?

mod chain;
mod keys;
mod password;
pub(crate) mod secret;
mod signature;
mod token;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::{Request, Url};

pub use keys::Keys;
pub use password::Password;
pub use token::Token;

pub(crate) use chain::{Found, find};

use crate::error::Error;

/// What adds to each request the proof of who sends it: [`Token`], [`Password`], [`Keys`], or something of your own.
///
/// Something of your own is asked before every attempt of every call, from many tasks at once. It may use the HTTP client
/// to get what it needs, and should keep what it got. Its `Debug` must not show secrets.
pub trait Credentials: fmt::Debug + Send + Sync + 'static {
    /// Adds what is needed to `request`, which is complete otherwise. The result names the secret that was used, by any
    /// number, for [`refused`](Credentials::refused).
    ///
    /// # Errors
    /// There is nothing to add. The call is then not made, and the error is what it returns.
    fn authorize<'a>(
        &'a self,
        request: &'a mut Request,
        http: &'a reqwest::Client,
        setting: &'a Setting,
    ) -> Authorizing<'a>;

    /// The service answered 401 to a request with the secret of this number. Whether there will be another one: then the
    /// call, which was refused, is made once more.
    fn refused(&self, number: u64) -> bool {
        let _ = number;
        false
    }
}

/// What [`Credentials::authorize`] returns: `Box::pin(async move { … })`.
pub type Authorizing<'a> = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send + 'a>>;

impl<C: Credentials + ?Sized> Credentials for Arc<C> {
    fn authorize<'a>(
        &'a self,
        request: &'a mut Request,
        http: &'a reqwest::Client,
        setting: &'a Setting,
    ) -> Authorizing<'a> {
        (**self).authorize(request, http, setting)
    }

    fn refused(&self, number: u64) -> bool {
        (**self).refused(number)
    }
}

/// For whom credentials are asked: what the client knows of its place.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    pub(crate) iam: Option<Url>,
    pub(crate) region: Option<String>,
    pub(crate) project_id: Option<String>,
}

impl Setting {
    /// Where IAM is: what [`ClientBuilder::iam_endpoint`](crate::ClientBuilder::iam_endpoint) said, or the one of the
    /// region.
    pub fn iam_endpoint(&self) -> Option<&Url> {
        self.iam.as_ref()
    }

    /// The region, `cn-north-4` for instance. It is also the name of the project that every account has there.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The project; none while a client is only about to find out which one it is.
    pub fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }
}
