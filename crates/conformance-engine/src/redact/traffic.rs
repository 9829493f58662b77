//! Finds the secrets in recorded traffic, and replaces them.
//!
//! The token is not known beforehand, so it is found by its place: in a header, a query parameter, a cookie or a
//! member of a body whose name says so. What was found there is replaced wherever else it turns up.

use std::collections::BTreeSet;
use std::ops::Range;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::model::exchange::Exchange;
use crate::model::percent;
use crate::model::recorded::is_redacted;
use crate::model::report::Entry;
use crate::model::suite::Credential;
use crate::redact::exchange::redact_words;
use crate::redact::secret::{REDACTED, Redactor, Secret, is_sensitive};

/// More secrets than this are not looked for elsewhere; where they stand, they are replaced all the same.
const MOST: usize = 200;

/// Shorter values (`1`, `en-GB`) are not searched for.
const SHORTEST: usize = 8;

/// Knows the secrets of the traffic that it was shown.
#[derive(Debug, Default)]
pub(crate) struct TrafficRedactor {
    known: BTreeSet<String>,
    redactor: Redactor,
}

impl TrafficRedactor {
    /// Looks for secrets in `exchange`. `credential` is where the operation has one.
    pub(crate) fn learn(&mut self, exchange: &Exchange, credential: Option<&Credential>) {
        let mut found = Vec::new();
        let reply = exchange.reply.as_ref();
        for (name, value) in exchange.sent.headers.iter().chain(reply.into_iter().flat_map(|reply| &reply.headers)) {
            if is_secret_header(name, credential) {
                found.extend(words_of(value).map(ToOwned::to_owned));
            }
        }
        for (name, value) in percent::pairs(percent::query(&exchange.sent.url)) {
            if is_secret_name(&name, credential) {
                found.push(value);
            }
        }
        let userinfo = userinfo(&exchange.sent.url).and_then(|place| exchange.sent.url[place].split_once(':'));
        found.extend(userinfo.map(|(_, password)| percent_decode_str(password).decode_utf8_lossy().into_owned()));
        let bodies = [exchange.sent.body.as_deref(), reply.map(|reply| &*reply.body)];
        for body in bodies.into_iter().flatten().filter(|body| mentions_a_secret(body)) {
            match serde_json::from_slice::<Value>(body) {
                Ok(value) => secret_members(&value, &mut found),
                Err(_) => found.extend(form_secrets(body)),
            }
        }
        for secret in found {
            if secret.len() >= SHORTEST
                && self.known.len() < MOST
                && !is_redacted(&secret)
                && self.known.insert(secret.clone())
            {
                self.redactor.add(&Secret::new(secret));
            }
        }
    }

    /// Replaces every secret in `exchange` by `***`.
    pub(crate) fn scrub(&self, exchange: &mut Exchange, credential: Option<&Credential>) {
        let Exchange { sent, reply, trouble, .. } = exchange;
        for (name, value) in &mut sent.headers {
            self.header(name, value, credential);
        }
        sent.url = scrubbed_query(&sent.url, credential);
        if let Some(place) = userinfo(&sent.url) {
            sent.url.replace_range(place, REDACTED);
        }
        self.redactor.text(&mut sent.url);
        if let Some(body) = &mut sent.body {
            self.body(body);
        }
        if let Some(reply) = reply {
            for (name, value) in &mut reply.headers {
                self.header(name, value, credential);
            }
            reply.body.edit(|body| self.body(body));
            self.redactor.text(&mut reply.reason);
            reply.framing_fault.iter_mut().for_each(|fault| self.redactor.text(fault));
        }
        trouble.iter_mut().for_each(|trouble| self.redactor.text(trouble));
    }

    /// Replaces every secret in what is said about an exchange that was scrubbed.
    pub(crate) fn words(&self, entry: &mut Entry) {
        redact_words(entry, &self.redactor);
    }

