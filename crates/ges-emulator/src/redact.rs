//! Replaces secrets in what is shown of requests: those of the configuration, those that requests present, and what the name
//! makes one.

use specwright_redaction::{Format, learn, learn_header};

/// Replaces the secrets that requests present and those of the configuration.
pub(crate) struct Redactor(specwright_redaction::Redactor);

impl Redactor {
    pub(crate) fn new<'a>(configured: impl Iterator<Item = &'a str>) -> Self {
        let mut redactor = specwright_redaction::Redactor::new();
        redactor.known.extend(configured);
        Self(redactor)
    }

    /// Remembers the secrets in these header fields.
    pub(crate) fn learn_fields<'a>(&mut self, fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) {
        let text = String::from_utf8_lossy;
        let found: Vec<String> =
            fields.flat_map(|(name, value)| learn_header(&text(name), &text(value), false)).collect();
        self.0.known.extend(found.iter().map(String::as_str));
    }

    /// Remembers the secrets in a target or a body.
    pub(crate) fn learn_text(&mut self, text: &[u8]) {
        let found = learn(&String::from_utf8_lossy(text), Format::Any);
        self.0.known.extend(found.iter().map(String::as_str));
    }

    pub(crate) fn text(&self, text: &[u8]) -> String {
        let mut text = String::from_utf8_lossy(text).into_owned();
        self.0.text(&mut text, Format::Any);
        text
    }

    /// A body, or why it is not shown.
    pub(crate) fn body(&self, body: &[u8]) -> String {
        match self.0.body(body, "") {
            Ok(changed) => String::from_utf8_lossy(changed.as_deref().unwrap_or(body)).into_owned(),
            Err(cut) => format!("({cut})"),
        }
    }

    /// The value of a header field.
    pub(crate) fn field_value(&self, name: &[u8], value: &[u8]) -> String {
        let mut value = String::from_utf8_lossy(value).into_owned();
        self.0.header(&String::from_utf8_lossy(name), &mut value, false);
        value
    }
}
