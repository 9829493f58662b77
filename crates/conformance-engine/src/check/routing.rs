//! Finds the operations of a contract that a request can be addressed to.
//!
//! - **Constants choose.** Among operations at one address, those whose constants the query has.
//! - **A path matches whole.** Variables stand for one or more characters without a slash; of two paths that match, the
//!   one with more characters of its own counts (`/rockets/latest` before `/rockets/{rocket}`).

use std::borrow::Cow;
use std::collections::HashMap;

use percent_encoding::percent_decode_str;

use crate::model::contract::{Contract, Operation};
use crate::model::percent;
use crate::model::text::excerpt;

/// The longest excerpt of a path or a value, in bytes.
pub(crate) const SHOWN: usize = 120;

/// The longest base path that is looked for.
const MOST_SEGMENTS: usize = 8;

/// An operation, and the values of the variables in its path.
pub(crate) type Match<'c> = (&'c Operation, Vec<(&'c str, String)>);

/// The operations of one document.
pub(crate) struct Operations<'c> {
    contract: &'c Contract,
    /// Number of segments, and the first one if it is literal -> positions of operations: a look-up for each exchange
    /// must not pass all operations.
    by_start: HashMap<(usize, Option<String>), Vec<usize>>,
    /// Where the API may begin: the whole path, or below one of these.
    base_paths: Vec<String>,
}

impl<'c> Operations<'c> {
    /// The API begins at the root, or where the document's servers say.
    pub(crate) fn new(contract: &'c Contract) -> Self {
        let mut by_start: HashMap<_, Vec<usize>> = HashMap::new();
        for (position, operation) in contract.operations.iter().enumerate() {
            let (count, first) = start(&operation.path);
            let first = (!first.contains('{')).then(|| decoded(first).into_owned());
            by_start.entry((count, first)).or_default().push(position);
        }
        Self { contract, by_start, base_paths: contract.base_paths.clone() }
    }

    /// The operations whose paths may match one of these, in the order of the contract.
    fn candidates(&self, paths: &[&str]) -> impl Iterator<Item = &'c Operation> {
        let keys = paths.iter().flat_map(|path| {
            let (count, first) = start(path);
            let first = decoded(first).into_owned();
            [(count, Some(first)), (count, None)]
        });
        let mut found: Vec<usize> = keys.filter_map(|key| self.by_start.get(&key)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|position| self.contract.operations.get(position))
    }

    /// The API may also begin below this path.
    pub(crate) fn below(&mut self, path: &str) {
        self.base_paths.push(path.trim_end_matches('/').to_owned());
    }

    /// The operations that this may be, each with the values of its path; or why it is none.
    pub(crate) fn of(&self, method: &str, target: &Target<'_>) -> Result<Vec<Match<'c>>, String> {
        let paths = self.below_roots(target.path);
        let mut at_path: Vec<Match<'c>> = Vec::new();
        for operation in self.candidates(&paths) {
            let found = paths.iter().find_map(|path| path_values(&operation.path, path));
            at_path.extend(found.map(|values| (operation, values)));
        }
        if at_path.is_empty() {
            let shown = excerpt(target.path, SHOWN);
            return Err(match self.base_path_of(target.path) {
                Some(base) => format!("no operation has the path {shown}; is {} its base path?", excerpt(base, SHOWN)),
                None => format!("no operation has the path {shown}"),
            });
        }
        let methods: Vec<&str> = at_path.iter().map(|(operation, _)| operation.method.as_str()).collect();
        let methods = listed(methods);
        at_path.retain(|(operation, _)| operation.method.eq_ignore_ascii_case(method));
        let most = at_path.iter().map(|(operation, _)| literals(&operation.path)).max();
        at_path.retain(|(operation, _)| Some(literals(&operation.path)) == most);
        let Some((first, _)) = at_path.first() else {
            return Err(format!(
                "the path {} takes {methods}, not {}",
                excerpt(target.path, SHOWN),
                excerpt(method, 20)
            ));
        };
        let path = first.path.clone();
        let has = |name: &str, value: &str| target.query.iter().any(|(known, found)| known == name && found == value);
        let constants: Vec<_> = at_path.iter().flat_map(|(operation, _)| &operation.constants).collect();
        let shown: Vec<_> = constants.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let shown = listed(shown.iter().map(String::as_str).collect());
        at_path.retain(|(operation, _)| operation.constants.iter().all(|(name, value)| has(name, value)));
        let most = at_path.iter().map(|(operation, _)| operation.constants.len()).max();
        at_path.retain(|(operation, _)| Some(operation.constants.len()) == most);
        if at_path.is_empty() { Err(format!("the path {path} needs one of {shown}")) } else { Ok(at_path) }
    }

    /// Why this may be no request of the operation at `path`: another path is more like that of the request, and does not
    /// take its method.
    pub(crate) fn is_hidden(&self, path: &str, target: &Target<'_>) -> Option<String> {
        let paths = self.below_roots(target.path);
        let others = self.candidates(&paths).filter(|other| literals(&other.path) > literals(path));
        let others = others.filter(|other| paths.iter().any(|path| path_values(&other.path, path).is_some()));
        let methods: Vec<&str> = others.map(|other| other.method.as_str()).collect();
        (!methods.is_empty()).then(|| format!("the path {} takes {}", excerpt(target.path, SHOWN), listed(methods)))
    }

    /// What follows the places where the API may begin.
    fn below_roots<'p>(&self, path: &'p str) -> Vec<&'p str> {
        let roots = std::iter::once("").chain(self.base_paths.iter().map(String::as_str));
        roots.filter_map(|root| below(root, path)).collect()
    }

    /// What has to go from the beginning of a path for it to be one of an operation.
    fn base_path_of<'p>(&self, path: &'p str) -> Option<&'p str> {
        let mut bases = path.match_indices('/').skip(1).take(MOST_SEGMENTS).map(|(end, _)| path.split_at(end));
        let is_one = |rest: &str| {
            let templates = self.contract.operations.iter().map(|operation| operation.path.as_str());
            // Without a literal it would fit the end of any path.
            let mut named =
                templates.filter(|template| template.split('/').any(|it| !it.is_empty() && !it.starts_with('{')));
            named.any(|template| path_values(template, rest).is_some())
        };
        bases.find(|(_, rest)| is_one(rest)).map(|(base, _)| base)
    }
}

