//! `specwright.toml`: what a project fixes once for all commands.
//!
//! A key is the long name of a flag, and its value becomes the default of the flag. So a flag of the command line precedes
//! the environment, which precedes the file; `--help` shows the value; and one mechanism serves every flag of every
//! command, also those that come later.

mod entry;
mod file;
mod flags;
mod secrets;
mod setting;

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, ValueHint};
use conformance_engine::credential_variable;

use self::entry::{Entry, Scope};
use self::file::File;
use self::flags::{CREDENTIAL, DOCUMENT, WITHOUT, flag, is_own, is_secret};
use self::setting::default;
use crate::Failure;
use crate::output::console::talk;
use crate::program::Variables;

/// The name of the file, in the current folder.
pub const NAME: &str = "specwright.toml";

/// The flags that lead to the file; they stand behind every command.
#[derive(clap::Args, Debug)]
pub struct ConfigFlags {
    /// File with defaults of flags: a key for each, such as endpoint = "…" [default: specwright.toml, if it exists]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, global = true, help_heading = "Configuration")]
    pub config: Option<PathBuf>,
    /// Use what the file has under [environment.NAME], too
    #[arg(long, value_name = "NAME", global = true, help_heading = "Configuration")]
    pub environment: Option<String>,
}

/// The command with the defaults that the file gives to its flags. `arguments` are those of the process, and `variables` those
/// that precede the file.
///
/// # Errors
/// The file cannot be read, has a key that is no flag, a value that its flag does not take, or a secret. Every such mistake is
/// named at once.
pub fn configured(command: Command, arguments: &[OsString], variables: &Variables) -> Result<Command, Failure> {
    let given = given(&command, arguments);
    let (name, flags) = match given.as_ref().and_then(ArgMatches::subcommand) {
        Some((name, flags)) if !WITHOUT.contains(&name) => (name.to_owned(), flags),
        _ => return Ok(command),
    };
    let path = flags.get_one::<PathBuf>("config");
    let environment = flags.get_one::<String>("environment").map(String::as_str);
    if path.is_none() && !Path::new(NAME).exists() {
        return match environment {
            None => Ok(command),
            Some(environment) => Err(Failure::usage(format!(
                "--environment {environment}: there is no {NAME} in this folder\nhint: add --config FILE, or write one with \
                 `specwright init`"
            ))),
        };
    }
    let path = path.map_or(Path::new(NAME), PathBuf::as_path);
    let mut defaults = match defaults(&command, path, &name, environment) {
        Ok(defaults) => defaults,
        // Help is there for who has made a mistake.
        Err(_) if arguments.iter().any(is_help) => return Ok(command),
        Err(failure) => return Err(failure),
    };
    if let Some(credentials) = defaults.get_mut(CREDENTIAL) {
        let scheme =
            |pair: &str| pair.split_once('=').map(|(scheme, _)| credential_variable(variables.credential, scheme));
        credentials.values.retain(|pair| !scheme(pair).is_some_and(|variable| is_set(&variable)));
    }
    defaults.retain(|_, default| !default.is_secret || !default.values.is_empty());
    Ok(apply(command, &name, flags, defaults, variables))
}

/// What the command line has, as far as it can be read: up to the first mistake.
fn given(command: &Command, arguments: &[OsString]) -> Option<ArgMatches> {
    let names_document = arguments.iter().any(|argument| argument.to_string_lossy().starts_with("--document"));
    let lenient = command.clone().ignore_errors(true).disable_help_flag(true).mut_subcommands(|command| {
        let command = command.disable_help_flag(true);
        if names_document && precedes_others(&command) {
            command.mut_arg(DOCUMENT, |arg| arg.long(DOCUMENT))
        } else {
            command
        }
    });
    lenient.try_get_matches_from(arguments.iter().filter(|argument| !is_help(argument))).ok()
}

fn is_help(argument: &OsString) -> bool {
    argument == "--help" || argument == "-h"
}

/// Whether the document stands in front of other values without a flag. If the file has it, it would take theirs; then
/// `--document` takes its place.
fn precedes_others(command: &Command) -> bool {
    let positionals: Vec<&Arg> = command.get_positionals().collect();
    positionals.len() > 1 && positionals.iter().any(|arg| arg.get_id() == DOCUMENT)
}

/// A default for a flag.
struct Default {
    values: Vec<String>,
    is_secret: bool,
}

