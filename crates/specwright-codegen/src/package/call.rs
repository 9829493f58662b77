//! An example call of the first operation of a client, with the values that the document has.

use std::fmt::Write;

use conformance_engine::suite::{Case, Parameter, Place};
use openapi_document::document::{is_json, snake_case};
use openapi_document::{Api, cases_of};
use proc_macro2::Delimiter;
use serde_json::Value;

use crate::fixtures::recordings::server;
use crate::input::security::requirements;
use crate::rust::items::{items, module};
use crate::rust::tree::Tree;
use crate::text::{is_keyword, operation_name};

/// A call of one operation.
pub(super) struct Call {
    /// The address of the server.
    server: String,
    /// A Rust expression for the credentials, if the operation asks for some.
    credentials: Option<String>,
    method: String,
    setters: Vec<Setter>,
}

/// A part of the builder that the call sets.
struct Setter {
    name: String,
    /// The type that the value is converted into.
    kind: String,
    /// A Rust expression, if one can be made of what the document has.
    value: Option<String>,
}

/// The call of the first operation in the document that the client has.
pub(super) fn first(api: &Api<'_>, client: &[Tree]) -> Option<Call> {
    let client = Client::of(client)?;
    let mut operations = api.operations().iter();
    let (operation, builder) = operations.find_map(|operation| {
        let builder = client.builder_of(&operation_name(operation.id))?;
        Some((operation, builder))
    })?;
    let cases = cases_of(api, operation);
    let case = cases.iter().find(|case| (200..300).contains(&case.expected.status));
    let setters = client.setters(&builder)?.into_iter();
    let setters = setters.filter_map(|(name, kind, is_required)| {
        let value = case.and_then(|case| client.value(case, &name, &kind));
        (is_required || value.is_some()).then_some(Setter { name, kind, value })
    });
    let alternatives = requirements(api.document(), operation);
    Some(Call {
        server: server(api.document()),
        credentials: alternatives.first().and_then(|schemes| client.credentials(schemes)),
        method: operation_name(operation.id),
        setters: setters.collect(),
    })
}

impl Call {
    /// A function that makes the call, as a program that uses the crate has it.
    pub(super) fn program(&self, crate_name: &str) -> String {
        let values = self.setters.iter().filter_map(|setter| setter.value.as_deref());
        let has_types = values.clone().any(|value| value.contains("types::"));
        let used = [("Client", true), ("Credentials", self.credentials.is_some()), ("types", has_types)];
        let used: Vec<&str> = used.iter().filter(|(_, is_used)| *is_used).map(|(name, _)| *name).collect();
        let used = if let [only] = used[..] { only.to_owned() } else { format!("{{{}}}", used.join(", ")) };
        let with = self.credentials.as_ref().map_or_else(String::new, |value| format!(".with_credentials({value})"));
        let mut program = format!(
            "use {}::{used};\n\nasync fn call() -> Result<(), Box<dyn std::error::Error>> {{\n    \
             let client = Client::new({:?}){with};\n    let reply = client\n        .{}()\n",
            crate_name.replace('-', "_"),
            self.server,
            self.method
        );
        for Setter { name, kind, value } in &self.setters {
            // Writing to a string cannot fail.
            let _ = match value {
                Some(value) => writeln!(program, "        .{name}({value})"),
                None => writeln!(program, "        // .{name}(…) takes {kind}"),
            };
        }
        program + "        .send()\n        .await?;\n    println!(\"{reply:?}\");\n    Ok(())\n}\n"
    }
}

/// The parts of a client that an example needs.
struct Client<'t> {
    /// What is in `impl Client`.
    methods: Vec<&'t [Tree]>,
    builder: &'t [Tree],
    types: &'t [Tree],
    /// Nothing, if there are no security schemes.
    credentials: &'t [Tree],
}

