//! Which enums of a client may meet a value that its document does not list? Those of answers.
//!
//! progenitor's enums refuse a value that they do not know, and the whole answer with it. But a service is newer than the
//! document one day, and whoever asked how a job is wants to be told so. So an enum that an answer can contain gets one more
//! variant, which keeps such a value as text. An enum that is only ever sent stays as the document has it.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::items::{items, opened, take_body};

/// The variant for everything else, unless an enum has one of that name.
const VARIANT: &str = "Undocumented";

/// The types that an answer can contain, a failure included, by their names.
pub(crate) fn in_answers(client: &TokenStream) -> HashSet<String> {
    let mut types = HashMap::new();
    let mut open = Vec::new();
    for item in items(client.clone()) {
        match module(&item) {
            Some((name, inside)) if name == "types" => {
                types.extend(items(inside).filter_map(|item| Some((declared(&item)?.1, item))));
            }
            Some((name, inside)) if name == "builder" => items(inside).for_each(|item| replies(item, &mut open)),
            _ => {}
        }
    }
    let mut found = HashSet::new();
    while let Some(name) = open.pop() {
        if let Some(item) = types.get(&name)
            && found.insert(name)
        {
            item.iter().for_each(|tree| words(tree, &mut open));
        }
    }
    found
}

/// The client, in which the enums among the types called `names` have a variant for values that the document does not list.
pub(crate) fn open(client: TokenStream, names: &HashSet<String>) -> Result<TokenStream, String> {
    let mut out = Vec::new();
    for mut item in items(client) {
        if module(&item).is_some_and(|(name, _)| name == "types")
            && let Some(inside) = take_body(&mut item)
        {
            item.push(Group::new(Delimiter::Brace, open_types(inside, names)?).into());
        }
        out.extend(item);
    }
    Ok(out.into_iter().collect())
}

fn open_types(types: TokenStream, names: &HashSet<String>) -> Result<TokenStream, String> {
    let items: Vec<Vec<TokenTree>> = items(types).collect();
    let mut variants: HashMap<String, String> = HashMap::new();
    for item in &items {
        if let Some((keyword, name)) = declared(item)
            && keyword == "enum"
            && names.contains(&name)
            && let Some(taken) = unit_variants(item)
        {
            let mut variant = VARIANT.to_owned();
            while taken.contains(&variant) {
                variant.push_str("Value");
            }
            variants.insert(name, variant);
        }
    }
    let mut out = TokenStream::new();
    for item in items {
        let is_declared = declared(&item).and_then(|(_, name)| variants.get(&name));
        let opened = if let Some(variant) = is_declared {
            enumeration(item, variant)?
        } else if let Some((what, variant)) = implemented(&item).and_then(|(what, of)| Some((what, variants.get(&of)?)))
        {
            match what.as_str() {
                "Display" => with_arm(item, &format!("Self::{variant}(ref value) => f.write_str(value),"))?,
                "FromStr" => with_arm(item, &format!("_ => Ok(Self::{variant}(value.to_owned())),"))?,
                _ => item,
            }
        } else {
            item
        };
        out.extend(opened);
    }
    Ok(out)
}

/// The enum with one more variant, which is text and so cannot be copied.
fn enumeration(item: Vec<TokenTree>, variant: &str) -> Result<Vec<TokenTree>, String> {
    let mut out = Vec::with_capacity(item.len() + 2);
    for tree in item {
        match tree {
            TokenTree::Ident(word) if word == "pub" => {
                // The document may list more one day.
                out.extend(parse("#[non_exhaustive] pub")?);
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let mut inside: Vec<TokenTree> = opened(group).into_iter().collect();
                if inside.last().is_some_and(|last| !is_punct(last, ',')) {
                    inside.extend(parse(",")?);
                }
                inside.extend(parse(&format!(
                    "/// A value that the document does not list.\n #[serde(untagged)] {variant}(::std::string::String),"
                ))?);
                out.push(Group::new(Delimiter::Brace, inside.into_iter().collect()).into());
            }
            TokenTree::Group(group) => out.push(without_copy(group).into()),
            tree => out.push(tree),
        }
    }
    Ok(out)
}

