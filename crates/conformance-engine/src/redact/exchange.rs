//! Takes the secrets of a run out of its exchanges, and out of what a report says.

use specwright_redaction::{Cut, Format, Redactor, Unread, learn, learn_header};

use crate::model::exchange::{Exchange, Reply, Sent};
use crate::model::report::Entry;
use crate::model::suite::Credential;

/// How secrets are kept out of exchanges.
#[derive(Clone, Copy, Default)]
pub(crate) struct Way {
    /// Bodies that cannot be read are shown as they are.
    pub(crate) shows_bodies: bool,
    /// Secrets are found by their names as well in what was sent. What a run sends comes from the document and the user.
    pub(crate) is_traffic: bool,
    /// Only for secrets that are known by now: the others were replaced.
    pub(crate) is_again: bool,
}

/// Replaces every secret in `exchange` by `***`.
pub(crate) fn redact_exchange(exchange: &mut Exchange, credential: Option<&Credential>, redactor: &Redactor, way: Way) {
    let is_credential = |name: &str| credential.is_some_and(|credential| credential.is_called(name));
    if let Some(reply) = &mut exchange.reply {
        for (name, value) in &mut reply.headers {
            if way.is_again {
                redactor.known(value);
            } else {
                redactor.header(name, value, is_credential(name));
            }
            redactor.known(name);
        }
        redact_reply_body(reply, redactor, way);
        redactor.known(&mut reply.reason);
        reply.framing_fault.iter_mut().for_each(|fault| _ = redactor.known(fault));
    }
    let Sent { method: _, url, headers, body, wire: _ } = &mut exchange.sent;
    if way.is_traffic {
        redactor.text(url, Format::Any);
    } else {
        redactor.known(url);
    }
    for (name, value) in headers.iter_mut() {
        if way.is_traffic {
            redactor.header(name, value, is_credential(name));
        } else {
            // A value that was handed in, or answered by the provider of states, may be the token as well.
            redactor.known(value);
        }
    }
    if let Some(body) = body {
        if way.is_traffic {
            let changed = cut(body, redactor, header(headers, "content-type"), way);
            changed.into_iter().for_each(|changed| *body = changed);
        } else {
            redactor.bytes(body, None);
        }
    }
    exchange.trouble.iter_mut().for_each(|trouble| _ = redactor.known(trouble));
}

/// The secrets of a reply that stand under the names of such.
pub(crate) fn secrets_of_reply(reply: &Reply, credential: Option<&Credential>) -> Vec<String> {
    let is_credential = |name: &str| credential.is_some_and(|credential| credential.is_called(name));
    let headers = reply.headers.iter().flat_map(|(name, value)| learn_header(name, value, is_credential(name)));
    let mut found: Vec<String> = headers.collect();
    if let Ok(content) = reply.content() {
        found.extend(secrets_of_body(&content, reply.header("content-type").unwrap_or_default()));
    }
    found
}

/// The secrets of a body.
pub(crate) fn secrets_of_body(body: &[u8], media_type: &str) -> Vec<String> {
    let is_form = media_type.starts_with("application/x-www-form-urlencoded");
    learn(&String::from_utf8_lossy(body), if is_form { Format::Form } else { Format::Any })
}

fn redact_reply_body(reply: &mut Reply, redactor: &Redactor, way: Way) {
    if reply.body.is_empty() {
        return;
    }
    let media_type = reply.header("content-type").unwrap_or_default();
    let changed = match reply.content() {
        // What has no secret stays as it came.
        Ok(content) => cut(&content, redactor, media_type, way),
        // A text is not what its header says, and can be read.
        Err(_) if std::str::from_utf8(&reply.body).is_ok() => cut(&reply.body, redactor, media_type, way),
        Err(_) if may_hide(redactor, way) => Some(shown(Cut { length: reply.body.len(), why: Unread::Compressed })),
        Err(_) => None,
    };
    if let Some(changed) = changed {
        reply.body.edit(|body| *body = changed);
    }
}

/// A body without its secrets, or the reason why it is not shown. `None` if it stays as it is.
fn cut(body: &[u8], redactor: &Redactor, media_type: &str, way: Way) -> Option<Vec<u8>> {
    if way.is_again {
        return redactor.known_in_body(body);
    }
    match redactor.body(body, media_type) {
        Ok(changed) => changed,
        Err(cut) => may_hide(redactor, way).then(|| shown(cut)),
    }
}

/// Whether a body that cannot be read may hide a secret, and is not asked for.
fn may_hide(redactor: &Redactor, way: Way) -> bool {
    !way.shows_bodies && (way.is_traffic || !redactor.known.is_empty())
}

fn shown(cut: Cut) -> Vec<u8> {
    format!("({cut}; --show-bodies shows it)").into_bytes()
}

/// The first header of this name.
pub(crate) fn header<'h>(headers: &'h [(String, String)], name: &str) -> &'h str {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value.as_str())
}

/// Replaces every known secret in the texts of `entry`; its exchanges are redacted on their own.
pub(crate) fn redact_words(entry: &mut Entry, redactor: &Redactor) {
    for finding in &mut entry.findings {
        redactor.known(&mut finding.message);
        finding.pointer.iter_mut().for_each(|pointer| _ = redactor.known(pointer));
    }
    entry.unjudged.iter_mut().for_each(|what| _ = redactor.known(what));
    for note in &mut entry.notes {
        redactor.known(&mut note.text);
        redactor.known(&mut note.pointer);
    }
    entry.reason.iter_mut().for_each(|reason| _ = redactor.known(reason));
    entry.curl.iter_mut().for_each(|line| _ = redactor.known(line));
}
