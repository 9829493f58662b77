//! Texts that break a length, a pattern or a format.

use conformance_engine::schema::violations;
use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, json};

use super::keywords::{Break, Keywords};

/// Longer texts would test the limits of servers and not those of the document.
const LONGEST: u64 = 4096;
/// Of the characters beside the ranges of a pattern, so many are tried.
const MOST_BESIDE: usize = 4;

/// Each letter in the other case.
pub(super) fn other_case(text: &str) -> String {
    let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(swap).collect()
}

/// A text that is too long and one that is too short; both match the pattern where that is possible.
pub(super) fn lengths(keywords: &Keywords<'_>, sample: &str, breaks: &mut Vec<Break>) {
    let pattern = keywords.text("pattern");
    let characters: Vec<char> = sample.chars().collect();
    let count = characters.len();
    // The first of the texts that matches, or the first of all.
    let best = |texts: &mut dyn Iterator<Item = String>| {
        let mut texts = texts.peekable();
        let first = texts.peek().cloned();
        pattern.and_then(|pattern| texts.find(|text| !is_against(pattern, text))).or(first)
    };
    if let Some(most) = keywords.count("maxLength").filter(|most| *most < LONGEST) {
        let length = usize::try_from(most).unwrap_or_default() + 1;
        let pad = if sample.is_empty() { "a" } else { sample };
        let long: String = sample.chars().chain(pad.chars().cycle()).take(length).collect();
        let grown = (0..count).filter(|_| length > count).map(|at| {
            let (before, after) = characters.split_at(at);
            let more = after.first().into_iter().cycle().take(length - count);
            before.iter().chain(more).chain(after).collect()
        });
        if let Some(long) = best(&mut std::iter::once(long).chain(grown)) {
            breaks.push(Break::new("too_long", json!(long), format!("has {length} characters, {most} are allowed")));
        }
    }
    if let Some(least) = keywords.count("minLength").and_then(|least| usize::try_from(least).ok())
        && (1..=count).contains(&least)
    {
        let less = count - (least - 1);
        let mut shrunk =
            (0..least).rev().map(|at| [&characters[..at], &characters[at + less..]].concat().iter().collect());
        if let Some(short) = best(&mut shrunk) {
            let how = format!("has {} characters, {least} are needed", least - 1);
            breaks.push(Break::new("too_short", json!(short), how));
        }
    }
}

/// Whether a text is known not to match.
fn is_against(pattern: &str, text: &str) -> bool {
    let found = violations(&json!(text), &json!({ "pattern": pattern }), &Map::new());
    found.iter().any(|violation| violation.keyword == "pattern" && !violation.schema_is_broken)
}

/// The documented value with one character that the pattern does not allow, of the same length: nothing else is wrong
/// with it. One for each class of such characters; and the value with something before it, behind it, and one too many.
pub(super) fn patterns(keywords: &Keywords<'_>, sample: &str, breaks: &mut Vec<Break>) {
    let Some(pattern) = keywords.text("pattern") else { return };
    let mut add = |what: String, text: String| {
        let is_new = is_against(pattern, &text) && !breaks.iter().any(|known| known.value == text);
        if is_new {
            breaks.push(Break::new(what, json!(text), format!("does not match `{pattern}`: {text:?}")));
        }
        is_new
    };
    let characters: Vec<char> = sample.chars().collect();
    let middle = characters.len() / 2;
    let mut odd = None;
    for (name, character) in classes(pattern) {
        let mut text = characters.clone();
        text.splice(middle..text.len().min(middle + 1), [character]);
        let what = if odd.is_none() { "pattern".to_owned() } else { format!("pattern.{name}") };
        if add(what, text.iter().collect()) {
            odd = odd.or(Some(character));
        }
    }
    let may_grow = keywords.count("maxLength").is_none_or(|most| (characters.len() as u64) < most);
    let inner = if may_grow { &characters[..] } else { characters.get(1..).unwrap_or_default() };
    let begin = if may_grow { &characters[..] } else { &characters[..characters.len().saturating_sub(1)] };
    let text_of = |parts: &[&[char]]| parts.concat().into_iter().collect::<String>();
    if let Some(odd) = odd {
        add("pattern.before".to_owned(), text_of(&[&[odd], inner]));
        add("pattern.behind".to_owned(), text_of(&[begin, &[odd]]));
    }
    // In many engines `$` matches before the last line feed.
    add("pattern.line_feed".to_owned(), text_of(&[begin, &['\n']]));
    if let Some(last) = characters.last() {
        if may_grow {
            add("pattern.longer".to_owned(), text_of(&[&characters, &[*last]]));
        }
        add("pattern.shorter".to_owned(), text_of(&[&characters[..characters.len() - 1]]));
    }
}

