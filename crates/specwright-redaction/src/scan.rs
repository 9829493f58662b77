//! Finds values that are secrets by their names, in any text: JSON and what only resembles it, forms, addresses, headers,
//! XML, YAML, multipart bodies, and texts with any of these in them.
//!
//! Nothing is parsed. A name is what stands before `=`, `:` or in a tag, and the value what stands after it, as far as a value
//! can go; where its end is not to be found, it goes to the end of the text.

use std::ops::Range;

use crate::name::{
    Place, Suspicion, is_about, is_date, is_random, is_secret, is_several, looks_random, reads_as_words, suspicion,
    suspicion_anywhere,
};
use crate::table;

/// What a text is said to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Anything.
    #[default]
    Any,
    /// `name=value&name=value`, where a value may contain blanks and quotes.
    Form,
}

/// A value to replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) range: Range<usize>,
    /// It is a number or a word without quotes in JSON, which needs them.
    pub(crate) needs_quotes: bool,
}

/// Names and blanks are not longer.
const LONGEST_NAME: usize = 200;
const LONGEST_TAG: usize = 600;
/// Before text of XML in which nothing is a tag.
const CDATA: &[u8] = b"<![CDATA[";
/// A longer value of a doubtful name is none that a machine made to be secret.
const LONGEST_DOUBTFUL: usize = 16 << 10;
/// Of a pair `"name": "password", "value": "…"`.
const LONGEST_GAP: usize = 300;
/// Of a list of a name and a value; keys and web tokens that are longer are found by themselves.
const LONGEST_SECOND: usize = 4096;
/// Names of the names, and of the values, of such pairs.
const NAMES: [&str; 12] =
    ["name", "key", "header", "field", "param", "parameter", "attribute", "k", "variable", "property", "label", "id"];
const VALUES: [&str; 8] = ["value", "val", "v", "content", "text", "data", "values", "string"];

/// Every value that is a secret by its name, in order.
pub(crate) fn scan(text: &[u8], format: Format) -> Vec<Named> {
    let is_form = format == Format::Form || begins_as_form(text) || is_address(text);
    let mut scanner = Scanner {
        text,
        is_form,
        found: Vec::new(),
        pending: None,
        last_value: None,
        pending_element: None,
        last_element: None,
        open: None,
        has_fragment: !is_form || is_address(text),
        line_start: 0,
        run: (0, 0, 0),
    };
    let mut at = 0;
    while let Some(step) = text[at..].iter().position(|byte| b"=:<> -e[(\r\n".contains(byte)) {
        at += step;
        let end = match text[at] {
            b'=' | b':' => scanner.separator(at),
            b'<' => {
                scanner.open = Some(at);
                None
            }
            b'>' => scanner.tag(at),
            b' ' => scanner.scheme(at),
            b'-' => scanner.private_key(at),
            b'e' => scanner.web_token(at),
            b'[' | b'(' => scanner.two(at),
            _ => None,
        };
        let next = end.unwrap_or(0).max(at + 1).min(text.len());
        if let Some(last) = text[at..next].iter().rposition(|byte| b"\r\n".contains(byte)) {
            scanner.line_start = at + last + 1;
        }
        at = next;
    }
    if format == Format::Any {
        scanner.found.extend(table::secrets(text).into_iter().map(|range| Named { range, needs_quotes: false }));
    }
    scanner.found.sort_by_key(|named| named.range.start);
    scanner.found
}

/// Whether the text mentions a name of a secret at all, in whatever form.
pub(crate) fn mentions(text: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    text.split(|byte| !is_letter(byte))
        .filter(|word| (3..=60).contains(&word.len()))
        .any(|word| std::str::from_utf8(word).is_ok_and(|word| is_secret(word, Place::Member)))
}

struct Scanner<'t> {
    text: &'t [u8],
    is_form: bool,
    found: Vec<Named>,
    /// A pair that has told the name of a secret.
    pending: Option<Told<'t>>,
    /// The last value that a pair may have told before its name, and the column of its key.
    last_value: Option<(Range<usize>, Option<usize>)>,
    /// The same in elements of XML: what was told and where its text begins; the text of the last value.
    pending_element: Option<(Suspicion, usize)>,
    last_element: Option<Range<usize>>,
    /// Where the last tag began.
    open: Option<usize>,
    /// `#` begins a fragment, which may have pairs as well.
    has_fragment: bool,
    /// Where the line began that is looked at.
    line_start: usize,
    /// Of the letters that may be a web token: from where the dots were counted, where they end, how many dots there are.
    run: (usize, usize, usize),
}

/// The name of a secret that the first half of a pair has told.
#[derive(Clone, Copy)]
struct Told<'t> {
    suspicion: Suspicion,
    /// Where it ends.
    end: usize,
    /// The key it stood under, and in which column that is, in YAML.
    key: &'t str,
    column: Option<usize>,
}

/// A name before a separator.
struct Name<'t> {
    text: &'t str,
    start: usize,
    quote: Option<u8>,
}

