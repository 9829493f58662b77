//! Applies the actions of overlays to a tree.
//!
//! What an update adds keeps its place in the overlay; what a copy adds, its place in the document.

use super::action::{Action, Change, Path, Version};
use super::select::{Exhausted, Way, select};
use super::{Overlay, read};
use crate::node::{Data, Node};
use crate::source::{At, Diagnostics, Level};

/// How many steps one path may take for each value of the document, and all paths together.
const MOST_STEPS: (u64, u64) = (50, 500_000_000);
/// How many values may be added, and how many bytes of text are worth one.
const MOST_ADDED: usize = 1_000_000;
const TEXT: usize = 64;
/// Deeper nesting than any real document has, as for the text of a document.
const MAX_DEPTH: usize = 100;

/// Applies all overlays, one after the other, to the document called `document`, whose tree is `root`. The files of the
/// overlays count from 1. Returns whether all that they say was done; if not, what is wrong was reported.
pub(crate) fn apply(document: &str, root: &mut Node, overlays: &[Overlay<'_>], found: &mut Diagnostics) -> bool {
    let read: Vec<_> =
        overlays.iter().zip(1..).map(|(overlay, file)| read::read(document, overlay, file, found)).collect();
    let Some(actions) = read.into_iter().collect::<Option<Vec<_>>>() else { return false };
    let names = std::iter::once(document).chain(overlays.iter().map(|overlay| overlay.name)).collect();
    let size = measure(root).0 as u64;
    let mut work = Work { names, size, left: MOST_STEPS.1, added: 0, found };
    let before = work.found.errors().count();
    for action in actions.into_iter().flatten() {
        if let Err(problem) = work.action(&action, root) {
            let Problem { rule, at, message, notes, hint } = problem;
            work.found.report_with(rule, at, message, notes, hint);
        }
    }
    work.found.errors().count() == before
}

/// Why an action cannot be done.
struct Problem {
    rule: &'static str,
    at: At,
    message: String,
    notes: Vec<String>,
    hint: &'static str,
}

struct Work<'w> {
    /// The files.
    names: Vec<&'w str>,
    /// How many values the document has.
    size: u64,
    /// How many steps are left for all paths.
    left: u64,
    added: usize,
    found: &'w mut Diagnostics,
}

