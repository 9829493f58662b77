//! The manifest of a generated crate.

use openapi_document::Api;

use super::dependencies::Used;
use crate::text::markdown;

/// The manifest, without a header.
pub(super) fn manifest(api: &Api<'_>, name: &str, used: &Used) -> String {
    let info = api.document().root().get("info");
    let text = |member| info.and_then(|info| info.text(member)).unwrap_or_default();
    let Used { packages, words } = used;
    let has_json = packages.iter().any(|package| package.name == "serde_json");
    let dependencies: String = packages.iter().map(|package| package.line(words)).collect();
    let description =
        format!("Client of {}, generated from its OpenAPI document", markdown::single_line(text("title")));
    let version = if is_version(text("version")) { text("version") } else { "0.1.0" };
    format!(
        "[package]\n\
         name = \"{name}\"\n\
         description = {}\n\
         version = \"{version}\"\n\
         edition = \"2024\"\n\
         readme = \"README.md\"\n\
         \n\
         [features]\n\
         default = [\"tls\"]\n\
         # https, with what reqwest uses unless told otherwise. Without it only http is possible.\n\
         tls = [\"reqwest/default-tls\"]\n\
         \n\
         [dependencies]\n\
         {dependencies}{}",
        quoted(&description),
        // The example on the page may read its body from JSON.
        if has_json { "" } else { "\n[dev-dependencies]\nserde_json = \"1\"\n" },
    )
}

/// A basic string of TOML. What JSON escapes is escaped alike there (TOML 1.0, "String"); the text has no other control
/// characters.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether cargo takes it: three numbers. Other versions, such as dates and `v2`, say nothing about a crate.
fn is_version(text: &str) -> bool {
    let is_number = |part: &str| part.parse::<u32>().is_ok_and(|number| number.to_string() == part);
    text.split('.').count() == 3 && text.split('.').all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_numbers_are_a_version() {
        for (text, expected) in [
            ("1.2.3", true),
            ("0.10.0", true),
            ("1.2", false),
            ("1.2.03", false),
            ("+1.2.3", false),
            ("1.2.3-beta", false),
            ("2024-01-01", false),
            ("", false),
        ] {
            assert_eq!(is_version(text), expected, "{text}");
        }
    }
}
