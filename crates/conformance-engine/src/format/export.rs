//! The documented exchanges as a file that another tool runs: hurl, or the REST client of an editor.
//!
//! What only the endpoint can know (the address, the token, what the path names) are variables. Of a reply the file
//! asserts what its tool can say: the status, the media type, and each member of the example. That a member is *blank*
//! (absent, null or empty) hurl cannot say, so that is left to the runner.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use crate::check::media_type::{essence, is_json};
use crate::format::shell;
use crate::http::request::{LITERAL, Piece, pieces};
use crate::model::percent::ENCODED;
use crate::model::suite::{Case, Kind, Place, Rule, Suite};
use crate::model::text::visible::{escaped, escaped_json, is_hidden};

/// Who runs the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// hurl (<https://hurl.dev>).
    Hurl,
    /// The REST clients of editors, which read `.http` files. They assert nothing.
    Http,
}

/// Where the values of a state come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum States<'s> {
    /// A request before each exchange sets up its provider state. Only hurl can use the answer in the next request.
    Provider {
        /// The address that the example command line names.
        example: &'s str,
    },
    /// Variables, of which each state has its own.
    Variables,
}

/// Writes the documented cases of `suite`. `needed` says which values each state has.
pub fn export(suite: &Suite, tool: Tool, states: States<'_>, needed: &BTreeMap<String, Vec<String>>) -> String {
    let cases = suite.cases.iter().filter(|case| matches!(case.kind, Kind::Documented | Kind::Described));
    let exporter = Exporter { tool, states, needed };
    let mut variables: BTreeMap<String, String> = BTreeMap::new();
    let (mut bodies, mut left_out) = (Vec::new(), Vec::new());
    for case in cases {
        let mut own = variables.clone();
        match suite.writable(case).and_then(|case| exporter.case(&case, &mut own)) {
            Ok(body) => {
                bodies.push(body);
                variables = own;
            }
            Err(reason) => left_out.push((case, reason)),
        }
    }

    let endpoint = format!("http://127.0.0.1:8080{}", suite.base_paths.first().map_or("", String::as_str));
    let mut out = format!("# {}: the documented exchanges\n", line(&format!("{} {}", suite.title, suite.version)));
    match tool {
        Tool::Hurl => {
            let variable = shell::flag("--variable", &format!("endpoint={endpoint}"));
            let variable = variable.unwrap_or_else(|| "--variable endpoint=URL".to_owned());
            _ = write!(out, "#\n# hurl --test {variable} --variable token=TOKEN");
            if let States::Provider { example } = states {
                _ = write!(out, " \\\n#   --variable provider_states={example}");
            }
            for (name, example) in &variables {
                let flag = shell::flag("--variable", &format!("{name}={example}"));
                _ = write!(out, " \\\n#   {}", flag.unwrap_or_else(|| format!("--variable {name}=VALUE")));
            }
            out.push_str(" FILE\n");
        }
        Tool::Http => {
            _ = write!(out, "\n@endpoint = {}\n@token = TOKEN\n", line(&endpoint));
            for (name, example) in &variables {
                let is_writable = !example.contains(is_hidden) && !example.contains("{{");
                _ = writeln!(out, "@{name} = {}", if is_writable { example } else { "VALUE" });
            }
        }
    }
    for body in bodies {
        out.push('\n');
        out.push_str(&body);
    }
    if !left_out.is_empty() {
        _ = writeln!(out, "\n# Left out: {}", left_out.len());
    }
    for (case, reason) in &left_out {
        _ = writeln!(out, "# {}", line(&format!("{}: {reason}", case.id)));
    }
    out
}

struct Exporter<'e> {
    tool: Tool,
    states: States<'e>,
    needed: &'e BTreeMap<String, Vec<String>>,
}

