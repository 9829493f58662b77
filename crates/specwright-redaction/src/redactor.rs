//! Replaces secrets in texts, headers and bodies.

use std::cell::Cell;
use std::ops::Range;

use crate::REDACTED;
use crate::credentials::split_scheme;
use crate::decode::{Escapes, layers, origin, undone};
use crate::inflate::{GZIP, Inflated, inflated, is_compressed};
use crate::known::{Known, is_packed};
use crate::name::{Place, is_secret_value};
use crate::packed::{SHORTEST_RUN, from_base64, from_hex, is_text, is_text_in_base64, next_numbers, next_run, packed};
use crate::scan::{Format, Named, scan};

/// How many texts within each other (base64 within base64) are read.
const DEPTH: usize = 8;
/// Longer texts were never cut.
const LONGEST_CUT: usize = 16 << 10;

/// Replaces secrets by `***`.
#[derive(Debug, Default)]
pub struct Redactor {
    /// The secrets that are known by value.
    pub known: Known,
}

/// What to look for in a text.
#[derive(Clone, Copy)]
struct Search<'b> {
    /// Values by their names as well.
    named: Option<Format>,
    /// The text may end in the middle of a secret.
    is_cut: bool,
    depth: usize,
    /// How many bytes may still be decoded and inflated.
    budget: &'b Cell<usize>,
}

/// For a text of this length.
fn budget(length: usize) -> Cell<usize> {
    Cell::new((4 * length).saturating_add(1 << 20))
}

impl Redactor {
    /// One that knows no value.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces known secrets in what is said about traffic, also where `…` cuts one. Whether there were any.
    pub fn known(&self, text: &mut String) -> bool {
        !self.known.is_empty()
            && self.replace(text, Search { named: None, is_cut: false, depth: 0, budget: &budget(text.len()) })
    }

    /// Replaces known secrets, and those that have the name of one, in an address or another text.
    pub fn text(&self, text: &mut String, format: Format) -> bool {
        self.replace(text, Search { named: Some(format), is_cut: false, depth: 0, budget: &budget(text.len()) })
    }

    /// Replaces secrets in the value of a header; all of it but a scheme if `is_credential` or its name says so.
    pub fn header(&self, name: &str, value: &mut String, is_credential: bool) -> bool {
        if !is_credential && !is_secret_value(name, value, Place::Header) {
            return self.text(value, Format::Any);
        }
        if value.is_empty() || value.bytes().all(|byte| byte == b'*') {
            return false;
        }
        // `Bearer` and such are no secrets, and say how the token is meant.
        *value = split_scheme(value).map_or_else(|| REDACTED.to_owned(), |(scheme, _)| format!("{scheme} {REDACTED}"));
        true
    }

    /// Replaces known secrets, and if there is a `format` those with the name of one, in bytes that may end in the middle of
    /// a secret.
    pub fn bytes(&self, bytes: &mut Vec<u8>, format: Option<Format>) -> bool {
        let changed = self.replaced(bytes, format);
        let is_changed = changed.is_some();
        *bytes = changed.unwrap_or_else(|| std::mem::take(bytes));
        is_changed
    }

    pub(crate) fn replaced(&self, bytes: &[u8], format: Option<Format>) -> Option<Vec<u8>> {
        let search = Search { named: format, is_cut: true, depth: 0, budget: &budget(bytes.len()) };
        let found = self.find(bytes, search);
        (!found.is_empty()).then(|| replaced(bytes, &found))
    }

    fn replace(&self, text: &mut String, search: Search<'_>) -> bool {
        let found = self.find(text.as_bytes(), search);
        if found.is_empty() {
            return false;
        }
        let bytes = replaced(text.as_bytes(), &found);
        *text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        true
    }

    /// Where secrets stand, in order and apart.
    fn find(&self, text: &[u8], search: Search<'_>) -> Vec<Named> {
        if text.is_empty() || self.known.is_empty() && search.named.is_none() {
            return Vec::new();
        }
        let layers = layers(text);
        let mut found: Vec<Named> = Vec::new();
        for (index, layer) in layers.iter().enumerate() {
            let mut hits = Vec::new();
            self.in_layer(&layer.bytes, search, &mut hits);
            let place = |at| origin(&layers, index, at);
            found.extend(hits.into_iter().map(|Named { range, needs_quotes }| Named {
                range: place(range.start)..place(range.end).max(place(range.start)),
                needs_quotes: needs_quotes && index == 0,
            }));
        }
        // Quoted-printable is undone apart from the others.
        if !self.known.is_empty()
            && is_quoted_printable(text)
            && let Some(layer) = undone(text, Escapes::Quoted)
        {
            let mut hits = Vec::new();
            self.known.plain(&layer.bytes, &mut hits);
            found.extend(hits.into_iter().map(|hit| unquoted(layer.place(hit.start)..layer.place(hit.end))));
        }
        merged(found)
    }

    fn in_layer(&self, text: &[u8], search: Search<'_>, found: &mut Vec<Named>) {
        let mut hits = Vec::new();
        self.known.plain(text, &mut hits);
        if !self.known.is_empty() {
            let mut ends: Vec<usize> = Vec::new();
            // The first byte of `…`.
            if text.len() <= LONGEST_CUT && text.contains(&0xe2) {
                ends.extend(
                    text.windows(3).enumerate().filter(|(_, three)| *three == "…".as_bytes()).map(|(at, _)| at),
                );
            }
            ends.extend(search.is_cut.then_some(text.len()));
            let mut start = 0;
            for end in ends {
                let length = self.known.beginning(&text[start..end]);
                hits.extend((length > 0).then_some(end - length..end));
                start = end;
            }
        }
        found.extend(hits.into_iter().map(unquoted));
        if let Some(format) = search.named {
            found.extend(scan(text, format));
        }
        self.in_runs(text, search, found);
        if search.depth + 1 < DEPTH {
            self.in_numbers(text, search, found);
            self.in_compressed(text, search, found);
        }
    }

