//! Makes calls send and read what progenitor has no form for, as the lowered document says.
//!
//! Lowering gives each operation a form that progenitor takes, and says beside it what is really on the wire
//! ([`PARAMETER`], [`BODY`], [`RESPONSES`], [`CREDENTIALS`]). Here the arguments that progenitor made stay, and what it does
//! with them is replaced by calls of the modules `wire`, `credentials` and `runtime`, which the client then contains.

use std::collections::{HashMap, HashSet};

use openapi_document::document::{pascal_case, variable_names};
use proc_macro2::Delimiter;
use serde_json::Value;

use super::marks::restored;
use super::send::{names, statements, without_own_header};
use super::{front, wire};
use crate::lower::{BODY, CREDENTIALS, Marks, PARAMETER, RESPONSES};
use crate::rust::items::{into_items, items, module};
use crate::rust::tree::{Tree, parse, text};

/// The methods in the order in which progenitor goes through a path item.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What the compiler says where a deprecated operation is called.
pub(super) const DEPRECATED: &str = "the document marks this operation as deprecated";

const UNKNOWN: &str = "a call of the client is not what it was";

/// What is told of the calls of a lowered document, in the order of the client's builders.
pub(super) struct Calls(Vec<Call>);

struct Call {
    /// Names in the path, in their order.
    variables: Vec<String>,
    /// The name that progenitor knows, and what is sent.
    parameters: Vec<(String, Value)>,
    body: Option<Value>,
    replies: Option<Value>,
    /// The alternatives of credentials, each with the names of security schemes.
    credentials: Option<Value>,
    is_deprecated: bool,
}

impl Call {
    fn is_plain(&self) -> bool {
        self.parameters.is_empty() && self.body.is_none() && self.replies.is_none()
    }
}

impl Calls {
    pub(super) fn of(lowered: &Value) -> Self {
        let mut calls = Vec::new();
        for (path, item) in lowered.get("paths").and_then(Value::as_object).into_iter().flatten() {
            for operation in METHODS.iter().filter_map(|method| item.get(method)) {
                let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
                let told =
                    parameters.filter_map(|one| Some((one["name"].as_str()?.to_owned(), one.get(PARAMETER)?.clone())));
                calls.push(Call {
                    variables: variable_names(path).map(str::to_owned).collect(),
                    parameters: told.collect(),
                    body: operation.get("requestBody").and_then(|body| body.get(BODY)).cloned(),
                    replies: operation.get(RESPONSES).cloned(),
                    credentials: operation.get(CREDENTIALS).cloned(),
                    is_deprecated: operation.get("deprecated").is_some_and(|is| *is == true),
                });
            }
        }
        Calls(calls)
    }

    /// Rewrites the calls of a client. With an `inner` type the client reads each reply as one type, whatever its status.
    pub(super) fn apply(&self, client: &mut Vec<Tree>, has_inner: bool, marks: &Marks) -> Result<(), String> {
        self.deprecate(client)?;
        if self.0.iter().all(Call::is_plain) {
            return Ok(());
        }
        let types = Types::of(client)?;
        let mut made: Vec<Made> = Vec::new();
        let builder = body_of(client, "builder").ok_or(UNKNOWN)?;
        let mut calls = self.0.iter();
        let mut out = Vec::with_capacity(builder.len());
        // The struct of a builder, and then what it can do.
        let mut holder: Option<(&Call, Vec<Tree>)> = None;
        for mut item in into_items(std::mem::take(builder)) {
            if item.iter().any(|tree| tree.is_word("struct")) {
                holder = Some((calls.next().ok_or(UNKNOWN)?, item));
                continue;
            }
            if let Some((call, mut structure)) = holder.take() {
                if !call.is_plain() {
                    let mut rewrite = Rewrite {
                        call,
                        types: &types,
                        body: body_type(&structure),
                        has_inner,
                        marks,
                        made: &mut made,
                        wrapped: Vec::new(),
                    };
                    rewrite.implementation(&mut item)?;
                    rewrite.structure(&mut structure)?;
                }
                out.append(&mut structure);
            }
            out.append(&mut item);
        }
        *builder = out;
        if calls.next().is_some() {
            return Err(UNKNOWN.to_owned());
        }
        if let Some(types) = body_of(client, "types") {
            *types = with_types(std::mem::take(types), &made, has_inner)?;
        }
        self.add_modules(client)
    }