impl Exporter<'_> {
    /// The exchange, or why the format cannot hold it.
    fn case(&self, case: &Case, variables: &mut BTreeMap<String, String>) -> Result<String, String> {
        let mut out = String::new();
        match self.tool {
            Tool::Hurl => _ = writeln!(out, "# {}", line(&case.id)),
            Tool::Http => _ = writeln!(out, "### {}", line(&case.id)),
        }
        if let Some(given) = &case.given {
            _ = writeln!(out, "# given {}", line(given));
        }
        if let Some(source) = &case.source {
            _ = writeln!(out, "# documented in \"{}\", {}", line(&source.document), line(&source.section));
        }
        if self.tool == Tool::Http {
            _ = writeln!(out, "# expected {}", case.expected.status);
        }
        let names = self.names(case);
        if matches!(self.states, States::Provider { .. }) && self.tool == Tool::Hurl && !names.is_empty() {
            let body = json(&serde_json::json!({"state": case.given, "action": "setup", "params": {}}));
            _ = writeln!(
                out,
                "POST {{{{provider_states}}}}\nContent-Type: application/json\n{body}\nHTTP 200\n[Captures]"
            );
            for name in &names {
                let place = jsonpath("$", name).ok_or_else(|| format!("hurl cannot find `{name}` in a reply"))?;
                _ = writeln!(out, "{}: jsonpath \"{}\"", variable_name(name), hurl(&place, '"'));
            }
            out.push('\n');
        }
        self.request(case, &names, variables, &mut out)?;
        if self.tool == Tool::Hurl {
            asserts(case, &mut out);
        }
        Ok(out)
    }

    /// The values that the state of `case` has and its request can use.
    fn names(&self, case: &Case) -> BTreeSet<String> {
        let state = case.given.as_ref().and_then(|given| self.needed.get(given));
        state.into_iter().flatten().cloned().collect()
    }

    fn request(
        &self,
        case: &Case,
        names: &BTreeSet<String>,
        variables: &mut BTreeMap<String, String>,
        out: &mut String,
    ) -> Result<(), String> {
        let request = &case.request;
        // What the request calls `name` may be answered under another name.
        let open: Vec<&str> = request.open().collect();
        let mut filled = |name: &str, documented: &str| -> Option<String> {
            if open.contains(&name) && !names.contains(name) {
                let variable = variable_name(&slug(name));
                let variable_in_braces = format!("{{{{{variable}}}}}");
                variables.entry(variable).or_insert_with(|| documented.to_owned());
                return Some(variable_in_braces);
            }
            let alias = request.aliases.iter().find(|(alias, known)| *known == name && names.contains(*alias));
            let known = alias.map(|(alias, _)| alias.as_str()).or(names.contains(name).then_some(name))?;
            if matches!(self.states, States::Provider { .. }) && self.tool == Tool::Hurl {
                return Some(format!("{{{{{}}}}}", variable_name(known)));
            }
            let variable = format!("{}_of_{}", variable_name(known), slug(case.given.as_deref().unwrap_or_default()));
            let variable_in_braces = format!("{{{{{variable}}}}}");
            variables.entry(variable).or_insert_with(|| documented.to_owned());
            Some(variable_in_braces)
        };
        let mut in_path: BTreeMap<&str, String> = BTreeMap::new();
        let mut query = Vec::new();
        let (mut headers, mut cookies) = (Vec::new(), Vec::new());
        for parameter in &request.parameters {
            let variable = if parameter.constant { None } else { filled(&parameter.name, &parameter.value) };
            let encoded = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
            match parameter.place {
                Place::Path => {
                    let value = variable.unwrap_or_else(|| encoded(&parameter.value));
                    in_path.insert(&parameter.name, value);
                }
                Place::Query => {
                    let value = variable.unwrap_or_else(|| encoded(&parameter.value));
                    query.push(format!("{}={value}", encoded(&parameter.name)));
                }
                Place::Header => {
                    let value = variable.map_or_else(|| self.value(&parameter.value), Ok)?;
                    headers.push((parameter.name.as_str(), value));
                }
                Place::Cookie => {
                    let value = variable.map_or_else(|| self.value(&parameter.value), Ok)?;
                    cookies.push(format!("{}={value}", self.value(&parameter.name)?));
                }
            }
        }
        if let Some(credential) = &request.credential {
            let name = &credential.name;
            match credential.place {
                Place::Query => {
                    let [name, prefix] = [name, &credential.prefix].map(|text| utf8_percent_encode(text, ENCODED));
                    query.push(format!("{name}={prefix}{{{{token}}}}"));
                }
                place => {
                    let value = format!("{}{{{{token}}}}", self.value(&credential.prefix)?);
                    match place {
                        Place::Cookie => cookies.push(format!("{}={value}", self.value(name)?)),
                        _ => headers.push((name.as_str(), value)),
                    }
                }
            }
        }
        if !cookies.is_empty() {
            headers.push(("Cookie", cookies.join("; ")));
        }
        if let Some(body) = &request.body {
            headers.insert(0, ("Content-Type", self.value(&body.media_type)?));
        }
        let mut target = String::new();
        for piece in pieces(&request.path) {
            match piece {
                Piece::Literal(text) => target.extend(utf8_percent_encode(text, LITERAL)),
                Piece::Variable(name) => target += in_path.get(name).map_or("", String::as_str),
            }
        }
        if !query.is_empty() {
            target += "?";
            target += &query.join("&");
        }
        let method = &request.method;
        // hurl takes `HTTP` for the beginning of a reply.
        if !method.bytes().all(|byte| byte.is_ascii_uppercase()) || method.is_empty() || method.starts_with("HTTP") {
            return Err(format!("its method is `{method}`"));
        }
        _ = writeln!(out, "{method} {{{{endpoint}}}}{target}");
        for (name, value) in headers {
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if name.is_empty() || !name.bytes().all(is_name) {
                return Err(format!("its header `{name}` has a character that the format cannot hold"));
            }
            _ = writeln!(out, "{name}: {value}");
        }
        let Some(body) = &request.body else { return Ok(()) };
        let is_written = is_json(&body.media_type) && !body.raw;
        let text = match &body.value {
            Value::String(text) if body.raw || !is_json(&body.media_type) => text.clone(),
            Value::Object(members) => {
                let members = members.iter().map(|(name, member)| {
                    let documented = member.as_str().filter(|_| !body.fixed.contains(name));
                    let variable = documented.and_then(|documented| filled(name, documented));
                    let value = variable.map_or_else(|| json(member), |variable| format!("\"{variable}\""));
                    format!("{}:{value}", json(&Value::from(name.as_str())))
                });
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }
            other => json(other),
        };
        match self.tool {
            Tool::Hurl if is_written => _ = writeln!(out, "{text}"),
            Tool::Hurl => _ = writeln!(out, "`{}`", hurl(&text, '`')),
            Tool::Http => {
                if !is_written && !is_plain_in_http(&text) {
                    return Err("its body has what an editor's client reads as its own".to_owned());
                }
                _ = writeln!(out, "\n{text}");
            }
        }
        Ok(())
    }

    /// A value of a header, or why the format cannot hold it.
    fn value(&self, text: &str) -> Result<String, String> {
        if text.contains(['\r', '\n', '\0']) {
            return Err("a header of it has a line break, which HTTP does not allow".to_owned());
        }
        match self.tool {
            Tool::Hurl => Ok(hurl(text, '#')),
            // The format has no escapes.
            Tool::Http if text.contains(is_hidden) || text.contains("{{") => {
                Err("a header of it has a character that the format cannot hold".to_owned())
            }
            Tool::Http => Ok(text.to_owned()),
        }
    }
}

