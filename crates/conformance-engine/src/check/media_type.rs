//! Parses a `Content-Type`, and matches it with the documented media types.

use std::collections::BTreeMap;

/// The media type without parameters, in lower case.
pub(crate) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

pub(crate) fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}

/// JSON texts one after the other: a line each, or each behind a record separator (RFC 7464).
pub(crate) fn is_sequence(content_type: &str) -> bool {
    const LINES: [&str; 6] = ["ndjson", "x-ndjson", "jsonl", "x-jsonl", "jsonlines", "x-jsonlines"];
    let essence = essence(content_type);
    essence.ends_with("json-seq") || essence.strip_prefix("application/").is_some_and(|it| LINES.contains(&it))
}

pub(crate) fn is_xml(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence == "application/xml" || essence == "text/xml" || essence.ends_with("+xml")
}

/// A range of media types, where OpenAPI names one: `*/*`, `text/*`, and `application/*+json` as some write.
pub(crate) fn is_range(media_type: &str) -> bool {
    media_type.contains('*')
}

/// Whether a media type is the documented one, or in the documented range.
pub(crate) fn fits(expected: &str, found: &str) -> bool {
    match expected.split_once('*') {
        Some(("", _)) => true,
        Some((before, after)) => {
            found.len() > before.len() + after.len() && found.starts_with(before) && found.ends_with(after)
        }
        None => expected == found,
    }
}

/// Whether no parameter of the documented media type has another value.
pub(crate) fn agrees(expected: &str, found: &str) -> bool {
    let found: Vec<String> = parameters(found).collect();
    parameters(expected).all(|wanted| {
        let mut of_name = found.iter().filter(|other| name(other) == name(&wanted)).peekable();
        of_name.peek().is_none() || of_name.any(|other| *other == wanted)
    })
}

/// The entry for a media type: the one of itself whose parameters it has before the narrowest range that it is in. One with
/// another value of a parameter is another one.
///
/// Source: OpenAPI 3.1.1, Response Object, `content`.
pub(crate) fn documented<'m, T>(content: &'m BTreeMap<String, T>, found: &str) -> Option<(&'m String, &'m T)> {
    let found_essence = essence(found);
    let has = |name: &str| parameters(name).all(|wanted| parameters(found).any(|parameter| parameter == wanted));
    let same = content.iter().filter(|(name, _)| essence(name) == found_essence && agrees(name, found));
    let exact = same.max_by_key(|(name, _)| if has(name) { parameters(name).count() + 1 } else { 0 });
    let ranges = content.iter().filter(|(name, _)| is_range(name) && fits(&essence(name), &found_essence));
    exact.or_else(|| ranges.max_by_key(|(name, _)| essence(name).len()))
}

/// The parameters, in lower case, but for those that say how the bytes of one body are read: `charset`, and `boundary`, which
/// each body has its own of (RFC 2046, section 5.1.1).
fn parameters(content_type: &str) -> impl Iterator<Item = String> {
    let parameters = content_type.split(';').skip(1).map(|text| text.trim().replace('"', "").to_ascii_lowercase());
    parameters.filter(|parameter| !parameter.is_empty() && !["charset", "boundary"].contains(&name(parameter)))
}

fn name(parameter: &str) -> &str {
    parameter.split('=').next().unwrap_or_default().trim_end()
}

/// The parameter `charset`, without quotes.
pub(crate) fn charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })
}

/// `utf8` is no registered name, but means nothing else, and there are servers that say it.
pub(crate) fn is_utf8(charset: &str) -> bool {
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_documented_media_type_is_chosen() {
        let all = ["*/*", "application/*", "application/*+json", "application/json", "application/json;v=2", "text/*"];
        let content: BTreeMap<String, ()> = all.into_iter().map(|name| (name.to_owned(), ())).collect();
        for (found, expected) in [
            ("application/json", "application/json"),
            ("Application/JSON; charset=utf-8", "application/json"),
            ("application/json; V=2; charset=utf-8", "application/json;v=2"),
            ("application/json; v=3", "application/json"),
            ("application/problem+json", "application/*+json"),
            ("application/pdf", "application/*"),
            ("text/csv", "text/*"),
            ("image/png", "*/*"),
        ] {
            assert_eq!(documented(&content, found).map(|(name, ())| name.as_str()), Some(expected), "{found}");
        }
        let one = BTreeMap::from([("application/json;v=2".to_owned(), ())]);
        assert!(documented(&one, "application/json").is_some());
        assert!(documented(&one, "application/jsonp").is_none());
        assert!(documented(&one, "application/json;v=3").is_none());
        assert!(agrees("text/csv;header=present", "text/csv; HEADER=\"present\"; charset=utf-8"));
        assert!(!fits("text/*", "text/"));
        assert!(agrees("multipart/mixed; boundary=abc", "multipart/mixed; Boundary=\"zzz\""));
        assert!(!agrees(
            "multipart/related; boundary=a; type=\"text/xml\"",
            "multipart/related; boundary=a; type=\"a/b\""
        ));
        let parts = BTreeMap::from([("multipart/mixed; boundary=abc".to_owned(), ())]);
        assert!(documented(&parts, "multipart/mixed; boundary=zzz").is_some());
    }
}
