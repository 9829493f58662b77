//! Reads the address that a server is to listen on.

use std::net::{Ipv4Addr, SocketAddr};

/// Reads `127.0.0.1:8080` or `[::1]:8080`; `localhost:8080`, `:8080` and `8080` are on the loopback address 127.0.0.1.
///
/// # Errors
/// The text is something else; the error says what is expected.
pub fn listen(text: &str) -> Result<SocketAddr, String> {
    let loopback = |port: &str| Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().ok()?)));
    let on_loopback = || match text.rsplit_once(':') {
        Some((host, port)) if host.is_empty() || host.eq_ignore_ascii_case("localhost") => loopback(port),
        Some(_) => None,
        None => loopback(text),
    };
    let found = text.parse().ok().or_else(on_loopback);
    found.ok_or_else(|| "expected an IP address and a port such as 127.0.0.1:8080, or a port".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_people_write_are_read() {
        for (text, expected) in [
            ("127.0.0.1:8080", Some("127.0.0.1:8080")),
            ("0.0.0.0:80", Some("0.0.0.0:80")),
            ("[::1]:8080", Some("[::1]:8080")),
            ("[::1]:0", Some("[::1]:0")),
            ("localhost:8080", Some("127.0.0.1:8080")),
            ("LOCALHOST:0", Some("127.0.0.1:0")),
            (":8080", Some("127.0.0.1:8080")),
            ("8080", Some("127.0.0.1:8080")),
            ("localhost", None),
            ("127.0.0.1", None),
            ("::1", None),
            ("example.net:80", None),
            ("http://127.0.0.1:80", None),
            ("localhost:99999", None),
            ("", None),
        ] {
            assert_eq!(listen(text).ok(), expected.map(|it| it.parse().unwrap()), "{text}");
        }
    }
}