    /// Marks the methods of deprecated operations.
    fn deprecate(&self, client: &mut [Tree]) -> Result<(), String> {
        if !self.0.iter().any(|call| call.is_deprecated) {
            return Ok(());
        }
        let builder = body_of(client, "builder").ok_or(UNKNOWN)?;
        let builders = items(builder).filter_map(structure).map(|(name, _)| name);
        let deprecated: HashSet<String> =
            self.0.iter().zip(builders).filter(|(call, _)| call.is_deprecated).map(|(_, name)| name).collect();
        let attribute = parse(&format!("#[deprecated = {DEPRECATED:?}]"))?;
        for at in 2..client.len() {
            if !client[at - 2].is_word("impl") || !client[at - 1].is_word("Client") {
                continue;
            }
            let Some(body) = client[at].within_mut(Delimiter::Brace) else { continue };
            let methods = into_items(std::mem::take(body)).map(|mut method| {
                let made = method.last().and_then(|last| last.within(Delimiter::Brace)).cloned().unwrap_or_default();
                if made.iter().any(|tree| matches!(tree, Tree::Word(word) if deprecated.contains(&word.to_string()))) {
                    // Behind the documentation.
                    let at = method.iter().position(|tree| tree.is_word("pub")).unwrap_or(0);
                    method.splice(at..at, attribute.iter().cloned());
                }
                method
            });
            *body = methods.flatten().collect();
        }
        Ok(())
    }

    fn add_modules(&self, client: &mut Vec<Tree>) -> Result<(), String> {
        if self.0.iter().any(|call| !call.parameters.is_empty() || call.body.is_some()) {
            let file = self.0.iter().find_map(|call| call.body.as_ref()?.get("file")?.as_str());
            let files = file.map(|file| FILES.replace("FilePart", &pascal_case(file)));
            client.extend(wire::requests(&files.unwrap_or_default())?);
        }
        Ok(())
    }
}

/// What the module `wire` has besides where a form has files.
const FILES: &str = "
/// What a form has for a file: one, several or none.
pub(super) trait Files {
    fn add_to(&self, form: &mut Multipart, name: &str, content_type: &str);
}

impl Files for super::types::FilePart {
    fn add_to(&self, form: &mut Multipart, name: &str, content_type: &str) {
        let content_type = self.content_type.as_deref().unwrap_or(content_type);
        form.file(name, self.file_name.as_deref(), content_type, &self.content);
    }
}

impl<T: Files> Files for Option<T> {
    fn add_to(&self, form: &mut Multipart, name: &str, content_type: &str) {
        self.iter().for_each(|file| file.add_to(form, name, content_type));
    }
}

impl<T: Files> Files for Vec<T> {
    fn add_to(&self, form: &mut Multipart, name: &str, content_type: &str) {
        self.iter().for_each(|file| file.add_to(form, name, content_type));
    }
}
";

/// The struct of a class of replies, and what becomes of it.
struct Made {
    name: String,
    /// Of an enum: each variant, the member it is made from if it holds something, and its documentation.
    variants: Option<Vec<(String, Option<String>, String)>>,
    is_success: bool,
}

/// The members of structs among the types: name in Rust, literal of the name on the wire, and type.
struct Types(HashMap<String, Vec<Member>>);

#[derive(Clone)]
struct Member {
    name: String,
    wire: Option<String>,
    tokens: Vec<Tree>,
}

impl Types {
    fn of(client: &mut [Tree]) -> Result<Types, String> {
        let types = body_of(client, "types").ok_or(UNKNOWN)?;
        let mut found = HashMap::new();
        for item in items(types) {
            if let Some((name, body)) = structure(item) {
                found.insert(name, members(body));
            }
        }
        Ok(Types(found))
    }
}

/// The name of a struct, and its members.
fn structure(item: &[Tree]) -> Option<(String, &Vec<Tree>)> {
    let at = item.iter().position(|tree| tree.is_word("struct"))?;
    let Tree::Word(name) = item.get(at + 1)? else { return None };
    Some((name.to_string(), item.last()?.within(Delimiter::Brace)?))
}

fn members(body: &[Tree]) -> Vec<Member> {
    let member = |part: &[Tree]| {
        let colon = part.iter().position(|tree| tree.is_punct(':'))?;
        let Tree::Word(name) = part.get(colon.checked_sub(1)?)? else { return None };
        let wire = part.iter().find_map(|tree| renamed(tree.within(Delimiter::Bracket)?));
        let end = if part.last().is_some_and(|last| last.is_punct(',')) { part.len() - 1 } else { part.len() };
        Some(Member { name: name.to_string(), wire, tokens: part[colon + 1..end].to_vec() })
    };
    super::docs::parts(body).filter_map(member).collect()
}

fn renamed(attribute: &[Tree]) -> Option<String> {
    super::docs::renamed(attribute)
}

/// What is in a module of the client.
fn body_of<'t>(client: &'t mut [Tree], name: &str) -> Option<&'t mut Vec<Tree>> {
    let at = client.windows(2).position(|pair| pair[0].is_word("mod") && pair[1].is_word(name))?;
    client.get_mut(at + 2)?.within_mut(Delimiter::Brace)
}

struct Rewrite<'a> {
    call: &'a Call,
    types: &'a Types,
    /// The type of the body, as progenitor made it.
    body: Option<String>,
    has_inner: bool,
    marks: &'a Marks,
    made: &'a mut Vec<Made>,
    /// Arguments that are a list only for progenitor.
    wrapped: Vec<String>,
}

