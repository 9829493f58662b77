//! Writes a request as one line of `curl`, for every shell alike.

use std::fmt::Write as _;
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::format::shell;
use crate::format::wrap::shell_words;
use crate::http::address::Address;
use crate::model::case::Wire;
use crate::model::exchange::Sent;
use crate::model::text::visible::is_hidden;
use crate::redact::secret::REDACTED;

/// A comment for a shell. The reasons behind it are ours, so nothing of a request is in it.
pub(crate) const NO_LINE: &str = "# no line for a shell: ";

/// The value of `Authorization` with a redacted name and password.
const BASIC: &str = "Basic ***";

/// One line that sends the same request, or a comment that says why there is none. Where a secret was, the shell variable
/// `variable` stands (named without its `$`). `ca_file` holds certificates to trust besides the system's.
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
    line(sent, variables, ca_file).unwrap_or_else(|reason| format!("{NO_LINE}{reason}"))
}

fn line(sent: &Sent, variables: &Variables<'_>, ca_file: Option<&Path>) -> Result<String, &'static str> {
    let mut line = "curl".to_owned();
    if let Some(path) = ca_file {
        let path =
            path.to_str().and_then(shell::word).ok_or("the name of the file of certificates cannot be quoted")?;
        _ = write!(line, " --cacert {path}");
    }
    line.push_str(" -i");
    let url = address(&sent.url).ok_or("the address is not of http or https")?;
    // curl reads `[1-3]` and `{a,b}` as several addresses, and leaves out `/./` and `/../`.
    if url.contains(['[', ']', '{', '}']) || url.contains(REDACTED) {
        line.push_str(" --globoff");
    }
    if url.split(['/', '?']).any(|step| matches!(&*step.to_ascii_lowercase().replace("%2e", "."), "." | "..")) {
        line.push_str(" --path-as-is");
    }
    match (sent.method.as_str(), sent.body.is_some()) {
        ("GET", false) | ("POST", true) => {}
        ("HEAD", _) => line.push_str(" -I"),
        (method, _) if is_token(method) => _ = write!(line, " -X {}", quoted(method, variables)?),
        _ => return Err("the method is not one of HTTP"),
    }
    for (name, value) in &sent.headers {
        // curl would read a file of headers, were a name to begin with `@`.
        if !is_token(name) || value.contains(['\r', '\n', '\0']) {
            return Err("a header is not one of HTTP");
        }
        // The variable has a name and a password, which curl encodes (RFC 7617, section 2).
        _ = match (name.eq_ignore_ascii_case("authorization") && value.eq_ignore_ascii_case(BASIC), &**value) {
            (true, _) => write!(line, " -u \"${}\"", variables.after(&format!("{name}: "))),
            // With a colon, curl would leave the header out.
            (false, "") => write!(line, " -H {}", quoted(&format!("{name};"), variables)?),
            (false, value) => write!(line, " -H {}", quoted(&format!("{name}: {value}"), variables)?),
        };
    }
    // curl adds these by itself.
    match sent.wire {
        Some(Wire::NoAccept) => line.push_str(" -H 'Accept:'"),
        Some(Wire::NoUserAgent) => line.push_str(" -H 'User-Agent:'"),
        Some(Wire::AbsoluteForm) => _ = write!(line, " --request-target {}", quoted(&url, variables)?),
        _ => {}
    }
    let mut input = String::new();
    match &sent.body {
        Some(body) => {
            if !sent.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                line.push_str(" -H 'Content-Type:'");
            }
            match std::str::from_utf8(body).ok().filter(|text| !text.contains(is_hidden)) {
                // Behind `--data-binary`, `@` is the name of a file.
                Some(text) => {
                    let flag = if text.starts_with('@') { "--data-raw" } else { "--data-binary" };
                    _ = write!(line, " {flag} {}", shell::word(text).unwrap_or_default());
                }
                None => {
                    input = format!("printf '{}' | ", shell::printf(body));
                    line.push_str(" --data-binary @-");
                }
            }
        }
        // Without a body curl would leave the length out, and we did not.
        None if matches!(sent.method.as_str(), "POST" | "PUT" | "PATCH") => line.push_str(" -H 'Content-Length: 0'"),
        None => {}
    }
    // To this machine, a run goes through no proxy.
    if Address::url(&url).is_ok_and(|address| address.is_loopback()) {
        line.push_str(" --noproxy '*'");
    }
    _ = write!(line, " {}", quoted(&url, variables)?);
    Ok(input + &line)
}

