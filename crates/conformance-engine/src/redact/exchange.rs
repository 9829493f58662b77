//! Takes the token of a run out of an exchange, and secrets out of what a report says.

use crate::model::exchange::{Exchange, Sent};
use crate::model::report::Entry;
use crate::model::suite::Credential;
use crate::redact::secret::{REDACTED, Redactor, is_sensitive};

pub(crate) fn redact_exchange(exchange: &mut Exchange, credential: Option<&Credential>, redactor: &Redactor) {
    if let Some(reply) = &mut exchange.reply {
        for (name, value) in &mut reply.headers {
            let is_credential = credential.is_some_and(|credential| credential.is_called(name));
            redactor.lower_case_text(name);
            if is_credential || is_sensitive(name) {
                REDACTED.clone_into(value);
            } else {
                redactor.text(value);
            }
        }
        reply.body.edit(|body| redactor.body(body));
        redactor.text(&mut reply.reason);
        reply.framing_fault.iter_mut().for_each(|fault| redactor.text(fault));
    }
    // A value that was handed in, or answered by the provider of states, may be the token as well.
    let Sent { method: _, url, headers, body, wire: _ } = &mut exchange.sent;
    let headers = headers.iter_mut().map(|(_, value)| value);
    [url].into_iter().chain(headers).for_each(|text| redactor.text(text));
    body.iter_mut().for_each(|body| redactor.body(body));
    exchange.trouble.iter_mut().for_each(|trouble| redactor.text(trouble));
}

/// Replaces every secret in the texts of `entry`; its exchanges are redacted on their own.
pub(crate) fn redact_words(entry: &mut Entry, redactor: &Redactor) {
    for finding in &mut entry.findings {
        redactor.text(&mut finding.message);
        finding.pointer.iter_mut().for_each(|pointer| redactor.text(pointer));
    }
    entry.unjudged.iter_mut().for_each(|what| redactor.text(what));
    for note in &mut entry.notes {
        redactor.text(&mut note.text);
        redactor.text(&mut note.pointer);
    }
    entry.reason.iter_mut().for_each(|reason| redactor.text(reason));
}
