//! Adds documentation to the items that the client generator leaves without it.
//!
//! Its setters are where a caller looks, and the document has a description for most of them: of the parameter in the
//! list of arguments of the call, and of the member at the struct that the setter builds. What has no description gets a
//! line all the same, so that a crate can deny `missing_docs`.

use std::collections::HashMap;

use proc_macro2::{Delimiter, Literal};

use crate::rust::items::{first, items};
use crate::rust::tree::{Tree, documentation, string_literal};
use crate::text::markdown;

/// Gives each public item of the client documentation, in which no code runs.
pub(crate) fn complete(client: &mut Vec<Tree>) {
    let mut words = Words::default();
    words.collect(client);
    module(client, &mut Vec::new(), &words);
    disarm(client);
}

/// Paths, names and values are in the documentation too, and any of them can look like a block of code.
fn disarm(trees: &mut [Tree]) {
    let mut is_doc = false;
    for tree in trees {
        match tree {
            Tree::Group(group) => {
                is_doc = false;
                disarm(&mut group.trees);
            }
            Tree::Literal(literal) if is_doc => {
                let text = string_literal(literal);
                if text.as_deref().is_none_or(markdown::is_suspicious) {
                    *literal = Literal::string(&markdown::inert(&text.unwrap_or_default())).to_string();
                }
            }
            // `doc = "…"`
            tree => is_doc = tree.is_word("doc") || is_doc && tree.is_punct('='),
        }
    }
}

/// What the client says of parameters and members: by the name of the builder or struct, and their own.
#[derive(Default)]
struct Words(HashMap<String, HashMap<String, String>>);

impl Words {
    fn collect(&mut self, trees: &[Tree]) {
        for item in items(trees) {
            let Some(body) = item.last().and_then(|last| last.within(Delimiter::Brace)) else { continue };
            match Head::of(item) {
                Some(Head { keyword: "mod", .. }) => self.collect(body),
                Some(Head { keyword: "struct", name, .. }) => self.members(&name, body),
                None if is_impl(item) => items(body).for_each(|function| self.arguments(function)),
                _ => {}
            }
        }
    }

    fn members(&mut self, owner: &str, body: &[Tree]) {
        for member in parts(body) {
            let text = doc(member);
            if let (Some(name), false) = (member_name(member), text.is_empty()) {
                self.0.entry(owner.to_owned()).or_default().insert(name, text.trim().to_owned());
            }
        }
    }

    /// "Arguments:", and a line for each, is what the client generator makes of parameters.
    fn arguments(&mut self, function: &[Tree]) {
        let Some(builder) = returned_builder(function) else { return };
        let text = doc(function);
        let Some((_, list)) = text.split_once("Arguments:\n") else { return };
        let known = self.0.entry(builder).or_default();
        for line in list.lines() {
            let Some((name, text)) = line.trim().strip_prefix("- `").and_then(|rest| rest.split_once('`')) else {
                continue;
            };
            let text = text.trim_start_matches(':').trim();
            if !text.is_empty() {
                known.insert(name.to_owned(), text.to_owned());
            }
        }
    }

    fn of(&self, owner: &str, name: &str) -> Option<&str> {
        self.0.get(owner)?.get(name.strip_prefix("r#").unwrap_or(name)).map(String::as_str)
    }
}

/// `path`: the modules around it, outermost first.
fn module(trees: &mut Vec<Tree>, path: &mut Vec<String>, words: &Words) {
    complete_each(trees, first, |item| completed(item, path, words));
}

/// Completes what is in an item; returns what it should say of itself, unless it does.
fn completed(item: &mut [Tree], path: &mut Vec<String>, words: &Words) -> Option<String> {
    let head = Head::of(item);
    let is_builder = path.last().is_some_and(|name| name == "builder");
    let is_own_impl = head.is_none() && is_impl(item) && !item.iter().any(|tree| tree.is_word("for"));
    let owner = if is_own_impl { owner(item).unwrap_or_default() } else { String::new() };
    if let Some(body) = item.last_mut().and_then(|last| last.within_mut(Delimiter::Brace)) {
        match &head {
            Some(Head { keyword: "mod", name, .. }) => {
                path.push(name.clone());
                module(body, path, words);
                path.pop();
            }
            Some(Head { keyword: "struct", .. }) => {
                listed(body, |member| is_public(member).then(|| member_name(member)).flatten(), "The member");
            }
            Some(Head { keyword: "enum", .. }) => listed(body, variant_name, "The value"),
            None if is_own_impl => complete_each(body, first, |function| {
                let Head { name, .. } = Head::of(function).filter(|head| head.is_public && !has_doc(function))?;
                Some(words.of(&owner, &name).map_or_else(|| of_function(&name, is_builder), str::to_owned))
            }),
            _ => {}
        }
    }
    let Head { keyword, name, .. } = head.filter(|head| head.is_public && !has_doc(item))?;
    Some(match (keyword, &*name) {
        ("struct", _) if *path == ["types", "builder"] => format!("Builds a [`{name}`](super::{name})."),
        ("mod", "builder") => "Builders, whose setters take whatever converts into the value.".to_owned(),
        ("mod", "types") => "What requests and answers hold.".to_owned(),
        _ => format!("`{name}`."),
    })
}

