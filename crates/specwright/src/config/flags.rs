//! Which flag of a command a key of the file stands for, and what kind of flag it is.

use std::any::TypeId;

use clap::{Arg, ArgAction, Command};
use secrecy::SecretString;

/// What ends a key that has the name of a variable instead of a secret.
pub(super) const VARIABLE: &str = "-env";
/// The key of the document, which no flag names.
pub(super) const DOCUMENT: &str = "document";
/// The flag with the values of security schemes, each of which has a variable of its own.
pub(super) const CREDENTIAL: &str = "credential";
/// Commands that the file says nothing about.
pub(super) const WITHOUT: [&str; 4] = ["completions", "help", "init", "man"];
/// Flags that lead to the file, and those of clap.
const OWN: [&str; 4] = ["config", "environment", "help", "version"];

/// The flag that a key stands for.
pub(super) fn flag<'c>(command: &'c Command, key: &str) -> Option<&'c Arg> {
    let of = |name: &str| {
        command.get_arguments().find(|arg| {
            !is_own(arg)
                && (arg.get_long() == Some(name)
                    || arg.get_long().is_none() && arg.get_id() == name && name == DOCUMENT)
        })
    };
    // `token-env` is for `--token`; a flag of that very name precedes.
    of(key).or_else(|| key.strip_suffix(VARIABLE).and_then(of).filter(|arg| is_secret(arg)))
}

/// Whether the value is a secret, which the file does not hold.
pub(super) fn is_secret(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == TypeId::of::<SecretString>()
}

pub(super) fn is_own(arg: &Arg) -> bool {
    OWN.contains(&arg.get_id().as_str())
}

/// Whether it is there or not, without a value.
pub(super) fn is_switch(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::SetTrue)
}
