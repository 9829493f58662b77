//! Changes as text and as Markdown: what breaks first, and one change of a shared schema once for all operations.

use std::fmt::Write;

use serde_json::Value;

use super::change::{Change, Part, Party};
use crate::model::text::visible::escaped;

/// The changes as lines for a terminal.
pub fn text(changes: &[Change]) -> String {
    let mut out = String::new();
    for (title, group) in groups(changes) {
        _ = writeln!(out, "{title}:");
        for told in group {
            _ = writeln!(out, "  {}", escaped(&format!("{}: {}", told.change.id, told.change.message)));
            if let Some(values) = values(told.change) {
                _ = writeln!(out, "    {}", escaped(&values));
            }
            if !told.also.is_empty() {
                _ = writeln!(out, "    also in {}", escaped(&operations(&told.also)));
            }
        }
        out.push('\n');
    }
    _ = writeln!(out, "{}", summary(changes));
    out
}

/// The changes as Markdown, for a pull request.
pub fn markdown(changes: &[Change]) -> String {
    let mut out = String::new();
    for (title, group) in groups(changes) {
        _ = writeln!(out, "### {}\n\n| promise | change | old → new |\n|---|---|---|", capital(&title));
        for told in group {
            let also =
                if told.also.is_empty() { String::new() } else { format!(" (also in {})", operations(&told.also)) };
            let values = values(told.change).unwrap_or_default();
            let cells = [format!("{}{also}", told.change.id), told.change.message.clone(), values];
            let cells = cells.map(|cell| cell_text(&cell));
            _ = writeln!(out, "| {} |", cells.join(" | "));
        }
        out.push('\n');
    }
    _ = writeln!(out, "{}", summary(changes));
    out
}

/// `12 changes: 3 break callers, 2 break servers, 8 break nobody`.
fn summary(changes: &[Change]) -> String {
    let of = |party: Party| changes.iter().filter(|change| change.breaks.contains(&party)).count();
    let harmless = changes.iter().filter(|change| !change.is_breaking()).count();
    let noun = if changes.len() == 1 { "change" } else { "changes" };
    format!(
        "{} {noun}: {} break callers, {} break servers, {harmless} break nobody",
        changes.len(),
        of(Party::Caller),
        of(Party::Server)
    )
}

/// A change, and the other operations that have the same.
struct Told<'c> {
    change: &'c Change,
    also: Vec<&'c str>,
}

fn groups(changes: &[Change]) -> Vec<(String, Vec<Told<'_>>)> {
    let both = [Party::Caller, Party::Server];
    let titles: [(&str, &[Party]); 4] = [
        ("breaks callers and servers", &both),
        ("breaks callers", &both[..1]),
        ("breaks servers", &both[1..]),
        ("breaks nobody", &[]),
    ];
    let groups = titles.into_iter().map(|(title, parties)| {
        let mut told: Vec<Told<'_>> = Vec::new();
        let mut known = std::collections::HashMap::new();
        for change in changes.iter().filter(|change| change.breaks == parties) {
            // What two operations have in common is the rest of the id, and everything that is said of it.
            let own = change.operation.as_deref().unwrap_or_default();
            let rest = change.id.strip_prefix(own).unwrap_or(&change.id);
            let key = (
                rest,
                &change.message,
                change.old.as_ref().map(Value::to_string),
                change.new.as_ref().map(Value::to_string),
            );
            let is_shared = rest.contains('.') && matches!(change.part, Part::Request | Part::Response);
            match known.get(&key).filter(|_| is_shared) {
                Some(&index) => {
                    let first: &mut Told<'_> = &mut told[index];
                    first.also.push(own);
                }
                None => {
                    known.insert(key, told.len());
                    told.push(Told { change, also: Vec::new() });
                }
            }
        }
        (title.to_owned(), told)
    });
    groups.filter(|(_, told)| !told.is_empty()).collect()
}

/// At most so many operations are named.
const NAMED: usize = 5;

fn operations(names: &[&str]) -> String {
    let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `20 → 10`.
fn values(change: &Change) -> Option<String> {
    let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "none".to_owned(), short);
    (change.old.is_some() || change.new.is_some()).then(|| format!("{} → {}", shown(&change.old), shown(&change.new)))
}

/// A value on one line, at most this long.
const LONGEST: usize = 120;

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A cell in which nothing is a tag, a link, a picture or the end of the cell.
fn cell_text(text: &str) -> String {
    let text = escaped(text).replace('\\', "\\\\").replace('|', "\\|");
    text.replace('&', "&amp;").replace('<', "&lt;").replace('[', "\\[")
}

fn capital(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