impl<'t> Scanner<'t> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    fn str(&self, range: Range<usize>) -> &'t str {
        std::str::from_utf8(self.text.get(range).unwrap_or_default()).unwrap_or_default()
    }

    fn push(&mut self, range: Range<usize>, needs_quotes: bool) {
        let range = trimmed(self.text, range);
        let value = &self.text[range.clone()];
        let is_redacted = value.iter().all(|byte| *byte == b'*');
        let is_public = [&b"ssh-rsa "[..], b"ssh-ed25519 ", b"ecdsa-sha2-"].iter().any(|kind| value.starts_with(kind));
        if !is_redacted && !is_public {
            self.found.push(Named { range, needs_quotes });
        }
    }

    /// A name and a value around `=` or `:`.
    fn separator(&mut self, at: usize) -> Option<usize> {
        let is_equals = self.text[at] == b'=';
        if !is_equals && self.text[at..].starts_with(b"://") {
            return self.userinfo(at + 3);
        }
        let name = self.name_before(at)?;
        // `credentials::Setting` is a path in a program.
        if !is_equals && name.quote.is_none() && self.byte(at + 1) == Some(b':') {
            return None;
        }
        // `session = open()` is an assignment, and no parameter.
        let is_assignment = is_equals && at.checked_sub(1).and_then(|before| self.byte(before)) == Some(b' ');
        let place = if is_equals && !is_assignment { Place::Parameter } else { Place::Member };
        let suspicion = suspicion(name.text, place);
        let start = at + 1 + self.blanks(at + 1);
        let pair = self.pair(&name, start, is_equals);
        if pair.is_some() || suspicion == Suspicion::None {
            return pair;
        }
        self.value(&name, start, is_equals, suspicion)
    }

    fn value(&mut self, name: &Name<'t>, start: usize, is_equals: bool, suspicion: Suspicion) -> Option<usize> {
        let is_hidden = |value: &str| suspicion == Suspicion::Always && !is_state(value) || looks_random(value);
        let mut start = start;
        if !is_equals && name.quote.is_some() {
            start += self.text[start..].iter().take(LONGEST_NAME).take_while(|byte| byte.is_ascii_whitespace()).count();
        }
        // Python marks strings with letters.
        if let (Some(b'b' | b'u' | b'r' | b'f'), Some(b'"' | b'\'')) = (self.byte(start), self.byte(start + 1)) {
            start += 1;
        }
        // A value may begin so; what has a blank after it is a comparison.
        if is_equals && self.byte(start) == Some(b'=') {
            start += self.text[start..].iter().take(LONGEST_NAME).take_while(|byte| **byte == b'=').count();
            self.byte(start).filter(|next| !next.is_ascii_whitespace())?;
        }
        if !is_equals && is_several(name.text) && self.is_count(start) {
            return None;
        }
        let before = name.start.checked_sub(1).and_then(|before| self.byte(before));
        let is_pair = is_equals && (self.is_form || matches!(before, Some(b'?' | b'&')));
        match self.byte(start)? {
            quote @ (b'"' | b'\'' | b'`') if !(self.is_form && is_equals) => {
                let longest = if suspicion == Suspicion::Always { usize::MAX } else { LONGEST_DOUBTFUL };
                let (range, end) = self.string(start, quote, longest)?;
                let is_one = is_hidden(self.str(range.clone()));
                is_one.then(|| self.push(range, false));
                is_one.then_some(end)
            }
            b'{' | b'[' if suspicion == Suspicion::Always && !is_pair => Some(self.container(start)),
            // It is looked at without its backslashes.
            b'\\' | b',' | b'}' | b']' if !is_equals => None,
            _ if is_equals => {
                let furthest = self.furthest(start, suspicion);
                let mut end = self.end_of_parameter(start, furthest, is_pair);
                // `;jsessionid=…` ends where the query begins.
                if before == Some(b';') && name.text.to_ascii_lowercase().contains("sess") {
                    end = start
                        + self.text[start..end].iter().position(|byte| b"?#".contains(byte)).unwrap_or(end - start);
                }
                let is_one = start < end && is_hidden(self.str(start..end));
                is_one.then(|| self.push(start..end, false));
                is_one.then_some(end)
            }
            // What is in it has names of its own.
            b'{' | b'[' if !is_equals => None,
            _ if name.quote.is_some() => {
                let furthest = self.furthest(start, suspicion);
                let length = self.text[start..furthest].iter().position(|byte| b",}] \t\r\n".contains(byte));
                let end = length.map_or(furthest, |length| start + length);
                let value = self.str(start..end);
                // Within a string, `\n` may follow it.
                let word = value.split('\\').next().unwrap_or_default();
                let is_one = !is_literal(word) && is_hidden(value);
                is_one.then(|| self.push(start..end, true));
                is_one.then_some(end)
            }
            b'\r' | b'\n' => self.block(name, start, suspicion),
            b'|' | b'>' | b'!' | b'&' | b'#' if is_block(self.rest_of_line(start)) => {
                let line = start + self.rest_of_line(start).len();
                self.block(name, line, suspicion).or_else(|| self.rest(name, start, suspicion))
            }
            _ => self.rest(name, start, suspicion),
        }
    }

    /// What goes on to the end of the line: YAML, headers, texts.
    fn rest(&mut self, name: &Name<'t>, start: usize, suspicion: Suspicion) -> Option<usize> {
        let before = self.text[..name.start].iter().rposition(|byte| !b" \t-".contains(byte)).map(|at| self.text[at]);
        let furthest = self.furthest(start, suspicion);
        let until = |ends: &[u8], longest: usize| {
            let rest = &self.text[start..furthest];
            let rest = &rest[..rest.len().min(longest)];
            start + rest.iter().position(|byte| b"\r\n".contains(byte) || ends.contains(byte)).unwrap_or(rest.len())
        };
        let (end, is_sure) = match before {
            None | Some(b'\n' | b'\r') => (until(b"", usize::MAX), true),
            Some(b'{' | b',') => (until(b",}", usize::MAX), true),
            // Within a text, which has quotes around it or words before it: a sentence is no value.
            Some(quote @ (b'"' | b'\'' | b'`')) => {
                let end = until(&[quote], usize::MAX);
                let value = self.str(start..end);
                let is_header = name.text.contains('-') && is_secret(name.text, Place::Header);
                // `token:read` is a scope.
                let is_scope = start > 0 && self.text[start - 1] == b':' && reads_as_words(value);
                (end, !value.trim().contains(' ') && value.len() >= 6 && !is_scope || is_header)
            }
            Some(_) => {
                let end = until(b" \t,;\"'<>)&", LONGEST_DOUBTFUL);
                (end, looks_random(self.str(start..end)))
            }
        };
        let value = self.str(start..end).trim();
        let is_one = is_sure && !is_literal(value) && (suspicion == Suspicion::Always || looks_random(value));
        is_one.then(|| self.push(start..end, false));
        is_one.then_some(end)
    }

    /// The lines below a name that are further in, in YAML: a text, or a list.
    fn block(&mut self, name: &Name<'t>, line_end: usize, suspicion: Suspicion) -> Option<usize> {
        if suspicion != Suspicion::Always {
            return None;
        }
        let indent = self.text[self.line_start.min(name.start)..].iter().take_while(|byte| **byte == b' ').count();
        let mut at = line_end;
        let mut end = None;
        while let Some(next) = self.next_line(at) {
            let inner = self.text[next..].iter().take_while(|byte| **byte == b' ').count();
            let line = self.rest_of_line(next + inner);
            let item = line.strip_prefix("- ").map(str::trim_start);
            let content = item.unwrap_or(line);
            if !content.trim().is_empty() && inner <= indent && !(item.is_some() && inner == indent) {
                break;
            }
            // Members have names of their own.
            let has_name = content.split_once(": ").is_some_and(|(name, _)| !name.contains(' '))
                || content.trim_end().ends_with(':');
            if has_name {
                break;
            }
            at = next + inner + line.len();
            end = Some(at);
            let start = at - content.len();
            if !content.trim().is_empty() {
                self.push(start..at, false);
            }
        }
        end
    }

    /// Half of `"name": "password", "value": "…"`, or the head of a part of a multipart body.
    fn pair(&mut self, name: &Name<'t>, start: usize, is_equals: bool) -> Option<usize> {
        let lower = name.text.trim_start_matches('@').trim_end_matches('*');
        let is = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(lower));
        let (is_name, is_value) = (is(&NAMES), is(&VALUES));
        if !is_name && !is_value {
            return None;
        }
        // A member of JSON may stand in the next line.
        let start = match name.quote {
            Some(_) if !is_equals => {
                let blanks = self.text[start..].iter().take(LONGEST_NAME).take_while(|byte| byte.is_ascii_whitespace());
                start + blanks.count()
            }
            _ => start,
        };
        let quote = self.byte(start).filter(|byte| b"\"'".contains(byte));
        if quote.is_none() && is_name && self.is_in_form_data(start) {
            // `name=password`, `name*=UTF-8''password`
            let rest = self.text[start..].iter().take(LONGEST_NAME);
            let end = start + rest.take_while(|byte| !b"; \t\r\n".contains(byte)).count();
            let told = self.str(start..end);
            let told = told.rsplit_once('\'').map_or(told, |(_, told)| told);
            return if is_secret(told, Place::Member) { self.part(end) } else { None };
        }
        if quote.is_none() && is_equals {
            return None;
        }
        let column = self.column(name);
        let is_near = |from: usize, to: usize, other: Option<usize>| {
            from <= to
                && to - from <= LONGEST_GAP
                && (column.is_none() || other.is_none() || column == other)
                && !self.text[from..to].iter().any(|byte| b"}>".contains(byte))
        };
        if is_value {
            if let Some(told) = self.pending.filter(|told| is_near(told.end, start, told.column)) {
                (self.pending, self.last_value) = (None, None);
                if told.suspicion == Suspicion::None {
                    return None;
                }
                if let Some(quote) = quote.filter(|_| told.suspicion == Suspicion::Always) {
                    let (range, end) = self.string(start, quote, usize::MAX)?;
                    self.push(range, false);
                    return Some(end);
                }
                return self.value(name, start, is_equals, told.suspicion);
            }
            let range = match quote {
                Some(quote) => self.string(start, quote, LONGEST_DOUBTFUL).map(|(range, _)| range),
                None => Some(self.plain(start, LONGEST_DOUBTFUL)),
            };
            self.last_value = range.filter(|range| !range.is_empty()).map(|range| (range, column));
            return None;
        }
        let (range, end) = match quote {
            Some(quote) => self.string(start, quote, LONGEST_NAME)?,
            None => {
                let range = self.plain(start, LONGEST_NAME);
                (range.clone(), range.end)
            }
        };
        // The next pair has begun.
        if self.pending.is_some_and(|told| told.key == lower) {
            self.pending = None;
        }
        let suspicion = of_told(self.str(range));
        let before = self.last_value.take().filter(|(value, other)| is_near(value.end, start, *other));
        if suspicion == Suspicion::None {
            // Its value is none that another name may claim.
            self.pending = before.is_none().then_some(Told { suspicion, end, key: lower, column });
            return None;
        }
        if let Some((value, _)) = before {
            let text = self.str(value.clone());
            if !is_literal(text) && (suspicion == Suspicion::Always || looks_random(text)) {
                let has_quotes = self.text[value.end..].first().is_some_and(|next| b"\"'".contains(next));
                self.push(value, !has_quotes && name.quote.is_some());
            }
            return Some(end);
        }
        self.pending = Some(Told { suspicion, end, key: lower, column });
        if suspicion == Suspicion::Always && self.is_in_form_data(end) { self.part(end) } else { Some(end) }
    }

    /// A value without quotes in YAML, JSON or a script.
    fn plain(&self, start: usize, longest: usize) -> Range<usize> {
        let rest = &self.text[start..];
        let rest = &rest[..rest.len().min(longest)];
        let length = rest.iter().position(|byte| b"\r\n,}{[&|>".contains(byte)).unwrap_or(rest.len());
        let length = rest[..length].windows(2).position(|two| two == b" #").unwrap_or(length);
        trimmed(self.text, start..start + length)
    }

    /// In which column a key without quotes begins that is the first of its line, but for dashes.
    fn column(&self, name: &Name<'t>) -> Option<usize> {
        let before = self.text.get(self.line_start..name.start)?;
        let is_first = before.len() <= LONGEST_NAME && before.iter().all(|byte| b" -".contains(byte));
        is_first.then_some(before.len())
    }

    /// `["password", "…"]`, `('password', '…')`: a name and a value in a list of two. A list that is a member may be one of
    /// names: its second is hidden if it looks random.
    fn two(&mut self, at: usize) -> Option<usize> {
        let skip = |from: usize| {
            let rest = self.text.get(from..).unwrap_or_default().iter().take(LONGEST_NAME);
            from + rest.take_while(|byte| byte.is_ascii_whitespace()).count()
        };
        let quoted = |at: usize| self.byte(at).filter(|byte| b"\"'".contains(byte));
        let start = skip(at + 1);
        let (first, end) = self.string(start, quoted(start)?, LONGEST_NAME)?;
        let suspicion = of_told(self.str(first));
        let comma = skip(end);
        if suspicion == Suspicion::None || self.byte(comma) != Some(b',') {
            return None;
        }
        let start = skip(comma + 1);
        let (second, end) = self.string(start, quoted(start)?, LONGEST_SECOND)?;
        let after = skip(end);
        let closing = if self.text[at] == b'[' { b']' } else { b')' };
        if self.byte(after).is_some_and(|byte| byte != closing) {
            return None;
        }
        let before = self.text[..at].iter().rev().take(LONGEST_NAME).find(|byte| !byte.is_ascii_whitespace());
        let is_pair = suspicion == Suspicion::Always && before.is_none_or(|before| b"[(,{".contains(before));
        let value = self.str(second.clone());
        let is_one = !second.is_empty() && !is_literal(value) && (is_pair || looks_random(value));
        is_one.then(|| self.push(second, false));
        is_one.then_some(end)
    }

    fn is_in_form_data(&self, at: usize) -> bool {
        let line = &self.text[at.saturating_sub(LONGEST_NAME)..at];
        line.windows(9).any(|window| window.eq_ignore_ascii_case(b"form-data"))
    }

    /// The content of the part of a multipart body whose head has said the name.
    fn part(&mut self, end: usize) -> Option<usize> {
        // The content of a part begins after a blank line.
        let head = &self.text[end..self.text.len().min(end + LONGEST_TAG)];
        let skipped = head.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        let skipped = skipped.or_else(|| head.windows(2).position(|two| two == b"\n\n").map(|at| at + 2))?;
        let start = end + skipped;
        let length = self.text[start..].windows(3).position(|three| three == b"\n--");
        let end = length.map_or(self.text.len(), |length| start + length);
        self.push(start..end, false);
        Some(end)
    }

    fn name_before(&self, at: usize) -> Option<Name<'t>> {
        let blanks =
            self.text[..at].iter().rev().take(LONGEST_NAME).take_while(|byte| byte.is_ascii_whitespace()).count();
        let end = at - blanks;
        let last = *self.text.get(end.checked_sub(1)?)?;
        let nearest = end.saturating_sub(LONGEST_NAME);
        if b"\"'`".contains(&last) {
            let inner = &self.text[nearest..end - 1];
            let start = nearest + inner.iter().rposition(|byte| *byte == last)? + 1;
            let text = self.str(start..end - 1);
            return (!text.contains('\n')).then_some(Name { text, start: start - 1, quote: Some(last) });
        }
        let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.$%[]@*+".contains(byte) || !byte.is_ascii();
        let length = self.text[nearest..end].iter().rev().take_while(is_name).count();
        let start = end - length;
        let text = self.str(start..end).trim_start_matches('[');
        (!text.is_empty()).then_some(Name { text, start, quote: None })
    }

    /// After a line feed, a carriage return, or both.
    fn next_line(&self, at: usize) -> Option<usize> {
        let next = at + self.text[at..].iter().position(|byte| b"\r\n".contains(byte))? + 1;
        let is_pair = self.text[next - 1] == b'\r' && self.byte(next) == Some(b'\n');
        Some(next + usize::from(is_pair))
    }

    fn blanks(&self, at: usize) -> usize {
        self.text
            .get(at..)
            .unwrap_or_default()
            .iter()
            .take(LONGEST_NAME)
            .take_while(|byte| b" \t".contains(byte))
            .count()
    }

    fn rest_of_line(&self, at: usize) -> &'t str {
        let rest = self.text.get(at..).unwrap_or_default();
        let length = rest.iter().position(|byte| b"\r\n".contains(byte)).unwrap_or(rest.len());
        match std::str::from_utf8(&rest[..length]) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&rest[..error.valid_up_to()]).unwrap_or_default(),
        }
    }

    /// The inside of a string that begins at its quote, and where it is over: the end of the text if there is no closing
    /// quote. `None` if it is longer than `longest`.
    fn string(&self, start: usize, quote: u8, longest: usize) -> Option<(Range<usize>, usize)> {
        let text = &self.text[..self.text.len().min(start.saturating_add(longest).saturating_add(2))];
        let is_cut = text.len() < self.text.len();
        let triple = [quote; 3];
        if text[start..].starts_with(&triple) {
            let inner = start + 3;
            let length = text[inner..].windows(3).position(|three| three == triple);
            return match length {
                Some(length) => Some((inner..inner + length, inner + length + 3)),
                None => (!is_cut).then_some((inner..text.len(), text.len())),
            };
        }
        let mut at = start + 1;
        while let Some(byte) = text.get(at) {
            if *byte == b'\\' {
                at += 2;
            } else if *byte == quote {
                // `'it's'` and `'it''s'` go on.
                let next = text.get(at + 1).copied();
                let goes_on = quote == b'\''
                    && next.is_some_and(|next| next.is_ascii_alphanumeric() || next == quote && at > start + 1);
                if !goes_on {
                    return Some((start + 1..at, at + 1));
                }
                at += if next == Some(quote) { 2 } else { 1 };
            } else {
                at += 1;
            }
        }
        (!is_cut).then_some((start + 1..text.len(), text.len()))
    }

    /// Whether a number or a boolean is all that stands here.
    fn is_count(&self, start: usize) -> bool {
        let rest = self.text[start..].iter().take(40);
        let word = rest.take_while(|byte| !byte.is_ascii_whitespace() && !b",}]\\".contains(byte)).count();
        let after = start + word + self.blanks(start + word);
        is_count(self.str(start..start + word)) && self.byte(after).is_none_or(|next| b",}]#\r\n\\".contains(&next))
    }

    /// How far the value of a doubtful name is looked at: one byte behind what can be random.
    fn furthest(&self, start: usize, suspicion: Suspicion) -> usize {
        if suspicion == Suspicion::Always {
            return self.text.len();
        }
        let rest = self.text[start..].iter().take(LONGEST_DOUBTFUL);
        let blanks = rest.clone().take_while(|byte| b" \t".contains(byte)).count();
        let word = rest.skip(blanks).take_while(|byte| is_random(**byte)).count();
        let after = self.blanks(start + blanks + word);
        self.text.len().min(start + blanks + word + after + 1)
    }

    fn end_of_parameter(&self, start: usize, furthest: usize, is_pair: bool) -> usize {
        let mut at = start;
        while let Some(byte) = self.byte(at).filter(|_| at < furthest) {
            let ends = match byte {
                b'&' => true,
                b';' | b',' | b'#' | b'?' => {
                    (!is_pair || byte == b';' || byte == b'#' && self.has_fragment) && self.is_before_name(at + 1)
                        || !self.is_form && self.byte(at + 1).is_none_or(|next| next.is_ascii_whitespace())
                }
                b'\r' | b'\n' => {
                    !self.is_form || self.is_before_name(at + 1 + usize::from(self.byte(at + 1) == Some(b'\n')))
                }
                b' ' | b'\t' | b'"' | b'<' | b'>' => !self.is_form,
                _ => false,
            };
            if ends {
                return at;
            }
            at += 1;
        }
        at
    }

    fn is_before_name(&self, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or_default();
        let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.%[]".contains(byte);
        let length = rest.iter().take(LONGEST_NAME).take_while(is_name).count();
        length > 0 && rest.get(length) == Some(&b'=')
    }

    /// The name and the password between `://` and `@`.
    fn userinfo(&mut self, start: usize) -> Option<usize> {
        let is_end = |byte: &u8| b"/?#\"'<>`\\".contains(byte) || byte.is_ascii_whitespace();
        let length = self.text[start..].iter().take(4096).position(is_end).unwrap_or(self.text.len() - start).min(4096);
        let end = start + self.text[start..start + length].iter().rposition(|byte| *byte == b'@')?;
        // There, a name alone is one of a user.
        let is_shell = [&b"ssh://"[..], b"sftp://"].iter().any(|scheme| self.text[..start].ends_with(scheme));
        if !is_shell || self.text[start..end].contains(&b':') {
            self.push(start..end, false);
        }
        Some(end)
    }

    /// What follows `Bearer` and `Basic`, wherever they stand.
    fn scheme(&mut self, at: usize) -> Option<usize> {
        let before = &self.text[at.saturating_sub(6)..at];
        let is = |scheme: &[u8]| {
            before.len() >= scheme.len() && before[before.len() - scheme.len()..].eq_ignore_ascii_case(scheme)
        };
        if !is(b"bearer") && !is(b"basic") {
            return None;
        }
        let start = at + self.blanks(at);
        let is_token = |byte: &&u8| crate::known::is_packed(**byte);
        let end = start + self.text[start..].iter().take_while(is_token).count();
        let value = self.str(start..end);
        let is_mixed =
            value.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) || value.ends_with('=');
        // `Bearer realm="…"` is a challenge.
        let is_parameter =
            value.trim_end_matches('=').contains('=') || value.ends_with('=') && self.byte(end) == Some(b'"');
        // `Basic Authentication`
        let is_word =
            value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_alphabetic()) && reads_as_words(value);
        let is_one = value.len() >= 8 && is_mixed && !is_parameter && !is_word;
        is_one.then(|| self.push(start..end, false));
        is_one.then_some(end)
    }

    /// `-----BEGIN PRIVATE KEY-----`
    fn private_key(&mut self, at: usize) -> Option<usize> {
        let head = self.text[at..].strip_prefix(b"-----BEGIN ")?;
        let head = &head[..head.len().min(60)];
        head.windows(11).position(|window| window == b"PRIVATE KEY")?;
        let length = self.text[at..].windows(9).position(|nine| nine == b"-----END ");
        let end = length.map_or(self.text.len(), |length| at + length);
        let start = at + 11 + head.windows(5).position(|five| five == b"-----").map_or(0, |at| at + 5);
        self.push(start.min(end)..end, false);
        Some(end)
    }

    /// A JSON Web Token (RFC 7519), which begins with `{"` in base64.
    fn web_token(&mut self, at: usize) -> Option<usize> {
        let is_start = self.text[at..].starts_with(b"eyJ")
            && !at.checked_sub(1).is_some_and(|before| self.text[before].is_ascii_alphanumeric());
        if !is_start {
            return None;
        }
        let is_letter = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_.=".contains(byte);
        let dots = |range: Range<usize>| self.text[range].iter().filter(|byte| **byte == b'.').count();
        let (from, end, all) = self.run;
        let (end, dots) = if at < end {
            (end, all - dots(from..at))
        } else {
            let end = at + self.text[at..].iter().take_while(is_letter).count();
            (end, dots(at..end))
        };
        self.run = (at, end, dots);
        let is_one = end - at >= 20 && (2..=4).contains(&dots);
        is_one.then(|| self.push(at..end, false));
        is_one.then_some(end)
    }

    /// An element of XML, where `>` ends its first tag.
    fn tag(&mut self, at: usize) -> Option<usize> {
        let start = self.open.take().filter(|start| at - start <= LONGEST_TAG)?;
        let tag = self.str(start + 1..at);
        if tag.starts_with(['/', '!', '?']) || tag.ends_with('/') || tag.contains('>') {
            return None;
        }
        let name = tag.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
        let is_name = name.chars().all(|c| c.is_alphanumeric() || ":_-.".contains(c));
        let suspicion = if is_name { suspicion(name, Place::Member) } else { Suspicion::None };
        // In a text, `<token>` between backticks is a mention.
        if start.checked_sub(1).is_some_and(|before| self.text[before] == b'`') && self.byte(at + 1) == Some(b'`') {
            return None;
        }
        let told = self.pending.take_if(|told| told.end > start && told.end <= at).map(|told| told.suspicion);
        let told = told.filter(|told| *told != Suspicion::None);
        let told = told.or_else(|| self.element(name, start, at));
        let is_told = told == Some(Suspicion::Always);
        if suspicion == Suspicion::None && told.is_none() {
            return None;
        }
        let rest = &self.text[at + 1..];
        let text = self.text_of_element(at + 1, usize::MAX);
        if rest.starts_with(CDATA) {
            self.push(text.clone(), false);
            return Some(text.end);
        }
        let value = self.str(text.clone()).trim();
        if !value.is_empty() {
            let is_one = suspicion == Suspicion::Always && !(is_several(name) && is_count(value))
                || is_told
                || looks_random(value);
            is_one.then(|| self.push(text.clone(), false));
            return is_one.then_some(text.end);
        }
        if suspicion != Suspicion::Always {
            return None;
        }
        // Elements within it: their texts are parts of the secret.
        let closing = format!("</{name}");
        let inner = rest.windows(closing.len()).position(|window| window == closing.as_bytes()).unwrap_or(rest.len());
        let end = at + 1 + inner;
        let mut open = at;
        while let Some(begin) =
            self.text[open + 1..end].iter().position(|byte| *byte == b'<').map(|step| open + 1 + step)
        {
            let Some(close) = self.text[begin..end].iter().position(|byte| *byte == b'>').map(|step| begin + step)
            else {
                break;
            };
            let next = self.text[close..end].iter().position(|byte| *byte == b'<').map_or(end, |step| close + step);
            let element =
                self.str(begin + 1..close).split(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
            let has_text = !self.text[close + 1..next].trim_ascii().is_empty();
            if has_text && !is_about(element) {
                self.push(close + 1..next, false);
            }
            open = next - 1;
            if next == end {
                break;
            }
        }
        Some(end)
    }

    /// Half of `<name>password</name><value>…</value>`: what the name told, if this is the value of it.
    fn element(&mut self, name: &str, start: usize, at: usize) -> Option<Suspicion> {
        let name = name.rsplit_once(':').map_or(name, |(_, local)| local);
        let is = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(name));
        if is(&VALUES) {
            if let Some((suspicion, _)) = self.pending_element.filter(|(_, from)| self.are_siblings(*from, start)) {
                (self.pending_element, self.last_element) = (None, None);
                return (suspicion != Suspicion::None).then_some(suspicion);
            }
            self.last_element = Some(self.text_of_element(at + 1, LONGEST_DOUBTFUL)).filter(|text| !text.is_empty());
        } else if is(&NAMES) {
            let told = self.text_of_element(at + 1, LONGEST_NAME);
            let suspicion = of_told(self.str(told).trim());
            self.pending_element = None;
            match self.last_element.take().filter(|value| self.are_siblings(value.end, start)) {
                // The value of an ordinary name is none that another name may claim.
                Some(_) if suspicion == Suspicion::None => {}
                Some(value) => {
                    let text = self.str(value.clone()).trim();
                    if suspicion == Suspicion::Always || looks_random(text) {
                        self.push(value, false);
                    }
                }
                None => self.pending_element = Some((suspicion, at + 1)),
            }
        }
        None
    }

    /// The text that begins at `start`, also as CDATA, up to the next tag.
    fn text_of_element(&self, start: usize, longest: usize) -> Range<usize> {
        let is_data = self.text[start..].starts_with(CDATA);
        let start = if is_data { start + CDATA.len() } else { start };
        let rest = &self.text[start..];
        let rest = &rest[..rest.len().min(longest)];
        let end = match is_data {
            true => rest.windows(3).position(|three| three == b"]]>"),
            false => rest.iter().position(|byte| *byte == b'<'),
        };
        start..start + end.unwrap_or(rest.len())
    }

    /// Whether the element that begins at `to` stands beside the one in whose text `from` is.
    fn are_siblings(&self, from: usize, to: usize) -> bool {
        if from > to || to - from > LONGEST_TAG {
            return false;
        }
        let mut depth = 1;
        for piece in self.text[from..to].split(|byte| *byte == b'<').skip(1) {
            let tag = piece.split(|byte| *byte == b'>').next().unwrap_or_default();
            match tag.first() {
                Some(b'/') => depth -= 1,
                Some(b'!' | b'?') => {}
                _ if tag.ends_with(b"/") => {}
                _ => depth += 1,
            }
            if depth < 0 {
                return false;
            }
        }
        depth == 0
    }

    /// A list or an object under the name of a secret: its own values are secrets, unless their names say that they are about
    /// one; those of objects within it are judged by their names. Returns where it ends.
    fn container(&mut self, start: usize) -> usize {
        struct Frame {
            is_object: bool,
            is_secret: bool,
        }

        let mut stack: Vec<Frame> = Vec::new();
        let mut key: Option<(Suspicion, bool)> = None;
        let mut at = start;
        while let Some(byte) = self.byte(at) {
            let frame = stack.last().map(|frame| (frame.is_object, frame.is_secret));
            match byte {
                b'{' | b'[' => {
                    let is_object = byte == b'{';
                    let is_secret = match frame {
                        None => true,
                        Some((false, is_secret)) => is_secret,
                        // An object within an object is another thing.
                        Some((true, _)) => {
                            key.is_some_and(|(own, within)| own == Suspicion::Always || within && !is_object)
                        }
                    };
                    stack.push(Frame { is_object, is_secret });
                    key = None;
                    at += 1;
                }
                b'}' | b']' => {
                    stack.pop();
                    key = None;
                    at += 1;
                    if stack.is_empty() {
                        return at;
                    }
                }
                b',' => {
                    key = None;
                    at += 1;
                }
                b':' => at += 1,
                _ if byte.is_ascii_whitespace() => at += 1,
                _ => {
                    let (range, end) = if b"\"'`".contains(&byte) {
                        self.string(at, byte, usize::MAX).unwrap_or((at..self.text.len(), self.text.len()))
                    } else {
                        let length = self.text[at..].iter().position(|byte| b",:}]\r\n".contains(byte));
                        let end = length.map_or(self.text.len(), |length| at + length);
                        (at..end, end)
                    };
                    let (is_object, within) = frame.unwrap_or((false, true));
                    let is_key = is_object
                        && key.is_none()
                        && self.text[end..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
                    let text = self.str(range.clone());
                    if is_key {
                        key = Some((suspicion(text, Place::Member), within && !is_about(text)));
                    } else {
                        let is_one = match key {
                            Some((Suspicion::Always, _)) | Some((_, true)) => true,
                            Some((Suspicion::ByValue, _)) => looks_random(text),
                            Some(_) => false,
                            None => within,
                        };
                        let is_plain = is_literal(text.trim()) && !b"\"'`".contains(&byte) || is_date(text);
                        if is_one && !is_plain {
                            self.push(range, byte.is_ascii_digit() || byte == b'-');
                        } else {
                            let inner = scan(&self.text[range.clone()], Format::Any);
                            self.found.extend(inner.into_iter().map(|named| Named {
                                range: range.start + named.range.start..range.start + named.range.end,
                                ..named
                            }));
                        }
                    }
                    at = end.max(at + 1);
                }
            }
        }
        self.text.len()
    }
}

