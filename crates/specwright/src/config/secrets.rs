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
const WORDS: [&str; 8] =
    ["token", "password", "passwd", "secret", "credential", "credentials", "apikey", "authorization"];
/// The same, of two words.
const PAIRS: [&str; 3] = ["api-key", "access-key", "private-key"];
/// Names that end so are of files or variables.
const HARMLESS: [&str; 2] = [VARIABLE, "-file"];
/// Names that end so are of what is known of a secret, and not of one.
const ABOUT: [&str; 4] = ["-id", "-type", "-name", "-url"];

/// Why the value of an entry must not stand there, without the value.
pub(super) fn problem(entry: &Entry) -> Option<String> {
    let key = entry.key.as_str();
    let is_of_variable = key.ends_with(VARIABLE);
    let is_one =
        |text: &&str| looks_secret(text) || is_of_variable && looks_secret(text.rsplit('=').next().unwrap_or_default());
    let looks_like_one = texts(&entry.value).iter().any(is_one) || names(&entry.value).into_iter().any(looks_secret);
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
    if names_secret(key, &HARMLESS) {
        // `token = "…"`, and what others call it: the value is never looked at.
        return (!matches!(entry.value, Value::Switch(_))).then(|| refused(key));
    }
    if is_of_variable || is_of_file(key) {
        return None;
    }
    let name = secret_member(&entry.value)?;
    Some(format!(
        "`{}` of `{}` would be a secret, and this file is no place for one\nhint: give it on the command line, from a variable: \
         --{1} {0}=\"$VARIABLE\"",
        shown(&name),
        shown(key)
    ))
}

fn is_of_file(key: &str) -> bool {
    key.ends_with("-file")
}

/// Whether a thing of this name, in the spellings `api_key`, `api-key` and `apiKey`, is a secret.
fn names_secret(name: &str, harmless: &[&str]) -> bool {
    let mut kebab = String::new();
    let mut was_lower = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && was_lower {
            kebab.push('-');
        }
        was_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        kebab.push(if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' });
    }
    let is_one = kebab.split('-').any(|part| WORDS.contains(&part)) || PAIRS.iter().any(|pair| kebab.contains(pair));
    is_one && !harmless.iter().any(|end| kebab.ends_with(end))
}

/// The name of a secret within a value: a member of a table, or what stands before `=` in `api_token=…` and
/// `https://host/?api_token=…`.
fn secret_member(value: &Value) -> Option<String> {
    let is_one = |name: &str| {
        // A sentence is no name of a parameter, but that of a state.
        !name.contains(char::is_whitespace) && names_secret(name, &[&HARMLESS[..], &ABOUT[..]].concat())
    };
    match value {
        Value::Text(text) => {
            let pairs = text.split(['?', '&', ',', ';']).filter_map(|pair| pair.split_once('='));
            pairs.map(|(name, _)| name.trim()).find(|name| is_one(name)).map(str::to_owned)
        }
        Value::List(items) => items.iter().find_map(secret_member),
        Value::Table(members) => members
            .iter()
            .find_map(|(name, value)| if is_one(name) { Some(name.clone()) } else { secret_member(value) }),
        Value::Switch(_) | Value::Other => None,
    }
}

const HINT: &str = "a secret comes from a variable or a file: name it with `token-env` or `token-file`";

/// Why a key for a secret is refused.
pub(super) fn refused(key: &str) -> String {
    format!("`{}` would be a secret, and this file is no place for one\nhint: {HINT}", shown(key))
}

/// A key as a message shows it; not at all where it may be a secret itself.
pub(super) fn shown(key: &str) -> String {
    if !key.contains(char::is_whitespace) && looks_secret(key) || key.split(['_', '-', '.']).any(is_run) {
        return "…".to_owned();
    }
    key.escape_debug().take(40).collect()
}

/// The names of members within a value. A name of several words is none that an issuer of tokens gives.
fn names(value: &Value) -> Vec<&str> {
    match value {
        Value::List(items) => items.iter().flat_map(names).collect(),
        Value::Table(members) => {
            let names = members.iter().flat_map(|(name, value)| [name.as_str()].into_iter().chain(names(value)));
            names.filter(|name| !name.contains(char::is_whitespace)).collect()
        }
        Value::Text(_) | Value::Switch(_) | Value::Other => Vec::new(),
    }
}

/// The texts within a value.
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
    begins(text) || begins(value) || has_userinfo(text)
}

/// `https://user:password@host`, and `https://token@host`
fn has_userinfo(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default().contains('@'))
}

/// Whether it is a long run of letters and digits, such as a key is.
fn is_run(part: &str) -> bool {
    part.len() >= 20 && part.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether it is a name as POSIX has it (IEEE Std 1003.1, 8.1), and no long run of letters and digits such as a key is.
fn is_variable(text: &str) -> bool {
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
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
            ("endpoint", "https://anything@example.com/x"),
            ("endpoint", "https://example.com/x?apiToken=anything"),
            ("accessKey", "anything"),
            ("set", "session-password=anything"),
            ("set", "callback=https://anything@example.com"),
        ] {
            let problem = problem(&entry(key, value)).unwrap_or_else(|| panic!("{key} = {value}"));
            assert!(!problem.contains("anything"), "{problem}");
        }
    }

    #[test]
    fn a_member_for_a_secret_is_refused_by_its_name() {
        let table = |key: &str, name: &str, value: Value| Entry {
            value: Value::Table(vec![(name.to_owned(), value)]),
            ..entry(key, "")
        };
        let text = |text: &str| Value::Text(text.to_owned());
        for (key, name) in
            [("set", "api_token"), ("set", "clientSecret"), ("given", "private-key"), ("set", "glpat-anything")]
        {
            let problem = problem(&table(key, name, text("anything"))).unwrap_or_else(|| panic!("{key} {name}"));
            assert!(!problem.contains("anything"), "{problem}");
        }
        let nested = Value::List(vec![Value::Table(vec![("password".to_owned(), text("anything"))])]);
        assert!(problem(&table("set", "a", nested)).is_some());
        assert_eq!(problem(&table("set", "project_id", text("0123"))), None);
        assert_eq!(problem(&table("credential-env", "Basic auth", text("SHOP_PASSWORD"))), None);
        assert_eq!(problem(&table("credential-env", "api-token", text("SHOP_TOKEN"))), None);
        assert_eq!((shown("ghp_anything").as_str(), shown("documnt").as_str()), ("…", "documnt"));
        assert_eq!(shown("a_0123456789abcdef0123"), "…");
    }

    #[test]
    fn names_and_identifiers_are_none() {
        for (key, value) in [
            ("token-env", "STAGING_TOKEN_2"),
            ("token-file", "/run/secrets/token"),
            ("endpoint", "https://example.com:8443/a@b:c"),
            ("set", "project_id=0123456789abcdef0123456789abcdef"),
            ("document", "basic.yaml"),
            ("set", "token_type=opaque"),
            ("set", "tokens_per_page=3"),
            ("given", "an expired token=17"),
            ("credential-env", "api-token=SHOP_KEY"),
        ] {
            assert_eq!(problem(&entry(key, value)), None, "{key} = {value}");
        }
    }
}
