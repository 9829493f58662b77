//! Checks that a request says once, and in one way only, which host it is for.
//!
//! RFC 9112, 3.2: a request in HTTP/1.1 without a `Host`, with two, or with one that is not a host, is answered with 400.
//! What stands before a server and the server itself could believe different ones, and the control API depends on the name.

use http::header::HOST;
use http::request::Parts;
use http::{HeaderValue, Version};
use std::net::Ipv6Addr;

/// What is wrong with the host of a request, if anything is.
pub(crate) fn fault(head: &Parts) -> Option<&'static str> {
    let mut values = head.headers.get_all(HOST).iter().map(HeaderValue::as_bytes);
    let (host, another) = (values.next(), values.next());
    let named = head.uri.authority().map(|authority| authority.as_str().as_bytes());
    if another.is_some() {
        return Some("it has more than one Host");
    }
    if named.is_some_and(|named| !is_host(named)) {
        return Some("its target does not name a host and a port");
    }
    match (host, named) {
        (None, _) if head.version == Version::HTTP_10 => None,
        (None, _) => Some("it has no Host"),
        (Some(host), _) if !is_host(host) => Some("its Host is not a host and a port"),
        (Some(host), Some(named)) => {
            let usual = if head.uri.scheme_str() == Some("https") { b":443".as_slice() } else { b":80" };
            let bare = |text| without(text, usual);
            (!bare(host).eq_ignore_ascii_case(bare(named))).then_some("its Host is another than that of its target")
        }
        (Some(_), None) => None,
    }
}

/// Without the port that goes without saying.
fn without<'t>(text: &'t [u8], port: &[u8]) -> &'t [u8] {
    text.strip_suffix(port).unwrap_or(text)
}

/// A name, an IPv4 address or an IPv6 address in brackets, and a port or none: no user, no list, nothing encoded.
fn is_host(text: &[u8]) -> bool {
    let port = if let Some(rest) = text.strip_prefix(b"[") {
        let Some(end) = rest.iter().position(|&byte| byte == b']') else { return false };
        let address = std::str::from_utf8(&rest[..end]).ok().and_then(|text| text.parse::<Ipv6Addr>().ok());
        if address.is_none() {
            return false;
        }
        &rest[end + 1..]
    } else {
        let end = text.iter().position(|&byte| byte == b':').unwrap_or(text.len());
        let is_of_a_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
        if end == 0 || !text[..end].iter().all(is_of_a_name) {
            return false;
        }
        &text[end..]
    };
    match port {
        [] => true,
        [b':', digits @ ..] => digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    #[track_caller]
    fn check(version: Version, target: &str, hosts: &[&str], fits: bool) {
        let request = Request::get(target).version(version);
        let request = hosts.iter().fold(request, |request, host| request.header(HOST, *host));
        let (head, ()) = request.body(()).expect("a request").into_parts();
        let found = fault(&head);
        assert_eq!(found.is_none(), fits, "{version:?} {target} {hosts:?}: {found:?}");
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for host in [
            "ges",
            "GES.example:8080",
            "127.0.0.1",
            "127.0.0.1:80",
            "[::1]",
            "[::1]:8080",
            "[::ffff:127.0.0.1]:1",
            "a_b.local",
            "xn--bcher-kva.example",
            "ges:",
        ] {
            check(Version::HTTP_11, "/", &[host], true);
        }
        for host in [
            "",
            " ",
            ":80",
            "a b",
            "a, b",
            "a,b",
            "a;b",
            "user@ges",
            "user:secret@ges:80",
            "ges:80:80",
            "ges:x",
            "ges:+1",
            "ges:123456",
            "ges/",
            "ges/_emulator",
            "http://ges",
            "ges?x",
            "ges#x",
            "g%65s",
            "[::1",
            "::1",
            "[::1]x",
            "[ges]",
            "[::1%25lo]",
            "[]",
            "*",
            "\"ges\"",
            "g\u{e9}s",
        ] {
            check(Version::HTTP_11, "/", &[host], false);
        }
    }

    #[test]
    fn there_is_one_host() {
        check(Version::HTTP_11, "/", &[], false);
        check(Version::HTTP_11, "*", &[], false);
        check(Version::HTTP_11, "/", &["ges", "ges"], false);
        check(Version::HTTP_11, "/", &["ges", "evil.example"], false);
        check(Version::HTTP_11, "/", &["evil.example", "ges"], false);
        check(Version::HTTP_10, "/", &[], true);
        check(Version::HTTP_10, "/", &["ges"], true);
        check(Version::HTTP_10, "/", &["ges", "ges"], false);
        check(Version::HTTP_10, "/", &["a@b"], false);
    }

    #[test]
    fn a_host_in_the_target_is_the_same() {
        check(Version::HTTP_11, "http://ges/", &["ges"], true);
        check(Version::HTTP_11, "http://GES:80/", &["ges"], true);
        check(Version::HTTP_11, "https://ges/", &["ges:443"], true);
        check(Version::HTTP_11, "http://ges:8080/", &["ges:8080"], true);
        check(Version::HTTP_11, "http://ges:8080/", &["ges"], false);
        check(Version::HTTP_11, "http://ges/", &["evil.example"], false);
        check(Version::HTTP_11, "http://evil.example/", &["ges"], false);
        check(Version::HTTP_11, "http://ges/", &[], false);
        check(Version::HTTP_11, "http://u@ges/", &["u@ges"], false);
        check(Version::HTTP_11, "http://u@ges/", &["ges"], false);
        check(Version::HTTP_10, "http://ges/", &[], true);
        check(Version::HTTP_10, "http://u@ges/", &[], false);
    }
}
