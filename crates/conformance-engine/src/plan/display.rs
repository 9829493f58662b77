//! Shows a plan as text.

use std::fmt;
use std::time::Duration;

use crate::format::terminal::escaped;
use crate::http::request::{Replacements, Values, planned_body, planned_target};
use crate::model::exchange::Purpose;
use crate::model::suite::Case;
use crate::model::text::excerpt;
use crate::plan::cost::KINDS;
use crate::plan::plan::{Disposition, Plan, PlannedCase, PlannedRequest, Tour};
use crate::plan::tour_search::is_success;

/// Writes a line of the plan, in which no text of the document can begin another.
macro_rules! say {
    ($to:expr, $($text:tt)+) => {
        writeln!($to, "{}", escaped(&format!($($text)+)))
    };
}

/// The longest body in the plan, in bytes.
const SHOWN: usize = 120;

/// The plan as text, for people who want to know before anything is sent.
impl fmt::Display for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.entries.iter().map(|entry| entry.case.id.chars().count()).max().unwrap_or(0).min(WIDEST);
        say!(f, "{} of {} cases run, in this order", self.steps().count(), self.entries.len())?;
        self.groups(width, f)?;
        for tour in &self.tours {
            self.tour(tour, width, f)?;
        }
        if self.provider_states && !self.needs_provider_states() {
            say!(f, "the provider-state endpoint is not used: no case that runs needs a state of it")?;
        }
        self.unreachable(width, f)?;
        let broken = self.entries.iter().filter_map(|entry| match &entry.disposition {
            Disposition::Broken(reason) => Some((entry.case.id.as_str(), reason.as_str())),
            _ => None,
        });
        list(f, "cannot be judged, because the document contradicts itself", width, broken)?;
        self.skipped(width, f)?;
        let left_out = self.suite.left_out.iter();
        let left_out = left_out.map(|left_out| (left_out.operation.as_str(), left_out.reason.as_str()));
        let title = format!("in the document, but no case: {}", self.suite.left_out.len());
        list(f, &title, width, left_out)?;
        let untried = self.suite.untried.iter();
        let untried = untried.map(|untried| (untried.operation.as_str(), untried.reason.as_str()));
        let title = format!("constraints that are not tried: {}", self.suite.untried.len());
        list(f, &title, width, untried)?;
        list(f, "patterns that match no case", width, self.matchless.iter().map(|pattern| (pattern.as_str(), "")))
    }
}

