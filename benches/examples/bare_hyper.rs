//! A hyper server with one constant response: the yardstick for the emulator.
//!
//! The yardstick of `cargo xtask bench emulator`: the same version of hyper, the same kind of runtime as `ges emulate`,
//! an answer of the same length and with the same headers as the one it is compared with, and the same settings of
//! hyper. Prints `listening on http://ADDRESS`.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::error::Error;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut http = http1::Builder::new();
    http.writev(false);
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let _ = stream.set_nodelay(true);
        tokio::spawn(http.serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}

async fn answer(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = Bytes::from_static(br#"{"job_id":"ff808081e220a8390000e4d971771b76"}"#);
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let id = HeaderValue::from_static("029285c82eafd5fbcbaa79e11f303fa4");
    headers.insert(HeaderName::from_static("x-request-id"), id);
    Ok(response)
}
