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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::suite::Suite;

    #[test]
    fn only_what_takes_an_operation_of_its_own_is_costly() {
        let case = |id: &str, kind: serde_json::Value, given: &str, status: u16| {
            let operation = id.split('/').next().unwrap();
            json!({"id": id, "operation": operation, "kind": kind, "given": given, "expected": {"status": status},
                "request": {"method": "POST", "path": format!("/{operation}/{status}")}})
        };
        let journey = |after: &[&str]| json!({"journey": {"shows": "it", "after": after}});
        let permitted = || json!({"permitted": {"allows": "it"}});
        let derived = || json!({"derived": {"breaks": "it"}});
        let suite = json!({
            "title": "Doors", "version": "1",
            "cases": [
                case("open/ok", json!("documented"), "a shut door", 200),
                case("shut/ok", json!("documented"), "an open door", 200),
                case("open/permitted/slowly", permitted(), "a shut door", 200),
                case("open/permitted/when_open", permitted(), "an open door", 409),
                case("shut/derived/hard", derived(), "an open door", 400),
                // It only looks at what has just happened anyway.
                case("open/journey/open_then_open", journey(&["open/ok"]), "a shut door", 409),
                // Its first step is sent for it alone.
                case("shut/journey/open_then_shut", journey(&["open/ok"]), "a shut door", 200),
                case("shut/journey/twice", journey(&["open/ok", "shut/ok", "open/ok"]), "a shut door", 200),
                case("open/journey/hard_then_ok", journey(&["shut/derived/hard"]), "an open door", 409),
            ],
            "lifecycle": {
                "resource": "door", "identifier": "door_id", "states": [{"name": "open"}, {"name": "shut"}],
                "operations": {"open": {"from": ["shut"], "to": "open"}, "shut": {"from": ["open"], "to": "shut"}},
                "givens": {"a shut door": {"state": "shut"}, "an open door": {"state": "open"}},
            },
        });
        let suite = Suite::from_json(&suite.to_string()).unwrap();
        let tour = Tour::new(&suite).unwrap();
        let start = ResourceState { state: Some("shut".to_owned()), ..ResourceState::default() };
        let costly = costly(&tour, &start, &suite.cases.iter().collect::<Vec<_>>());
        let ids: Vec<_> = costly.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, ["open/permitted/slowly", "shut/journey/open_then_shut", "shut/journey/twice"]);
    }
}
