//! The documented exchanges as a locustfile: a load test for Locust (<https://locust.io>).
//!
//! The program is `locustfile.py` beside this file, the same for every document. What a document says comes in as
//! literals only ([`Python`]), so no text of it becomes code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use crate::check::media_type::is_json;
use crate::http::request::{FRAMING, LITERAL, Piece, names, pieces};
use crate::model::suite::{Case, Credential, Expected, Kind, Place, Request, Rule, Suite};
use crate::model::text::visible::is_hidden;

const PROGRAM: &str = include_str!("locustfile.py");
const MARK: &str = "# EXCHANGES\n";

/// Writes the documented cases of `suite` as a locustfile. `needed` says which values each state has.
///
/// Source: Locust 2.47, "Writing a locustfile" (<https://docs.locust.io/en/stable/writing-a-locustfile.html>).
pub fn locustfile(suite: &Suite, needed: &BTreeMap<String, Vec<String>>) -> String {
    let mut left_out: Vec<Python> = suite
        .left_out
        .iter()
        .map(|left| {
            let id =
                left.example.iter().fold(left.operation.clone(), |operation, example| format!("{operation}/{example}"));
            pair(&id, &left.reason)
        })
        .collect();
    let (mut exchanges, mut others) = (Vec::new(), 0);
    for case in &suite.cases {
        match &case.kind {
            Kind::Documented | Kind::Described => match suite.writable(case).and_then(|case| exchange(&case, needed)) {
                Ok(exchange) => exchanges.push(exchange),
                Err(reason) => left_out.push(pair(&case.id, &reason)),
            },
            Kind::Contradiction { reason } => left_out.push(pair(&case.id, reason)),
            Kind::Derived { .. } | Kind::Permitted { .. } | Kind::Journey { .. } => others += 1,
        }
    }
    let document = Python::text(&format!("{} {}", suite.title, suite.version));
    let mut data = format!("DOCUMENT = {document}\n");
    if others > 0 {
        _ = writeln!(data, "# Derived from the document beside these, and sent by `conform`: {others}.");
    }
    _ = write!(data, "EXCHANGES = {}\nLEFT_OUT = {}\n", Python::List(exchanges), Python::List(left_out));
    PROGRAM.replacen(MARK, &data, 1)
}

fn pair(one: &str, two: &str) -> Python {
    Python::Tuple(vec![Python::text(one), Python::text(two)])
}

/// The call that makes an `Exchange`, or why Locust cannot send it.
fn exchange(case: &Case, needed: &BTreeMap<String, Vec<String>>) -> Result<Python, String> {
    let Case { request, expected, .. } = case;
    let mut out = vec![
        ("id", Python::text(&case.id)),
        ("operation", Python::text(&case.operation)),
        ("method", Python::text(&request.method)),
        ("path", Python::text(&path(request))),
        ("status", Python::Number(expected.status.to_string())),
        ("weight", Python::Name(if expected.status < 400 { "SUCCESS" } else { "REFUSAL" })),
    ];
    let mut add = |name: &'static str, value: Python| {
        if !value.is_empty() {
            out.push((name, value));
        }
    };
    if let Some(source) = &case.source {
        add("source", Python::text(&format!("{}, {}", source.document, source.section)));
    }
    add("given", Python::text(case.given.as_deref().unwrap_or_default()));
    let sent = || {
        let is_framing = |name: &str| FRAMING.iter().any(|framing| framing.eq_ignore_ascii_case(name));
        request.parameters.iter().filter(move |it| it.place != Place::Header || !is_framing(&it.name))
    };
    let parameter = |place: Place, name: &str, value: &str| {
        Python::Tuple(vec![Python::text(place_name(place)), Python::text(name), Python::text(value)])
    };
    add("parameters", Python::List(sent().map(|it| parameter(it.place, &it.name, &it.value)).collect()));
    add("constants", Python::set(sent().filter(|it| it.constant).map(|it| it.name.as_str())));
    add("encoded", Python::set(sent().filter(|it| it.encoded).map(|it| it.name.as_str())));
    let aliases = request.aliases.iter().map(|(alias, known)| (Python::text(alias), Python::text(known)));
    add("aliases", Python::Dict(aliases.collect()));
    let known = names(request);
    let of_state = case.given.as_ref().and_then(|given| needed.get(given)).into_iter().flatten();
    let of_state = of_state.map(String::as_str).filter(|name| known.contains(name));
    add("needs", Python::set(of_state.chain(request.open())));
    if let Some(credential) = &request.credential {
        add("credentials", credentials(credential)?);
    }
    if let Some(body) = &request.body {
        add("media_type", Python::text(&body.media_type));
        add("fixed", Python::set(body.fixed.iter().map(String::as_str)));
        let is_plain = body.raw || !is_json(&body.media_type);
        let value = match &body.value {
            Value::String(text) => Python::text(text),
            // Python's compiler has a limit of its own.
            value if depth(value) > 20 => Python::Json(value.to_string()),
            value => Python::json(value),
        };
        // Also an empty one: without a body there is no media type.
        out.push(("body", value));
        if body.value.is_string() && !is_plain {
            out.push(("json_text", Python::Name("True")));
        }
    }
    judged(expected, &mut out);
    Ok(Python::Call("Exchange", out))
}

