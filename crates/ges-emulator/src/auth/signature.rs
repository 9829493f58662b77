//! Verifies SDK-HMAC-SHA256 signatures.
//!
//! The algorithm is that of the reference (signing algorithm).

use crate::api::parameters::pairs;
use crate::service::clock::Timestamp;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use percent_encoding::percent_decode;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// The scheme of the `Authorization` header.
pub(crate) const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// "X-Sdk-Date more than 15 minutes off is refused" (reference: gateway facts).
pub(crate) const MAX_SKEW: Duration = Duration::from_secs(15 * 60);

pub(crate) static SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-security-token");
static DATE: HeaderName = HeaderName::from_static("x-sdk-date");
static CONTENT_HASH: HeaderName = HeaderName::from_static("x-sdk-content-sha256");

/// Longer names are rejected, because the response repeats them.
const LONGEST_ACCESS_KEY: usize = 128;

/// A well-formed signature. [`Signature::is_by`] verifies it. Without `Debug`: a signed header may be a security token.
pub(crate) struct Signature<'a> {
    /// The access key (AK): the name of the secret key.
    pub(crate) access: &'a str,
    /// The names as in the header: lower case, ascending, separated by `;`.
    signed_headers: &'a str,
    /// The same names with their values in the request.
    headers: Vec<(&'a str, &'a HeaderValue)>,
    signature: [u8; 32],
    date: &'a str,
    pub(crate) signed_at: Timestamp,
}

impl<'a> Signature<'a> {
    /// `None` if the header is anything but
    /// `SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…`, if a listed header is absent or
    /// occurs twice, or if host and date are not listed.
    pub(crate) fn read(authorization: &'a HeaderValue, headers: &'a HeaderMap) -> Option<Self> {
        let (algorithm, parts) = authorization.to_str().ok()?.split_once(' ')?;
        if algorithm != ALGORITHM {
            return None;
        }
        let (mut access, mut signed_headers, mut signature) = (None, None, None);
        for part in parts.split(',') {
            let (name, value) = part.trim_matches(' ').split_once('=')?;
            let place = match name {
                "Access" => &mut access,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return None,
            };
            if place.replace(value).is_some() {
                return None;
            }
        }
        let (access, signed_headers) = (access?, signed_headers?);
        if access.is_empty() || access.len() > LONGEST_ACCESS_KEY || !access.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let headers = listed(signed_headers, headers)?;
        let value = |wanted: &HeaderName| headers.iter().find(|(name, _)| name == wanted).map(|&(_, value)| value);
        value(&HOST)?;
        let date = text(value(&DATE)?)?;
        let (signature, signed_at) = (bytes(signature?)?, moment(date)?);
        Some(Self { access, signed_headers, headers, signature, date, signed_at })
    }

    /// Whether this header was signed.
    pub(crate) fn covers(&self, name: &HeaderName) -> bool {
        self.headers.iter().any(|(signed, _)| signed == name)
    }

    /// Whether this request was signed with the secret key (SK). Compares in constant time.
    pub(crate) fn is_by(&self, secret: &SigningKey, request: &Request<Bytes>) -> bool {
        let mut hmac = secret.hmac();
        let canonical = hexadecimal(&self.canonical_hash(request));
        hmac.update(&[ALGORITHM.as_bytes(), b"\n", self.date.as_bytes(), b"\n", &canonical].concat());
        hmac.verify_slice(&self.signature).is_ok()
    }

    /// SHA-256 of the canonical request.
    fn canonical_hash(&self, request: &Request<Bytes>) -> [u8; 32] {
        /// Most are shorter.
        const LENGTH: usize = 768;

        let mut text = Vec::with_capacity(LENGTH);
        text.extend_from_slice(request.method().as_str().as_bytes());
        text.push(b'\n');
        push_path(&mut text, request.uri().path());
        text.push(b'\n');
        push_query(&mut text, request.uri().query().unwrap_or_default());
        text.push(b'\n');
        for (name, value) in &self.headers {
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
            text.extend_from_slice(value.as_bytes().trim_ascii());
            text.push(b'\n');
        }
        text.push(b'\n');
        text.extend_from_slice(self.signed_headers.as_bytes());
        text.push(b'\n');
        if self.leaves_the_body_out(request.headers()) {
            text.extend_from_slice(UNSIGNED.as_bytes());
        } else {
            text.extend_from_slice(&hexadecimal(&Sha256::digest(request.body()).into()));
        }
        Sha256::digest(text).into()
    }

