//! Parses the address of an endpoint, and tells whether it is loopback.
//!
//! URLs are read strictly and by hand, since the answer to [`Address::is_loopback`] decides whether disruptive requests
//! may be sent: what two readers could understand differently is refused.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use specwright_redaction::{Format, Redactor, learn};

/// An `http` or `https` address: scheme, host, port, path and an optional query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub(crate) origin: Origin,
    /// As given, without a slash at its end.
    path: String,
    query: Option<String>,
}

/// What a connection is made to, and what connections may be shared between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) tls: bool,
    pub(crate) host: Host,
    pub(crate) port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// In lower case.
    Name(String),
    Ip(IpAddr),
}

impl Address {
    /// Reads an endpoint: `http://host`, `https://host:8443/prefix`. A query would belong to no operation: refused.
    pub fn endpoint(text: &str) -> Result<Self, AddressError> {
        let mut address = Self::url(text)?;
        if address.query.is_some() {
            return Err(refuse(text, "an endpoint has no query"));
        }
        // `http://host/prefix/` and `http://host/prefix` are the same base.
        address.path.truncate(address.path.trim_end_matches('/').len());
        Ok(address)
    }

    /// Reads a URL that is used as it is, with its path and query.
    pub fn url(text: &str) -> Result<Self, AddressError> {
        parse(text).map_err(|reason| refuse(text, reason))
    }

    /// Has neither path nor query: scheme, host and port are all there is.
    pub fn is_bare(&self) -> bool {
        matches!(self.path.as_str(), "" | "/") && self.query.is_none()
    }

    /// Certainly this machine: `localhost`, 127.0.0.0/8 or `::1`, and nothing that only looks or resolves like it.
    ///
    /// `[::ffff:127.0.0.1]` and `0.0.0.0` are not counted, although they usually lead here: this question guards
    /// requests that must not leave this machine, so the answer errs on the side of no.
    pub fn is_loopback(&self) -> bool {
        match &self.origin.host {
            Host::Name(name) => name == "localhost",
            Host::Ip(ip) => ip.is_loopback(),
        }
    }

    /// Host and port as the `Host` header wants them: a default port is left out.
    pub(crate) fn authority(&self) -> String {
        let default = if self.origin.tls { 443 } else { 80 };
        if self.origin.port == default {
            self.origin.host.to_string()
        } else {
            format!("{}:{}", self.origin.host, self.origin.port)
        }
    }

    /// All of it, with its secrets.
    fn whole(&self) -> String {
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{}{query}", self.root(), self.path)
    }

    /// The values of parameters that are secrets by their names.
    pub(crate) fn secrets(&self) -> Vec<String> {
        learn(&self.whole(), Format::Any)
    }

    /// Path and query of the address itself.
    pub(crate) fn target(&self) -> String {
        let path = if self.path.is_empty() { "/" } else { &self.path };
        match &self.query {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        }
    }

    /// The path under which everything else lies; empty or without a slash at its end.
    pub(crate) fn prefix(&self) -> &str {
        &self.path
    }

    /// Scheme, host and port.
    pub(crate) fn root(&self) -> String {
        format!("{}://{}", if self.origin.tls { "https" } else { "http" }, self.authority())
    }
}

/// Is this endpoint certainly this machine? See [`Address::is_loopback`].
pub fn is_loopback(endpoint: &Address) -> bool {
    endpoint.is_loopback()
}

/// As it can be shown: without the values of parameters that are secrets by their names.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.whole();
        Redactor::new().text(&mut text, Format::Any);
        f.write_str(&text)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(IpAddr::V4(ip)) => write!(f, "{ip}"),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

/// Why a text is no address to send to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError {
    shown: String,
    reason: &'static str,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a usable address: {}", self.shown, self.reason)?;
        f.write_str("\nhint: write it as http://HOST:PORT or https://HOST/PREFIX")
    }
}

impl std::error::Error for AddressError {}

/// The text is repeated without what may be a password.
fn refuse(text: &str, reason: &'static str) -> AddressError {
    let mut shown = match text.rfind('@') {
        Some(at) => format!("***{}", &text[at..]),
        None => text.to_owned(),
    };
    Redactor::new().text(&mut shown, Format::Any);
    AddressError { shown: shown.escape_debug().to_string(), reason }
}

fn parse(text: &str) -> Result<Address, &'static str> {
    let (scheme, rest) = text.split_once("://").ok_or("it has no scheme")?;
    let tls = match scheme.to_ascii_lowercase().as_str() {
        "http" => false,
        "https" => true,
        _ => return Err("its scheme is neither http nor https"),
    };
    // Nothing that a URL may not contain: spaces, control characters, backslashes (which browsers read as slashes).
    if !rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte)) {
        return Err("it contains a character that must be percent-encoded");
    }
    if rest.contains('#') {
        return Err("it has a fragment");
    }
    let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (host, port) = parse_authority(authority, tls)?;
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (rest, None),
    };
    Ok(Address { origin: Origin { tls, host, port }, path: path.to_owned(), query })
}

