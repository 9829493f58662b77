//! The paths of the API, and the operations behind them.

use crate::api::operation::{ApiVersion, Operation};
use http::Method;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// A path of the API, taken apart.
#[derive(Debug, PartialEq)]
pub(crate) struct Route<'a> {
    pub(crate) version: ApiVersion,
    pub(crate) project: Cow<'a, str>,
    /// Empty if the path has none.
    pub(crate) graph: Cow<'a, str>,
    /// The identifier of a job or a backup; empty if the path has none.
    pub(crate) item: Cow<'a, str>,
    pub(crate) methods: &'static [(Method, Endpoint)],
}

/// What a method of a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Operation(Operation),
    /// The operation that the query parameter `action_id` names.
    ByActionId,
}

/// `None` if the API has no such path.
pub(crate) fn route(path: &str) -> Option<Route<'_>> {
    let mut segments: [Cow<'_, str>; 7] = Default::default();
    let mut count = 0;
    for segment in path.strip_prefix('/')?.split('/') {
        *segments.get_mut(count)? = decoded(segment).filter(|segment| !segment.is_empty())?;
        count += 1;
    }
    let texts: [&str; 7] = std::array::from_fn(|i| &*segments[i]);
    let (version, rest) = match &texts[..count] {
        ["v1.0", _, rest @ ..] => (ApiVersion::V1, rest),
        ["v2", _, rest @ ..] => (ApiVersion::V2, rest),
        _ => return None,
    };
    let methods = methods(version, rest)?;
    let [_, project, _, graph, _, item, _] = segments;
    Some(Route { version, project, graph, item, methods })
}

type Methods = &'static [(Method, Endpoint)];

/// The methods of a path, of which these are the segments after the project.
fn methods(version: ApiVersion, segments: &[&str]) -> Option<Methods> {
    use ApiVersion::{V1, V2};
    use Operation::*;

    const fn get(operation: Operation) -> (Method, Endpoint) {
        (Method::GET, Endpoint::Operation(operation))
    }
    const fn post(operation: Operation) -> (Method, Endpoint) {
        (Method::POST, Endpoint::Operation(operation))
    }
    const fn delete(operation: Operation) -> (Method, Endpoint) {
        (Method::DELETE, Endpoint::Operation(operation))
    }

    Some(match (version, segments) {
        (V1, ["graphs", _, "action"]) => const { &[(Method::POST, Endpoint::ByActionId)] },
        (V2, ["graphs", _, "start"]) => const { &[post(StartGraph)] },
        (V2, ["graphs", _, "restart"]) => const { &[post(RestartGraph)] },
        (V2, ["graphs", _, "stop"]) => const { &[post(StopGraph)] },
        (V2, ["graphs", _, "upgrade"]) => const { &[post(UpgradeGraph)] },
        (_, ["graphs"]) => const { &[get(ListGraphs)] },
        (_, ["graphs", "jobs"]) => const { &[get(ListJobs)] },
        (_, ["graphs", "backups"]) => const { &[get(ListBackups)] },
        (_, ["graphs", _]) => const { &[get(ShowGraph)] },
        (_, ["graphs", _, "backups"]) => const { &[get(ListGraphBackups), post(CreateBackup)] },
        (_, ["graphs", _, "backups", _]) => const { &[delete(DeleteBackup)] },
        (_, ["graphs", _, "jobs", _, "status"]) => const { &[get(ShowJob)] },
        _ => return None,
    })
}

/// `None` if a percent sign is not followed by two hexadecimal digits, or the result is not UTF-8.
pub(crate) fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut after_signs = text.split('%').skip(1);
    let well_formed = after_signs
        .all(|after| after.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)));
    well_formed.then(|| percent_decode_str(text).decode_utf8().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &[(Method, Endpoint)]) {
        let found = route(path).map(|route| route.methods);
        assert_eq!(found.unwrap_or_default(), expected, "{path}");
    }

    #[test]
    fn the_documented_paths_are_known() {
        check("/v1.0/p/graphs/g/action", &[(Method::POST, Endpoint::ByActionId)]);
        check("/v2/p/graphs/g/stop", &[(Method::POST, Endpoint::Operation(Operation::StopGraph))]);
        check(
            "/v2/p/graphs/g/backups",
            &[
                (Method::GET, Endpoint::Operation(Operation::ListGraphBackups)),
                (Method::POST, Endpoint::Operation(Operation::CreateBackup)),
            ],
        );
    }

    #[test]
    fn a_path_belongs_to_its_version() {
        check("/v2/p/graphs/g/action", &[]);
        check("/v1.0/p/graphs/g/stop", &[]);
        check("/v1/p/graphs/g/action", &[]);
    }

    #[test]
    fn lists_are_not_graphs() {
        check("/v2/p/graphs/jobs", &[(Method::GET, Endpoint::Operation(Operation::ListJobs))]);
        check("/v2/p/graphs/backups", &[(Method::GET, Endpoint::Operation(Operation::ListBackups))]);
        check("/v2/p/graphs/jobs1", &[(Method::GET, Endpoint::Operation(Operation::ShowGraph))]);
    }

    #[test]
    fn other_paths_are_unknown() {
        for path in ["", "/", "*", "/v2", "/v2/p", "/v2//graphs/g/stop", "/v2/p/graphs/g/stop/", "/v2/p/graphs//stop"] {
            check(path, &[]);
        }
        check(&"/v2".repeat(5000), &[]);
    }

    #[test]
    fn segments_are_decoded() {
        let route = route("/v2/p%31/graphs/g%2Fh/s%74op").unwrap();
        assert_eq!((&*route.project, &*route.graph), ("p1", "g/h"));
    }

    #[test]
    fn a_path_with_invalid_percent_encoding_is_unknown() {
        for segment in ["%", "%4", "%zz", "%ff", "%%41", "a%é"] {
            check(&format!("/v2/p/graphs/{segment}/stop"), &[]);
        }
    }

    #[test]
    fn identifiers_are_taken_from_the_path() {
        let route = route("/v1.0/p/graphs/g/jobs/j/status").unwrap();
        assert_eq!((&*route.project, &*route.graph, &*route.item), ("p", "g", "j"));
    }
}
