//! Connects to a server, straight or through a proxy.
//!
//! Which proxy that is, if any, is decided by [`environment_proxy`]. To an https server, and wherever bytes pass unchanged, a
//! proxy makes a tunnel (`CONNECT`); another request is written in absolute form and with the proxy's credentials
//! ([`outgoing`](crate::http::outgoing)).

use environment_proxy::{Proxies, Proxy};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::http::address::{Address, Host};
use crate::http::tls::{Stream, Tls};

/// The longest head of a proxy's answer, in bytes.
const MAX_HEAD: usize = 16 << 10;

/// The proxy for requests to an address; `None` if they go straight there.
///
/// # Errors
/// The variable that counts names no proxy that can be used. The message does not repeat its value.
pub fn proxy_for(proxies: &Proxies, address: &Address) -> Result<Option<Proxy>, String> {
    let host = match &address.origin.host {
        Host::Ip(ip) => ip.to_string(),
        Host::Name(name) => name.clone(),
    };
    proxies.for_host(address.origin.tls, &host, address.origin.port).map_err(|error| error.to_string())
}

/// A connection to a proxy.
pub(crate) async fn connect(proxy: &Proxy, tls: Option<&Tls>) -> Result<Box<dyn Stream>, String> {
    let cannot = |error: String| {
        format!("cannot connect to the proxy {proxy}: {error}\nhint: NO_PROXY names what goes through no proxy")
    };
    let stream = TcpStream::connect(format!("{}:{}", proxy.host(), proxy.port())).await;
    let stream = stream.map_err(|error| cannot(error.to_string()))?;
    _ = stream.set_nodelay(true);
    if !proxy.is_https() {
        return Ok(Box::new(stream));
    }
    let tls = tls.ok_or_else(|| cannot("this build does not speak TLS".to_owned()))?;
    let host = host_of(proxy);
    let stream = tls.wrap(&host, stream).await.map_err(|error| cannot(error.message))?;
    Ok(Box::new(stream))
}

fn host_of(proxy: &Proxy) -> Host {
    let bare = proxy.host().trim_matches(['[', ']']);
    bare.parse().map_or_else(|_| Host::Name(bare.to_ascii_lowercase()), Host::Ip)
}

/// A connection to `address` through a proxy, as if it were a straight one. `tls` is for the proxy, not for the address.
pub(crate) async fn tunnel(proxy: &Proxy, tls: Option<&Tls>, address: &Address) -> Result<Box<dyn Stream>, String> {
    let mut stream = connect(proxy, tls).await?;
    // With the port, also the usual one (RFC 9110, 9.3.6).
    let target = format!("{}:{}", address.origin.host, address.origin.port);
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
    if let Some(authorization) = proxy.authorization() {
        request.extend([b"Proxy-Authorization: ", authorization.as_bytes(), b"\r\n"].concat());
    }
    request.extend(b"\r\n");
    let failed = |error: &dyn std::fmt::Display| format!("the proxy {proxy} makes no tunnel to {target}: {error}");
    stream.write_all(&request).await.map_err(|error| failed(&error))?;
    stream.flush().await.map_err(|error| failed(&error))?;
    let head = read_head(&mut stream).await.map_err(|error| failed(&error))?;
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut fields);
    let is_whole = response.parse(&head).is_ok_and(|status| status.is_complete());
    match response.code {
        Some(200..=299) if is_whole => Ok(stream),
        Some(407) if is_whole => Err(needs_credentials(proxy)),
        Some(code) if is_whole => Err(failed(&format!("it answers {code} to CONNECT"))),
        _ => Err(failed(&"it does not answer in HTTP/1.1")),
    }
}

/// What the status 407 of a proxy means.
pub(crate) fn needs_credentials(proxy: &Proxy) -> String {
    let wrong =
        if proxy.authorization().is_some() { "refuses the user and password" } else { "needs a user and a password" };
    format!("the proxy {proxy} {wrong} (407)\nhint: set {} to http://USER:PASSWORD@HOST:PORT", proxy.variable())
}

/// Byte by byte, so that nothing of what follows is taken from the tunnel.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= MAX_HEAD {
            return Err(std::io::Error::other(format!("its answer is longer than {MAX_HEAD} bytes")));
        }
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(std::io::Error::other("it closed the connection"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(head)
}
