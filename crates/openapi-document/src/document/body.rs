//! Writes a value as a request body of a media type.
//!
//! Sources: OpenAPI 3.0.4 and 3.1.1, Media Type Object and Encoding Object; RFC 7578 for `multipart/form-data`.

use std::fmt::Write as _;

use conformance_engine::suite::Place;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::resolve::Document;
use super::schema::parts;
use super::style::Style;
use crate::node::{Data, Entry, Node};

/// A body as it is sent.
pub(crate) struct Written {
    /// With the boundary, where there is one.
    pub(crate) media_type: String,
    pub(crate) content: Content,
}

/// The value that a suite has for a body: JSON, or the text that is sent.
pub(crate) enum Content {
    /// Written when it is sent.
    Json(Value),
    /// The text of a body that is JSON, with a number that [`Value`] cannot hold as it is written.
    ExactJson(String),
    /// The text of a body that is not JSON.
    Text(String),
}

/// How `value` is sent as `media`, an entry of `content`; or why it cannot be. JSON and forms are written from values, of
/// every other media type only a text says what is sent.
pub(crate) fn written(document: &Document, media: &Entry, value: &Node) -> Result<Written, String> {
    let media_type = media.key.as_str();
    let essence = essence(media_type);
    let whole = |content| Ok(Written { media_type: media_type.to_owned(), content });
    if media_type.contains('*') {
        return Err(format!("`{media_type}` is a range of media types, and a body has one"));
    }
    if is_json(media_type) {
        return whole(match value.has_inexact_number() {
            true => Content::ExactJson(value.to_json_text()),
            false => Content::Json(value.to_json()),
        });
    }
    let is_parted = essence.starts_with("multipart/");
    if let Some(text) = value.as_text() {
        return match () {
            () if is_parted && !media_type.contains("boundary=") => Err(unsendable(media_type)),
            () if is_xml(&essence) && !text.trim_start().starts_with('<') => Err(unsendable(media_type)),
            () => whole(Content::Text(text.to_owned())),
        };
    }
    if essence == "application/x-www-form-urlencoded" {
        return whole(Content::Text(form(document, media, value)?));
    }
    if essence == "multipart/form-data" {
        return multipart(document, media, value);
    }
    // The text of a number or a Boolean is the same wherever a text is asked for.
    match value.scalar().filter(|_| essence.starts_with("text/") && !is_xml(&essence)) {
        Some(text) => whole(Content::Text(text)),
        None => Err(unsendable(media_type)),
    }
}

/// Why an example of a body cannot be sent.
pub(crate) fn unsendable(media_type: &str) -> String {
    format!("the example of a `{media_type}` body is a value and not the text to send")
}

/// A media type without parameters, in lower case: `text/plain` of `Text/Plain; charset=utf-8` (RFC 9110, 8.3.1).
pub fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a media type is that of a body that can be composed from its schema, and how gladly: JSON first.
pub(crate) fn composable(media_type: &str) -> Option<u8> {
    match essence(media_type).as_str() {
        _ if is_json(media_type) => Some(0),
        "application/x-www-form-urlencoded" => Some(1),
        "multipart/form-data" => Some(2),
        "text/plain" => Some(3),
        _ => None,
    }
}

fn is_xml(essence: &str) -> bool {
    essence == "application/xml" || essence == "text/xml" || essence.ends_with("+xml")
}

/// The schemas of a member of a form, its references followed, and its Encoding Object.
fn member<'d>(document: &'d Document, media: &'d Entry, name: &str) -> (Vec<&'d Node>, Option<&'d Node>) {
    let encoding = media.value.get("encoding").and_then(|all| document.resolve(all.get(name)?));
    (schema(document, media, name).map(|schema| parts(document, schema)).unwrap_or_default(), encoding)
}

fn schema<'d>(document: &'d Document, media: &'d Entry, name: &str) -> Option<&'d Node> {
    let whole = parts(document, document.resolve(media.value.get("schema")?)?);
    whole.into_iter().find_map(|part| document.resolve(part.get("properties")?.get(name)?))
}