impl Rewrite<'_> {
    /// The members of a builder.
    fn structure(&self, item: &mut [Tree]) -> Result<(), String> {
        let inside = item.last_mut().and_then(|last| last.within_mut(Delimiter::Brace)).ok_or(UNKNOWN)?;
        for argument in &self.wrapped {
            let at = member_at(inside, argument).ok_or(UNKNOWN)?;
            let mut rest = inside.split_off(at);
            unwrap_one(&mut rest);
            inside.append(&mut rest);
        }
        if self.is_optional() { optional_member(inside) } else { Ok(()) }
    }

    /// The functions of a builder.
    fn implementation(&mut self, item: &mut [Tree]) -> Result<(), String> {
        let inside = item.last_mut().and_then(|last| last.within_mut(Delimiter::Brace)).ok_or(UNKNOWN)?;
        let mut functions: Vec<Vec<Tree>> = into_items(std::mem::take(inside)).collect();
        for function in functions.iter_mut().filter(|function| function_name(function).as_deref() == Some("send")) {
            self.send(function)?;
        }
        for function in &mut functions {
            match function_name(function).as_deref() {
                Some("new") if self.is_optional() => absent_body(function)?,
                Some("body" | "body_map") if self.is_optional() => optional_setter(function)?,
                Some(name) if self.wrapped.iter().any(|argument| argument == name) => while unwrap_one(function) {},
                _ => {}
            }
        }
        *inside = functions.into_iter().flatten().collect();
        Ok(())
    }

    fn send(&mut self, function: &mut Vec<Tree>) -> Result<(), String> {
        if !self.has_inner && self.call.replies.as_ref().is_some_and(|says| says["error"] == "none") {
            no_error(function)?;
        }
        let (body, signature) = function.split_last_mut().ok_or(UNKNOWN)?;
        let signature = signature.to_vec();
        let body = body.within_mut(Delimiter::Brace).ok_or(UNKNOWN)?;
        let mut out = Vec::new();
        let (mut before, mut after) = (String::new(), Vec::new());
        let mut statements = statements(std::mem::take(body));
        let mut answer = statements.pop().ok_or(UNKNOWN)?;
        // The arguments have their own names, and those of the document, in the request.
        // What is read as the document says is sent so, too.
        let is_own = !self.has_inner && self.call.replies.is_some();
        if is_own {
            statements = without_own_header(statements);
        }
        let request = statements.iter_mut().find(|one| is_request(one)).ok_or(UNKNOWN)?;
        let request_name = word_after(request, "mut").ok_or(UNKNOWN)?;
        self.parameters(request, &mut before, &mut after)?;
        if let Some(says) = &self.call.body {
            self.body(says, request, &mut before, &mut after)?;
        }
        if let Some(accept) = self.call.replies.as_ref().and_then(|replies| replies["accept"].as_str()) {
            set_accept(request, accept);
        }
        let mut is_built = false;
        for mut statement in statements {
            if is_own && is_built {
                // progenitor's hooks.
                continue;
            }
            if names(&statement, "baseurl") && names(&statement, "format") {
                self.path(&mut statement, &mut before)?;
                out.extend(parse(&before)?);
            } else if self.is_optional() && is_finished_body(&statement) {
                transpose(&mut statement)?;
            }
            let is_request = is_request(&statement);
            is_built |= is_request;
            if is_request && is_own && after.is_empty() && self.call.credentials.is_none() {
                // Nothing changes it.
                let start = statement.iter().position(|tree| tree.is_word("let")).ok_or(UNKNOWN)?;
                statement.drain(..start);
                statement.retain(|tree| !tree.is_word("mut"));
            }
            out.append(&mut statement);
            if is_request {
                let after: String = after.iter().map(|call| call.replace("REQUEST", &request_name)).collect();
                out.extend(parse(&after)?);
            }
        }
        if let Some(replies) = &self.call.replies {
            let credentials = self.call.credentials.as_ref().filter(|_| is_own).map(alternatives);
            if let Some(alternatives) = credentials {
                let client = "client.credentials";
                out.extend(parse(&format!(
                    "{client}.add_to(&mut {request_name}, &[{alternatives}]).map_err(Error::InvalidRequest)?;"
                ))?);
            }
            let read = self.replies(replies, &signature, &request_name)?;
            if is_own {
                answer = parse(&read)?;
            }
        }
        out.append(&mut answer);
        *body = out;
        Ok(())
    }

    fn is_optional(&self) -> bool {
        self.call.body.as_ref().is_some_and(|body| body["optional"] == true)
    }

    /// Takes the parameters out of the request that are sent otherwise.
    fn parameters(
        &mut self,
        request: &mut Vec<Tree>,
        before: &mut String,
        after: &mut Vec<String>,
    ) -> Result<(), String> {
        let (mut queries, mut cookies) = (Vec::new(), Vec::new());
        for (name, says) in self.call.parameters.iter().filter(|(_, says)| says["in"] != "path") {
            let argument = take_query(request, name).ok_or(UNKNOWN)?;
            if says["wrapped"] == true {
                self.wrapped.push(argument.clone());
            }
            let wire = says["name"].as_str().unwrap_or_default();
            let style = style(&says["style"]);
            let explode = says["explode"] == true;
            let call = match says["in"].as_str() {
                Some("query") => {
                    queries.push(format!("&{argument}"));
                    format!("query({wire:?}, {style}, {explode}, {}, &{argument})", says["reserved"] == true)
                }
                Some("cookie") => {
                    cookies.push(format!("&{argument}"));
                    format!("cookie({wire:?}, {style}, {explode}, &{argument})")
                }
                Some("header") => {
                    after.push(format!("super::wire::add_header(&mut REQUEST, {argument});"));
                    format!("header({wire:?}, {style}, {explode}, &{argument})")
                }
                _ if self.is_optional() => format!("media_type_of(body.as_ref(), {argument}.as_deref(), {argument:?})"),
                _ => format!("media_type(&{argument})"),
            };
            before.push_str(&format!("let {argument} = super::wire::{call}.map_err(Error::InvalidRequest)?;"));
        }
        if !queries.is_empty() {
            after.push(format!("super::wire::add_query(&mut REQUEST, &[{}]);", queries.join(", ")));
        }
        if !cookies.is_empty() {
            after.push(format!("super::wire::add_cookies(&mut REQUEST, &[{}]);", cookies.join(", ")));
        }
        Ok(())
    }

    /// `encode_path(&id.to_string())` in the address, of the parameters that are written otherwise, as `id`.
    fn path(&mut self, statement: &mut [Tree], before: &mut String) -> Result<(), String> {
        let arguments = statement.iter_mut().find_map(|tree| tree.within_mut(Delimiter::Parenthesis)).ok_or(UNKNOWN)?;
        let mut variables = self.call.variables.iter();
        let mut written: Vec<String> = Vec::new();
        let mut at = 0;
        while at + 1 < arguments.len() {
            if arguments[at].is_word("encode_path") {
                let variable = variables.next().ok_or(UNKNOWN)?;
                let argument =
                    arguments[at + 1].within(Delimiter::Parenthesis).and_then(|inside| inside.get(1)).cloned();
                let argument = text(&[argument.ok_or(UNKNOWN)?]);
                let argument = argument.trim_end();
                let says = self.call.parameters.iter().find(|(name, says)| name == variable && says["in"] == "path");
                if let Some((_, says)) = says {
                    let wire = says["name"].as_str().unwrap_or_default();
                    let call = format!(
                        "let {argument} = super::wire::path({wire:?}, {}, {}, &{argument}).map_err(Error::InvalidRequest)?;",
                        style(&says["style"]),
                        says["explode"] == true
                    );
                    // Once, although the path may have it twice.
                    if !written.contains(variable) {
                        before.push_str(&call);
                        written.push(variable.clone());
                        if says["wrapped"] == true {
                            self.wrapped.push(argument.to_owned());
                        }
                    }
                    arguments.splice(at..at + 2, parse(argument)?);
                }
            }
            at += 1;
        }
        Ok(())
    }

    /// Takes the body out of the request, and gives it to the request once it is built.
    fn body(
        &self,
        says: &Value,
        request: &mut Vec<Tree>,
        before: &mut String,
        after: &mut Vec<String>,
    ) -> Result<(), String> {
        take_body(request).ok_or(UNKNOWN)?;
        let is_optional = says["optional"] == true;
        let sent = if is_optional { "body" } else { "Some(body)" };
        let content_type = match (&says["type"], &says["type_argument"]) {
            (Value::String(media), _) => format!("::reqwest::header::HeaderValue::from_static({media:?})"),
            (_, Value::String(argument)) => argument.clone(),
            _ => return Err(UNKNOWN.to_owned()),
        };
        let written = |call: &str| {
            if is_optional {
                format!("let body = body.as_ref().map(|body| {call}).transpose().map_err(Error::InvalidRequest)?;")
            } else {
                let call = call.replace("(body", "(&body");
                format!("let body = {call}.map_err(Error::InvalidRequest)?;")
            }
        };
        match says["send"].as_str() {
            Some("json") => before.push_str(&written("super::wire::json(body)")),
            Some("form") => {
                let encodings = says["encodings"].as_array().into_iter().flatten().map(|one| {
                    let name = one[0].as_str().unwrap_or_default();
                    format!("({name:?}, {}, {}, {})", style(&one[1]), one[2] == true, one[3] == true)
                });
                let encodings = encodings.collect::<Vec<_>>().join(", ");
                before.push_str(&written(&format!("super::wire::form(body, &[{encodings}])")));
            }
            Some("multipart") => {
                let form = self.multipart(says)?;
                if is_optional {
                    before.push_str(&format!(
                        "let body = match body {{ Some(body) => Some({{ {form} }}), None => None, }};"
                    ));
                    let set = "super::wire::set_body(&mut REQUEST, media_type, Some(body));";
                    after.push(format!("if let Some((media_type, body)) = body {{ {set} }}"));
                } else {
                    before.push_str(&format!("let body = {{ {form} }};"));
                    after.push("super::wire::set_body(&mut REQUEST, body.0, Some(body.1));".to_owned());
                }
                return Ok(());
            }
            // Text or bytes, which are a body already.
            _ => {}
        }
        after.push(format!("super::wire::set_body(&mut REQUEST, {content_type}, {sent});"));
        Ok(())
    }

    /// The parts of a form, one after the other.
    fn multipart(&self, says: &Value) -> Result<String, String> {
        let members = self.body.as_ref().and_then(|name| self.types.0.get(name)).ok_or(UNKNOWN)?;
        let file = says["file"].as_str().map(pascal_case);
        let mut out = "let mut form = super::wire::Multipart::default();".to_owned();
        for member in members {
            let literal = member.wire.clone().unwrap_or_else(|| member.name.trim_start_matches("r#").to_owned());
            let media = &says["parts"][restored(&literal, self.marks)];
            let is_file = file.as_ref().is_some_and(|file| names(&member.tokens, file));
            out.push_str(&if is_file {
                let media = media.as_str().unwrap_or("application/octet-stream");
                format!("super::wire::Files::add_to(&body.{}, &mut form, {literal:?}, {media:?});", member.name)
            } else {
                let media = media.as_str().map_or_else(|| "None".to_owned(), |media| format!("Some({media:?})"));
                format!("form.value({literal:?}, {media}, &body.{}).map_err(Error::InvalidRequest)?;", member.name)
            });
        }
        out.push_str("form.finish().map_err(Error::InvalidRequest)?");
        Ok(out)
    }

    /// An expression that sends the request and reads each status as what the document has for it.
    fn replies(&mut self, says: &Value, signature: &[Tree], request: &str) -> Result<String, String> {
        let success = self.made(says, "success", class_type(signature, "ResponseValue"));
        let error = self.made(says, "error", class_type(signature, "Error"));
        let (success, error) = (success.unwrap_or_default(), error.unwrap_or_default());
        let arms = || says["arms"].as_array().into_iter().flatten();
        let is_streamed = |arm: &Value| says["success"] == "one" && arm["read"] == "bytes";
        let default = arms().find(|arm| arm["class"] == "default");
        let has_success = arms().any(|arm| arm["class"] == "success" || arm["class"] == "upgrade");
        // Then other replies are read where they are found.
        let is_stream = says["success"] == "upgrade"
            || arms().any(|arm| arm["class"] == "success" && is_streamed(arm))
            || !has_success && default.is_none_or(is_streamed);
        let reply = if is_stream { "super::runtime::Reply::of(response).await?" } else { "response" };
        let unexpected = format!("Err({reply}.undocumented())");
        let (mut listed, mut ranges) = (String::new(), String::new());
        for arm in arms() {
            let status = arm["status"].as_str().unwrap_or_default();
            let pattern = match (status.parse::<u16>(), status.bytes().next()) {
                (Ok(code), _) => format!("{code}u16"),
                (Err(_), Some(digit)) if digit.is_ascii_digit() => {
                    format!("{}00u16 ..= {}99u16", char::from(digit), char::from(digit))
                }
                _ => continue,
            };
            let read = match arm["class"].as_str() {
                Some("success") => succeeded(arm, &success, says, reply),
                Some("upgrade") => "Ok(ResponseValue::upgrade(response).await?)".to_owned(),
                Some("error") => failed(arm, &error, reply),
                _ => unexpected.clone(),
            };
            let arms = if pattern.contains("..=") { &mut ranges } else { &mut listed };
            arms.push_str(&format!("{pattern} => {{ {read} }}"));
        }
        if !has_success {
            let read = match default {
                Some(arm) => succeeded(arm, &success, says, reply),
                None => "Ok(ResponseValue::stream(response))".to_owned(),
            };
            ranges.push_str(&format!("200u16 ..= 299u16 => {{ {read} }}"));
        }
        let unlisted = default.map_or(unexpected, |arm| failed(arm, &error, reply));
        let send = if is_stream {
            format!("client.client.execute({request}).await?")
        } else {
            format!("super::runtime::read(&client.client, {request}).await?")
        };
        Ok(format!(
            "let response = {send}; match response.status().as_u16() {{ {listed} {ranges} _ => {{ {unlisted} }} }}"
        ))
    }

    /// The type of a class of replies that has more than one body, and whether it is an enum.
    fn made(&mut self, says: &Value, class: &str, name: Option<String>) -> Option<(String, bool)> {
        let is_enum = says[class] == "several";
        if !is_enum && says[class] != "optional" {
            return None;
        }
        let name = name?;
        let is_success = class == "success";
        let arms = says["arms"].as_array().into_iter().flatten();
        let arms =
            arms.filter(|arm| arm["class"] == class || arm["class"] == "default" && self.has_default(says, class));
        let variants = arms.map(|arm| {
            let member = arm["member"].as_str().unwrap_or_default();
            let held = (arm["read"] != "nothing").then(|| member.to_owned());
            let doc = match arm["status"].as_str().unwrap_or_default() {
                "default" => "A reply with any other status.".to_owned(),
                status => format!("A reply with status {status}."),
            };
            (pascal_case(member), held, doc)
        });
        let variants = is_enum.then(|| variants.collect());
        self.made.push(Made { name: name.clone(), variants, is_success });
        Some((name, is_enum))
    }

    /// Whether `default` belongs to the class: to errors always, to successes where none is listed.
    fn has_default(&self, says: &Value, class: &str) -> bool {
        let mut arms = says["arms"].as_array().into_iter().flatten();
        class == "error" || !arms.any(|arm| arm["class"] == "success")
    }
}

