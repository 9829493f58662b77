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
use crate::format::terminal;
use crate::model::percent::ENCODED;
use crate::model::suite::{Case, Kind, Place, Rule, Suite};

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
    let (left_out, cases): (Vec<_>, Vec<_>) =
        cases.map(|case| (case, suite.unwritable(case))).partition(|it| it.1.is_some());
    let exporter = Exporter { tool, states, needed };
    let mut variables: BTreeMap<String, String> = BTreeMap::new();
    let bodies: Vec<String> = cases.into_iter().map(|(case, _)| exporter.case(case, &mut variables)).collect();

    let mut out = format!("# {} {}: the documented exchanges\n", line(&suite.title), line(&suite.version));
    match tool {
        Tool::Hurl => {
            out.push_str("#\n# hurl --test --variable endpoint=http://127.0.0.1:8080 --variable token=TOKEN");
            if let States::Provider { example } = states {
                _ = write!(out, " \\\n#   --variable provider_states={example}");
            }
            for (name, example) in &variables {
                _ = write!(out, " \\\n#   --variable {name}={}", line(example));
            }
            out.push_str(" FILE\n");
        }
        Tool::Http => {
            out.push_str("\n@endpoint = http://127.0.0.1:8080\n@token = TOKEN\n");
            for (name, example) in &variables {
                _ = writeln!(out, "@{name} = {}", line(example));
            }
        }
    }
    for body in bodies {
        out.push('\n');
        out.push_str(&body);
    }
    if !left_out.is_empty() {
        out.push_str("\n# Left out:\n");
    }
    for (case, reason) in &left_out {
        _ = writeln!(out, "# {}: {}", case.id, reason.as_deref().unwrap_or_default());
    }
    out
}

struct Exporter<'e> {
    tool: Tool,
    states: States<'e>,
    needed: &'e BTreeMap<String, Vec<String>>,
}

impl Exporter<'_> {
    fn case(&self, case: &Case, variables: &mut BTreeMap<String, String>) -> String {
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
            let body = serde_json::json!({"state": case.given, "action": "setup", "params": {}});
            _ = writeln!(
                out,
                "POST {{{{provider_states}}}}\nContent-Type: application/json\n{body}\nHTTP 200\n[Captures]"
            );
            for name in &names {
                _ = writeln!(out, "{name}: jsonpath \"$.{name}\"");
            }
            out.push('\n');
        }
        self.request(case, &names, variables, &mut out);
        if self.tool == Tool::Hurl {
            asserts(case, &mut out);
        }
        out
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
    ) {
        let request = &case.request;
        // What the request calls `name` may be answered under another name.
        let open: Vec<&str> = request.open().collect();
        let mut filled = |name: &str, documented: &str| -> Option<String> {
            if open.contains(&name) && !names.contains(name) {
                let variable = slug(name);
                let variable_in_braces = format!("{{{{{variable}}}}}");
                variables.entry(variable).or_insert_with(|| documented.to_owned());
                return Some(variable_in_braces);
            }
            let alias = request.aliases.iter().find(|(alias, known)| *known == name && names.contains(*alias));
            let known = alias.map(|(alias, _)| alias.as_str()).or(names.contains(name).then_some(name))?;
            if matches!(self.states, States::Provider { .. }) && self.tool == Tool::Hurl {
                return Some(format!("{{{{{known}}}}}"));
            }
            let variable = format!("{known}_of_{}", slug(case.given.as_deref().unwrap_or_default()));
            let variable_in_braces = format!("{{{{{variable}}}}}");
            variables.entry(variable).or_insert_with(|| documented.to_owned());
            Some(variable_in_braces)
        };
        let mut path = request.path.clone();
        let mut query = Vec::new();
        let (mut headers, mut cookies) = (Vec::new(), Vec::new());
        for parameter in &request.parameters {
            let encoded = || utf8_percent_encode(&parameter.value, ENCODED).to_string();
            let variable = if parameter.constant { None } else { filled(&parameter.name, &parameter.value) };
            match parameter.place {
                Place::Path => {
                    let value = variable.unwrap_or_else(encoded);
                    path = path.replace(&format!("{{{}}}", parameter.name), &value);
                }
                Place::Query => {
                    let name = utf8_percent_encode(&parameter.name, ENCODED);
                    query.push(format!("{name}={}", variable.unwrap_or_else(encoded)));
                }
                Place::Header => {
                    headers.push((parameter.name.clone(), variable.unwrap_or_else(|| parameter.value.clone())));
                }
                Place::Cookie => {
                    cookies.push(format!("{}={}", parameter.name, variable.unwrap_or_else(|| parameter.value.clone())));
                }
            }
        }
        if let Some(credential) = &request.credential {
            let value = format!("{}{{{{token}}}}", credential.prefix);
            match credential.place {
                Place::Query => query.push(format!("{}={value}", utf8_percent_encode(&credential.name, ENCODED))),
                Place::Cookie => cookies.push(format!("{}={value}", credential.name)),
                Place::Header | Place::Path => headers.push((credential.name.clone(), value)),
            }
        }
        if !cookies.is_empty() {
            headers.push(("Cookie".to_owned(), cookies.join("; ")));
        }
        if let Some(body) = &request.body {
            headers.insert(0, ("Content-Type".to_owned(), body.media_type.clone()));
        }
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        _ = writeln!(out, "{} {{{{endpoint}}}}{}", line(&request.method), line(&format!("{path}{query}")));
        for (name, value) in headers {
            _ = writeln!(out, "{}: {}", line(&name), line(&value));
        }
        let Some(body) = &request.body else { return };
        let text = match &body.value {
            Value::String(text) if body.raw || !is_json(&body.media_type) => text.clone(),
            Value::Object(members) => {
                let mut members = members.clone();
                for (name, member) in &mut members {
                    if let Value::String(documented) = member
                        && !body.fixed.contains(name)
                        && let Some(variable) = filled(name, documented)
                    {
                        *documented = variable;
                    }
                }
                Value::Object(members).to_string()
            }
            other => other.to_string(),
        };
        match self.tool {
            Tool::Hurl if is_json(&body.media_type) && !body.raw => _ = writeln!(out, "{text}"),
            Tool::Hurl => _ = writeln!(out, "```\n{text}\n```"),
            Tool::Http => _ = writeln!(out, "\n{text}"),
        }
    }
}

