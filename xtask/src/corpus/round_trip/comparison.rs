//! Compares what a client sent and read with what the document says.

use std::collections::BTreeSet;

use conformance_engine::suite::{Case, Parameter, Place};
use serde_json::{Number, Value};

use super::program::{decoded, form_decoded};
use super::server::Received;

/// How a request differs from the documented one; nothing if it does not. Beside it, how many members of its body are
/// `undocumented`: the schema of the body has none of them (each as [`missing`] says it).
/// `spelled` is the documented body with its instants in UTC.
pub(super) fn request(
    case: &Case,
    spelled: Option<&str>,
    received: &Received,
    undocumented: &BTreeSet<String>,
) -> (Vec<String>, usize) {
    let mut found = Vec::new();
    let mut left = 0;
    let mut differs = |what: &str, wanted: String, sent: String| {
        if wanted != sent {
            found.push(format!("{what}: documented {wanted}, sent {sent}"));
        }
    };
    differs("method", case.request.method.clone(), received.method.clone());
    let (path, query) = received.target.split_once('?').unwrap_or((&received.target, ""));
    differs("path", documented_path(case), decoded(path));
    let is_credential = |name: &str| case.request.credential.as_ref().is_some_and(|it| it.is_called(name));
    let at = |place: Place| {
        case.request.parameters.iter().filter(move |one| one.place == place && !is_credential(&one.name))
    };
    let mut wanted: Vec<String> = at(Place::Query).map(|one| format!("{}={}", one.name, text(one))).collect();
    let mut sent: Vec<String> = query.split('&').filter(|pair| !pair.is_empty()).map(form_decoded).collect();
    wanted.sort();
    sent.sort();
    differs("query", wanted.join(" & "), sent.join(" & "));
    for one in at(Place::Header) {
        let name = one.name.to_ascii_lowercase();
        let sent = received.headers.iter().find(|(sent, _)| *sent == name).map(|(_, value)| value.clone());
        differs(&format!("header {}", one.name), text(one), sent.unwrap_or_else(|| "nothing".to_owned()));
    }
    for one in at(Place::Cookie) {
        let cookies = received.headers.iter().filter(|(name, _)| name == "cookie");
        let wanted = format!("{}={}", one.name, one.value);
        let is_sent = cookies.flat_map(|(_, line)| line.split("; ")).any(|cookie| cookie == wanted);
        differs("cookie", wanted.clone(), if is_sent { wanted } else { "nothing".to_owned() });
    }
    if let Some(body) = &case.request.body {
        let media = received.headers.iter().find(|(name, _)| name == "content-type");
        let media = media.map_or("nothing", |(_, value)| value.split(';').next().unwrap_or_default().trim());
        differs("content-type", body.media_type.clone(), media.to_owned());
        if body.media_type.ends_with("json") {
            let documented =
                spelled.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| body.value.clone());
            let sent = serde_json::from_slice(&received.body).unwrap_or(Value::Null);
            for lost in missing(&documented, &sent, String::new()) {
                match undocumented.contains(&lost) {
                    true => left += 1,
                    false => found.push(format!("body: {lost}")),
                }
            }
        } else if let Value::String(text) = &body.value {
            let mut fields = |text: &str| {
                let all = text.split('&').map(form_decoded);
                let (mut known, unknown): (Vec<String>, Vec<String>) =
                    all.partition(|field| !undocumented.contains(&format!("/{} is lost", field_name(field))));
                left += unknown.iter().filter(|field| !field.is_empty()).count();
                known.sort();
                known.join(" & ")
            };
            let sent = String::from_utf8_lossy(&received.body);
            let [wanted, sent] = match body.media_type.as_str() {
                "application/x-www-form-urlencoded" => [fields(text), fields(&sent)],
                _ => [text.clone(), sent.into_owned()],
            };
            if wanted != sent {
                found.push(format!("body: documented {wanted}, sent {sent}"));
            }
        }
    }
    (found, left)
}

/// The name of a field of a form, without the key of a member in brackets.
pub(super) fn field_name(field: &str) -> &str {
    field.split(['=', '[']).next().unwrap_or_default()
}

