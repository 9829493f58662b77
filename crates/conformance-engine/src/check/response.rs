//! Decides whether one reply satisfies one documented exchange.
//! Values in, mismatches out: nothing here opens a socket.
//!
//! Three levels, each asking more than the one before ([`Level`]). What is decided here and documented nowhere else:
//!
//! - **A wrong status ends the judgement.** The body of a failure says why, so it is shown; judging it against the
//!   schema of a success would bury that under follow-on mismatches.
//! - **Arrays show what an element looks like, not how many there are.** Each element of the reply must fit at least
//!   one element of the example; an empty array where the example has elements is a note. (How many is for the
//!   schema's `minItems` to say, or for `exact`.)
//! - **An example's `null` says nothing about the type**, only that the member is there. A reply's `null` is accepted
//!   where the schema allows it.
//! - **`null` where a member must be blank is fine**, whatever the schema says of its type ([`Rule::Blank`]).
//! - **Where a rule and the schema object to the same member, the rule speaks**: it is the more specific.
//! - **Undocumented members are notes**: neither in the schema nor in the example. A closed schema
//!   (`additionalProperties: false`) makes them mismatches.
//! - **A schema that cannot be applied is not a mismatch** but a [`Comparison::schema_faults`] entry.
//! - **How a body is read depends on the media type that came** where the documented one is a range (`*/*`). Without one,
//!   what reads as JSON is JSON.
//! - **What is documented and not judged is listed** ([`Comparison::unjudged`]): the schema of a body that is no JSON, if
//!   it asks for more than a text has; a format that is not known.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use crate::check::comparison::{Comparison, Level};
use crate::check::described::describing;
use crate::check::example::{Documented, Exact};
use crate::check::headers;
use crate::check::media_type::{self, charset, essence, is_json};
use crate::check::mismatch::Mismatch;
use crate::check::schema::{Direction, Instance, Schemas};
use crate::check::text_value::{Fit, TextReader, Wanted, wanted};
use crate::check::undocumented::Undocumented;
use crate::check::value::{is_blank, is_identifier, member, shown};
use crate::model::case::{Media, Response};
use crate::model::exchange::Reply;
use crate::model::json::{self as strict, Problem};
use crate::model::suite::{Case, ExpectedBody, Kind, Rule};
use crate::model::text::excerpt;

/// The longest excerpt of a body in a mismatch, in bytes.
const EXCERPT: usize = 400;

/// Judges `reply` by what `case` promises. `schemas` are the suite's component schemas.
pub fn compare(case: &Case, schemas: &Schemas<'_>, reply: &Reply, level: Level) -> Comparison {
    let mut comparison = Comparison::default();
    let expected = &case.expected;
    if !expected.has_status(reply.status) && !expected.or.contains(&reply.status) {
        if case.kind.is_refused_with(reply.status) || expected.fitting.contains(&reply.status) {
            let best = format!("where {} says it best", expected.status);
            let Some(response) = expected.reply(reply.status) else {
                comparison.note("", format!("refused with {}, which is not documented, {best}", reply.status));
                framing(reply, &mut comparison);
                return comparison;
            };
            comparison.note("", format!("refused with {}, {best}", reply.status));
            let level = level.min(Level::Documented);
            return compare_response(response, &case.request.method, schemas, reply, level, None).with(comparison);
        }
        wrong_status(expected.status, reply, &mut comparison);
        if matches!(case.kind, Kind::Derived { .. }) && (400..500).contains(&reply.status) {
            comparison.note("", "the request was refused, and with no status that is documented for that");
        }
        if expected.class {
            comparison.note("", format!("any status of the class {}XX would do", expected.status / 100));
        }
        return comparison;
    }
    let described = expected.reply(reply.status);
    let address = |response: Option<&Response>| response.map(std::ptr::from_ref);
    // A case of a whole class has no status of its own: one that is documented by itself is another.
    let is_other = expected.class && expected.replies.contains_key(&reply.status.to_string());
    let is_elsewhere = is_other || address(described) != address(expected.reply(expected.status));
    let is_own = expected.has_status(reply.status) && !is_elsewhere;
    let must_say_why = expected.status >= 400 && matches!(case.kind, Kind::Derived { .. } | Kind::Journey { .. });
    if !is_own {
        let answered = if reply.status < 400 { "answered" } else { "refused" };
        // Of a class, or where any refusal will do, the status of the case stands for others.
        let is_named = !expected.class && !matches!(case.kind, Kind::Derived { any_refusal: true, .. });
        let other = if is_named { "is documented as well" } else { "would do as well" };
        let text = format!("{answered} with {}, where {} {other}", reply.status, expected.status);
        comparison.note("", text);
    }
    match described {
        Some(response) if !is_own => {
            let (method, level) = (&case.request.method, level.min(Level::Documented));
            return compare_response(response, method, schemas, reply, level, None).with(comparison);
        }
        described => {
            // Only an example has values that a static mock could repeat.
            let level = if case.kind.is_documented() { level } else { level.min(Level::Documented) };
            let other = described.zip(expected.body.as_ref()).and_then(|(response, body)| {
                let found = reply.header("content-type")?;
                let (media_type, media) = media_type::documented(&response.content, found)?;
                let own = media_type::documented(&response.content, &body.media_type);
                let is_other = own.is_none_or(|(_, own)| !std::ptr::eq(own, media));
                (is_other && !body.undocumented).then_some((media_type, media))
            });
            match (&expected.body, other) {
                _ if !is_own || has_no_body(&case.request.method, reply) => framing(reply, &mut comparison),
                (Some(body), Some((media_type, media))) => {
                    comparison
                        .note("", format!("answered as {media_type}, where {} is documented as well", body.media_type));
                    let rules = body.rules.clone();
                    judge_as(
                        media_type,
                        media,
                        rules,
                        schemas,
                        reply,
                        level.min(Level::Documented),
                        true,
                        &mut comparison,
                    );
                }
                (Some(body), None) => {
                    let content = described.map(|response| &response.content);
                    let media = content.and_then(|content| media_type::documented(content, &body.media_type));
                    let judge = BodyJudge {
                        items: media.and_then(|(_, media)| media.items.as_ref()),
                        others: content.map(listed).filter(|_| content.is_some_and(|all| all.len() > 1)),
                        written: &expected.written,
                        must_say_why,
                        ..BodyJudge::new(schemas, body, level, &mut comparison)
                    };
                    judge.judge(reply);
                }
                (None, _) => undescribed_body(reply, &mut comparison),
            }
            if let Some(response) = described {
                headers::judge(&response.headers, schemas, reply, |_| false, &mut comparison);
            }
        }
    }
    comparison.cut();
    comparison
}

/// What a recorder may have kept from a reply.
#[derive(Clone, Copy)]
pub(crate) struct Gaps {
    /// It left out no headers.
    pub(crate) has_all_headers: bool,
    /// It redacted a text like this.
    pub(crate) is_left_out: fn(&str) -> bool,
}