/// The alternatives of credentials, as an expression.
fn alternatives(says: &Value) -> String {
    let schemes = |alternative: &Value| {
        let names = alternative.as_array().into_iter().flatten().filter_map(Value::as_str);
        let schemes = names.map(|name| format!("super::credentials::{}", front::constant(name)));
        format!("&[{}]", schemes.collect::<Vec<_>>().join(", "))
    };
    let alternatives = says.as_array().into_iter().flatten().map(schemes);
    alternatives.collect::<Vec<_>>().join(", ")
}

/// An expression that reads a reply as a success.
fn succeeded(arm: &Value, (name, is_enum): &(String, bool), says: &Value, reply: &str) -> String {
    let read = arm["read"].as_str().unwrap_or_default();
    if says["success"] == "one" {
        return match read {
            "json" => format!("{reply}.json(|value| value)"),
            "text" => format!("Ok({reply}.text(|text| text))"),
            "bytes" => "Ok(ResponseValue::stream(response))".to_owned(),
            _ => format!("Ok({reply}.empty(()))"),
        };
    }
    let variant = pascal_case(arm["member"].as_str().unwrap_or_default());
    let into = if *is_enum { format!("types::{name}::{variant}") } else { "::std::option::Option::Some".to_owned() };
    match read {
        "nothing" if *is_enum => format!("Ok({reply}.empty({into}))"),
        "nothing" => format!("Ok({reply}.empty(::std::option::Option::None))"),
        "json" => format!("{reply}.json({into})"),
        read => format!("Ok({reply}.{read}({into}))"),
    }
}

