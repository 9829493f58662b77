//! Parses a `Content-Type`, and matches it with the documented media type.

/// The media type without parameters, in lower case.
pub(crate) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

pub(crate) fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}

/// OpenAPI allows ranges (`text/*`) where it names media types.
pub(crate) fn fits(expected: &str, found: &str) -> bool {
    match expected.strip_suffix("/*") {
        Some("*") => true,
        Some(kind) => found.strip_prefix(kind).is_some_and(|rest| rest.starts_with('/')),
        None => expected == found,
    }
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