/// The address that curl is given: of http, without the fragment, which is never sent, and without what no address has.
fn address(url: &str) -> Option<String> {
    let scheme = url.split_once("://")?.0;
    if !["http", "https"].iter().any(|http| scheme.eq_ignore_ascii_case(http)) {
        return None;
    }
    let url = url.split('#').next().unwrap_or_default();
    let mut address = String::with_capacity(url.len());
    for character in url.chars() {
        if character == ' ' || is_hidden(character) {
            address.extend(utf8_percent_encode(character.encode_utf8(&mut [0; 4]), NON_ALPHANUMERIC));
        } else {
            address.push(character);
        }
    }
    Some(address)
}

/// Whether a line of a report could be from [`curl`]: one call of curl with its flags, in which nothing else runs, no file
/// is read or written, and the address is of http.
pub(crate) fn is_ours(line: &str) -> bool {
    if let Some(reason) = line.strip_prefix(NO_LINE) {
        return reason.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ');
    }
    let piped = line.strip_prefix("printf '").and_then(|rest| rest.split_once("' | "));
    let (is_piped, call) = piped.map_or((false, line), |(format, call)| (!format.contains('\''), call));
    let mut words = shell_words(call).into_iter();
    if words.next() != Some("curl") || line.contains(is_hidden) || piped.is_some() && !is_piped {
        return false;
    }
    let is_address = |word: &str| {
        let address = word.trim_start_matches(['\'', '"']).to_ascii_lowercase();
        is_word(word) && (address.starts_with("http://") || address.starts_with("https://"))
    };
    while let Some(word) = words.next() {
        let value = match word {
            "-i" | "-I" | "--globoff" | "--path-as-is" => continue,
            "-X" | "-H" | "-u" | "--cacert" | "--data-raw" | "--data-binary" | "--request-target" | "--noproxy" => {
                words.next()
            }
            address => return is_address(address) && words.next().is_none(),
        };
        let Some(value) = value.filter(|value| is_word(value)) else { return false };
        let reads_file = value.trim_start_matches(['\'', '"']).starts_with('@');
        let is_input = is_piped && word == "--data-binary" && value == "@-";
        if reads_file && word != "--data-raw" && !is_input {
            return false;
        }
    }
    false
}

/// Whether a word of a shell is quoted as we do it: nothing in it is run or expanded but a variable and `printf`.
fn is_word(word: &str) -> bool {
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        let end = match first {
            '\'' => rest.find('\''),
            '"' => match rest.strip_prefix("$(printf '").and_then(|inside| inside.split_once('\'')) {
                Some((_, behind)) => behind.starts_with(")\"").then(|| rest.len() - behind.len() + 1),
                None => {
                    let end = rest.find('"');
                    let is_soft =
                        |text: &str| !text.contains(['`', '\\', '!']) && !text.contains("$(") && !text.contains("${");
                    end.filter(|end| is_soft(&rest[..*end]))
                }
            },
            '\\' if rest.starts_with(['\'', '\\']) => Some(0),
            _ if first.is_ascii_alphanumeric() || "-._/:=@%+,".contains(first) => continue,
            _ => return false,
        };
        let Some(end) = end else { return false };
        rest = &rest[end + 1..];
    }
    true
}

/// A method or the name of a header. Source: RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_letter)
}

