//! Judges the headers of a reply by what is documented of them.

use std::collections::BTreeMap;

use crate::check::comparison::Comparison;
use crate::check::media_type::is_json;
use crate::check::mismatch::Mismatch;
use crate::check::schema::{Direction, Instance, Schemas, Violation};
use crate::check::text_value::{Between, Fit, TextReader};
use crate::model::case::Header;
use crate::model::exchange::Reply;
use crate::model::json;
use crate::model::text::excerpt;

/// The longest excerpt of a name or a value, in bytes.
const SHOWN: usize = 120;

/// Judges every documented header. A value that `is_left_out` is neither right nor wrong: a recorder blanked it out.
///
/// Several lines of one header are one value with commas in between (RFC 9110, 5.3), but those of `Set-Cookie`.
pub(crate) fn judge(
    headers: &BTreeMap<String, Header>,
    schemas: &Schemas<'_>,
    reply: &Reply,
    is_left_out: fn(&str) -> bool,
    comparison: &mut Comparison,
) {
    for (name, header) in headers {
        let named = reply.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let lines: Vec<&str> = named.map(|(_, value)| value.trim()).collect();
        if lines.is_empty() {
            if header.required {
                comparison.mismatches.push(Mismatch::NoHeader { name: name.clone() });
            }
        } else if lines.iter().any(|line| is_left_out(line)) {
            comparison.unjudged.push(format!("the header `{name}`, which is redacted"));
        } else if name.eq_ignore_ascii_case("set-cookie") {
            lines.iter().for_each(|line| judge_value(name, header, line, schemas, comparison));
        } else {
            judge_value(name, header, &lines.join(", "), schemas, comparison);
        }
    }
}

fn judge_value(name: &str, header: &Header, value: &str, schemas: &Schemas<'_>, comparison: &mut Comparison) {
    let Some(schema) = &header.schema else { return };
    let reader = TextReader { schemas, direction: Direction::Reply };
    let fit = match &header.media_type {
        None => reader.any(&[value], Between::Commas, header.explode, schema),
        Some(media_type) if is_json(media_type) => {
            let reading = json::read(value.as_bytes());
            if let Some(problem) = reading.problems.first() {
                let message = format!("expected JSON, found {problem}");
                return comparison.mismatches.push(Mismatch::Header { name: name.to_owned(), message });
            }
            let Some(value) = &reading.value else { return };
            let instance = Instance { value, numbers: &reading.written, may_be_null: &[] };
            let found = schemas.judge(instance, schema, Direction::Reply);
            match found.violations.into_iter().next() {
                None => Fit::Fits(found.unjudged),
                Some(violation) if violation.schema_is_broken => Fit::Broken(violation),
                Some(violation) => Fit::Differs(violation),
            }
        }
        Some(media_type) if media_type.starts_with("text/") => reader.scalar(value, schema),
        Some(media_type) => {
            let media_type = excerpt(media_type, SHOWN);
            return comparison.unjudged.push(format!("the value of the header `{name}`, which is {media_type}"));
        }
    };
    match fit {
        Fit::Fits(unjudged) => {
            let unjudged = unjudged.into_iter().map(|what| format!("{what} of the header `{name}`"));
            comparison.unjudged.extend(unjudged);
        }
        Fit::Broken(violation) => comparison.schema_faults.push(violation),
        Fit::Differs(violation) => {
            let message = message(name, &violation);
            comparison.mismatches.push(Mismatch::Header { name: name.to_owned(), message });
        }
    }
}

/// In words; without the value where it may be a secret.
fn message(name: &str, violation: &Violation) -> String {
    const SECRET: [&str; 6] = ["cookie", "token", "auth", "secret", "key", "session"];
    let name = name.to_ascii_lowercase();
    if SECRET.iter().any(|word| name.contains(word)) {
        return format!("expected what its schema describes, found another value ({})", violation.keyword);
    }
    match violation.pointer.as_str() {
        "" => format!("{} ({})", violation.message, violation.keyword),
        pointer => format!("{pointer}: {} ({})", violation.message, violation.keyword),
    }
}
