//! A server of another API that accepts what is nearly right is caught by the case that names it, whatever the schemes
//! of its credentials and the statuses of its refusals; a right one is not accused, however it refuses.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use conformance_engine::plan::{Environment, Plan, Selection};
use conformance_engine::run::{Options, Outcome, run};
use conformance_engine::suite::Suite;
use conformance_engine::{Address, Secret};
use openapi_document::{Api, Document};
use serde_json::Value;
use test_support::{Request, Server, Then, json_reply, reply, write};

const DOCUMENT: &str = r##"
openapi: 3.1.0
info: {title: Kilns, version: '1'}
paths:
  /kilns/{kiln}:
    parameters:
      - {name: kiln, in: path, required: true, schema: {type: string, format: uuid}, example: 0b1c5f3e-94d2-4a9a-8f57-5b1e6d1f7a10}
    get:
      operationId: show_kiln
      security: [{Token: []}]
      parameters:
        - {name: unit, in: query, required: true, schema: {type: string, enum: [kelvin, celsius]}, example: kelvin}
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
        - {name: X-Region, in: header, required: true, schema: {type: string, enum: [north, south]}, example: north}
        - {name: day, in: query, schema: {type: string, format: date}}
      responses:
        '200': {description: d, content: {application/json: {schema: {type: object}, example: {heat: 300}}}}
        '401': {description: Who are you?}
        '422': {description: Not like this.}
    put:
      operationId: fire_kiln
      security: [{User: []}]
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Firing'}
            example: {name: glaze-1, heat: 1250.5, steps: [{minutes: 30, fan: true}], seal: {kind: wax, number: 4}}
      responses:
        '200': {description: d, content: {application/json: {schema: {type: object}, example: {}}}}
        '401': {description: Who are you?}
        '415': {description: Not as this.}
        default: {description: Not like this.}
  /kilns:
    get:
      operationId: list_kilns
      security: [{Key: []}]
      parameters:
        - {name: state, in: query, schema: {type: array, items: {type: string, enum: [hot, cold]}}}
      responses:
        '200': {description: d, content: {application/json: {schema: {type: array}, example: []}}}
        4XX: {description: No.}
components:
  securitySchemes:
    Token: {type: http, scheme: bearer}
    User: {type: http, scheme: basic}
    Key: {type: apiKey, in: query, name: key, x-token: true}
  schemas:
    Firing:
      type: object
      additionalProperties: false
      required: [name, heat, steps]
      properties:
        name: {type: string, pattern: '^[a-z]+-[0-9]$', minLength: 3, maxLength: 12}
        heat: {type: number, minimum: 20, exclusiveMaximum: 1300, multipleOf: 0.5}
        steps:
          type: array
          minItems: 1
          maxItems: 3
          uniqueItems: true
          items:
            type: object
            required: [minutes]
            properties: {minutes: {type: integer, minimum: 1}, fan: {type: boolean}, id: {type: string, readOnly: true}}
        notify: {type: string, format: email}
        seal:
          oneOf:
            - {type: object, required: [kind, number], properties: {kind: {const: wax}, number: {type: integer}}}
            - {type: object, required: [kind], properties: {kind: {const: clay}, number: {type: string}}}
"##;

/// `Ann` and her password, so that it is a token of each scheme.
const TOKEN: &str = "QW5uOlNlLWNyZXQ=";

/// How a server is, beside right.
#[derive(Clone, Copy, Default)]
struct Manner {
    /// The check that it does not make.
    lax: &'static str,
    /// The status of a request that is wrong.
    wrong: &'static str,
    /// The same for a method.
    method: &'static str,
}

const PLAIN: Manner = Manner { lax: "", wrong: "422 Wrong", method: "405 Method Not Allowed" };