    /// The official SDK does not sign a body that is neither JSON nor BSON, and says so in a header.
    fn leaves_the_body_out(&self, headers: &HeaderMap) -> bool {
        let unsigned = headers.get(&CONTENT_HASH).is_some_and(|value| value == UNSIGNED) && self.covers(&CONTENT_HASH);
        // Of two types the service could read the other one. A type has no case (RFC 9110, 8.3.1).
        let mut kinds = headers.get_all(&CONTENT_TYPE).iter();
        let is_signed = |kind: &[u8]| {
            let begins = |signed: &&[u8]| kind.get(..signed.len()).is_some_and(|it| it.eq_ignore_ascii_case(signed));
            [b"application/json".as_slice(), b"application/bson"].iter().any(begins)
        };
        let other = kinds.next().is_some_and(|kind| !is_signed(kind.as_bytes().trim_ascii())) && kinds.next().is_none();
        unsigned && other
    }
}

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// A secret key, prepared for use: half of the work is the same for every request.
pub(crate) struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("a key"))
    }

    /// An HMAC to continue.
    pub(crate) fn hmac(&self) -> Hmac<Sha256> {
        self.0.clone()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").finish_non_exhaustive()
    }
}

/// The listed headers. The names must be in lower case and ascending, and each header must occur once.
fn listed<'a>(list: &'a str, headers: &'a HeaderMap) -> Option<Vec<(&'a str, &'a HeaderValue)>> {
    let mut last = "";
    let mut found = Vec::with_capacity(8);
    for name in list.split(';') {
        if last >= name || name.bytes().any(|b| b.is_ascii_uppercase()) {
            return None;
        }
        last = name;
        let mut values = headers.get_all(name).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return None };
        found.push((name, value));
    }
    Some(found)
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// 64 digits, no capitals.
fn bytes(digits: &str) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = digits.as_bytes().try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = 16 * digit(pair[0])? + digit(pair[1])?;
    }
    Some(bytes)
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

pub(crate) fn hexadecimal(bytes: &[u8; 32]) -> [u8; 64] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; 64];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    text
}

/// `20260102T030405Z`, and nothing else.
fn moment(date: &str) -> Option<Timestamp> {
    let digits = date.bytes().enumerate().all(|(i, b)| match i {
        8 => b == b'T',
        15 => b == b'Z',
        _ => b.is_ascii_digit(),
    });
    if date.len() != 16 || !digits {
        return None;
    }
    let number = |from, until| date[from..until].parse::<i16>().ok();
    let small = |from| number(from, from + 2)?.try_into().ok();
    let time = jiff::civil::DateTime::new(number(0, 4)?, small(4)?, small(6)?, small(9)?, small(11)?, small(13)?, 0);
    let timestamp = jiff::tz::Offset::UTC.to_timestamp(time.ok()?).ok()?;
    Some(Timestamp::from_system(timestamp.try_into().ok()?))
}

/// Decoded as a whole, so that `%2F` separates; encoded again, with a final slash.
fn push_path(text: &mut Vec<u8>, path: &str) {
    let path = decoded(path);
    push_encoded(text, &path, |b| PLAIN[usize::from(b)] || b == b'/');
    if path.last() != Some(&b'/') {
        text.push(b'/');
    }
}

/// Sorted by name and value before they are encoded.
fn push_query(text: &mut Vec<u8>, query: &str) {
    if query.is_empty() {
        return;
    }
    let mut pairs: Vec<_> = pairs(query).map(|(name, value)| (decoded(name), decoded(value))).collect();
    pairs.sort();
    let is_plain = |b| PLAIN[usize::from(b)];
    for (i, (name, value)) in pairs.iter().enumerate() {
        text.extend_from_slice(if i == 0 { b"" } else { b"&" });
        push_encoded(text, name, is_plain);
        text.push(b'=');
        push_encoded(text, value, is_plain);
    }
}

fn decoded(text: &str) -> Cow<'_, [u8]> {
    percent_decode(text.as_bytes()).into()
}

/// Percent-encodes all bytes but plain ones.
fn push_encoded(text: &mut Vec<u8>, mut rest: &[u8], is_plain: impl Fn(u8) -> bool) {
    while let Some(at) = rest.iter().position(|&b| !is_plain(b)) {
        text.extend_from_slice(&rest[..at]);
        text.extend_from_slice(percent_encoding::percent_encode_byte(rest[at]).as_bytes());
        rest = &rest[at + 1..];
    }
    text.extend_from_slice(rest);
}