/// An expression that reads a reply as an error.
fn failed(arm: &Value, (name, _): &(String, bool), reply: &str) -> String {
    let variant = pascal_case(arm["member"].as_str().unwrap_or_default());
    let read = arm["read"].as_str().unwrap_or_default();
    format!("Err({reply}.{read}_error(types::{name}::{variant}))")
}

/// `Error<()>` in a signature as an error that nothing is.
fn no_error(function: &mut Vec<Tree>) -> Result<(), String> {
    let at = function.windows(2).position(|pair| pair[0].is_word("Error") && pair[1].is_punct('<')).ok_or(UNKNOWN)?;
    function.splice(at + 2..at + 3, parse("::std::convert::Infallible")?);
    Ok(())
}

/// The last word of what `ResponseValue<types::X>` or `Error<types::X>` in a signature is of.
fn class_type(signature: &[Tree], holder: &str) -> Option<String> {
    let at = signature.windows(2).position(|pair| pair[0].is_word(holder) && pair[1].is_punct('<'))?;
    let inside = signature.get(at + 2..)?;
    let end = inside.iter().position(|tree| tree.is_punct('>'))?;
    inside[..end].iter().rev().find_map(|tree| match tree {
        Tree::Word(name) => Some(name.to_string()),
        _ => None,
    })
}