impl Plan<'_> {
    /// How long the plan takes at most, with so long for a call and for what a call began.
    pub fn longest(&self, call: Duration, wait: Duration) -> Duration {
        let size = self.size();
        let times =
            |duration: Duration, count: usize| duration.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
        // A wait ends with a look, which is a call.
        times(call, size.requests + size.waits).saturating_add(times(wait, size.waits))
    }

    /// What runs outside of tours, by kind: each case in full, or many of them by name.
    fn groups(&self, width: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.steps().filter(|entry| !matches!(entry.disposition, Disposition::Tour(_)));
        let steps: Vec<&PlannedCase<'_>> = steps.collect();
        let groups: Vec<_> = steps.chunk_by(|one, next| one.case.kind.name() == next.case.kind.name()).collect();
        for group in &groups {
            let kind = group.first().map_or("", |entry| entry.case.kind.name());
            let is_folded = group.len() > longest_list(kind);
            if groups.len() > 1 || is_folded {
                let hint = if is_folded { "; with a pattern for one of them, it is shown in full" } else { "" };
                say!(f, "{kind}: {}{hint}", group.len())?;
            }
            if is_folded {
                fold(group.iter().map(|entry| entry.case), f)?;
            } else {
                group.iter().try_for_each(|entry| self.entry(entry, width, f))?;
            }
        }
        Ok(())
    }

    fn unreachable(&self, width: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut reasons: Vec<(&str, Vec<&Case>)> = Vec::new();
        for entry in &self.entries {
            let Disposition::Unreachable(reason) = &entry.disposition else { continue };
            match reasons.iter_mut().find(|(known, _)| known == reason) {
                Some((_, cases)) => cases.push(entry.case),
                None => reasons.push((reason, vec![entry.case])),
            }
        }
        if !reasons.is_empty() {
            say!(f, "cannot be reached")?;
        }
        for (reason, cases) in reasons {
            if cases.len() > ALIKE {
                say!(f, "  {} cases  {reason}", cases.len())?;
                fold(cases.into_iter(), f)?;
            } else {
                cases.iter().try_for_each(|case| line(f, &case.id, width, reason))?;
            }
        }
        Ok(())
    }

    fn skipped(&self, width: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skipped = self.entries.iter().filter(|entry| entry.disposition == Disposition::Skipped);
        let (spared, asked): (Vec<_>, Vec<_>) =
            skipped.map(|entry| entry.case).partition(|case| self.spared.contains(&case.id.as_str()));
        for (title, cases) in [
            ("not run, because they take operations of their own", spared),
            ("not selected (--kinds, --only, --skip)", asked),
        ] {
            if cases.len() > LISTED {
                let kinds: Vec<_> = KINDS
                    .iter()
                    .map(|kind| (cases.iter().filter(|case| case.kind.name() == *kind).count(), kind))
                    .filter(|(count, _)| *count > 0)
                    .map(|(count, kind)| format!("{count} {kind}"))
                    .collect();
                say!(f, "{title}: {}", kinds.join(", "))?;
            } else {
                list(f, title, width, cases.iter().map(|case| (case.id.as_str(), "")))?;
            }
        }
        Ok(())
    }

    fn entry(&self, entry: &PlannedCase<'_>, width: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        say!(f, "  {:width$}  {}", entry.case.id, self.address(entry))?;
        if let Some(body) = self.body(entry) {
            say!(f, "  {:width$}    body {}", "", excerpt(&body, SHOWN))?;
        }
        let request = &entry.case.request;
        if request.body.as_ref().is_some_and(|body| body.composed) {
            say!(f, "  {:width$}    the body is composed from its schema", "")?;
        }
        let made: Vec<&str> = request.made().collect();
        if !made.is_empty() {
            say!(f, "  {:width$}    made, not documented: {}", "", made.join(", "))?;
        }
        if !request.unsent.is_empty() {
            say!(f, "  {:width$}    optional, not sent: {}", "", request.unsent.join(", "))?;
        }
        let state = entry.case.given.as_deref().unwrap_or_default();
        match &entry.disposition {
            Disposition::ProviderState => say!(f, "  {:width$}    given {state} (provider state)", "")?,
            Disposition::Given(values) => {
                let values: Vec<_> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
                say!(f, "  {:width$}    given {state} ({})", "", values.join(", "))?;
            }
            Disposition::Made => self.setup(entry.case, width, f)?,
            _ => {}
        }
        let steps = entry.case.kind.steps();
        if !steps.is_empty() {
            say!(f, "  {:width$}    after {}", "", steps.join(", "))?;
        }
        if let Some(undo) = self.undo(entry.case) {
            say!(f, "  {:width$}    then {}", "", undo.case)?;
        }
        let stays = self.stays(entry.case, entry.case, entry.disposition == Disposition::Made);
        let makes = |always: bool| entry.case.expected.status == 201 || always && entry.case.expected.status < 300;
        if let Some(stays) = stays.filter(|stays| makes(stays.always)) {
            say!(f, "  {:width$}    left behind: what it makes ({})", "", stays.reason)?;
        }
        match self.effect(entry.case) {
            Some(effect) => say!(f, "  {:width$}    {effect}", ""),
            None => Ok(()),
        }
    }

    /// The calls that make the state of a case, and those that remove what they made.
    fn setup(&self, case: &Case, width: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(setup) = self.suite.setup(case) else { return Ok(()) };
        let state = case.given.as_deref().unwrap_or_default();
        let things = if case.kind.needs_two() { ", twice" } else { "" };
        say!(f, "  {:width$}    given {state} (made by calls{things})", "")?;
        let nothing = Values::new();
        let replacements = Replacements { state: &nothing, run: self.values };
        let mut shown = |word: &str, id: &str| match self.suite.case(id) {
            Some(call) => {
                let target = planned_target(call, replacements);
                say!(f, "  {:width$}      {word} {id}  {} {target}", "", call.request.method)?;
                let body = planned_body(call, replacements).unwrap_or_default().filter(|_| word == "call");
                match body {
                    Some(body) => say!(f, "  {:width$}        body {}", "", excerpt(&body, SHOWN)),
                    None => Ok(()),
                }
            }
            None => Ok(()),
        };
        setup.steps.iter().try_for_each(|step| shown("call", &step.case))?;
        let undone = setup.steps.iter().rev().filter_map(|step| step.undo.as_ref());
        undone.into_iter().try_for_each(|undo| shown("then", &undo.case))?;
        let stays: Vec<&str> = setup.steps.iter().filter(|step| step.stays).map(|step| step.case.as_str()).collect();
        if stays.is_empty() {
            return Ok(());
        }
        say!(f, "  {:width$}      left behind: what {} made", "", stays.join(", "))
    }

    fn tour(&self, tour: &Tour<'_>, width: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<_> = tour.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let start = if tour.looks_first {
            format!("taken to be {}, which is looked up first; from another state the order is another", tour.start)
        } else {
            tour.start.clone()
        };
        say!(f, "then, with {} ({start})", values.join(", "))?;
        let moves = tour.moves.chunk_by(|one, next| folded_with(one).is_some_and(|key| folded_with(next) == Some(key)));
        for planned in moves.flat_map(|alike| alike.chunks(if alike.len() > FOLDED { alike.len() } else { 1 })) {
            let [planned] = planned else {
                self.folded_moves(planned, f)?;
                continue;
            };
            let name = match &planned.purpose {
                Purpose::Return => "(back)".to_owned(),
                Purpose::Towards(state) => format!("(to be {state})"),
                Purpose::Step(journey) => format!("(for {journey})"),
                _ => planned.case.id.clone(),
            };
            say!(f, "  {name:width$}  {}", planned.address)?;
            if let Some(body) = &planned.body {
                say!(f, "  {:width$}    body {}", "", excerpt(body, SHOWN))?;
            }
            match self.effect(planned.case) {
                Some(effect) if planned.from == planned.to => say!(f, "  {:width$}    {}: {effect}", "", planned.from)?,
                Some(effect) => say!(f, "  {:width$}    {} -> {}: {effect}", "", planned.from, planned.to)?,
                None => {}
            }
        }
        let end = tour.moves.last().map_or(&tour.start, |planned| &planned.to);
        if *end != tour.start {
            say!(f, "  it is left {end}: no documented operation leads back to {}", tour.start)?;
        }
        for line in &tour.stays {
            say!(f, "  {line}")?;
        }
        Ok(())
    }

    /// Requests that are alike, by name.
    fn folded_moves(&self, moves: &[PlannedRequest<'_>], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = moves.first() else { return Ok(()) };
        if let Purpose::Step(journey) = &first.purpose {
            return say!(f, "  {} requests for {journey}  {}: refused, no effect", moves.len(), first.from);
        }
        let effect = if is_success(first.case) {
            let mut ways: Vec<String> = Vec::new();
            for planned in moves {
                let way = format!("{} -> {}", planned.from, planned.to);
                if !ways.contains(&way) {
                    ways.push(way);
                }
            }
            format!("each disruptive: {}", ways.join(", "))
        } else {
            format!("{}: refused, no effect", first.from)
        };
        say!(f, "  {} {} cases  {effect}", moves.len(), first.case.kind.name())?;
        fold(moves.iter().map(|planned| planned.case), f)
    }

    /// What a request does if it is answered as documented.
    fn effect(&self, case: &Case) -> Option<String> {
        let lifecycle = self.suite.lifecycle.as_ref()?;
        let transition = lifecycle.operations.get(&case.operation)?;
        if !is_success(case) {
            return Some(format!("refused with {}, no effect", case.expected.status));
        }
        if transition.removes() {
            return Some(format!("disruptive: removes the {}", lifecycle.resource));
        }
        let adds = if transition.adds.is_empty() {
            String::new()
        } else {
            format!(", adds a {}", transition.adds.join(" and a "))
        };
        Some(format!("disruptive: leaves the {} {}{adds}", lifecycle.resource, transition.to))
    }
}