/// Judges a reply by what is documented of its status; there are `gaps` where it was recorded.
pub(crate) fn compare_response(
    response: &Response,
    method: &str,
    schemas: &Schemas<'_>,
    reply: &Reply,
    level: Level,
    gaps: Option<Gaps>,
) -> Comparison {
    let Gaps { has_all_headers, is_left_out } = gaps.unwrap_or(Gaps { has_all_headers: true, is_left_out: |_| false });
    let mut comparison = Comparison::default();
    let rules = response.rules.clone();
    let content_type = reply.header("content-type");
    let fitting = content_type.and_then(|found| media_type::documented(&response.content, found));
    if has_no_body(method, reply) {
        framing(reply, &mut comparison);
    } else if response.content.is_empty() {
        // What is blank is blank in any body.
        let media_type = "application/json".to_owned();
        let expected = ExpectedBody { media_type, undocumented: true, schema: None, example: None, rules };
        BodyJudge::new(schemas, &expected, Level::Schema, &mut comparison).judge(reply);
    } else if let Some((media_type, media)) = fitting.or_else(|| response.content.iter().next()) {
        let is_one = fitting.is_some() || response.content.len() == 1;
        let shown = if is_one { media_type.clone() } else { listed(&response.content) };
        judge_as(&shown, media, rules, schemas, reply, level, has_all_headers, &mut comparison);
    }
    let mut headers = response.headers.clone();
    if !has_all_headers {
        let is_known = |name: &str| reply.header(name).is_some();
        comparison.unjudged.extend(
            headers
                .iter()
                .filter(|(name, header)| header.required && !is_known(name))
                .map(|(name, _)| format!("the header `{name}`, which was not recorded")),
        );
        headers.retain(|name, _| is_known(name));
    }
    headers::judge(&headers, schemas, reply, is_left_out, &mut comparison);
    comparison.cut();
    comparison
}

/// Judges a body of which no example is documented.
#[allow(clippy::too_many_arguments)]
fn judge_as(
    media_type: &str,
    media: &Media,
    rules: BTreeMap<String, Rule>,
    schemas: &Schemas<'_>,
    reply: &Reply,
    level: Level,
    has_all_headers: bool,
    comparison: &mut Comparison,
) {
    let schema = media.schema.clone();
    let expected =
        ExpectedBody { media_type: media_type.to_owned(), undocumented: false, schema, example: None, rules };
    let judge = BodyJudge::new(schemas, &expected, level, comparison);
    BodyJudge { items: media.items.as_ref(), has_all_headers, ..judge }.judge(reply);
}

fn listed(content: &BTreeMap<String, Media>) -> String {
    content.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Whether such a reply has no body. Source: RFC 9110, sections 6.4.1, 9.3.2, 15.3.5 and 15.4.5.
pub(crate) fn is_bodiless(method: &str, status: u16) -> bool {
    method == "HEAD" || matches!(status, 100..200 | 204 | 205 | 304)
}

fn has_no_body(method: &str, reply: &Reply) -> bool {
    reply.body.is_empty() && is_bodiless(method, reply.status)
}

fn wrong_status(expected: u16, reply: &Reply, comparison: &mut Comparison) {
    let mut body = reply.text(EXCERPT);
    if body.is_empty()
        && let Some(reason) = &reply.framing_fault
    {
        body = format!("the body {reason}");
    }
    comparison.mismatches.push(Mismatch::Status { expected, found: reply.status, body });
    if (300..400).contains(&reply.status)
        && let Some(location) = reply.header("location")
    {
        comparison.note("", format!("redirects to {} (not followed)", excerpt(location, EXCERPT)));
    }
    if let Some(reason) = &reply.framing_fault {
        comparison.note("", format!("the body {reason}"));
    }
}

fn framing(reply: &Reply, comparison: &mut Comparison) {
    if let Some(reason) = &reply.framing_fault {
        let (reason, received) = (reason.clone(), reply.body.len());
        comparison.mismatches.push(Mismatch::Framing { reason, received });
    }
}

fn undescribed_body(reply: &Reply, comparison: &mut Comparison) {
    framing(reply, comparison);
    if reply.framing_fault.is_none() && !reply.body.is_empty() {
        comparison.note("", format!("undocumented body: {}", reply.text(EXCERPT)));
    }
}

struct BodyJudge<'j> {
    schemas: &'j Schemas<'j>,
    expected: &'j ExpectedBody,
    /// The schema of each item, where the body is a sequence.
    items: Option<&'j Value>,
    /// The documented media types, where there are several.
    others: Option<String>,
    /// Numbers of the example as they are written.
    written: &'j BTreeMap<String, String>,
    level: Level,
    /// The reply refuses a request that is wrong, and no example shows how.
    must_say_why: bool,
    /// No recorder has left headers out.
    has_all_headers: bool,
    comparison: &'j mut Comparison,
}

/// How a body is read.
enum Form {
    Json,
    Sequence,
    Other,
}

static NONE: BTreeMap<String, String> = BTreeMap::new();

