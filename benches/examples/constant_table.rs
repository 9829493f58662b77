//! Yardstick of `bench conform`: a bare client, and a server that answers from a table.
//!
//! The yardstick of `cargo xtask bench conform`. A table has a line for each request: method, target, status, body of the
//! request, body of the answer, with tabs between them. A status 0 accepts any answer.
//!
//! - `constant_table serve TABLE` answers by method and target, and prints `listening on http://ADDRESS`.
//! - `constant_table call ADDRESS TABLE [HEADER:VALUE]` sends all of them one by one over one connection, and fails at
//!   an answer that is not the one of the table.

use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", table] => serve(read(table)?).await,
        ["call", address, table] => call(address, read(table)?, None).await,
        ["call", address, table, header] => call(address, read(table)?, header.split_once(':')).await,
        _ => Err("usage: constant_table serve TABLE | call ADDRESS TABLE [HEADER:VALUE]".into()),
    }
}

struct Row {
    method: String,
    target: String,
    status: u16,
    request: Bytes,
    answer: Bytes,
}

fn read(path: &str) -> Result<Vec<Row>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let row = |line: &str| {
        let [method, target, status, request, answer] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("{path}: five columns are needed: {line}").into());
        };
        Ok(Row {
            method: method.to_owned(),
            target: target.to_owned(),
            status: status.parse()?,
            request: Bytes::copy_from_slice(request.as_bytes()),
            answer: Bytes::copy_from_slice(answer.as_bytes()),
        })
    };
    text.lines().map(row).collect()
}

async fn serve(rows: Vec<Row>) -> Result<(), Box<dyn Error>> {
    let answers: HashMap<_, _> =
        rows.into_iter().map(|row| ((row.method, row.target), (row.status, row.answer))).collect();
    let answers = Arc::new(answers);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let answers = Arc::clone(&answers);
        let service = service_fn(move |request: Request<Incoming>| {
            let asked = (request.method().to_string(), request.uri().to_string());
            let (status, body) = answers.get(&asked).cloned().unwrap_or((404, Bytes::new()));
            let mut response = Response::new(Full::new(body));
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            async { Ok::<_, Infallible>(response) }
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn call(address: &str, rows: Vec<Row>, header: Option<(&str, &str)>) -> Result<(), Box<dyn Error>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    for row in rows {
        let mut request = Request::builder().method(row.method.as_str()).uri(&row.target);
        request = request.header(HOST, address).header(CONTENT_TYPE, "application/json");
        if let Some((name, value)) = header {
            request = request.header(HeaderName::from_bytes(name.as_bytes())?, value);
        }
        sender.ready().await?;
        let answer = sender.send_request(request.body(Full::new(row.request))?).await?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await?.to_bytes();
        if row.status != 0 && (status, &body) != (row.status, &row.answer) {
            return Err(format!("{} {}: answered {status} {body:?}", row.method, row.target).into());
        }
    }
    Ok(())
}