/// The types with an enum, or an `Option`, in the place of each struct of several replies.
fn with_types(types: Vec<Tree>, made: &[Made], has_inner: bool) -> Result<Vec<Tree>, String> {
    let made: HashMap<&str, &Made> = made.iter().map(|made| (made.name.as_str(), made)).collect();
    let mut out = Vec::with_capacity(types.len());
    for mut item in into_items(types) {
        if let Some(made) = structure(&item).and_then(|(name, _)| made.get(name.as_str())) {
            if has_inner && !made.is_success {
                // There is one error for all.
                continue;
            }
            let members = structure(&item).map(|(_, body)| members(body)).unwrap_or_default();
            out.extend(parse(&replacement(made, &members, has_inner)?)?);
        } else if module(&item).is_some_and(|(name, _)| name == "builder") {
            if let Some(inside) = item.last_mut().and_then(|last| last.within_mut(Delimiter::Brace)) {
                let kept = into_items(std::mem::take(inside)).filter(|item| !is_of(item, &made));
                *inside = kept.flatten().collect();
            }
            out.append(&mut item);
        } else if !is_of(&item, &made) {
            out.append(&mut item);
        }
    }
    Ok(out)
}

/// Whether an item is about a struct that is replaced.
fn is_of(item: &[Tree], made: &HashMap<&str, &Made>) -> bool {
    item.split_last().is_some_and(|(_, head)| names_one(head, made))
}

