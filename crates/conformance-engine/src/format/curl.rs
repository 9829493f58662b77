//! Writes a request as one line of `curl` for a POSIX shell.

use std::fmt::Write as _;
use std::path::Path;

use crate::model::case::Wire;
use crate::model::exchange::Sent;
use crate::redact::secret::REDACTED;

/// The value of `Authorization` with a redacted name and password.
const BASIC: &str = "Basic ***";

/// One line that sends the same request. Where a secret was, the shell variable `variable` stands (named without its
/// `$`). `ca_file` holds certificates to trust besides the system's.
pub fn curl(sent: &Sent, variable: &str, ca_file: Option<&Path>) -> String {
    curl_with(sent, &Variables { token: variable, named: Vec::new() }, ca_file)
}

/// The shell variables that stand for secrets, without their `$`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variables<'v> {
    /// For the token.
    pub(crate) token: &'v str,
    /// The name of a header, a parameter or a cookie -> the variable for its value.
    pub(crate) named: Vec<(&'v str, String)>,
}

impl Variables<'_> {
    /// The variable for the secret that comes after this text: of a header, a line of cookies, an address.
    fn after(&self, text: &str) -> &str {
        let (header, value) = text.split_once(": ").unwrap_or((text, ""));
        let last = text.rsplit(['?', '&', ';', ' ']).next().unwrap_or_default().trim_end_matches('=');
        let is_it = |name: &str| match value.contains('=') || text.contains("://") {
            true => name == last,
            false => name.eq_ignore_ascii_case(header.trim_end_matches([':', ' '])) || name == last,
        };
        self.named.iter().find(|(name, _)| is_it(name)).map_or(self.token, |(_, variable)| variable)
    }
}

/// The variable of the environment with the value of a security scheme: `SHOP_API_KEY` of `api-key`, if those of the
/// program begin with `SHOP_`. Without such a beginning, a scheme called `user` would be taken for the shell's own `$USER`.
pub fn credential_variable(beginning: &str, scheme: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    beginning.chars().chain(scheme.chars().map(letter)).collect()
}

pub(crate) fn curl_with(sent: &Sent, variables: &Variables<'_>, ca_file: Option<&Path>) -> String {
    let mut line = "curl".to_owned();
    if let Some(path) = ca_file {
        _ = write!(line, " --cacert {}", single_quoted(&path.to_string_lossy()));
    }
    line.push_str(" -i");
    match (sent.method.as_str(), sent.body.is_some()) {
        ("GET", false) | ("POST", true) => {}
        ("HEAD", _) => line.push_str(" -I"),
        (method, _) => _ = write!(line, " -X {}", quoted(method, variables)),
    }
    for (name, value) in &sent.headers {
        // The variable has a name and a password, which curl encodes (RFC 7617, section 2).
        _ = match name.eq_ignore_ascii_case("authorization") && value.eq_ignore_ascii_case(BASIC) {
            true => write!(line, " -u \"${}\"", variables.after(&format!("{name}: "))),
            false => write!(line, " -H {}", quoted(&format!("{name}: {value}"), variables)),
        };
    }
    // curl adds these two by itself.
    match sent.wire {
        Some(Wire::NoAccept) => line.push_str(" -H 'Accept:'"),
        Some(Wire::NoUserAgent) => line.push_str(" -H 'User-Agent:'"),
        Some(Wire::AbsoluteForm) => _ = write!(line, " --request-target {}", quoted(&sent.url, variables)),
        _ => {}
    }
    match sent.text(usize::MAX) {
        Some(body) => _ = write!(line, " --data-raw {}", single_quoted(&body)),
        // Without a body curl would leave the length out, and we did not.
        None if matches!(sent.method.as_str(), "POST" | "PUT" | "PATCH") => line.push_str(" -H 'Content-Length: 0'"),
        None => {}
    }
    _ = write!(line, " {}", quoted(&sent.url, variables));
    line
}