/// One word; with the place of a secret open for the variable.
fn quoted(text: &str, variables: &Variables<'_>) -> Result<String, &'static str> {
    const CANNOT: &str = "it has a character that cannot be quoted";
    if !text.contains(REDACTED) {
        return shell::word(text).ok_or(CANNOT);
    }
    let mut parts = Vec::new();
    let mut length = 0;
    for (index, part) in text.split(REDACTED).enumerate() {
        if index > 0 {
            parts.push((true, variables.after(&text[..length])));
            length += REDACTED.len();
        }
        length += part.len();
        parts.push((false, part));
    }
    parts.retain(|(_, part)| !part.is_empty());
    let word = if text.contains(is_hidden) { shell::printed } else { shell::word };
    // In double quotes, where everybody reads it: no sign of a shell, and nothing that zsh and fish would read as a part of
    // the name of the variable before it (`$a[1]`, `$a:h`).
    let is_soft = |part: &str| !part.contains(|c| is_hidden(c) || "\"$`\\!".contains(c));
    let goes_on = |part: &str| !part.starts_with([' ', '&', ';', ',', '/']);
    let is_simple = parts.iter().all(|(is_variable, part)| *is_variable || is_soft(part))
        && parts.windows(2).all(|pair| !pair[0].0 || !pair[1].0 && !goes_on(pair[1].1));
    let mut quoted = String::new();
    for (is_variable, part) in parts {
        match (is_variable, is_simple) {
            (true, true) => _ = write!(quoted, "${part}"),
            (true, false) => _ = write!(quoted, "\"${part}\""),
            (false, true) => quoted.push_str(part),
            (false, false) => quoted.push_str(&word(part).ok_or(CANNOT)?),
        }
    }
    Ok(if is_simple { format!("\"{quoted}\"") } else { quoted })
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
        let curl = "curl -i --globoff";
        let json = ("Content-Type", "application/json");
        let typed = "-H 'Content-Type: application/json'";
        check("GET", &[("Accept", "a/b")], None, &format!("{curl} -H 'Accept: a/b' {url}"));
        check("POST", &[json], Some("{}"), &format!("{curl} {typed} --data-binary '{{}}' {url}"));
        check("POST", &[], Some("@/etc/hosts"), &format!("{curl} -H 'Content-Type:' --data-raw @/etc/hosts {url}"));
        check(
            "POST",
            &[json],
            Some("%\n'\0"),
            &format!(r"printf '%%\012\047\000' | {curl} {typed} --data-binary @- {url}"),
        );
        check("POST", &[], None, &format!("{curl} -X POST -H 'Content-Length: 0' {url}"));
        check("GET", &[("authorization", "Basic ***")], None, &format!("{curl} -u \"$KEY\" {url}"));
        check("DELETE", &[("X-T", "Bearer ***")], None, &format!("{curl} -X DELETE -H \"X-T: Bearer $KEY\" {url}"));
        check("GET", &[("X-Empty", "")], None, &format!("{curl} -H 'X-Empty;' {url}"));
        check("GET", &[("@/etc/hosts", "a")], None, "# no line for a shell: a header is not one of HTTP");
        check("GET", &[("X", "a\r\nY: b")], None, "# no line for a shell: a header is not one of HTTP");
        check("-o/tmp/x", &[], None, "# no line for a shell: the method is not one of HTTP");
    }

    #[test]
    fn an_address_is_one_address_of_http() {
        for (url, expected) in [
            ("http://h/a?b=[1-3]", "curl -i --globoff 'http://h/a?b=[1-3]'"),
            ("http://h/{a,b}", "curl -i --globoff 'http://h/{a,b}'"),
            ("http://[::1]:8/a", "curl -i --globoff --noproxy '*' 'http://[::1]:8/a'"),
            ("http://127.0.0.1/a?b", "curl -i --noproxy '*' 'http://127.0.0.1/a?b'"),
            ("HTTP://LocalHost:8", "curl -i --noproxy '*' HTTP://LocalHost:8"),
            ("http://localhost.h/a", "curl -i http://localhost.h/a"),
            ("http://h/a#b", "curl -i http://h/a"),
            ("http://h/a b\n", "curl -i http://h/a%20b%0A"),
            ("http://h/a/../b", "curl -i --path-as-is http://h/a/../b"),
            ("http://h/a/%2E%2e?c=d", "curl -i --path-as-is 'http://h/a/%2E%2e?c=d'"),
            ("http://h/$(id)`id`", "curl -i 'http://h/$(id)`id`'"),
            ("HTTPS://h/'", r"curl -i 'HTTPS://h/'\'"),
            ("http://h/a?b=\u{202e}", "curl -i 'http://h/a?b=%E2%80%AE'"),
            ("file:///etc/passwd", "# no line for a shell: the address is not of http or https"),
            ("-o/tmp/x", "# no line for a shell: the address is not of http or https"),
            ("/a/b", "# no line for a shell: the address is not of http or https"),
        ] {
            let sent = Sent { method: "GET".to_owned(), url: url.to_owned(), ..Sent::default() };
            assert_eq!(curl(&sent, "KEY", None), expected);
        }
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
            assert_eq!(quoted(word, &variables).as_deref(), Ok(expected));
        }
        assert_eq!(credential_variable("MY_", "2nd-kéy"), "MY_2ND_K_Y");
    }

    #[test]
    fn a_line_of_a_report_is_one_call_of_curl() {
        for (line, expected) in [
            ("curl -i http://h/a", true),
            ("curl -i --noproxy '*' http://localhost/a", true),
            ("curl -i --noproxy * http://localhost/a", false),
            (
                r#"curl -i --globoff -X PUT -H "X-T: $KEY" -H 'a: it'\''s' --data-binary '{"a":"b"}' 'http://h/?a=b&c=d'"#,
                true,
            ),
            (r#"printf '%%\012\000' | curl -i -H "$(printf 'X: a\033')" --data-binary @- "http://h/?key=$KEY""#, true),
            (r"curl --cacert /a/b.pem -i --data-raw @/etc/hosts http://h/'a'\\", true),
            ("# no line for a shell: a header is not one of HTTP", true),
            ("rm -rf ~", false),
            ("curl -i http://h/a; rm -rf ~", false),
            ("curl -i http://h/a | sh", false),
            ("curl -i http://h/a > ~/.bashrc", false),
            ("curl -i -o .bashrc http://h/a", false),
            ("curl -i -K /tmp/x http://h/a", false),
            ("curl -i file:///etc/passwd", false),
            ("curl -i -H @/etc/passwd http://h/a", false),
            ("curl -i --data-binary '@/etc/passwd' http://h/a", false),
            ("curl -i --data-binary @- http://h/a", false),
            ("curl -i http://h/$(id)", false),
            ("curl -i \"http://h/$(id)\"", false),
            ("curl -i \"http://h/`id`\"", false),
            ("curl -i \"$(printf 'a')$(id)\" http://h", false),
            ("curl -i \"$(printf 'a'; id)\" http://h", false),
            ("curl -i -H $'a' http://h", false),
            ("printf 'a'; rm -rf ~ | curl -i --data-binary @- http://h", false),
            ("curl -i http://h/a http://h/b", false),
            ("curl -i 'http://h/a", false),
            ("curl -i http://h/a\nrm", false),
            ("# no line for a shell: a; rm -rf ~", false),
            ("curl -i", false),
        ] {
            assert_eq!(is_ours(line), expected, "{line}");
        }
    }

    #[test]
    fn nothing_gets_out_of_its_quotes() {
        let key = Variables { token: "KEY", named: Vec::new() };
        for (text, expected) in [
            ("it's $HOME", r"'it'\''s $HOME'"),
            ("`$(a)\\\"***", r#"'`$(a)\"'"$KEY""#),
            ("***s and a ***", r#""$KEY"'s and a '"$KEY""#),
            ("***[1]", r#""$KEY"'[1]'"#),
            ("***:h", r#""$KEY":h"#),
            ("******", r#""$KEY""$KEY""#),
            ("a!b***", r#"'a!b'"$KEY""#),
            ("X: ***\u{1b}", r#""$(printf 'X: ')""$KEY""$(printf '\033')""#),
            ("X: ***", r#""X: $KEY""#),
            ("a=b; c=***; d=e", r#""a=b; c=$KEY; d=e""#),
            ("", "''"),
        ] {
            assert_eq!(quoted(text, &key).as_deref(), Ok(expected));
        }
        assert!(quoted("***\n", &key).is_err());
    }
}
