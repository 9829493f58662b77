//! The states that operations begin and end in (`x-lifecycle`), one below the other, and what leads from one to another,
//! as SVG.
//!
//! Whatever leaves a state as it was is listed at its right. What leads elsewhere is an arc at the left: every arc has
//! places of its own at both ends, and the further it leads, the further out it goes; so no two lie on each other.

use std::fmt::Write;

use openapi_document::Document;
use openapi_document::node::{Data, Node};

const LINE: usize = 26;
const GAP: usize = 34;
const BOX: usize = 130;
/// Between the left edge, where words begin, and the boxes; and between the boxes and the right edge.
const LEFT: usize = 360;
const RIGHT: usize = 440;

struct Arrow {
    from: usize,
    to: usize,
    words: String,
}

/// The diagram, with what it shows in words for those who cannot see it. It takes its colour from the page it is on.
/// Nothing is on it where the document has no lifecycle.
pub(crate) fn diagram(document: &Document) -> String {
    let (states, arrows) = document.root().get("x-lifecycle").map(read).unwrap_or_default();
    let in_words = |arrow: &Arrow| format!("{} to {}: {}", states[arrow.from], states[arrow.to], arrow.words);
    let described = arrows.iter().map(in_words).collect::<Vec<_>>().join("; ");
    let tops = tops(states.len(), &arrows);
    let height = tops.last().map_or(0, |(top, height)| top + height + 10);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {height}\" role=\"img\" aria-label=\"{}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"currentColor\">\n",
        LEFT + BOX + RIGHT,
        escaped(&described)
    );
    out.push_str(
        "<marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         orient=\"auto\"><path d=\"M0 0 8 4 0 8z\"/></marker>\n",
    );
    for (state, (top, height)) in states.iter().zip(&tops) {
        let (x, y) = (LEFT + BOX / 2, top + height / 2);
        line(
            &mut out,
            &format!(
                "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{BOX}\" height=\"{height}\" rx=\"6\" fill=\"none\" stroke=\"currentColor\"/>"
            ),
        );
        let place =
            format!("x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" dominant-baseline=\"central\" font-weight=\"bold\"");
        text(&mut out, &place, state);
    }
    arcs(&mut out, &arrows, &tops);
    loops(&mut out, &arrows, &tops);
    out.push_str("</svg>\n");
    out
}

fn read(lifecycle: &Node) -> (Vec<&str>, Vec<Arrow>) {
    let calls = lifecycle.entries_of("operations").map(|entry| (entry.key.as_str(), &entry.value));
    let by_itself = lifecycle.items_of("automatic").iter().map(|node| ("by itself", node));
    let all: Vec<(&str, &Node)> =
        calls.chain(by_itself).filter(|(_, node)| node.text("to").is_some() || is_removal(node)).collect();
    let is_used =
        |state: &str| all.iter().any(|(_, node)| node.text("to") == Some(state) || froms(node).contains(&state));
    let states: Vec<&str> =
        lifecycle.entries_of("states").map(|entry| entry.key.as_str()).filter(|state| is_used(state)).collect();
    let place = |state: &str| states.iter().position(|known| *known == state);
    let mut arrows = Vec::new();
    for (name, node) in &all {
        let through: Vec<&str> = node.items_of("through").iter().filter_map(Node::as_text).collect();
        let mut words = (*name).to_owned();
        if let Some(after) = node.text("after") {
            words.push_str(&format!(" after {after}"));
        }
        if !through.is_empty() {
            words.push_str(&format!(" through {}", through.join(", ")));
        }
        if is_removal(node) {
            words.push_str(" removes it");
        }
        let to = node.text("to").and_then(place);
        for from in froms(node).into_iter().filter_map(place) {
            let to = to.or_else(|| is_removal(node).then_some(from));
            arrows.extend(to.map(|to| Arrow { from, to, words: words.clone() }));
        }
    }
    (states, arrows)
}

/// There is no such resource afterwards (`to: null`).
fn is_removal(node: &Node) -> bool {
    node.get("to").is_some_and(|to| matches!(to.data, Data::Null))
}

/// One state, or a list of them.
fn froms(node: &Node) -> Vec<&str> {
    let Some(from) = node.get("from") else { return Vec::new() };
    from.as_text().into_iter().chain(from.items().iter().filter_map(Node::as_text)).collect()
}

/// Where each state begins and how high it is: as many lines as there are places at its fuller side.
fn tops(states: usize, arrows: &[Arrow]) -> Vec<(usize, usize)> {
    let mut tops = Vec::new();
    let mut top = 10;
    for state in 0..states {
        let leads_elsewhere = |arrow: &&Arrow| arrow.from != arrow.to && (arrow.from == state || arrow.to == state);
        let left = arrows.iter().filter(leads_elsewhere).count();
        let right = arrows.iter().filter(|arrow| arrow.from == state && arrow.to == state).count();
        let height = LINE * left.max(right).max(1);
        tops.push((top, height));
        top += height + GAP;
    }
    tops
}

/// The next free place at one side of each state.
struct Places<'t> {
    tops: &'t [(usize, usize)],
    taken: Vec<usize>,
}

impl<'t> Places<'t> {
    fn new(tops: &'t [(usize, usize)]) -> Self {
        Self { tops, taken: vec![0; tops.len()] }
    }

    fn next(&mut self, state: usize) -> usize {
        self.taken[state] += 1;
        self.tops[state].0 + LINE * self.taken[state] - LINE / 2
    }
}

fn arcs(out: &mut String, arrows: &[Arrow], tops: &[(usize, usize)]) {
    let mut places = Places::new(tops);
    for arrow in arrows.iter().filter(|arrow| arrow.from != arrow.to) {
        let (from, to) = (places.next(arrow.from), places.next(arrow.to));
        let furthest = LEFT - (30 + from.abs_diff(to) / 3).min(150);
        line(
            out,
            &format!(
                "<path d=\"M{LEFT} {from} C{furthest} {from} {furthest} {to} {LEFT} {to}\" fill=\"none\" stroke=\"currentColor\" \
                 marker-end=\"url(#tip)\"/>"
            ),
        );
        text(out, &format!("x=\"{}\" y=\"{}\" text-anchor=\"end\"", LEFT - 8, from - 5), &arrow.words);
    }
}

fn loops(out: &mut String, arrows: &[Arrow], tops: &[(usize, usize)]) {
    let right = LEFT + BOX;
    let mut places = Places::new(tops);
    for arrow in arrows.iter().filter(|arrow| arrow.from == arrow.to) {
        let y = places.next(arrow.from);
        line(
            out,
            &format!(
                "<path d=\"M{right} {} h18 q8 6 0 12 h-16\" fill=\"none\" stroke=\"currentColor\" marker-end=\"url(#tip)\"/>",
                y - 6
            ),
        );
        text(out, &format!("x=\"{}\" y=\"{y}\" dominant-baseline=\"central\"", right + 34), &arrow.words);
    }
}

fn line(out: &mut String, element: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{element}");
}

fn text(out: &mut String, place: &str, words: &str) {
    line(out, &format!("<text {place}>{}</text>", escaped(words)));
}

/// Whoever wrote the document chose these words; on a page they are words and nothing else.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
