//! What is said of the parts of a client that the client generator leaves without a word?
//!
//! Its setters are where a caller looks, and the document has a description for most of them: of the parameter in the
//! list of arguments of the call, and of the member at the struct that the setter builds. What has no description gets a
//! line all the same, so that a crate can deny `missing_docs`.

use std::collections::HashMap;

use proc_macro2::{Delimiter, Group, Literal, Punct, Spacing, TokenStream, TokenTree};

use crate::items::{items, take_body};

/// The client in `tokens`, in which each public item has documentation.
pub(crate) fn complete(tokens: TokenStream) -> TokenStream {
    let mut words = Words::default();
    words.collect(tokens.clone());
    module(tokens, &[], &words)
}

/// What the client says of parameters and members, by the name of the builder or struct, and their own.
#[derive(Default)]
struct Words(HashMap<(String, String), String>);

impl Words {
    fn collect(&mut self, tokens: TokenStream) {
        for item in items(tokens) {
            let body = match item.last() {
                Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => body.stream(),
                _ => continue,
            };
            match Head::of(&item) {
                Some(Head { keyword, .. }) if keyword == "mod" => self.collect(body),
                Some(Head { keyword, name, .. }) if keyword == "struct" => self.members(&name, body),
                None if is_impl(&item) => items(body).for_each(|function| self.arguments(&function)),
                _ => {}
            }
        }
    }

    fn members(&mut self, owner: &str, body: TokenStream) {
        for member in parts(body) {
            let text = doc(&member);
            if let (Some(name), false) = (member_name(&member), text.is_empty()) {
                self.0.insert((owner.to_owned(), name), text.trim().to_owned());
            }
        }
    }

    /// "Arguments:", and a line for each, is what the client generator makes of parameters.
    fn arguments(&mut self, function: &[TokenTree]) {
        let Some(builder) = returned_builder(function) else { return };
        let text = doc(function);
        let Some((_, list)) = text.split_once("Arguments:\n") else { return };
        for line in list.lines() {
            let Some((name, text)) = line.trim().strip_prefix("- `").and_then(|rest| rest.split_once('`')) else {
                continue;
            };
            let text = text.trim_start_matches(':').trim();
            if !text.is_empty() {
                self.0.insert((builder.clone(), name.to_owned()), text.to_owned());
            }
        }
    }

    fn of(&self, owner: &str, name: &str) -> Option<&str> {
        let name = name.strip_prefix("r#").unwrap_or(name);
        self.0.get(&(owner.to_owned(), name.to_owned())).map(String::as_str)
    }
}

/// `path`: the modules around it, outermost first.
fn module(tokens: TokenStream, path: &[&str], words: &Words) -> TokenStream {
    items(tokens).flat_map(|item| documented(item, path, words)).collect()
}

fn documented(mut item: Vec<TokenTree>, path: &[&str], words: &Words) -> Vec<TokenTree> {
    let head = Head::of(&item);
    let is_builder = path.last() == Some(&"builder");
    let is_own_impl = head.is_none() && is_impl(&item) && !item.iter().any(|tree| is_word(tree, "for"));
    let owner = if is_own_impl { owner(&item).unwrap_or_default() } else { String::new() };
    let inside = take_body(&mut item).map(|body| match &head {
        Some(Head { keyword, name, .. }) if keyword == "mod" => {
            let path: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
            module(body, &path, words)
        }
        Some(Head { keyword, .. }) if keyword == "struct" => {
            listed(body, |member| is_public(member).then(|| member_name(member)).flatten(), "The member")
        }
        Some(Head { keyword, .. }) if keyword == "enum" => listed(body, variant_name, "The value"),
        None if is_own_impl => {
            let function = |function: Vec<TokenTree>| match Head::of(&function) {
                Some(Head { name, is_public: true, .. }) => {
                    let text = words.of(&owner, &name).map(str::to_owned);
                    with_doc(function, || text.unwrap_or_else(|| of_function(&name, is_builder)))
                }
                _ => function,
            };
            items(body).flat_map(function).collect()
        }
        _ => body,
    });
    if let Some(inside) = inside {
        item.push(Group::new(Delimiter::Brace, inside).into());
    }
    match head {
        Some(Head { keyword, name, is_public: true }) if keyword == "struct" && path == ["types", "builder"] => {
            with_doc(item, || format!("Builds a [`{name}`](super::{name})."))
        }
        Some(Head { keyword, name, is_public: true }) => with_doc(item, || match (&*keyword, &*name) {
            ("mod", "builder") => "Builders, whose setters take whatever converts into the value.".to_owned(),
            ("mod", "types") => "What requests and answers hold.".to_owned(),
            _ => format!("`{name}`."),
        }),
        _ => item,
    }
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

/// Members or variants, each with documentation; `name` says which of them need it.
fn listed(body: TokenStream, name: impl Fn(&[TokenTree]) -> Option<String>, kind: &str) -> TokenStream {
    let parts = parts(body).into_iter();
    parts
        .flat_map(|part| match name(&part) {
            Some(name) => with_doc(part, || format!("{kind} `{name}`.")),
            None => part,
        })
        .collect()
}

/// An item with `text` in front, unless it says something itself.
fn with_doc(item: Vec<TokenTree>, text: impl FnOnce() -> String) -> Vec<TokenTree> {
    if docs(&item).next().is_some() {
        return item;
    }
    let doc = [
        TokenTree::Ident(proc_macro2::Ident::new("doc", proc_macro2::Span::call_site())),
        Punct::new('=', Spacing::Alone).into(),
        Literal::string(&format!(" {}", text())).into(),
    ];
    let attribute = Group::new(Delimiter::Bracket, doc.into_iter().collect());
    let mut out = vec![TokenTree::from(Punct::new('#', Spacing::Alone)), attribute.into()];
    out.extend(item);
    out
}

/// What a declaration says of itself before its body.
struct Head {
    keyword: String,
    name: String,
    is_public: bool,
}

impl Head {
    /// Of a module, struct, enum or function.
    fn of(item: &[TokenTree]) -> Option<Head> {
        let mut words = item.iter().map_while(|tree| match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => None,
            TokenTree::Ident(ident) => Some(Some(ident.to_string())),
            _ => Some(None),
        });
        let mut is_public = false;
        while let Some(word) = words.next() {
            match word.as_deref() {
                Some("pub") => is_public = true,
                Some("mod" | "struct" | "enum" | "fn") => {
                    let keyword = word?;
                    return Some(Head { keyword, name: words.next()??, is_public });
                }
                Some("impl" | "use" | "type" | "trait") => return None,
                _ => {}
            }
        }
        None
    }
}

