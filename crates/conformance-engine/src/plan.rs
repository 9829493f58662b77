//! Which cases run, in which order, from which state; and what cannot be reached, and why?
//! Nothing is sent to find out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::report_text::escaped;
use crate::request::{Replacements, Values, names, planned_body, planned_target, prepare};
use crate::suite::{Case, Suite};
use crate::value::excerpt;

/// What a runner has at hand to bring an endpoint into the states that the cases ask for.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Somebody answers provider-state requests.
    pub provider_states: bool,
    /// State -> the values of something that is in that state already. Preferred to a provider state.
    pub givens: BTreeMap<String, Values>,
    /// Values for every case; those of a state are preferred.
    pub values: Values,
    /// State -> what its provider must answer, unless `values` has it. A documented value in place of a missing one
    /// would name nothing that exists, so such a case is broken.
    pub needed: BTreeMap<String, Vec<String>>,
}

/// Which cases are asked for: patterns over case ids in which `*` is any text and `?` any character.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only cases that one of these matches; all if there are none.
    pub only: Vec<String>,
    /// No case that one of these matches.
    pub skip: Vec<String>,
}

/// What becomes of every case of a suite, in the order of the suite.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// The suite.
    pub suite: &'a Suite,
    /// The values for every case.
    pub values: &'a Values,
    /// What providers of states must answer.
    pub needed: &'a BTreeMap<String, Vec<String>>,
    /// One entry for each case of the suite, in its order.
    pub entries: Vec<Entry<'a>>,
    /// Patterns of the selection that match no case at all.
    pub matchless: Vec<String>,
}

/// What becomes of one case.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The case.
    pub case: &'a Case,
    /// Whether and how it runs.
    pub fate: Fate<'a>,
    /// Method and address as planned. With a provider state the path has its variables in braces: who fills them is
    /// not known yet.
    pub address: String,
    /// The body as planned, if there is one; with a provider state, before the values that it will answer.
    pub body: Option<String>,
}

/// Whether a case runs, and from which state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate<'a> {
    /// It asks for no state.
    NoStateNeeded,
    /// Something is in its state already; these are its values.
    Given(&'a Values),
    /// The provider is asked to bring something into its state.
    ProviderState,
    /// It cannot be brought into its state, for this reason.
    Unreachable(String),
    /// It was not asked for.
    Skipped,
}

impl<'a> Plan<'a> {
    /// Plans `suite`. A value, or a state, that no case knows is an error: a typo would silently test something else.
    /// So is a value that does not have the type of what it replaces.
    pub fn new(suite: &'a Suite, reach: &'a Reach, selection: &Selection) -> Result<Self, PlanError> {
        check_names(suite, reach)?;
        check_types(suite, reach)?;
        let entries = suite.cases.iter().map(|case| entry(case, reach, selection)).collect();
        let patterns = selection.only.iter().chain(&selection.skip);
        let is_matchless = |pattern: &&String| !suite.cases.iter().any(|case| matches(pattern, &case.id));
        let matchless = patterns.filter(is_matchless).cloned().collect();
        Ok(Self { suite, values: &reach.values, needed: &reach.needed, entries, matchless })
    }

    /// The entries that run, in their order.
    pub fn steps(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter().filter(|entry| entry.runs())
    }

    /// Whether any step asks for a provider state.
    pub fn needs_provider_states(&self) -> bool {
        self.entries.iter().any(|entry| entry.fate == Fate::ProviderState)
    }
}

impl Entry<'_> {
    /// The case will be sent.
    pub fn runs(&self) -> bool {
        matches!(self.fate, Fate::NoStateNeeded | Fate::Given(_) | Fate::ProviderState)
    }
}