fn parse_authority(authority: &str, tls: bool) -> Result<(Host, u16), &'static str> {
    if authority.contains('@') {
        return Err("it has a user name or password, which would hide the host");
    }
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (ip, port) = rest.split_once(']').ok_or("its bracket is not closed")?;
        let ip: Ipv6Addr = ip.parse().map_err(|_| "its host is not an IPv6 address")?;
        (Host::Ip(ip.into()), port)
    } else {
        let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
        (parse_host(host)?, port)
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => {
            if tls {
                443
            } else {
                80
            }
        }
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => match digits.parse() {
            Ok(port) if port > 0 => port,
            _ => return Err("its port is not between 1 and 65535"),
        },
        _ => return Err("its port is not a number"),
    };
    Ok((host, port))
}

fn parse_host(host: &str) -> Result<Host, &'static str> {
    if let Ok(ip) = host.parse::<Ipv4Addr>() {
        return Ok(Host::Ip(ip.into()));
    }
    if host.is_empty() || host.starts_with(['.', '-']) || host.contains("..") {
        return Err("its host is not a name");
    }
    if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
        return Err("its host is not a name (international names are written xn--…)");
    }
    // `127.1`, `0x7f.0.0.1` and `2130706433` are IPv4 addresses to some readers and names to others.
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let is_hexadecimal = last.strip_prefix("0x").or(last.strip_prefix("0X")).is_some();
    if is_hexadecimal || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("its host ends in a number but is not an IPv4 address");
    }
    Ok(Host::Name(host.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_loopback(endpoint: &str, expected: bool) {
        assert_eq!(is_loopback(&Address::endpoint(endpoint).unwrap()), expected, "{endpoint}");
    }

    #[track_caller]
    fn check_refused(endpoint: &str, reason: &str) {
        let error = Address::endpoint(endpoint).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn loopback_is_what_certainly_is_this_machine() {
        check_loopback("http://localhost", true);
        check_loopback("HTTP://LocalHost:8080/", true);
        check_loopback("http://127.0.0.1:80", true);
        check_loopback("https://127.255.1.2", true);
        check_loopback("http://[::1]:8080/prefix", true);
        check_loopback("http://[0:0:0:0:0:0:0:1]", true);
    }

    #[test]
    fn what_looks_like_loopback_is_not() {
        check_loopback("http://localhost.evil.com", false);
        check_loopback("http://127.0.0.1.nip.io", false);
        check_loopback("http://[::ffff:127.0.0.1]", false);
        check_loopback("http://0.0.0.0", false);
        check_loopback("http://[::]", false);
        check_loopback("http://localhost.", false);
        check_loopback("http://evil.com/localhost", false);
        check_loopback("http://evil.com/127.0.0.1", false);
        check_loopback("http://128.0.0.1", false);
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        check_refused("http://127.0.0.1@evil.com/", "user name");
        check_refused("http://evil.com\\@127.0.0.1/", "percent-encoded");
        check_refused("http://127.0.0.1:80@evil.com/", "user name");
        check_refused("http://127.0.0.1#@evil.com/", "fragment");
        check_refused("http://127.1/", "not an IPv4 address");
        check_refused("http://0x7f.0.0.0x1/", "not an IPv4 address");
        check_refused("http://2130706433/", "not an IPv4 address");
        check_refused("http://0177.0.0.1/", "not an IPv4 address");
        check_refused("http://loc%61lhost/", "not a name");
        check_refused("http://localhost\u{3002}evil.com/", "percent-encoded");
        check_refused("http://localhost\t.evil.com/", "percent-encoded");
        check_refused("http://[::1%25eth0]/", "not an IPv6 address");
        check_refused("http://[::1]evil.com/", "not a number");
        check_refused("http://[::1/", "not closed");
    }

    #[test]
    fn a_password_is_not_repeated() {
        let error = Address::endpoint("https://me:hunter2@host/").unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn mistakes_are_named() {
        check_refused("localhost:8080", "no scheme");
        check_refused("ftp://localhost", "neither http nor https");
        check_refused("http://", "not a name");
        check_refused("http://host:0", "between 1 and 65535");
        check_refused("http://host:70000", "between 1 and 65535");
        check_refused("http://host:+80", "not a number");
        check_refused("http://host:", "between 1 and 65535");
        check_refused("http://host/?a=b", "no query");
    }

    #[test]
    fn an_address_is_written_as_it_was_meant() {
        for (text, expected, authority, target) in [
            ("http://Host", "http://host", "host", "/"),
            ("http://host:80/", "http://host/", "host", "/"),
            ("https://host:443/p/q?state=1&x", "https://host/p/q?state=1&x", "host", "/p/q?state=1&x"),
            ("http://[::1]:81?x", "http://[::1]:81?x", "[::1]:81", "/?x"),
        ] {
            let address = Address::url(text).unwrap();
            assert_eq!(address.to_string(), expected);
            assert_eq!(address.authority(), authority);
            assert_eq!(address.target(), target);
        }
        assert_eq!(Address::endpoint("http://host/prefix/").unwrap().prefix(), "/prefix");
        assert_eq!(Address::endpoint("http://host/").unwrap().prefix(), "");
    }
}
