//! Signs requests with `SDK-HMAC-SHA256`.
//!
//! Source: reference, section 4, "SDK-HMAC-SHA256, exactly"; the steps below have its numbers. No Rust library does this:
//! those for Huawei Cloud sign for object storage, in another format.

use std::borrow::Cow;
use std::time::SystemTime;

use hmac::{Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderName, HeaderValue};
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use reqwest::Request;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::percent::RESERVED;

const ALGORITHM: &str = "SDK-HMAC-SHA256";
const DATE: HeaderName = HeaderName::from_static("x-sdk-date");
/// The headers that are signed if present, ascending. A proxy may change others, which would invalidate the signature.
const SIGNED: [HeaderName; 5] =
    [CONTENT_TYPE, HOST, HeaderName::from_static("x-project-id"), DATE, HeaderName::from_static("x-security-token")];

/// A secret key, ready to sign; overwritten when it is dropped.
pub(super) struct Signer(Hmac<Sha256>);

impl Signer {
    pub(super) fn new(secret: &[u8]) -> Signer {
        // HMAC accepts keys of any length; the fallback only avoids a panic.
        Signer(Hmac::new_from_slice(secret).unwrap_or_else(|_| Hmac::new(&Default::default())))
    }

    /// Adds the date, if missing, and the signature. The query is rewritten to the signed form.
    pub(super) fn sign(&self, request: &mut Request, access: &str, now: SystemTime) -> Result<(), Error> {
        let date = match request.headers().get(DATE) {
            Some(date) => date.clone(),
            None => date(now)?,
        };
        request.headers_mut().insert(DATE, date.clone());
        if let Some(query) = request.url().query().map(canonical_query) {
            request.url_mut().set_query(Some(&query).filter(|query| !query.is_empty()).map(String::as_str));
        }
        let (names, hash) = canonical(request)?;
        let mut mac = self.0.clone();
        for part in [ALGORITHM.as_bytes(), b"\n", date.as_bytes(), b"\n", &hexadecimal(&hash)] {
            mac.update(part);
        }
        let signature = hexadecimal(&mac.finalize().into_bytes().into());
        let signature = String::from_utf8_lossy(&signature);
        let header = format!("{ALGORITHM} Access={access}, SignedHeaders={names}, Signature={signature}");
        let mut header =
            HeaderValue::try_from(header).map_err(|_| Error::credentials("a header cannot carry the access key"))?;
        header.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, header);
        Ok(())
    }
}

/// Steps 2 to 7: the names of the signed headers, and the hash of the canonical request, which is hashed piece by piece.
fn canonical(request: &Request) -> Result<(String, [u8; 32]), Error> {
    let mut hash = Sha256::new();
    let mut names = String::new();
    hash.update(request.method().as_str());
    hash.update("\n");
    hash.update(canonical_path(request.url().path()));
    hash.update("\n");
    hash.update(canonical_query(request.url().query().unwrap_or_default()));
    hash.update("\n");
    for name in SIGNED {
        let value = match request.headers().get(&name) {
            Some(value) => Cow::Borrowed(value.as_bytes()),
            None if name == HOST => Cow::Owned(host(request).into_bytes()),
            None => continue,
        };
        hash.update(name.as_str());
        hash.update(":");
        hash.update(value.trim_ascii());
        hash.update("\n");
        if !names.is_empty() {
            names.push(';');
        }
        names.push_str(name.as_str());
    }
    hash.update("\n");
    hash.update(&names);
    hash.update("\n");
    let body = match request.body() {
        Some(body) => body.as_bytes().ok_or_else(|| Error::invalid("the body is a stream, which cannot be signed"))?,
        None => &[],
    };
    hash.update(hexadecimal(&Sha256::digest(body).into()));
    Ok((names, hash.finalize().into()))
}

/// Step 1: `20260102T030405Z`.
fn date(now: SystemTime) -> Result<HeaderValue, Error> {
    if now < SystemTime::UNIX_EPOCH {
        return Err(Error::invalid("the clock of this system is before 1970").with_hint("set the clock"));
    }
    let date = humantime::format_rfc3339_seconds(now).to_string().replace(['-', ':'], "");
    HeaderValue::try_from(date).map_err(|_| Error::invalid("the clock of this machine is out of range"))
}

/// Step 2: decoded as a whole, so that `%2F` separates segments; each segment encoded again; a slash at the end.
fn canonical_path(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let mut canonical = String::with_capacity(path.len() + 1);
    for (index, part) in decoded.split('/').enumerate() {
        if index > 0 {
            canonical.push('/');
        }
        canonical.extend(utf8_percent_encode(part, RESERVED));
    }
    if !canonical.ends_with('/') {
        canonical.push('/');
    }
    canonical
}

/// Step 3: sorted by name, then by value, before they are encoded.
fn canonical_query(query: &str) -> String {
    if query.is_empty() {
        return String::new();
    }
    // Form encoding: a plus is a space.
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<(String, String)> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect();
    pairs.sort();
    let mut canonical = String::with_capacity(query.len());
    for (name, value) in &pairs {
        if !canonical.is_empty() {
            canonical.push('&');
        }
        canonical.extend(utf8_percent_encode(name, RESERVED));
        canonical.push('=');
        canonical.extend(utf8_percent_encode(value, RESERVED));
    }
    canonical
}

