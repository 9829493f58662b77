//! Writes a program that makes the calls of cases with a generated client, and prints what it read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use conformance_engine::suite::{Body, Case, Parameter, Place};

/// What each program begins with: arguments from the texts of a case, and replies as JSON.
const HEAD: &str = include_str!("program_head.rs");

/// What of a generated client is needed to call it, read from its text, which has one form.
#[derive(Default)]
pub(super) struct Client {
    /// operationId -> variant of `Operation`, which the builder is called after.
    variants: BTreeMap<String, String>,
    /// Builder -> the method of the client that makes it.
    methods: BTreeMap<String, String>,
    /// Builder -> its setters: name and the type that it takes.
    setters: BTreeMap<String, BTreeMap<String, String>>,
    /// Enums without serde, by name: their variants, and whether each has a body.
    enums: BTreeMap<String, Vec<(String, bool)>>,
}

impl Client {
    pub(super) fn of(text: &str) -> Client {
        let mut client = Client::default();
        let (mut builder, mut method, mut setter, mut derives, mut variants) = (None, "", None, "", None);
        for line in text.lines() {
            let code = line.trim();
            if let Some((variant, id)) = code.strip_prefix("Operation::").and_then(|rest| rest.split_once(" => \"")) {
                client.variants.insert(unescaped(id.trim_end_matches("\",")), variant.to_owned());
            } else if let Some(builder) = code.strip_prefix("builder::").and_then(|it| it.strip_suffix("::new(self)")) {
                client.methods.insert(builder.to_owned(), method.to_owned());
            } else if let Some(rest) = code.strip_prefix("impl<'a> ") {
                builder = rest.strip_suffix("<'a> {").map(str::to_owned);
            } else if let Some((name, rest)) = code.strip_prefix("pub fn ").and_then(|rest| rest.split_once(['(', '<']))
            {
                method = name;
                setter = rest.starts_with("V>(").then(|| name.to_owned());
            } else if let Some((builder, name)) = builder.as_ref().zip(setter.as_ref())
                && let Some(taken) = code.strip_prefix("V: std::convert::TryInto<")
            {
                let taken = taken.trim_end_matches(',').strip_suffix('>').unwrap_or(taken);
                let setters = client.setters.entry(builder.clone()).or_default();
                setters.insert(name.clone(), taken.to_owned());
                setter = None;
            } else if code.starts_with("#[derive(") {
                derives = code;
            } else if let Some(name) = code.strip_prefix("pub enum ").filter(|_| line.starts_with("    pub")) {
                let name = name.trim_end_matches(" {");
                variants = (!derives.contains("Serialize")).then(|| name.to_owned());
                if let Some(name) = &variants {
                    client.enums.insert(name.clone(), Vec::new());
                }
            } else if line == "    }" {
                variants = None;
            } else if let Some(variants) = variants.as_ref().and_then(|name| client.enums.get_mut(name)) {
                let name: String = code.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if !name.is_empty() && !code.starts_with('#') {
                    variants.push((name, code.contains('(')));
                }
            }
        }
        // Only replies are enums of this kind; `Error` and the like are of the client's own code.
        client.enums.retain(|name, variants| {
            let is_status = |(variant, _): &(String, bool)| variant.starts_with("Status") || variant == "Default";
            (name.ends_with("Error") || name.ends_with("Response")) && variants.iter().all(is_status)
        });
        client
    }

    /// The program for these cases, and why others are not called: case, reason.
    pub(super) fn program(&self, cases: &[(usize, &Case)]) -> (String, Vec<(usize, String)>) {
        let mut text = HEAD.to_owned();
        for (name, variants) in &self.enums {
            let _ =
                writeln!(text, "impl Shown for types::{name} {{\n    fn shown(self) -> Read {{\n        match self {{");
            for (variant, has_body) in variants {
                let arm = if *has_body { "(body) => (&&Body(body)).read()," } else { " => Read::Nothing," };
                let _ = writeln!(text, "            types::{name}::{variant}{arm}");
            }
            let _ = writeln!(text, "        }}\n    }}\n}}");
        }
        let (mut calls, mut left_out) = (String::new(), Vec::new());
        for (index, case) in cases {
            match self.call(*index, case) {
                Ok(call) => {
                    let example = case.expected.body.as_ref().and_then(|body| body.example.as_ref());
                    let example = example.map_or_else(String::new, |example| {
                        let example = example.to_string();
                        format!("    println!(\"{index} example {{}}\", canonical(json({example:?})?));\n")
                    });
                    let _ = writeln!(
                        text,
                        "async fn case_{index}(client: &Client) -> Result<(), String> {{\n{example}    let call = \
                         client{call};\n    finish!({index}, call)\n}}"
                    );
                    let _ = writeln!(
                        calls,
                        "    if let Err(reason) = case_{index}(&client({index})).await {{\n        \
                         println!(\"{index} argument {{}}\", one_line(&reason));\n    }}"
                    );
                }
                Err(reason) => left_out.push((*index, reason)),
            }
        }
        let _ = writeln!(text, "#[tokio::main(flavor = \"current_thread\")]\nasync fn main() {{\n{calls}}}");
        (text, left_out)
    }