/// The plan as text, for people who want to know before anything is sent.
impl fmt::Display for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.entries.iter().map(|entry| entry.case.id.chars().count()).max().unwrap_or(0);
        writeln!(f, "{} of {} cases run, in this order", self.steps().count(), self.entries.len())?;
        for entry in self.steps() {
            writeln!(f, "  {:width$}  {}", entry.case.id, entry.address)?;
            if let Some(body) = &entry.body {
                writeln!(f, "  {:width$}    body {}", "", escaped(&excerpt(body, SHOWN)))?;
            }
            let state = entry.case.given.as_deref().unwrap_or_default();
            match entry.fate {
                Fate::ProviderState => writeln!(f, "  {:width$}    given {state} (provider state)", "")?,
                Fate::Given(values) => {
                    let values: Vec<_> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
                    writeln!(f, "  {:width$}    given {state} ({})", "", values.join(", "))?;
                }
                _ => {}
            }
        }
        let unreachable = self.entries.iter().filter_map(|entry| match &entry.fate {
            Fate::Unreachable(reason) => Some((entry.case, reason)),
            _ => None,
        });
        list(f, "cannot be reached", width, unreachable.map(|(case, reason)| (case.id.as_str(), reason.as_str())))?;
        let skipped = self.entries.iter().filter(|entry| entry.fate == Fate::Skipped);
        list(f, "skipped, as asked for", width, skipped.map(|entry| (entry.case.id.as_str(), "")))?;
        let left_out = self.suite.left_out.iter();
        let left_out = left_out.map(|left_out| (left_out.operation.as_str(), left_out.reason.as_str()));
        list(f, "in the document, but no case", width, left_out)?;
        list(f, "patterns that match no case", width, self.matchless.iter().map(|pattern| (pattern.as_str(), "")))
    }
}

/// Names that nothing in the suite knows, and values of the wrong type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    problems: Vec<String>,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl std::error::Error for PlanError {}

/// The longest body in the plan, in bytes.
const SHOWN: usize = 120;

fn entry<'a>(case: &'a Case, reach: &'a Reach, selection: &Selection) -> Entry<'a> {
    let fate = fate(case, reach, selection);
    let replacements = replacements(case, reach);
    let target = match (&fate, prepare(case, replacements, "", "", None)) {
        (Fate::ProviderState, _) => planned_target(case, replacements),
        (_, Ok((_, sent))) => sent.target,
        // It will be broken, or is unreachable anyway.
        (_, Err(_)) => case.request.path.clone(),
    };
    // `check_types` has reported what could be wrong with it.
    let body = planned_body(case, replacements).unwrap_or_default();
    Entry { case, fate, address: format!("{} {target}", case.request.method), body }
}

/// The values that are known for `case` before anything is sent.
fn replacements<'a>(case: &Case, reach: &'a Reach) -> Replacements<'a> {
    static NOTHING: Values = Values::new();
    let state = case.given.as_ref().and_then(|state| reach.givens.get(state)).unwrap_or(&NOTHING);
    Replacements { state, run: &reach.values }
}

fn fate<'a>(case: &'a Case, reach: &'a Reach, selection: &Selection) -> Fate<'a> {
    let matched_by = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, &case.id));
    if !selection.only.is_empty() && !matched_by(&selection.only) || matched_by(&selection.skip) {
        return Fate::Skipped;
    }
    let Some(state) = &case.given else {
        return Fate::NoStateNeeded;
    };
    if let Some(values) = reach.givens.get(state) {
        return Fate::Given(values);
    }
    if reach.provider_states {
        return Fate::ProviderState;
    }
    Fate::Unreachable(format!("nothing in the state `{state}` was given, and there is nobody to ask for it"))
}

fn check_names(suite: &Suite, reach: &Reach) -> Result<(), PlanError> {
    let known: BTreeSet<&str> = suite.cases.iter().flat_map(|case| names(&case.request)).collect();
    let states: BTreeSet<&str> = suite.cases.iter().filter_map(|case| case.given.as_deref()).collect();
    let given = reach.values.keys().chain(reach.givens.values().flat_map(BTreeMap::keys));
    let given: BTreeSet<&str> = given.map(String::as_str).collect();

    let mut problems = Vec::new();
    let unknown_names = given.difference(&known);
    problems.extend(unknown_names.map(|name| unknown("request uses a value", name, "the requests know", &known)));
    let givens: BTreeSet<&str> = reach.givens.keys().map(String::as_str).collect();
    let unknown_states = givens.difference(&states);
    problems.extend(unknown_states.map(|state| unknown("case asks for a state", state, "the cases ask for", &states)));
    if problems.is_empty() { Ok(()) } else { Err(PlanError { problems }) }
}