/// Letters, digits, `-_.~`.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut letter = 0;
    while letter < 256 {
        plain[letter] = (letter as u8).is_ascii_alphanumeric() || matches!(letter as u8, b'-' | b'_' | b'.' | b'~');
        letter += 1;
    }
    plain
};

#[cfg(test)]
mod tests {
    use super::*;

    const P: &str = "0123456789abcdef0123456789abcdef";
    const G: &str = "4c5f882d-a813-4d78-a8e3-6d3212ddd121";
    const AK: &str = "AKIDEXAMPLE000000001";
    const SK: &str = "SecretKeyExample0000000000000000000000001";
    const NAMES: &str = "content-type;host;x-project-id;x-sdk-date";

    /// A request of the reference, without its signature.
    fn reference(method: &str, target: &str, body: &'static str) -> Request<Bytes> {
        let target = target.replace("{p}", P).replace("{g}", G);
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("Host", "ges.cn-north-4.myhuaweicloud.com")
            .header("X-Sdk-Date", "20260102T030405Z")
            .header("Content-Type", "application/json")
            .header("X-Project-Id", P);
        request.body(Bytes::from_static(body.as_bytes())).unwrap()
    }

    fn authorization(access: &str, names: &str, signature: &str) -> HeaderValue {
        let text = format!("SDK-HMAC-SHA256 Access={access}, SignedHeaders={names}, Signature={signature}");
        HeaderValue::try_from(text).unwrap()
    }

    #[track_caller]
    fn check_vector(request: &Request<Bytes>, access: &str, secret: &str, names: &str, hash: &str, signature: &str) {
        let header = authorization(access, names, signature);
        let read = Signature::read(&header, request.headers()).expect("a well-formed signature");
        let found = hexadecimal(&read.canonical_hash(request));
        assert_eq!(std::str::from_utf8(&found), Ok(hash), "hash of the canonical request");
        assert!(read.is_by(&SigningKey::new(secret.as_bytes()), request), "signature");
        assert!(!read.is_by(&SigningKey::new(&secret.as_bytes()[1..]), request), "signature with another secret");
    }

    #[test]
    fn vector_a_starts_a_graph() {
        let body = r#"{"graph_backup_id": "08a898ae-3ff8-40e8-a7ed-03afe05aedbb"}"#;
        check_vector(
            &reference("POST", "/v1.0/{p}/graphs/{g}/action?action_id=start", body),
            AK,
            SK,
            NAMES,
            "7f81b19824a775012ed3c3e5616a9822113123821eee6dcc35e7eaf549748a40",
            "6c75da8350e9e3e1a293da158aa0ec56ec79bcb5e21d95ed26c28f609cdb5c9a",
        );
    }

    #[test]
    fn vector_b_stops_a_graph() {
        check_vector(
            &reference("POST", "/v2/{p}/graphs/{g}/stop", ""),
            AK,
            SK,
            NAMES,
            "d50b41de8310cd5f3c21bbd8848e67455678eb92462f6227e239fd8df5a95a16",
            "3b4ac56f3f3daed6055eb23b4d0b1a963950b59b00e05b6c2e5e775c3f98b45b",
        );
    }

    #[test]
    fn vector_c_has_a_security_token() {
        let mut request = reference("POST", "/v2/{p}/graphs/{g}/backups", "{}");
        request.headers_mut().insert("X-Security-Token", HeaderValue::from_static("sts-token-example"));
        check_vector(
            &request,
            AK,
            SK,
            "content-type;host;x-project-id;x-sdk-date;x-security-token",
            "43981a8ce679fbfde27dee62ea56b271a69ef037d5ec3febec27ce974cdbb204",
            "5eb0f5e4ad8f298dd388238791c6d51f9387cce9110452afd796b612078886f2",
        );
    }

    #[test]
    fn vector_d_has_a_query_with_accents_and_an_empty_value() {
        let query = "graph_name=my%20graph~%C3%A9&limit=10&offset=&status=running";
        check_vector(
            &reference("GET", &format!("/v1.0/{{p}}/graphs/jobs?{query}"), ""),
            AK,
            SK,
            NAMES,
            "f092f93372e5e997f7dd662602ca7e8bcf8d66d886bb987359c41bfb76f8da52",
            "cc034ddcfc5f88fbe7ed48458470c2b799249b84cac35c884a05be05c77cccb1",
        );
    }

