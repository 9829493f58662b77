//! The client itself: how it is made, its credentials, and what its calls use.

use std::collections::HashSet;

use openapi_document::document::snake_case;
use proc_macro2::Delimiter;
use serde_json::Value;

use super::send::names;
use super::wire;
use crate::lower::CREDENTIALS;
use crate::rust::items::into_items;
use crate::rust::tree::{Tree, parse};
use crate::text::{is_keyword, markdown};

/// The security schemes whose credentials the client can be given.
pub(super) struct Front(Vec<Value>);

impl Front {
    /// What a lowered document says of them.
    pub(super) fn of(lowered: &Value) -> Front {
        let all = lowered.get(CREDENTIALS).and_then(Value::as_array).into_iter().flatten();
        Front(all.filter(|scheme| scheme["place"] != "connection").cloned().collect())
    }

    /// Puts the client's own transport in the place of progenitor's library.
    pub(super) fn apply(&self, client: &mut Vec<Tree>) -> Result<(), String> {
        let mut out = Vec::with_capacity(client.len());
        for mut item in into_items(std::mem::take(client)) {
            let is_use = names(&item, "progenitor_client") && item.iter().any(|tree| tree.is_word("use"));
            let head = item.split_last().map_or(&item[..], |(_, head)| head);
            if is_use {
                let own = if item.iter().any(|tree| tree.is_word("pub")) {
                    "pub use runtime::{ByteStream, Error, ResponseValue};"
                } else {
                    "#[allow(unused_imports)] use runtime::encode_path;"
                };
                out.extend(parse(own)?);
            } else if head.iter().any(|tree| tree.is_word("ClientHooks") || tree.is_word("ClientInfo")) {
                // What progenitor's library asks of a client. An empty statement follows.
            } else if head.iter().any(|tree| tree.is_word("struct")) && head.iter().any(|tree| tree.is_word("Client")) {
                if !self.0.is_empty()
                    && let Some(members) = item.last_mut().and_then(|last| last.within_mut(Delimiter::Brace))
                {
                    members.extend(parse("pub(crate) credentials: Credentials,")?);
                }
                out.append(&mut item);
            } else if is_constructors(&item) {
                out.extend(parse(&self.constructors())?);
            } else {
                uses(&mut item)?;
                out.append(&mut item);
            }
        }
        out.dedup_by(|a, b| a.is_punct(';') && b.is_punct(';'));
        out.extend(wire::runtime()?);
        if !self.0.is_empty() {
            out.extend(parse("pub use credentials::Credentials;")?);
            out.extend(wire::credentials(&self.setters())?);
        }
        *client = out;
        Ok(())
    }

