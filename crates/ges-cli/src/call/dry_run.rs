//! Prints the request that a call would send as a `curl` command, and sends nothing.
//! The call is made up to the point where its credentials would be added.

use std::pin::pin;
use std::sync::Mutex;

use conformance_engine::curl;
use conformance_engine::exchange::Sent;
use ges_client::credentials::{Authorizing, Context, Credentials};
use ges_client::{Client, Error};
use reqwest::Request;
use reqwest::header::HeaderValue;
use specwright::Failure;
use specwright::output::console::data;
use tokio::sync::oneshot;

use crate::connection::{Connection, TOKEN};
use crate::error;

/// Prints the first request of `call` as a curl command, and sends nothing. No secret is read: the command names a
/// variable instead of the token, for all kinds of credentials.
pub(crate) async fn print<T>(
    connection: &Connection,
    call: impl AsyncFnOnce(&Client) -> Result<T, Error>,
) -> Result<(), Failure> {
    let (caught, request) = oneshot::channel();
    let client = connection.dry_client(Catcher(Mutex::new(Some(caught))))?;
    let mut call = pin!(call(&client));
    let sent = tokio::select! {
        biased;
        sent = request => sent.map_err(|_| Failure::cannot_start("there is no request to print"))?,
        // The request could not even be built.
        outcome = &mut call => match outcome {
            Err(error) => return Err(error::of_call(&error, None)),
            Ok(_) => return Err(Failure::cannot_start("there is no request to print")),
        },
    };
    data(format_args!("{}\n", curl(&sent, TOKEN, connection.ca_file())))
}

/// Credentials that take the request and never return, so the call does not go on.
#[derive(Debug)]
struct Catcher(Mutex<Option<oneshot::Sender<Sent>>>);

impl Credentials for Catcher {
    fn authorize<'a>(&'a self, request: &'a mut Request, _: &'a reqwest::Client, _: &'a Context) -> Authorizing<'a> {
        let caught = self.0.lock().ok().and_then(|mut caught| caught.take());
        if let Some(caught) = caught {
            // The receiver is gone if the call was cancelled.
            let _ = caught.send(sent(request));
        }
        Box::pin(std::future::pending())
    }
}

fn sent(request: &Request) -> Sent {
    let url = request.url();
    let header = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = request.headers().iter().map(|(name, value)| (name.to_string(), header(value)));
    Sent {
        method: request.method().to_string(),
        url: url.to_string(),
        headers: headers.chain([("X-Auth-Token".to_owned(), "***".to_owned())]).collect(),
        body: request.body().and_then(|body| body.as_bytes()).map(<[u8]>::to_vec),
        wire: None,
    }
}