/// A text of the document in a comment: on one line, because one of its own would be another request, and without the
/// sign that begins an instruction to httpYac.
fn line(text: &str) -> String {
    let text = escaped(text);
    match text.trim_start().strip_prefix('@') {
        Some(rest) => format!("\\u{{40}}{rest}"),
        None => text.into_owned(),
    }
}

/// JSON on one line in which no variable begins, and nothing is hidden.
fn json(value: &Value) -> String {
    let text = value.to_string();
    let text = escaped_json(&text);
    // Outside of a string, no brace follows a brace.
    braces(&text, "\\u007b")
}

/// A text in which no two braces are beside each other.
fn braces(text: &str, escape: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('{', Some('{')) => out.push_str(escape),
            _ => out.push(character),
        }
    }
    out
}

/// A body in which the clients of editors find no request, no script, no file and no variable. The format has no escapes.
///
/// Source: the documentation of the REST Client of VS Code, of the HTTP client of JetBrains ("Exploring the syntax"), and of
/// httpYac ("Request", "Meta data").
fn is_plain_in_http(text: &str) -> bool {
    let is_own = |line: &str| {
        let line = line.trim_start();
        let is_file =
            line.strip_prefix('<').is_some_and(|rest| rest.starts_with(['@', '>', ' ', '\t']) || rest.is_empty());
        is_file || line.starts_with(['#', '>', '@']) || line.starts_with("//") || line.starts_with("HTTP/")
    };
    let is_hidden = |character: char| !matches!(character, '\n' | '\t') && is_hidden(character);
    !text.contains(is_hidden) && !text.contains("{{") && !text.contains("{%") && !text.lines().any(is_own)
}