/// A value that replaces a documented boolean or number must be one.
fn check_types(suite: &Suite, reach: &Reach) -> Result<(), PlanError> {
    let mut problems: Vec<String> = Vec::new();
    for case in &suite.cases {
        let found = planned_body(case, replacements(case, reach)).err().unwrap_or_default();
        for problem in found.lines() {
            if !problems.iter().any(|known| known == problem) {
                problems.push(problem.to_owned());
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(PlanError { problems }) }
}

fn unknown(what: &str, name: &str, who: &str, known: &BTreeSet<&str>) -> String {
    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    format!("no {what} called `{name}`\nhint: {who} {known}")
}

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

/// `*` is any text, `?` any one character; everything else is itself. Linear in practice: only the last `*` is retried.
fn matches(pattern: &str, id: &str) -> bool {
    let (pattern, id): (Vec<char>, Vec<char>) = (pattern.chars().collect(), id.chars().collect());
    let (mut at_pattern, mut at_id) = (0, 0);
    let mut last_star = None;
    while at_id < id.len() {
        match pattern.get(at_pattern) {
            Some('*') => {
                last_star = Some((at_pattern, at_id));
                at_pattern += 1;
            }
            Some(character) if *character == '?' || *character == id[at_id] => {
                at_pattern += 1;
                at_id += 1;
            }
            _ => {
                let Some((star, from)) = last_star else { return false };
                last_star = Some((star, from + 1));
                (at_pattern, at_id) = (star + 1, from + 1);
            }
        }
    }
    pattern[at_pattern..].iter().all(|character| *character == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_match(pattern: &str, id: &str, expected: bool) {
        assert_eq!(matches(pattern, id), expected, "{pattern} {id}");
    }

    fn suite() -> Suite {
        let case = |id: &str, given: Option<&str>| {
            serde_json::json!({
                "id": id, "operation": id.split('/').next(), "given": given, "expected": {"status": 200},
                "request": {"method": "GET", "path": "/rockets/{rocket_id}", "aliases": {"id": "rocket_id"}, "parameters": [
                    {"name": "action", "in": "query", "value": "go", "constant": true},
                    {"name": "rocket_id", "in": "path", "value": "r-1"},
                ]},
            })
        };
        let suite = serde_json::json!({
            "title": "Rockets", "version": "1",
            "cases": [case("list/ok", None), case("show/ok", Some("a rocket")), case("show/gone", Some("no rocket"))],
            "left_out": [{"operation": "fly", "reason": "it has no example"}],
        });
        Suite::from_json(&suite.to_string()).unwrap()
    }

    fn given(state: &str, name: &str, value: &str) -> BTreeMap<String, Values> {
        [(state.to_owned(), [(name.to_owned(), value.to_owned())].into())].into()
    }

    #[track_caller]
    fn check(reach: &Reach, selection: &Selection, expected: &str) {
        let suite = suite();
        let text = match Plan::new(&suite, reach, selection) {
            Ok(plan) => plan.to_string(),
            Err(error) => error.to_string() + "\n",
        };
        assert_eq!(text, expected);
    }

    #[test]
    fn a_case_without_a_way_to_its_state_is_unreachable() {
        check(
            &Reach { givens: given("a rocket", "id", "r 7"), ..Reach::default() },
            &Selection::default(),
            "2 of 3 cases run, in this order\n\
            \x20 list/ok    GET /rockets/r-1?action=go\n\
            \x20 show/ok    GET /rockets/r%207?action=go\n\
            \x20              given a rocket (id=r 7)\n\
            cannot be reached\n\
            \x20 show/gone  nothing in the state `no rocket` was given, and there is nobody to ask for it\n\
            in the document, but no case\n\
            \x20 fly        it has no example\n",
        );
    }

    #[test]
    fn what_is_given_is_preferred_to_a_provider_state() {
        check(
            &Reach {
                provider_states: true,
                givens: given("a rocket", "rocket_id", "r-7"),
                values: [("rocket_id".to_owned(), "r-0".to_owned())].into(),
                ..Reach::default()
            },
            &Selection { only: vec!["show/*".to_owned()], skip: vec!["fly/*".to_owned()] },
            "2 of 3 cases run, in this order\n\
            \x20 show/ok    GET /rockets/r-7?action=go\n\
            \x20              given a rocket (rocket_id=r-7)\n\
            \x20 show/gone  GET /rockets/{rocket_id}?action=go\n\
            \x20              given no rocket (provider state)\n\
            skipped, as asked for\n\
            \x20 list/ok\n\
            in the document, but no case\n\
            \x20 fly        it has no example\n\
            patterns that match no case\n\
            \x20 fly/*\n",
        );
    }

    #[test]
    fn a_name_that_nothing_knows_is_an_error_with_those_that_are_known() {
        check(
            &Reach {
                provider_states: false,
                givens: given("a rokcet", "id", "r-7"),
                values: [("action".to_owned(), "stop".to_owned()), ("rocketid".to_owned(), "r-0".to_owned())].into(),
                ..Reach::default()
            },
            &Selection::default(),
            "no request uses a value called `action`\n\
            hint: the requests know `id`, `rocket_id`\n\
            no request uses a value called `rocketid`\n\
            hint: the requests know `id`, `rocket_id`\n\
            no case asks for a state called `a rokcet`\n\
            hint: the cases ask for `a rocket`, `no rocket`\n",
        );
    }

    fn suite_with_bodies() -> Suite {
        let case = |id: &str, given: Option<&str>, body: serde_json::Value| {
            serde_json::json!({
                "id": id, "operation": "launch", "given": given, "expected": {"status": 200},
                "request": {"method": "POST", "path": "/{fleet}/rockets/{rocket_id}/launch", "body": body, "parameters": [
                    {"name": "action", "in": "query", "value": "go", "constant": true},
                    {"name": "pace", "in": "query", "value": "slow"},
                    {"name": "fleet", "in": "path", "value": "f 1", "constant": true},
                    {"name": "rocket_id", "in": "path", "value": "r-1"},
                ]},
            })
        };
        let body = serde_json::json!({"media_type": "application/json", "value": {"delay": 5, "forceLaunch": true}});
        let text = serde_json::json!({"media_type": "text/plain", "value": "a\n".repeat(100)});
        let cases = [
            case("launch/ok", Some("a rocket"), body.clone()),
            case("launch/now", None, body),
            case("note/ok", None, text),
        ];
        Suite::from_json(&serde_json::json!({"title": "Rockets", "version": "1", "cases": cases}).to_string()).unwrap()
    }

    #[test]
    fn a_body_is_shown_with_the_values_that_were_set_and_a_provider_state_with_its_template() {
        let values = [("delay".to_owned(), "7".to_owned())].into();
        let reach = Reach { provider_states: true, values, ..Reach::default() };
        let suite = suite_with_bodies();
        let plan = Plan::new(&suite, &reach, &Selection::default()).unwrap();
        let expected = format!(
            "3 of 3 cases run, in this order\n\
            \x20 launch/ok   POST /f%201/rockets/{{rocket_id}}/launch?action=go&pace=slow\n\
            \x20               body {{\"delay\":7,\"forceLaunch\":true}}\n\
            \x20               given a rocket (provider state)\n\
            \x20 launch/now  POST /f%201/rockets/r-1/launch?action=go&pace=slow\n\
            \x20               body {{\"delay\":7,\"forceLaunch\":true}}\n\
            \x20 note/ok     POST /f%201/rockets/r-1/launch?action=go&pace=slow\n\
            \x20               body {}…\n",
            "a\\n".repeat(60),
        );
        assert_eq!(plan.to_string(), expected);
    }

    #[test]
    fn a_value_of_another_type_than_documented_is_an_error() {
        let values = [("delay".to_owned(), "soon".to_owned())].into();
        let reach = Reach { givens: given("a rocket", "forceLaunch", "maybe"), values, ..Reach::default() };
        let error = Plan::new(&suite_with_bodies(), &reach, &Selection::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`delay` is documented as a number, and `soon` is none\n\
             `forceLaunch` is documented as a boolean, and `maybe` is none",
        );
    }

    #[test]
    fn patterns() {
        check_match("launch/ok", "launch/ok", true);
        check_match("launch/*", "launch/ok", true);
        check_match("*/ok", "launch/ok", true);
        check_match("*a*c*/??", "launch/ok", true);
        check_match("launch", "launch/ok", false);
        check_match("launch/o?", "launch/o", false);
        check_match("*b", "aab", true);
        check_match("a*b", "aabba", false);
        check_match("**", "", true);
        check_match("", "", true);
        check_match("?", "ä", true);
        check_match("[a]", "a", false);
    }
}
