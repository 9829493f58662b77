//! Runtime expressions of OpenAPI: values of an exchange that another request takes.
//!
//! Source: OpenAPI 3.1.1, section 4.8.20.3, Runtime Expressions.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::http::request::Values;
use crate::model::exchange::{Reply, Sent};
use crate::model::percent::{pairs, query};
use crate::model::suite::{Case, Taken};

/// One exchange, as expressions see it.
pub(crate) struct Seen<'e> {
    pub(crate) case: &'e Case,
    pub(crate) sent: &'e Sent,
    pub(crate) reply: &'e Reply,
    /// The path of the endpoint.
    pub(crate) prefix: &'e str,
}

/// Where a value goes.
pub(crate) struct Target<'t> {
    /// The key that it stands under.
    pub(crate) key: &'t str,
    /// The path of the request that takes it, with variables in braces.
    pub(crate) path: &'t str,
    /// The path of the endpoint.
    pub(crate) prefix: &'t str,
}

impl Seen<'_> {
    /// The value that `taken` names, as text. Why there is none, in words.
    pub(crate) fn value(&self, taken: &Taken, target: &Target<'_>) -> Result<String, String> {
        let text = &taken.value;
        if text.starts_with('$') {
            return self.expression(text, target);
        }
        let mut value = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("{$") {
            let (inside, after) = after.split_once('}').ok_or_else(|| format!("`{text}` has no closing brace"))?;
            value.push_str(before);
            value.push_str(&self.expression(&format!("${inside}"), target)?);
            rest = after;
        }
        value.push_str(rest);
        Ok(value)
    }

    fn expression(&self, expression: &str, target: &Target<'_>) -> Result<String, String> {
        let none = |what: &str| format!("the exchange of {} has no `{expression}`{what}", self.case.id);
        let (source, rest) = expression.split_once('.').unwrap_or((expression, ""));
        let found = match (source, rest.split_once('.').unwrap_or((rest, ""))) {
            ("$url", _) => Some(self.sent.url.clone()),
            ("$method", _) => Some(self.sent.method.clone()),
            ("$statusCode", _) => Some(self.reply.status.to_string()),
            ("$request", ("path", name)) => {
                let own = Target { key: &format!("path.{name}"), path: &self.case.request.path, prefix: self.prefix };
                own.variable_of(self.sent.target())
            }
            ("$request", ("query", name)) => {
                pairs(query(&self.sent.url)).find(|(known, _)| known == name).map(|(_, value)| value)
            }
            ("$request", ("header", name)) => header(&self.sent.headers, name).map(str::to_owned),
            ("$response", ("header", name)) => {
                let found = header(&self.reply.headers, name);
                let is_address = ["location", "content-location"].iter().any(|it| name.eq_ignore_ascii_case(it));
                let is_part = is_address && target.key.starts_with("path.");
                if let Some(found) = found.filter(|found| is_part && is_elsewhere(found, &self.sent.url)) {
                    return Err(format!("`{found}` is no address of this endpoint"));
                }
                found.map(|found| if is_address { target.part_of(found) } else { found.to_owned() })
            }
            ("$request", _) if is_body(rest) => {
                let body = self.sent.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
                return part(body.as_ref(), rest).ok_or_else(|| none(""));
            }
            ("$response", _) if is_body(rest) => {
                let value = self.reply.json().ok().and_then(|reading| reading.value.as_ref());
                return part(value, rest).ok_or_else(|| none(&format!(" (status {})", self.reply.status)));
            }
            _ => return Err(format!("`{expression}` is no runtime expression")),
        };
        found.filter(|found| !found.is_empty()).ok_or_else(|| none(""))
    }
}

fn is_body(rest: &str) -> bool {
    rest == "body" || rest.starts_with("body#")
}

/// The part of a body that `body` or `body#/pointer` names, as text: a text without its quotes, everything else as JSON.
fn part(body: Option<&Value>, rest: &str) -> Option<String> {
    let pointer = rest.strip_prefix("body#").unwrap_or_default();
    match body?.pointer(pointer)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        other => Some(other.to_string()),
    }
}

pub(crate) fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

