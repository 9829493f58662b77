//! What can be asked for at an address?

use crate::api::operation::{ApiVersion, Operation};
use http::Method;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// An address the API has, taken apart.
#[derive(Debug, PartialEq)]
pub(crate) struct Route<'a> {
    pub(crate) version: ApiVersion,
    pub(crate) project: Cow<'a, str>,
    /// Empty where the address has none.
    pub(crate) graph: Cow<'a, str>,
    /// The identifier of a job or a backup; empty where the address has none.
    pub(crate) item: Cow<'a, str>,
    pub(crate) methods: &'static [(Method, Endpoint)],
}

/// What a method asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Operation(Operation),
    /// Whatever the query parameter `action_id` says.
    ByActionId,
}

/// `None` if the API has no such address.
pub(crate) fn route(path: &str) -> Option<Route<'_>> {
    let path = path.strip_prefix('/')?;
    let is_encoded = path.contains('%');
    let mut segments: [Cow<'_, str>; 7] = Default::default();
    let (mut begin, mut count) = (0, 0);
    let mut take = |end: usize| {
        let segment = &path[begin..end];
        let segment = if is_encoded { decoded(segment)? } else { Cow::Borrowed(segment) };
        if segment.is_empty() {
            return None;
        }
        *segments.get_mut(count)? = segment;
        (begin, count) = (end + 1, count + 1);
        Some(())
    };
    // Segments are too short for the searches of the standard library to be worth their while.
    for (at, letter) in path.bytes().enumerate() {
        if letter == b'/' {
            take(at)?;
        }
    }
    take(path.len())?;
    let texts: [&str; 7] = std::array::from_fn(|i| &*segments[i]);
    let (version, methods) = match &texts[..count] {
        ["v1.0", _, rest @ ..] => (ApiVersion::V1, methods_in_v1(rest).or_else(|| methods_in_both(rest))?),
        ["v2", _, rest @ ..] => (ApiVersion::V2, methods_in_v2(rest).or_else(|| methods_in_both(rest))?),
        _ => return None,
    };
    let [_, project, _, graph, _, item, _] = segments;
    Some(Route { version, project, graph, item, methods })
}

type Methods = &'static [(Method, Endpoint)];

fn methods_in_v1(segments: &[&str]) -> Option<Methods> {
    const ACTION: Methods = &[(Method::POST, Endpoint::ByActionId)];
    match segments {
        ["graphs", _, "action"] => Some(ACTION),
        _ => None,
    }
}

fn methods_in_v2(segments: &[&str]) -> Option<Methods> {
    const START: Methods = &[(Method::POST, Endpoint::Operation(Operation::StartGraph))];
    const RESTART: Methods = &[(Method::POST, Endpoint::Operation(Operation::RestartGraph))];
    const STOP: Methods = &[(Method::POST, Endpoint::Operation(Operation::StopGraph))];
    const UPGRADE: Methods = &[(Method::POST, Endpoint::Operation(Operation::UpgradeGraph))];
    match segments {
        ["graphs", _, "start"] => Some(START),
        ["graphs", _, "restart"] => Some(RESTART),
        ["graphs", _, "stop"] => Some(STOP),
        ["graphs", _, "upgrade"] => Some(UPGRADE),
        _ => None,
    }
}

fn methods_in_both(segments: &[&str]) -> Option<Methods> {
    const GRAPHS: Methods = &[(Method::GET, Endpoint::Operation(Operation::ListGraphs))];
    const JOBS: Methods = &[(Method::GET, Endpoint::Operation(Operation::ListJobs))];
    const BACKUPS: Methods = &[(Method::GET, Endpoint::Operation(Operation::ListBackups))];
    const GRAPH: Methods = &[(Method::GET, Endpoint::Operation(Operation::ShowGraph))];
    const JOB: Methods = &[(Method::GET, Endpoint::Operation(Operation::ShowJob))];
    const GRAPH_BACKUPS: Methods = &[
        (Method::GET, Endpoint::Operation(Operation::ListGraphBackups)),
        (Method::POST, Endpoint::Operation(Operation::CreateBackup)),
    ];
    const BACKUP: Methods = &[(Method::DELETE, Endpoint::Operation(Operation::DeleteBackup))];
    match segments {
        ["graphs"] => Some(GRAPHS),
        ["graphs", "jobs"] => Some(JOBS),
        ["graphs", "backups"] => Some(BACKUPS),
        ["graphs", _] => Some(GRAPH),
        ["graphs", _, "backups"] => Some(GRAPH_BACKUPS),
        ["graphs", _, "backups", _] => Some(BACKUP),
        ["graphs", _, "jobs", _, "status"] => Some(JOB),
        _ => None,
    }
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
    fn the_documented_addresses_are_known() {
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
    fn an_address_belongs_to_its_version() {
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
    fn anything_else_is_unknown() {
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
    fn what_cannot_be_decoded_is_unknown() {
        for segment in ["%", "%4", "%zz", "%ff", "%%41", "a%é"] {
            check(&format!("/v2/p/graphs/{segment}/stop"), &[]);
        }
    }

    #[test]
    fn identifiers_are_found_where_they_are() {
        let route = route("/v1.0/p/graphs/g/jobs/j/status").unwrap();
        assert_eq!((&*route.project, &*route.graph, &*route.item), ("p", "g", "j"));
    }
}