/// What hurl says of the reply.
fn asserts(case: &Case, out: &mut String) {
    _ = writeln!(out, "HTTP {}", case.expected.status);
    let Some(body) = case.expected.body.as_ref().filter(|body| !body.undocumented) else { return };
    _ = writeln!(out, "[Asserts]\nheader \"Content-Type\" contains \"{}\"", hurl(&essence(&body.media_type), '"'));
    match &body.example {
        Some(example) if is_json(&body.media_type) => members(example, "$", "", &body.rules, out),
        _ => {}
    }
}

fn members(value: &Value, at: &str, pointer: &str, rules: &BTreeMap<String, Rule>, out: &mut String) {
    let Value::Object(all) = value else { return };
    for (name, member) in all {
        let Some(at) = jsonpath(at, name) else {
            _ = writeln!(out, "# not asserted, because of its name: {}", escaped(name));
            continue;
        };
        let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        let mut say = |what: &str| _ = writeln!(out, "jsonpath \"{}\" {what}", hurl(&at, '"'));
        match (rules.get(&pointer), member) {
            (Some(Rule::Blank | Rule::Optional), _) => {}
            (Some(Rule::Equal), Value::String(text)) => say(&format!("== \"{}\"", hurl(text, '"'))),
            (Some(Rule::Equal), Value::Bool(_) | Value::Number(_)) => say(&format!("== {member}")),
            (Some(Rule::Id), _) => {
                say("isString");
                say("not isEmpty");
            }
            (_, Value::String(_)) => say("isString"),
            (_, Value::Bool(_)) => say("isBoolean"),
            (_, Value::Number(_)) => say("isNumber"),
            (_, Value::Null | Value::Array(_)) => say("exists"),
            (_, Value::Object(_)) => {
                say("exists");
                members(member, &at, &pointer, rules, out);
            }
        }
    }
}

/// The member of an object for hurl, whose paths have no escapes.
fn jsonpath(at: &str, name: &str) -> Option<String> {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match name {
        _ if is_plain && !name.is_empty() => Some(format!("{at}.{name}")),
        _ if name.contains(['\'', '\\']) => None,
        _ => Some(format!("{at}['{name}']")),
    }
}

/// A text for hurl that `end` would end: a quote, a backtick, or the `#` of a comment. Nothing in it is hidden, and no
/// variable begins.
///
/// Source: hurl 8.0, "Grammar" (`quoted-string-escaped-char`, `oneline-string-escaped-char`, `value-string-escaped-char`).
fn hurl(text: &str, end: char) -> String {
    let mut out = String::new();
    let text = braces(&text.replace('\\', "\\\\"), "\\u{7b}");
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if character == end => out.extend(['\\', character]),
            _ if is_hidden(character) => out.extend(character.escape_unicode()),
            _ => out.push(character),
        }
    }
    out
}

/// A name as that of a variable, which has letters, digits and underscores of ASCII, and is none of ours: a parameter
/// called `token` is not the credential.
fn variable_name(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = name.chars().all(is_plain) && name.starts_with(|c: char| c.is_ascii_alphabetic());
    let name = if is_name { name.to_owned() } else { slug(name) };
    if ["endpoint", "token", "provider_states"].contains(&&*name) { name + "_value" } else { name }
}