impl Manner {
    fn answer(&self, request: &Request) -> String {
        let checks = |name: &str| self.lax != name;
        let path: Vec<&str> = request.path().split('/').skip(1).collect();
        let method = if checks("method") || request.method() == "GET" { request.method() } else { "GET" };
        let known = match (&path[..], method) {
            (["kilns"], "GET") => "list",
            (["kilns", _], "GET") => "show",
            (["kilns", _], "PUT") => "fire",
            _ => return json_reply(self.method, "{}"),
        };
        if !self.knows(request, known) {
            return json_reply("401 Unauthorized", "{}");
        }
        let is_right = match known {
            "list" => self.is_state(request),
            "show" => self.is_kiln(path[1]) && self.is_query(request) && self.is_region(request),
            _ => {
                let media_type = request.header("content-type").unwrap_or_default();
                if checks("media type") && !media_type.starts_with("application/json") {
                    return json_reply("415 Unsupported Media Type", "{}");
                }
                let body = serde_json::from_slice::<Value>(&request.body);
                self.is_kiln(path[1]) && body.is_ok_and(|body| self.is_firing(&body))
            }
        };
        match known {
            _ if !is_right && known == "fire" => json_reply("409 Conflict", "{}"),
            _ if !is_right => reply(self.wrong, "", ""),
            "list" => json_reply("200 OK", "[]"),
            "show" => json_reply("200 OK", r#"{"heat": 300}"#),
            _ => json_reply("200 OK", "{}"),
        }
    }

    fn knows(&self, request: &Request, operation: &str) -> bool {
        let given = request.header("authorization").unwrap_or_default();
        let (scheme, token) = given.split_once(' ').unwrap_or(("", given));
        let decoded = |token: &str| test_token(token);
        match (operation, self.lax) {
            ("list", "key case") => pairs(request).any(|(name, key)| name == "key" && key.eq_ignore_ascii_case(TOKEN)),
            ("list", "key begins") => pairs(request).any(|(name, key)| name == "key" && key.starts_with(TOKEN)),
            ("list", "key empty") => {
                pairs(request).any(|(name, key)| name == "key" && (key.is_empty() || key == TOKEN))
            }
            ("list", _) => pairs(request).any(|(name, key)| name == "key" && key == TOKEN),
            ("show", "scheme") => token == TOKEN,
            ("show", "second scheme") => given.ends_with(TOKEN) && scheme.eq_ignore_ascii_case("bearer"),
            ("show", _) => scheme.eq_ignore_ascii_case("bearer") && token == TOKEN,
            (_, "password case") => decoded(token).is_some_and(|it| it.eq_ignore_ascii_case("Ann:Se-cret")),
            (_, "password begins") => decoded(token).is_some_and(|it| it.starts_with("Ann:Se-cret")),
            (_, "password cut") => decoded(token).is_some_and(|it| it.len() > 9 && "Ann:Se-cret".starts_with(&it)),
            // A name has no case here, and nothing says that it has.
            _ => {
                scheme.eq_ignore_ascii_case("basic")
                    && decoded(token).is_some_and(|it| it == "Ann:Se-cret" || it == "ann:Se-cret")
            }
        }
    }

    fn is_state(&self, request: &Request) -> bool {
        self.lax == "state" || pairs(request).all(|(name, value)| name != "state" || ["hot", "cold"].contains(&&*value))
    }

    fn is_kiln(&self, kiln: &str) -> bool {
        let is_hex = |c: char| c.is_ascii_hexdigit() || c == '-';
        self.lax == "uuid" || kiln.len() == 36 && kiln.chars().all(is_hex)
    }

    fn is_query(&self, request: &Request) -> bool {
        let mut has_unit = false;
        pairs(request).all(|(name, value)| match (name.as_str(), self.lax) {
            ("unit", lax) => {
                has_unit = true;
                match lax {
                    "unit case" => ["kelvin", "celsius"].contains(&value.to_lowercase().as_str()),
                    "unit begins" => value.starts_with("kelvin"),
                    "unit empty" => value.is_empty() || value == "kelvin",
                    _ => value == "kelvin" || value == "celsius",
                }
            }
            ("limit", "limit") => true,
            ("limit", "limit zero") => value.parse::<u32>().is_ok_and(|limit| limit <= 100),
            ("limit", "limit cut") => {
                value.split('.').next().unwrap().parse::<u32>().is_ok_and(|it| (1..=100).contains(&it))
            }
            ("limit", _) => value.parse::<u32>().is_ok_and(|limit| (1..=100).contains(&limit)),
            ("day", "day") => true,
            ("day", _) => value.len() == 10 && value[5..7].parse::<u8>().is_ok_and(|month| (1..=12).contains(&month)),
            _ => true,
        }) && (has_unit || self.lax == "no unit")
    }

    fn is_region(&self, request: &Request) -> bool {
        let region = request.header("x-region").unwrap_or_default();
        match self.lax {
            "region case" => region.eq_ignore_ascii_case("north"),
            "region" => true,
            _ => region == "north" || region == "south",
        }
    }

    fn is_firing(&self, body: &Value) -> bool {
        let lax = self.lax;
        let Some(members) = body.as_object() else { return lax == "any body" };
        let known = ["name", "heat", "steps", "notify", "seal"];
        let name = |name: &Value| {
            let Some(name) = name.as_str() else { return lax == "name type" };
            let name = if lax == "line feed" { name.trim_end_matches('\n') } else { name };
            let name = if lax == "before" { name.trim_start_matches('-') } else { name };
            let lower = if lax == "capitals" { name.to_lowercase() } else { name.to_owned() };
            let Some((letters, digit)) = lower.split_once('-') else { return lax == "no hyphen" };
            let is_digit = digit.len() == 1 && digit.bytes().all(|byte| byte.is_ascii_digit());
            let is_letters = !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_lowercase());
            is_letters && is_digit && (lax == "long" || name.len() <= 12)
        };
        let heat = |heat: &Value| {
            let heat = match heat {
                Value::String(text) if lax == "heat text" => text.parse().ok(),
                Value::Null if lax == "heat null" => Some(20.0),
                heat => heat.as_f64(),
            };
            heat.is_some_and(|heat| {
                (heat >= 20.0 || lax == "cold")
                    && (heat < 1300.0 || lax == "hot" && heat <= 1300.0)
                    && (heat % 0.5 == 0.0 || lax == "steps of heat")
            })
        };
        let step = |step: &Value| {
            let Some(step) = step.as_object() else { return false };
            let minutes = step.get("minutes");
            let is_time = match minutes {
                Some(minutes) => minutes.as_f64().is_some_and(|it| {
                    (it >= 1.0 || lax == "no minutes at all") && (it.fract() == 0.0 || lax == "half minutes")
                }),
                None => lax == "no minutes",
            };
            is_time && step.get("fan").is_none_or(|fan| fan.is_boolean() || lax == "fan" && fan.is_string())
        };
        let steps = |steps: &Value| {
            let Some(steps) = steps.as_array() else { return false };
            let is_twice = steps.len() == 2 && steps[0] == steps[1];
            (!steps.is_empty() || lax == "no steps")
                && (steps.len() <= 3 || lax == "many steps")
                && (steps.len() < 2 || lax == "twice" && is_twice || lax == "many steps")
                && steps.iter().all(step)
        };
        let seal = |seal: &Value| match seal.get("kind").and_then(Value::as_str) {
            Some("wax") => seal["number"].is_i64() || lax == "seal",
            Some("clay") => seal.get("number").is_none_or(Value::is_string),
            _ => false,
        };
        (members.keys().all(|name| known.contains(&name.as_str())) || lax == "more members")
            && members.get("name").map_or(lax == "no name", name)
            && members.get("heat").is_some_and(heat)
            && members.get("steps").is_some_and(steps)
            && members.get("notify").is_none_or(|it| it.as_str().is_some_and(|it| it.contains('@') || lax == "email"))
            && members.get("seal").is_none_or(seal)
    }
}