impl Target<'_> {
    /// Of the address of a resource, the value of the path variable that it is for: the address has to fit the path, or to
    /// be nothing but the value. What does not go into a path is the address as it is.
    fn part_of(&self, address: &str) -> String {
        if !self.key.starts_with("path.") {
            return address.to_owned();
        }
        match address.contains('/') {
            false => decoded(address.split(['?', '#']).next().unwrap_or_default()),
            true => self.variable_of(address).filter(|_| self.fits(address)).unwrap_or_default(),
        }
    }

    /// Whether an address is one of the path, or of something above or below it.
    fn fits(&self, address: &str) -> bool {
        let (found, wanted) = (segments(address, self.prefix), segments(self.path, ""));
        wanted.iter().zip(&found).all(|(wanted, found)| wanted.contains('{') || wanted == found)
    }

    /// Whether an address is that of the path with these values, as far as it goes, or nothing but the last of them.
    pub(crate) fn is_at(&self, address: &str, values: &Values) -> bool {
        if !address.contains('/') {
            return true;
        }
        let (found, wanted) = (segments(address, self.prefix), segments(self.path, ""));
        let last = wanted.iter().rposition(|segment| segment.contains('{')).unwrap_or_default();
        let alike = |(wanted, found): (&&str, &&str)| {
            let mut filled = (*wanted).to_owned();
            for name in places(wanted) {
                let value = values.get(&format!("path.{name}"));
                filled = value.map_or(filled.clone(), |value| filled.replace(&format!("{{{name}}}"), value));
            }
            filled == decoded(found) || filled.contains('{')
        };
        found.len() > last && found.len() <= wanted.len() && wanted.iter().zip(&found).all(alike)
    }

    /// The value that a variable of the path has in an address.
    pub(crate) fn variable(&self, name: &str, address: &str) -> Option<String> {
        Target { key: &format!("path.{name}"), ..*self }.variable_of(address)
    }

    /// The value that the variable has in an address that begins as the path does.
    fn variable_of(&self, address: &str) -> Option<String> {
        let braced = format!("{{{}}}", self.key.strip_prefix("path.")?);
        let (found, wanted) = (segments(address, self.prefix), segments(self.path, ""));
        let at = wanted.iter().position(|segment| segment.contains(&braced))?;
        let mut before = wanted.iter().zip(&found).take(at);
        let fits = before.all(|(wanted, found)| wanted.contains('{') || decoded(wanted) == decoded(found));
        let segment = found.get(at).filter(|_| fits)?;
        // The variable may be a part of its segment: `{file}.json`.
        let (start, end) = wanted[at].split_once(&braced)?;
        let segment = decoded(segment);
        Some(segment.strip_prefix(decoded(start).as_str())?.strip_suffix(decoded(end).as_str())?.to_owned())
    }
}

/// Whether an address is of another host or port than `url`. One without a host is not; all names of this machine are one.
pub(crate) fn is_elsewhere(address: &str, url: &str) -> bool {
    let host = |text: &str| -> Option<String> {
        let (scheme, rest) = text.split_once("//").filter(|(scheme, _)| scheme.is_empty() || scheme.ends_with(':'))?;
        let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
        let host = authority.rsplit('@').next()?;
        let usual = match scheme {
            "http:" => ":80",
            "https:" => ":443",
            _ => "",
        };
        let host = host.strip_suffix(usual).unwrap_or(host);
        let (name, port) = match host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|it| it.is_ascii_digit())) {
            Some((name, port)) => (name, port),
            None => (host, ""),
        };
        let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&name);
        Some(format!("{}:{port}", if is_here { "localhost" } else { name }))
    };
    host(address).is_some_and(|found| host(url).is_some_and(|own| own != found))
}