/// What of the documented value the other has not: members, elements, values. Members that it has beyond are of defaults.
pub(super) fn missing(documented: &Value, other: &Value, at: String) -> Vec<String> {
    match (documented, other) {
        (Value::Object(documented), Value::Object(other)) => documented
            .iter()
            // An optional member that is null is left out.
            .filter(|(name, value)| !value.is_null() || other.get(*name).is_some_and(|it| !it.is_null()))
            .flat_map(|(name, value)| match other.get(name) {
                Some(other) => missing(value, other, format!("{at}/{name}")),
                // So is an optional list or map without entries.
                None if value.as_array().is_some_and(Vec::is_empty) => Vec::new(),
                None if value.as_object().is_some_and(serde_json::Map::is_empty) => Vec::new(),
                None => vec![format!("{at}/{name} is lost")],
            })
            .collect(),
        (Value::Array(documented), Value::Array(other)) if documented.len() == other.len() => {
            let pairs = documented.iter().zip(other).enumerate();
            pairs.flat_map(|(index, (one, other))| missing(one, other, format!("{at}/{index}"))).collect()
        }
        (Value::Number(one), Value::Number(other)) if same_number(one, other) => Vec::new(),
        (Value::String(one), Value::String(other)) if same_text(one, other) => Vec::new(),
        (one, other) if one == other => Vec::new(),
        (one, other) => vec![format!("{at}: {one} became {other}")],
    }
}

fn same_number(one: &Number, other: &Number) -> bool {
    one == other || one.as_f64() == other.as_f64()
}

/// A UUID is the same in either case (RFC 9562, 4); no other text is.
fn same_text(one: &str, other: &str) -> bool {
    one == other || is_uuid(one) && one.eq_ignore_ascii_case(other)
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths = groups.iter().map(|group| group.len());
    lengths.eq([8, 4, 4, 4, 12]) && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn documented_path(case: &Case) -> String {
    let mut path = case.request.path.clone();
    for one in case.request.parameters.iter().filter(|one| one.place == Place::Path) {
        path = path.replace(&format!("{{{}}}", one.name), &format!("{}{}", one.prefix, text(one)));
    }
    path
}

/// The value of a parameter, decoded.
fn text(parameter: &Parameter) -> String {
    if parameter.encoded { decoded(&parameter.value) } else { parameter.value.clone() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_uuids_are_the_same_in_either_case() {
        let uuid = "0190F3B2-aaaa-4bbb-8ccc-0123456789AB";
        assert!(same_text(uuid, &uuid.to_lowercase()) && same_text("a", "a"));
        for text in ["ACTIVE", "DEADBEEF", "0190F3B2-aaaa-4bbb-8ccc-0123456789AG"] {
            assert!(!same_text(text, &text.to_lowercase()), "{text}");
        }
    }

    #[test]
    fn a_member_that_the_schema_has_is_lost_whatever_the_client_knows() {
        let case = |media_type: &str, value: &Value| -> Case {
            let case = json!({
                "id": "put", "operation": "put", "kind": "documented", "expected": { "status": 204 },
                "request": { "method": "PUT", "path": "/a", "body": { "media_type": media_type, "value": value } },
            });
            serde_json::from_value(case).unwrap_or_else(|error| panic!("{error}"))
        };
        let undocumented = BTreeSet::from(["/b is lost".to_owned()]);
        for (media_type, value, body) in [
            ("application/json", json!({ "a": 1, "b": 2, "c": 3 }), "{\"c\": 3}"),
            ("application/x-www-form-urlencoded", json!("a=1&b=2&c=3"), "c=3"),
        ] {
            let received = Received {
                method: "PUT".to_owned(),
                target: "/a".to_owned(),
                headers: vec![("content-type".to_owned(), media_type.to_owned())],
                body: body.as_bytes().to_vec(),
            };
            let (found, left) = request(&case(media_type, &value), None, &received, &undocumented);
            assert_eq!((found.len(), left), (1, 1), "{found:?}");
        }
    }
}
