//! A key of the file with its value and its places.

/// What a key is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Every command that has the flag.
    All,
    /// One command.
    Command(String),
    /// Every command, with `--environment`.
    Environment(String),
}

/// One key with its value.
pub(super) struct Entry {
    pub(super) scope: Scope,
    pub(super) key: String,
    /// The place of the key, and that of the value, in bytes.
    pub(super) at: usize,
    pub(super) value_at: usize,
    pub(super) value: Value,
}

/// A value of TOML.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A text, or a number as it is written.
    Text(String),
    Switch(bool),
    List(Vec<Value>),
    Table(Vec<(String, Value)>),
    /// A date or a time.
    Other,
}