/// Path and query of an address, whether it is whole or not.
pub(crate) struct Target<'t> {
    path: &'t str,
    pub(crate) query: Vec<(String, String)>,
}

impl<'t> Target<'t> {
    pub(crate) fn of(url: &'t str) -> Self {
        let rest = match url.split_once("://") {
            Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
                rest.find(['/', '?', '#']).map_or("/", |start| &rest[start..])
            }
            _ => url,
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        Self { path: if path.is_empty() { "/" } else { path }, query: percent::pairs(query).collect() }
    }
}

impl Target<'_> {
    /// What stands between the slashes of the path.
    pub(crate) fn segments(&self) -> impl Iterator<Item = String> {
        self.path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
    }
}

/// A segment, or a literal of a template, without percent-encoding: `%7Ea` and `~a` are one (RFC 3986, section 6.2.2).
fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// What follows `root` in `path`, however the two are encoded.
fn below<'p>(root: &str, path: &'p str) -> Option<&'p str> {
    path.strip_prefix(root).or_else(|| {
        let end = path.match_indices('/').nth(root.matches('/').count()).map_or(path.len(), |(at, _)| at);
        let (start, rest) = path.split_at(end);
        start.split('/').map(decoded).eq(root.split('/').map(decoded)).then_some(rest)
    })
}

/// How many segments a path has, and the first of them.
fn start(path: &str) -> (usize, &str) {
    (path.split('/').count(), path.split('/').nth(1).unwrap_or_default())
}

/// The values of the variables of `template`, if `path` is one of its paths.
fn path_values<'t>(template: &'t str, path: &str) -> Option<Vec<(&'t str, String)>> {
    let mut values = Vec::new();
    let (mut wanted, mut found) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return Some(values),
            (Some(wanted), Some(found)) => segment_values(wanted, found, &mut values)?,
            _ => return None,
        }
    }
}

/// One segment: literals and variables in turn, each variable as short as what follows it allows.
fn segment_values<'t>(mut template: &'t str, found: &str, values: &mut Vec<(&'t str, String)>) -> Option<()> {
    let found = decoded(found);
    let mut found: &str = &found;
    loop {
        let variable = template.find('{').and_then(|open| Some((open, open + template[open..].find('}')?)));
        let Some((open, close)) = variable else {
            return (found == decoded(template)).then_some(());
        };
        found = found.strip_prefix(&*decoded(&template[..open]))?;
        let name = &template[open + 1..close];
        template = &template[close + 1..];
        let next = &template[..template.find('{').unwrap_or(template.len())];
        let literal = decoded(next);
        let end = match &*literal {
            "" => found.len(),
            // The last literal has to end the segment; an earlier one is taken where it comes first.
            last if next.len() == template.len() => found.strip_suffix(last)?.len(),
            next => found.char_indices().skip(1).map(|(at, _)| at).find(|at| found[*at..].starts_with(next))?,
        };
        if end == 0 {
            return None;
        }
        values.push((name, found[..end].to_owned()));
        found = &found[end..];
    }
}