/// `a stopped engine` as part of a variable's name.
fn slug(text: &str) -> String {
    let words = text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let letter =
        |c: char| if c.is_ascii() { c.to_ascii_lowercase().to_string() } else { format!("u{:x}", u32::from(c)) };
    let words: Vec<String> = words.map(|word| word.chars().map(letter).collect()).collect();
    let name = words.join("_");
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("v_{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUITE: &str = r#"{"title": "Rockets", "version": "1", "cases": [{
        "id": "launch/busy", "operation": "launch", "given": "a pad with a rocket",
        "source": {"document": "Launching", "section": "Example"},
        "request": {"method": "POST", "path": "/pads/{pad}/launch",
            "parameters": [{"name": "act", "in": "query", "value": "a b", "constant": true},
                           {"name": "pad", "in": "path", "value": "p/1"},
                           {"name": "X-Crew", "in": "header", "value": "me"}],
            "credential": {"name": "Authorization", "in": "header", "prefix": "Bearer "},
            "aliases": {"rocket": "rocket_id"},
            "body": {"media_type": "application/json", "value": {"rocket_id": "r-1", "fast": true}}},
        "expected": {"status": 409, "body": {"media_type": "application/json",
            "example": {"code": "R.1", "text": "busy", "at": {"id": "x", "odd name": 1}, "gone": ""},
            "rules": {"/code": "equal", "/at/id": "id", "/gone": "blank"}}}}]}"#;

    fn export(tool: Tool, states: States<'_>) -> String {
        let needed = [("a pad with a rocket".to_owned(), vec!["pad".to_owned(), "rocket".to_owned()])].into();
        super::export(&Suite::from_json(SUITE).unwrap(), tool, states, &needed)
    }

    #[test]
    fn what_calls_make_is_said_and_asked_of_no_provider() {
        let mut suite = Suite::from_json(SUITE).unwrap();
        let step = crate::model::suite::SetupStep { case: "build/rocket".to_owned(), ..Default::default() };
        let setup = crate::model::suite::Setup { steps: vec![step], ..Default::default() };
        suite.setups.insert("a pad with a rocket".to_owned(), setup);
        let needed = [("a pad with a rocket".to_owned(), vec!["pad".to_owned()])].into();
        for (tool, states) in
            [(Tool::Hurl, States::Provider { example: "http://h/states" }), (Tool::Http, States::Variables)]
        {
            let found = super::export(&suite, tool, states, &needed);
            let said =
                "# launch/busy: `conform` makes its state `a pad with a rocket` (build/rocket); this file cannot\n";
            assert!(found.contains(said) && !found.contains("POST {{provider_states}}"), "{found}");
        }
    }

    #[test]
    fn hurl_asks_for_the_state_and_asserts_what_is_documented() {
        let found = export(Tool::Hurl, States::Provider { example: "http://127.0.0.1:8080/states" });
        let expected = r#"
# launch/busy
# given a pad with a rocket
# documented in "Launching", Example
POST {{provider_states}}
Content-Type: application/json
{"state":"a pad with a rocket","action":"setup","params":{}}
HTTP 200
[Captures]
pad: jsonpath "$.pad"
rocket: jsonpath "$.rocket"

POST {{endpoint}}/pads/{{pad}}/launch?act=a%20b
Content-Type: application/json
X-Crew: me
Authorization: Bearer {{token}}
{"rocket_id":"{{rocket}}","fast":true}
HTTP 409
[Asserts]
header "Content-Type" contains "application/json"
jsonpath "$.code" == "R.1"
jsonpath "$.text" isString
jsonpath "$.at" exists
jsonpath "$.at.id" isString
jsonpath "$.at.id" not isEmpty
jsonpath "$.at['odd name']" isNumber
"#;
        assert!(found.ends_with(expected), "{found}");
    }

    /// What a document may say, to become something else in a file.
    const HOSTILE: [&str; 14] = [
        "x\nDELETE http://127.0.0.1:9/everything\r\n\u{85}\u{2028}###",
        "### next\nGET http://127.0.0.1:9/",
        "```\nDELETE http://127.0.0.1:9/\n```",
        "`\n\nDELETE http://127.0.0.1:9/\n",
        "{{token}}",
        "{{{token}}} {{$processEnv HOME}}",
        "\" exists\nDELETE http://127.0.0.1:9/",
        "@import ./evil.http",
        "< /etc/passwd",
        "\n<@ /etc/passwd\n> {% client.log(1) %}",
        "a # b\\",
        " \u{202e}\u{200b}\u{feff}\u{1b}[2J ",
        "'] or $['a",
        "",
    ];

    fn hostile(text: &str) -> (Suite, BTreeMap<String, Vec<String>>) {
        let mut suite = Suite::from_json(SUITE).unwrap();
        suite.title = text.to_owned();
        suite.version = text.to_owned();
        let case = &mut suite.cases[0];
        case.id = text.to_owned();
        case.given = Some(text.to_owned());
        case.request.path = format!("/{text}/{{pad}}");
        for parameter in &mut case.request.parameters {
            parameter.value = text.to_owned();
        }
        case.request.aliases = [(text.to_owned(), text.to_owned())].into();
        if let Some(source) = &mut case.source {
            source.document = text.to_owned();
            source.section = text.to_owned();
        }
        if let Some(body) = &mut case.request.body {
            body.value = serde_json::json!({text: text, "list": [text, {"a": {"b": text}}]});
        }
        if let Some(body) = &mut case.expected.body {
            body.example = Some(serde_json::json!({text: text}));
        }
        let needed = [(text.to_owned(), vec![text.to_owned(), "pad".to_owned()])].into();
        (suite, needed)
    }

    #[test]
    fn no_text_of_a_document_is_a_line_of_its_own() {
        // Of each line, how it may begin.
        const HURL: [&str; 11] = [
            "#",
            "POST {{provider_states}}",
            "Content-Type: application/json",
            "{\"",
            "HTTP ",
            "[Captures]",
            "[Asserts]",
            "POST {{endpoint}}/",
            "X-Crew: ",
            "Authorization: Bearer {{token}}",
            "jsonpath \"$",
        ];
        const HTTP: [&str; 7] =
            ["#", "@", "POST {{endpoint}}/", "Content-Type: application/json", "X-Crew: ", "Authorization: ", "{\""];
        let mut left_out = 0;
        for text in HOSTILE {
            let (suite, needed) = hostile(text);
            for (tool, states, starts) in [
                (Tool::Hurl, States::Provider { example: "http://h" }, &HURL[..]),
                (Tool::Hurl, States::Variables, &HURL[..]),
                (Tool::Http, States::Variables, &HTTP[..]),
            ] {
                let file = super::export(&suite, tool, states, &needed);
                left_out += usize::from(file.contains("\n# Left out: 1\n"));
                for line in file.split('\n').filter(|line| !line.is_empty()) {
                    let is_ours = starts.iter().any(|start| line.starts_with(start))
                        || line.contains(": jsonpath \"$")
                        || line.starts_with("header \"Content-Type\"");
                    assert!(is_ours, "{text:?}: {line}\n{file}");
                    assert!(!line.contains(is_hidden), "{line:?}");
                    assert!(!line.starts_with('#') || !line.trim_start_matches(['#', ' ']).starts_with('@'), "{line}");
                    // Our own variables alone.
                    let variables = line.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap());
                    for name in variables.filter(|_| !line.starts_with('#')) {
                        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{text:?}: {line}");
                        assert!(name != "token" || line.starts_with("Authorization"), "{text:?}: {line}");
                    }
                }
            }
        }
        assert!(left_out > 0, "what cannot be written is said");
    }

    #[test]
    fn a_body_of_text_stays_a_body() {
        for text in HOSTILE {
            let (mut suite, needed) = hostile("plain");
            if let Some(body) = &mut suite.cases[0].request.body {
                body.media_type = "text/plain".to_owned();
                body.value = Value::from(text);
            }
            let file = super::export(&suite, Tool::Hurl, States::Variables, &needed);
            let bodies: Vec<&str> = file.lines().filter(|line| line.starts_with('`')).collect();
            assert!(matches!(&bodies[..], [body] if body.ends_with('`') && !body.contains("{{")), "{file}");
            assert!(!file.contains("\nDELETE"), "{file}");
            let file = super::export(&suite, Tool::Http, States::Variables, &needed);
            assert_eq!(file.contains("# Left out: 1"), !is_plain_in_http(text), "{text:?}: {file}");
        }
        for text in
            ["a=b&c=d", "line one\nline two", "<?xml version=\"1.0\"?>\n<a>\n  <b/>\n</a>", "--x\nA: b\n\n{}\n--x--"]
        {
            assert!(is_plain_in_http(text), "{text}");
        }
    }

    #[test]
    fn an_editor_gets_variables_for_each_state() {
        let expected = r#"# Rockets 1: the documented exchanges

@endpoint = http://127.0.0.1:8080
@token = TOKEN
@pad_of_a_pad_with_a_rocket = p/1
@rocket_of_a_pad_with_a_rocket = r-1

### launch/busy
# given a pad with a rocket
# documented in "Launching", Example
# expected 409
POST {{endpoint}}/pads/{{pad_of_a_pad_with_a_rocket}}/launch?act=a%20b
Content-Type: application/json
X-Crew: me
Authorization: Bearer {{token}}

{"rocket_id":"{{rocket_of_a_pad_with_a_rocket}}","fast":true}
"#;
        assert_eq!(export(Tool::Http, States::Variables), expected);
    }
}
