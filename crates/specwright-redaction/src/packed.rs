//! Finds and undoes what writes bytes as letters and numbers: base64, hexadecimal, lists of numbers.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::decode::Layer;
use crate::inflate::is_compressed;
use crate::known::{is_packed, standard};

/// Shorter runs of letters are not read as base64.
pub(crate) const SHORTEST_RUN: usize = 12;
/// Fewer numbers are no text.
const FEWEST_NUMBERS: usize = 6;

/// The next letters that may be base64, with the line breaks among them.
pub(crate) fn next_run(text: &[u8], from: usize) -> Option<Range<usize>> {
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
pub(crate) fn packed(run: &[u8]) -> Layer<'_> {
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
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    text.len() * 2 > bytes.len() && !text.contains(|c: char| c.is_control() && !c.is_ascii_whitespace())
}

pub(crate) fn is_text_in_base64(run: &[u8]) -> bool {
    let mut beginning = [0; 9];
    let mut length = 0;
    for four in run[..run.len().min(12)].chunks(4) {
        let mut bits: u32 = 0;
        for letter in four {
            let Some(six) = SIX_BITS[usize::from(*letter)] else { return false };
            bits = bits << 6 | u32::from(six);
        }
        bits <<= 6 * (4 - four.len());
        let whole = four.len() * 3 / 4;
        beginning[length..length + whole].copy_from_slice(&bits.to_be_bytes()[1..1 + whole]);
        length += whole;
        // Most of what is no text shows it in the first bytes.
        if length == 3
            && !is_compressed(&beginning[..3])
            && beginning[..3].iter().any(|byte| *byte < b' ' && !byte.is_ascii_whitespace())
        {
            return false;
        }
    }
    let beginning = &beginning[..length];
    length >= 6 && (is_compressed(beginning) || is_text(beginning))
}

/// What each letter of base64 stands for.
const SIX_BITS: [Option<u8>; 256] = {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = [None; 256];
    let mut at = 0;
    while at < 64 {
        bits[letters[at] as usize] = Some(at as u8);
        at += 1;
    }
    bits
};

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

pub(crate) fn from_base64(run: &[u8]) -> Option<Vec<u8>> {
    ENGINE.decode(whole(run)).ok()
}

/// One letter too many says nothing.
fn whole(run: &[u8]) -> &[u8] {
    if run.len() % 4 == 1 { &run[..run.len() - 1] } else { run }
}

pub(crate) fn from_hex(run: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
    run.chunks_exact(2).map(|two| digit(two[0]) << 4 | digit(two[1])).collect()
}

/// Numbers apart from each other that stand for bytes: `73:33:63`, `0x73, 0x33`, `[115, 51, 99]`.
pub(crate) struct Numbers {
    pub(crate) range: Range<usize>,
    /// As hexadecimal, as decimal.
    pub(crate) readings: Vec<Vec<u8>>,
}

/// The next of them from a place in a text on.
pub(crate) fn next_numbers(text: &[u8], from: usize) -> Option<Numbers> {
    let mut tokens: Vec<Range<usize>> = Vec::new();
    let mut at = from;
    loop {
        let token = at..at + text.get(at..)?.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        at = token.end;
        let is_number = is_hex(&text[token.clone()]).is_some() || is_decimal(&text[token.clone()]).is_some();
        if is_number {
            tokens.push(token);
        }
        let between = text[at..].iter().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
        let is_over = !is_number || between > 16 || at + between == text.len();
        at += between;
        if !is_over {
            continue;
        }
        if tokens.len() >= FEWEST_NUMBERS {
            let read = |one: fn(&[u8]) -> Option<u8>| {
                tokens.iter().map(|token| one(&text[token.clone()])).collect::<Option<Vec<u8>>>()
            };
            let readings: Vec<Vec<u8>> = [read(is_hex), read(is_decimal)].into_iter().flatten().collect();
            let (first, last) = (tokens.first()?, tokens.last()?);
            if !readings.is_empty() {
                return Some(Numbers { range: first.start..last.end, readings });
            }
        }
        tokens.clear();
        if at >= text.len() {
            return None;
        }
    }
}

fn is_hex(token: &[u8]) -> Option<u8> {
    let digits = token.strip_prefix(b"0x").or_else(|| token.strip_prefix(b"x")).unwrap_or(token);
    let is_one = digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit);
    is_one.then(|| from_hex(digits).first().copied())?
}

fn is_decimal(token: &[u8]) -> Option<u8> {
    let is_one = (1..=3).contains(&token.len()) && token.iter().all(u8::is_ascii_digit);
    is_one.then(|| std::str::from_utf8(token).ok()?.parse().ok())?
}