/// Whether the name of one of the structs is anywhere in these tokens.
fn names_one(trees: &[Tree], made: &HashMap<&str, &Made>) -> bool {
    trees.iter().any(|tree| match tree {
        Tree::Group(group) => names_one(&group.trees, made),
        Tree::Word(word) => made.contains_key(word.to_string().as_str()),
        _ => false,
    })
}

fn replacement(made: &Made, members: &[Member], has_inner: bool) -> Result<String, String> {
    let type_of = |name: &str| {
        let member = members.iter().find(|member| member.name.trim_start_matches("r#").trim_end_matches('_') == name);
        member.map(|member| text(&member.tokens)).ok_or(UNKNOWN)
    };
    let name = &made.name;
    let Some(variants) = &made.variants else {
        let held = type_of("value")?;
        return Ok(format!(
            "/// The body, or nothing for a status without one.\n pub type {name} = ::std::option::Option<{held}>;"
        ));
    };
    if has_inner && made.is_success {
        return Ok(format!("/// What it is depends on the status.\n pub type {name} = ::serde_json::Value;"));
    }
    let class = if made.is_success { "success" } else { "error" };
    let mut out = format!(
        "/// The body of a reply that is {}, by its status.\n",
        if class == "error" { "an error" } else { "a success" }
    );
    out.push_str(&format!("#[derive(Clone, Debug, PartialEq)] pub enum {name} {{"));
    for (variant, member, doc) in variants {
        out.push_str(&format!("/// {doc}\n {variant}"));
        if let Some(member) = member {
            out.push_str(&format!("({})", type_of(member)?));
        }
        out.push(',');
    }
    out.push('}');
    Ok(out)
}

/// `super::wire::Style::Form`
fn style(name: &Value) -> String {
    let name = name.as_str().unwrap_or("form");
    let known = ["simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject", "json"];
    let name = if known.contains(&name) { name } else { "form" };
    let (first, rest) = name.split_at(1);
    format!("super::wire::Style::{}{rest}", first.to_uppercase())
}

/// The word behind another one.
fn word_after(trees: &[Tree], word: &str) -> Option<String> {
    trees.windows(2).find_map(|pair| match pair {
        [first, Tree::Word(name)] if first.is_word(word) => Some(name.to_string()),
        _ => None,
    })
}

/// Takes `.query(&progenitor_client::QueryParam::new("name", &argument))` out of a request; returns the argument.
fn take_query(request: &mut Vec<Tree>, name: &str) -> Option<String> {
    let literal = proc_macro2::Literal::string(name).to_string();
    let at = request.windows(2).position(|pair| {
        pair[0].is_word("query")
            && pair[1].within(Delimiter::Parenthesis).is_some_and(|inside| has_literal(inside, &literal))
    })?;
    let arguments = request[at + 1].within(Delimiter::Parenthesis)?.last()?.within(Delimiter::Parenthesis)?;
    let argument = arguments.iter().rev().find_map(|tree| match tree {
        Tree::Word(name) => Some(name.to_string()),
        _ => None,
    })?;
    request.drain(at - 1..at + 2);
    Some(argument)
}

fn has_literal(trees: &[Tree], literal: &str) -> bool {
    trees.iter().any(|tree| match tree {
        Tree::Group(group) => has_literal(&group.trees, literal),
        Tree::Literal(text) => text == literal,
        _ => false,
    })
}

/// Takes `.json(&body)`, `.form_urlencoded(&body)?` or `.header(CONTENT_TYPE, …).body(body)` out of a request.
fn take_body(request: &mut Vec<Tree>) -> Option<()> {
    let at = request.iter().position(|tree| ["json", "form_urlencoded", "body"].iter().any(|one| tree.is_word(one)))?;
    let is_fallible = request.get(at + 2).is_some_and(|next| next.is_punct('?'));
    request.drain(at - 1..at + 2 + usize::from(is_fallible));
    let header = request.windows(2).position(|pair| pair[0].is_word("header") && names(&pair[1..], "CONTENT_TYPE"));
    if let Some(at) = header {
        request.drain(at - 1..at + 2);
    }
    Some(())
}

/// Asks for the documented media types.
fn set_accept(request: &mut [Tree], accept: &str) {
    let is_accept = |tree: &Tree| tree.within(Delimiter::Parenthesis).is_some_and(|inside| names(inside, "ACCEPT"));
    // Where all is said by `*/*`, it is JSON that is understood.
    if accept.is_empty() || !accept.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return;
    }
    for tree in request.iter_mut().filter(|tree| is_accept(tree)) {
        set_literal(tree, accept);
    }
}

fn set_literal(tree: &mut Tree, text: &str) {
    match tree {
        Tree::Group(group) => group.trees.iter_mut().for_each(|tree| set_literal(tree, text)),
        Tree::Literal(literal) => *literal = proc_macro2::Literal::string(text).to_string(),
        _ => {}
    }
}

/// The statement that builds the request: `#[allow(unused_mut)] let mut request = …;`
fn is_request(statement: &[Tree]) -> bool {
    names(statement, "unused_mut")
}

