//! Compares a JSON body with the documented one, line by line.

use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};

use crate::model::exchange::Reply;

/// A longer body gets no diff, which would be unreadable.
const DIFFABLE: usize = 16 << 10;

/// One line of a diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) change: ChangeTag,
    pub(crate) text: String,
}

/// The documented body against the received one with two lines around each change, if both are JSON and they differ;
/// the received one's members in the order of the example where it has them.
pub(crate) fn diff(example: &Value, reply: &Reply) -> Option<Vec<Line>> {
    if reply.body.len() > DIFFABLE {
        return None;
    }
    let received = reply.json().ok().filter(|reading| reading.problems.is_empty())?.value.clone()?;
    let received = in_order_of(example, received);
    let lines = |value: &Value| serde_json::to_string_pretty(value).map(|text| text + "\n").ok();
    let (expected, received) = (lines(example)?, lines(&received)?);
    if expected == received {
        return None;
    }
    let diff = TextDiff::from_lines(&expected, &received);
    let changes = diff.grouped_ops(2).into_iter().flatten().flat_map(|op| diff.iter_changes(&op).collect::<Vec<_>>());
    let line = |change: similar::Change<&str>| Line {
        change: change.tag(),
        text: change.value().trim_end_matches('\n').to_owned(),
    };
    Some(changes.map(line).collect())
}

fn in_order_of(example: &Value, received: Value) -> Value {
    match (example, received) {
        (Value::Object(example), Value::Object(mut members)) => {
            let mut ordered = Map::new();
            for (name, documented) in example {
                if let Some(member) = members.shift_remove(name) {
                    ordered.insert(name.clone(), in_order_of(documented, member));
                }
            }
            ordered.extend(members);
            Value::Object(ordered)
        }
        (Value::Array(example), Value::Array(elements)) => {
            let documented = |index: usize| example.get(index).or(example.first()).unwrap_or(&Value::Null);
            let elements = elements.into_iter().enumerate();
            Value::Array(elements.map(|(index, element)| in_order_of(documented(index), element)).collect())
        }
        (_, received) => received,
    }
}