    fn header(&self, name: &str, value: &mut String, credential: Option<&Credential>) {
        if is_secret_header(name, credential) {
            // `Bearer` and such are no secrets, and say how the token is meant.
            let scheme = value.split_once(' ').filter(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric()));
            *value = scheme.map_or_else(|| REDACTED.to_owned(), |(scheme, _)| format!("{scheme} {REDACTED}"));
        } else {
            self.redactor.text(value);
        }
    }

    fn body(&self, body: &mut Vec<u8>) {
        if mentions_a_secret(body) {
            match serde_json::from_slice::<Value>(body) {
                Ok(mut value) => {
                    if blank_members(&mut value) {
                        *body = value.to_string().into_bytes();
                    }
                }
                // It may be a form.
                Err(_) => {
                    let found = form_secrets(body);
                    if !found.is_empty() {
                        let text = String::from_utf8_lossy(body).into_owned();
                        *body = scrubbed_pairs(&text, None).into_bytes();
                    }
                }
            }
        }
        self.redactor.body(body);
    }
}

fn is_secret_header(name: &str, credential: Option<&Credential>) -> bool {
    is_sensitive(name) || credential.is_some_and(|credential| credential.is_called(name))
}

/// Whether a value that one exchange gives to another is a secret, by the name under which it stands in the first (`taken`,
/// a runtime expression) or in the second (`key`: `header.X-Session`, `body#/session/token`).
pub(crate) fn is_secret_value(key: &str, taken: &str) -> bool {
    let expressions = taken.split(['{', '}']).filter(|part| part.starts_with('$'));
    let names = expressions.chain([key]).map(|place| place.rsplit(['/', '.']).next().unwrap_or_default());
    names.into_iter().any(|name| is_sensitive(name) || is_secret_name(name, None))
}

/// Does a query parameter or a member of this name usually carry a secret?
fn is_secret_name(name: &str, credential: Option<&Credential>) -> bool {
    const WORDS: [&str; 10] = [
        "token",
        "password",
        "passwd",
        "secret",
        "apikey",
        "accesskey",
        "signature",
        "credential",
        "privatekey",
        "authorization",
    ];
    let lower: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let is_word = WORDS.iter().any(|word| lower.ends_with(word));
    is_word || credential.is_some_and(|credential| credential.is_called(name))
}

/// A quick look, so that bodies without secrets are not parsed.
fn mentions_a_secret(body: &[u8]) -> bool {
    const PARTS: [&[u8]; 7] = [b"oken", b"assw", b"ecret", b"key", b"Key", b"ignature", b"redential"];
    PARTS.iter().any(|part| body.windows(part.len()).any(|window| window == *part))
}

/// The values in a header that carries secrets: the whole, what follows a scheme, and the parts of a list.
fn words_of(value: &str) -> impl Iterator<Item = &str> {
    let parts = value.split([';', ',', ' ']).map(|part| part.split_once('=').map_or(part, |(_, value)| value));
    std::iter::once(value).chain(parts).map(str::trim)
}

/// Where an address has a name and a password: `https://NAME:PASSWORD@host/`.
fn userinfo(url: &str) -> Option<Range<usize>> {
    let start = url.find("://")? + 3;
    let authority = url[start..].split(['/', '?', '#']).next().unwrap_or_default();
    Some(start..start + authority.rfind('@')?)
}

fn scrubbed_query(url: &str, credential: Option<&Credential>) -> String {
    match url.split_once('?') {
        Some((path, query)) => format!("{path}?{}", scrubbed_pairs(query, credential)),
        None => url.to_owned(),
    }
}

fn scrubbed_pairs(text: &str, credential: Option<&Credential>) -> String {
    let pairs = text.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret_name(&percent_decode_str(name).decode_utf8_lossy(), credential) => {
            format!("{name}={REDACTED}")
        }
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// The secrets in a form. What is no form has none.
fn form_secrets(body: &[u8]) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(body) else { return Vec::new() };
    let is_form = !text.contains([' ', '\n', '<', '{']) && text.contains('=');
    percent::pairs(if is_form { text } else { "" })
        .filter(|(name, _)| is_secret_name(name, None))
        .map(|(_, value)| value)
        .collect()
}

fn secret_members(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(text) if is_secret_name(name, None) => found.push(text.to_owned()),
                    _ => secret_members(member, found),
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| secret_members(element, found)),
        _ => {}
    }
}