impl<'t> Client<'t> {
    fn of(client: &'t [Tree]) -> Option<Client<'t>> {
        let part = |name: &str| {
            items(client)
                .find_map(|item| module(item).filter(|(found, _)| *found == name).map(|(_, inside)| &inside[..]))
        };
        let methods = items(client).filter_map(|item| match item {
            [.., first, name, body] if first.is_word("impl") && name.is_word("Client") => {
                body.within(Delimiter::Brace).map(Vec::as_slice)
            }
            _ => None,
        });
        Some(Client {
            methods: methods.collect(),
            builder: part("builder")?,
            types: part("types")?,
            credentials: part("credentials").unwrap_or(&[]),
        })
    }

    /// The name of the builder that a method returns.
    fn builder_of(&self, method: &str) -> Option<String> {
        let found = |methods: &&[Tree]| {
            let at = methods.windows(2).position(|pair| pair[0].is_word("fn") && pair[1].is_word(method))?;
            let rest = &methods[at..];
            let end = rest.iter().position(|tree| tree.within(Delimiter::Brace).is_some())?;
            let at = rest[..end].iter().position(|tree| tree.is_word("builder"))?;
            word(rest[at..end].get(3)?)
        };
        self.methods.iter().find_map(found)
    }

    /// `Credentials` with placeholders for the values of security schemes that go together; nothing for none.
    fn credentials(&self, schemes: &[&str]) -> Option<String> {
        let calls: Option<String> = schemes.iter().map(|scheme| self.credential(scheme)).collect();
        calls.filter(|calls| !calls.is_empty()).map(|calls| format!("Credentials::new(){calls}"))
    }

    /// The call that adds the values of one security scheme.
    fn credential(&self, scheme: &str) -> Option<String> {
        let name = operation_name(scheme);
        let found =
            items(self.credentials).filter_map(|item| item.last()?.within(Delimiter::Brace)).find_map(|body| {
                let at = body.windows(2).position(|pair| pair[0].is_word("fn") && pair[1].is_word(&name))?;
                body.get(at + 2)?
                    .within(Delimiter::Parenthesis)
                    .filter(|taken| taken.first().is_some_and(|it| it.is_word("self")))
            })?;
        let is_single = |at: usize| found.get(at).is_some_and(|tree| tree.is_punct(':'));
        let named = |at: usize| is_single(at + 1) && !is_single(at + 2) && (at == 0 || !is_single(at - 1));
        let names = (0..found.len()).filter(|at| named(*at)).filter_map(|at| word(&found[at]));
        let values: Vec<String> = names.map(|name| format!("{:?}", name.to_uppercase())).collect();
        Some(format!(".{name}({})", values.join(", ")))
    }

    /// What a builder takes: the name, the type, and whether nothing can be sent without it.
    fn setters(&self, builder: &str) -> Option<Vec<(String, String, bool)>> {
        let body = items(self.builder).find_map(|item| {
            let is_own = item.first()?.is_word("impl") && item.iter().any(|tree| tree.is_word(builder));
            item.last()?.within(Delimiter::Brace).filter(|_| is_own)
        })?;
        let functions: Vec<&[Tree]> = items(body).collect();
        let new = functions
            .iter()
            .find(|item| item.windows(2).any(|pair| pair[0].is_word("fn") && pair[1].is_word("new")))?;
        let set = new.last()?.within(Delimiter::Brace)?.last()?.within(Delimiter::Brace)?;
        let is_required = |name: &str| {
            set.windows(4).any(|part| part[0].is_word(name) && part[1].is_punct(':') && part[2].is_word("Err"))
        };
        let setter = |item: &&[Tree]| {
            let name = word(item.get(item.iter().position(|tree| tree.is_word("fn"))? + 1)?)?;
            let from = item.iter().position(|tree| tree.is_word("TryInto"))? + 2;
            let kind = type_text(item.get(from..)?);
            let is_required = is_required(&name);
            Some((name, kind, is_required))
        };
        Some(functions.iter().filter_map(setter).collect())
    }

    /// An expression for the value that the case has for a setter.
    fn value(&self, case: &Case, setter: &str, kind: &str) -> Option<String> {
        let is_own = |parameter: &&Parameter| {
            let name = snake_case(&parameter.name);
            setter == name || is_keyword(&name) && setter.strip_suffix('_') == Some(&name)
        };
        let mut parameters = case.request.parameters.iter().filter(|parameter| !parameter.constant);
        if let Some(parameter) = parameters.find(is_own) {
            let is_plain = parameter.prefix.is_empty() && !parameter.encoded && parameter.place != Place::Cookie;
            return is_plain.then(|| self.literal(kind, &parameter.value)).flatten();
        }
        let body = case.request.body.as_ref().filter(|body| setter == "body" && !body.raw)?;
        match &body.value {
            Value::String(text) if kind == STRING => Some(format!("{text:?}")),
            value if is_json(&body.media_type) && self.is_read(kind) => Some(from_json(kind, value)),
            _ => None,
        }
    }

    /// A documented text as an expression that converts into the type.
    fn literal(&self, kind: &str, text: &str) -> Option<String> {
        let plain = kind.strip_prefix("::std::primitive::").unwrap_or(kind);
        match plain {
            STRING => return Some(format!("{text:?}")),
            "bool" => return text.parse::<bool>().ok().map(|value| value.to_string()),
            "f32" | "f64" => {
                return text.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| format!("{value:?}"));
            }
            _ => {}
        }
        // `NonZero` types are made from their own integer only.
        let integer = plain.strip_prefix("::std::num::NonZero").map_or(plain.to_owned(), str::to_ascii_lowercase);
        if INTEGERS.contains(&&*integer) {
            let fits = text.parse::<i128>().is_ok() && (integer.starts_with('i') || !text.starts_with('-'));
            return fits.then(|| format!("{text}{integer}"));
        }
        if ["::uuid::", "::chrono::", "::std::net::"].iter().any(|start| kind.starts_with(start)) {
            return Some(format!("{text:?}.parse::<{}>()?", kind.trim_start_matches("::")));
        }
        let name = kind.strip_prefix("types::")?;
        self.is_made_of_text(name).then(|| format!("{text:?}"))
    }