fn of_function(name: &str, is_builder: bool) -> String {
    match name {
        "new" => "With nothing set.".to_owned(),
        "builder" => "A builder with nothing set.".to_owned(),
        "body" if is_builder => "The body of the request.".to_owned(),
        "body_map" => "Sets members of the body: `.body_map(|body| body.member(value))`.".to_owned(),
        name => format!("Sets `{}`.", name.strip_prefix("r#").unwrap_or(name)),
    }
}

/// Gives members or variants documentation; `name` says which of them need it.
fn listed(body: &mut Vec<Tree>, name: impl Fn(&[Tree]) -> Option<String>, kind: &str) {
    complete_each(body, first_part, |part| {
        let name = name(part).filter(|_| !has_doc(part))?;
        Some(format!("{kind} {}.", markdown::code(&name)))
    });
}

/// Puts documentation before each part of `trees` for which there is a text; `first` says how long the first part is.
fn complete_each(
    trees: &mut Vec<Tree>,
    first: impl Fn(&[Tree]) -> usize,
    mut text: impl FnMut(&mut [Tree]) -> Option<String>,
) {
    let mut missing = Vec::new();
    let mut start = 0;
    while start < trees.len() {
        let end = start + first(&trees[start..]);
        missing.extend(text(&mut trees[start..end]).map(|text| (start, text)));
        start = end;
    }
    if missing.is_empty() {
        return;
    }
    let mut out = Vec::with_capacity(trees.len() + 2 * missing.len());
    let (mut rest, mut taken) = (trees.drain(..), 0);
    for (start, text) in missing {
        out.extend(rest.by_ref().take(start - taken));
        taken = start;
        out.extend(documentation(&format!(" {text}")));
    }
    out.extend(rest);
    *trees = out;
}

/// What a declaration says of itself before its body.
struct Head {
    keyword: &'static str,
    name: String,
    is_public: bool,
}

impl Head {
    /// Of a module, struct, enum or function.
    fn of(item: &[Tree]) -> Option<Head> {
        let mut is_public = false;
        for (at, tree) in item.iter().enumerate() {
            match tree {
                Tree::Group(group) if group.delimiter == Delimiter::Brace => return None,
                Tree::Word(word) => {
                    let keyword = ["mod", "struct", "enum", "fn"].into_iter().find(|keyword| word == keyword);
                    if let Some(keyword) = keyword {
                        let Tree::Word(name) = item.get(at + 1)? else { return None };
                        return Some(Head { keyword, name: name.to_string(), is_public });
                    }
                    if ["impl", "use", "type", "trait"].iter().any(|keyword| word == keyword) {
                        return None;
                    }
                    is_public |= word == "pub";
                }
                _ => {}
            }
        }
        None
    }
}

