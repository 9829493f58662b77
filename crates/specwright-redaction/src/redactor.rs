//! Replaces secrets in texts, headers and bodies.

use std::cell::Cell;
use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::REDACTED;
use crate::credentials::split_scheme;
use crate::decode::{Escapes, Layer, layers, origin, undone};
use crate::known::{Known, is_packed, standard};
use crate::name::{Place, is_secret_value};
use crate::scan::{Format, Named, scan};

/// How many texts within each other (base64 within base64) are read.
const DEPTH: usize = 4;
/// Shorter runs of letters are not read as base64.
const SHORTEST_RUN: usize = 12;
/// Longer texts were never cut.
const LONGEST_CUT: usize = 16 << 10;

/// Replaces secrets by `***`.
#[derive(Debug, Default)]
pub struct Redactor {
    /// The secrets that are known by value.
    pub known: Known,
}

/// Longer texts are not inflated.
pub(crate) const LONGEST_INFLATED: usize = 4 << 20;

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
            if text.len() <= LONGEST_CUT {
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
    }

    /// In what may be base64 or hexadecimal, also over several lines.
    fn in_runs(&self, text: &[u8], search: Search<'_>, found: &mut Vec<Named>) {
        let mut at = 0;
        while let Some(run) = next_run(text, at) {
            at = run.end;
            let packed = packed(&text[run.clone()]);
            let place = |at| run.start + packed.place(at);
            let mut hits = Vec::new();
            self.known.packed(&packed.bytes, &mut hits);
            found.extend(hits.into_iter().map(|hit| unquoted(place(hit.start)..place(hit.end))));
            if search.depth + 1 >= DEPTH {
                continue;
            }
            let mut start = 0;
            for part in packed.bytes.split(|byte| b".~=".contains(byte)) {
                if part.len() >= SHORTEST_RUN && self.is_in_run(part, search) {
                    found.push(unquoted(place(start)..place(start + part.len())));
                }
                start += part.len() + 1;
            }
        }
    }

    /// Whether a run is the base64 or the hexadecimal form of a text with a secret.
    fn is_in_run(&self, run: &[u8], search: Search<'_>) -> bool {
        let search = Search { depth: search.depth + 1, is_cut: true, ..search };
        // What there is no budget for is taken for a secret.
        let is_secret = |length: usize, decode: &dyn Fn() -> Option<Vec<u8>>| {
            let Some(left) = search.budget.get().checked_sub(length) else { return true };
            search.budget.set(left);
            let Some(text) = decode() else { return false };
            match inflated(&text, search.budget) {
                Inflated::Not => !self.find(&text, search).is_empty(),
                Inflated::Text(text) => !self.find(&text, search).is_empty(),
                Inflated::Unreadable => true,
            }
        };
        let mut starts = (0..4).filter(|start| is_text_in_base64(&run[*start..]));
        starts.any(|start| is_secret(run.len() * 3 / 4, &|| from_base64(&run[start..])))
            || run.iter().all(u8::is_ascii_hexdigit)
                && is_text(&from_hex(&run[..SHORTEST_RUN]))
                && is_secret(run.len() / 2, &|| Some(from_hex(run)))
    }
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
    text.windows(3).any(is_escape)
}

/// The next letters that may be base64, with the line breaks among them.
fn next_run(text: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        at += text.get(at..)?.iter().position(|byte| is_packed(*byte))?;
        let start = at;
        let mut end = at + letters(&text[at..]);
        // A line of a text that was broken goes on in the next.
        let mut line = end - start;
        while line >= SHORTEST_RUN {
            let rest = &text[end..];
            let blanks = rest.iter().take(80).take_while(|byte| byte.is_ascii_whitespace()).count();
            if !rest[..blanks].contains(&b'\n') && !rest[..blanks].contains(&b'\r') {
                break;
            }
            line = letters(&rest[blanks..]);
            if line == 0 {
                break;
            }
            end += blanks + line;
        }
        if end - start >= SHORTEST_RUN {
            return Some(start..end);
        }
        at = end;
    }
}

fn letters(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_packed(**byte)).count()
}

/// Without blanks, in the standard alphabet.
fn packed(run: &[u8]) -> Layer<'_> {
    if run.iter().all(|byte| is_packed(*byte) && standard(*byte) == *byte) {
        return Layer::plain(run);
    }
    let mut bytes = Vec::with_capacity(run.len());
    let mut steps = Vec::new();
    let mut was_blank = false;
    for (at, byte) in run.iter().enumerate() {
        if byte.is_ascii_whitespace() {
            was_blank = true;
            continue;
        }
        if std::mem::take(&mut was_blank) {
            steps.push((bytes.len(), at));
        }
        bytes.push(standard(*byte));
    }
    Layer::with_steps(bytes, steps)
}

/// Whether the beginning of a text begins so, which may end within a letter.
fn is_text(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    text.len() * 2 > bytes.len() && !text.contains(|c: char| c.is_control() && !c.is_ascii_whitespace())
}

fn is_text_in_base64(run: &[u8]) -> bool {
    let mut beginning = [0; 9];
    let length = ENGINE.decode_slice(whole(&run[..run.len().min(12)]), &mut beginning).unwrap_or(0);
    let beginning = &beginning[..length];
    length >= 6 && (is_text(beginning) || beginning.starts_with(b"\x1f\x8b"))
}

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn from_base64(run: &[u8]) -> Option<Vec<u8>> {
    ENGINE.decode(whole(run)).ok()
}

/// One letter too many says nothing.
fn whole(run: &[u8]) -> &[u8] {
    if run.len() % 4 == 1 { &run[..run.len() - 1] } else { run }
}

fn from_hex(run: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
    run.chunks_exact(2).map(|two| digit(two[0]) << 4 | digit(two[1])).collect()
}

/// What is within bytes that may be compressed.
pub(crate) enum Inflated {
    /// They are not.
    Not,
    /// This.
    #[cfg_attr(not(feature = "inflate"), expect(dead_code, reason = "only that feature reads it"))]
    Text(Vec<u8>),
    /// It cannot be read, or not to its end.
    Unreadable,
}

pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b\x08")
}

/// What gzip (RFC 1952) holds, which is taken from the budget.
pub(crate) fn inflated(bytes: &[u8], budget: &Cell<usize>) -> Inflated {
    if !is_gzip(bytes) {
        return Inflated::Not;
    }
    #[cfg(feature = "inflate")]
    {
        use std::io::Read;

        let longest = budget.get().min(LONGEST_INFLATED);
        let mut text = Vec::new();
        let read = flate2::read::MultiGzDecoder::new(bytes).take(longest as u64 + 1).read_to_end(&mut text);
        budget.set(budget.get().saturating_sub(text.len()));
        if read.is_ok_and(|length| length <= longest) {
            return Inflated::Text(text);
        }
    }
    #[cfg(not(feature = "inflate"))]
    let _ = budget;
    Inflated::Unreadable
}
