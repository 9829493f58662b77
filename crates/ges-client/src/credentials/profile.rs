//! Reads keys from a profile file of the official SDK.

use std::path::Path;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::keys::Keys;
use crate::error::Error;

/// The keys of a profile file, and the project and endpoint of IAM that it names.
pub(super) struct Profile {
    pub(super) keys: Keys,
    pub(super) project_id: Option<String>,
    pub(super) iam_endpoint: Option<String>,
}

impl Profile {
    /// `text` is the content of the file at `path`. The errors name the path and repeat nothing of the content.
    pub(super) fn parse(path: &Path, text: Vec<u8>) -> Result<Profile, Error> {
        let shown = path.display();
        let text = Zeroizing::new(text);
        let text =
            std::str::from_utf8(&text).map_err(|_| Error::credentials(format!("the file {shown} is not text")))?;
        let value = |key: &str| value(text, "basic", key).map(str::to_owned);
        let secret = |key: &str| value(key).map(SecretString::from);
        let half = |has: &str, lacks: &str| format!("the section [basic] of {shown} has `{has}` but no `{lacks}`");
        let keys = Keys::of_pair(value("ak"), secret("sk"), secret("security_token"), half)?
            .ok_or_else(|| Error::credentials(format!("the file {shown} has no section [basic] with `ak` and `sk`")))?;
        Ok(Profile { keys, project_id: value("project_id"), iam_endpoint: value("iam_endpoint") })
    }
}

/// A value of an INI file as Python's `configparser`, which the official SDK uses, reads it: names in any case, `=` or
/// `:` between name and value, whole lines as comments. Borrowed, so that no copy of a secret is left behind; that is why
/// no library does it.
fn value<'a>(text: &'a str, section: &str, key: &str) -> Option<&'a str> {
    let mut is_in_section = false;
    let mut found = None;
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_in_section = name == section;
        } else if is_in_section
            && let Some((name, value)) = line.split_once(['=', ':'])
            && name.trim().eq_ignore_ascii_case(key)
        {
            found = Some(value.trim()).filter(|value| !value.is_empty());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_the_official_sdk_reads_them() {
        let file = "# of the official SDK\r\n[global]\nak = wrong\n[basic]\nAK = ak-of-the-file\nsk: a=b%c\n; x\n\
                    security_token =\n";
        assert_eq!(value(file, "basic", "ak"), Some("ak-of-the-file"));
        assert_eq!(value(file, "basic", "sk"), Some("a=b%c"));
        assert_eq!(value(file, "basic", "security_token"), None);
        assert_eq!(value(file, "global", "sk"), None);
    }
}