/// The path with its variables in braces. Everything between them is encoded already.
fn path(request: &Request) -> String {
    let mut path = String::new();
    for piece in pieces(&request.path) {
        match piece {
            Piece::Literal(text) => path.extend(utf8_percent_encode(text, LITERAL)),
            Piece::Variable(name) => {
                let parameter = request.parameters.iter().find(|it| it.place == Place::Path && it.name == name);
                path.extend(utf8_percent_encode(parameter.map_or("", |it| &it.prefix), LITERAL));
                path.extend(["{", name, "}"]);
            }
        }
    }
    path
}

fn place_name(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    }
}

/// The alternatives that can be sent.
fn credentials(credential: &Credential) -> Result<Python, String> {
    if credential.all().any(|one| one.instead.is_some()) {
        return Err("its credential is wrong on purpose".to_owned());
    }
    let mut alternatives = Vec::new();
    let mut unsupported = Vec::new();
    for alternative in credential.alternatives() {
        match alternative.iter().find_map(|one| one.unsupported.as_deref()) {
            Some(reason) => unsupported.push(reason),
            None => alternatives.push(Python::List(alternative.into_iter().map(one_credential).collect())),
        }
    }
    if credential.optional {
        alternatives.push(Python::List(Vec::new()));
    }
    if alternatives.is_empty() {
        return Err(format!("no credential can be sent: {}", unsupported.join("; ")));
    }
    Ok(Python::List(alternatives))
}

fn one_credential(credential: &Credential) -> Python {
    let Credential { scheme, name, place, prefix, named_only, .. } = credential;
    let place = if *place == Place::Path { Place::Header } else { *place };
    let mut members = vec![
        ("scheme", Python::text(scheme)),
        ("place", Python::text(place_name(place))),
        ("name", Python::text(name)),
    ];
    if !prefix.is_empty() {
        members.push(("prefix", Python::text(prefix)));
    }
    if *named_only {
        members.push(("named_only", Python::Name("True")));
    }
    Python::Call("Credential", members)
}

