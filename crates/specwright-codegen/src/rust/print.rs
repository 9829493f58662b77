//! Prints Rust tokens as text, in one pass and without reading them back.
//!
//! Formatting through `syn` and `prettyplease` is two thirds of the whole cost of generating (see `cargo xtask bench
//! codegen`), nearly all of it spent on parsing the tokens again. A layout needs less: which tokens are groups, where a
//! statement ends, and what fits into a line. Layout only ever adds white space, and the tests hold it to that: what
//! is printed reads back as the same tokens.

use std::fmt::Write;

use proc_macro2::{Delimiter, Spacing};

use super::items;
use super::tree::{Tree, string_literal};
use crate::text::pad;

const WIDTH: usize = 110;
const INDENT: usize = 4;

/// The items in `trees`, as text that ends in a newline.
pub(crate) fn print(trees: &[Tree]) -> String {
    let mut printer = Printer::default();
    printer.items(trees, 0);
    printer.out
}

#[derive(Default)]
struct Printer {
    out: String,
    /// The tokens of one item, flat; reused from item to item, so that memory does not grow with the file.
    tokens: Vec<Token>,
    /// The text of those tokens, one behind the other.
    text: String,
}

#[derive(Clone, Copy)]
struct Token {
    kind: Kind,
    /// Into `Printer::text`.
    start: usize,
    end: usize,
    /// Of a group's opening: the index of its closing. Of a closing: its own.
    close: usize,
    /// Of a group's closing: the index of its opening.
    open: usize,
    /// Bytes up to and including this token, if everything were on one line.
    reach: usize,
    has_space: bool,
    /// A brace group that is never written on one line.
    breaks: bool,
}

