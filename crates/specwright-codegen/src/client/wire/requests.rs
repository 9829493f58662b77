//! Writes parameters and bodies in the styles of OpenAPI (RFC 6570, and what OpenAPI adds to it).

use std::fmt::Write;

use reqwest::Request;
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderName, HeaderValue};
use serde_json::Value;

/// How a parameter is written; `Json` is for those that the document describes by `content`.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Style {
    Simple,
    Label,
    Matrix,
    Form,
    SpaceDelimited,
    PipeDelimited,
    DeepObject,
    Json,
}

/// What stands in the path for a parameter.
pub(super) fn path<T: ::serde::Serialize>(
    name: &str,
    style: Style,
    explode: bool,
    value: &T,
) -> Result<String, String> {
    let value = json_value(value)?;
    if style == Style::Json {
        return Ok(encode(&value.to_string(), false));
    }
    let name = encode(name, false);
    let (first, separator) = match style {
        Style::Label => (".", if explode { "." } else { "," }),
        Style::Matrix => (";", if explode { ";" } else { "," }),
        _ => ("", ","),
    };
    let is_named_each = style == Style::Matrix && explode && (value.is_array() || value.is_object());
    let parts: Vec<String> = match &value {
        Value::Null => Vec::new(),
        Value::Array(items) => {
            let items = present(items).map(|item| encode(&text(item), false));
            items.map(|item| if is_named_each { assigned(&name, &item) } else { item }).collect()
        }
        Value::Object(members) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            let members = members.map(|(key, value)| (encode(key, false), encode(&text(value), false)));
            members.map(|(key, value)| format!("{key}{}{value}", if explode { '=' } else { ',' })).collect()
        }
        one => vec![encode(&text(one), false)],
    };
    let joined = parts.join(separator);
    Ok(match style {
        Style::Matrix if is_named_each => parts.iter().map(|part| format!(";{part}")).collect(),
        Style::Matrix => format!(";{}", assigned(&name, &joined)),
        _ => format!("{first}{joined}"),
    })
}

/// The pairs of a query for a parameter; none for one that is absent.
pub(super) fn query<T: ::serde::Serialize>(
    name: &str,
    style: Style,
    explode: bool,
    reserved: bool,
    value: &T,
) -> Result<String, String> {
    Ok(pairs(name, style, explode, reserved, &json_value(value)?).join("&"))
}

/// The pairs of the `Cookie` header for a parameter; none for one that is absent.
pub(super) fn cookie<T: ::serde::Serialize>(
    name: &str,
    style: Style,
    explode: bool,
    value: &T,
) -> Result<String, String> {
    Ok(pairs(name, style, explode, false, &json_value(value)?).join("; "))
}

/// The header for a parameter, unless it is absent.
pub(super) fn header<T: ::serde::Serialize>(
    name: &str,
    style: Style,
    explode: bool,
    value: &T,
) -> Result<Option<(HeaderName, HeaderValue)>, String> {
    let text = match json_value(value)? {
        Value::Null => return Ok(None),
        value if style == Style::Json => value.to_string(),
        Value::Array(items) => present(&items).map(text).collect::<Vec<_>>().join(","),
        Value::Object(members) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            let members =
                members.map(|(key, value)| format!("{key}{}{}", if explode { '=' } else { ',' }, text(value)));
            members.collect::<Vec<_>>().join(",")
        }
        one => text(&one),
    };
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
    let value = HeaderValue::from_str(&text).map_err(|error| error.to_string())?;
    Ok(Some((name, value)))
}

/// Adds pairs to the query of a request.
pub(super) fn add_query(request: &mut Request, parts: &[&str]) {
    let url = request.url_mut();
    let mut query = url.query().unwrap_or_default().to_owned();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(part);
    }
    if !query.is_empty() {
        url.set_query(Some(&query));
    }
}

/// Adds a header to a request, if there is one.
pub(super) fn add_header(request: &mut Request, header: Option<(HeaderName, HeaderValue)>) {
    if let Some((name, value)) = header {
        request.headers_mut().append(name, value);
    }
}

/// Adds cookies to a request.
pub(super) fn add_cookies(request: &mut Request, parts: &[&str]) {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    // All of it is percent-encoded.
    if let Ok(value) = HeaderValue::from_str(&parts.join("; "))
        && !parts.is_empty()
    {
        request.headers_mut().append(COOKIE, value);
    }
}

/// Gives a request a body, if there is one.
pub(super) fn set_body(request: &mut Request, content_type: HeaderValue, body: Option<impl Into<reqwest::Body>>) {
    if let Some(body) = body {
        request.headers_mut().insert(CONTENT_TYPE, content_type);
        *request.body_mut() = Some(body.into());
    }
}

/// A media type that the caller chose.
pub(super) fn media_type(text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(text).map_err(|error| error.to_string())
}