impl Work<'_> {
    fn action(&mut self, action: &Action, root: &mut Node) -> Result<(), Problem> {
        let ways = self.select(&action.target, root)?;
        if ways.is_empty() {
            let message = format!("`{}` selects nothing, so the action changes nothing", action.target.text);
            let hint = "correct the path if something is meant (references are not followed), or remove the action";
            self.found.report("overlay-no-match", action.target.at, message, hint);
            return Ok(());
        }
        match &action.change {
            Change::Remove => {
                if ways.iter().any(Vec::is_empty) {
                    let message = "the whole document cannot be removed: nothing holds it".to_owned();
                    let hint = "select what is to be removed";
                    return Err(Problem::new("overlay-update", action.target.at, message, hint));
                }
                remove(root, &ways, 0);
                Ok(())
            }
            Change::Update(update) => self.put(action, root, &ways, update, None),
            Change::Copy(path) => {
                let sources = self.select(path, root)?;
                let [source] = &sources[..] else {
                    let message = format!("`{}` selects {} values, and one is copied", path.text, sources.len());
                    return Err(Problem::new("overlay-update", path.at, message, "select one value"));
                };
                let copied = at(root, source).map(|node| node.clone());
                copied.map_or(Ok(()), |copied| self.put(action, root, &ways, &copied, Some(path.at)))
            }
        }
    }

    fn select(&mut self, path: &Path, root: &Node) -> Result<Vec<Way>, Problem> {
        let allowed = self.left.min(MOST_STEPS.0 * (self.size + self.added as u64));
        let mut left = allowed;
        let selected = select(&path.query, root, &mut left);
        self.left -= allowed - left;
        selected.map_err(|Exhausted| {
            let message = format!("`{}` takes more than {allowed} steps, or selects too much", path.text);
            Problem::new("overlay-limit", path.at, message, "name what is meant more exactly, without `..` in filters")
        })
    }

    /// Merges `value` into each selected value, which stands in an overlay, or is a copy that is made at `copied`.
    fn put(
        &mut self,
        action: &Action,
        root: &mut Node,
        ways: &[Way],
        value: &Node,
        copied: Option<At>,
    ) -> Result<(), Problem> {
        let place = copied.unwrap_or(value.at);
        let (weight, depth) = measure(value);
        if action.version > Version::V1_0 {
            self.are_alike(action, root, ways)?;
        }
        for way in ways {
            self.added += weight;
            if self.added > MOST_ADDED {
                let message = format!("the updates up to here add more than {MOST_ADDED} values");
                return Err(Problem::new("overlay-limit", place, message, "select fewer values, or add less to each"));
            }
            if way.len() + depth > MAX_DEPTH {
                let message = format!("what is added here is nested more than {MAX_DEPTH} deep then");
                return Err(Problem::new("overlay-limit", place, message, "refer to it with a $ref"));
            }
            let Some(target) = at(root, way) else { continue };
            match (&mut target.data, &value.data) {
                (Data::List(own), Data::List(new)) if action.version > Version::V1_0 => own.extend(new.iter().cloned()),
                (Data::List(own), new) => {
                    own.push(value.clone());
                    if matches!(new, Data::List(_)) {
                        let message = "an overlay of version 1.0 adds a list as one item of the selected list";
                        let hint = "write `overlay: 1.1.0` to add its items, or add them one by one";
                        self.found.report("overlay-update", place, message, hint).level = Level::Warning;
                    }
                }
                (Data::Map(_), Data::Map(_)) => {
                    let before = self.found.errors().count();
                    self.merge(target, value, copied);
                    if self.found.errors().count() > before {
                        break;
                    }
                }
                (own, new) if is_primitive(own) && is_primitive(new) => *target = value.clone(),
                _ => {
                    let message =
                        format!("`{}` selects {}, and {} is merged", action.target.text, kind(target), kind(value));
                    let notes = vec![self.place(target)];
                    let hint = match &target.data {
                        Data::Map(_) => "a mapping takes a mapping: write the keys and their values",
                        _ => "a string, number or boolean is replaced by another; remove what is to be something else",
                    };
                    return Err(Problem { notes, ..Problem::new("overlay-update", place, message, hint) });
                }
            }
        }
        self.are_allowed(action, root, ways);
        Ok(())
    }

    /// In 1.1, one action changes values of one kind.
    fn are_alike(&mut self, action: &Action, root: &mut Node, ways: &[Way]) -> Result<(), Problem> {
        let mut first: Option<(&str, String)> = None;
        for way in ways {
            let Some(target) = at(root, way) else { continue };
            let (kind, place) = (kind(target), self.place(target));
            match &first {
                None => first = Some((kind, place)),
                Some((other, _)) if *other == kind => {}
                Some((other, other_place)) => {
                    let message =
                        format!("`{}` selects {other} and {kind}, and must select one kind", action.target.text);
                    let notes = vec![other_place.clone(), place];
                    let hint = "make an action for each kind, or add a filter to the path";
                    return Err(Problem { notes, ..Problem::new("overlay-update", action.target.at, message, hint) });
                }
            }
        }
        Ok(())
    }

    /// Version 1.0 selects no strings, numbers and booleans.
    fn are_allowed(&mut self, action: &Action, root: &mut Node, ways: &[Way]) {
        let is_primitive = ways.first().and_then(|way| at(root, way)).is_some_and(|target| is_primitive(&target.data));
        if action.version == Version::V1_0 && is_primitive {
            let message = "an overlay of version 1.0 updates mappings and lists only; this is done as in 1.1";
            let hint = "write `overlay: 1.1.0`, or select what holds the value";
            self.found.report("overlay-update", action.target.at, message, hint).level = Level::Warning;
        }
    }

    fn merge(&mut self, target: &mut Node, value: &Node, copied: Option<At>) {
        let (Data::Map(own), Data::Map(new)) = (&mut target.data, &value.data) else { return };
        for entry in new.iter() {
            let Some(old) = own.get_mut(&entry.key) else {
                own.push(entry.clone());
                continue;
            };
            match (&mut old.data, &entry.value.data) {
                (Data::Map(_), Data::Map(_)) => self.merge(old, &entry.value, copied),
                (Data::List(own), Data::List(new)) => own.extend(new.iter().cloned()),
                (own, new) if is_primitive(own) && is_primitive(new) => *old = entry.value.clone(),
                _ => {
                    let (is, was) = (kind(&entry.value), kind(old));
                    let message = format!("`{}` is {is} here and {was} in what it is merged with", entry.key);
                    let hint = match &entry.value.data {
                        Data::Null => "remove the key: nothing behind it is the value null",
                        _ => "write a value of the same kind, or remove the old one by an action before this one",
                    };
                    let notes = vec![self.place(old)];
                    self.found.report_with("overlay-update", copied.unwrap_or(entry.at), message, notes, hint);
                }
            }
        }
    }

    fn place(&self, node: &Node) -> String {
        let At { file, line, column } = node.at;
        let name = self.names.get(file as usize).copied().unwrap_or_default();
        format!("{} at {name}:{line}:{column}", kind(node))
    }
}

