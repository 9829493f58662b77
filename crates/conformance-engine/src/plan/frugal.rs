//! Which cases of a tour cost nothing more than the documented ones.

use crate::model::suite::{Case, Kind};
use crate::plan::tour_search::{ResourceState, Tour};

/// The cases that take operations of their own on a tour from `start` through the states that the documented cases need.
/// All others run in states that the tour passes anyway, or in place of what it sends anyway.
pub(crate) fn costly<'a>(map: &Tour<'a>, start: &ResourceState, open: &[&'a Case]) -> Vec<&'a Case> {
    let is_shown = |case: &Case| matches!(case.kind, Kind::Documented | Kind::Described);
    let mut kept: Vec<&Case> = open.iter().copied().filter(|case| is_shown(case)).collect();
    let plain = map.simulate(start, &kept);
    let fewest = plain.end.history.len();
    let passed: Vec<&ResourceState> =
        plain.moves.iter().flat_map(|step| [&step.before, &step.after]).chain([start, &plain.end]).collect();
    let mut costly = Vec::new();
    for case in open.iter().copied().filter(|case| !is_shown(case)) {
        if map.is_free(&passed, case) {
            continue;
        }
        kept.push(case);
        let with = map.simulate(start, &kept);
        let is_reached = with.unreached.iter().all(|unreached| unreached.id != case.id);
        if is_reached && with.end.history.len() > fewest {
            kept.pop();
            costly.push(case);
        } else if !is_reached {
            // Its reason is said where it is left.
            kept.pop();
        }
    }
    costly
}