/// Whether anything was replaced.
fn blank_members(value: &mut Value) -> bool {
    match value {
        Value::Object(members) => members.iter_mut().fold(false, |any, (name, member)| match member {
            Value::String(text) if is_secret_name(name, None) && !text.is_empty() => {
                REDACTED.clone_into(text);
                true
            }
            other => blank_members(other) | any,
        }),
        Value::Array(elements) => elements.iter_mut().fold(false, |any, element| blank_members(element) | any),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::model::exchange::Reply;
    use crate::model::exchange::{Purpose, Sent};

    fn exchange(url: &str, headers: &[(&str, &str)], body: &str, answered: &[(&str, &str)], reply: &str) -> Exchange {
        let owned = |headers: &[(&str, &str)]| {
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        Exchange {
            purpose: Purpose::Case,
            sent: Sent {
                method: "POST".to_owned(),
                url: url.to_owned(),
                headers: owned(headers),
                body: Some(body.as_bytes().to_vec()),
                wire: None,
            },
            reply: Some(Reply {
                status: 200,
                headers: owned(answered),
                body: reply.as_bytes().to_vec().into(),
                ..Reply::default()
            }),
            trouble: None,
            started: SystemTime::UNIX_EPOCH,
            took: Duration::ZERO,
        }
    }

    #[track_caller]
    fn check(exchange: &Exchange, secrets: &[&str], kept: &[&str]) {
        let mut scrubber = TrafficRedactor::default();
        scrubber.learn(exchange, None);
        let mut scrubbed = exchange.clone();
        scrubber.scrub(&mut scrubbed, None);
        let text = |exchange: &Exchange| {
            let bodies = [exchange.sent.body.clone(), exchange.reply.as_ref().map(|reply| reply.body.to_vec())];
            let bodies = bodies.into_iter().flatten().map(|body| String::from_utf8(body).unwrap()).collect::<String>();
            format!("{exchange:?}{bodies}")
        };
        for secret in secrets {
            assert!(text(exchange).contains(secret), "{secret} was never there");
            assert!(!text(&scrubbed).contains(secret), "{secret} in {}", text(&scrubbed));
        }
        for kept in kept {
            assert!(text(&scrubbed).contains(kept), "{kept} is gone from {}", text(&scrubbed));
        }
    }

    #[test]
    fn the_password_in_an_address_is_a_secret() {
        let url = "https://me:p%40ssw0rd!x@host:1/a?b=c@d";
        let reply = r#"{"you": "p@ssw0rd!x"}"#;
        check(&exchange(url, &[], "", &[], reply), &["p%40ssw0rd!x", "p@ssw0rd!x"], &["https://***@host:1/a?b=c@d"]);
        check(&exchange("http://host/a:b@c", &[], "", &[], "pw"), &[], &["http://host/a:b@c"]);
        check(&exchange("/a://me:pw@host", &[], "", &[], "no"), &["me:pw"], &["host"]);
    }

    #[test]
    fn a_secret_is_replaced_where_it_stands_and_where_it_comes_back() {
        check(
            &exchange(
                "http://h/a?access_token=q%2Fuerytoken&id=7",
                &[("Authorization", "Bearer bearertoken"), ("Cookie", "s=sessionsession; l=en")],
                r#"{"user": "me", "password": "p4ssw0rd!"}"#,
                &[("X-Subject-Token", "answeredtoken"), ("x-id", "req-1")],
                r#"{"you": "bearertoken", "query": "q\/uerytoken", "pass": "p4ssw0rd!", "s": "sessionsession"}"#,
            ),
            &["q%2Fuerytoken", "q\\/uerytoken", "bearertoken", "sessionsession", "p4ssw0rd!", "answeredtoken"],
            &["Bearer ***", "id=7", "req-1", "\"user\"", "access_token=***"],
        );
    }

    #[test]
    fn a_taken_value_is_a_secret_by_either_name() {
        for (key, taken, expected) in [
            ("header.X-Seat", "$response.body#/seat_token", true),
            ("header.X-Seat-Token", "$response.body#/seat", true),
            ("query.seat", "$response.header.X-Auth-Token", true),
            ("cookie.seat", "seat={$response.body#/seat/secret}; a=b", true),
            ("body#/login/password", "$response.body#/id", true),
            ("path.seat_id", "$response.header.Location", false),
        ] {
            assert_eq!(is_secret_value(key, taken), expected, "{key} {taken}");
        }
    }

    #[test]
    fn a_form_and_a_nested_member_have_secrets_too() {
        check(
            &exchange("/a", &[], "grant=x&client_secret=verysecret", &[], r#"{"a": [{"accessToken": "inner-token"}]}"#),
            &["verysecret", "inner-token"],
            &["grant=x", "accessToken"],
        );
    }
}
