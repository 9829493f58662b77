//! Reads identifiers of graphs, jobs and backups, which become path segments.

/// For `--graph-id`.
pub(crate) fn graph_id(text: &str) -> Result<String, String> {
    segment(text, "e85d5ad4-9a6b-4d57-9a1e-4d6a4e1c1d0a")
}

/// For `--job-id`.
pub(crate) fn job_id(text: &str) -> Result<String, String> {
    segment(text, "ff808081e220a8390000e4d971771b69")
}

/// For `--backup-id`.
pub(crate) fn backup_id(text: &str) -> Result<String, String> {
    segment(text, "f9bf111e-3b41-40c7-a8fd-2fcf13ad33f8")
}

/// A path segment that does not change the path (`.`, `..` and an empty one do).
fn segment(text: &str, example: &str) -> Result<String, String> {
    match text.trim() {
        "" | "." | ".." => Err(format!("expected an ID such as {example}")),
        text => Ok(text.to_owned()),
    }
}
