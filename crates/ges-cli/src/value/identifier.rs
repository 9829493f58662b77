//! Identifiers of graphs, jobs and backups, which become path segments.

/// For `--graph-id`.
pub(crate) fn graph_id(text: &str) -> Result<String, String> {
    segment(text, "it looks like e85d5ad4-9a6b-4d57-9a1e-4d6a4e1c1d0a")
}

/// For `--job-id`.
pub(crate) fn job_id(text: &str) -> Result<String, String> {
    segment(text, "the call that began the job has printed it")
}

/// For `--backup-id`.
pub(crate) fn backup_id(text: &str) -> Result<String, String> {
    segment(text, "`ges list backups` lists them")
}

/// A part of an address that does not change what the address is of.
fn segment(text: &str, hint: &str) -> Result<String, String> {
    match text.trim() {
        "" | "." | ".." => Err(format!("not an identifier; {hint}")),
        text => Ok(text.to_owned()),
    }
}