impl Token {
    /// Whether what contains this token cannot be on one line.
    fn is_broken(&self) -> bool {
        match self.kind {
            Kind::Open(_) => self.breaks,
            kind => kind == Kind::Doc,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Word,
    Literal,
    Lifetime,
    Punct,
    /// `<` and `>` around generics.
    AngleOpen,
    AngleClose,
    /// The bars around the arguments of a closure.
    BarOpen,
    BarClose,
    Open(Delimiter),
    Close(Delimiter),
    /// A documentation attribute; the text is the documentation.
    Doc,
    InnerDoc,
}

impl Printer {
    /// Prints item after item; modules are opened up, everything else is laid out as a whole.
    fn items(&mut self, trees: &[Tree], indent: usize) {
        let mut is_first = true;
        for item in items::items(trees) {
            if !std::mem::take(&mut is_first) && !items::is_use(item) {
                self.out.push('\n');
            }
            match items::module(item) {
                Some((_, body)) => {
                    self.item(&item[..item.len() - 1], indent);
                    // `item` ended the line of `mod name`; the brace belongs on it.
                    self.out.truncate(self.out.trim_end().len());
                    self.out.push_str(" {\n");
                    self.items(body, indent + INDENT);
                    self.pad(indent);
                    self.out.push_str("}\n");
                }
                None => self.item(item, indent),
            }
        }
    }

    fn item(&mut self, trees: &[Tree], indent: usize) {
        if let [Tree::Source(text)] = trees {
            return self.source(text, indent);
        }
        self.tokens.clear();
        self.text.clear();
        trees.iter().for_each(|tree| self.flatten(tree));
        self.join_operators();
        self.classify();
        self.measure();
        self.sequence(0, self.tokens.len(), indent, true);
    }

    /// What is laid out already.
    fn source(&mut self, text: &str, indent: usize) {
        for line in text.trim_end().lines() {
            if !line.is_empty() {
                self.pad(indent);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    fn flatten(&mut self, tree: &Tree) {
        match tree {
            Tree::Group(group) => {
                let (open, close) = match group.delimiter {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => return group.trees.iter().for_each(|tree| self.flatten(tree)),
                };
                let index = self.push(Kind::Open(group.delimiter), open);
                group.trees.iter().for_each(|tree| self.flatten(tree));
                let end = self.push(Kind::Close(group.delimiter), close);
                self.tokens[index].close = end;
                self.documentation(index);
            }
            Tree::Word(ident) => {
                let start = self.text.len();
                let _ = write!(self.text, "{ident}");
                let is_lifetime = self.tokens.last().is_some_and(|last| self.text_of(last) == "'");
                if is_lifetime && let Some(last) = self.tokens.last_mut() {
                    (last.kind, last.end) = (Kind::Lifetime, self.text.len());
                } else {
                    self.push_range(Kind::Word, start);
                }
            }
            Tree::Punct(character, spacing) => {
                let index = self.push(Kind::Punct, character.encode_utf8(&mut [0; 4]));
                // Until the operators are joined, `breaks` says "joined to the next".
                self.tokens[index].breaks = *spacing == Spacing::Joint;
            }
            Tree::Literal(text) => {
                self.push(Kind::Literal, text);
            }
            // An item of its own, which is never in the middle of another.
            Tree::Source(text) => {
                self.push(Kind::Literal, text);
            }
        }
    }

    fn push(&mut self, kind: Kind, text: &str) -> usize {
        let start = self.text.len();
        self.text.push_str(text);
        self.push_range(kind, start)
    }

    fn push_range(&mut self, kind: Kind, start: usize) -> usize {
        let (index, end) = (self.tokens.len(), self.text.len());
        self.tokens.push(Token {
            kind,
            start,
            end,
            close: index,
            open: index,
            reach: 0,
            has_space: false,
            breaks: false,
        });
        index
    }

    /// Turns a just closed `#[doc = "…"]` into one documentation token.
    fn documentation(&mut self, open: usize) {
        let [.., _open, name, equals, literal, _close] = &self.tokens[..] else { return };
        if self.tokens.len() != open + 5 || self.text_of(name) != "doc" || self.text_of(equals) != "=" {
            return;
        }
        let Some(doc) = string_literal(self.text_of(literal)) else { return };
        let before = |back: usize| open.checked_sub(back).map(|index| self.text_of(&self.tokens[index]));
        let (kind, first) = match (before(2), before(1)) {
            (Some("#"), Some("!")) => (Kind::InnerDoc, open - 2),
            (_, Some("#")) => (Kind::Doc, open - 1),
            _ => return,
        };
        if doc.contains('\r') {
            return;
        }
        self.tokens.truncate(first);
        self.push(kind, &doc);
    }

    /// Joins punctuation into the operators that Rust reads: `::`, `=>`, `->`, …; `>>` stays two, for generics.
    fn join_operators(&mut self) {
        let mut kept: usize = 0;
        let mut moved = vec![0; self.tokens.len()];
        for (index, moved) in moved.iter_mut().enumerate() {
            let token = self.tokens[index];
            if let Some(last) = kept.checked_sub(1).map(|last| self.tokens[last])
                && last.kind == Kind::Punct
                && last.breaks
                && token.kind == Kind::Punct
                && is_operator(&self.text[last.start..token.end])
            {
                self.tokens[kept - 1] = Token { end: token.end, breaks: token.breaks, ..last };
                *moved = kept - 1;
                continue;
            }
            *moved = kept;
            self.tokens[kept] = token;
            kept += 1;
        }
        self.tokens.truncate(kept);
        for index in 0..kept {
            let close = moved[self.tokens[index].close];
            self.tokens[index].close = close;
            if matches!(self.tokens[index].kind, Kind::Open(_)) {
                self.tokens[close].open = index;
            }
            if self.tokens[index].kind != Kind::Punct || !matches!(self.text_of(&self.tokens[index]), ">") {
                self.tokens[index].breaks = false;
            }
        }
    }

    /// Tells generics from comparisons and the bars of closures from alternatives. A wrong guess costs a space.
    fn classify(&mut self) {
        // Per open group: how many angles are open in it, and whether a closure's bar is.
        let mut groups = vec![(0_usize, false)];
        for index in 0..self.tokens.len() {
            let token = self.tokens[index];
            let before = index.checked_sub(1).map(|before| self.tokens[before]);
            match token.kind {
                Kind::Open(_) => groups.push((0, false)),
                Kind::Close(_) => drop(groups.pop()),
                Kind::Punct => {
                    let Some((angles, bar)) = groups.last_mut() else { continue };
                    let kind = match &self.text[token.start..token.end] {
                        "<" if before.is_none_or(|before| is_before_generics(self.text_of(&before), before.kind)) => {
                            *angles += 1;
                            Kind::AngleOpen
                        }
                        "<" if index >= 2 && self.text_of(&self.tokens[index - 2]) == "fn" => {
                            *angles += 1;
                            Kind::AngleOpen
                        }
                        ">" if *angles > 0 => {
                            *angles -= 1;
                            Kind::AngleClose
                        }
                        "|" if *bar => {
                            *bar = false;
                            Kind::BarClose
                        }
                        "|" if before.is_none_or(|before| is_operand_missing(self.text_of(&before), before.kind)) => {
                            *bar = true;
                            Kind::BarOpen
                        }
                        ";" => {
                            *angles = 0;
                            Kind::Punct
                        }
                        _ => Kind::Punct,
                    };
                    self.tokens[index].kind = kind;
                }
                _ => {}
            }
        }
    }

    /// Decides the spaces, measures everything as if on one line, and finds the groups that never are.
    fn measure(&mut self) {
        let mut reach = 0;
        for index in 0..self.tokens.len() {
            let has_space = index > 0 && self.is_spaced(index);
            let token = &mut self.tokens[index];
            token.has_space = has_space;
            reach += usize::from(has_space) + (token.end - token.start);
            token.reach = reach;
        }
        // Inner groups first: what contains a group that breaks, breaks.
        for open in (0..self.tokens.len()).rev() {
            let Token { kind: Kind::Open(delimiter), close, .. } = self.tokens[open] else { continue };
            let breaks = match delimiter {
                Delimiter::Brace if close == open + 1 => false,
                Delimiter::Brace if self.is_body(open) => true,
                Delimiter::Brace => self.level(open + 1, close).any(|index| {
                    let token = &self.tokens[index];
                    token.is_broken() || matches!(self.text_of(token), ";" | "#" | "=>")
                }),
                _ => self.level(open + 1, close).any(|index| self.tokens[index].is_broken()),
            };
            self.tokens[open].breaks = breaks;
        }
    }

    /// The tokens of a range that are not inside a group of it.
    fn level(&self, start: usize, end: usize) -> impl Iterator<Item = usize> + '_ {
        let mut index = start;
        std::iter::from_fn(move || {
            let this = index;
            (this < end).then(|| {
                index = self.tokens[this].close + 1;
                this
            })
        })
    }

    /// Whether the brace at `open` is the body of an item or of a control structure.
    fn is_body(&self, open: usize) -> bool {
        let mut index = open;
        let mut depth = 0;
        while index > 0 {
            index -= 1;
            let token = &self.tokens[index];
            match token.kind {
                Kind::Close(Delimiter::Brace) if depth == 0 => return false,
                Kind::Close(_) => depth += 1,
                Kind::Open(_) if depth == 0 => return false,
                Kind::Open(_) => depth -= 1,
                Kind::Word if depth == 0 => {
                    if let "fn" | "impl" | "struct" | "enum" | "trait" | "mod" | "match" | "while" | "loop" =
                        self.text_of(token)
                    {
                        return true;
                    }
                }
                // Commas do not end the search: signatures and where clauses have them.
                Kind::Punct if depth == 0 && matches!(self.text_of(token), ";" | "=" | "=>" | ".") => return false,
                _ => {}
            }
        }
        false
    }

    /// Prints the statements, items or members between `start` and `end`, each on lines of its own.
    fn sequence(&mut self, start: usize, end: usize, indent: usize, is_top: bool) {
        let mut from = start;
        let mut was_block = false;
        while from < end {
            let kind = self.tokens[from].kind;
            if was_block && !is_top && self.is_item(from, end) {
                self.out.push('\n');
            }
            if matches!(kind, Kind::Doc | Kind::InnerDoc) {
                self.doc_lines(from, indent);
                from += 1;
                was_block = false;
                continue;
            }
            let to = self.unit_end(from, end);
            self.pad(indent);
            self.fill(from, to, indent);
            self.out.push('\n');
            was_block = matches!(self.tokens[to - 1].kind, Kind::Close(Delimiter::Brace));
            from = to;
        }
    }

    /// Whether an item begins here, before its attributes and documentation.
    fn is_item(&self, from: usize, end: usize) -> bool {
        let mut level = self
            .level(from, end)
            .filter(|&index| !matches!(self.tokens[index].kind, Kind::Doc | Kind::Open(_) | Kind::Punct));
        level.next().is_some_and(|index| {
            matches!(self.text_of(&self.tokens[index]), "pub" | "impl" | "fn" | "struct" | "enum" | "async" | "mod")
        })
    }

    /// Where the statement, item or member that begins at `from` ends.
    fn unit_end(&self, from: usize, end: usize) -> usize {
        if self.text_of(&self.tokens[from]) == "#" {
            let is_inner = from + 1 < end && self.text_of(&self.tokens[from + 1]) == "!";
            let open = from + 1 + usize::from(is_inner);
            if open < end && self.tokens[open].kind == Kind::Open(Delimiter::Bracket) {
                return self.tokens[open].close + 1;
            }
        }
        let is_item = self.is_item(from, end);
        let mut angles = 0_usize;
        for index in self.level(from, end) {
            let token = &self.tokens[index];
            match token.kind {
                Kind::AngleOpen => angles += 1,
                Kind::AngleClose => angles = angles.saturating_sub(1),
                Kind::Open(Delimiter::Brace) => {
                    let next = token.close + 1;
                    if next >= end {
                        return end;
                    }
                    let follower = &self.tokens[next];
                    let goes_on = matches!(
                        self.text_of(follower),
                        "else"
                            | "."
                            | "?"
                            | ","
                            | ";"
                            | "="
                            | "=="
                            | "!="
                            | "&&"
                            | "||"
                            | "as"
                            | "=>"
                            | "+"
                            | "-"
                            | "|"
                    );
                    if !goes_on {
                        return next;
                    }
                }
                Kind::Punct => match self.text_of(token) {
                    ";" => return index + 1,
                    // The members of a struct may begin with `pub`, as items do.
                    "," if angles == 0 && (!is_item || self.is_field(from)) => return index + 1,
                    _ => {}
                },
                _ => {}
            }
        }
        end
    }

    /// Whether `pub name:` begins here, perhaps as `pub(crate) name:`.
    fn is_field(&self, from: usize) -> bool {
        let mut index = from;
        if self.text_of(&self.tokens[index]) == "pub" {
            index += 1;
            if self.tokens.get(index).is_some_and(|token| token.kind == Kind::Open(Delimiter::Parenthesis)) {
                index = self.tokens[index].close + 1;
            }
        }
        self.tokens.get(index + 1).is_some_and(|token| self.text_of(token) == ":")
    }

    /// Prints a range on the current line, opening up the groups that do not fit.
    fn fill(&mut self, start: usize, end: usize, indent: usize) {
        let mut index = start;
        let mut column = self.column();
        let mut angles = 0_usize;
        let mut in_where = false;
        while index < end {
            let token = self.tokens[index];
            let spaced = token.has_space && index > start;
            match token.kind {
                Kind::AngleOpen => angles += 1,
                Kind::AngleClose => angles = angles.saturating_sub(1),
                Kind::Word if self.text_of(&token) == "where" => {
                    in_where = true;
                    self.line(indent);
                    self.write(&token, false);
                    self.line(indent + INDENT);
                    index += 1;
                    column = indent + INDENT;
                    if index < end {
                        // The first bound begins its own line.
                        self.tokens[index].has_space = false;
                    }
                    continue;
                }
                Kind::Open(delimiter) if token.close > index + 1 => {
                    let tail = self.tail(token.close + 1, end);
                    let width = self.tokens[tail - 1].reach - token.reach + 1 + usize::from(spaced);
                    if token.breaks || column + width > WIDTH {
                        if in_where && delimiter == Delimiter::Brace {
                            in_where = false;
                            self.line(indent);
                            self.write(&token, false);
                        } else {
                            self.write(&token, spaced);
                        }
                        self.open_up(index, indent);
                        index = token.close + 1;
                        column = self.column();
                    } else {
                        self.write_flat(index, token.close + 1, spaced);
                        index = token.close + 1;
                        column = self.column();
                    }
                    continue;
                }
                _ => {}
            }
            self.write(&token, spaced);
            column += usize::from(spaced) + (token.end - token.start);
            index += 1;
            if in_where && angles == 0 && self.text_of(&token) == "," && index < end {
                if self.tokens[index].kind == Kind::Open(Delimiter::Brace) {
                    continue;
                }
                self.line(indent + INDENT);
                self.tokens[index].has_space = false;
                column = indent + INDENT;
            }
        }
    }

    /// The contents of the group that opens at `open`, on lines of their own, and its closing.
    fn open_up(&mut self, open: usize, indent: usize) {
        let close = self.tokens[open].close;
        let is_brace = self.tokens[open].kind == Kind::Open(Delimiter::Brace);
        let has_comma = self.level(open + 1, close).any(|index| self.text_of(&self.tokens[index]) == ",");
        let last = self.level(open + 1, close).last().unwrap_or(open);
        let head = self.tokens[last].reach.saturating_sub(self.tokens[open].reach);
        if !is_brace && !has_comma && self.tokens[last].close > last + 1 && self.column() + head <= WIDTH {
            // A single argument that ends in a group of its own: `map(|x| {` stays on one line.
            self.fill(open + 1, close, indent);
        } else {
            self.out.push('\n');
            self.sequence(open + 1, close, indent + INDENT, false);
            self.pad(indent);
        }
        let token = self.tokens[close];
        self.write(&token, false);
    }

    /// The end of what has to stand on the same line behind a group: up to the next group, or a where clause.
    fn tail(&self, from: usize, end: usize) -> usize {
        let stop = self
            .level(from, end)
            .find(|&index| self.tokens[index].close > index || self.text_of(&self.tokens[index]) == "where");
        match stop {
            Some(index) if self.tokens[index].close > index => index + 1,
            Some(index) => index,
            None => end,
        }
    }

    fn write_flat(&mut self, start: usize, end: usize, spaced: bool) {
        for index in start..end {
            let token = self.tokens[index];
            self.write(&token, if index == start { spaced } else { token.has_space });
        }
    }

    fn write(&mut self, token: &Token, spaced: bool) {
        if spaced {
            self.out.push(' ');
        }
        self.out.push_str(&self.text[token.start..token.end]);
    }

    fn doc_lines(&mut self, index: usize, indent: usize) {
        let token = self.tokens[index];
        let marker = if token.kind == Kind::InnerDoc { "//!" } else { "///" };
        let text = &self.text[token.start..token.end];
        // A line that begins without a space gets one: `////` would be no documentation any more.
        let has_margin = text.split('\n').all(|line| line.is_empty() || line.starts_with(' '));
        for line in text.split('\n') {
            pad(indent, &mut self.out);
            self.out.push_str(marker);
            self.out.push_str(if line.is_empty() || has_margin { "" } else { " " });
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    fn line(&mut self, indent: usize) {
        self.out.push('\n');
        self.pad(indent);
    }

    fn pad(&mut self, indent: usize) {
        pad(indent, &mut self.out);
    }

    fn column(&self) -> usize {
        self.out.len() - self.out.rfind('\n').map_or(0, |newline| newline + 1)
    }

    fn text_of(&self, token: &Token) -> &str {
        &self.text[token.start..token.end]
    }

    /// Whether a space belongs before the token at `index`.
    fn is_spaced(&self, index: usize) -> bool {
        let (before, this) = (&self.tokens[index - 1], &self.tokens[index]);
        let (left, right) = (self.text_of(before), self.text_of(this));
        match (before.kind, this.kind) {
            (Kind::Open(Delimiter::Brace), Kind::Close(_)) => false,
            // `use a::{b, c}` has no spaces inside its braces; every other brace has.
            (Kind::Open(Delimiter::Brace), _) => !self.is_list_of_names(index - 1),
            (_, Kind::Close(Delimiter::Brace)) => !self.is_list_of_names(this.open),
            (Kind::Open(_), _) | (_, Kind::Close(_)) => false,
            (_, Kind::Open(Delimiter::Brace)) => left != "::",
            (Kind::BarOpen, _) | (_, Kind::BarClose) => false,
            (Kind::BarClose, _) => true,
            // Only a closing angle still remembers that it was joined to what follows.
            (Kind::AngleClose, Kind::AngleClose) => false,
            _ if before.kind == Kind::Punct && before.breaks && this.kind == Kind::Punct => false,
            (_, Kind::Punct) if matches!(right, "," | ";" | "." | "?" | ":" | ".." | "..=") => {
                left == ":" || left == "=" && right != ";"
            }
            (Kind::Punct, _) if matches!(left, "." | "::" | "#" | "'" | ".." | "..=" | "$") => false,
            (Kind::Punct, _) if matches!(left, "&" | "*" | "-" | "!") && self.is_unary(index - 1) => {
                // `& &` and `- -` would be read as one operator.
                this.kind == Kind::Punct && matches!(right, "&" | "-" | "=" | "&&")
            }
            (Kind::Word | Kind::Literal, Kind::Open(_)) => is_spaced_keyword(left),
            (Kind::Punct, Kind::Open(_)) => !matches!(left, "!" | "?" | "#"),
            (_, Kind::Open(_)) => !matches!(before.kind, Kind::AngleClose | Kind::Close(_) | Kind::AngleOpen),
            (_, Kind::AngleOpen) => {
                is_spaced_keyword(left) && left != "impl" || matches!(left, ":" | "=" | "->" | "," | "+" | "=>")
            }
            (Kind::AngleOpen, _) | (_, Kind::AngleClose) => false,
            (Kind::AngleClose, Kind::Punct) => right != "::",
            (Kind::AngleClose, _) => true,
            (Kind::Word, Kind::Punct) if right == "::" => is_spaced_keyword(left) || left == "pub",
            (Kind::Word, Kind::Punct) if right == "!" => is_spaced_keyword(left),
            (Kind::Close(_), Kind::Punct) if right == "::" => false,
            _ => true,
        }
    }

    fn is_list_of_names(&self, open: usize) -> bool {
        open.checked_sub(1).is_some_and(|before| self.text_of(&self.tokens[before]) == "::")
    }

    /// Whether the operator at `index` has no left operand.
    fn is_unary(&self, index: usize) -> bool {
        index
            .checked_sub(1)
            .map(|before| &self.tokens[before])
            .is_none_or(|before| is_operand_missing(self.text_of(before), before.kind))
    }
}

fn is_operator(text: &str) -> bool {
    matches!(
        text,
        "::" | "->"
            | "=>"
            | "=="
            | "!="
            | "<="
            | ">="
            | "&&"
            | "||"
            | ".."
            | "..."
            | "..="
            | "+="
            | "-="
            | "*="
            | "/="
            | "%="
            | "^="
            | "|="
            | "&="
    )
}

/// Whether nothing that ends with this token could be the left operand of an operator.
fn is_operand_missing(text: &str, kind: Kind) -> bool {
    match kind {
        Kind::Word => is_spaced_keyword(text),
        Kind::Literal | Kind::Lifetime | Kind::Close(_) | Kind::AngleClose => false,
        Kind::Punct => text != "?",
        _ => true,
    }
}

/// Whether `<` behind this token begins generics: `Vec<`, `::<`, `impl<`, `: <T as X>`.
fn is_before_generics(text: &str, kind: Kind) -> bool {
    match kind {
        Kind::Word => text.starts_with(|c: char| c.is_uppercase()) || is_spaced_keyword(text),
        Kind::Punct => matches!(text, "::" | ":" | "," | "=" | "&" | "->" | "+" | "=>" | "*"),
        Kind::Open(_) | Kind::AngleOpen => true,
        _ => false,
    }
}

/// Keywords that are followed by something of their own rather than called or continued.
fn is_spaced_keyword(word: &str) -> bool {
    matches!(
        word,
        "as" | "async"
            | "await"
            | "break"
            | "const"
            | "dyn"
            | "else"
            | "enum"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "ref"
            | "return"
            | "static"
            | "struct"
            | "trait"
            | "type"
            | "unsafe"
            | "use"
            | "where"
            | "while"
    )
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use proc_macro2::{TokenStream, TokenTree};

    use super::*;
    use crate::rust::tree::trees;

    /// The tokens one by one, as text; documentation as its lines, whichever way it is written.
    fn tokens(stream: TokenStream, out: &mut Vec<String>) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        for (index, tree) in trees.iter().enumerate() {
            match tree {
                TokenTree::Group(group) if group.delimiter() == Delimiter::None => tokens(group.stream(), out),
                TokenTree::Group(group) => {
                    let text = group.stream().to_string();
                    let is_inner = index > 1 && trees[index - 1].to_string() == "!";
                    let is_attribute = index > 0 && trees[index - 1 - usize::from(is_inner)].to_string() == "#";
                    if let Some(doc) = text.strip_prefix("doc = ").filter(|_| is_attribute).and_then(string_literal) {
                        // The `#` and `!`, of which there is one for each line.
                        out.truncate(out.len() - 1 - usize::from(is_inner));
                        out.extend(doc.split('\n').map(|line| format!("/// {}", line.trim())));
                        continue;
                    }
                    out.push(format!("{:?}", group.delimiter()));
                    tokens(group.stream(), out);
                    out.push("end".to_owned());
                }
                _ => out.push(tree.to_string()),
            }
        }
    }

    #[track_caller]
    fn check_same_tokens(source: &str) -> String {
        let stream = TokenStream::from_str(source).unwrap();
        let text = print(&trees(stream.clone()));
        let (mut before, mut after) = (Vec::new(), Vec::new());
        tokens(stream, &mut before);
        tokens(TokenStream::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}")), &mut after);
        assert_eq!(before, after, "\n{text}");
        text
    }

    #[track_caller]
    fn check(source: &str, expected: &str) {
        assert_eq!(check_same_tokens(source), expected);
    }

    #[test]
    fn items_are_laid_out_as_people_write_them() {
        check(
            "pub struct A ; pub fn f < T > ( mut self , a : & 'a str ) -> Vec < Vec < T > > { if a == b { c ( ) } else { & * d } }",
            "pub struct A;\n\npub fn f<T>(mut self, a: &'a str) -> Vec<Vec<T>> {\n    if a == b { c() } else { &*d }\n}\n",
        );
        check(
            "impl < 'a > From < B > for A < 'a > where B : C , { type D = :: std :: E ; }",
            "impl<'a> From<B> for A<'a>\nwhere\n    B: C,\n{\n    type D = ::std::E;\n}\n",
        );
        check(
            "mod m { use a :: { b , c } ; # [doc = \"One.\\n\\nTwo.\"] # [allow (x)] pub enum E { A , B (u8) , } }",
            "mod m {\n    use a::{b, c};\n\n    /// One.\n    ///\n    /// Two.\n    #[allow(x)]\n    pub enum E {\n        A,\n        B(u8),\n    }\n}\n",
        );
        check(
            "fn f ( ) { let x = match y { 1u8 => a , _ => { b ; c } } ; z . map ( | v | v + 1 ) ? }",
            "fn f() {\n    let x = match y {\n        1u8 => a,\n        _ => {\n            b;\n            c\n        }\n    };\n    z.map(|v| v + 1)?\n}\n",
        );
    }

    #[test]
    fn layout_changes_no_token() {
        for source in [
            "fn f() { a = - - b; c = & & d; e = ! ! g; h = a < b && c > d; i = x as u8 < 3; j = 1 .. 2; k = ..=3; }",
            "fn f() -> impl Fn(u8) -> Box<dyn A<B = C<D>>> + '_ { move |a, b| async move { a || b } }",
            "macro_rules! m { ($a:expr, $($b:tt)*) => { $a $($b)* }; }",
            "#![doc = \"inner\"] #[doc = \"/slash\"] #[doc = \" spaced\"] #[doc = r#\"raw \"quoted\" text\"#] fn f() {}",
            "#[doc = \"carriage\\rreturn\"] struct A { #[doc = \"field\"] pub(crate) a: Vec<(u8,)>, b: [u8; 4] }",
            "const A: &str = \"a \\\" b { c\"; static B: char = '{'; const C: u8 = b'\\''; const D: &[u8] = b\"x\\n\";",
            "fn very_long_function_name_that_needs_room(first_argument: SomeLongType<WithGenerics>, second_argument: AnotherLongType, third: u8) -> Result<SomeLongType<WithGenerics>, AnotherVeryLongErrorType> where SomeLongType<WithGenerics>: Clone, AnotherLongType: Copy { first_argument.method_one(second_argument).method_two(|x| { x; y }).method_three(third, third, third, third, third, third) }",
            "fn f() { return; loop { break 'a; } while let Some(x) = y.next() { continue } if let A { b, .. } = c {} }",
            "impl A { const B: u8 = 1 << 2 >> 3; fn c(self: &Self, #[x] d: *const u8) {} }",
        ] {
            check_same_tokens(source);
        }
    }

    #[test]
    fn source_is_printed_as_it_is_where_it_stands() {
        let mut module = trees(TokenStream::from_str("mod m").unwrap());
        let mut inside = vec![Tree::Source("//! A.\n\nuse b::c;\n\nfn d() {\n    // Why.\n    e()\n}\n")];
        inside.extend(trees(TokenStream::from_str("fn f() {}").unwrap()));
        module.push(Tree::Group(crate::rust::tree::Group { delimiter: Delimiter::Brace, trees: inside }));
        let expected = "mod m {\n    //! A.\n\n    use b::c;\n\n    fn d() {\n        // Why.\n        e()\n    }\n\n    fn f() {}\n}\n";
        assert_eq!(print(&module), expected);
    }

    #[test]
    fn a_generated_client_reads_back_as_the_same_tokens() {
        check_same_tokens(include_str!("../../tests/golden/generated.rs"));
    }
}