/// The names of the variables of a path.
pub(crate) fn places(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// The parts of the path of an address, below `prefix`.
fn segments<'t>(address: &'t str, prefix: &str) -> Vec<&'t str> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => match path.strip_prefix("//") {
            Some(rest) => rest.find('/').map_or("", |at| &rest[at..]),
            None => path,
        },
    };
    let path = path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    path.trim_matches('/').split('/').collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(expression: &str, key: &str, expected: Result<&str, &str>) {
        let case: Case = serde_json::from_value(json!({
            "id": "build/ok", "operation": "build", "expected": {"status": 201},
            "request": {"method": "POST", "path": "/docks/{dock}/boats", "parameters": [
                {"name": "dock", "in": "path", "value": "d1"}, {"name": "dry", "in": "query", "value": "no"},
            ]},
        }))
        .unwrap();
        let sent = Sent {
            method: "POST".to_owned(),
            url: "http://h:80/base/docks/d2/boats?dry=a%20b".to_owned(),
            headers: vec![("X-Trace".to_owned(), "t".to_owned())],
            body: Some(br#"{"name": "Ada", "crew": [{"id": 3}]}"#.to_vec()),
            wire: None,
        };
        let reply = Reply {
            status: 201,
            headers: vec![("location".to_owned(), "http://h/base/docks/d2/boats/b%207?x=1".to_owned())],
            body: br#"{"id": 7, "of": {"dock": "d2"}, "no": null}"#.to_vec().into(),
            ..Reply::default()
        };
        let seen = Seen { case: &case, sent: &sent, reply: &reply, prefix: "/base" };
        let target = Target { key, path: "/docks/{dock}/boats/{boat}/sail", prefix: "/base" };
        let found = seen.value(&Taken { step: 0, value: expression.to_owned() }, &target);
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{expression} {key}");
    }

    #[test]
    fn every_form_of_expression_is_read() {
        for (expression, expected) in [
            ("$response.body#/id", "7"),
            ("$response.body#/of/dock", "d2"),
            ("$response.body#/of", r#"{"dock":"d2"}"#),
            ("$request.body#/crew/0/id", "3"),
            ("$request.path.dock", "d2"),
            ("$request.query.dry", "a b"),
            ("$request.header.x-trace", "t"),
            ("$statusCode", "201"),
            ("$method", "POST"),
            ("$url", "http://h:80/base/docks/d2/boats?dry=a%20b"),
            ("boat-{$response.body#/id}-{$statusCode}", "boat-7-201"),
            ("a constant", "a constant"),
        ] {
            check(expression, "path.boat", Ok(expected));
        }
        check("$response.body#/no", "id", Err("the exchange of build/ok has no `$response.body#/no` (status 201)"));
        check("$request.header.etag", "id", Err("the exchange of build/ok has no `$request.header.etag`"));
        check("$respnse.body", "id", Err("`$respnse.body` is no runtime expression"));
        check("x{$response.body#/id", "id", Err("`x{$response.body#/id` has no closing brace"));
    }

    #[test]
    fn an_address_fills_the_variable_of_a_path() {
        check("$response.header.Location", "path.boat", Ok("b 7"));
        check("$response.header.Location", "path.dock", Ok("d2"));
        let none = "the exchange of build/ok has no `$response.header.Location`";
        check("$response.header.Location", "path.other", Err(none));
        check("$response.header.Location", "header.Referer", Ok("http://h/base/docks/d2/boats/b%207?x=1"));
    }

    #[test]
    fn an_address_of_another_host_or_port_is_elsewhere() {
        for (address, url, expected) in [
            ("/docks/1", "http://h:8080/docks", false),
            ("1", "http://h:8080/docks", false),
            ("/docks//1", "http://h/docks", false),
            ("http://h/docks/1", "http://h:80/docks", false),
            ("https://H:443/docks/1", "https://h/docks", false),
            ("http://localhost:8080/docks/1", "http://127.0.0.1:8080/docks", false),
            ("http://[::1]:8080/docks/1", "http://localhost:8080/docks", false),
            ("//h:8080/docks/1", "http://h:8080/docks", false),
            ("http://h:8081/docks/1", "http://h:8080/docks", true),
            ("http://other/docks/1", "http://h/docks", true),
            ("//other/docks/1", "http://h/docks", true),
            ("http://h@other/docks/1", "http://h/docks", true),
            ("http://h.other/docks/1", "http://h/docks", true),
        ] {
            assert_eq!(is_elsewhere(address, url), expected, "{address} {url}");
        }
    }
}
