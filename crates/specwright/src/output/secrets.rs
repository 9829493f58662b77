//! Keeps secrets of the command line and of the environment out of what is said about them.

use std::sync::OnceLock;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use specwright_redaction::name::{Place, is_secret, looks_random};
use specwright_redaction::{Format, Redactor, learn};

/// A text about the command line, without its secrets and those of the environment.
pub fn without_secrets(text: impl ToString) -> String {
    static REDACTOR: OnceLock<Redactor> = OnceLock::new();
    let redactor = REDACTOR.get_or_init(|| {
        let arguments: Vec<String> = std::env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect();
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())));
        of(&arguments, variables)
    });
    let mut text = text.to_string();
    redactor.known(&mut text);
    text
}

/// What the parser says about the command line, without its secrets.
pub(super) fn without_secrets_of(error: &clap::Error) -> String {
    let text = without_secrets(error.render());
    let stray = match error.kind() {
        ErrorKind::UnknownArgument => error.get(ContextKind::InvalidArg),
        ErrorKind::InvalidSubcommand => error.get(ContextKind::InvalidSubcommand),
        _ => None,
    };
    match stray {
        Some(ContextValue::String(stray)) => {
            without_stray(&text, stray, std::env::args_os().any(|it| names_secret(&it.to_string_lossy())))
        }
        _ => text,
    }
}

/// A word that belongs to no flag may be the rest of a secret of several words, or one whose flag was forgotten.
fn without_stray(text: &str, stray: &str, has_secrets: bool) -> String {
    let is_hidden = !stray.starts_with('-') && (has_secrets || looks_random(stray));
    if is_hidden { text.replace(&format!("'{stray}'"), "'***'") } else { text.to_owned() }
}

/// `--token`, `--sk`, `--credential=…`
fn names_secret(argument: &str) -> bool {
    let name = argument.strip_prefix("--").map(|flag| flag.split('=').next().unwrap_or_default());
    name.is_some_and(|name| is_secret(name, Place::Member))
}

fn of(arguments: &[String], variables: impl Iterator<Item = (String, String)>) -> Redactor {
    let mut found: Vec<String> = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        found.extend(learn(argument, Format::Any));
        let own = argument.split_once('=').filter(|_| argument.starts_with("--"));
        let (flag, value) = match own {
            Some((flag, value)) => (flag, Some(value)),
            None => (argument.as_str(), arguments.get(index + 1).map(String::as_str)),
        };
        let Some(value) = value else { continue };
        if names_secret(flag) {
            found.push(value.to_owned());
            // `NAME=SECRET`
            found.extend(value.split_once('=').map(|(_, secret)| secret.to_owned()));
        }
        if names_secret(flag) || flag.ends_with("user") {
            found.extend(value.split_once(':').map(|(_, password)| password.trim_end_matches('@').to_owned()));
        }
    }
    // A variable may hold anything: an ordinary word hides too much, and a path (`PWD`, `SSH_AUTH_SOCK`) is no secret.
    let is_path = |value: &str| std::path::Path::new(value).exists();
    let secrets =
        variables.filter(|(name, value)| is_secret(name, Place::Member) && value.len() >= 6 && !is_path(value));
    found.extend(secrets.map(|(_, value)| value));
    let mut redactor = Redactor::new();
    redactor.known.extend(found.iter().map(String::as_str));
    redactor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arguments: &[&str], variables: &[(&str, &str)], text: &str, expected: &str) {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut redacted = text.to_owned();
        of(&arguments, variables).known(&mut redacted);
        assert_eq!(redacted, expected);
    }

    #[test]
    fn secrets_of_flags_are_not_repeated() {
        check(&["--token", "tainted"], &[], "`tainted` is no token", "`***` is no token");
        check(&["--token=tainted"], &[], "`tainted` is no token", "`***` is no token");
        check(&["--token", "two\nlines-tainted"], &[], r"bad: two\nlines-tainted", "bad: ***");
        check(&["--sk", "tainted+/"], &[], "tainted%2B%2F", "***");
        check(&["--credential", "name=tainted"], &[], "name: tainted", "name: ***");
        check(&["--credential", "name=ann:tainted"], &[], "tainted", "***");
        check(&["--iam-user", "ann:tainted@"], &[], "ann, tainted", "ann, ***");
        check(&["--user", "ann:tainted"], &[], "password of ann:tainted", "password of ann:***");
        check(
            &["--endpoint", "http://h/?api_key=tainted1"],
            &[],
            "http://h/?api_key=tainted1",
            "http://h/?api_key=***",
        );
        check(&["--provider-states", "http://h/?sig=tainted1&a=kept"], &[], "tainted1 kept", "*** kept");
        check(&["--set", "adminPass=tainted1"], &[], r#"{"adminPass": "tainted1"}"#, r#"{"adminPass": "***"}"#);
        check(&["--set", "id=kept-as-it-is"], &[], "kept-as-it-is", "kept-as-it-is");
        check(&["--token-file", "kept.txt"], &[], "cannot read kept.txt", "cannot read kept.txt");
    }

    #[test]
    fn secrets_of_variables_are_not_repeated() {
        check(&[], &[("SHOP_TOKEN", "tainted"), ("HOME", "/kept")], "tainted /kept", "*** /kept");
        let here = env!("CARGO_MANIFEST_DIR");
        check(&[], &[("PWD", here)], here, here);
        check(
            &[],
            &[("HUAWEICLOUD_SDK_SK", "tainted"), ("TOKEN_FILE", "kept-kept")],
            "tainted kept-kept",
            "*** kept-kept",
        );
    }

    #[test]
    fn a_stray_word_may_be_a_secret() {
        for (stray, has_secrets, expected) in [
            ("horse", true, "'***'"),
            ("horse", false, "'horse'"),
            ("a1b2c3d4e5f6", false, "'***'"),
            ("--hose", true, "'--hose'"),
        ] {
            assert_eq!(without_stray(&format!("'{stray}'"), stray, has_secrets), expected);
        }
    }
}