/// How many characters of a path are no variables.
fn literals(template: &str) -> usize {
    let template = decoded(template);
    let mut is_inside = false;
    let mut is_literal = |character: char| {
        let was_inside = is_inside;
        is_inside = match character {
            '{' => true,
            '}' => false,
            _ => is_inside,
        };
        !was_inside && !is_inside
    };
    template.chars().filter(|character| is_literal(*character)).count()
}

pub(crate) fn listed(mut names: Vec<&str>) -> String {
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_matches_however_it_is_encoded() {
        for (template, path, expected) in [
            ("/t%C3%A9/cup", "/t%c3%a9/cup", Some(vec![])),
            ("/t%C3%A9/cup", "/té/cup", Some(vec![])),
            ("/té/cup", "/t%C3%A9/cup", Some(vec![])),
            ("/%7Ecup", "/~cup", Some(vec![])),
            ("/a%2Fb/{x}", "/a%2fb/c", Some(vec!["c"])),
            ("/a%2Fb/{x}", "/a/b/c", None),
            ("/a%20b.{x}%3A{y}%21", "/a%20b.1:2!", Some(vec!["1", "2"])),
            ("/100%/{x}", "/100%25/a%20b", Some(vec!["a b"])),
            ("/a%2Fb", "/a%252Fb", None),
        ] {
            let found = path_values(template, path);
            let found = found.map(|values| values.into_iter().map(|(_, value)| value).collect::<Vec<_>>());
            assert_eq!(found, expected.map(|it| it.into_iter().map(str::to_owned).collect()), "{template} {path}");
        }
        assert_eq!(below("/t%C3%A9/v1", "/té/v1/cup"), Some("/cup"));
        assert_eq!(below("/~a", "/%7ea"), Some(""));
        assert_eq!(below("/~a", "/%7eab/c"), None);
        assert_eq!(literals("/%7E{x}"), literals("/~{x}"));
    }

    /// The look-up leaves out nothing that a comparison with each operation would find.
    #[test]
    fn what_matches_is_among_the_candidates() {
        let paths = [
            "/",
            "/a",
            "/a/",
            "/a/{x}",
            "/{y}/b",
            "/{y}",
            "/a b/c",
            "/v{n}/c",
            "/{y}/{z}",
            "/a/b/c",
            "/{y}.json",
            "/a/{x}.{e}",
            "/%7Eme/{x}",
            "/caf%C3%A9",
        ];
        let operation = |path: &&str| json!({"id": path, "method": "GET", "path": path, "responses": {}});
        let operations: Vec<_> = paths.iter().map(operation).collect();
        let contract = json!({"title": "T", "version": "1", "base_paths": ["/api", "/a"], "operations": operations});
        let contract = Contract::from_json(&contract.to_string()).unwrap();
        let all = Operations::new(&contract);
        for path in [
            "/",
            "/a",
            "/a/",
            "/a/b",
            "/%61/b",
            "/A/b",
            "/a%20b/c",
            "/v2/c",
            "/x.json",
            "/a/b.c",
            "/api/a/b",
            "/a/a/b",
            "/api",
            "//",
            "",
            "a",
            "/a%2Fb",
            "/x/y/z",
            "/a/b/c",
            "/~me/a",
            "/%7eme/a",
            "/café",
            "/caf%c3%a9",
        ] {
            let roots = ["", "/api", "/a"];
            let ends: Vec<&str> = roots.iter().filter_map(|root| path.strip_prefix(root)).collect();
            let is_match = |it: &&Operation| ends.iter().any(|end| path_values(&it.path, end).is_some());
            let found: Vec<_> = all.candidates(&ends).filter(is_match).map(|it| it.id.as_str()).collect();
            let expected: Vec<_> = contract.operations.iter().filter(is_match).map(|it| it.id.as_str()).collect();
            assert_eq!(found, expected, "{path}");
        }
    }
}
