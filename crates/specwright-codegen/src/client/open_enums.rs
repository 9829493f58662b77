//! Adds a variant for undocumented values to the enums of replies.
//!
//! progenitor's enums refuse a value that they do not know, and the whole answer with it. But a service is newer than the
//! document one day, and whoever asked how a job is wants to be told so. So an enum that an answer can contain gets one more
//! variant, which keeps such a value as text. An enum that is only ever sent stays as the document has it.

use std::collections::{HashMap, HashSet};

use proc_macro2::Delimiter;

use super::send::names;
use crate::rust::items::{into_items, items, module};
use crate::rust::tree::{Tree, parse};

/// The variant for everything else, unless an enum has one of that name.
const VARIANT: &str = "Undocumented";

/// The types that an answer can contain, a failure included, by their names.
pub(crate) fn in_answers(client: &[Tree]) -> HashSet<String> {
    let mut types = HashMap::new();
    let mut open = Vec::new();
    for item in items(client) {
        match module(item) {
            Some((name, inside)) if name == "types" => {
                types.extend(items(inside).filter_map(|item| Some((declared(item)?.1, item))));
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
            words(item, &mut open);
        }
    }
    found
}

/// Gives the enums called `names` among the types of the client a variant for values that the document does not list.
pub(crate) fn open(client: &mut [Tree], names: &HashSet<String>) -> Result<(), String> {
    for at in 2..client.len() {
        let is_types = client[at - 2].is_word("mod") && client[at - 1].is_word("types");
        if is_types && let Some(inside) = client[at].within_mut(Delimiter::Brace) {
            *inside = open_types(std::mem::take(inside), names)?;
        }
    }
    Ok(())
}

fn open_types(types: Vec<Tree>, names: &HashSet<String>) -> Result<Vec<Tree>, String> {
    let mut variants: HashMap<String, String> = HashMap::new();
    for item in items(&types) {
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
    let mut out = Vec::with_capacity(types.len());
    for mut item in into_items(types) {
        let is_declared = declared(&item).and_then(|(_, name)| variants.get(&name));
        if let Some(variant) = is_declared {
            item = enumeration(item, variant)?;
        } else if let Some((what, variant)) = implemented(&item).and_then(|(what, of)| Some((what, variants.get(&of)?)))
        {
            match what.as_str() {
                "Display" => add_arm(&mut item, &format!("Self::{variant}(ref value) => f.write_str(value),"))?,
                "FromStr" => add_arm(&mut item, &format!("_ => Ok(Self::{variant}(value.to_owned())),"))?,
                _ => {}
            }
        }
        out.append(&mut item);
    }
    Ok(out)
}

/// The enum with one more variant, which is text and so cannot be copied.
fn enumeration(item: Vec<Tree>, variant: &str) -> Result<Vec<Tree>, String> {
    let mut out = Vec::with_capacity(item.len() + 2);
    for mut tree in item {
        if tree.is_word("pub") {
            // The document may list more one day.
            out.extend(parse("#[non_exhaustive]")?);
        } else if let Some(inside) = tree.within_mut(Delimiter::Brace) {
            if inside.last().is_some_and(|last| !last.is_punct(',')) {
                inside.extend(parse(",")?);
            }
            inside.extend(parse(&format!(
                "/// A value that the document does not list.\n #[serde(untagged)] {variant}(::std::string::String),"
            ))?);
        } else if let Tree::Group(attribute) = &mut tree {
            remove_copy(&mut attribute.trees);
        }
        out.push(tree);
    }
    Ok(out)
}

/// `derive(Clone, Copy, Debug)` without `Copy`.
fn remove_copy(attribute: &mut Vec<Tree>) {
    if let Some(at) = attribute.iter().position(|tree| tree.is_word("Copy")) {
        let has_comma = attribute.get(at + 1).is_some_and(|next| next.is_punct(','));
        attribute.drain(at..at + 1 + usize::from(has_comma));
    }
    attribute.iter_mut().filter_map(|tree| tree.within_mut(Delimiter::Parenthesis)).for_each(remove_copy);
}

/// Gives the `match` of an item one more arm, in the place of one for everything else.
fn add_arm(trees: &mut [Tree], arm: &str) -> Result<(), String> {
    let mut has_match = false;
    for tree in trees {
        has_match |= tree.is_word("match");
        let Some(inside) = tree.within_mut(Delimiter::Brace) else { continue };
        if has_match {
            let rest = inside.windows(2).position(|pair| pair[0].is_word("_") && pair[1].is_punct('='));
            inside.truncate(rest.unwrap_or(inside.len()));
            inside.extend(parse(arm)?);
        } else {
            add_arm(inside, arm)?;
        }
    }
    Ok(())
}

/// The names in the result of each `send` of an `impl`.
fn replies(item: &[Tree], found: &mut Vec<String>) {
    let Some(body) = item.last().and_then(|last| last.within(Delimiter::Brace)) else { return };
    for function in items(body) {
        let is_send = |pair: &[Tree]| pair[0].is_word("fn") && pair[1].is_word("send");
        if let (Some(at), Some((_, signature))) = (function.windows(2).position(is_send), function.split_last()) {
            words(&signature[at..], found);
        }
    }
}

fn words(trees: &[Tree], found: &mut Vec<String>) {
    for tree in trees {
        match tree {
            Tree::Word(word) => found.push(word.to_string()),
            Tree::Group(group) => words(&group.trees, found),
            _ => {}
        }
    }
}

/// The keyword and the name of a struct, an enum or an alias.
fn declared(item: &[Tree]) -> Option<(String, String)> {
    item.windows(2).find_map(|pair| match pair {
        [Tree::Word(keyword), Tree::Word(name)] if keyword == "struct" || keyword == "enum" || keyword == "type" => {
            Some((keyword.to_string(), name.to_string()))
        }
        _ => None,
    })
}

/// The trait and the type of an `impl … for …`.
fn implemented(item: &[Tree]) -> Option<(String, String)> {
    let at = item.iter().position(|tree| tree.is_word("for"))?;
    match (item.get(at.checked_sub(1)?)?, item.get(at + 1)?) {
        (Tree::Word(what), Tree::Word(of)) => Some((what.to_string(), of.to_string())),
        _ => None,
    }
}

/// The variants of an enum that is a list of texts: none of them holds something, and it is read from one.
fn unit_variants(item: &[Tree]) -> Option<HashSet<String>> {
    if !names(item, "Deserialize") {
        return None;
    }
    let mut variants = HashSet::new();
    let mut is_attribute = false;
    for tree in item.last()?.within(Delimiter::Brace)? {
        match tree {
            Tree::Word(name) => {
                variants.insert(name.to_string());
            }
            Tree::Group(_) if !is_attribute => return None,
            Tree::Punct(punct, _) => {
                is_attribute = *punct == '#';
                continue;
            }
            _ => {}
        }
        is_attribute = false;
    }
    Some(variants)
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
        let mut given = parse(&given).unwrap();
        let answered = in_answers(&given);
        open(&mut given, &answered).unwrap();
        assert_eq!(given, parse(&expected).unwrap());
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
