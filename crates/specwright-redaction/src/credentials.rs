//! Finds the secrets of traffic by their names, with the parts that are secrets on their own.

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::decode::{decoded, layers};
use crate::name::{Place, is_secret, is_secret_value};
use crate::scan::{Format, scan};

/// Words that examples have in the place of a secret, and that stand in any text.
const COMMON: [&str; 24] = [
    "string",
    "password",
    "secret",
    "token",
    "example",
    "null",
    "none",
    "true",
    "false",
    "bearer",
    "basic",
    "admin",
    "user",
    "username",
    "undefined",
    "changeme",
    "default",
    "required",
    "optional",
    "invalid",
    "application",
    "redacted",
    "filtered",
    "test",
];

/// The secrets in the value of a header, if its name says so or it `is_credential`; otherwise those in an address or a text
/// that it holds.
pub fn learn_header(name: &str, value: &str, is_credential: bool) -> Vec<String> {
    if !is_credential && !is_secret_value(name, value, Place::Header) {
        return learn(value, Format::Any);
    }
    let is_cookie = name.to_ascii_lowercase().contains("cookie");
    let value = value.trim();
    let mut found = Vec::new();
    let rest = split_scheme(value).map_or(value, |(_, rest)| rest);
    // Of a signature each request has another: only what is secret in it is learnt.
    let has_parts = rest != value && rest.contains('=') && rest.contains([',', ' ']);
    if !is_cookie && !has_parts {
        found.extend([value, rest].map(ToOwned::to_owned));
        found.extend(name_and_password(rest));
    }
    let parts = rest.split([';', ',']).flat_map(|part| part.split_ascii_whitespace());
    for (index, part) in parts.enumerate() {
        let Some((name, value)) = part.split_once('=') else { continue };
        let value = value.trim_matches('"');
        let attributes = ["path", "domain", "expires", "max-age", "samesite", "version", "priority"];
        let is_attribute = index > 0 && attributes.iter().any(|known| name.eq_ignore_ascii_case(known));
        let is_part = if is_cookie { !is_attribute } else { name == "response" || is_secret(name, Place::Parameter) };
        // What ends a value in base64 is none.
        if is_part && value.bytes().any(|byte| byte != b'=') {
            found.push(value.to_owned());
        }
    }
    finished(found)
}

/// The secrets in a text that stand under the name of one.
pub fn learn(text: &str, format: Format) -> Vec<String> {
    let mut found = Vec::new();
    for layer in layers(text.as_bytes()) {
        for named in scan(&layer.bytes, format) {
            let Ok(value) = std::str::from_utf8(&layer.bytes[named.range.clone()]) else { continue };
            let rest = split_scheme(value).map_or(value, |(_, rest)| rest);
            found.extend([value, rest].map(ToOwned::to_owned));
            found.extend(name_and_password(rest));
            // In forms and queries `+` is a blank.
            found.extend(value.contains('+').then(|| value.replace('+', " ")));
            // The password of an address.
            let password = value.split_once(':').map(|(_, password)| password);
            let is_address = layer.bytes[..named.range.start].ends_with(b"://");
            found.extend(password.filter(|_| is_address).map(ToOwned::to_owned));
        }
    }
    finished(found)
}

/// With the encodings undone, and without what is too common to be looked for elsewhere.
fn finished(found: Vec<String>) -> Vec<String> {
    let undone: Vec<String> = found.iter().filter_map(|secret| decoded(secret)).collect();
    let mut all: Vec<String> = found.into_iter().chain(undone).map(|secret| secret.trim().to_owned()).collect();
    all.retain(|secret| is_distinct(secret));
    all.sort();
    all.dedup();
    all
}

/// Whether a value found by its name can be looked for by itself without hiding ordinary words.
fn is_distinct(value: &str) -> bool {
    let has = |is: fn(&u8) -> bool| value.bytes().any(|byte| is(&byte));
    let is_mixed = has(u8::is_ascii_alphabetic) && has(|byte| !byte.is_ascii_alphabetic());
    let is_common = COMMON.iter().any(|word| word.eq_ignore_ascii_case(value));
    !is_common && !value.contains("***") && (value.len() >= 8 || value.len() >= 5 && is_mixed)
}

/// A name and a password in base64 (RFC 7617): both together, and the password.
fn name_and_password(value: &str) -> Vec<String> {
    let Some(pair) = BASE64_STANDARD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Vec::new();
    };
    match pair.split_once(':') {
        Some((_, password)) if !pair.chars().any(char::is_control) => vec![password.to_owned(), pair],
        _ => Vec::new(),
    }
}

/// A scheme of HTTP (RFC 9110, 11.1) and what follows it.
pub(crate) fn split_scheme(value: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = value.trim().split_once(' ')?;
    let is_scheme = scheme.len() <= 40
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    // `my secret words` has none.
    let known =
        ["bearer", "basic", "digest", "token", "apikey", "negotiate", "hoba", "mutual", "dpop", "key", "jwt", "scram"];
    let is_known = known.iter().any(|known| scheme.eq_ignore_ascii_case(known)) || scheme.contains("HMAC");
    (is_scheme && is_known && !rest.trim().is_empty()).then_some((scheme, rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_value_under_an_ordinary_name_is_not_looked_for_elsewhere() {
        for (text, expected) in [
            ("/jobs?code=in_progress&key=display_name", &[] as &[&str]),
            ("/cb?code=4/0AbCdEf123456&state=x", &["4/0AbCdEf123456"]),
            ("/maps?Key=AIzaSyA1b2C3d4", &["AIzaSyA1b2C3d4"]),
            ("/a?api_key=display_name&mfa_code=in_progress", &["display_name", "in_progress"]),
            ("{\"url\": \"/jobs?code=in_progress\"}", &[]),
        ] {
            assert_eq!(learn(text, Format::Any), expected, "{text}");
        }
    }

    #[test]
    fn the_parts_of_a_header_are_secrets_too() {
        for (name, value, expected) in [
            ("Authorization", "Bearer abc123456==", &["Bearer abc123456==", "abc123456=="] as &[&str]),
            (
                "authorization",
                "Basic dXNlcjpwYXNzIHdvcmQx",
                &["Basic dXNlcjpwYXNzIHdvcmQx", "dXNlcjpwYXNzIHdvcmQx", "pass word1", "user:pass word1"],
            ),
            ("X-Auth-Token", "MIIabc+/==", &["MIIabc+/=="]),
            ("Cookie", "s=sessionsession; theme=dark; t=abc12345==", &["abc12345==", "sessionsession"]),
            ("Set-Cookie", "sid=0123456789ab; Path=/long/path/of/it; HttpOnly", &["0123456789ab"]),
            (
                "Authorization",
                "SDK-HMAC-SHA256 Access=AKAKAKAK, SignedHeaders=host;x-sdk-date, Signature=00ff00ff00ff00ff",
                &["00ff00ff00ff00ff"],
            ),
            ("Location", "https://h/cb?code=abc123456789#access_token=t0ken-t0ken", &["abc123456789", "t0ken-t0ken"]),
            ("Content-Type", "application/json", &[]),
            ("X-Auth-Token", "t", &[]),
        ] {
            let found = learn_header(name, value, false);
            for secret in expected {
                assert!(found.iter().any(|found| found == secret), "{name}: {secret} not in {found:?}");
            }
            assert!(!expected.is_empty() || found.is_empty(), "{name}: {found:?}");
            assert!(!found.iter().any(|found| found.contains(", ")), "{name}: {found:?}");
        }
    }
}
