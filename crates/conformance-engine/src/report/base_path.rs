//! Explains a run that found nothing at its endpoint: the document's servers have a path that the endpoint lacks.

use crate::format::shell;
use crate::format::terminal::escaped;
use crate::http::address::Address;
use crate::model::report::Report;
use crate::model::suite::Suite;

/// A hint, where every reply was 404 and the document's servers have a base path that the endpoint does not end in.
pub fn base_path_hint(suite: &Suite, report: &Report, endpoint: &Address) -> Option<String> {
    let replies =
        report.entries.iter().flat_map(|entry| &entry.exchanges).filter_map(|exchange| exchange.reply.as_ref());
    let mut statuses = replies.map(|reply| reply.status).peekable();
    statuses.peek()?;
    if !statuses.all(|status| status == 404) {
        return None;
    }
    let is_part = |path: &&String| endpoint.prefix().trim_end_matches('/').ends_with(path.as_str());
    if suite.base_paths.is_empty() || suite.base_paths.iter().any(|path| is_part(&path)) {
        return None;
    }
    let example = format!("{}{}", endpoint.to_string().trim_end_matches('/'), suite.base_paths[0]);
    let hint = shell::flag("--endpoint", &example).map_or_else(String::new, |flag| format!("\nhint: try {flag}"));
    Some(format!(
        "every reply was 404, and the document's servers have the base path {}{hint}",
        suite.base_paths.iter().map(|path| format!("`{}`", escaped(path))).collect::<Vec<_>>().join(" or ")
    ))
}