/// One shell word; with the place of a secret open for the variable.
fn quoted(word: &str, variables: &Variables<'_>) -> String {
    // In `$'…'` there is no place for a variable; then the stars stay, rather than a control character.
    if !word.contains(REDACTED) || word.chars().any(char::is_control) {
        return single_quoted(word);
    }
    let mut quoted = String::from("\"");
    let mut length = 0;
    for (index, part) in word.split(REDACTED).enumerate() {
        if index > 0 {
            let variable = variables.after(&word[..length]);
            length += REDACTED.len();
            let goes_on = part.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_');
            _ = if goes_on { write!(quoted, "${{{variable}}}") } else { write!(quoted, "${variable}") };
        }
        length += part.len();
        for character in part.chars() {
            if "\"$`\\".contains(character) {
                quoted.push('\\');
            }
            quoted.push(character);
        }
    }
    quoted + "\""
}

/// One shell word, whatever it contains; bare where that is plainly safe.
pub(crate) fn single_quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:=@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    if !word.chars().any(char::is_control) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    // The line stays one line, and a terminal gets no control characters.
    let mut quoted = String::from("$'");
    for character in word.chars() {
        match character {
            '\'' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            '\n' => quoted.push_str("\\n"),
            control if control.is_control() => {
                let mut bytes = [0; 4];
                for byte in control.encode_utf8(&mut bytes).bytes() {
                    _ = write!(quoted, "\\x{byte:02x}");
                }
            }
            other => quoted.push(other),
        }
    }
    quoted + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, headers: &[(&str, &str)], body: Option<&str>, expected: &str) {
        let sent = Sent {
            method: method.to_owned(),
            url: "http://h:8/rockets?key=***&a=b".to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.map(|body| body.as_bytes().to_vec()),
            wire: None,
        };
        assert_eq!(curl(&sent, "KEY", None), expected);
    }

    #[test]
    fn a_line_sends_what_was_sent() {
        let url = r#""http://h:8/rockets?key=$KEY&a=b""#;
        check("GET", &[("Accept", "a/b")], None, &format!("curl -i -H 'Accept: a/b' {url}"));
        check("POST", &[], Some("{}"), &format!("curl -i --data-raw '{{}}' {url}"));
        check("POST", &[], None, &format!("curl -i -X POST -H 'Content-Length: 0' {url}"));
        check("GET", &[("authorization", "Basic ***")], None, &format!("curl -i -u \"$KEY\" {url}"));
        check("DELETE", &[("X-T", "Bearer ***")], None, &format!("curl -i -X DELETE -H \"X-T: Bearer $KEY\" {url}"));
    }

    #[test]
    fn each_scheme_has_a_variable_of_its_own() {
        let named = ["key", "X-App", "seen"].map(|name| (name, credential_variable("MY_", name))).into();
        let variables = Variables { token: "TOKEN", named };
        for (word, expected) in [
            ("Authorization: Bearer ***", "\"Authorization: Bearer $TOKEN\""),
            ("x-app: ***", "\"x-app: $MY_X_APP\""),
            ("Cookie: a=b; seen=***; key=***", "\"Cookie: a=b; seen=$MY_SEEN; key=$MY_KEY\""),
            ("http://h/a?b=c&key=***&seen=***", "\"http://h/a?b=c&key=$MY_KEY&seen=$MY_SEEN\""),
            ("http://h/a?other=***", "\"http://h/a?other=$TOKEN\""),
        ] {
            assert_eq!(quoted(word, &variables), expected);
        }
        assert_eq!(credential_variable("MY_", "2nd-kéy"), "MY_2ND_K_Y");
    }

    #[test]
    fn nothing_gets_out_of_its_quotes() {
        assert_eq!(single_quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(single_quoted("a\n\u{1b}'\\"), r"$'a\n\x1b\'\\'");
        let key = Variables { token: "KEY", named: Vec::new() };
        assert_eq!(quoted("`$(a)\\\"***", &key), r#""\`\$(a)\\\"$KEY""#);
        assert_eq!(quoted("***s and a ***", &key), r#""${KEY}s and a $KEY""#);
        assert_eq!(quoted("***\n", &key), r"$'***\n'");
        assert_eq!(single_quoted(""), "''");
    }
}