/// A text of the document on one line: a line of its own would be another request.
fn line(text: &str) -> String {
    terminal::escaped(text)
}

/// What hurl says of the reply.
fn asserts(case: &Case, out: &mut String) {
    _ = writeln!(out, "HTTP {}", case.expected.status);
    let Some(body) = case.expected.body.as_ref().filter(|body| !body.undocumented) else { return };
    _ = writeln!(out, "[Asserts]\nheader \"Content-Type\" contains \"{}\"", escaped(&essence(&body.media_type)));
    match &body.example {
        Some(example) if is_json(&body.media_type) => members(example, "$", "", &body.rules, out),
        _ => {}
    }
}

fn members(value: &Value, at: &str, pointer: &str, rules: &BTreeMap<String, Rule>, out: &mut String) {
    let Value::Object(all) = value else { return };
    for (name, member) in all {
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let at = if is_plain && !name.is_empty() { format!("{at}.{name}") } else { format!("{at}['{name}']") };
        let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        let mut say = |what: &str| _ = writeln!(out, "jsonpath \"{}\" {what}", escaped(&at));
        match (rules.get(&pointer), member) {
            (Some(Rule::Blank), _) => {}
            (Some(Rule::Equal), Value::String(text)) => say(&format!("== \"{}\"", escaped(text))),
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

/// In quotes for hurl.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '"' | '\\' => escaped.extend(['\\', character]),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            // Otherwise a variable would begin.
            '{' => escaped.push_str("\\u{7b}"),
            plain => escaped.push(plain),
        }
    }
    escaped
}

/// `a stopped engine` as part of a variable's name.
fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_")
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

    #[test]
    fn no_text_of_a_document_is_a_line_of_its_own() {
        const HOSTILE: &str = "x\nDELETE http://127.0.0.1:9/everything\r\n\u{85}\u{2028}###";
        let mut suite = Suite::from_json(SUITE).unwrap();
        suite.title = HOSTILE.to_owned();
        suite.version = HOSTILE.to_owned();
        let case = &mut suite.cases[0];
        case.id = HOSTILE.to_owned();
        case.given = Some(HOSTILE.to_owned());
        case.request.path = format!("/{HOSTILE}");
        for parameter in &mut case.request.parameters {
            parameter.value = HOSTILE.to_owned();
        }
        if let Some(source) = &mut case.source {
            source.document = HOSTILE.to_owned();
            source.section = HOSTILE.to_owned();
        }
        for (tool, states) in [
            (Tool::Hurl, States::Provider { example: "http://h" }),
            (Tool::Hurl, States::Variables),
            (Tool::Http, States::Variables),
        ] {
            let text = super::export(&suite, tool, states, &BTreeMap::new());
            assert!(!text.lines().any(|line| line.starts_with("DELETE")), "{text}");
            assert!(!text.contains(['\r', '\u{85}', '\u{2028}']), "{text}");
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