/// The media type of a body, where there is one; the argument `name` has it.
pub(super) fn media_type_of<B>(body: Option<&B>, text: Option<&str>, name: &str) -> Result<HeaderValue, String> {
    match (body, text) {
        (_, Some(text)) => media_type(text),
        (None, None) => Ok(HeaderValue::from_static("")),
        (Some(_), None) => Err(format!("{name} is not set, and the body is: it says the media type of the body")),
    }
}

/// A body of JSON.
pub(super) fn json<T: ::serde::Serialize>(body: &T) -> Result<Vec<u8>, String> {
    serde_json::to_vec(body).map_err(|error| error.to_string())
}

/// A body of `application/x-www-form-urlencoded`. `encodings`: name, style, explode and whether reserved characters stay.
/// What has none is written in the style `form`; objects are JSON.
pub(super) fn form<T: ::serde::Serialize>(
    body: &T,
    encodings: &[(&str, Style, bool, bool)],
) -> Result<Vec<u8>, String> {
    let value = json_value(body)?;
    let Value::Object(members) = &value else { return Err(String::from("a form has members, and this has none")) };
    let pairs = members.iter().flat_map(|(name, value)| {
        let known = encodings.iter().find(|(known, ..)| known == name);
        match known {
            Some((_, style, explode, reserved)) => pairs(name, *style, *explode, *reserved, value),
            None => pairs(name, if value.is_object() { Style::Json } else { Style::Form }, true, false, value),
        }
    });
    Ok(pairs.collect::<Vec<_>>().join("&").replace("%20", "+").into_bytes())
}

/// A body of `multipart/form-data` (RFC 7578).
#[derive(Default)]
pub(super) struct Multipart {
    /// Header fields and content.
    parts: Vec<(String, Vec<u8>)>,
}

impl Multipart {
    /// A part for a value, or one for each item of a list; objects are JSON.
    pub(super) fn value<T: ::serde::Serialize>(
        &mut self,
        name: &str,
        content_type: Option<&str>,
        value: &T,
    ) -> Result<(), String> {
        match json_value(value)? {
            Value::Array(items) => present(&items).for_each(|item| self.one(name, content_type, item)),
            Value::Null => {}
            value => self.one(name, content_type, &value),
        }
        Ok(())
    }

    fn one(&mut self, name: &str, content_type: Option<&str>, value: &Value) {
        let is_json = value.is_array() || value.is_object();
        let content_type = content_type.or(is_json.then_some("application/json"));
        let text = if content_type.is_some_and(|name| name.contains("json")) { value.to_string() } else { text(value) };
        self.part(name, None, content_type, text.into_bytes());
    }

    /// A part for a file.
    pub(super) fn file(&mut self, name: &str, file_name: Option<&str>, content_type: &str, content: &[u8]) {
        self.part(name, Some(file_name.unwrap_or(name)), Some(content_type), content.to_vec());
    }

    fn part(&mut self, name: &str, file_name: Option<&str>, content_type: Option<&str>, content: Vec<u8>) {
        let mut head = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
        if let Some(file_name) = file_name {
            let _ = write!(head, "; filename=\"{}\"", quoted(file_name));
        }
        if let Some(content_type) = content_type {
            let _ = write!(head, "\r\nContent-Type: {}", content_type.replace(['\r', '\n'], " "));
        }
        self.parts.push((head, content));
    }

    /// The content type and the bytes.
    pub(super) fn finish(self) -> Result<(HeaderValue, Vec<u8>), String> {
        let mut number = 0_u64;
        let boundary = loop {
            let boundary = format!("part-{number:016x}");
            let is_within = |text: &[u8]| text.windows(boundary.len()).any(|found| found == boundary.as_bytes());
            if !self.parts.iter().any(|(head, content)| is_within(head.as_bytes()) || is_within(content)) {
                break boundary;
            }
            number += 1;
        };
        let mut out = Vec::new();
        for (head, content) in self.parts {
            out.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
            out.extend(content);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        Ok((media_type(&format!("multipart/form-data; boundary={boundary}"))?, out))
    }
}

/// A name between quotes, as HTML writes it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// Read back from text, in which a number has no more digits than it was given.
fn json_value<T: ::serde::Serialize>(value: &T) -> Result<Value, String> {
    let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// Names and values, encoded, each with `=` between.
fn pairs(name: &str, style: Style, explode: bool, reserved: bool, value: &Value) -> Vec<String> {
    let pair = |name: &str, value: &str| format!("{}={}", encode(name, false), encode(value, reserved));
    let list = |values: Vec<String>| {
        let separator = match style {
            Style::SpaceDelimited => "%20",
            Style::PipeDelimited => "%7C",
            _ => ",",
        };
        let values: Vec<String> = values.iter().map(|value| encode(value, reserved)).collect();
        // A list without items, and an object without members, is not there.
        if values.is_empty() { Vec::new() } else { vec![format!("{}={}", encode(name, false), values.join(separator))] }
    };
    match (style, value) {
        (_, Value::Null) => Vec::new(),
        (Style::Json, value) => vec![pair(name, &value.to_string())],
        (Style::DeepObject, Value::Array(_) | Value::Object(_)) => {
            let mut out = Vec::new();
            deep(name.to_owned(), value, &mut |name, value| out.push(pair(name, value)));
            out
        }
        (_, Value::Array(items)) if explode => present(items).map(|item| pair(name, &text(item))).collect(),
        (_, Value::Array(items)) => list(present(items).map(text).collect()),
        (_, Value::Object(members)) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            if explode {
                members.map(|(key, value)| pair(key, &text(value))).collect()
            } else {
                list(members.flat_map(|(key, value)| [key.clone(), text(value)]).collect())
            }
        }
        (_, one) => vec![pair(name, &text(one))],
    }
}

/// `name[member]`, and for what lies deeper `name[member][member]` and `name[0]`, as most servers read it.
fn deep(name: String, value: &Value, pair: &mut impl FnMut(&str, &str)) {
    match value {
        Value::Null => {}
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| deep(format!("{name}[{index}]"), item, pair));
        }
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| deep(format!("{name}[{key}]"), value, pair));
        }
        one => pair(&name, &text(one)),
    }
}

