//! Refuses requests to the control API that come from a web page in a browser.
//!
//! The control API needs no credentials, and a browser on the same machine reaches it on behalf of any page it shows.
//! Three header fields tell such a request from that of a test:
//!
//! - `Sec-Fetch-Site`, which every current browser sends and no page can forge, says which site's page makes the request;
//! - `Origin`, which browsers send with every request that could change something, says the same;
//! - `Host` is the name under which the emulator was found. An attacker whose domain name
//!   points to 127.0.0.1 (DNS rebinding) makes page and emulator the same site, but the name is still the attacker's.
//!
//! The emulator's own page passes all three. Programs other than browsers send neither of the first two.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Request};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The reason to refuse a request, if there is one.
pub(crate) fn refuse<B>(request: &Request<B>) -> Option<&'static str> {
    if let Some(why) = refuse_name(request) {
        return Some(why);
    }
    let headers = request.headers();
    let is_own_page = |site| matches!(site, "same-origin" | "none");
    if headers.contains_key(SITE) && !text(headers, SITE).is_some_and(is_own_page) {
        return Some("the control API refuses requests from web pages other than the emulator's own (Sec-Fetch-Site)");
    }
    let host = host(request);
    let is_own = |origin: &str| {
        let asked = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        asked.is_some_and(|asked| host.is_some_and(|host| host.eq_ignore_ascii_case(asked)))
    };
    if headers.contains_key(ORIGIN) && !text(headers, ORIGIN.as_str()).is_some_and(is_own) {
        return Some("the control API refuses requests from web pages other than the emulator's own (Origin)");
    }
    None
}

/// The reason not to show a page under this host name, if there is one. A link from another page is allowed, because that
/// page cannot read the target.
pub(crate) fn refuse_name<B>(request: &Request<B>) -> Option<&'static str> {
    // Every one counts, however many there are: one of them is the one that the caller's side believed.
    let fields = request.headers().get_all(HOST).iter().map(|value| value.to_str().unwrap_or_default());
    let mut names = request.uri().authority().map(|authority| authority.as_str()).into_iter().chain(fields);
    (!names.all(is_of_this_network))
        .then_some("the host must be an IP address, `localhost` or a local name, not a public domain name")
}

/// In HTTP/1.1 a request may also name the host in its first line, which then takes precedence.
fn host<B>(request: &Request<B>) -> Option<&str> {
    let authority = request.uri().authority().map(|authority| authority.as_str());
    authority.or_else(|| text(request.headers(), HOST.as_str()))
}

const SITE: &str = "sec-fetch-site";

/// The value of a header that occurs once and is text.
fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Whether the public DNS cannot resolve this name to this machine: an IP address, a name without a dot (of a container, for
/// example), or a name under a domain that is reserved for local use.
fn is_of_this_network(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => return address.parse::<Ipv6Addr>().is_ok(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    // RFC 2606, 6761, 6762, 8375; `internal` is reserved by ICANN.
    let reserved = ["localhost", "local", "internal", "test", "example", "invalid"];
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_plain) {
        return false;
    }
    name.parse::<Ipv4Addr>().is_ok()
        || !name.contains('.')
        || reserved.iter().any(|domain| last.eq_ignore_ascii_case(domain))
        || name.to_ascii_lowercase().ends_with(".home.arpa")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&str, &str)], passes: bool) {
        let mut request = Request::post("/_emulator/reset");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let refused = refuse(&request.body(()).unwrap());
        assert_eq!(refused.is_none(), passes, "{headers:?}: {refused:?}");
    }

    #[test]
    fn requests_of_other_programs_are_accepted() {
        check(&[], true);
        check(&[("host", "127.0.0.1:8080")], true);
        check(&[("host", "[::1]:8080")], true);
        check(&[("host", "localhost")], true);
        check(&[("host", "LOCALHOST:80")], true);
        check(&[("host", "ges")], true);
        check(&[("host", "host.docker.internal:8080")], true);
        check(&[("host", "192.0.2.7:8080")], true);
    }

    #[test]
    fn the_emulators_own_page_is_accepted() {
        let host = ("host", "127.0.0.1:8080");
        check(&[host, ("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")], true);
        check(&[host, ("origin", "https://127.0.0.1:8080")], true);
        // The address bar.
        check(&[host, ("sec-fetch-site", "none")], true);
    }

    #[test]
    fn other_web_pages_are_refused() {
        let host = ("host", "127.0.0.1:8080");
        for site in ["cross-site", "same-site", "", "same-origin, none"] {
            check(&[host, ("sec-fetch-site", site)], false);
        }
        for origin in [
            "http://evil.example.com",
            "http://127.0.0.1:3000",
            "http://127.0.0.1",
            "http://localhost:8080",
            "null",
            "",
            "127.0.0.1:8080",
            "http://127.0.0.1:8080.evil.com",
        ] {
            check(&[host, ("origin", origin)], false);
        }
        check(&[("origin", "http://127.0.0.1:8080")], false);
        let twice = [host, ("origin", "http://127.0.0.1:8080"), ("origin", "http://evil.example.com")];
        check(&twice, false);
        check(&[host, ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], false);
    }

    #[test]
    fn public_domain_names_are_refused() {
        for host in ["evil.com", "evil.com:8080", "127.0.0.1.nip.io", "localhost.evil.com", "1.1", "[evil.com]", "[::1"]
        {
            check(&[("host", host), ("origin", &format!("http://{host}")), ("sec-fetch-site", "same-origin")], false);
        }
        for host in
            ["", "evil.com@localhost", "evil.com,localhost", "localhost, evil.com", "evil.com/.localhost", ":80"]
        {
            check(&[("host", host)], false);
        }
        for hosts in [["localhost", "evil.com"], ["evil.com", "localhost"], ["localhost", "\u{e9}vil"]] {
            check(&hosts.map(|host| ("host", host)), false);
        }
        for host in ["a.localhost", "ges.local:1", "ges.test", "ges.home.arpa"] {
            check(&[("host", host)], true);
        }
    }
}