/// The `Host` header that the HTTP client will send: without a default port.
fn host(request: &Request) -> String {
    let url = request.url();
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn hexadecimal(bytes: &[u8; 32]) -> [u8; 64] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; 64];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;
    use reqwest::Url;

    const P: &str = "0123456789abcdef0123456789abcdef";
    const G: &str = "4c5f882d-a813-4d78-a8e3-6d3212ddd121";

    struct Vector<'a> {
        keys: [&'a str; 2],
        date: &'a str,
        method: Method,
        url: String,
        body: Option<&'a str>,
        headers: &'a [(&'static str, &'a str)],
        hash: &'a str,
        signature: &'a str,
    }

    fn vector<'a>(method: Method, target: String, hash: &'a str, signature: &'a str) -> Vector<'a> {
        Vector {
            keys: ["AKIDEXAMPLE000000001", "SecretKeyExample0000000000000000000000001"],
            date: "20260102T030405Z",
            method,
            url: format!("https://ges.cn-north-4.myhuaweicloud.com{target}"),
            body: None,
            headers: &[("content-type", "application/json"), ("x-project-id", P)],
            hash,
            signature,
        }
    }

    #[track_caller]
    fn check(vector: Vector<'_>) {
        let mut request = Request::new(vector.method, Url::parse(&vector.url).unwrap());
        for (name, value) in vector.headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        request.headers_mut().insert(DATE, vector.date.parse().unwrap());
        *request.body_mut() = vector.body.map(|body| body.to_owned().into());
        let [access, secret] = vector.keys;
        Signer::new(secret.as_bytes()).sign(&mut request, access, SystemTime::UNIX_EPOCH).unwrap();

        let (names, hash) = canonical(&request).unwrap();
        let hash = hexadecimal(&hash);
        assert_eq!(String::from_utf8_lossy(&hash), vector.hash);
        let expected = format!("{ALGORITHM} Access={access}, SignedHeaders={names}, Signature={}", vector.signature);
        assert_eq!(request.headers()[AUTHORIZATION], expected);
        let mut expected: Vec<_> = vector.headers.iter().map(|(name, _)| *name).chain(["host", "x-sdk-date"]).collect();
        expected.sort();
        assert_eq!(names, expected.join(";"));
    }

    #[test]
    fn vector_a_start() {
        check(Vector {
            body: Some(r#"{"graph_backup_id": "08a898ae-3ff8-40e8-a7ed-03afe05aedbb"}"#),
            ..vector(
                Method::POST,
                format!("/v1.0/{P}/graphs/{G}/action?action_id=start"),
                "7f81b19824a775012ed3c3e5616a9822113123821eee6dcc35e7eaf549748a40",
                "6c75da8350e9e3e1a293da158aa0ec56ec79bcb5e21d95ed26c28f609cdb5c9a",
            )
        });
    }

    #[test]
    fn vector_b_stop() {
        check(vector(
            Method::POST,
            format!("/v2/{P}/graphs/{G}/stop"),
            "d50b41de8310cd5f3c21bbd8848e67455678eb92462f6227e239fd8df5a95a16",
            "3b4ac56f3f3daed6055eb23b4d0b1a963950b59b00e05b6c2e5e775c3f98b45b",
        ));
    }

    #[test]
    fn vector_c_backup_with_a_security_token() {
        check(Vector {
            body: Some("{}"),
            headers: &[
                ("content-type", "application/json"),
                ("x-project-id", P),
                ("x-security-token", "sts-token-example"),
            ],
            ..vector(
                Method::POST,
                format!("/v2/{P}/graphs/{G}/backups"),
                "43981a8ce679fbfde27dee62ea56b271a69ef037d5ec3febec27ce974cdbb204",
                "5eb0f5e4ad8f298dd388238791c6d51f9387cce9110452afd796b612078886f2",
            )
        });
    }

    #[test]
    fn vector_d_list_jobs() {
        // Neither sorted nor encoded as it is signed.
        check(vector(
            Method::GET,
            format!("/v1.0/{P}/graphs/jobs?limit=10&graph_name=my+graph%7E%C3%A9&status=running&offset="),
            "f092f93372e5e997f7dd662602ca7e8bcf8d66d886bb987359c41bfb76f8da52",
            "cc034ddcfc5f88fbe7ed48458470c2b799249b84cac35c884a05be05c77cccb1",
        ));
    }

    #[test]
    fn vector_e_as_published() {
        check(Vector {
            keys: ["QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"],
            date: "20191115T033655Z",
            method: Method::GET,
            url: "https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs\
                  ?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0"
                .to_owned(),
            body: None,
            headers: &[("content-type", "application/json")],
            hash: "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a",
            signature: "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe",
        });
    }

    #[test]
    fn the_date_is_now_unless_the_request_has_one() {
        let mut request = Request::new(Method::GET, Url::parse("http://[::1]:8080/").unwrap());
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(1_767_323_045_678);
        Signer::new(b"s").sign(&mut request, "a", now).unwrap();
        assert_eq!(request.headers()[DATE], "20260102T030405Z");
        assert_eq!(host(&request), "[::1]:8080");
    }

    #[test]
    fn paths_are_decoded_as_a_whole() {
        assert_eq!(canonical_path("/a%2Fb/%7Ec/%20+"), "/a/b/~c/%20%2B/");
        assert_eq!(canonical_path("/"), "/");
    }
}