fn pairs(request: &Request) -> impl Iterator<Item = (String, String)> {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = request.query().split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(move |pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(move |(name, value)| (decoded(name), decoded(value)))
}

/// The name and the password of a token.
fn test_token(token: &str) -> Option<String> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = Vec::new();
    for byte in token.trim_end_matches('=').bytes() {
        let value = DIGITS.iter().position(|digit| *digit == byte)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1));
    }
    let bytes = bits.chunks_exact(8).map(|bits| bits.iter().fold(0_u8, |byte, bit| byte << 1 | *bit as u8));
    String::from_utf8(bytes.collect()).ok()
}

fn suite() -> Suite {
    openapi_document::suite(&Api::of(&Document::read("kilns.yaml", DOCUMENT).unwrap_or_else(|found| panic!("{found}"))))
}

/// The cases that fail, and those that do not run.
fn failing(suite: &Suite, manner: Manner) -> (Vec<String>, Vec<String>) {
    let server = Server::start(move |request, stream| {
        write(stream, manner.answer(request));
        Then::KeepOpen
    });
    let environment = Environment::default();
    // This server knows no other requests.
    let kinds = ["documented", "described", "derived"].map(str::to_owned).into();
    let selection = Selection { kinds, ..Selection::default() };
    let plan = Plan::new(suite, &environment, &selection).unwrap();
    let options = Options {
        token: Some(Secret::new(TOKEN)),
        timeout: Duration::from_secs(5),
        ..Options::new(Address::endpoint(&server.url).unwrap())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let report = runtime.block_on(run(&plan, &options, |_| ())).unwrap();
    let ids = |outcome| {
        let asked = report.entries.iter().filter(|entry| entry.outcome != Outcome::Skipped);
        let entries = asked.filter(move |entry| (entry.outcome == Outcome::Pass) != outcome);
        entries.map(|entry| format!("{} {:?}", entry.id, entry.reason))
    };
    let failed = report.entries.iter().filter(|entry| entry.outcome == Outcome::Fail).map(|entry| entry.id.clone());
    (failed.collect(), ids(true).collect())
}

#[test]
fn a_right_server_is_not_accused_however_it_refuses() {
    let suite = suite();
    assert_eq!(failing(&suite, PLAIN), (Vec::new(), Vec::new()));
    for method in ["404 Not Found", "501 Not Implemented", "401 Unauthorized", "403 Forbidden", "400 Bad Request"] {
        let manner = Manner { method, ..PLAIN };
        assert_eq!(failing(&suite, manner), (Vec::new(), Vec::new()), "{method}");
    }
}

#[test]
fn a_refusal_has_a_documented_status() {
    let suite = suite();
    let (failed, _) = failing(&suite, Manner { wrong: "400 Bad Request", ..PLAIN });
    // The other operation documents 4XX.
    assert!(failed.iter().all(|id| id.starts_with("show_kiln/derived/")) && !failed.is_empty(), "{failed:?}");
}

#[test]
fn what_is_nearly_right_is_refused() {
    let suite = suite();
    let missed: Vec<String> = WRONG
        .iter()
        .filter_map(|(lax, case)| {
            let (failed, _) = failing(&suite, Manner { lax, ..PLAIN });
            (!failed.iter().any(|id| id == case)).then(|| format!("{lax}: expected {case} to fail, found {failed:?}"))
        })
        .collect();
    println!("{} of {} wrong servers caught", WRONG.len() - missed.len(), WRONG.len());
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// What a server does not check, and the case that must fail.
const WRONG: &[(&str, &str)] = &[
    ("method", "list_kilns/derived/method.put"),
    ("key case", "list_kilns/derived/credential.other_case"),
    ("key begins", "list_kilns/derived/credential.longer"),
    ("key empty", "list_kilns/derived/credential.empty"),
    ("scheme", "show_kiln/derived/credential.other_scheme"),
    ("scheme", "show_kiln/derived/credential.no_scheme"),
    ("second scheme", "show_kiln/derived/credential.before"),
    ("password case", "fire_kiln/derived/credential.other_case"),
    ("password begins", "fire_kiln/derived/credential.longer"),
    ("password cut", "fire_kiln/derived/credential.shorter"),
    ("state", "list_kilns/derived/query.state.unknown"),
    ("uuid", "show_kiln/derived/path.kiln.format"),
    ("unit case", "show_kiln/derived/query.unit.other_case"),
    ("unit begins", "show_kiln/derived/query.unit.behind"),
    ("unit empty", "show_kiln/derived/query.unit.empty"),
    ("no unit", "show_kiln/derived/query.unit.missing"),
    ("limit", "show_kiln/derived/query.limit.type"),
    ("limit zero", "show_kiln/derived/query.limit.too_small"),
    ("limit cut", "show_kiln/derived/query.limit.fraction"),
    ("day", "show_kiln/derived/query.day.format"),
    ("region case", "show_kiln/derived/header.X-Region.other_case"),
    ("region", "show_kiln/derived/header.X-Region.missing"),
    ("media type", "fire_kiln/derived/body.media_type"),
    ("any body", "fire_kiln/derived/body.list"),
    ("more members", "fire_kiln/derived/body.additional"),
    ("no name", "fire_kiln/derived/body.name.missing"),
    ("name type", "fire_kiln/derived/body.name.type"),
    ("line feed", "fire_kiln/derived/body.name.pattern.line_feed"),
    ("before", "fire_kiln/derived/body.name.pattern.before"),
    ("capitals", "fire_kiln/derived/body.name.pattern.capital_letter"),
    ("long", "fire_kiln/derived/body.name.too_long"),
    ("heat text", "fire_kiln/derived/body.heat.as_text"),
    ("heat null", "fire_kiln/derived/body.heat.null"),
    ("cold", "fire_kiln/derived/body.heat.too_small"),
    ("hot", "fire_kiln/derived/body.heat.too_large"),
    ("steps of heat", "fire_kiln/derived/body.heat.multiple"),
    ("no steps", "fire_kiln/derived/body.steps.too_few"),
    ("many steps", "fire_kiln/derived/body.steps.too_many"),
    ("twice", "fire_kiln/derived/body.steps.twice"),
    ("no minutes", "fire_kiln/derived/body.steps.0.minutes.missing"),
    ("half minutes", "fire_kiln/derived/body.steps.0.minutes.fraction"),
    ("no minutes at all", "fire_kiln/derived/body.steps.0.minutes.too_small"),
    ("fan", "fire_kiln/derived/body.steps.0.fan.as_text"),
    ("email", "fire_kiln/derived/body.notify.format"),
    ("seal", "fire_kiln/derived/body.seal.number.type"),
];
