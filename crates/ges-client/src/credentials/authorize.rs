//! The trait that authorizes requests, and what an implementation is told about the client.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::{Request, Url};

use crate::endpoint::Region;
use crate::error::Error;
use crate::types::ProjectId;

/// Adds to each request the proof of who sends it: [`Token`](super::Token), [`Password`](super::Password),
/// [`Keys`](super::Keys), or an implementation of your own.
///
/// An implementation is called before every attempt of every call, by many tasks at once. It may use the HTTP client to
/// fetch a secret, and should cache it. Its `Debug` must not show secrets. Mark a header with a secret as sensitive: then
/// no error repeats it, even if the service does.
///
/// ```
/// use ges_client::credentials::{Authorizing, Context, Credentials};
/// use ges_client::reqwest::header::HeaderValue;
/// use ges_client::reqwest::{Client as Http, Request};
/// use ges_client::{Client, Error};
///
/// /// A token in a file, which another program renews.
/// #[derive(Debug)]
/// struct TokenFile(std::path::PathBuf);
///
/// impl Credentials for TokenFile {
///     fn authorize<'a>(&'a self, request: &'a mut Request, _: &'a Http, _: &'a Context) -> Authorizing<'a> {
///         Box::pin(async move {
///             let token = std::fs::read_to_string(&self.0).map_err(Error::no_credentials)?;
///             let token = HeaderValue::from_str(token.trim());
///             let mut token = token.map_err(|_| Error::no_credentials("the file does not hold a token"))?;
///             token.set_sensitive(true);
///             request.headers_mut().insert("X-Auth-Token", token);
///             Ok(0) // tells `refused` which token it was; this implementation does not need it
///         })
///     }
///
///     fn refused(&self, _: u64) -> bool {
///         true // the file may hold a newer token by now
///     }
/// }
///
/// let ges = Client::builder().region("cn-north-4").project_id("0123456789abcdef0123456789abcdef");
/// let ges = ges.credentials(TokenFile("/run/secrets/ges-token".into())).build()?;
/// # Ok::<(), Error>(())
/// ```
pub trait Credentials: fmt::Debug + Send + Sync + 'static {
    /// Adds the proof to `request`, which is otherwise complete. Returns a number of your choice for the secret that was
    /// used; [`refused`](Credentials::refused) gets it back.
    ///
    /// # Errors
    /// There are no credentials ([`Error::no_credentials`]). The call is then not made and returns this error.
    fn authorize<'a>(
        &'a self,
        request: &'a mut Request,
        http: &'a reqwest::Client,
        context: &'a Context,
    ) -> Authorizing<'a>;

    /// The service answered 401 to a request with the secret of this number. Return whether the next call of `authorize`
    /// will use another secret: then the refused call is repeated once.
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
        context: &'a Context,
    ) -> Authorizing<'a> {
        (**self).authorize(request, http, context)
    }

    fn refused(&self, number: u64) -> bool {
        (**self).refused(number)
    }
}

/// What the client knows of its service: the project, the region, the endpoint of IAM.
#[derive(Clone, Debug, Default)]
pub struct Context {
    pub(crate) iam_endpoint: Option<Url>,
    pub(crate) region: Option<Region>,
    pub(crate) project_id: Option<ProjectId>,
}

impl Context {
    /// The endpoint of IAM: that of [`ClientBuilder::iam_endpoint`](crate::ClientBuilder::iam_endpoint), or of the region.
    pub fn iam_endpoint(&self) -> Option<&Url> {
        self.iam_endpoint.as_ref()
    }

    /// The region, `cn-north-4` for instance. Every account has a project of the same name there.
    pub fn region(&self) -> Option<&str> {
        self.region.as_ref().map(Region::name)
    }

    /// The project; `None` while [`ClientBuilder::connect`](crate::ClientBuilder::connect) asks IAM for it.
    pub fn project_id(&self) -> Option<&str> {
        self.project_id.as_ref().map(|id| id.as_str())
    }
}