    /// In what may be base64 or hexadecimal, also over several lines.
    fn in_runs(&self, text: &[u8], search: Search<'_>, found: &mut Vec<Named>) {
        let is_deepest = search.depth + 1 >= DEPTH;
        let mut at = 0;
        while let Some(run) = next_run(text, at) {
            at = run.end;
            let packed = packed(&text[run.clone()]);
            let place = |at| run.start + packed.place(at);
            let mut hits = Vec::new();
            self.known.packed(&packed.bytes, &mut hits);
            found.extend(hits.into_iter().map(|hit| unquoted(place(hit.start)..place(hit.end))));
            let mut start = 0;
            for part in packed.bytes.split(|byte| b".~=".contains(byte)) {
                let is_secret = if is_deepest { is_opaque(part) } else { self.is_in_run(part, search) };
                if part.len() >= SHORTEST_RUN && is_secret {
                    found.push(unquoted(place(start)..place(start + part.len())));
                }
                start += part.len() + 1;
            }
        }
    }

    /// In numbers that stand for bytes.
    fn in_numbers(&self, text: &[u8], search: Search<'_>, found: &mut Vec<Named>) {
        let search = Search { depth: search.depth + 1, is_cut: true, ..search };
        let mut at = 0;
        while let Some(numbers) = next_numbers(text, at) {
            at = numbers.range.end;
            let mut texts = numbers.readings.iter().filter(|text| is_text(text) || is_compressed(text));
            if texts.any(|text| self.is_in(text, search)) {
                found.push(unquoted(numbers.range));
            }
        }
    }

    /// In what is compressed within a text: a part of a body, or what was percent-encoded.
    fn in_compressed(&self, text: &[u8], search: Search<'_>, found: &mut Vec<Named>) {
        let mut at = 0;
        while let Some(step) = text[at..].iter().position(|byte| *byte == GZIP[0]) {
            let start = at + step;
            at = start + 1;
            if text[start..].starts_with(GZIP) && self.is_in(&text[start..], search) {
                found.push(unquoted(start..text.len()));
                return;
            }
        }
    }

    /// Whether a run is the base64 or the hexadecimal form of a text with a secret.
    fn is_in_run(&self, run: &[u8], search: Search<'_>) -> bool {
        if run.len() < SHORTEST_RUN {
            return false;
        }
        let search = Search { depth: search.depth + 1, is_cut: true, ..search };
        let mut starts = (0..4).filter(|start| is_text_in_base64(&run[*start..]));
        starts.any(|start| from_base64(&run[start..]).is_some_and(|text| self.is_in(&text, search)))
            || run.iter().all(u8::is_ascii_hexdigit) && {
                let beginning = from_hex(&run[..SHORTEST_RUN]);
                (is_text(&beginning) || is_compressed(&beginning)) && self.is_in(&from_hex(run), search)
            }
    }

    /// Whether a secret is in what was decoded, also if it is compressed. What there is no budget for is taken for one.
    fn is_in(&self, text: &[u8], search: Search<'_>) -> bool {
        let Some(left) = search.budget.get().checked_sub(text.len()) else { return true };
        search.budget.set(left);
        match inflated(text, search.budget) {
            Inflated::Not => !self.find(text, search).is_empty(),
            Inflated::Text(text) => !self.find(&text, Search { depth: search.depth + 1, ..search }).is_empty(),
            Inflated::Unreadable => true,
        }
    }
}

/// Whether a run that is not decoded any more is base64 of base64.
fn is_opaque(run: &[u8]) -> bool {
    run.len() >= SHORTEST_RUN
        && is_text_in_base64(run)
        && from_base64(run).is_some_and(|text| text.iter().all(|byte| is_packed(*byte)))
}

fn unquoted(range: Range<usize>) -> Named {
    Named { range, needs_quotes: false }
}

/// In order, those that touch or overlap as one.
fn merged(mut found: Vec<Named>) -> Vec<Named> {
    found.retain(|named| !named.range.is_empty());
    found.sort_by_key(|named| (named.range.start, named.range.end));
    let mut merged: Vec<Named> = Vec::new();
    for named in found {
        match merged.last_mut().filter(|last| named.range.start < last.range.end) {
            Some(last) => {
                last.needs_quotes &=
                    named.needs_quotes && last.range == named.range || named.range.end <= last.range.end;
                last.range.end = last.range.end.max(named.range.end);
            }
            None => merged.push(named),
        }
    }
    merged
}

fn replaced(text: &[u8], found: &[Named]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut at = 0;
    for Named { range, needs_quotes } in found {
        replaced.extend_from_slice(&text[at..range.start]);
        replaced.extend_from_slice(if *needs_quotes { b"\"***\"" } else { REDACTED.as_bytes() });
        at = range.end;
    }
    replaced.extend_from_slice(&text[at..]);
    replaced
}

/// Whether there is a `=` that quoted-printable could have written.
fn is_quoted_printable(text: &[u8]) -> bool {
    let is_escape = |three: &[u8]| {
        three[0] == b'='
            && (three[1..].iter().all(u8::is_ascii_hexdigit) || three[1] == b'\n' || &three[1..] == b"\r\n")
    };
    text.contains(&b'=') && text.windows(3).any(is_escape)
}
