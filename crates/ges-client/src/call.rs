//! Makes one call: adds credentials, sends, reads the response, retries.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use reqwest::{Request, Url};
use smallvec::SmallVec;
use tracing::Span;
use tracing::field::Empty;

use crate::credentials::{Context, Credentials};
use crate::error::Error;
use crate::response::{Reading, Reply, Response};
use crate::retry::{Budget, Retries};

/// The shared state of a client: endpoint, credentials, retries. Clones share it.
#[derive(Clone)]
pub struct Inner(Arc<Shared>);

struct Shared {
    /// The endpoint, with no slash at the end of its path.
    base: Url,
    prefix: String,
    credentials: Arc<dyn Credentials>,
    context: Context,
    retries: Retries,
    budget: Budget,
}

impl Inner {
    pub(crate) fn new(base: Url, credentials: Arc<dyn Credentials>, context: Context, retries: Retries) -> Inner {
        let prefix = base.path().trim_end_matches('/').to_owned();
        Inner(Arc::new(Shared { base, prefix, credentials, context, retries, budget: Budget::new() }))
    }

    /// The URL of a path and query that are percent-encoded already. The endpoint is not parsed again.
    pub(crate) fn address(&self, path: fmt::Arguments<'_>) -> Result<Url, Error> {
        let mut target = String::with_capacity(160);
        target.push_str(&self.0.prefix);
        // Writing to a string does not fail.
        let _ = fmt::write(&mut target, path);
        // Without an early exit the loop is a few instructions.
        let pairs = target.bytes().zip(target.bytes().skip(1));
        let is_odd = pairs.fold(false, |odd, (a, b)| odd | ((a == b'/') & matches!(b, b'/' | b'.' | b'?')));
        if (is_odd || target.ends_with('/')) && loses_segments(&target) {
            return Err(Error::invalid("an identifier is empty, `.` or `..`"));
        }
        self.0.base.join(&target).map_err(|error| Error::invalid("the path does not fit into a URL").caused_by(error))
    }

    /// Makes the call, and retries it where that is safe.
    pub(crate) async fn call<T: Reply>(
        &self,
        http: &reqwest::Client,
        operation: &'static str,
        is_success: fn(u16) -> bool,
        request: Request,
    ) -> Result<Response<T>, Error> {
        let reading = Reading { is_success, has_effect: !matches!(*request.method(), Method::GET | Method::HEAD) };
        let span =
            tracing::info_span!("ges", operation, attempt = Empty, status = Empty, code = Empty, request_id = Empty);
        // Like `Instrument`, but without moving the large future of the attempts.
        let mut attempts = pin!(self.attempts::<T>(http, &reading, request, &span));
        let outcome = poll_fn(|context| span.in_scope(|| attempts.as_mut().poll(context))).await;
        if !span.is_disabled() {
            let (status, request_id, code) = match &outcome {
                Ok(response) => (Some(response.status().as_u16()), response.request_id(), None),
                Err(error) => (error.status(), error.request_id(), error.code()),
            };
            span.record("status", status).record("request_id", request_id).record("code", code);
        }
        outcome.map_err(|error| error.in_operation(operation))
    }

    async fn attempts<T: Reply>(
        &self,
        http: &reqwest::Client,
        reading: &Reading,
        request: Request,
        span: &Span,
    ) -> Result<Response<T>, Error> {
        let Shared { credentials, context, retries, budget, .. } = &*self.0;
        let mut retries = retries.start(budget);
        let mut has_renewed = false;
        let mut attempt = 0_u64;
        let copy = Template::of(&request)?;
        let mut request = request;
        loop {
            attempt += 1;
            span.record("attempt", attempt);
            let error = match credentials.authorize(&mut request, http, context).await {
                Err(error) => error,
                Ok(number) => {
                    let secrets = request.headers().values().filter(|value| value.is_sensitive());
                    let secrets: SmallVec<[HeaderValue; 2]> = secrets.cloned().collect();
                    let outcome = match http.execute(request).await {
                        Ok(mut response) => reading.read(&mut response).await,
                        Err(error) => Err(Error::transport(error, reading.has_effect)),
                    };
                    match outcome.map_err(|error| error.without(secrets.iter().map(HeaderValue::as_bytes))) {
                        Ok(answer) => {
                            budget.refill();
                            return Ok(Response::new(answer, copy.url));
                        }
                        Err(error) if error.status() == Some(401) && !has_renewed && credentials.refused(number) => {
                            tracing::debug!(attempt, "the credentials were refused, fetching new ones");
                            has_renewed = true;
                            request = copy.request();
                            continue;
                        }
                        Err(error) => error,
                    }
                }
            };
            let Some(pause) = retries.pause(&error) else { return Err(error) };
            tracing::warn!(attempt, status = error.status(), pause_ms = pause.as_millis() as u64, "retrying the call");
            tokio::time::sleep(pause).await;
            request = copy.request();
        }
    }
}

/// The parts from which a request is made again for a retry. Cheaper than a copy, which most calls do not need.
struct Template {
    method: Method,
    url: Url,
    headers: SmallVec<[(HeaderName, HeaderValue); 1]>,
    body: Option<Bytes>,
}

impl Template {
    fn of(request: &Request) -> Result<Template, Error> {
        let body = match request.body() {
            // Generated requests have a body in memory, or none.
            Some(body) => Some(
                body.as_bytes().ok_or_else(|| Error::invalid("the body is a stream, which cannot be sent again"))?,
            ),
            None => None,
        };
        Ok(Template {
            method: request.method().clone(),
            url: request.url().clone(),
            headers: request.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            body: body.map(Bytes::copy_from_slice),
        })
    }

    fn request(&self) -> Request {
        let mut request = Request::new(self.method.clone(), self.url.clone());
        for (name, value) in &self.headers {
            request.headers_mut().append(name, value.clone());
        }
        *request.body_mut() = self.body.clone().map(Into::into);
        request
    }
}

/// Whether a URL would drop or merge segments of the path, so that it names another graph or none.
fn loses_segments(target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    path.split('/').skip(1).any(|segment| matches!(segment, "" | "." | ".."))
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { base, credentials, context, retries, .. } = &*self.0;
        f.debug_struct("Inner")
            .field("endpoint", &base.as_str())
            .field("credentials", credentials)
            .field("context", context)
            .field("retries", retries)
            .finish()
    }
}