/// `name=value`, or the name alone (RFC 6570, 3.2.7).
fn assigned(name: &str, value: &str) -> String {
    if value.is_empty() { name.to_owned() } else { format!("{name}={value}") }
}

fn present(items: &[Value]) -> impl Iterator<Item = &Value> {
    items.iter().filter(|item| !item.is_null())
}

/// A value by itself; what no style says how to write is JSON.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Everything but unreserved characters is percent-encoded; `reserved` keeps those that mean nothing in a query.
fn encode(text: &str, reserved: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_kept =
            byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || reserved && b":/?@!$'()*,;=".contains(&byte);
        if is_kept {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check_path(style: Style, explode: bool, expected: [&str; 4]) {
        let values = [json!(""), json!("blue"), json!(["blue", "black"]), json!({"B": 150, "G": 200})];
        let found = values.map(|value| path("color", style, explode, &value).unwrap());
        assert_eq!(found, expected);
    }

    /// The table of "Style Examples" in OpenAPI 3.1.1.
    #[test]
    fn paths_are_those_of_the_table() {
        check_path(Style::Simple, false, ["", "blue", "blue,black", "B,150,G,200"]);
        check_path(Style::Simple, true, ["", "blue", "blue,black", "B=150,G=200"]);
        check_path(Style::Label, false, [".", ".blue", ".blue,black", ".B,150,G,200"]);
        check_path(Style::Label, true, [".", ".blue", ".blue.black", ".B=150.G=200"]);
        check_path(Style::Matrix, false, [";color", ";color=blue", ";color=blue,black", ";color=B,150,G,200"]);
        check_path(Style::Matrix, true, [";color", ";color=blue", ";color=blue;color=black", ";B=150;G=200"]);
    }

    #[track_caller]
    fn check_query(style: Style, explode: bool, expected: [&str; 4]) {
        let values = [json!(""), json!("blue"), json!(["blue", "black"]), json!({"B": 150, "G": 200})];
        let found = values.map(|value| query("color", style, explode, false, &value).unwrap());
        assert_eq!(found, expected);
    }

    #[test]
    fn queries_are_those_of_the_table() {
        let one = ["color=", "color=blue"];
        let with = |list, object| [one[0], one[1], list, object];
        check_query(Style::Form, false, with("color=blue,black", "color=B,150,G,200"));
        check_query(Style::Form, true, with("color=blue&color=black", "B=150&G=200"));
        check_query(Style::SpaceDelimited, false, with("color=blue%20black", "color=B%20150%20G%20200"));
        check_query(Style::PipeDelimited, false, with("color=blue%7Cblack", "color=B%7C150%7CG%7C200"));
        let list = "color%5B0%5D=blue&color%5B1%5D=black";
        check_query(Style::DeepObject, true, with(list, "color%5BB%5D=150&color%5BG%5D=200"));
    }

    #[test]
    fn what_separates_values_is_encoded_within_them() {
        let value = json!(["a,b", "c d", "é&"]);
        assert_eq!(query("x", Style::Form, false, false, &value).unwrap(), "x=a%2Cb,c%20d,%C3%A9%26");
        assert_eq!(query("x", Style::Form, false, true, &json!("/a?b&c#d")).unwrap(), "x=/a?b%26c%23d");
    }

    #[test]
    fn what_is_absent_is_not_written() {
        for value in [json!(null), json!([]), json!([null]), json!({})] {
            assert_eq!(query("x", Style::Form, false, false, &value).unwrap(), "", "{value}");
        }
    }
}
