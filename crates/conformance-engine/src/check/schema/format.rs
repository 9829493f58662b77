//! The formats of text that are judged: those of JSON Schema 2020-12 that an RFC defines for ASCII.
//!
//! `format` only annotates unless a validator says otherwise; this one does, for the formats below. All others decide
//! nothing (the international `idn-…` and `iri…`, and unregistered names), and it is said that they were not judged.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::pattern::is_pattern;

type IsOfFormat = fn(&str) -> bool;

/// A format in words, and what is of it.
pub(super) fn named(format: &str) -> Option<(&'static str, IsOfFormat)> {
    Some(match format {
        "date-time" => ("a date and time such as 2024-05-01T12:00:00Z (date-time)", is_date_time),
        "date" => ("a date such as 2024-05-01 (date)", is_date),
        "time" => ("a time with its zone such as 12:00:00Z (time)", is_time),
        "duration" => ("a duration such as P1DT12H (duration)", is_duration),
        "uuid" => ("a UUID (uuid)", is_uuid),
        "email" => ("an email address (email)", is_email),
        "hostname" => ("a host name (hostname)", is_host_name),
        "ipv4" => ("an IPv4 address (ipv4)", |text| text.parse::<Ipv4Addr>().is_ok()),
        "ipv6" => ("an IPv6 address (ipv6)", |text| text.parse::<Ipv6Addr>().is_ok()),
        "uri" => ("an absolute address (uri)", |text| is_address(text, true)),
        "uri-reference" => ("an address (uri-reference)", |text| is_address(text, false)),
        "uri-template" => ("a template of an address (uri-template)", is_template),
        "json-pointer" => ("a JSON pointer (json-pointer)", is_pointer),
        "relative-json-pointer" => ("a relative JSON pointer (relative-json-pointer)", is_relative_pointer),
        "byte" => ("text in base64 (byte)", is_base64),
        "char" => ("one character (char)", |text| text.chars().count() == 1),
        "ip" => ("an IP address (ip)", |text| text.parse::<IpAddr>().is_ok()),
        "regex" => ("a regular expression (regex)", is_pattern),
        _ => return None,
    })
}

/// Whether a format promises nothing of a text: one for people, one for any bytes, and those for numbers.
///
/// Source: the Format Registry of OpenAPI.
pub(super) fn says_nothing(format: &str) -> bool {
    const NUMBERS: [&str; 10] =
        ["double", "float", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"];
    ["password", "binary"].contains(&format) || NUMBERS.contains(&format) || named(format).is_some()
}

/// RFC 4648, section 4: groups of four, the last one filled up with `=`.
fn is_base64(text: &str) -> bool {
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    text.len().is_multiple_of(4) && all(digits, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// `full-date` of RFC 3339.
fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (
        parts.next().and_then(|year| digits(year, 4)),
        parts.next().and_then(|month| digits(month, 2)),
        parts.next().and_then(|day| digits(day, 2)),
        parts.next(),
    ) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// `full-time` of RFC 3339. The sixtieth second is the last one of a day in UTC.
fn is_time(text: &str) -> bool {
    let Some(start) = text.find(['Z', 'z', '+', '-']) else { return false };
    let (time, zone) = text.split_at(start);
    let offset = match zone {
        "Z" | "z" => Some(0),
        zone => zone.get(1..).and_then(clock).map(|minutes| if zone.starts_with('-') { -minutes } else { minutes }),
    };
    let (Some(offset), Some((minutes, seconds))) = (offset, time.get(..5).zip(time.get(5..))) else { return false };
    let (Some(minutes), Some(seconds)) = (clock(minutes), seconds.strip_prefix(':')) else { return false };
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    if fraction.is_empty() || !all(fraction, |byte| byte.is_ascii_digit()) {
        return false;
    }
    match digits(seconds, 2) {
        Some(0..=59) => true,
        Some(60) => (minutes - offset).rem_euclid(24 * 60) == 24 * 60 - 1,
        _ => false,
    }
}

/// The minutes of `HH:MM`.
fn clock(text: &str) -> Option<i32> {
    let (hours, minutes) = text.split_once(':')?;
    match (digits(hours, 2)?, digits(minutes, 2)?) {
        (hours @ 0..=23, minutes @ 0..=59) => Some(hours * 60 + minutes),
        _ => None,
    }
}

fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else { return false };
    is_date(date) && is_time(time)
}

/// `duration` of RFC 3339, appendix A: units in their order, none left out in between.
fn is_duration(text: &str) -> bool {
    let Some(text) = text.strip_prefix('P') else { return false };
    if let Some(weeks) = text.strip_suffix('W') {
        return is_number(weeks);
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    match time {
        Some(time) => (date.is_empty() || is_units(date, "YMD")) && is_units(time, "HMS"),
        None => is_units(date, "YMD"),
    }
}

/// One or more numbers with neighbouring units.
fn is_units(text: &str, units: &str) -> bool {
    let mut next = None;
    for part in text.split_inclusive(|unit: char| !unit.is_ascii_digit()) {
        let Some(unit) = part.chars().last().and_then(|unit| units.find(unit)) else { return false };
        if !is_number(&part[..part.len() - 1]) || next.is_some_and(|next| next != unit) {
            return false;
        }
        next = Some(unit + 1);
    }
    next.is_some()
}

/// RFC 4122.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `Mailbox` of RFC 5321.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_atom = |atom: &str| {
        !atom.is_empty() && all(atom, |byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
    };
    let is_local = match local.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"').is_some_and(is_quoted),
        None => local.split('.').all(is_atom),
    };
    let is_domain = match domain.strip_prefix('[').and_then(|literal| literal.strip_suffix(']')) {
        Some(literal) => match literal.strip_prefix("IPv6:") {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => literal.parse::<Ipv4Addr>().is_ok(),
        },
        None => is_host_name(domain),
    };
    is_local && is_domain
}

/// The inside of a quoted local part: printable, with `"` and `\` after a backslash only.
fn is_quoted(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let is_fine = match byte {
            b'\\' => bytes.next().is_some_and(|escaped| matches!(escaped, b' '..=b'~')),
            b'"' => false,
            byte => matches!(byte, b' '..=b'~'),
        };
        if !is_fine {
            return false;
        }
    }
    true
}