/// A column for ids is no wider; longer ones push the rest aside.
const WIDEST: usize = 40;

/// Of the documented cases and of others, longer lists are folded.
const LISTED_DOCUMENTED: usize = 60;
const LISTED: usize = 12;

/// More cases that cannot be reached for one reason are listed by name.
const ALIKE: usize = 2;
/// More requests of a tour that are alike are folded.
const FOLDED: usize = 4;
/// Lines of names are no wider.
const WIDEST_NAMES: usize = 76;

fn longest_list(kind: &str) -> usize {
    if ["documented", "described"].contains(&kind) { LISTED_DOCUMENTED } else { LISTED }
}

/// Requests of a tour with the same key are folded to one entry, if there are many of them one after another.
fn folded_with<'p>(planned: &'p PlannedRequest<'_>) -> Option<(&'p str, bool, &'p str)> {
    let (kind, is_success) = (planned.case.kind.name(), is_success(planned.case));
    let state = if is_success { "" } else { planned.from.as_str() };
    match &planned.purpose {
        Purpose::Step(journey) if !is_success => Some((journey, is_success, state)),
        Purpose::Case if longest_list(kind) == LISTED && planned.case.kind.steps().is_empty() => {
            Some((kind, is_success, state))
        }
        _ => None,
    }
}

/// The cases by name: a line for each operation, or several.
fn fold<'c>(cases: impl Iterator<Item = &'c Case>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut operations: Vec<(&str, Vec<&str>)> = Vec::new();
    for case in cases {
        let operation = case.id.split_once('/').map_or("", |(operation, _)| operation);
        let name = case.id.strip_prefix(operation).unwrap_or(&case.id).trim_start_matches('/');
        let kind = format!("{}/", case.kind.name());
        let name = name.strip_prefix(&kind).unwrap_or(name);
        match operations.iter_mut().find(|(known, _)| *known == operation) {
            Some((_, names)) => names.push(name),
            None => operations.push((operation, vec![name])),
        }
    }
    for (operation, names) in operations {
        let mut line = format!("    {operation}: ");
        for (index, name) in names.iter().enumerate() {
            let separator = if index + 1 < names.len() { ", " } else { "" };
            if index > 0 && line.chars().count() + name.chars().count() > WIDEST_NAMES {
                say!(f, "{}", line.trim_end())?;
                line = "      ".to_owned();
            }
            line.extend([*name, separator]);
        }
        say!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, width: usize, text: &str) -> fmt::Result {
    say!(f, "{}", format!("  {name:width$}  {text}").trim_end())
}

fn list<'t>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    width: usize,
    lines: impl Iterator<Item = (&'t str, &'t str)>,
) -> fmt::Result {
    for (index, (name, text)) in lines.enumerate() {
        if index == 0 {
            say!(f, "{title}")?;
        }
        line(f, name, width, text)?;
    }
    Ok(())
}