/// The text of a form.
fn form(document: &Document, media: &Entry, value: &Node) -> Result<String, String> {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*');
    let encoded = |text: &str| utf8_percent_encode(text, ENCODED).to_string().replace("%20", "+");
    let mut pairs = Vec::new();
    let members = value.as_map().ok_or_else(|| unsendable(&media.key))?;
    for member in members.iter() {
        let (_, encoding) = self::member(document, media, &member.key);
        let styled =
            encoding.filter(|it| ["style", "explode", "allowReserved"].iter().any(|key| it.get(key).is_some()));
        if let Some(encoding) = styled {
            let pieces = Style::of(&member.key, Place::Query, encoding).pieces(&member.value);
            let pieces = pieces.map_err(|reason| format!("the member `{}` of the form is {reason}", member.key))?;
            for piece in pieces {
                let value = if piece.encoded { piece.value.replace("%20", "+") } else { encoded(&piece.value) };
                pairs.push(format!("{}={value}", encoded(&piece.name)));
            }
            continue;
        }
        // Without a style, what is no scalar is JSON.
        let named = encoding.and_then(|it| it.text("contentType"));
        for item in items(&member.value) {
            let text = match item.scalar() {
                Some(text) if named.is_none_or(|named| !is_json(named)) => text,
                _ if named.is_none_or(is_json) => item.to_json_text(),
                _ => {
                    let (name, named) = (&member.key, named.unwrap_or_default());
                    return Err(format!("the member `{name}` is a value and not the text to send as `{named}`"));
                }
            };
            pairs.push(format!("{}={}", encoded(&member.key), encoded(&text)));
        }
    }
    Ok(pairs.join("&"))
}

/// A list is written item by item; what is null is not there.
fn items(value: &Node) -> impl Iterator<Item = &Node> {
    let all = match &value.data {
        Data::List(items) => items.as_slice(),
        _ => std::slice::from_ref(value),
    };
    all.iter().filter(|item| !matches!(item.data, Data::Null))
}

/// One part for each member of a value, and for each item of a list.
fn multipart(document: &Document, media: &Entry, value: &Node) -> Result<Written, String> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for member in value.as_map().ok_or_else(|| unsendable(&media.key))?.iter() {
        let (schema, encoding) = self::member(document, media, &member.key);
        let named = encoding.and_then(|encoding| encoding.text("contentType"));
        for item in items(&member.value) {
            let head = format!("Content-Disposition: form-data; name=\"{}\"", quoted(&member.key));
            parts.push(part(document, head, &member.key, &schema, named, item)?);
        }
    }
    let is_within =
        |boundary: &str| parts.iter().any(|(head, text)| head.contains(boundary) || text.contains(boundary));
    let mut number = 0_u64;
    let mut boundary = "part-0".to_owned();
    while is_within(&boundary) {
        number += 1;
        boundary = format!("part-{number}");
    }
    let mut text = String::new();
    for (head, content) in &parts {
        // Writing to a string cannot fail.
        let _ = write!(text, "--{boundary}\r\n{head}\r\n\r\n{content}\r\n");
    }
    let _ = write!(text, "--{boundary}--\r\n");
    let given = media.key.split(';').next().unwrap_or_default().trim();
    Ok(Written { media_type: format!("{given}; boundary={boundary}"), content: Content::Text(text) })
}

/// The header fields and the content of one part.
fn part(
    document: &Document,
    mut head: String,
    name: &str,
    schema: &[&Node],
    named: Option<&str>,
    value: &Node,
) -> Result<(String, String), String> {
    let text = |key: &str| schema.iter().find_map(|part| part.text(key));
    let items = schema.iter().find_map(|part| document.resolve(part.get("items")?));
    let format = text("format").or_else(|| items?.text("format"));
    let described = text("contentMediaType").or_else(|| items?.text("contentMediaType"));
    let is_file = described.is_some() || matches!(format, Some("binary" | "byte" | "base64"));
    // Of several that are allowed, the first.
    let named = named.and_then(|all| all.split(',').map(str::trim).find(|one| !one.is_empty())).or(described);
    if let Some(range) = named.filter(|named| named.contains('*')) {
        return Err(format!("the part `{name}` has the content type `{range}`, and a part has one that is no range"));
    }
    let scalar = value.scalar();
    let content_type = match (named, &scalar) {
        (Some(named), _) => Some(named),
        (None, None) => Some("application/json"),
        (None, Some(_)) if is_file => Some("application/octet-stream"),
        // RFC 7578, 4.4: text.
        (None, Some(_)) => None,
    };
    if is_file {
        let _ = write!(head, "; filename=\"{}\"", quoted(name));
    }
    if let Some(content_type) = content_type {
        let _ = write!(head, "\r\nContent-Type: {content_type}");
    }
    let is_json = content_type.is_some_and(is_json);
    match scalar {
        Some(text) if !is_json || value.as_text().is_some_and(|_| is_file) => Ok((head, text)),
        _ if is_json => Ok((head, value.to_json_text())),
        _ => Err(format!("the part `{name}` is a value and not the text to send as `{}`", named.unwrap_or_default())),
    }
}

/// A name between quotes, as HTML writes it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// Whether a media type is JSON, or based on it (`+json`).
pub fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let suffix = essence.len().checked_sub("+json".len()).and_then(|at| essence.get(at..));
    ["application/json", "text/json"].iter().any(|json| essence.eq_ignore_ascii_case(json))
        || suffix.is_some_and(|it| it.eq_ignore_ascii_case("+json"))
}