fn function_name(function: &[Tree]) -> Option<String> {
    word_after(function, "fn")
}

/// Where a member of a struct begins.
fn member_at(body: &[Tree], name: &str) -> Option<usize> {
    body.windows(2).position(|pair| pair[0].is_word(name) && pair[1].is_punct(':'))
}

/// `Foo`, of a builder with `body: Result<types::builder::Foo, String>`.
fn body_type(structure: &[Tree]) -> Option<String> {
    let body = structure.last()?.within(Delimiter::Brace)?;
    let inside = &body[member_at(body, "body")?..];
    let comma = inside.iter().position(|tree| tree.is_punct(','))?;
    match inside.get(comma.checked_sub(1)?)? {
        Tree::Word(name) => Some(name.to_string()),
        _ => None,
    }
}

/// The first `::std::vec::Vec<T>` as `T`; whether there was one.
fn unwrap_one(trees: &mut Vec<Tree>) -> bool {
    // `::std::vec::`, in which `::` is two.
    const PATH: usize = 8;
    let start = trees.windows(2).position(|pair| pair[0].is_word("Vec") && pair[1].is_punct('<'));
    if let Some(at) = start.filter(|at| *at >= PATH) {
        let mut depth = 0_i32;
        let end = trees[at + 1..].iter().position(|tree| {
            depth += i32::from(tree.is_punct('<')) - i32::from(tree.is_punct('>'));
            depth == 0
        });
        if let Some(end) = end {
            trees.remove(at + 1 + end);
            trees.drain(at - PATH..at + 2);
            return true;
        }
    }
    trees.iter_mut().any(|tree| match tree {
        Tree::Group(group) => unwrap_one(&mut group.trees),
        Tree::Literal(text) if text.contains("`::std::vec::Vec<") => {
            *text = text.replacen("`::std::vec::Vec<", "`", 1).replacen(">`", "`", 1);
            true
        }
        _ => false,
    })
}

/// `body: Result<T, String>` as `body: Result<Option<T>, String>`.
fn optional_member(body: &mut Vec<Tree>) -> Result<(), String> {
    let at = member_at(body, "body").ok_or(UNKNOWN)?;
    let open = at + body[at..].iter().position(|tree| tree.is_punct('<')).ok_or(UNKNOWN)?;
    let mut depth = 0_i32;
    let comma = body[open..].iter().position(|tree| {
        depth += i32::from(tree.is_punct('<')) - i32::from(tree.is_punct('>'));
        depth == 1 && tree.is_punct(',')
    });
    let comma = open + comma.ok_or(UNKNOWN)?;
    body.splice(comma..comma, parse(">")?);
    body.splice(open + 1..open + 1, parse("::std::option::Option<")?);
    Ok(())
}

/// The builder begins without a body.
fn absent_body(function: &mut [Tree]) -> Result<(), String> {
    let body = function.last_mut().and_then(|last| last.within_mut(Delimiter::Brace)).ok_or(UNKNOWN)?;
    let members = body.last_mut().and_then(|last| last.within_mut(Delimiter::Brace)).ok_or(UNKNOWN)?;
    let at = member_at(members, "body").ok_or(UNKNOWN)?;
    members.splice(at + 2..at + 4, parse("Ok(None)")?);
    Ok(())
}

/// The setters of a body that need not be there.
fn optional_setter(function: &mut [Tree]) -> Result<(), String> {
    let body = function.last_mut().and_then(|last| last.within_mut(Delimiter::Brace)).ok_or(UNKNOWN)?;
    let end = body.iter().position(|tree| tree.is_punct(';')).ok_or(UNKNOWN)?;
    let map = body[..end].windows(2).position(|pair| {
        pair[0].is_word("map")
            && matches!(pair[1].within(Delimiter::Parenthesis).map(Vec::as_slice), Some([one]) if one.is_word("f"))
    });
    match map {
        Some(at) => {
            body.splice(at + 1..at + 2, parse("(|body| Some(f(body.unwrap_or_default())))")?);
        }
        None => {
            body.splice(end..end, parse(".map(Some)")?);
        }
    }
    Ok(())
}

/// `let body = body.and_then(|v| …).map_err(…)?;`
fn is_finished_body(statement: &[Tree]) -> bool {
    matches!(statement, [first, name, ..] if first.is_word("let") && name.is_word("body"))
        && statement.iter().any(|tree| tree.is_word("and_then"))
}

/// `|v| T::try_from(v)…` as `|v| v.map(|v| T::try_from(v)…).transpose()`.
fn transpose(statement: &mut [Tree]) -> Result<(), String> {
    let at = statement.iter().position(|tree| tree.is_word("and_then")).ok_or(UNKNOWN)?;
    let closure = statement.get_mut(at + 1).and_then(|tree| tree.within_mut(Delimiter::Parenthesis)).ok_or(UNKNOWN)?;
    *closure = parse(&format!("|v| v.map({}).transpose()", text(closure)))?;
    Ok(())
}
