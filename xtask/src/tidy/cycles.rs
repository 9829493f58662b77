//! Finds files of a crate that import each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use super::modules::Edge;

/// A shortest cycle through each group of files that import each other, as one message per group.
pub(super) fn cycles(folder: &Path, edges: &[Edge]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut seen: BTreeSet<&PathBuf> = BTreeSet::new();
    let starts: BTreeSet<&PathBuf> = edges.iter().map(|edge| &edge.from).collect();
    for start in starts {
        if seen.contains(start) {
            continue;
        }
        if let Some(cycle) = shortest(edges, start) {
            let group = group(edges, start);
            let mut text = format!("{}: {} files import each other", folder.display(), group.len());
            for edge in cycle {
                let (from, to) = (folder.join(&edge.from), edge.to.display());
                text += &format!("\n  {}:{}: `{}` leads to {to}", from.display(), edge.line, edge.import);
            }
            text += "\nhint: move what both sides need into a file of its own that neither imports back";
            problems.push(text);
            seen.extend(group);
        }
    }
    problems
}

/// The edges of a shortest way from `start` back to it.
fn shortest<'e>(edges: &'e [Edge], start: &PathBuf) -> Option<Vec<&'e Edge>> {
    let mut came: BTreeMap<&PathBuf, &Edge> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for edge in edges.iter().filter(|edge| edge.from == *file) {
            if !came.contains_key(&edge.to) {
                came.insert(&edge.to, edge);
                queue.push_back(&edge.to);
            }
        }
    }
    let mut way = vec![*came.get(start)?];
    while way.last().is_some_and(|edge| edge.from != *start) {
        way.push(came[&way[way.len() - 1].from]);
    }
    way.reverse();
    Some(way)
}

/// All files that reach `start` and are reached from it.
fn group<'e>(edges: &'e [Edge], start: &'e PathBuf) -> BTreeSet<&'e PathBuf> {
    let reached = |forward: bool| {
        let ends = |edge: &'e Edge| if forward { (&edge.from, &edge.to) } else { (&edge.to, &edge.from) };
        let mut reached = BTreeSet::from([start]);
        let mut queue = vec![start];
        while let Some(file) = queue.pop() {
            for (from, to) in edges.iter().map(ends) {
                if from == file && reached.insert(to) {
                    queue.push(to);
                }
            }
        }
        reached
    };
    reached(true).intersection(&reached(false)).copied().collect()
}
