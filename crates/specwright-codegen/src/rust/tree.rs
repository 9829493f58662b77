//! The tokens of a piece of Rust, read once, to be looked at and changed in place.
//!
//! `proc_macro2` gives the tokens of a group away as a copy, word for word, whenever somebody else holds the group too. What
//! looks at a client again and again would spend most of its time on that.

use std::fmt::Write;

use proc_macro2::{Delimiter, Ident, Spacing, Span, TokenStream, TokenTree};

/// A token, or a group of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    Word(Ident),
    Punct(char, Spacing),
    /// As written.
    Literal(String),
    Group(Group),
    /// Whole items that stand in each client and need neither be read nor laid out.
    Source(&'static str),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) delimiter: Delimiter,
    pub(crate) trees: Vec<Tree>,
}

pub(crate) fn trees(tokens: TokenStream) -> Vec<Tree> {
    let tree = |tree| match tree {
        TokenTree::Group(group) => {
            let (delimiter, inside) = (group.delimiter(), group.stream());
            drop(group); // now `inside` is the only owner, and its tokens are moved, not copied
            Tree::Group(Group { delimiter, trees: trees(inside) })
        }
        TokenTree::Ident(ident) => Tree::Word(ident),
        TokenTree::Punct(punct) => Tree::Punct(punct.as_char(), punct.spacing()),
        TokenTree::Literal(literal) => Tree::Literal(literal.to_string()),
    };
    tokens.into_iter().map(tree).collect()
}

pub(crate) fn parse(text: &str) -> Result<Vec<Tree>, String> {
    text.parse().map(trees).map_err(|error| format!("`{text}`: {error}"))
}

/// What [`parse`] makes the same of; not for people to read.
pub(crate) fn text(trees: &[Tree]) -> String {
    let mut out = String::new();
    write_text(trees, &mut out);
    out
}

fn write_text(trees: &[Tree], out: &mut String) {
    for tree in trees {
        // Writing to a string does not fail.
        let _ = match tree {
            Tree::Word(word) => write!(out, "{word} "),
            Tree::Punct(character, Spacing::Joint) => write!(out, "{character}"),
            Tree::Punct(character, Spacing::Alone) => write!(out, "{character} "),
            Tree::Literal(text) => write!(out, "{text} "),
            Tree::Source(text) => write!(out, "{text} "),
            Tree::Group(Group { delimiter, trees }) => {
                let (open, close) = match delimiter {
                    Delimiter::Parenthesis => ("(", ") "),
                    Delimiter::Brace => ("{", "} "),
                    Delimiter::Bracket => ("[", "] "),
                    Delimiter::None => ("", ""),
                };
                out.push_str(open);
                write_text(trees, out);
                write!(out, "{close}")
            }
        };
    }
}

/// `#[doc = "…"]`
pub(crate) fn documentation(text: &str) -> [Tree; 2] {
    let is_odd = text.contains(|c: char| c == '"' || c == '\\' || c.is_control());
    let literal = if is_odd { proc_macro2::Literal::string(text).to_string() } else { format!("\"{text}\"") };
    let doc = vec![
        Tree::Word(Ident::new("doc", Span::call_site())),
        Tree::Punct('=', Spacing::Alone),
        Tree::Literal(literal),
    ];
    [Tree::Punct('#', Spacing::Alone), Tree::Group(Group { delimiter: Delimiter::Bracket, trees: doc })]
}

/// The value of a string literal; `None` for anything else, and for escapes that documentation does not use.
pub(crate) fn string_literal(text: &str) -> Option<String> {
    if let Some(raw) = text.strip_prefix('r') {
        let inner = raw.trim_start_matches('#').strip_prefix('"')?;
        return inner.trim_end_matches('#').strip_suffix('"').map(str::to_owned);
    }
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        out.push_str(plain);
        let mut chars = escaped.chars();
        match chars.next()? {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            '0' => out.push('\0'),
            'u' => {
                let code: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                out.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
            }
            c @ ('"' | '\'' | '\\') => out.push(c),
            _ => return None,
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    Some(out)
}

impl Tree {
    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(self, Tree::Word(ident) if ident == word)
    }

    pub(crate) fn is_punct(&self, character: char) -> bool {
        matches!(self, Tree::Punct(punct, _) if *punct == character)
    }

    /// What a group with these delimiters holds.
    pub(crate) fn within(&self, delimiter: Delimiter) -> Option<&Vec<Tree>> {
        match self {
            Tree::Group(group) if group.delimiter == delimiter => Some(&group.trees),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn within_mut(&mut self, delimiter: Delimiter) -> Option<&mut Vec<Tree>> {
        match self {
            Tree::Group(group) if group.delimiter == delimiter => Some(&mut group.trees),
            _ => None,
        }
    }
}
