//! The file as a list of keys with their places, and what is wrong with it.

use std::ops::Range;

use clap::{Arg, Command};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::entry::{Entry, Scope, Value};
use super::flags::{DOCUMENT, VARIABLE, WITHOUT, flag, is_own, is_secret};
use super::secrets;
use super::setting::{default, nearest};
use crate::Failure;

/// The table whose tables are environments.
const ENVIRONMENT: &str = "environment";

/// The file.
pub(super) struct File<'t> {
    pub(super) name: String,
    text: &'t str,
    pub(super) entries: Vec<Entry>,
    pub(super) environments: Vec<String>,
    /// Tables that are not what they should be.
    misplaced: Vec<(usize, String)>,
}

impl<'t> File<'t> {
    /// # Errors
    /// It is not TOML. The line is named and not shown: it may hold a secret.
    pub(super) fn read(name: &str, text: &'t str) -> Result<File<'t>, Failure> {
        let mut file =
            File { name: name.to_owned(), text, entries: Vec::new(), environments: Vec::new(), misplaced: Vec::new() };
        let root = DeTable::parse(text).map_err(|error| {
            let place = file.place(error.span().map_or(0, |span| span.start));
            let message = error.message().trim().replace('\n', "; ");
            Failure::usage(format!(
                "{place}: not TOML: {message}\nhint: a line is `key = value`; texts stand in double quotes, lists in brackets: \
                 `report = [\"html=report.html\", \"junit=report.xml\"]`"
            ))
        })?;
        for (key, value) in sorted(root.get_ref()) {
            match (key.get_ref().as_ref(), value.get_ref()) {
                (ENVIRONMENT, DeValue::Table(environments)) => {
                    for (name, value) in sorted(environments) {
                        file.environments.push(name.get_ref().to_string());
                        match value.get_ref() {
                            DeValue::Table(table) => file.add(&Scope::Environment(name.get_ref().to_string()), table),
                            _ => file.misplaced.push((
                                name.span().start,
                                format!("`{ENVIRONMENT}.{}` is no table", secrets::shown(name.get_ref())),
                            )),
                        }
                    }
                }
                // A table in braces is a value.
                (name, DeValue::Table(table)) if !text[value.span()].starts_with('{') => {
                    file.add(&Scope::Command(name.to_owned()), table);
                    if table.is_empty() {
                        file.entries.push(entry(&Scope::Command(name.to_owned()), "", key.span(), value));
                    }
                }
                _ => file.entries.push(entry(&Scope::All, key.get_ref(), key.span(), value)),
            }
        }
        file.entries.sort_by_key(|entry| entry.at);
        Ok(file)
    }

    fn add(&mut self, scope: &Scope, table: &DeTable<'_>) {
        self.entries.extend(table.iter().map(|(key, value)| entry(scope, key.get_ref(), key.span(), value)));
    }

    /// `NAME:LINE:COLUMN`
    pub(super) fn place(&self, at: usize) -> String {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{}:{line}:{column}", self.name)
    }

    /// Everything that is wrong with the file for these commands, in reading order.
    pub(super) fn problems(&self, root: &Command) -> Vec<String> {
        let commands = || root.get_subcommands().filter(|command| !WITHOUT.contains(&command.get_name()));
        let mut problems: Vec<(usize, String)> = self.misplaced.clone();
        for entry in &self.entries {
            let scoped: Vec<&Command> = match &entry.scope {
                Scope::Command(name) => commands().filter(|command| command.get_name() == name).collect(),
                Scope::All | Scope::Environment(_) => commands().collect(),
            };
            if let (Scope::Command(name), true) = (&entry.scope, scoped.is_empty()) {
                let known: Vec<&str> = commands().map(Command::get_name).chain([ENVIRONMENT]).collect();
                problems.push((entry.at, unknown("table", name, &known)));
                continue;
            }
            if entry.key.is_empty() {
                continue;
            }
            if let Some(problem) = secrets::problem(entry) {
                problems.push((entry.value_at, problem));
                continue;
            }
            let flags: Vec<&Arg> = scoped.iter().filter_map(|command| flag(command, &entry.key)).collect();
            let Some(first) = flags.first() else {
                let known: Vec<String> = scoped.iter().flat_map(|command| keys(command)).collect();
                problems.push((entry.at, unknown("key", &entry.key, &known)));
                continue;
            };
            if is_secret(first) && !entry.key.ends_with(VARIABLE) {
                problems.push((entry.at, secrets::refused(&entry.key)));
                continue;
            }
            // A flag has one meaning in all commands.
            if let Err(problem) = default(entry, first, std::path::Path::new("")) {
                problems.push((entry.value_at, problem));
            }
        }
        problems.sort();
        problems.dedup();
        problems.into_iter().map(|(at, problem)| format!("{}: {problem}", self.place(at))).collect()
    }
}

/// The keys that stand for flags of a command.
fn keys(command: &Command) -> Vec<String> {
    let key = |arg: &Arg| {
        let long = arg.get_long().or((arg.get_id() == DOCUMENT).then_some(DOCUMENT))?;
        Some(if is_secret(arg) { format!("{long}{VARIABLE}") } else { long.to_owned() })
    };
    command.get_arguments().filter(|arg| !is_own(arg)).filter_map(key).collect()
}

fn unknown(what: &str, name: &str, known: &[impl AsRef<str>]) -> String {
    let shown = secrets::shown(name);
    match nearest(name, known) {
        Some(near) => format!("unknown {what} `{shown}`\nhint: did you mean `{near}`?"),
        None => {
            format!(
                "unknown {what} `{shown}`\nhint: a key is the long name of a flag; `specwright COMMAND --help` lists them"
            )
        }
    }
}

fn sorted<'a, 'i>(table: &'a DeTable<'i>) -> Vec<(&'a Spanned<toml::de::DeString<'i>>, &'a Spanned<DeValue<'i>>)> {
    let mut all: Vec<_> = table.iter().collect();
    all.sort_by_key(|(key, _)| key.span().start);
    all
}

fn entry(scope: &Scope, key: &str, at: Range<usize>, value: &Spanned<DeValue<'_>>) -> Entry {
    Entry {
        scope: scope.clone(),
        key: key.to_owned(),
        at: at.start,
        value_at: value.span().start,
        value: plain(value.get_ref()),
    }
}

fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => Value::Text(number.to_string()),
        DeValue::Float(number) => Value::Text(number.to_string()),
        DeValue::Boolean(value) => Value::Switch(*value),
        DeValue::Datetime(_) => Value::Other,
        DeValue::Array(items) => Value::List(items.iter().map(|item| plain(item.get_ref())).collect()),
        DeValue::Table(table) => Value::Table(
            sorted(table).into_iter().map(|(key, value)| (key.get_ref().to_string(), plain(value.get_ref()))).collect(),
        ),
    }
}
