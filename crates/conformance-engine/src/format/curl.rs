//! Writes a request as one line of `curl` for a POSIX shell.

use std::fmt::Write as _;
use std::path::Path;

use crate::model::case::Wire;
use crate::model::exchange::Sent;
use crate::redact::secret::REDACTED;

/// One line that sends the same request. Where a secret was, the shell variable `variable` stands (named without its
/// `$`). `ca_file` holds certificates to trust besides the system's.
pub fn curl(sent: &Sent, variable: &str, ca_file: Option<&Path>) -> String {
    let mut line = "curl".to_owned();
    if let Some(path) = ca_file {
        _ = write!(line, " --cacert {}", single_quoted(&path.to_string_lossy()));
    }
    line.push_str(" -i");
    match (sent.method.as_str(), sent.body.is_some()) {
        ("GET", false) | ("POST", true) => {}
        ("HEAD", _) => line.push_str(" -I"),
        (method, _) => _ = write!(line, " -X {}", quoted(method, variable)),
    }
    for (name, value) in &sent.headers {
        _ = write!(line, " -H {}", quoted(&format!("{name}: {value}"), variable));
    }
    // curl adds these two by itself.
    match sent.wire {
        Some(Wire::NoAccept) => line.push_str(" -H 'Accept:'"),
        Some(Wire::NoUserAgent) => line.push_str(" -H 'User-Agent:'"),
        Some(Wire::AbsoluteForm) => _ = write!(line, " --request-target {}", quoted(&sent.url, variable)),
        _ => {}
    }
    match sent.text(usize::MAX) {
        Some(body) => _ = write!(line, " --data-raw {}", single_quoted(&body)),
        // Without a body curl would leave the length out, and we did not.
        None if matches!(sent.method.as_str(), "POST" | "PUT" | "PATCH") => line.push_str(" -H 'Content-Length: 0'"),
        None => {}
    }
    _ = write!(line, " {}", quoted(&sent.url, variable));
    line
}

/// One shell word; with the place of a secret open for the variable.
fn quoted(word: &str, variable: &str) -> String {
    // In `$'…'` there is no place for a variable; then the stars stay, rather than a control character.
    if !word.contains(REDACTED) || word.chars().any(char::is_control) {
        return single_quoted(word);
    }
    let mut quoted = String::from("\"");
    for (index, part) in word.split(REDACTED).enumerate() {
        if index > 0 {
            let goes_on = part.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_');
            _ = if goes_on { write!(quoted, "${{{variable}}}") } else { write!(quoted, "${variable}") };
        }
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
        check("DELETE", &[("X-T", "Bearer ***")], None, &format!("curl -i -X DELETE -H \"X-T: Bearer $KEY\" {url}"));
    }

    #[test]
    fn nothing_gets_out_of_its_quotes() {
        assert_eq!(single_quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(single_quoted("a\n\u{1b}'\\"), r"$'a\n\x1b\'\\'");
        assert_eq!(quoted("`$(a)\\\"***", "KEY"), r#""\`\$(a)\\\"$KEY""#);
        assert_eq!(quoted("***s and a ***", "KEY"), r#""${KEY}s and a $KEY""#);
        assert_eq!(quoted("***\n", "KEY"), r"$'***\n'");
        assert_eq!(single_quoted(""), "''");
    }
}