/// How sure it is that what a pair tells is the name of a secret.
fn of_told(told: &str) -> Suspicion {
    let is_name = !told.is_empty() && !told.contains(|c: char| c.is_whitespace() || "=?&\"'`<>{}|,;".contains(c));
    // A value that has the word in it by chance is none.
    if !is_name || looks_random(told) && !told.contains(['.', '_', '-']) {
        return Suspicion::None;
    }
    // What is random itself is a value: `key` names many things.
    let suspicion = suspicion_anywhere(told);
    if suspicion == Suspicion::ByValue && looks_random(told) { Suspicion::None } else { suspicion }
}

/// A word that stands for no text.
fn is_literal(value: &str) -> bool {
    ["true", "false", "null", "None", "True", "False", "undefined", "~"].contains(&value)
}

/// What settings say of a feature (`generic_secrets`: `disabled`).
fn is_state(value: &str) -> bool {
    ["enabled", "disabled", "required", "optional", "preferred"].contains(&value)
}

/// A number or a boolean.
fn is_count(value: &str) -> bool {
    let digits = value.trim_start_matches(['-', '+']).bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (1..12).contains(&value.len()) && digits || ["true", "false", "True", "False", "yes", "no"].contains(&value)
}

/// Whether what is in the line of a name says that its text stands in the lines below, in YAML: tags and anchors, `|` or `>`, a
/// comment.
fn is_block(line: &str) -> bool {
    let mut line = line.trim();
    while line.starts_with(['!', '&']) {
        line = line.split_once([' ', '\t']).map_or("", |(_, rest)| rest.trim_start());
    }
    if let Some(rest) = line.strip_prefix(['|', '>']) {
        line = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "+-".contains(c)).trim_start();
    }
    line.is_empty() || line.starts_with('#')
}

/// Without blanks at either end.
fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let inner = &text[range.clone()];
    let start = range.start + inner.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let length = text[start..range.end.max(start)].trim_ascii_end().len();
    start..start + length
}

/// One address and nothing else.
fn is_address(text: &[u8]) -> bool {
    let begins = text.starts_with(b"/") || text.starts_with(b"?") || text.starts_with(b"http");
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"<>".contains(byte);
    begins && text.contains(&b'?') && !text.iter().any(ends)
}

/// `name=` at the very beginning.
fn begins_as_form(text: &[u8]) -> bool {
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.%[]".contains(byte);
    let length = text.iter().take(LONGEST_NAME).take_while(is_name).count();
    length > 0 && text.get(length) == Some(&b'=')
}
