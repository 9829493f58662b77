//! Finds the secrets of a table whose first line names its columns: CSV, and with other separators.

use std::ops::Range;

use crate::name::{Place, Suspicion, looks_random, suspicion};

/// A longer first line names no columns.
const LONGEST_HEAD: usize = 4096;
const LONGEST_NAME: usize = 64;

/// The cells under the names of secrets. A text is a table if its first line has names only, and the second as many cells.
pub(crate) fn secrets(text: &[u8]) -> Vec<Range<usize>> {
    let start = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let start = start + text[start..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let head = &text[start..text.len().min(start + LONGEST_HEAD)];
    let Some(head) = head.iter().position(|byte| b"\r\n".contains(byte)).map(|length| &head[..length]) else {
        return Vec::new();
    };
    let Some(separator) = [b'\t', b';', b'|', b','].into_iter().find(|separator| head.contains(separator)) else {
        return Vec::new();
    };
    let (names, next) = row(text, start, separator);
    let names: Option<Vec<Suspicion>> = names.into_iter().map(|cell| column(&text[cell])).collect();
    let Some(columns) = names.filter(|columns| columns.iter().any(|column| *column != Suspicion::None)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut at = next;
    let mut is_first = true;
    while at < text.len() {
        let (cells, next) = row(text, at, separator);
        at = next;
        if std::mem::take(&mut is_first) && cells.len() != columns.len() {
            return Vec::new();
        }
        // A row of another length has lost a cell or won one: any after the first secret may be one.
        let is_shifted = cells.len() != columns.len();
        let first = columns.iter().position(|column| *column == Suspicion::Always).unwrap_or(columns.len());
        for (index, cell) in cells.into_iter().enumerate() {
            let value = std::str::from_utf8(&text[cell.clone()]).unwrap_or_default().trim();
            let is_one = match columns.get(index) {
                _ if is_shifted && index >= first => true,
                Some(Suspicion::Always) => !["true", "false", "null"].contains(&value),
                Some(Suspicion::ByValue) => looks_random(value),
                _ => false,
            };
            if is_one {
                found.push(cell);
            }
        }
    }
    found
}

/// What the name of a column says; `None` if it is no name.
fn column(cell: &[u8]) -> Option<Suspicion> {
    let name = std::str::from_utf8(cell).ok()?.trim();
    // A column of numbers of rows has no name.
    if name.is_empty() {
        return Some(Suspicion::None);
    }
    let is_name = (1..=LONGEST_NAME).contains(&name.len())
        && name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || "_- ./".contains(c))
        && name.ends_with(char::is_alphanumeric)
        && name.split(' ').count() <= 3;
    is_name.then(|| suspicion(name, Place::Member))
}

/// The cells of the row that begins at `at`, without quotes, and where the next row begins. Source: RFC 4180, 2.
fn row(text: &[u8], at: usize, separator: u8) -> (Vec<Range<usize>>, usize) {
    let mut cells = Vec::new();
    let mut at = at;
    loop {
        let is_end = |byte: &u8| *byte == separator || b"\r\n".contains(byte);
        at += text[at..].iter().take_while(|byte| **byte == b' ').count();
        let cell = if text.get(at) == Some(&b'"') {
            let start = at + 1;
            let mut end = start;
            while end < text.len() && (text[end] != b'"' || text.get(end + 1) == Some(&b'"')) {
                end += if text[end] == b'"' { 2 } else { 1 };
            }
            let end = end.min(text.len());
            at = end + text[end..].iter().position(is_end).unwrap_or(text.len() - end);
            start..end
        } else {
            let start = at;
            at += text[at..].iter().position(is_end).unwrap_or(text.len() - at);
            start..at
        };
        cells.push(cell);
        if text.get(at) != Some(&separator) {
            break;
        }
        at += 1;
    }
    let blanks = text[at..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
    (cells, at + blanks)
}
