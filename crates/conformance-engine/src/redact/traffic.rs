//! Finds the secrets in recorded traffic, and replaces them.
//!
//! The token is not known beforehand, so it is found by its place: in a header, a query parameter, a cookie or a
//! member of a body whose name says so. What was found there is replaced wherever else it turns up.

use specwright_redaction::name::{Place, Suspicion, is_secret, suspicion_anywhere};
use specwright_redaction::{Format, REDACTED, Redactor, learn, learn_header};

use crate::model::exchange::Exchange;
use crate::model::percent;
use crate::model::recorded::is_redacted;
use crate::model::report::Entry;
use crate::model::suite::Credential;
use crate::redact::exchange::{Way, header, redact_exchange, redact_words, secrets_of_body, secrets_of_reply};

/// Knows the secrets of the traffic that it was shown.
#[derive(Debug, Default)]
pub(crate) struct TrafficRedactor {
    redactor: Redactor,
    /// Bodies that cannot be read are shown as they are.
    pub(crate) shows_bodies: bool,
}

impl TrafficRedactor {
    /// Looks for secrets in `exchange`. `credential` is where the operation has one.
    pub(crate) fn learn(&mut self, exchange: &Exchange, credential: Option<&Credential>) {
        let is_credential = |name: &str| credential.is_some_and(|credential| credential.is_called(name));
        let sent = &exchange.sent;
        let mut found = learn(&sent.url, Format::Any);
        for (name, value) in &sent.headers {
            found.extend(learn_header(name, value, is_credential(name)));
        }
        let pairs = percent::pairs(percent::query(&sent.url));
        found.extend(pairs.filter(|(name, _)| is_credential(name)).map(|(_, value)| value));
        if let Some(body) = &sent.body {
            found.extend(secrets_of_body(body, header(&sent.headers, "content-type")));
        }
        if let Some(reply) = &exchange.reply {
            found.extend(secrets_of_reply(reply, credential));
        }
        self.redactor.known.learn(found.iter().map(String::as_str).filter(|secret| !is_redacted(secret)));
    }

    /// Replaces every secret in `exchange` by `***`.
    pub(crate) fn scrub(&self, exchange: &mut Exchange, credential: Option<&Credential>) {
        exchange.sent.url = without_credential(&exchange.sent.url, credential);
        let way = Way { shows_bodies: self.shows_bodies, is_traffic: true, is_again: false };
        redact_exchange(exchange, credential, &self.redactor, way);
    }

    /// Replaces every secret in what is said about an exchange that was scrubbed.
    pub(crate) fn words(&self, entry: &mut Entry) {
        redact_words(entry, &self.redactor);
    }
}

/// Whether a value that one exchange gives to another is a secret, by the name under which it stands in the first (`taken`,
/// a runtime expression) or in the second (`key`: `header.X-Session`, `body#/session/token`).
pub(crate) fn is_secret_value(key: &str, taken: &str) -> bool {
    let expressions = taken.split(['{', '}']).filter(|part| part.starts_with('$'));
    expressions.chain([key]).any(|place| {
        let name = place.rsplit(['/', '.']).next().unwrap_or_default();
        let is_header = place.contains("header.") && is_secret(name, Place::Header);
        is_header || suspicion_anywhere(name) == Suspicion::Always
    })
}

/// Without the value of the parameter that is the credential of the operation, whatever it is called.
fn without_credential(url: &str, credential: Option<&Credential>) -> String {
    let (Some(credential), Some((path, query))) = (credential, url.split_once('?')) else { return url.to_owned() };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if credential.is_called(&percent::decoded(name)) => format!("{name}={REDACTED}"),
        _ => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
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
