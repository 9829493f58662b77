//! Writes a value as the style of a parameter, or of a member of a form, says.
//!
//! Sources: OpenAPI 3.0.4 and 3.1.1, Parameter Object (Style Values, Style Examples) and appendix C; RFC 6570, section 3.2.

use conformance_engine::suite::Place;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::node::{Data, Node};

/// Everything but what RFC 3986 calls unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The reserved characters that mean nothing in a query stay as they are (`allowReserved`).
const RESERVED: &AsciiSet = &ENCODED
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';')
    .remove(b'=');

/// How the values of one parameter are written.
#[derive(Clone, Copy)]
pub(crate) struct Style<'s> {
    pub(crate) name: &'s str,
    pub(crate) place: Place,
    pub(crate) style: &'s str,
    pub(crate) explode: bool,
    /// `allowReserved`
    pub(crate) reserved: bool,
    /// `allowEmptyValue`
    pub(crate) empty: bool,
}

/// A name with a value: of one parameter there may be several, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) name: String,
    /// What stands before the value in a path.
    pub(crate) prefix: String,
    pub(crate) value: String,
    /// The value is percent-encoded already.
    pub(crate) encoded: bool,
}

impl<'s> Style<'s> {
    /// The style that a Parameter Object, or an Encoding Object (in a `query`), asks for.
    pub(crate) fn of(name: &'s str, place: Place, node: &'s Node) -> Style<'s> {
        let default = if matches!(place, Place::Query | Place::Cookie) { "form" } else { "simple" };
        let style = node.text("style").unwrap_or(default);
        Style {
            name,
            place,
            style,
            explode: node.flag("explode").unwrap_or(matches!(style, "form" | "cookie")),
            reserved: node.flag("allowReserved") == Some(true),
            empty: node.flag("allowEmptyValue") == Some(true),
        }
    }

    /// What is sent of a value: nothing of `null`, of a list without items and of an object without members. Or why it
    /// cannot be written.
    pub(crate) fn pieces(&self, value: &Node) -> Result<Vec<Piece>, String> {
        let known: &[&str] = match self.place {
            Place::Path => &["simple", "label", "matrix"],
            Place::Query => &["form", "spaceDelimited", "pipeDelimited", "deepObject"],
            Place::Header => &["simple"],
            Place::Cookie => &["form", "cookie"],
        };
        if !known.contains(&self.style) {
            return Err(format!("written in the style `{}`, which is none of its place", self.style));
        }
        match &value.data {
            Data::Null => Ok(Vec::new()),
            Data::List(items) => {
                let items: Option<Vec<String>> =
                    items.iter().filter(|item| !matches!(item.data, Data::Null)).map(Node::scalar).collect();
                self.list(&items.ok_or_else(nested)?)
            }
            Data::Map(members) => {
                let members = members.iter().filter(|member| !matches!(member.value.data, Data::Null));
                let members: Option<Vec<_>> =
                    members.map(|member| Some((member.key.clone(), member.value.scalar()?))).collect();
                self.object(&members.ok_or_else(nested)?)
            }
            Data::Flag(_) | Data::Number(_) | Data::Text(_) => self.scalar(&value.scalar().unwrap_or_default()),
        }
    }

    fn scalar(&self, text: &str) -> Result<Vec<Piece>, String> {
        if self.style == "deepObject" {
            return Err("no object, and the style `deepObject` writes objects only".to_owned());
        }
        let is_reserved = self.reserved && self.place == Place::Query;
        let piece = self.piece(self.prefix(text.is_empty()), text);
        Ok(vec![match self.style {
            "cookie" => Piece { encoded: true, ..piece },
            _ if is_reserved => Piece { value: self.encoded(text), encoded: true, ..piece },
            _ => piece,
        }])
    }

    fn list(&self, items: &[String]) -> Result<Vec<Piece>, String> {
        if self.style == "deepObject" {
            return Err("a list, and the style `deepObject` writes objects only".to_owned());
        }
        if items.is_empty() {
            return Ok(self.nothing());
        }
        let encoded = || items.iter().map(|item| self.encoded(item));
        Ok(match (self.place, self.explode) {
            (Place::Query, true) => items.iter().flat_map(|item| self.scalar(item)).flatten().collect(),
            (Place::Cookie, true) if self.style == "cookie" => {
                items.iter().flat_map(|item| self.scalar(item)).flatten().collect()
            }
            (Place::Cookie, true) if items.len() > 1 => return Err(several_cookies()),
            (Place::Header, _) => vec![self.piece("", &self.joined_in_header(items.iter().cloned())?)],
            (Place::Path, true) if self.style == "matrix" => {
                let name = self.encoded(self.name);
                let pairs = encoded().map(|item| assigned(&name, &item));
                vec![self.encoded_piece(";", &pairs.collect::<Vec<_>>().join(";"))]
            }
            _ => vec![self.encoded_piece(&self.prefix(false), &self.joined(items.iter())?)],
        })
    }

    fn object(&self, members: &[(String, String)]) -> Result<Vec<Piece>, String> {
        if members.is_empty() {
            return Ok(self.nothing());
        }
        let named = |(key, value): &(String, String)| Style { name: key, ..*self }.scalar(value);
        let flat = members.iter().flat_map(|(key, value)| [key, value]);
        Ok(match (self.place, self.style, self.explode) {
            (_, "deepObject", _) => {
                let names = members.iter().map(|(key, value)| (format!("{}[{key}]", self.name), value));
                let pieces = names.map(|(name, value)| Style { name: &name, style: "form", ..*self }.scalar(value));
                pieces.collect::<Result<Vec<_>, _>>()?.concat()
            }
            (_, "spaceDelimited" | "pipeDelimited", true) => {
                return Err(format!("an object, and the style `{}` writes none with `explode: true`", self.style));
            }
            (Place::Query, _, true) | (Place::Cookie, "cookie", true) => {
                members.iter().map(named).collect::<Result<Vec<_>, _>>()?.concat()
            }
            (Place::Cookie, _, true) if members.len() > 1 => return Err(several_cookies()),
            (Place::Cookie, _, true) => members.iter().map(named).collect::<Result<Vec<_>, _>>()?.concat(),
            (Place::Header, _, true) => {
                let pairs = members.iter().map(|(key, value)| format!("{key}={value}"));
                vec![self.piece("", &self.joined_in_header(pairs)?)]
            }
            (Place::Header, _, false) => vec![self.piece("", &self.joined_in_header(flat.cloned())?)],
            (Place::Path, "label", true) if flat.clone().any(|text| text.contains('.')) => {
                return Err(inseparable('.'));
            }
            (Place::Path, style, true) => {
                let pairs = members.iter().map(|(key, value)| (self.encoded(key), self.encoded(value)));
                let pairs: Vec<String> = match style {
                    "matrix" => pairs.map(|(key, value)| assigned(&key, &value)).collect(),
                    _ => pairs.map(|(key, value)| format!("{key}={value}")).collect(),
                };
                let (prefix, between) = match style {
                    "matrix" => (";", ";"),
                    "label" => (".", "."),
                    _ => ("", ","),
                };
                vec![self.encoded_piece(prefix, &pairs.join(between))]
            }
            (_, _, false) => vec![self.encoded_piece(&self.prefix(false), &self.joined(flat)?)],
        })
    }

    /// What stands for a list without items: RFC 6570 knows no such thing, and OpenAPI allows the bare name where it says.
    fn nothing(&self) -> Vec<Piece> {
        if self.empty && self.place == Place::Query { vec![self.piece("", "")] } else { Vec::new() }
    }

    fn prefix(&self, is_empty: bool) -> String {
        match self.style {
            "label" => ".".to_owned(),
            // RFC 6570, 3.2.7: the name alone.
            "matrix" if is_empty => format!(";{}", self.encoded(self.name)),
            "matrix" => format!(";{}=", self.encoded(self.name)),
            _ => String::new(),
        }
    }

    fn piece(&self, prefix: impl Into<String>, value: &str) -> Piece {
        Piece { name: self.name.to_owned(), prefix: prefix.into(), value: value.to_owned(), encoded: false }
    }

    fn encoded_piece(&self, prefix: &str, value: &str) -> Piece {
        Piece { encoded: true, ..self.piece(prefix, value) }
    }

    /// Several values as one, in a path, a query or a cookie.
    fn joined<'v>(&self, values: impl Iterator<Item = &'v String> + Clone) -> Result<String, String> {
        let (sign, between) = match (self.style, self.explode) {
            ("spaceDelimited", _) => (Some(' '), "%20"),
            ("pipeDelimited", _) => (Some('|'), "%7C"),
            ("label", true) => (Some('.'), "."),
            ("cookie", _) => (Some(','), ","),
            _ if self.reserved => (Some(','), ","),
            _ => (None, ","),
        };
        // Encoded, these read as their separator does.
        if let Some(sign) = sign.filter(|sign| values.clone().any(|value| value.contains(*sign))) {
            return Err(inseparable(sign));
        }
        let values: Vec<String> = match self.style {
            "cookie" => values.cloned().collect(),
            _ => values.map(|value| self.encoded(value)).collect(),
        };
        Ok(values.join(between))
    }

    /// Several values as one header, where nothing is encoded.
    fn joined_in_header(&self, values: impl Iterator<Item = String>) -> Result<String, String> {
        let values: Vec<String> = values.collect();
        match values.iter().any(|value| value.contains(',')) {
            true => Err(inseparable(',')),
            false => Ok(values.join(",")),
        }
    }

    fn encoded(&self, text: &str) -> String {
        let set = if self.reserved && self.place == Place::Query { RESERVED } else { ENCODED };
        utf8_percent_encode(text, set).to_string()
    }
}