/// RFC 1123. Whether `xn--…` spells a name is not looked into.
fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && all(label, |byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

/// `URI` or `URI-reference` of RFC 3986.
fn is_address(text: &str, is_absolute: bool) -> bool {
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let first = rest.split('/').next().unwrap_or_default();
    let rest = match first.split_once(':') {
        Some((scheme, _)) => {
            let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                && all(scheme, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
            if !is_scheme {
                return false;
            }
            &rest[scheme.len() + 1..]
        }
        None if is_absolute => return false,
        None => rest,
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    is_authority(authority) && is_escaped(path, b":@/") && is_escaped(query, b":@/?") && is_escaped(fragment, b":@/?")
}

fn is_authority(text: &str) -> bool {
    let (user, host) = text.rsplit_once('@').unwrap_or(("", text));
    let (host, port) = match host.rfind(':').filter(|colon| !host[*colon..].contains(']')) {
        Some(colon) => (&host[..colon], &host[colon + 1..]),
        None => (host, ""),
    };
    let is_host = match host.strip_prefix('[').and_then(|literal| literal.strip_suffix(']')) {
        Some(literal) => literal.parse::<Ipv6Addr>().is_ok() || is_future_address(literal),
        None => is_escaped(host, b""),
    };
    is_escaped(user, b":") && is_host && all(port, |byte| byte.is_ascii_digit())
}

/// `IPvFuture`, such as `v1.a:b`.
fn is_future_address(text: &str) -> bool {
    let Some((version, address)) = text.strip_prefix(['v', 'V']).and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    !version.is_empty()
        && all(version, |byte| byte.is_ascii_hexdigit())
        && !address.is_empty()
        && !address.contains('%')
        && is_escaped(address, b":")
}

/// Unreserved characters, sub-delimiters, escapes, and these.
fn is_escaped(text: &str, also: &[u8]) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let is_fine = match byte {
            b'%' => {
                let mut is_digit = || bytes.next().is_some_and(|digit| digit.is_ascii_hexdigit());
                is_digit() && is_digit()
            }
            byte => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte) || also.contains(&byte),
        };
        if !is_fine {
            return false;
        }
    }
    true
}

/// RFC 6570.
fn is_template(text: &str) -> bool {
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        let Some((literal, expression)) = rest.split_once('{').filter(|_| rest[start..].starts_with('{')) else {
            return false;
        };
        let Some((expression, after)) = expression.split_once('}') else { return false };
        if !is_literal(literal) || !is_expression(expression) {
            return false;
        }
        rest = after;
    }
    is_literal(rest)
}

/// What may stand outside of the braces of a template.
fn is_literal(text: &str) -> bool {
    let is_refused = |character: char| character.is_control() || " \"<>\\^`|".contains(character);
    let mut parts = text.split('%');
    let is_escape = |part: &str| part.get(..2).is_some_and(|digits| all(digits, |byte| byte.is_ascii_hexdigit()));
    !text.contains(is_refused) && parts.next().is_some() && parts.all(is_escape)
}

/// What may stand inside of the braces of a template.
fn is_expression(text: &str) -> bool {
    let names = text.strip_prefix(['+', '#', '.', '/', ';', '?', '&', '=', ',', '!', '@', '|']).unwrap_or(text);
    names.split(',').all(|name| {
        let name = match name.split_once(':') {
            Some((name, length)) => {
                let is_length = (1..=4).contains(&length.len()) && is_number(length) && !length.starts_with('0');
                if is_length { name } else { return false }
            }
            None => name.strip_suffix('*').unwrap_or(name),
        };
        name.split('.').all(|part| {
            !part.is_empty()
                && is_literal(part)
                && all(part, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'%'))
        })
    })
}

/// RFC 6901.
fn is_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(|escaped| escaped.starts_with(['0', '1']))
}

fn is_relative_pointer(text: &str) -> bool {
    let (up, rest) = text.split_at(text.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(text.len()));
    let is_up = is_number(up) && (up == "0" || !up.starts_with('0'));
    // Up by some levels, then perhaps along by some elements.
    let rest = match rest.strip_prefix(['+', '-']) {
        Some(along) => {
            let (along, rest) =
                along.split_at(along.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(along.len()));
            if !is_number(along) || along.starts_with('0') {
                return false;
            }
            rest
        }
        None => rest,
    };
    is_up && (rest == "#" || is_pointer(rest))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && all(text, |byte| byte.is_ascii_digit())
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i32> {
    (text.len() == count && is_number(text)).then(|| text.parse().ok()).flatten()
}

fn all(text: &str, is: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(is)
}