impl<'j> BodyJudge<'j> {
    fn new(
        schemas: &'j Schemas<'j>,
        expected: &'j ExpectedBody,
        level: Level,
        comparison: &'j mut Comparison,
    ) -> BodyJudge<'j> {
        let (items, others, must_say_why, has_all_headers) = (None, None, false, true);
        BodyJudge { schemas, expected, items, others, written: &NONE, level, must_say_why, has_all_headers, comparison }
    }

    fn judge(mut self, reply: &Reply) {
        // Source: RFC 9457, section 3.1: every member of a problem is optional.
        self.must_say_why &= !essence(&self.expected.media_type).eq_ignore_ascii_case("application/problem+json");
        if self.expected.undocumented {
            self.judge_guess(reply);
        } else if self.is_readable(reply) {
            match self.form(reply) {
                Form::Json => self.judge_json(reply),
                form => match reply.content() {
                    Err(reason) => self.mismatch(Mismatch::ContentEncoding { reason }),
                    Ok(content) if matches!(form, Form::Sequence) => self.judge_sequence(&content),
                    Ok(content) => self.judge_other(&content, reply),
                },
            }
        }
    }

    /// As what the body is read: as the documented media type, or in a documented range as the one that came.
    fn form(&self, reply: &Reply) -> Form {
        let documented = &self.expected.media_type;
        let found = reply.header("content-type").filter(|_| media_type::is_range(documented));
        let media_type = found.unwrap_or(documented);
        let is_unknown = media_type::is_range(media_type);
        let reads_as_json = || reply.json().is_ok_and(|reading| reading.value.is_some() && reading.problems.is_empty());
        match () {
            () if is_json(media_type) || is_unknown && reads_as_json() => Form::Json,
            () if media_type::is_sequence(media_type) => Form::Sequence,
            () => Form::Other,
        }
    }

    /// A body of which nothing is documented: only what must not be there is looked for, if it can be read at all.
    fn judge_guess(mut self, reply: &Reply) {
        if let Some(reason) = &reply.framing_fault {
            self.mismatch(Mismatch::Framing { reason: reason.clone(), received: reply.body.len() });
        } else if let Some(value) = reply.json().ok().and_then(|reading| reading.value.as_ref()) {
            self.judge_blank(value);
        }
    }

    /// What the headers say of the body. Without a whole, plain body there is nothing further to judge.
    fn is_readable(&mut self, reply: &Reply) -> bool {
        if let Some(reason) = &reply.framing_fault {
            self.judge_media_type(reply);
            self.mismatch(Mismatch::Framing { reason: reason.clone(), received: reply.body.len() });
            return false;
        }
        if reply.body.is_empty() {
            // Without a body no media type is needed.
            if is_json(&self.expected.media_type) {
                self.mismatch(Mismatch::Json { problem: Problem::Empty });
            } else if media_type::is_sequence(&self.expected.media_type) && self.expected.example.is_none() {
                // A sequence may have no items.
            } else if self.is_empty_text(reply) {
                // The header says that there is a text; whether it may be empty, its schema says.
                return true;
            } else if self.expected.example != Some(Value::String(String::new())) {
                self.mismatch(Mismatch::NoBody);
            }
            return false;
        }
        self.judge_media_type(reply);
        true
    }

    /// Whether an empty body is one that is documented by its schema alone: a text, which may be empty where nothing
    /// forbids it.
    fn is_empty_text(&self, reply: &Reply) -> bool {
        let is_text = |schema: &Value| {
            let empty = Value::String(String::new());
            schema.get("type") == Some(&Value::from("string"))
                && self.schemas.violations(&empty, schema, Direction::Reply).is_empty()
        };
        let found = reply.header("content-type");
        self.expected.example.is_none()
            && found.is_some_and(|found| media_type::fits(&essence(&self.expected.media_type), &essence(found)))
            && self.expected.schema.as_ref().is_some_and(is_text)
    }

    fn judge_media_type(&mut self, reply: &Reply) {
        let documented = essence(&self.expected.media_type);
        let named = reply.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let types: Vec<&str> = named.map(|(_, value)| value.as_str()).collect();
        let expected = self.others.clone();
        let expected = || expected.unwrap_or_else(|| documented.clone());
        let Some(content_type) = types.first() else {
            // Any media type is in the widest range, and a recorder may have left the header out.
            if documented != "*/*" && self.has_all_headers {
                self.mismatch(Mismatch::NoMediaType { expected: expected() });
            }
            return;
        };
        if types.iter().any(|other| !essence(other).eq_ignore_ascii_case(&essence(content_type))) {
            // Readers disagree which of them counts.
            let found = excerpt(&types.join(" and "), EXCERPT);
            return self.mismatch(Mismatch::MediaType { expected: expected(), found });
        }
        let is_it = media_type::fits(&documented, &essence(content_type));
        if is_it && !media_type::agrees(&self.expected.media_type, content_type) {
            // The two differ in a parameter.
            let expected = excerpt(&self.expected.media_type, EXCERPT);
            self.mismatch(Mismatch::MediaType { expected, found: excerpt(content_type, EXCERPT) });
        } else if !is_it {
            self.mismatch(Mismatch::MediaType { expected: expected(), found: excerpt(content_type, EXCERPT) });
        } else if is_json(content_type)
            && let Some(charset) = charset(content_type)
            && !media_type::is_utf8(charset)
        {
            self.mismatch(Mismatch::Charset { found: excerpt(charset, EXCERPT) });
        }
    }

    fn judge_json(mut self, reply: &Reply) {
        let reading = match reply.json() {
            Ok(reading) => reading,
            Err(reason) => return self.mismatch(Mismatch::ContentEncoding { reason: reason.to_owned() }),
        };
        for problem in &reading.problems {
            self.mismatch(Mismatch::Json { problem: problem.clone() });
        }
        if let Some(value) = &reading.value {
            self.judge_value(value, &reading.written);
        }
    }

    fn judge_value(&mut self, value: &Value, numbers: &BTreeMap<String, String>) {
        let reported = match &self.expected.schema {
            Some(schema) => self.judge_schema(value, numbers, schema),
            None => HashSet::new(),
        };
        // The usual case, and a fraction of the work: nothing is missing, and nothing is undocumented.
        let is_as_shown = self.expected.example.as_ref().is_some_and(|example| is_alike(example, value));
        match (self.level, &self.expected.example) {
            (Level::Schema, _) => self.judge_blank(value),
            (Level::Documented, Some(_)) if is_as_shown && self.expected.rules.is_empty() => {}
            (Level::Documented, Some(example)) => {
                let mut walk = Documented {
                    schemas: self.schemas,
                    rules: &self.expected.rules,
                    reported: &reported,
                    written: [self.written, numbers],
                    mismatches: Vec::new(),
                    notes: Vec::new(),
                };
                walk.judge(example, value, self.expected.schema.as_ref());
                self.comparison.mismatches.append(&mut walk.mismatches);
                self.comparison.notes.append(&mut walk.notes);
                self.judge_blank(value);
                self.judge_rules_beside(example, value);
            }
            (Level::Exact, Some(example)) => {
                let written = [self.written, numbers];
                let mut walk =
                    Exact { rules: &self.expected.rules, reported: &reported, written, mismatches: Vec::new() };
                walk.judge(example, value, "");
                self.comparison.mismatches.append(&mut walk.mismatches);
            }
            (Level::Documented, None) => {
                self.judge_blank(value);
                self.judge_rules_beside(&Value::Null, value);
            }
            (Level::Exact, None) => {
                self.judge_blank(value);
                self.comparison.note("", "no example is documented: judged by the schema only");
            }
        }
        if self.level == Level::Exact {
            return;
        }
        self.let_rules_speak();
        if !is_as_shown {
            self.judge_undocumented(value);
        }
        if self.must_say_why {
            self.judge_silence(value);
        }
    }

    fn judge_undocumented(&mut self, value: &Value) {
        let mut undocumented = Undocumented {
            schemas: self.schemas,
            rules: &self.expected.rules,
            notes: Vec::new(),
            mismatches: Vec::new(),
        };
        let schemas: Vec<_> = self.expected.schema.iter().collect();
        let examples: Vec<_> = self.expected.example.iter().collect();
        undocumented.walk(value, &schemas, &examples, &mut String::new());
        self.comparison.notes.append(&mut undocumented.notes);
        self.comparison.mismatches.append(&mut undocumented.mismatches);
    }

    /// A refusal has at least one of the documented members that say something, where any are documented.
    fn judge_silence(&mut self, value: &Value) {
        let schema: Vec<_> = self.expected.schema.iter().collect();
        let described = describing(self.schemas, &schema);
        let properties = described.iter().filter_map(|schema| schema.get("properties")?.as_object()).flatten();
        let may_be_there = |name: &str| self.expected.rules.get(&format!("/{name}")) != Some(&Rule::Blank);
        let names: Vec<&str> = properties.map(|(name, _)| name.as_str()).filter(|name| may_be_there(name)).collect();
        let says = |name: &&str| value.get(name).is_some_and(|member| !is_blank(member));
        if !names.is_empty() && !names.iter().any(says) {
            self.mismatch(Mismatch::Silent { expected: names.join(", ") });
        }
    }

    /// Where the schema already found something, so that the example does not say it again.
    fn judge_schema(&mut self, value: &Value, numbers: &BTreeMap<String, String>, schema: &Value) -> HashSet<String> {
        let mut reported = HashSet::new();
        let blank = self.expected.rules.iter().filter(|(_, rule)| **rule == Rule::Blank);
        let may_be_null: Vec<_> = blank.map(|(pointer, _)| pointer.as_str()).collect();
        let instance = Instance { value, numbers, may_be_null: &may_be_null };
        let found = self.schemas.judge(instance, schema, Direction::Reply);
        self.comparison.unjudged.extend(found.unjudged);
        for violation in found.violations {
            if violation.schema_is_broken {
                self.comparison.schema_faults.push(violation);
            } else {
                reported.insert(violation.pointer.clone());
                self.mismatch(Mismatch::Schema { violation });
            }
        }
        reported
    }

    /// `found ""` by a rule and `at least 1 characters` by the schema are one complaint.
    fn let_rules_speak(&mut self) {
        let by_rule = |mismatch: &Mismatch| match mismatch {
            Mismatch::Value { pointer, .. } | Mismatch::Id { pointer, .. } | Mismatch::NotBlank { pointer, .. } => {
                Some(pointer.clone())
            }
            _ => None,
        };
        let mismatches = &mut self.comparison.mismatches;
        let said: HashSet<_> = mismatches.iter().filter_map(by_rule).collect();
        mismatches.retain(|mismatch| match mismatch {
            Mismatch::Schema { violation } => !said.contains(&violation.pointer),
            _ => true,
        });
    }

    fn judge_blank(&mut self, value: &Value) {
        for (pointer, rule) in &self.expected.rules {
            if *rule == Rule::Blank
                && let Some(found) = value.pointer(pointer)
                && !is_blank(found)
            {
                self.mismatch(Mismatch::NotBlank { pointer: pointer.clone(), found: shown(found) });
            }
        }
    }

    /// Identifiers that the example does not show: they may be absent, but if they are there they are identifiers.
    fn judge_rules_beside(&mut self, example: &Value, value: &Value) {
        for (pointer, rule) in &self.expected.rules {
            if *rule == Rule::Id
                && example.pointer(pointer).is_none()
                && let Some(found) = value.pointer(pointer)
                && !is_identifier(found)
            {
                self.mismatch(Mismatch::Id { pointer: pointer.clone(), found: shown(found) });
            }
        }
    }

    /// JSON texts one after the other. Each is judged by the schema of the items; by the schema itself where that
    /// describes no array; otherwise all of them together are judged as an array.
    fn judge_sequence(mut self, content: &[u8]) {
        let (mut items, mut numbers) = (Vec::new(), BTreeMap::new());
        let lines = content.split(|byte| matches!(byte, b'\n' | b'\x1e')).map(<[u8]>::trim_ascii);
        for (index, line) in lines.filter(|line| !line.is_empty()).enumerate() {
            let reading = strict::read(line);
            if let Some(problem) = reading.problems.first() {
                let found = format!("{problem} in item {}", index + 1);
                return self.mismatch(Mismatch::Form { expected: "a sequence of JSON texts", found });
            }
            numbers.extend(reading.written.into_iter().map(|(at, text)| (format!("/{}{at}", items.len()), text)));
            items.extend(reading.value);
        }
        let schema = self.expected.schema.as_ref();
        let is_array = |schema: &&Value| {
            describing(self.schemas, &[schema]).iter().any(|schema| schema.get("type").is_some_and(|it| it == "array"))
        };
        let is_text = |schema: &&Value| wanted(self.schemas, schema) == Wanted::Anything;
        let of_all = schema.filter(|schema| self.items.is_some() || is_array(schema)).cloned();
        let of_items = self.items.or(schema.filter(|schema| !is_array(schema) && !is_text(schema)));
        let items = Value::Array(items);
        for schema in of_all.into_iter().chain(of_items.map(|schema| json!({"items": schema}))) {
            self.judge_schema(&items, &numbers, &schema);
        }
    }

    /// A body of another media type: a text can be checked against a schema, and what is known of its form.
    fn judge_other(mut self, content: &[u8], reply: &Reply) {
        let content_type = reply.header("content-type").unwrap_or_default();
        let documented = &self.expected.media_type;
        let media_type = if media_type::is_range(documented) { essence(content_type) } else { essence(documented) };
        if media_type::is_xml(&media_type) {
            let start = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content).trim_ascii();
            if !(start.starts_with(b"<") && start.ends_with(b">")) {
                let found = excerpt(&String::from_utf8_lossy(content), EXCERPT);
                self.mismatch(Mismatch::Form { expected: "XML", found });
            }
        }
        if let Some(schema) = &self.expected.schema {
            self.judge_text(content, content_type, &media_type, schema);
        }
        let documented = match &self.expected.example {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => return,
        };
        let must_be_equal = self.level == Level::Documented && self.expected.rules.get("") == Some(&Rule::Equal);
        if (self.level == Level::Exact || must_be_equal) && documented.as_bytes() != content {
            let expected = excerpt(&documented, EXCERPT);
            let found = excerpt(&String::from_utf8_lossy(content), EXCERPT);
            self.mismatch(Mismatch::Bytes { expected, found });
        }
    }

    fn judge_text(&mut self, content: &[u8], content_type: &str, media_type: &str, schema: &Value) {
        let named = if media_type.is_empty() { "a body without a media type" } else { media_type };
        let unjudged = format!("the schema of {}", excerpt(named, 120));
        let wanted = wanted(self.schemas, schema);
        if wanted == Wanted::Structure || media_type.starts_with("multipart/") || media_type::is_xml(media_type) {
            if wanted != Wanted::Anything {
                self.comparison.unjudged.push(unjudged);
            }
            return;
        }
        let charset = charset(content_type).unwrap_or_default();
        let is_latin = ["iso-8859-1", "latin1"].iter().any(|name| charset.eq_ignore_ascii_case(name));
        let text = match std::str::from_utf8(content) {
            Ok(text) => text.to_owned(),
            Err(error) if media_type::is_utf8(charset) => {
                let found = format!("bytes that are not, from offset {}", error.valid_up_to());
                return self.mismatch(Mismatch::Form { expected: "text in UTF-8", found });
            }
            Err(_) if is_latin => content.iter().map(|byte| char::from(*byte)).collect(),
            Err(_) if wanted == Wanted::Anything => return,
            Err(_) => return self.comparison.unjudged.push(format!("{unjudged}: its bytes are not UTF-8")),
        };
        if wanted == Wanted::Anything {
            return;
        }
        let reader = TextReader { schemas: self.schemas, direction: Direction::Reply };
        match reader.scalar(&text, schema) {
            Fit::Fits(unjudged) => self.comparison.unjudged.extend(unjudged),
            Fit::Broken(violation) => self.comparison.schema_faults.push(violation),
            Fit::Differs(violation) => self.mismatch(Mismatch::Schema { violation }),
        }
    }

    fn mismatch(&mut self, mismatch: Mismatch) {
        self.comparison.mismatches.push(mismatch);
    }
}