/// What an item says of itself; nothing if it has characters that are too odd.
fn doc(item: &[Tree]) -> String {
    docs(item).map(|literal| string_literal(literal).unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn has_doc(item: &[Tree]) -> bool {
    docs(item).next().is_some()
}

/// The literal of each `#[doc = "…"]`.
fn docs(item: &[Tree]) -> impl Iterator<Item = &str> {
    item.windows(2).filter_map(|pair| match (&pair[0], pair[1].within(Delimiter::Bracket)?.as_slice()) {
        (Tree::Punct('#', _), [word, Tree::Punct(..), Tree::Literal(literal)]) if word.is_word("doc") => {
            Some(literal.as_str())
        }
        _ => None,
    })
}

/// What commas outside of `<…>` divide, each with its comma.
pub(super) fn parts(mut body: &[Tree]) -> impl Iterator<Item = &[Tree]> {
    std::iter::from_fn(move || {
        let (part, rest) = body.split_at(first_part(body));
        body = rest;
        (!part.is_empty()).then_some(part)
    })
}

/// How many trees the first part is; 0 if there is none.
fn first_part(body: &[Tree]) -> usize {
    let mut depth = 0_usize;
    let comma = body.iter().position(|tree| {
        match tree {
            Tree::Punct('<', _) => depth += 1,
            Tree::Punct('>', _) => depth = depth.saturating_sub(1),
            Tree::Punct(',', _) => return depth == 0,
            _ => {}
        }
        false
    });
    comma.map_or(body.len(), |at| at + 1)
}

fn is_public(member: &[Tree]) -> bool {
    member.iter().any(|tree| tree.is_word("pub"))
}

/// The word before the first colon.
fn member_name(member: &[Tree]) -> Option<String> {
    let at = member.iter().position(|tree| tree.is_punct(':'))?;
    match member.get(at.checked_sub(1)?)? {
        Tree::Word(name) => Some(name.to_string().trim_start_matches("r#").to_owned()),
        _ => None,
    }
}

/// The name of a variant, or what it is on the wire if that is another text.
fn variant_name(variant: &[Tree]) -> Option<String> {
    let renamed = variant.iter().find_map(|tree| renamed(tree.within(Delimiter::Bracket)?));
    renamed.or_else(|| variant.iter().find_map(word))
}

/// `on`, of `serde(rename = "on")`.
pub(super) fn renamed(attribute: &[Tree]) -> Option<String> {
    let inside = attribute.iter().find_map(|tree| tree.within(Delimiter::Parenthesis))?;
    inside.windows(3).find_map(|three| match three {
        [word, Tree::Punct('=', _), Tree::Literal(literal)] if word.is_word("rename") => string_literal(literal),
        _ => None,
    })
}

/// The type that an `impl` is for, without its parameters.
fn owner(item: &[Tree]) -> Option<String> {
    let mut depth = 0_usize;
    let at = item.iter().position(|tree| tree.is_word("impl"))?;
    item[at + 1..].iter().find_map(|tree| {
        match tree {
            Tree::Punct('<', _) => depth += 1,
            Tree::Punct('>', _) => depth = depth.saturating_sub(1),
            tree if depth == 0 => return word(tree),
            _ => {}
        }
        None
    })
}

/// `StopGraph`, of a function that returns a `builder::StopGraph`.
fn returned_builder(function: &[Tree]) -> Option<String> {
    let at = function.iter().position(|tree| tree.is_word("builder"))?;
    function[at + 1..].iter().find_map(word)
}

fn word(tree: &Tree) -> Option<String> {
    match tree {
        Tree::Word(name) => Some(name.to_string()),
        _ => None,
    }
}

fn is_impl(item: &[Tree]) -> bool {
    item.iter().any(|tree| tree.is_word("impl"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust::tree::parse;

    #[track_caller]
    fn check(given: &str, expected: &str) {
        let [mut given, expected] = [given, expected].map(|text| parse(text).unwrap());
        complete(&mut given);
        assert_eq!(given, expected);
    }

    #[test]
    fn a_setter_says_what_the_document_says_of_the_parameter() {
        let call = "impl Client {
            #[doc = \" Stop it\\n\\nArguments:\\n- `disk_id`: The \\\"disk\\\"\\n- `limit`\\n\"]
            pub fn stop(&self) -> builder::Stop<'_> { builder::Stop::new(self) } }";
        check(
            &format!(
                "{call} #[doc = \" b\"] pub mod builder {{ impl<'a> Stop<'a> {{
                    pub fn disk_id<V>(mut self, value: V) -> Self {{ self }}
                    pub fn limit<V>(mut self, value: V) -> Self {{ self }} fn hidden() {{}} }} }}"
            ),
            &format!(
                "{call} #[doc = \" b\"] pub mod builder {{ impl<'a> Stop<'a> {{
                    #[doc = \" The \\\"disk\\\"\"] pub fn disk_id<V>(mut self, value: V) -> Self {{ self }}
                    #[doc = \" Sets `limit`.\"] pub fn limit<V>(mut self, value: V) -> Self {{ self }} fn hidden() {{}}
                }} }}"
            ),
        );
    }

    #[test]
    fn members_and_values_say_their_names_and_builders_what_members_say() {
        check(
            "#[doc = \" t\"] pub mod types {
                #[doc = \" A job\"] #[derive(Clone)] pub struct Job {
                    #[doc = \" Its ID\"] pub id: Map<String, Value>, pub r#type: u8, hidden: u8 }
                pub enum State { #[serde(rename = \"on\")] On, Off }
                pub mod builder { pub struct Job { id: u8 } impl Job { pub fn id(self) -> Self { self } } } }",
            "#[doc = \" t\"] pub mod types {
                #[doc = \" A job\"] #[derive(Clone)] pub struct Job {
                    #[doc = \" Its ID\"] pub id: Map<String, Value>, #[doc = \" The member `type`.\"] pub r#type: u8,
                    hidden: u8 }
                #[doc = \" `State`.\"] pub enum State { #[doc = \" The value `on`.\"] #[serde(rename = \"on\")] On,
                    #[doc = \" The value `Off`.\"] Off }
                #[doc = \" Builders, whose setters take whatever converts into the value.\"]
                pub mod builder { #[doc = \" Builds a [`Job`](super::Job).\"] pub struct Job { id: u8 }
                    impl Job { #[doc = \" Its ID\"] pub fn id(self) -> Self { self } } } }",
        );
    }
}