    /// `.show().id(…)`: the method and the setters, each with what the case has for it.
    fn call(&self, index: usize, case: &Case) -> Result<String, String> {
        let renamed =
            || self.variants.iter().find(|(id, _)| plain(id) == plain(&case.operation)).map(|(_, variant)| variant);
        let variant = self.variants.get(&case.operation).or_else(renamed).ok_or("the client has no such operation")?;
        let method = self.methods.get(variant).ok_or("no method makes the builder")?;
        let none = BTreeMap::new();
        let setters = self.setters.get(variant).unwrap_or(&none);
        let mut call = format!(".{method}()");
        let mut done = BTreeSet::new();
        for parameter in case.request.parameters.iter().filter(|parameter| !parameter.constant) {
            let (name, taken) = setter(setters, parameter).ok_or_else(|| {
                format!("no setter for the {} parameter `{}`", parameter.place.word(), parameter.name)
            })?;
            if !done.insert(name) {
                continue;
            }
            let all =
                case.request.parameters.iter().filter(|other| setter(setters, other).is_some_and(|it| it.0 == name));
            let values: Vec<String> = all
                .map(|one| {
                    let member = one.name.split_once('[').map_or("", |(_, rest)| rest.trim_end_matches(']'));
                    let value = if one.encoded { decoded(&one.value) } else { one.value.clone() };
                    format!("({member:?}, {value:?})")
                })
                .collect();
            let _ = write!(call, "\n        .{name}(argument::<{}>(&[{}])?)", shortened(taken), values.join(", "));
        }
        if let Some(body) = &case.request.body {
            let taken = setters.get("body").ok_or("no setter for the body")?;
            let _ = write!(call, "\n        .body({})", body_argument(index, body, taken)?);
            // Where several media types will do, the caller chooses.
            if setters.contains_key("content_type") && !done.contains("content_type") {
                let _ = write!(call, "\n        .content_type({:?})", body.media_type);
            }
        }
        Ok(call)
    }
}

fn body_argument(index: usize, body: &Body, taken: &str) -> Result<String, String> {
    let is_json = body.media_type.ends_with("json");
    match (&body.value, taken) {
        (serde_json::Value::String(text), "String" | "reqwest::Body") if !is_json => Ok(format!("{text:?}.to_owned()")),
        (_, "reqwest::Body") => Err(format!("the body of media type {} is a stream", body.media_type)),
        (value, _) if is_json => Ok(format!("json::<{}>(&sent({index}, {:?})?)?", shortened(taken), value.to_string())),
        (serde_json::Value::String(text), _) if body.media_type == "application/x-www-form-urlencoded" => {
            let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
            let pairs: Vec<String> =
                pairs.map(|(name, value)| format!("({:?}, {:?})", form_decoded(name), form_decoded(value))).collect();
            Ok(format!("form::<{}>(&[{}])?", shortened(taken), pairs.join(", ")))
        }
        _ => Err(format!("a body of media type {}", body.media_type)),
    }
}

/// A name without what a rename may change.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The setter of a parameter: called as it is, or with its place before the name where there are two.
fn setter<'a>(setters: &'a BTreeMap<String, String>, parameter: &Parameter) -> Option<(&'a str, &'a str)> {
    let base = match parameter.place {
        Place::Query => parameter.name.split_once('[').map_or(parameter.name.as_str(), |(base, _)| base),
        _ => parameter.name.as_str(),
    };
    let wanted = [
        plain(&format!("{}{}", parameter.place.word(), parameter.name)),
        plain(&format!("{}{base}", parameter.place.word())),
        plain(&parameter.name),
        plain(base),
    ];
    wanted.iter().find_map(|wanted| {
        let (name, taken) = setters.iter().find(|(name, _)| plain(name) == *wanted)?;
        (name != "body").then_some((name.as_str(), taken.as_str()))
    })
}

/// A type as it is called from the program.
fn shortened(taken: &str) -> String {
    taken.replace("super::types::", "types::")
}

pub(super) fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

pub(super) fn form_decoded(text: &str) -> String {
    decoded(&text.replace('+', " "))
}

fn unescaped(text: &str) -> String {
    serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| text.to_owned())
}