/// Characters of every class, each with its name, and those right beside the ranges of the pattern (`@` beside `A-Z`).
fn classes(pattern: &str) -> Vec<(String, char)> {
    let mut found: Vec<(String, char)> = [
        ("hyphen", '-'),
        ("underscore", '_'),
        ("sign", '!'),
        ("space", ' '),
        // Of other scripts are these only where a reader takes `\w` and `\d` for more than ASCII.
        ("letter_beyond_ascii", 'é'),
        ("digit", '0'),
        ("small_letter", 'a'),
        ("capital_letter", 'A'),
        ("digit_beyond_ascii", '٣'),
        ("dot", '.'),
    ]
    .map(|(name, character)| (name.to_owned(), character))
    .into();
    let mut beside = Vec::new();
    if let Ok(pattern) = regex_syntax::parse(pattern) {
        collect_beside(&pattern, &mut beside);
    }
    beside.sort_unstable();
    beside.dedup();
    beside.retain(|character| !found.iter().any(|(_, known)| known == character));
    found.extend(
        beside.into_iter().take(MOST_BESIDE).map(|character| (format!("u{:04x}", u32::from(character)), character)),
    );
    found
}

fn collect_beside(pattern: &Hir, found: &mut Vec<char>) {
    match pattern.kind() {
        HirKind::Class(Class::Unicode(class)) if class.ranges().len() <= 8 => {
            for range in class.ranges() {
                let (start, end) = (u32::from(range.start()), u32::from(range.end()));
                let beside =
                    [start.checked_sub(1), end.checked_add(1)].into_iter().flatten().filter_map(char::from_u32);
                // A slash, encoded or not, is another path to some servers.
                found.extend(beside.filter(|character| character.is_ascii_graphic() && *character != '/'));
            }
        }
        HirKind::Repetition(repetition) => collect_beside(&repetition.sub, found),
        HirKind::Capture(capture) => collect_beside(&capture.sub, found),
        HirKind::Concat(all) | HirKind::Alternation(all) => all.iter().for_each(|part| collect_beside(part, found)),
        _ => {}
    }
}

/// A text that is nearly of the format.
pub(super) fn formats(keywords: &Keywords<'_>, breaks: &mut Vec<Break>) {
    let Some(format) = keywords.text("format") else { return };
    // No reader that reads the format at all takes these.
    let near = match format {
        "uuid" => "00000000-0000-4000-8000-00000000000g",
        "date" => "2024-13-01",
        "date-time" => "2024-13-01T00:00:00Z",
        "time" => "25:00:00Z",
        "duration" => "P1X",
        "email" => "user.example.com",
        "ipv4" => "192.0.2.256",
        "ipv6" => "2001:db8::g",
        "hostname" => "-example-.com",
        "uri" => "//no scheme",
        "json-pointer" => "no/slash",
        "regex" => "(",
        _ => return,
    };
    breaks.push(Break::new("format", json!(near), format!("is no {format}: `{near}`")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beside_the_ranges_of_a_pattern() {
        let beside: Vec<char> =
            classes("^[A-Z][a-z0-9]*$").into_iter().skip(10).map(|(_, character)| character).collect();
        assert_eq!(beside, [':', '@', '[', '`']);
        // Everything but a few: what is beside a range is one of the few.
        let beside: Vec<char> = classes("^[^#]+$").into_iter().skip(10).map(|(_, character)| character).collect();
        assert_eq!(beside, ['#']);
        assert_eq!(classes("(").len(), 10);
    }
}