/// `[derive(Clone, Copy, Debug)]` without `Copy`.
fn without_copy(attribute: Group) -> Group {
    let mut out: Vec<TokenTree> = Vec::new();
    let mut trees = attribute.stream().into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(word) if word == "Copy" => {
                trees.next_if(|next| is_punct(next, ','));
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                out.push(without_copy(group).into());
            }
            tree => out.push(tree),
        }
    }
    Group::new(attribute.delimiter(), out.into_iter().collect())
}

/// An item with one more arm in its `match`, in the place of one for everything else.
fn with_arm(trees: Vec<TokenTree>, arm: &str) -> Result<Vec<TokenTree>, String> {
    let mut has_match = false;
    let mut out = Vec::with_capacity(trees.len());
    for tree in trees {
        has_match |= is_word(&tree, "match");
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let mut inside: Vec<TokenTree> = opened(group).into_iter().collect();
                if has_match {
                    let rest = inside.windows(2).position(|pair| is_word(&pair[0], "_") && is_punct(&pair[1], '='));
                    inside.truncate(rest.unwrap_or(inside.len()));
                    inside.extend(parse(arm)?);
                } else {
                    inside = with_arm(inside, arm)?;
                }
                out.push(Group::new(Delimiter::Brace, inside.into_iter().collect()).into());
            }
            tree => out.push(tree),
        }
    }
    Ok(out)
}

/// The names in the result of each `send` of an `impl`.
fn replies(item: Vec<TokenTree>, found: &mut Vec<String>) {
    let Some(TokenTree::Group(body)) = item.last() else { return };
    for function in items(body.stream()) {
        let is_send = |pair: &[TokenTree]| is_word(&pair[0], "fn") && is_word(&pair[1], "send");
        if let (Some(at), Some((_, signature))) = (function.windows(2).position(is_send), function.split_last()) {
            signature[at..].iter().for_each(|tree| words(tree, found));
        }
    }
}

fn words(tree: &TokenTree, found: &mut Vec<String>) {
    match tree {
        TokenTree::Ident(word) => found.push(word.to_string()),
        TokenTree::Group(group) => group.stream().into_iter().for_each(|tree| words(&tree, found)),
        _ => {}
    }
}

/// The name of a module, and what is in it.
fn module(item: &[TokenTree]) -> Option<(String, TokenStream)> {
    let [.., TokenTree::Ident(keyword), TokenTree::Ident(name), TokenTree::Group(body)] = item else { return None };
    (keyword == "mod").then(|| (name.to_string(), body.stream()))
}

/// The keyword and the name of a struct or an enum.
fn declared(item: &[TokenTree]) -> Option<(String, String)> {
    item.windows(2).find_map(|pair| match pair {
        [TokenTree::Ident(keyword), TokenTree::Ident(name)] if keyword == "struct" || keyword == "enum" => {
            Some((keyword.to_string(), name.to_string()))
        }
        _ => None,
    })
}

/// The trait and the type of an `impl … for …`.
fn implemented(item: &[TokenTree]) -> Option<(String, String)> {
    let at = item.iter().position(|tree| is_word(tree, "for"))?;
    match (item.get(at.checked_sub(1)?)?, item.get(at + 1)?) {
        (TokenTree::Ident(what), TokenTree::Ident(of)) => Some((what.to_string(), of.to_string())),
        _ => None,
    }
}

/// The variants of an enum that is a list of texts: none of them holds something.
fn unit_variants(item: &[TokenTree]) -> Option<HashSet<String>> {
    let TokenTree::Group(body) = item.last()? else { return None };
    let mut variants = HashSet::new();
    let mut is_attribute = false;
    for tree in body.stream() {
        match tree {
            TokenTree::Ident(name) => {
                variants.insert(name.to_string());
            }
            TokenTree::Group(_) if !is_attribute => return None,
            TokenTree::Punct(ref punct) => {
                is_attribute = punct.as_char() == '#';
                continue;
            }
            _ => {}
        }
        is_attribute = false;
    }
    Some(variants)
}

fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == word)
}

fn is_punct(tree: &TokenTree, character: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn parse(text: &str) -> Result<TokenStream, String> {
    text.parse().map_err(|error| format!("`{text}`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module as progenitor makes it, shortened: `Job` is answered, `Order` is sent.
    fn client(answered: &str, sent: &str, state: &str) -> String {
        format!(
            "pub mod types {{
                pub struct Job {{ #[serde(default)] pub state: ::std::option::Option<{answered}>, }}
                pub struct Order {{ pub state: {sent}, }}
                {state}
            }}
            pub mod builder {{ impl<'a> Show<'a> {{
                pub fn body(self, body: types::Order) -> Self {{ self }}
                pub async fn send(self) -> Result<ResponseValue<types::Job>, Error<()>> {{ types::Order::new() }}
            }} }}"
        )
    }

    const CLOSED: &str = "#[derive(::serde::Deserialize, Clone, Copy, Debug)] pub enum State {
            #[serde(rename = \"on\")] On, #[serde(rename = \"off\")] Off, }
        impl ::std::fmt::Display for State { fn fmt(&self, f: &mut F) -> R {
            match *self { Self::On => f.write_str(\"on\"), Self::Off => f.write_str(\"off\"), } } }
        impl ::std::str::FromStr for State { type Err = E; fn from_str(value: &str) -> R {
            match value { \"on\" => Ok(Self::On), \"off\" => Ok(Self::Off), _ => Err(\"invalid value\".into()), } } }";

    const OPEN: &str = "#[derive(::serde::Deserialize, Clone, Debug)] #[non_exhaustive] pub enum State {
            #[serde(rename = \"on\")] On, #[serde(rename = \"off\")] Off,
            /// A value that the document does not list.\n #[serde(untagged)] Undocumented(::std::string::String), }
        impl ::std::fmt::Display for State { fn fmt(&self, f: &mut F) -> R {
            match *self { Self::On => f.write_str(\"on\"), Self::Off => f.write_str(\"off\"),
                Self::Undocumented(ref value) => f.write_str(value), } } }
        impl ::std::str::FromStr for State { type Err = E; fn from_str(value: &str) -> R {
            match value { \"on\" => Ok(Self::On), \"off\" => Ok(Self::Off),
                _ => Ok(Self::Undocumented(value.to_owned())), } } }";

    #[track_caller]
    fn check(given: String, expected: String) {
        let given: TokenStream = given.parse().unwrap();
        let expected: TokenStream = expected.parse().unwrap();
        assert_eq!(open(given.clone(), &in_answers(&given)).unwrap().to_string(), expected.to_string());
    }

    #[test]
    fn an_enum_of_an_answer_keeps_what_it_does_not_know() {
        check(client("State", "u8", CLOSED), client("State", "u8", OPEN));
        check(client("State", "State", CLOSED), client("State", "State", OPEN));
        let nested = |state| format!("pub struct Deep(pub ::std::vec::Vec<State>); {state}");
        check(client("Deep", "u8", &nested(CLOSED)), client("Deep", "u8", &nested(OPEN)));
    }

    #[test]
    fn an_enum_that_is_only_sent_stays_as_it_is() {
        check(client("u8", "State", CLOSED), client("u8", "State", CLOSED));
    }

    #[test]
    fn an_enum_of_other_types_stays_as_it_is() {
        let choice = "#[serde(untagged)] pub enum State { Text(::std::string::String), Number(i64), }";
        check(client("State", "u8", choice), client("State", "u8", choice));
    }

    #[test]
    fn a_name_that_is_taken_is_not_taken_twice() {
        let taken = |state: &str| state.replace("On", "Undocumented");
        let opened = taken(OPEN).replace("Undocumented(", "UndocumentedValue(");
        check(client("State", "u8", &taken(CLOSED)), client("State", "u8", &opened));
    }
}