    fn constructors(&self) -> String {
        let has_header = self.0.iter().any(|scheme| scheme["place"] == "header");
        // reqwest itself keeps `Authorization` and cookies from other origins.
        let redirects = if has_header { ".redirect(runtime::same_origin())" } else { "" };
        let member = if self.0.is_empty() { "" } else { "credentials: Credentials::default()," };
        let credentials = if self.0.is_empty() {
            ""
        } else {
            "/// The same client with these credentials. It shares connections with this one.\n
            pub fn with_credentials(&self, credentials: Credentials) -> Self {
                Self { credentials, ..self.clone() }
            }"
        };
        format!(
            "impl Client {{
                /// A client for the service at `baseurl`: scheme and host, port and leading path where there are any.
                /// Connecting, and each call, may take 15 seconds.
                ///
                /// # Panics
                /// The TLS library of reqwest cannot be used; see `reqwest::ClientBuilder::build`.
                pub fn new(baseurl: &str) -> Self {{
                    #[cfg(not(target_arch = \"wasm32\"))]
                    let client = {{
                        let limit = ::std::time::Duration::from_secs(15u64);
                        reqwest::ClientBuilder::new().connect_timeout(limit).timeout(limit){redirects}
                    }};
                    #[cfg(target_arch = \"wasm32\")]
                    let client = reqwest::ClientBuilder::new();
                    Self::new_with_client(baseurl, client.build().unwrap())
                }}

                /// A client with a `reqwest::Client` of your own: other limits of time, a proxy, a certificate.
                pub fn new_with_client(baseurl: &str, client: reqwest::Client) -> Self {{
                    Self {{ baseurl: baseurl.trim_end_matches('/').to_string(), client, {member} }}
                }}

                {credentials}

                /// The address of the service.
                pub fn baseurl(&self) -> &str {{
                    &self.baseurl
                }}
            }}"
        )
    }

    /// The functions of `Credentials` that take one for each scheme, and a constant for each.
    fn setters(&self) -> String {
        let mut taken: HashSet<String> = ["new", "with", "of", "add_to"].map(str::to_owned).into();
        let (mut constants, mut setters) = (String::new(), String::new());
        for scheme in &self.0 {
            let text = |key: &str| scheme[key].as_str().unwrap_or_default();
            let (name, key) = (text("name"), text("key"));
            let (place, what) = match text("place") {
                "basic" => (
                    "Authorization(\"Basic \")".to_owned(),
                    "user name and password, sent as `Authorization: Basic …`".to_owned(),
                ),
                "authorization" => {
                    (format!("Authorization({key:?})"), format!("a token, sent as `Authorization: {key}…`"))
                }
                "header" => (format!("Header({key:?})"), format!("a key, sent as the header {}", markdown::code(key))),
                "query" => {
                    (format!("Query({key:?})"), format!("a key, sent as the query parameter {}", markdown::code(key)))
                }
                _ => (format!("Cookie({key:?})"), format!("a key, sent as the cookie {}", markdown::code(key))),
            };
            let constant = constant(name);
            constants.push_str(&format!("pub(super) const {constant}: Scheme = ({name:?}, Place::{place});"));
            let mut function = snake_case(name);
            if !function.starts_with(|c: char| c.is_alphabetic()) || is_keyword(&function) {
                function = format!("scheme_{function}");
            }
            while !taken.insert(function.clone()) {
                function.push('_');
            }
            let mut doc = format!("The security scheme {}: {what}.", markdown::code(name));
            if let Some(description) = scheme["description"].as_str() {
                doc.push_str("\n\n");
                doc.push_str(description);
            }
            let doc = format!("#[doc = {}]", proc_macro2::Literal::string(&format!(" {}", doc.replace('\n', "\n "))));
            let (arguments, secret) = if text("place") == "basic" {
                (
                    "user_name: impl Into<String>, password: impl Into<String>",
                    "Secret::User { name: user_name.into(), password: password.into() }",
                )
            } else {
                ("token: impl Into<String>", "Secret::Token(token.into())")
            };
            setters.push_str(&format!(
                "{doc} pub fn {function}(self, {arguments}) -> Self {{ self.with({name:?}, {secret}) }}"
            ));
        }
        format!("{constants} impl Credentials {{ {setters} }}")
    }
}

/// The crates that the source of a client uses, in words.
pub(crate) fn needs(client: &str) -> String {
    let mut needs = String::from("reqwest (features json and query), serde (feature derive), serde_json");
    for (path, what) in
        [("::chrono::", "chrono (feature serde)"), ("::regress::", "regress"), ("::uuid::", "uuid (feature serde)")]
    {
        if client.contains(path) {
            needs.push_str(", ");
            needs.push_str(what);
        }
    }
    needs
}

/// The name of the constant for a security scheme: different ones for different names.
pub(super) fn constant(scheme: &str) -> String {
    let mut name = String::from("SCHEME_");
    for c in scheme.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else {
            name.push_str(&format!("_{:x}_", u32::from(c)));
        }
    }
    name
}

/// `impl Client { pub fn new(…) … }`
fn is_constructors(item: &[Tree]) -> bool {
    let [keyword, name, body] = item else { return false };
    keyword.is_word("impl")
        && name.is_word("Client")
        && body.within(Delimiter::Brace).is_some_and(|body| names(body, "new_with_client"))
}

/// What calls import and use of progenitor's library.
fn uses(trees: &mut Vec<Tree>) -> Result<(), String> {
    let mut at = 0;
    while at < trees.len() {
        if trees[at].is_word("progenitor_client") {
            trees.splice(at..=at, parse("super::runtime")?);
        }
        let is_use = at >= 4 && trees[at - 4].is_word("use");
        if let Tree::Group(group) = &mut trees[at] {
            if is_use && group.trees.iter().any(|tree| tree.is_word("OperationInfo")) {
                group.trees = parse("encode_path, ByteStream, Error, ResponseValue")?;
            } else {
                uses(&mut group.trees)?;
            }
        }
        at += 1;
    }
    Ok(())
}