    #[test]
    fn vector_e_is_the_published_one() {
        let request = Request::get(
            "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
        )
        .header("Host", "service.region.example.com")
        .header("Content-Type", "application/json")
        .header("X-Sdk-Date", "20191115T033655Z");
        check_vector(
            &request.body(Bytes::new()).unwrap(),
            "QTWAOYTTINDUT2QVKYUC",
            "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc",
            "content-type;host;x-sdk-date",
            "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a",
            "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe",
        );
    }

    const B: &str = "3b4ac56f3f3daed6055eb23b4d0b1a963950b59b00e05b6c2e5e775c3f98b45b";

    #[test]
    fn signed_parts_must_not_change() {
        let changes: [fn(&mut Request<Bytes>); 6] = [
            |request| *request.method_mut() = http::Method::PUT,
            |request| *request.uri_mut() = "/v2/p/graphs/g/stop".parse().unwrap(),
            |request| *request.uri_mut() = format!("{}?a=b", request.uri()).parse().unwrap(),
            |request| *request.body_mut() = Bytes::from_static(b"{}"),
            |request| drop(request.headers_mut().insert("host", HeaderValue::from_static("other"))),
            |request| drop(request.headers_mut().insert("x-sdk-date", HeaderValue::from_static("20260102T030406Z"))),
        ];
        for (i, change) in changes.into_iter().enumerate() {
            let mut request = reference("POST", "/v2/{p}/graphs/{g}/stop", "");
            change(&mut request);
            let header = authorization(AK, NAMES, B);
            let read = Signature::read(&header, request.headers()).unwrap();
            assert!(!read.is_by(&SigningKey::new(SK.as_bytes()), &request), "change {i}");
        }
    }

    #[test]
    fn unsigned_parts_may_change() {
        let mut request = reference("POST", "/v2/{p}/graphs/{g}/stop", "");
        request.headers_mut().insert("accept", HeaderValue::from_static("*/*"));
        request.headers_mut().insert("host", HeaderValue::from_static("  ges.cn-north-4.myhuaweicloud.com "));
        let header = authorization(AK, NAMES, B);
        assert!(Signature::read(&header, request.headers()).unwrap().is_by(&SigningKey::new(SK.as_bytes()), &request));
    }

    #[test]
    fn equal_addresses_are_signed_alike() {
        let hash = |target: &str| {
            let request = reference("GET", target, "");
            let header = authorization(AK, NAMES, B);
            Signature::read(&header, request.headers()).unwrap().canonical_hash(&request)
        };
        assert_eq!(hash("/a%2Fb"), hash("/a/b/"));
        assert_eq!(hash("/%61?x=%7e&b&a=2&a=1"), hash("/a?a=1&a=2&b=&x=~"));
        assert_eq!(hash("/a?"), hash("/a"));
        assert_ne!(hash("/a?a+b"), hash("/a?a%20b"));
        assert_ne!(hash("/a?a%3D=b"), hash("/a?a=%3Db"));
    }

    #[test]
    fn a_body_that_is_not_json_need_not_be_signed() {
        for (kind, names, same) in [
            ("text/plain", "content-type;host;x-sdk-content-sha256;x-sdk-date", true),
            ("text/plain", "content-type;host;x-sdk-date", false),
            ("application/json", "content-type;host;x-sdk-content-sha256;x-sdk-date", false),
            ("Application/JSON", "content-type;host;x-sdk-content-sha256;x-sdk-date", false),
            (" APPLICATION/json; charset=utf-8", "content-type;host;x-sdk-content-sha256;x-sdk-date", false),
            ("application/BSON", "content-type;host;x-sdk-content-sha256;x-sdk-date", false),
            ("Text/Plain", "content-type;host;x-sdk-content-sha256;x-sdk-date", true),
            ("application/vnd.api+json", "content-type;host;x-sdk-content-sha256;x-sdk-date", true),
            ("text/plain", "host;x-sdk-content-sha256;x-sdk-date", true),
        ] {
            let hash = |body| {
                let mut request = reference("POST", "/", body);
                request.headers_mut().insert("content-type", HeaderValue::from_static(kind));
                request.headers_mut().insert("x-sdk-content-sha256", HeaderValue::from_static("UNSIGNED-PAYLOAD"));
                let header = authorization(AK, names, B);
                Signature::read(&header, request.headers()).unwrap().canonical_hash(&request)
            };
            assert_eq!(hash("one") == hash("other"), same, "{kind} {names}");
        }
    }

