//! Signs requests with SDK-HMAC-SHA256, independently of the emulator.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// A request as it goes over the wire, signed now. Addresses are to be sorted and encoded already.
pub(crate) fn signed(request_line: &str, body: &str, access: &str, secret: &str, more: &[(&str, &str)]) -> String {
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    signed_at(&now, request_line, body, access, secret, more)
}

pub(crate) fn signed_at(
    date: &str,
    request_line: &str,
    body: &str,
    access: &str,
    secret: &str,
    more: &[(&str, &str)],
) -> String {
    let (method, target) = request_line.split_once(' ').expect("a method and an address");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = vec![("content-type", "application/json"), ("host", "ges"), ("x-sdk-date", date)];
    headers.extend(more);
    headers.sort();
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let canonical = format!("{method}\n{path}/\n{query}\n{lines}\n{names}\n{}", hexadecimal(&Sha256::digest(body)));
    let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", hexadecimal(&Sha256::digest(canonical)));
    let mut hmac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    hmac.update(to_sign.as_bytes());
    let signature = hexadecimal(&hmac.finalize().into_bytes());

    let mut request = format!("{request_line} HTTP/1.1\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    let authorization = format!("SDK-HMAC-SHA256 Access={access}, SignedHeaders={names}, Signature={signature}");
    format!("{request}authorization: {authorization}\r\n\r\n{body}")
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