    /// Whether a text can be converted into the type: `impl TryFrom<&str> for Name`.
    fn is_made_of_text(&self, name: &str) -> bool {
        items(self.types).any(|item| {
            item.first().is_some_and(|tree| tree.is_word("impl"))
                && item.iter().any(|tree| tree.is_word("TryFrom"))
                && item.iter().any(|tree| tree.is_word("str"))
                && item.windows(2).any(|pair| pair[0].is_word("for") && pair[1].is_word(name))
        })
    }

    /// Whether JSON can be read as this type.
    fn is_read(&self, kind: &str) -> bool {
        let names: Vec<&str> = kind
            .split("types::")
            .skip(1)
            .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default())
            .collect();
        !names.is_empty() && names.iter().all(|name| self.has_deserialize(name))
    }

    fn has_deserialize(&self, name: &str) -> bool {
        items(self.types).any(|item| {
            let is_own = item.windows(2).any(|pair| {
                ["struct", "enum", "for"].iter().any(|word| pair[0].is_word(word)) && pair[1].is_word(name)
            });
            is_own && mentions(item, "Deserialize")
        })
    }
}

const STRING: &str = "::std::string::String";
const INTEGERS: [&str; 8] = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"];

/// Whether a word is in the head of an item: not in its body.
fn mentions(item: &[Tree], word: &str) -> bool {
    item.iter().any(|tree| match tree {
        Tree::Group(group) => group.delimiter != Delimiter::Brace && mentions(&group.trees, word),
        tree => tree.is_word(word),
    })
}

/// An expression that reads the value as this type.
fn from_json(kind: &str, value: &Value) -> String {
    let json = value.to_string();
    let mut fence = String::from("#");
    while json.contains(&format!("\"{fence}")) {
        fence.push('#');
    }
    format!("serde_json::from_str::<{}>(r{fence}\"{json}\"{fence})?", kind.trim_start_matches("::"))
}

/// The type up to the `>` that closes the list it is in.
fn type_text(trees: &[Tree]) -> String {
    let (mut depth, mut out) = (0usize, String::new());
    for tree in trees {
        match tree {
            Tree::Punct('>', _) if depth == 0 => break,
            Tree::Punct(punct, _) => {
                match punct {
                    '<' => depth += 1,
                    '>' => depth -= 1,
                    _ => {}
                }
                out.push(*punct);
                if *punct == ',' {
                    out.push(' ');
                }
            }
            Tree::Word(word) => out += &word.to_string(),
            Tree::Literal(text) => out += text,
            Tree::Source(text) => out += text,
            Tree::Group(group) => out += &format!("({})", type_text(&group.trees)),
        }
    }
    out
}

fn word(tree: &Tree) -> Option<String> {
    match tree {
        Tree::Word(word) => Some(word.to_string()),
        _ => None,
    }
}
