//! Says for each rule how much a violation of it matters.

/// How much a violation matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// What stands there has no meaning.
    Error,
    /// Generating and replaying go on without it.
    Warning,
}

impl Level {
    /// As diagnostics write it.
    pub fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
        }
    }
}

/// Rules whose violations leave the document a meaning. All others are errors.
const WARNINGS: &[&str] = &[
    // What only a plan of requests needs.
    "example-name",
    "example-status",
    "example-unpaired",
    "example-value",
    "cleanup-exchange",
    "given-exchange",
    "given-missing",
    "given-unknown",
    "given-value",
    "lifecycle-operation",
    "lifecycle-state",
    "parameter-value",
    // A value or a word that is left out or read in the one way that makes sense.
    "array-items",
    "bounds",
    "default-mismatch",
    "enum-twice",
    "enum-type",
    "example-mismatch",
    "label",
    "link-parameter",
    "link-target",
    "media-type-format",
    "no-response",
    "overlay-extends",
    "overlay-no-match",
    "path-required",
    "path-variable",
    "pattern",
    "reference-sibling",
    "same-address",
    "schema-dialect",
    "security-scheme",
    "unknown-key",
    "unsupported",
];

/// Rules that the document keeps by the specification's letter, and for which the client generator has no form.
const LIMITS: &[&str] = &[
    "body-encoding",
    "body-media-types",
    "body-missing",
    "body-schema",
    "composition",
    "default-response",
    "enum-values",
    "error-types",
    "method",
    "operation-id",
    "parameter-content",
    "parameter-name",
    "parameter-place",
    "parameter-style",
    "reference-place",
    "rust-name",
    "success-types",
];

/// The level of a rule.
pub(super) fn level(rule: &str) -> Level {
    if WARNINGS.contains(&rule) || is_limit(rule) { Level::Warning } else { Level::Error }
}

/// Whether the rule speaks of the client generator and not of the document.
pub(super) fn is_limit(rule: &str) -> bool {
    LIMITS.contains(&rule)
}
