//! Shows a plan as text.

use std::fmt;
use std::time::Duration;

use crate::format::terminal::escaped;
use crate::model::exchange::Purpose;
use crate::model::suite::Case;
use crate::model::text::excerpt;
use crate::plan::plan::{Disposition, Plan, PlannedCase, Tour};
use crate::plan::tour_search::is_success;

/// The longest body in the plan, in bytes.
const SHOWN: usize = 120;

/// The plan as text, for people who want to know before anything is sent.
impl fmt::Display for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.entries.iter().map(|entry| entry.case.id.chars().count()).max().unwrap_or(0).min(WIDEST);
        writeln!(f, "{} of {} cases run, in this order", self.steps().count(), self.entries.len())?;
        for entry in self.steps().filter(|entry| !matches!(entry.disposition, Disposition::Tour(_))) {
            self.entry(entry, width, f)?;
        }
        for tour in &self.tours {
            self.tour(tour, width, f)?;
        }
        let unreachable = self.entries.iter().filter_map(|entry| match &entry.disposition {
            Disposition::Unreachable(reason) => Some((entry.case, reason)),
            _ => None,
        });
        list(f, "cannot be reached", width, unreachable.map(|(case, reason)| (case.id.as_str(), reason.as_str())))?;
        let broken = self.entries.iter().filter_map(|entry| match &entry.disposition {
            Disposition::Broken(reason) => Some((entry.case.id.as_str(), reason.as_str())),
            _ => None,
        });
        list(f, "cannot be judged, because the document contradicts itself", width, broken)?;
        let skipped = self.entries.iter().filter(|entry| entry.disposition == Disposition::Skipped);
        list(f, "skipped, as asked for", width, skipped.map(|entry| (entry.case.id.as_str(), "")))?;
        let left_out = self.suite.left_out.iter();
        let left_out = left_out.map(|left_out| (left_out.operation.as_str(), left_out.reason.as_str()));
        let title = format!("in the document, but no case: {}", self.suite.left_out.len());
        list(f, &title, width, left_out)?;
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

    fn entry(&self, entry: &PlannedCase<'_>, width: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {:width$}  {}", entry.case.id, self.address(entry))?;
        if let Some(body) = self.body(entry) {
            writeln!(f, "  {:width$}    body {}", "", escaped(&excerpt(&body, SHOWN)))?;
        }
        let request = &entry.case.request;
        if request.body.as_ref().is_some_and(|body| body.composed) {
            writeln!(f, "  {:width$}    the body is composed from its schema", "")?;
        }
        let made: Vec<&str> = request.made().collect();
        if !made.is_empty() {
            writeln!(f, "  {:width$}    made, not documented: {}", "", escaped(&made.join(", ")))?;
        }
        if !request.unsent.is_empty() {
            writeln!(f, "  {:width$}    optional, not sent: {}", "", escaped(&request.unsent.join(", ")))?;
        }
        let state = entry.case.given.as_deref().unwrap_or_default();
        match &entry.disposition {
            Disposition::ProviderState => writeln!(f, "  {:width$}    given {state} (provider state)", "")?,
            Disposition::Given(values) => {
                let values: Vec<_> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
                writeln!(f, "  {:width$}    given {state} ({})", "", values.join(", "))?;
            }
            _ => {}
        }
        let steps = entry.case.kind.steps();
        if !steps.is_empty() {
            writeln!(f, "  {:width$}    after {}", "", steps.join(", "))?;
        }
        match self.effect(entry.case) {
            Some(effect) => writeln!(f, "  {:width$}    {effect}", ""),
            None => Ok(()),
        }
    }

    fn tour(&self, tour: &Tour<'_>, width: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<_> = tour.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let start = if tour.looks_first {
            format!("taken to be {}, which is looked up first; from another state the order is another", tour.start)
        } else {
            tour.start.clone()
        };
        writeln!(f, "then, with {} ({start})", values.join(", "))?;
        for planned in &tour.moves {
            let name = match &planned.purpose {
                Purpose::Return => "(back)".to_owned(),
                Purpose::Towards(state) => format!("(to be {state})"),
                Purpose::Step(journey) => format!("(for {journey})"),
                _ => planned.case.id.clone(),
            };
            writeln!(f, "  {name:width$}  {}", planned.address)?;
            if let Some(body) = &planned.body {
                writeln!(f, "  {:width$}    body {}", "", escaped(&excerpt(body, SHOWN)))?;
            }
            match self.effect(planned.case) {
                Some(effect) if planned.from == planned.to => {
                    writeln!(f, "  {:width$}    {}: {effect}", "", planned.from)?
                }
                Some(effect) => writeln!(f, "  {:width$}    {} -> {}: {effect}", "", planned.from, planned.to)?,
                None => {}
            }
        }
        let end = tour.moves.last().map_or(&tour.start, |planned| &planned.to);
        if *end != tour.start {
            writeln!(f, "  it is left {end}: no documented operation leads back to {}", tour.start)?;
        }
        for line in &tour.stays {
            writeln!(f, "  {line}")?;
        }
        Ok(())
    }

    /// What a request does if it is answered as documented.
    fn effect(&self, case: &Case) -> Option<String> {
        let lifecycle = self.suite.lifecycle.as_ref()?;
        let transition = lifecycle.operations.get(&case.operation)?;
        if !is_success(case) {
            return Some(format!("refused with {}, no effect", case.expected.status));
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

fn list<'t>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    width: usize,
    lines: impl Iterator<Item = (&'t str, &'t str)>,
) -> fmt::Result {
    for (index, (name, text)) in lines.enumerate() {
        if index == 0 {
            writeln!(f, "{title}")?;
        }
        writeln!(f, "{}", format!("  {name:width$}  {text}").trim_end())?;
    }
    Ok(())
}