/// The defaults for the flags of the command `name`, by their ids.
fn defaults(
    command: &Command,
    path: &Path,
    name: &str,
    environment: Option<&str>,
) -> Result<HashMap<String, Default>, Failure> {
    let text = crate::value::file::read(path)?;
    let file = File::read(&path.display().to_string(), &text)?;
    let mut problems = file.problems(command);
    if let Some(environment) = environment
        && !file.environments.iter().any(|known| known == environment)
    {
        let known: Vec<String> = file.environments.iter().map(|known| format!("`{}`", secrets::shown(known))).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        problems.push(format!("{}: has no [environment.{environment}]\nhint: it has {known}", file.name));
    }
    if !problems.is_empty() {
        return Err(Failure::usage(problems.join("\nerror: ")));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    // The general ones first: each replaces those before it.
    let applies: [&dyn Fn(&Scope) -> bool; 3] = [
        &|scope| *scope == Scope::All,
        &|scope| matches!(scope, Scope::Command(command) if command == name),
        &|scope| matches!(scope, Scope::Environment(known) if Some(known.as_str()) == environment),
    ];
    let mut found = HashMap::new();
    let own = command.find_subcommand(name);
    for applies in applies {
        for entry in file.entries.iter().filter(|entry| applies(&entry.scope)) {
            let Some(arg) = own.and_then(|own| flag(own, &entry.key)) else { continue };
            let id = arg.get_id().to_string();
            match value(&file, entry, arg, folder, &mut problems) {
                Some(default) => found.insert(id, default),
                // The token of another environment is no substitute.
                None => found.remove(&id),
            };
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(Failure::usage(problems.join("\nerror: "))) }
}

fn value(file: &File, entry: &Entry, arg: &Arg, folder: &Path, problems: &mut Vec<String>) -> Option<Default> {
    let values = match default(entry, arg, folder) {
        Ok(values) => values,
        // Named with all other mistakes of the file.
        Err(_) => return None,
    };
    if !is_secret(arg) {
        return Some(Default { values, is_secret: false });
    }
    let mut secrets = Vec::new();
    for named in values {
        let (prefix, variable) =
            named.split_once('=').map_or(("", named.as_str()), |(name, variable)| (name, variable));
        match std::env::var(variable) {
            // A service for CI sets a variable to nothing for a secret that it does not have.
            Ok(secret) if !secret.trim().is_empty() => {
                secrets.push(if prefix.is_empty() { secret } else { format!("{prefix}={secret}") });
            }
            Ok(_) | Err(std::env::VarError::NotPresent) => {
                let state = if std::env::var_os(variable).is_some() { "empty" } else { "not set" };
                talk(format_args!("note: {}: {} is {state}", file.place(entry.at), shown_name(variable)));
            }
            Err(_) => problems.push(format!("{}: the variable {variable} is not UTF-8", file.place(entry.at))),
        }
    }
    (!secrets.is_empty()).then_some(Default { values: secrets, is_secret: true })
}

/// Makes the values defaults of the flags, except of those that contradict a flag of the command line.
fn apply(
    command: Command,
    name: &str,
    given: &ArgMatches,
    defaults: HashMap<String, Default>,
    variables: &Variables,
) -> Command {
    let mut built = command.clone();
    built.build();
    let is_explicit = |arg: &Arg| {
        let id = arg.get_id().as_str();
        let source = given.try_contains_id(id).ok().and_then(|_| given.value_source(id));
        matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable)) || is_in_environment(arg, variables)
    };
    let contradicted: Vec<String> = match built.find_subcommand(name) {
        Some(own) => defaults.keys().filter(|id| contradicts(own, id, variables, &is_explicit)).cloned().collect(),
        None => Vec::new(),
    };
    command.mut_subcommand(name, |mut own| {
        let precedes_others = precedes_others(&own);
        for (id, default) in defaults {
            if contradicted.contains(&id) {
                continue;
            }
            own = own.mut_arg(&id, |arg| {
                let arg = if id == DOCUMENT && precedes_others { arg.long(DOCUMENT) } else { arg };
                arg.required(false).default_values(default.values).hide_default_value(default.is_secret)
            });
        }
        own
    })
}

/// Whether a variable that the command reads itself has the value.
fn is_in_environment(arg: &Arg, variables: &Variables) -> bool {
    variables.flags.iter().any(|(flag, variable)| arg.get_long() == Some(flag) && is_set(variable))
}

/// A variable as a message names it: what has small letters may be a secret that was written in its place.
fn shown_name(variable: &str) -> String {
    let is_usual = !variable.contains(|letter: char| letter.is_ascii_lowercase());
    if is_usual { format!("the variable {variable}") } else { "the variable that is named here".to_owned() }
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// Whether a flag that is given, or whose variable is set, excludes this one; also this one itself, by its variable.
fn contradicts(command: &Command, id: &str, variables: &Variables, is_explicit: &impl Fn(&Arg) -> bool) -> bool {
    let Some(own) = command.get_arguments().find(|arg| arg.get_id() == id) else { return false };
    let excludes =
        |a: &Arg, b: &Arg| command.get_arg_conflicts_with(a).iter().any(|other| other.get_id() == b.get_id());
    let shares_group = |other: &Arg| {
        command.get_groups().any(|group| {
            let has = |id| group.get_args().any(|arg| arg == id);
            !group.clone().is_multiple() && has(own.get_id()) && has(other.get_id())
        })
    };
    let others = command.get_arguments().filter(|other| other.get_id() != id && !is_own(other) && is_explicit(other));
    is_in_environment(own, variables)
        || others.into_iter().any(|other| excludes(own, other) || excludes(other, own) || shares_group(other))
}