/// What an item says of itself; nothing if it has characters that are too odd.
fn doc(item: &[TokenTree]) -> String {
    // Rust's escapes are those of JSON, but for `\'` and those of characters that nobody prints.
    let unquoted = |literal: String| serde_json::from_str::<String>(&literal.replace("\\'", "'")).unwrap_or_default();
    docs(item).map(unquoted).collect::<Vec<_>>().join("\n")
}

/// The literal of each `#[doc = "…"]`.
fn docs(item: &[TokenTree]) -> impl Iterator<Item = String> {
    item.windows(2).filter_map(|pair| {
        let [TokenTree::Punct(hash), TokenTree::Group(attribute)] = pair else { return None };
        let trees: Vec<TokenTree> = attribute.stream().into_iter().collect();
        match (hash.as_char(), &trees[..]) {
            ('#', [TokenTree::Ident(word), TokenTree::Punct(_), TokenTree::Literal(literal)]) if word == "doc" => {
                Some(literal.to_string())
            }
            _ => None,
        }
    })
}

/// What commas outside of `<…>` divide, each with its comma.
fn parts(body: TokenStream) -> Vec<Vec<TokenTree>> {
    let (mut parts, mut part, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    for tree in body {
        let character = match &tree {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => ' ',
        };
        part.push(tree);
        match character {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => parts.push(std::mem::take(&mut part)),
            _ => {}
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

fn is_public(member: &[TokenTree]) -> bool {
    member.iter().any(|tree| is_word(tree, "pub"))
}

/// The word before the first colon.
fn member_name(member: &[TokenTree]) -> Option<String> {
    let at = member.iter().position(|tree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ':'))?;
    match member.get(at.checked_sub(1)?)? {
        TokenTree::Ident(name) => Some(name.to_string().trim_start_matches("r#").to_owned()),
        _ => None,
    }
}

/// The name of a variant, or what it is on the wire if that is another text.
fn variant_name(variant: &[TokenTree]) -> Option<String> {
    let renamed = variant.iter().find_map(|tree| match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
            let text = group.stream().to_string();
            let (_, rest) = text.split_once("rename = \"")?;
            Some(rest.split_once('"')?.0.to_owned())
        }
        _ => None,
    });
    renamed.or_else(|| {
        variant.iter().find_map(|tree| match tree {
            TokenTree::Ident(name) => Some(name.to_string()),
            _ => None,
        })
    })
}

/// The type that an `impl` is for, without its parameters.
fn owner(item: &[TokenTree]) -> Option<String> {
    let mut depth = 0_usize;
    let at = item.iter().position(|tree| is_word(tree, "impl"))?;
    item[at + 1..].iter().find_map(|tree| {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => depth = depth.saturating_sub(1),
            TokenTree::Ident(name) if depth == 0 => return Some(name.to_string()),
            _ => {}
        }
        None
    })
}

/// `StopGraph`, of a function that returns a `builder::StopGraph`.
fn returned_builder(function: &[TokenTree]) -> Option<String> {
    let at = function.iter().position(|tree| is_word(tree, "builder"))?;
    function[at + 1..].iter().find_map(|tree| match tree {
        TokenTree::Ident(name) => Some(name.to_string()),
        _ => None,
    })
}

fn is_impl(item: &[TokenTree]) -> bool {
    item.iter().any(|tree| is_word(tree, "impl"))
}

fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &str, expected: &str) {
        let [given, expected] = [given, expected].map(|text| text.parse::<TokenStream>().unwrap());
        assert_eq!(complete(given).to_string(), expected.to_string());
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