/// The members of the example and no others, at every level, each of the same type.
fn is_alike(example: &Value, value: &Value) -> bool {
    match (example, value) {
        (Value::Object(example), Value::Object(members)) => {
            let is_shown = |name: &str, value| member(example, name).is_some_and(|example| is_alike(example, value));
            example.len() == members.len() && members.iter().all(|(name, value)| is_shown(name, value))
        }
        (Value::Array(example), Value::Array(elements)) => {
            let shown = |index| example.get(index).or(example.last());
            let mut elements = elements.iter().enumerate();
            example.is_empty() == (elements.len() == 0)
                && elements.all(|(index, value)| shown(index).is_some_and(|example| is_alike(example, value)))
        }
        (example, value) => std::mem::discriminant(example) == std::mem::discriminant(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::suite::Suite;

    const EXAMPLE: &str = r#"{"id": "r-1", "name": "Ada", "tags": ["a"], "crew": [{"name": "B"}, {"robot": true}]}"#;

    /// A reply with this content type and body, judged at this level by this expectation: these lines.
    /// Mismatches first, then notes (`note`), then faults of the schema (`schema`).
    #[track_caller]
    fn check_reply(expected: Value, level: Level, status: u16, headers: &[(&str, &str)], body: &[u8], lines: &[&str]) {
        check_case(json!("documented"), expected, level, status, headers, body, lines);
    }

    /// The same for the answer to a request that broke something on purpose.
    #[track_caller]
    fn check_refusal(expected: Value, status: u16, body: &str, lines: &[&str]) {
        let headers = [("content-type", "application/json")];
        let kind = json!({"derived": {"breaks": "the id is left out"}});
        check_case(kind, expected, Level::Exact, status, &headers, body.as_bytes(), lines);
    }

    /// What is found in a reply that is this value.
    fn compared(mut expected: Value, level: Level, value: &Value) -> Comparison {
        expected["media_type"] = json!("application/json");
        let suite = json!({"title": "", "version": "", "cases": [{"id": "a/b", "operation": "a",
            "request": {"method": "GET", "path": "/"}, "expected": {"status": 200, "body": expected}}]});
        let suite = Suite::from_json(&suite.to_string()).unwrap();
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let reply = Reply { status: 200, headers, body: value.to_string().into_bytes().into(), ..Reply::default() };
        compare(&suite.cases[0], &Schemas::new(&suite.schemas), &reply, level)
    }

    #[track_caller]
    fn check_case(
        kind: Value,
        expected: Value,
        level: Level,
        status: u16,
        headers: &[(&str, &str)],
        body: &[u8],
        lines: &[&str],
    ) {
        let suite = json!({
            "title": "Rockets", "version": "1",
            "schemas": {"Rocket": {"properties": {"id": {"type": "string"}, "name": {"type": ["string", "null"]}}}},
            "cases": [{
                "id": "show/ok", "operation": "show", "kind": kind, "request": {"method": "GET", "path": "/"},
                "expected": expected,
            }],
        });
        let suite = Suite::from_json(&suite.to_string()).unwrap();
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let reply = Reply { status, headers, body: body.to_vec().into(), ..Reply::default() };
        let comparison = compare(&suite.cases[0], &Schemas::new(&suite.schemas), &reply, level);
        let mismatches = comparison.mismatches.iter().map(|mismatch| match mismatch.pointer() {
            None | Some("") => mismatch.to_string(),
            Some(pointer) => format!("{pointer} {mismatch}"),
        });
        let notes = comparison.notes.iter().map(|note| format!("note {} {}", note.pointer, note.text));
        let faults = comparison.schema_faults.iter().map(|fault| format!("schema {fault}"));
        assert_eq!(mismatches.chain(notes).chain(faults).collect::<Vec<_>>(), lines);
    }

    /// The same for a JSON body, with the status and media type as expected.
    #[track_caller]
    fn check(expected: Value, level: Level, body: &str, lines: &[&str]) {
        let mut expected = expected;
        expected["media_type"] = json!("application/json");
        let headers = [("content-type", "application/json")];
        check_reply(json!({"status": 200, "body": expected}), level, 200, &headers, body.as_bytes(), lines);
    }

    fn example() -> Value {
        json!({"example": serde_json::from_str::<Value>(EXAMPLE).unwrap()})
    }

    #[test]
    fn the_example_itself_passes_at_every_level() {
        for level in [Level::Schema, Level::Documented, Level::Exact] {
            check(example(), level, EXAMPLE, &[]);
        }
    }

    #[test]
    fn other_values_of_the_same_shape_pass_until_exact() {
        let body = EXAMPLE.replace("Ada", "Eve");
        check(example(), Level::Documented, &body, &[]);
        check(example(), Level::Exact, &body, &["/name expected \"Ada\", found \"Eve\""]);
    }

    #[test]
    fn every_member_of_the_example_must_be_there_with_its_type() {
        check(example(), Level::Schema, "{}", &[]);
        check(
            example(),
            Level::Documented,
            r#"{"id": 1, "name": null, "tags": {}}"#,
            &[
                "/id expected a string, found a number: 1",
                "/name expected a string, found null",
                "/tags expected an array, found an object: {}",
                "/crew expected this member, for instance [{\"name\":\"B\"},{\"robot\":true}], found none",
            ],
        );
        // The only thing that is wrong is found as well.
        for (body, lines) in [
            (r#"{"a": 1}"#, &["/b expected this member, for instance [2], found none"][..]),
            (r#"{"a": "1", "b": [3]}"#, &["/a expected a number, found a string: \"1\""]),
            (r#"{"a": 1, "b": []}"#, &["note /b an empty array; the example has 1 elements"]),
            (r#"{"a": 1, "b": [3, 4], "c": 5}"#, &["note /c undocumented property: 5"]),
            (r#"{"a": 1, "b": [3, "4"]}"#, &["/b/1 expected a number, found a string: \"4\""]),
            (
                r#"{"a": "1", "b": ["3"]}"#,
                &["/a expected a number, found a string: \"1\"", "/b/0 expected a number, found a string: \"3\""],
            ),
        ] {
            check(json!({"example": {"a": 1, "b": [2]}}), Level::Documented, body, lines);
        }
    }

    #[test]
    fn null_is_accepted_where_the_schema_allows_it() {
        let expected = json!({
            "schema": {"allOf": [{"$ref": "#/components/schemas/Rocket"}]}, "example": {"name": "Ada"},
        });
        check(expected.clone(), Level::Documented, r#"{"name": null}"#, &[]);
        check(expected, Level::Exact, r#"{"name": null}"#, &["/name expected a string, found null"]);
        check(json!({"example": {"name": null}}), Level::Documented, r#"{"name": 1}"#, &[]);
        check(
            json!({"example": {"name": null}}),
            Level::Documented,
            "{}",
            &["/name expected this member, for instance null, found none"],
        );
    }

    #[test]
    fn an_element_must_fit_one_of_the_examples_elements() {
        let body = |crew: &str| format!(r#"{{"id": "", "name": "", "tags": [], "crew": {crew}}}"#);
        let empty = "note /tags an empty array; the example has 1 elements";
        check(example(), Level::Documented, &body(r#"[{"robot": false}, {"robot": true}, {"name": "C"}]"#), &[empty]);
        check(
            example(),
            Level::Documented,
            &body(r#"[{"name": "C"}, {"name": 5}]"#),
            &["/crew/1/robot expected this member, for instance true, found none", empty],
        );
        check(
            example(),
            Level::Exact,
            &body("[]"),
            &[
                "/id expected \"r-1\", found \"\"",
                "/name expected \"Ada\", found \"\"",
                "/tags expected 1 elements, found 0",
                "/crew expected 2 elements, found 0",
            ],
        );
    }

    #[test]
    fn rules_say_more_of_single_members() {
        let expected = json!({
            "example": {"code": "R.1", "id": "r-1", "crew": [{"id": "c-1"}]},
            "rules": {"/code": "equal", "/id": "id", "/crew/0/id": "id", "/error": "blank", "/parent": "id"},
        });
        check(
            expected.clone(),
            Level::Documented,
            r#"{"code": "R.1", "id": "x", "crew": [{"id": "y"}], "error": null}"#,
            &[],
        );
        check(
            expected.clone(),
            Level::Documented,
            r#"{"code": "R.2", "id": "", "crew": [{"id": 1}], "error": "E", "parent": 7}"#,
            &[
                "/code expected \"R.1\", found \"R.2\"",
                "/id expected an identifier (a string that is not empty), found \"\"",
                "/crew/0/id expected an identifier (a string that is not empty), found 1",
                "/error expected nothing here (absent, null or empty), found \"E\"",
                "/parent expected an identifier (a string that is not empty), found 7",
            ],
        );
        check(
            expected,
            Level::Schema,
            r#"{"error": "E"}"#,
            &["/error expected nothing here (absent, null or empty), found \"E\""],
        );
    }

    #[test]
    fn a_blank_member_of_the_example_may_be_absent() {
        let expected = json!({"example": {"error": ""}, "rules": {"/error": "blank"}});
        check(expected.clone(), Level::Documented, "{}", &[]);
        check(expected, Level::Documented, r#"{"error": null}"#, &[]);
    }

    #[test]
    fn an_optional_member_of_the_example_may_be_absent_and_is_judged_by_its_schema() {
        let schema = json!({"properties": {"age": {"type": "integer"}, "part": {"type": "object"}}});
        let example = json!({"name": "oak", "age": 9, "part": {"a": 1}, "rows": [{"b": 1}]});
        let rules = json!({"/age": "optional", "/part": "optional", "/rows/0/b": "optional"});
        let expected = json!({"schema": schema, "example": example, "rules": rules});
        check(expected.clone(), Level::Documented, r#"{"name": "fir", "rows": [{}, {"b": "x"}]}"#, &[]);
        check(expected.clone(), Level::Documented, r#"{"name": "fir", "part": {}, "rows": [{}]}"#, &[]);
        check(
            expected,
            Level::Documented,
            r#"{"age": "nine", "rows": [1]}"#,
            &[
                "/age expected an integer, found a string: \"nine\"",
                "/name expected this member, for instance \"oak\", found none",
                "/rows/0 expected an object, found a number: 1",
            ],
        );
        let any = json!({"schema": schema, "example": {"a": 1}, "rules": {"": "optional"}});
        check(any, Level::Documented, r#"{"b": 1}"#, &["note /b undocumented property: 1"]);
    }

    #[test]
    fn null_is_fine_where_a_member_must_be_blank() {
        let text = json!({"type": "string", "minLength": 1});
        let launch = json!({"type": "object", "required": ["error"], "properties": {"error": text}});
        let expected = json!({
            "schema": {
                "allOf": [{"properties": {"launch": {"oneOf": [launch, {"type": "integer"}]}}}],
                "properties": {"error": {"enum": ["E"]}, "list": {"items": launch}, "name": {"type": "string"}},
            },
            "example": {"launch": {"error": "E"}, "list": [{"error": ""}]},
            "rules": {"/error": "blank", "/launch/error": "blank", "/list/0/error": "blank"},
        });
        let body = r#"{"launch": {"error": null}, "list": [{"error": null}, {"error": null}], "error": null}"#;
        check(expected.clone(), Level::Schema, body, &[]);
        check(expected.clone(), Level::Documented, body, &[]);
        let exact = r#"{"launch": {"error": null}, "list": [{"error": null}], "error": null}"#;
        check(expected.clone(), Level::Exact, exact, &[]);
        check(expected, Level::Schema, r#"{"name": null}"#, &["/name expected a string, found null"]);
    }

    #[test]
    fn where_schema_and_rule_object_to_one_member_the_rule_speaks() {
        let text = json!({"type": "string", "minLength": 1, "maxLength": 2});
        let expected = json!({
            "schema": {"properties": {"id": text, "code": {"enum": ["R.1"]}, "error": text, "name": text}},
            "example": {"id": "r-1", "code": "R.1"},
            "rules": {"/id": "id", "/code": "equal", "/error": "blank"},
        });
        check(
            expected,
            Level::Documented,
            r#"{"id": "", "code": "R.2", "error": "long", "name": "long"}"#,
            &[
                "/name expected at most 2 characters, found 4: \"long\" (maxLength)",
                "/id expected an identifier (a string that is not empty), found \"\"",
                "/code expected \"R.1\", found \"R.2\"",
                "/error expected nothing here (absent, null or empty), found \"long\"",
            ],
        );
    }

    #[test]
    fn what_the_schema_found_is_not_said_twice() {
        let expected = json!({
            "schema": {"required": ["id"], "properties": {"id": {"type": "string"}, "mass": {"type": "integer"}}},
            "example": {"id": "r-1", "mass": 5},
        });
        check(
            expected,
            Level::Documented,
            r#"{"mass": "5"}"#,
            &["/id expected this member, found none (required)", "/mass expected an integer, found a string: \"5\""],
        );
    }

    #[test]
    fn what_the_schema_misses_is_not_missed_again_at_exact() {
        let expected = json!({"schema": {"required": ["id"]}, "example": {"id": "r-1", "mass": 5}});
        let lines = [
            "/id expected this member, found none (required)",
            "/mass expected this member, for instance 5, found none",
        ];
        check(expected, Level::Exact, "{}", &lines);
    }

    #[test]
    fn a_documented_member_that_is_spelt_differently_is_a_mismatch() {
        let expected = json!({"schema": {"properties": {"flightId": {}, "mass": {}}}});
        let spelt = |name: &str| format!("/{name} expected the member flightId, found this spelling");
        for name in ["flight_id", "FLIGHT-ID", "flightid"] {
            check(expected.clone(), Level::Documented, &format!(r#"{{"{name}": 1}}"#), &[&spelt(name)]);
        }
        let both = ["note /flight_id undocumented property: 1"];
        check(expected.clone(), Level::Documented, r#"{"flight_id": 1, "flightId": 2}"#, &both);
        check(expected, Level::Documented, r#"{"flight": 1}"#, &["note /flight undocumented property: 1"]);
        let example = json!({"example": {"flightId": 1}});
        let lines = ["/flightId expected this member, for instance 1, found none", &spelt("flight_id")];
        check(example, Level::Documented, r#"{"flight_id": 1}"#, &lines);
    }

    #[test]
    fn what_must_be_blank_is_found_below_an_undocumented_member() {
        let expected = json!({"schema": {"properties": {"code": {}}}, "rules": {"/job": "blank", "/code": "id"}});
        let note = |name: &str, value: &str| format!("note /{name} undocumented property: {value}");
        let found = |pointer: &str| format!("{pointer} expected nothing here (absent, null or empty), found \"j\"");
        for (body, lines) in [
            (r#"{"x": {"job": "j"}}"#, vec![found("/x/job"), note("x", r#"{"job":"j"}"#)]),
            (r#"{"x": [0, {"y": {"job": "j"}}]}"#, vec![found("/x/1/y/job"), note("x", r#"[0,{"y":{"job":"j"}}]"#)]),
            (r#"{"x": {"job": "", "code": ""}}"#, vec![note("x", r#"{"job":"","code":""}"#)]),
            (r#"{"x": {"y": "j"}}"#, vec![note("x", r#"{"y":"j"}"#)]),
        ] {
            check(expected.clone(), Level::Documented, body, &lines.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }

    #[test]
    fn only_so_many_undocumented_members_are_listed() {
        let schema = json!({"properties": {"a": {"items": {"properties": {"b": {}}}}}});
        let expected = json!({"schema": schema, "rules": {"/job": "blank"}});
        let count = |body: Value| {
            let comparison = compared(expected.clone(), Level::Documented, &body);
            (comparison.mismatches.len(), comparison.notes.len())
        };
        assert_eq!(count(json!({"a": vec![json!({"b": 1, "c": 2}); 19]})), (0, 19));
        assert_eq!(count(json!({"a": vec![json!({"b": 1, "c": 2}); 50]})), (0, 20));
        assert_eq!(count(json!({"x": vec![json!({"job": 1}); 19]})), (19, 1));
        assert_eq!(count(json!({"x": vec![json!({"job": 1}); 50]})), (20, 1));
    }

    #[test]
    fn undocumented_members_are_notes() {
        let expected = json!({
            "schema": {"oneOf": [{"$ref": "#/components/schemas/Rocket"}], "properties": {
                "map": {"additionalProperties": {"properties": {"x": {}}}}, "free": {"type": "object"},
            }},
            "example": {"mass": 1},
        });
        let body = r#"{"id": "r", "mass": 2, "map": {"a": {"x": 1, "y": 2}}, "free": {"z": 1}, "color": "red"}"#;
        let notes = ["note /map/a/y undocumented property: 2", "note /color undocumented property: \"red\""];
        check(expected.clone(), Level::Documented, body, &notes);
        check(
            expected,
            Level::Exact,
            r#"{"mass": 1, "color": "red"}"#,
            &["/color expected no such member, found \"red\""],
        );
        let closed = json!({"schema": {"properties": {"id": {}}, "additionalProperties": false}});
        check(
            closed,
            Level::Documented,
            r#"{"color": "red"}"#,
            &["/color expected no member of this name, found a string: \"red\" (additionalProperties)"],
        );
        check(json!({}), Level::Documented, r#"{"color": "red"}"#, &[]);
    }

    #[test]
    fn a_wrong_status_is_the_only_mismatch_and_shows_why() {
        let expected = json!({"status": 200, "body": {
            "media_type": "application/json", "schema": {"required": ["id"]}, "example": {"id": "r"},
        }});
        check_reply(
            expected.clone(),
            Level::Documented,
            409,
            &[("content-type", "text/html")],
            b"no fuel",
            &["expected status 200, found 409: no fuel"],
        );
        let location = [("location", "/elsewhere")];
        check_reply(
            expected,
            Level::Documented,
            302,
            &location,
            b"",
            &["expected status 200, found 302 without a body", "note  redirects to /elsewhere (not followed)"],
        );
    }

    #[test]
    fn media_types() {
        let expected = json!({"status": 200, "body": {"media_type": "application/json"}});
        let check = |content_type: Option<&str>, lines: &[&str]| {
            let headers: Vec<_> = content_type.iter().map(|value| ("content-type", *value)).collect();
            check_reply(expected.clone(), Level::Documented, 200, &headers, b"{}", lines);
        };
        check(Some("Application/JSON; charset=UTF-8"), &[]);
        check(Some("application/json;charset=\"utf-8\""), &[]);
        check(Some("application/json; charset=utf8"), &[]);
        check(Some("application/json; charset=\"UTF8\""), &[]);
        check(Some("application/json; charset=utf-16"), &["expected JSON in UTF-8, found charset utf-16"]);
        check(Some("application/json; charset=latin1"), &["expected JSON in UTF-8, found charset latin1"]);
        check(
            Some("application/problem+json"),
            &["expected content-type application/json, found application/problem+json"],
        );
        check(Some(""), &["expected content-type application/json, found an empty one"]);
        check(None, &["expected content-type application/json, found no content-type"]);
        let any = json!({"status": 200, "body": {"media_type": "text/*"}});
        check_reply(any.clone(), Level::Documented, 200, &[("content-type", "text/csv")], b"a", &[]);
        check_reply(
            any,
            Level::Documented,
            200,
            &[("content-type", "textual/csv")],
            b"a",
            &["expected content-type text/*, found textual/csv"],
        );
    }

    #[test]
    fn an_undocumented_body_is_a_note() {
        check_reply(json!({"status": 204}), Level::Exact, 204, &[], b"", &[]);
        check_reply(json!({"status": 200}), Level::Exact, 200, &[], b"hello", &["note  undocumented body: hello"]);
    }

    #[test]
    fn other_media_types_are_compared_as_bytes() {
        let expected = json!({"status": 200, "body": {
            "media_type": "text/plain", "schema": {"type": "string", "maxLength": 5}, "example": "ready",
        }});
        let headers = [("content-type", "text/plain")];
        check_reply(expected.clone(), Level::Exact, 200, &headers, b"ready", &[]);
        check_reply(expected.clone(), Level::Documented, 200, &headers, b"no", &[]);
        check_reply(expected.clone(), Level::Exact, 200, &headers, b"no", &["expected the body ready, found no"]);
        check_reply(
            expected.clone(),
            Level::Schema,
            200,
            &headers,
            b"too long",
            &["expected at most 5 characters, found 8: \"too long\" (maxLength)"],
        );
        check_reply(expected, Level::Schema, 200, &headers, b"", &["expected a body, found none"]);
    }

    #[test]
    fn a_text_that_its_schema_alone_describes_may_be_empty() {
        let text = |schema: Value| json!({"status": 200, "body": {"media_type": "text/plain", "schema": schema}});
        let (headers, none) = ([("content-type", "text/plain; charset=utf-8")], "expected a body, found none");
        let any = text(json!({"type": "string"}));
        check_reply(any.clone(), Level::Documented, 200, &headers, b"", &[]);
        check_reply(any, Level::Documented, 200, &[], b"", &[none]);
        check_reply(text(json!({"type": "string", "minLength": 1})), Level::Documented, 200, &headers, b"", &[none]);
        check_reply(text(json!({})), Level::Documented, 200, &headers, b"", &[none]);
    }

    #[test]
    fn a_schema_that_cannot_be_applied_is_not_a_mismatch() {
        check(
            json!({"schema": {"$ref": "#/components/schemas/None"}}),
            Level::Schema,
            "{}",
            &["schema (whole value): \"#/components/schemas/None\" refers to nothing ($ref)"],
        );
    }

    #[test]
    fn a_text_that_must_be_equal_is_compared_at_the_usual_level() {
        let body = |rules: Value| {
            let body = json!({"media_type": "text/plain", "example": "ready", "rules": rules});
            json!({"status": 200, "body": body})
        };
        let headers = [("content-type", "text/plain")];
        let lines = ["expected the body ready, found no"];
        check_reply(body(json!({"": "equal"})), Level::Documented, 200, &headers, b"ready", &[]);
        check_reply(body(json!({"": "equal"})), Level::Documented, 200, &headers, b"no", &lines);
        check_reply(body(json!({"": "equal"})), Level::Schema, 200, &headers, b"no", &[]);
        check_reply(body(json!({"": "id"})), Level::Documented, 200, &headers, b"no", &[]);
    }

    #[test]
    fn a_refusal_says_why() {
        let expected = json!({"status": 400, "or": [404], "body": {
            "media_type": "application/json",
            "schema": {"properties": {"code": {}, "reason": {}, "id": {}}},
            "rules": {"/id": "blank"},
        }});
        let silent = ["expected an error with at least one of code, reason, found none"];
        check_refusal(expected.clone(), 400, r#"{"code": "R.1"}"#, &[]);
        check_refusal(expected.clone(), 400, r#"{"code": "", "reason": "no id"}"#, &[]);
        check_refusal(expected.clone(), 400, r#"{"code": "", "reason": null}"#, &silent);
        check_refusal(expected.clone(), 400, r#"{"id": ""}"#, &silent);
        check_refusal(expected.clone(), 404, "{}", &["note  refused with 404, where 400 is documented as well"]);
        let note = "note  the request was refused, and with no status that is documented for that";
        check_refusal(expected, 409, "{}", &["expected status 400, found 409: {}", note]);
        // Where the document names nothing that could be said, nothing is missing.
        let open = json!({"status": 400, "body": {"media_type": "application/json", "schema": {"type": "object"}}});
        check_refusal(open, 400, "{}", &[]);
        // An example need not be silent, and a documented exchange may be.
        let documented = json!({"status": 400, "body": {
            "media_type": "application/json", "schema": {"properties": {"code": {}}},
        }});
        check_reply(documented, Level::Schema, 400, &[("content-type", "application/json")], b"{}", &[]);
    }

    #[test]
    fn of_an_undocumented_body_only_what_must_be_blank_is_judged() {
        let expected = json!({"status": 401, "body": {
            "media_type": "application/json", "undocumented": true, "rules": {"/id": "blank"},
        }});
        check_refusal(expected.clone(), 401, "", &[]);
        check_refusal(expected.clone(), 401, "<p>no</p>", &[]);
        check_refusal(expected.clone(), 401, r#"{"id": null, "reason": 1}"#, &[]);
        let found = ["/id expected nothing here (absent, null or empty), found \"r-1\""];
        check_refusal(expected, 401, r#"{"id": "r-1"}"#, &found);
    }

    /// How many mismatches are listed, and the last note.
    #[track_caller]
    fn check_many(expected: Value, level: Level, value: Value, listed: usize, note: Option<&str>) {
        let comparison = compared(expected, level, &value);
        let last = comparison.notes.last().map(|note| note.text.as_str());
        assert_eq!((comparison.mismatches.len(), last), (listed, note));
    }

    #[test]
    fn it_is_said_that_there_are_more_mismatches_than_are_listed() {
        let object = |before: &str, count: usize, member: Value| -> Value {
            (0..count).map(|at| (format!("{before}{at:03}"), member.clone())).collect()
        };
        let array = |count: usize, element: Value| Value::Array(vec![element; count]);
        let more = Some("only the first 100 mismatches are listed");
        for (count, note) in [(100, None), (101, more), (150, more)] {
            let rules = json!({"rules": object("/", count, json!("blank"))});
            check_many(rules, Level::Documented, object("", count, json!(1)), 100, note);
            for level in [Level::Documented, Level::Exact] {
                let example = json!({"example": object("", count, json!(1))});
                check_many(example.clone(), level, object("", count, json!("1")), 100, note);
                check_many(example, level, json!({}), 100, note);
                let example = json!({"example": array(count, json!(1))});
                check_many(example, level, array(count, json!("1")), 100, note);
            }
        }
        // However much else there is to note.
        let mut example = object("a", 101, json!([1]));
        let mut value = object("a", 101, json!([]));
        for (all, member) in [(&mut example, json!(1)), (&mut value, json!("1"))] {
            let more = object("b", 101, member);
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        }
        check_many(json!({"example": example}), Level::Documented, value, 100, more);
    }

    #[test]
    fn a_hostile_body_is_judged_within_bounds() {
        let expected = json!({"schema": {"type": "array", "items": {"type": "string"}}, "example": ["a", "b"]});
        let value = Value::Array(vec![json!(1); 100_000]);
        check_many(expected, Level::Exact, value, 100, Some("only the first 100 mismatches are listed"));
        let empty = Value::Array(vec![json!([]); 100_000]);
        let comparison = compared(json!({"example": [[1]]}), Level::Documented, &empty);
        assert_eq!((comparison.mismatches.len(), comparison.notes.len()), (0, 100));
    }

    #[test]
    fn levels_have_names() {
        for level in [Level::Schema, Level::Documented, Level::Exact] {
            assert_eq!(level.to_string().parse(), Ok(level));
        }
        assert!("strict".parse::<Level>().unwrap_err().contains("schema, documented or exact"));
    }
}