    #[test]
    fn a_second_content_type_makes_no_body_unsigned() {
        for kinds in [["text/plain", "application/json"], ["application/json", "text/plain"], ["text/plain"; 2]] {
            let hash = |body| {
                let mut request = reference("POST", "/", body);
                request.headers_mut().remove("content-type");
                for kind in kinds {
                    request.headers_mut().append("content-type", HeaderValue::from_static(kind));
                }
                request.headers_mut().insert("x-sdk-content-sha256", HeaderValue::from_static("UNSIGNED-PAYLOAD"));
                let header = authorization(AK, "host;x-sdk-content-sha256;x-sdk-date", B);
                Signature::read(&header, request.headers()).unwrap().canonical_hash(&request)
            };
            assert_ne!(hash("one"), hash("other"), "{kinds:?}");
        }
    }

    #[track_caller]
    fn check_malformed(authorization: &[u8]) {
        let mut request = reference("POST", "/v2/{p}/graphs/{g}/stop", "");
        request.headers_mut().append("twice", HeaderValue::from_static("1"));
        request.headers_mut().append("twice", HeaderValue::from_static("2"));
        let header = HeaderValue::from_bytes(authorization).unwrap();
        let read = Signature::read(&header, request.headers());
        assert!(read.is_none(), "{:?}", header);
    }

    #[test]
    fn an_access_key_may_be_as_long_as_a_response_repeats() {
        let (request, access) = (reference("POST", "/v2/{p}/graphs/{g}/stop", ""), "A".repeat(LONGEST_ACCESS_KEY));
        let header = authorization(&access, NAMES, B);
        assert_eq!(Signature::read(&header, request.headers()).map(|read| read.access), Some(access.as_str()));
    }

    #[test]
    fn a_malformed_header_is_no_signature() {
        let good = format!("SDK-HMAC-SHA256 Access={AK}, SignedHeaders={NAMES}, Signature={B}");
        for (part, instead) in [
            ("SDK-HMAC-SHA256", "SDK-HMAC-SM3"),
            ("SDK-HMAC-SHA256 ", "SDK-HMAC-SHA256"),
            ("SDK-HMAC-SHA256", "sdk-hmac-sha256"),
            ("Access=", "Credential="),
            ("Access=", ""),
            (AK, ""),
            (AK, "a b"),
            (AK, &"A".repeat(129)),
            (", Sig", " Sig"),
            (", Sig", ", Access=a, Sig"),
            (B, ""),
            (B, &B[1..]),
            (B, &B.to_uppercase()),
            (B, &"é".repeat(32)),
            (NAMES, ""),
            (NAMES, ";;"),
            (NAMES, "x-sdk-date"),
            (NAMES, "host"),
            (NAMES, "x-sdk-date;host"),
            (NAMES, "host;host;x-sdk-date"),
            (NAMES, "Host;X-Sdk-Date"),
            (NAMES, "absent;host;x-sdk-date"),
            (NAMES, "host;twice;x-sdk-date"),
            (NAMES, "h ost;host;x-sdk-date"),
            (NAMES, "host;x-sdk-date;é"),
        ] {
            assert!(good.contains(part));
            check_malformed(good.replacen(part, instead, 1).as_bytes());
        }
        for text in ["", " ", "SDK-HMAC-SHA256", "SDK-HMAC-SHA256 ", "SDK-HMAC-SHA256 ,,", "Basic YTpi", "Bearer a=b"] {
            check_malformed(text.as_bytes());
        }
        check_malformed(b"SDK-HMAC-SHA256 \xff");
    }

    #[test]
    fn a_date_has_one_format() {
        assert_eq!(moment("20260102T030405Z").map(|moment| moment.to_string()).as_deref(), Some("2026-01-02T03:04:05"));
        for text in [
            "",
            "20260102T030405",
            "20260102t030405Z",
            "2026-01-02T03:04:05Z",
            "20261302T030405Z",
            "20260230T030405Z",
            "20260102T250405Z",
            "+0260102T030405Z",
            "é0260102T03040Z",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
