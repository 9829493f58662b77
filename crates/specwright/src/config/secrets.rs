//! Secrets do not belong into a file that is committed: they are refused, and not printed.

use super::entry::{Entry, Value};
use super::flags::VARIABLE;

/// What begins tokens that are easily told: authentication schemes of HTTP, and the prefixes of well-known issuers.
/// Sources: RFC 6750 and RFC 7617; RFC 7519 (`eyJ` is `{"` in base64); GitHub Docs, "About authentication to GitHub";
/// GitLab Docs, "Token overview"; Slack API, "Token types"; Stripe Docs, "API keys"; AWS IAM, "Unique identifiers".
const BEGINNINGS: [&str; 18] = [
    "bearer ",
    "basic ",
    "eyJ",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "sk_live_",
    "sk_test_",
    "sk-",
    "AKIA",
    "ASIA",
    "-----BEGIN",
];
/// Words in names of keys for secrets.
const WORDS: [&str; 6] = ["token", "password", "secret", "credential", "api-key", "apikey"];
/// Names that end so are of files or variables.
const HARMLESS: [&str; 2] = [VARIABLE, "-file"];

/// Why the value of an entry must not stand there, without the value.
pub(super) fn problem(entry: &Entry) -> Option<String> {
    let key = entry.key.as_str();
    let is_of_variable = key.ends_with(VARIABLE);
    let looks_like_one = texts(&entry.value)
        .iter()
        .any(|text| looks_secret(text) || is_of_variable && looks_secret(text.rsplit('=').next().unwrap_or_default()));
    if looks_like_one {
        return Some(format!("the value of `{}` looks like a secret\nhint: {HINT}", shown(key)));
    }
    if is_of_variable
        && texts(&entry.value).iter().any(|text| !is_variable(text.rsplit('=').next().unwrap_or_default()))
    {
        return Some(format!(
            "the value of `{}` is no name of an environment variable\nhint: {HINT}; the value is not shown, in case it is one",
            shown(key)
        ));
    }
    let lower = key.to_ascii_lowercase().replace('_', "-");
    let names_one = WORDS.iter().any(|word| lower.split('-').any(|part| part == *word) || lower.contains("api-key"));
    let is_harmless = HARMLESS.iter().any(|end| lower.ends_with(end));
    // `token = "…"`, and what others call it: the value is never looked at.
    (names_one && !is_harmless && !matches!(entry.value, Value::Switch(_))).then(|| refused(key))
}

const HINT: &str = "a secret comes from a variable or a file: name it with `token-env` or `token-file`";

/// Why a key for a secret is refused.
pub(super) fn refused(key: &str) -> String {
    format!("`{}` would be a secret, and this file is no place for one\nhint: {HINT}", shown(key))
}

fn shown(key: &str) -> String {
    key.escape_debug().take(40).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Text(text) => vec![text],
        Value::List(items) => items.iter().flat_map(texts).collect(),
        Value::Table(members) => members.iter().flat_map(|(_, value)| texts(value)).collect(),
        Value::Switch(_) | Value::Other => Vec::new(),
    }
}

fn looks_secret(text: &str) -> bool {
    let text = text.trim();
    // `key=Bearer …` is as secret.
    let value = text.split_once('=').map_or(text, |(_, value)| value.trim());
    let begins = |text: &str| {
        BEGINNINGS.iter().any(|start| {
            let has_space = start.ends_with(' ');
            let head = text.get(..start.len());
            head.is_some_and(|head| if has_space { head.eq_ignore_ascii_case(start) } else { head == *start })
        })
    };
    begins(text) || begins(value) || has_password(text)
}

/// `https://user:password@host`
fn has_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

/// Whether it is a name as POSIX has it (IEEE Std 1003.1, 8.1), and no long run of letters and digits such as a key is.
fn is_variable(text: &str) -> bool {
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_run = |part: &str| part.len() >= 20 && part.bytes().any(|byte| byte.is_ascii_digit());
    is_name && !text.split('_').any(is_run)
}

#[cfg(test)]
mod tests {
    use super::super::entry::Scope;
    use super::*;

    fn entry(key: &str, value: &str) -> Entry {
        Entry { scope: Scope::All, key: key.to_owned(), at: 0, value_at: 0, value: Value::Text(value.to_owned()) }
    }

    #[test]
    fn secrets_are_refused_and_not_shown() {
        for (key, value) in [
            ("token", "anything"),
            ("api_key", "anything"),
            ("password", "anything"),
            ("endpoint", "https://user:anything@example.com/x"),
            ("set", "h=bearer anything"),
            ("endpoint", "eyJanything"),
            ("token-file", "ghp_anything"),
            ("token-env", "anything-else"),
            ("token-env", "a1anything0123456789abcdef"),
        ] {
            let problem = problem(&entry(key, value)).unwrap_or_else(|| panic!("{key} = {value}"));
            assert!(!problem.contains("anything"), "{problem}");
        }
    }

    #[test]
    fn names_and_identifiers_are_none() {
        for (key, value) in [
            ("token-env", "STAGING_TOKEN_2"),
            ("token-file", "/run/secrets/token"),
            ("endpoint", "https://example.com:8443/a@b:c"),
            ("set", "project_id=0123456789abcdef0123456789abcdef"),
            ("document", "basic.yaml"),
        ] {
            assert_eq!(problem(&entry(key, value)), None, "{key} = {value}");
        }
    }
}
