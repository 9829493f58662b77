//! Names as typify and progenitor spell them in Rust, and names that stay apart in a scope.

use std::collections::HashSet;

use heck::{ToPascalCase, ToSnakeCase};

use crate::text;

/// The name of a type or a variant.
pub(super) fn pascal(name: &str) -> String {
    sanitized(name, str::to_pascal_case, "X")
}

/// The name of a field, an argument or a method.
pub(super) fn snake(name: &str) -> String {
    sanitized(name, str::to_snake_case, "x")
}

/// Source: typify-impl 0.8.0, `util.rs`, `sanitize`.
fn sanitized(name: &str, case: fn(&str) -> String, prefix: &str) -> String {
    let plain: String =
        name.chars().filter(|c| *c != '\'').map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let name = match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => case(&plain),
    };
    let name = match name.chars().next() {
        None => prefix.to_owned(),
        Some(first) if first.is_alphabetic() => name,
        Some(_) => format!("{prefix}{name}"),
    };
    if is_keyword(&name) { format!("{name}_") } else { name }
}

/// Source: typify-impl 0.8.0, `util.rs`, `accept_as_ident`.
fn is_keyword(name: &str) -> bool {
    matches!(name, "Self" | "_" | "") || text::is_keyword(name)
}

/// The name of the variant for a value: signs have names where they are all that there is, or all that tells a number from
/// another.
pub(super) fn variant(value: &str) -> String {
    if value.is_empty() {
        return "Empty".to_owned();
    }
    let is_signed = value.strip_prefix(['+', '-']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if value.chars().any(char::is_alphanumeric) && !is_signed {
        return pascal(value);
    }
    let words: Vec<String> = value.chars().map(|c| sign(c).map_or_else(|| c.to_string(), str::to_owned)).collect();
    pascal(&words.join(if is_signed { "" } else { " " }))
}

fn sign(c: char) -> Option<&'static str> {
    Some(match c {
        '=' => "Equal",
        '!' => "Not",
        '<' => "Less",
        '>' => "Greater",
        '+' => "Plus",
        '-' => "Minus",
        '*' => "Star",
        '/' => "Slash",
        '\\' => "Backslash",
        '%' => "Percent",
        '&' => "And",
        '|' => "Or",
        '^' => "Caret",
        '~' => "Tilde",
        '.' => "Dot",
        ',' => "Comma",
        ':' => "Colon",
        ';' => "Semicolon",
        '#' => "Hash",
        '@' => "At",
        '$' => "Dollar",
        '?' => "Question",
        '_' => "Underscore",
        ' ' => "Blank",
        '\'' | '"' | '`' => "Quote",
        '(' | '[' | '{' => "Open",
        ')' | ']' | '}' => "Close",
        _ => return None,
    })
}

/// The name, or the name with the first number that is free, which is then taken.
pub(super) fn take_free(name: &str, taken: &mut HashSet<String>) -> String {
    let base = name.trim_end_matches('_');
    let is_snake = name.chars().next().is_some_and(char::is_lowercase);
    let numbered =
        (2_u32..).map(|number| if is_snake { format!("{base}_{number}") } else { format!("{base}{number}") });
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

/// Whether a type of this name would be taken for one of the standard library, or of the generated client.
pub(super) fn is_reserved_for_types(name: &str) -> bool {
    const RESERVED: [&str; 34] = [
        "Option",
        "Some",
        "None",
        "Result",
        "Ok",
        "Err",
        "String",
        "Vec",
        "Box",
        "Self",
        "Default",
        "From",
        "Into",
        "TryFrom",
        "TryInto",
        "Clone",
        "Copy",
        "Debug",
        "Send",
        "Sync",
        "Sized",
        "Drop",
        "Fn",
        "FnMut",
        "FnOnce",
        "Iterator",
        "IntoIterator",
        "ToString",
        "ToOwned",
        "AsRef",
        "AsMut",
        "Eq",
        "PartialEq",
        "Ord",
    ];
    RESERVED.contains(&name)
}