impl Problem {
    fn new(rule: &'static str, at: At, message: String, hint: &'static str) -> Problem {
        Problem { rule, at, message, notes: Vec::new(), hint }
    }
}

/// The value that `way` leads to.
fn at<'n>(root: &'n mut Node, way: &[u32]) -> Option<&'n mut Node> {
    way.iter().try_fold(root, |node, position| match &mut node.data {
        Data::Map(map) => map.at_mut(*position as usize),
        Data::List(items) => items.get_mut(*position as usize),
        _ => None,
    })
}

/// Removes what `ways`, in order and without the first `depth` steps, lead to.
fn remove(node: &mut Node, ways: &[Way], depth: usize) {
    let mut removed: Vec<usize> = Vec::new();
    for ways in ways.chunk_by(|one, other| one.get(depth) == other.get(depth)) {
        let Some(position) = ways.first().and_then(|way| way.get(depth)) else { continue };
        if ways[0].len() == depth + 1 {
            removed.push(*position as usize);
        } else if let Some(inner) = at(node, &[*position]) {
            remove(inner, ways, depth + 1);
        }
    }
    let is_removed = |position: usize| removed.binary_search(&position).is_ok();
    match &mut node.data {
        _ if removed.is_empty() => {}
        Data::Map(map) => map.remove(is_removed),
        Data::List(items) => {
            let mut position = 0..;
            items.retain(|_| position.next().is_some_and(|position| !is_removed(position)));
        }
        _ => {}
    }
}

fn is_primitive(data: &Data) -> bool {
    !matches!(data, Data::Map(_) | Data::List(_))
}

fn kind(node: &Node) -> &'static str {
    match &node.data {
        Data::Map(_) => "a mapping",
        Data::List(_) => "a list",
        _ => "a single value",
    }
}

/// How many values there are in `node`, long texts counting more, and how deep they are nested.
fn measure(node: &Node) -> (usize, usize) {
    let inner: &mut dyn Iterator<Item = (usize, &Node)> = match &node.data {
        Data::List(items) => &mut items.iter().map(|item| (0, item)),
        Data::Map(map) => &mut map.iter().map(|entry| (entry.key.len() / TEXT, &entry.value)),
        Data::Text(text) => return (1 + text.len() / TEXT, 0),
        _ => return (1, 0),
    };
    inner.fold((1, 1), |(size, depth), (key, node)| {
        let (more, deeper) = measure(node);
        (size + key + more, depth.max(deeper + 1))
    })
}