/// What is said of the reply.
fn judged(expected: &Expected, out: &mut Vec<(&'static str, Python)>) {
    if expected.class {
        out.push(("whole_class", Python::Name("True")));
    }
    if !expected.or.is_empty() {
        let statuses = expected.or.iter().map(|status| Python::Number(status.to_string()));
        out.push(("other_statuses", Python::Set(statuses.collect())));
    }
    let Some(body) = &expected.body else { return };
    out.push(("accept", Python::text(&body.media_type)));
    let Some(example) = body.example.as_ref().filter(|_| is_json(&body.media_type) && !body.undocumented) else {
        return;
    };
    let (mut equal, mut identifiers) = (Vec::new(), Vec::new());
    for (pointer, rule) in &body.rules {
        let Some((path, value)) = member(example, pointer) else { continue };
        let path = Python::Tuple(path.iter().map(|name| Python::text(name)).collect());
        match rule {
            Rule::Equal => {
                // Python reads a number as JSON writes it, but no longer than this.
                let written = expected.written.get(pointer).filter(|number| number.len() < 400);
                let value = written.map_or_else(|| Python::json(value), |number| Python::Number(number.clone()));
                equal.push(Python::Tuple(vec![path, value]));
            }
            Rule::Id => identifiers.push(path),
            Rule::Blank | Rule::Optional => {}
        }
    }
    for (name, rules) in [("equal", equal), ("identifiers", identifiers)] {
        if !rules.is_empty() {
            out.push((name, Python::List(rules)));
        }
    }
}

/// The names that lead to a member, and its value in the example; nothing for an element of an array, of which a reply
/// can have as many as it likes.
fn member<'e>(example: &'e Value, pointer: &str) -> Option<(Vec<String>, &'e Value)> {
    let names: Vec<String> =
        pointer.strip_prefix('/')?.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
    let value = names.iter().try_fold(example, |value, name| value.as_object()?.get(name))?;
    Some((names, value))
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(all) => 1 + all.iter().map(depth).max().unwrap_or_default(),
        Value::Object(all) => 1 + all.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// A Python expression. Text comes from a document and is always a literal; names are ours.
enum Python {
    Text(String),
    Number(String),
    Name(&'static str),
    /// JSON that Python reads when it starts.
    Json(String),
    List(Vec<Python>),
    Tuple(Vec<Python>),
    Set(Vec<Python>),
    Dict(Vec<(Python, Python)>),
    Call(&'static str, Vec<(&'static str, Python)>),
}

impl Python {
    fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn set<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let names: BTreeSet<&str> = names.collect();
        Self::Set(names.into_iter().map(Self::text).collect())
    }

    fn json(value: &Value) -> Self {
        match value {
            Value::Null => Self::Name("None"),
            Value::Bool(true) => Self::Name("True"),
            Value::Bool(false) => Self::Name("False"),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::text(text),
            Value::Array(all) => Self::List(all.iter().map(Self::json).collect()),
            Value::Object(all) => {
                Self::Dict(all.iter().map(|(name, value)| (Self::text(name), Self::json(value))).collect())
            }
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::List(all) | Self::Tuple(all) | Self::Set(all) => all.is_empty(),
            Self::Dict(all) => all.is_empty(),
            Self::Number(_) | Self::Name(_) | Self::Json(_) | Self::Call(..) => false,
        }
    }

    /// On one line where that fits, else a line for each part.
    fn write(&self, indent: usize, used: usize, out: &mut String) {
        let one_line = self.one_line();
        if used + one_line.chars().count() <= WIDTH {
            out.push_str(&one_line);
            return;
        }
        let inner = indent + 4;
        let new_line = |indent: usize, out: &mut String| _ = write!(out, "\n{:indent$}", "");
        let mut parts = |open: &str, all: &[Python], close: &str| {
            out.push_str(open);
            for part in all {
                new_line(inner, out);
                part.write(inner, inner + 1, out);
                out.push(',');
            }
            new_line(indent, out);
            out.push_str(close);
        };
        match self {
            Self::Text(_) | Self::Number(_) | Self::Name(_) | Self::Json(_) => out.push_str(&one_line),
            Self::List(all) => parts("[", all, "]"),
            Self::Tuple(all) => parts("(", all, ")"),
            Self::Set(all) => parts("{", all, "}"),
            Self::Dict(all) => {
                out.push('{');
                for (name, value) in all {
                    new_line(inner, out);
                    let name = name.one_line();
                    _ = write!(out, "{name}: ");
                    value.write(inner, inner + name.chars().count() + 3, out);
                    out.push(',');
                }
                new_line(indent, out);
                out.push('}');
            }
            Self::Call(name, members) => {
                _ = write!(out, "{name}(");
                for (name, value) in members {
                    new_line(inner, out);
                    _ = write!(out, "{name}=");
                    value.write(inner, inner + name.len() + 2, out);
                    out.push(',');
                }
                new_line(indent, out);
                out.push(')');
            }
        }
    }

    fn one_line(&self) -> String {
        let joined = |all: &[Python]| all.iter().map(Self::one_line).collect::<Vec<_>>().join(", ");
        match self {
            Self::Text(text) => quoted(text),
            Self::Number(number) => number.clone(),
            Self::Name(name) => (*name).to_owned(),
            Self::Json(json) => format!("json.loads({})", quoted(json)),
            Self::List(all) => format!("[{}]", joined(all)),
            Self::Tuple(all) if all.len() == 1 => format!("({},)", joined(all)),
            Self::Tuple(all) => format!("({})", joined(all)),
            // `{}` is a dict.
            Self::Set(all) if all.is_empty() => "set()".to_owned(),
            Self::Set(all) => format!("{{{}}}", joined(all)),
            Self::Dict(all) => {
                let members = all.iter().map(|(name, value)| format!("{}: {}", name.one_line(), value.one_line()));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
            Self::Call(name, members) => {
                let members = members.iter().map(|(name, value)| format!("{name}={}", value.one_line()));
                format!("{name}({})", members.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

const WIDTH: usize = 120;

impl std::fmt::Display for Python {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        self.write(0, 0, &mut out);
        f.write_str(&out)
    }
}

/// A string literal. Letters, digits and the signs of ASCII stand for themselves; everything else is escaped, so that
/// nothing ends the literal and nothing is invisible.
///
/// Source: Python 3 reference, 2.4.1 (String and Bytes literals).
fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            '\n' => literal.push_str("\\n"),
            ' '..='~' => literal.push(character),
            letter if letter.is_alphanumeric() && !is_hidden(letter) => literal.push(letter),
            other if u32::from(other) <= 0xffff => _ = write!(literal, "\\u{:04x}", u32::from(other)),
            other => _ = write!(literal, "\\U{:08x}", u32::from(other)),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn suite(case: Value) -> Suite {
        let suite = json!({"title": "Rockets", "version": "1", "cases": [case]});
        Suite::from_json(&suite.to_string()).unwrap()
    }

    /// What a case becomes, between the two halves of the program.
    #[track_caller]
    fn check(case: Value, expected: &str) {
        let needed = [("a pad with a rocket".to_owned(), vec!["pad".to_owned(), "crew".to_owned()])].into();
        let file = locustfile(&suite(case), &needed);
        let (before, after) = PROGRAM.split_once(MARK).unwrap();
        let data = file.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap();
        assert_eq!(data, expected);
    }

    #[test]
    fn an_exchange_says_what_is_sent_and_what_is_judged() {
        let case = json!({
            "id": "launch/busy", "operation": "launch", "given": "a pad with a rocket",
            "source": {"document": "Launching", "section": "Example"},
            "request": {
                "method": "POST", "path": "/pads/{pad}/launch now",
                "parameters": [
                    {"name": "act", "in": "query", "value": "a b", "constant": true},
                    {"name": "pad", "in": "path", "value": "p/1", "prefix": ";pad="},
                    {"name": "Host", "in": "header", "value": "elsewhere"},
                ],
                "credential": {"scheme": "pass", "name": "Authorization", "in": "header", "prefix": "Bearer "},
                "aliases": {"rocket": "rocket_id"},
                "body": {"media_type": "application/json", "value": {"rocket_id": "r-1", "fast": true, "to": null}},
            },
            "expected": {"status": 409, "or": [423], "body": {
                "media_type": "application/json",
                "example": {"code": "R.1", "at": {"id": "x"}, "gone": "", "all": [{"id": "y"}]},
                "rules": {"/code": "equal", "/at/id": "id", "/gone": "blank", "/all/0/id": "id"},
            }},
        });
        let expected = r#"DOCUMENT = "Rockets 1"
EXCHANGES = [
    Exchange(
        id="launch/busy",
        operation="launch",
        method="POST",
        path="/pads/;pad={pad}/launch%20now",
        status=409,
        weight=REFUSAL,
        source="Launching, Example",
        given="a pad with a rocket",
        parameters=[("query", "act", "a b"), ("path", "pad", "p/1")],
        constants={"act"},
        aliases={"rocket": "rocket_id"},
        needs={"pad"},
        credentials=[[Credential(scheme="pass", place="header", name="Authorization", prefix="Bearer ")]],
        media_type="application/json",
        body={"rocket_id": "r-1", "fast": True, "to": None},
        other_statuses={423},
        accept="application/json",
        equal=[(("code",), "R.1")],
        identifiers=[("at", "id")],
    ),
]
LEFT_OUT = []
"#;
        check(case, expected);
    }

    #[test]
    fn what_locust_cannot_send_is_listed_with_its_reason() {
        let case = |id: &str, more: Value| {
            let mut case = json!({"id": id, "operation": "look", "request": {"method": "GET", "path": "/"},
                "expected": {"status": 200}});
            case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            case
        };
        let mutual = json!({"scheme": "mutual", "name": "", "in": "header", "unsupported": "`mutual` is mutualTLS"});
        let all = json!({"title": "Rockets", "version": "1",
        "left_out": [{"operation": "GET /moon", "reason": "no status"}],
        "cases": [
            case("look/ok", json!({"request": {"method": "GET", "path": "/", "credential": mutual}})),
            case("look/odd", json!({"kind": {"contradiction": {"reason": "the example is no number"}}})),
            case("look/not", json!({"kind": {"derived": {"breaks": "all"}}})),
        ]});
        let file = locustfile(&Suite::from_json(&all.to_string()).unwrap(), &BTreeMap::new());
        let expected = r#"DOCUMENT = "Rockets 1"
# Derived from the document beside these, and sent by `conform`: 1.
EXCHANGES = []
LEFT_OUT = [
    ("GET /moon", "no status"),
    ("look/ok", "no credential can be sent: `mutual` is mutualTLS"),
    ("look/odd", "the example is no number"),
]
"#;
        assert!(file.contains(expected), "{file}");
    }

    /// The file without what stands in quotes.
    fn code(file: &str) -> String {
        let (mut code, mut is_quoted, mut is_escaped) = (String::new(), false, false);
        for character in file.chars() {
            match character {
                _ if is_escaped => is_escaped = false,
                '\\' if is_quoted => is_escaped = true,
                '"' => is_quoted = !is_quoted,
                '\n' | '\r' if is_quoted => code.push_str("<a literal is not closed>"),
                _ if is_quoted => {}
                _ => code.push(character),
            }
        }
        // A list over several lines has a comma at its end.
        let code: String = code.split_whitespace().collect();
        [")", "]", "}"].iter().fold(code, |code, end| code.replace(&format!(",{end}"), end))
    }

    #[test]
    fn no_text_of_a_document_becomes_code() {
        let with = |text: &str| {
            let name = |name: &str| format!("{name}{text}");
            let case = json!({
                "id": name("a/b"), "operation": name("a"), "given": name("state"),
                "source": {"document": name("page"), "section": name("section")},
                "request": {
                    "method": "POST", "path": format!("/{}", name("path").replace(['?', '#', '{', '}'], "")),
                    "parameters": [{"name": name("p"), "in": "query", "value": name("v"), "constant": true}],
                    "credential": {"scheme": name("s"), "name": name("n"), "in": "header", "prefix": name("x")},
                    "aliases": {name("k"): name("v")},
                    "body": {"media_type": name("application/json"), "value": {name("m"): [name("v")]}},
                },
                "expected": {"status": 200, "body": {"media_type": "application/json",
                    "example": {"q": name("v")}, "rules": {"/q": "equal"}}},
            });
            let mut suite = suite(case);
            (suite.title, suite.version) = (name("title"), name("1"));
            let file = locustfile(&suite, &BTreeMap::new());
            code(file.split_once("DOCUMENT = ").unwrap().1.split_once("TOKEN = ").unwrap().0)
        };
        let harmless = with("");
        for hostile in [
            "\"\n__import__('os').system('x')\n\"",
            "'''\"\"\"",
            "\\",
            "\\\"",
            "\\N{BULLET}",
            "\r\u{2028}\u{85}\0\u{c}",
            "\u{202e}\u{feff}\u{fffe}\u{10ffff}",
            "{0}{x!r}%s",
            "# EXCHANGES\n",
        ] {
            assert_eq!(with(hostile), harmless, "{hostile:?}");
        }
    }

    #[test]
    fn a_text_is_written_with_what_can_be_read_and_escapes_for_the_rest() {
        assert_eq!(quoted("Größe \"1\"\t\\\u{202e}\u{1f680}"), r#""Größe \"1\"\u0009\\\u202e\U0001f680""#);
    }

    #[test]
    fn a_body_that_nests_too_deeply_for_python_is_read_when_it_starts() {
        let deep = (0..30).fold(json!("x"), |inner, _| json!([inner]));
        let case = json!({"id": "a/b", "operation": "a", "expected": {"status": 200},
            "request": {"method": "PUT", "path": "/", "body": {"media_type": "application/json", "value": deep}}});
        let file = locustfile(&suite(case), &BTreeMap::new());
        assert!(file.contains(&format!("body=json.loads(\"{}", "[".repeat(30))), "{file}");
    }
}
