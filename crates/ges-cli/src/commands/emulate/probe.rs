//! `ges emulate --probe`: whether an emulator answers at an address.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use specwright::Failure;

/// How long connecting and each byte may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Success if what listens there answers a request; over TLS, if it accepts a connection.
pub(super) fn probe(listen: SocketAddr, is_tls: bool) -> Result<ExitCode, Failure> {
    let address = SocketAddr::new(reachable(listen.ip()), listen.port());
    let dead = |why: String| Failure::cannot_start(format!("no emulator answers at {address}: {why}"));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(|error| dead(error.to_string()))?;
    if is_tls {
        return Ok(ExitCode::SUCCESS);
    }
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut start = [0; 7];
    let asked = stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.write_all(request.as_bytes()));
    asked.and_then(|()| stream.read_exact(&mut start)).map_err(|error| dead(error.to_string()))?;
    match &start {
        b"HTTP/1." => Ok(ExitCode::SUCCESS),
        _ => Err(dead("what answers there does not speak HTTP".to_owned())),
    }
}

/// What listens on all addresses of a machine is asked on its own.
fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    }
}