/// `name=value`, or the name alone (RFC 6570, 3.2.7).
fn assigned(name: &str, value: &str) -> String {
    if value.is_empty() { name.to_owned() } else { format!("{name}={value}") }
}

fn nested() -> String {
    "nested, and no style says how that is written".to_owned()
}

fn several_cookies() -> String {
    "several, and no style says how `explode: true` writes them as a cookie".to_owned()
}

fn inseparable(sign: char) -> String {
    format!("a list with `{sign}` in a value, which cannot be told from the separator")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::read;
    use crate::source::Diagnostics;

    /// What becomes of a value in each of the two forms of `explode`, as one line.
    #[track_caller]
    fn check(place: Place, style: &str, value: &str, expected: [&str; 2]) {
        let node = read(&format!("value: {value}"), &mut Diagnostics::default()).unwrap();
        for (explode, expected) in [false, true].into_iter().zip(expected) {
            let style = Style { name: "p", place, style, explode, reserved: false, empty: false };
            let line = match style.pieces(node.get("value").unwrap()) {
                Ok(pieces) => pieces
                    .iter()
                    .map(|it| format!("{}{}{}{}", it.name, if it.encoded { ":" } else { "=" }, it.prefix, it.value))
                    .collect::<Vec<_>>()
                    .join(" "),
                Err(reason) => reason,
            };
            assert_eq!(line, expected, "explode: {explode}");
        }
    }

    const LIST: &str = "[red, 'a,b']";
    const OBJECT: &str = "{R: 100, G: 'a b'}";

    #[test]
    fn in_a_path() {
        check(Place::Path, "simple", LIST, ["p:red,a%2Cb"; 2]);
        check(Place::Path, "simple", OBJECT, ["p:R,100,G,a%20b", "p:R=100,G=a%20b"]);
        check(Place::Path, "label", "red", ["p=.red"; 2]);
        check(Place::Path, "label", LIST, ["p:.red,a%2Cb", "p:.red.a%2Cb"]);
        check(Place::Path, "label", OBJECT, ["p:.R,100,G,a%20b", "p:.R=100.G=a%20b"]);
        let dot = "a list with `.` in a value, which cannot be told from the separator";
        check(Place::Path, "label", "[1.5, 2]", ["p:.1.5,2", dot]);
        check(Place::Path, "matrix", "red", ["p=;p=red"; 2]);
        check(Place::Path, "matrix", "''", ["p=;p"; 2]);
        check(Place::Path, "matrix", LIST, ["p:;p=red,a%2Cb", "p:;p=red;p=a%2Cb"]);
        check(Place::Path, "matrix", OBJECT, ["p:;p=R,100,G,a%20b", "p:;R=100;G=a%20b"]);
        check(Place::Path, "form", "red", ["written in the style `form`, which is none of its place"; 2]);
    }

    #[test]
    fn in_a_query() {
        check(Place::Query, "form", "a b", ["p=a b"; 2]);
        check(Place::Query, "form", LIST, ["p:red,a%2Cb", "p=red p=a,b"]);
        check(Place::Query, "form", OBJECT, ["p:R,100,G,a%20b", "R=100 G=a b"]);
        check(Place::Query, "spaceDelimited", "[1, 2]", ["p:1%202", "p=1 p=2"]);
        check(Place::Query, "pipeDelimited", "[1, 2]", ["p:1%7C2", "p=1 p=2"]);
        let pipe = "a list with `|` in a value, which cannot be told from the separator";
        check(Place::Query, "pipeDelimited", "[1, 'a|b']", [pipe, "p=1 p=a|b"]);
        check(Place::Query, "deepObject", OBJECT, ["p[R]=100 p[G]=a b"; 2]);
        check(Place::Query, "deepObject", LIST, ["a list, and the style `deepObject` writes objects only"; 2]);
        check(Place::Query, "deepObject", "{a: {b: 1}}", ["nested, and no style says how that is written"; 2]);
        check(Place::Query, "form", "[]", ["", ""]);
        check(Place::Query, "form", "{}", ["", ""]);
        check(Place::Query, "form", "[null, 1]", ["p:1", "p=1"]);
    }

    #[test]
    fn in_headers_and_cookies() {
        check(Place::Header, "simple", "[a, b c]", ["p=a,b c"; 2]);
        check(Place::Header, "simple", "{R: 100, G: 2}", ["p=R,100,G,2", "p=R=100,G=2"]);
        let comma = "a list with `,` in a value, which cannot be told from the separator";
        check(Place::Header, "simple", LIST, [comma; 2]);
        let several = "several, and no style says how `explode: true` writes them as a cookie";
        check(Place::Cookie, "form", LIST, ["p:red,a%2Cb", several]);
        check(Place::Cookie, "form", "[1]", ["p:1", "p:1"]);
        check(Place::Cookie, "cookie", "[1, a b]", ["p:1,a b", "p:1 p:a b"]);
        check(Place::Cookie, "form", "a b", ["p=a b"; 2]);
    }

    #[test]
    fn reserved_characters_stay_where_they_are_allowed_to() {
        let node = read("value: 'a/b?c=d&e+f#g'", &mut Diagnostics::default()).unwrap();
        let style = Style { name: "p", place: Place::Query, style: "form", explode: true, reserved: true, empty: true };
        let pieces = style.pieces(node.get("value").unwrap()).unwrap();
        assert_eq!((pieces[0].value.as_str(), pieces[0].encoded), ("a/b?c=d%26e%2Bf%23g", true));
        let node = read("value: []", &mut Diagnostics::default()).unwrap();
        assert_eq!(style.pieces(node.get("value").unwrap()).unwrap(), [style.piece("", "")]);
    }
}
