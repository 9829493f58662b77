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
/// to get what it needs, and should keep what it got. Its `Debug` must not show secrets. A header with a secret should be
/// marked as sensitive: then no error repeats it, even if the service does.
///
/// ```
/// use ges_client::credentials::{Authorizing, Credentials, Setting};
/// use ges_client::reqwest::header::HeaderValue;
/// use ges_client::reqwest::{Client as Http, Request};
/// use ges_client::{Client, Error};
///
/// /// A token that another program keeps fresh.
/// #[derive(Debug)]
/// struct InFile(std::path::PathBuf);
///
/// impl Credentials for InFile {
///     fn authorize<'a>(&'a self, request: &'a mut Request, _: &'a Http, _: &'a Setting) -> Authorizing<'a> {
///         Box::pin(async move {
///             let token = std::fs::read_to_string(&self.0).map_err(Error::no_credentials)?;
///             let token = HeaderValue::from_str(token.trim());
///             let mut token = token.map_err(|_| Error::no_credentials("what is in the file is no token"))?;
///             token.set_sensitive(true);
///             request.headers_mut().insert("X-Auth-Token", token);
///             Ok(0) // a number for each token is only needed to tell `refused` which one it was
///         })
///     }
///
///     fn refused(&self, _: u64) -> bool {
///         true // by now there may be a newer one
///     }
/// }
///
/// let ges = Client::builder().region("cn-north-4").project_id("0123456789abcdef0123456789abcdef");
/// let ges = ges.credentials(InFile("/run/secrets/ges-token".into())).build()?;
/// # Ok::<(), Error>(())
/// ```
pub trait Credentials: fmt::Debug + Send + Sync + 'static {
    /// Adds what is needed to `request`, which is complete otherwise. The result names the secret that was used, by any
    /// number, for [`refused`](Credentials::refused).
    ///
    /// # Errors
    /// There is nothing to add ([`Error::no_credentials`]). The call is then not made, and the error is what it returns.
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
