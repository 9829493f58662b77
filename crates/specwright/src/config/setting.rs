//! The value of a key as the values of a flag.

use std::path::Path;

use clap::{Arg, ArgAction, Command, ValueHint};

use super::entry::{Entry, Value};
use super::flags::{is_secret, is_switch};

/// The texts that the flag would have on the command line.
///
/// # Errors
/// The flag does not take such a value, in words.
pub(super) fn default(entry: &Entry, arg: &Arg, folder: &Path) -> Result<Vec<String>, String> {
    let key = &entry.key;
    let values = match &entry.value {
        Value::Switch(value) if is_switch(arg) => return Ok(vec![value.to_string()]),
        _ if is_switch(arg) => return Err(format!("`{key}` is true or false")),
        Value::List(items) if takes_several(arg) => {
            items.iter().map(|item| text(key, item)).collect::<Result<_, _>>()?
        }
        Value::Table(members) if takes_several(arg) && parts(arg).len() > 1 => {
            let member = |(name, value): &(String, Value)| Ok(format!("{name}={}", text(key, value)?));
            members.iter().map(member).collect::<Result<Vec<_>, String>>()?
        }
        Value::List(_) => return Err(format!("`{key}` takes one value, and this is a list")),
        Value::Table(_) => {
            return Err(format!(
                "`{key}` takes {}, and this is a table",
                if takes_several(arg) { "a list" } else { "one value" }
            ));
        }
        single => vec![text(key, single)?],
    };
    // What stands there for a secret is the name of a variable.
    if is_secret(arg) {
        return Ok(values);
    }
    let values: Vec<String> = values.into_iter().map(|value| from(folder, arg, value)).collect();
    values.iter().try_for_each(|value| accepted(arg, key, value))?;
    Ok(values)
}

fn text(key: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        Value::Switch(value) => Ok(value.to_string()),
        Value::List(_) | Value::Table(_) => Err(format!("`{key}` has a list or table within another")),
        Value::Other => Err(format!("`{key}` is a date or a time\nhint: write it in quotes")),
    }
}

fn takes_several(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

/// What the value is made of: `FORMAT=FILE` is two parts.
fn parts(arg: &Arg) -> Vec<&str> {
    arg.get_value_names().and_then(<[_]>::first).map(|name| name.split('=').collect()).unwrap_or_default()
}

/// A value with its path, if it has one, as seen from the folder of the file.
fn from(folder: &Path, arg: &Arg, value: String) -> String {
    let is_path = |part: &str| part.split('|').any(|part| matches!(part, "FILE" | "DIR" | "DOC"));
    let hinted = matches!(arg.get_value_hint(), ValueHint::FilePath | ValueHint::DirPath | ValueHint::AnyPath);
    if folder.as_os_str().is_empty() || value == "-" {
        return value;
    }
    match (&parts(arg)[..], value.split_once('=')) {
        ([_, last], Some((name, path))) if is_path(last) && path != "-" => {
            format!("{name}={}", folder.join(path).display())
        }
        ([only], _) if is_path(only) || hinted => folder.join(value).display().to_string(),
        _ => value,
    }
}

/// Checks a value as the command line would.
fn accepted(arg: &Arg, key: &str, value: &str) -> Result<(), String> {
    let mut alone = Arg::new("value").long("value").action(ArgAction::Set).value_parser(arg.get_value_parser().clone());
    if let Some(delimiter) = arg.get_value_delimiter() {
        alone = alone.value_delimiter(delimiter).action(ArgAction::Append);
    }
    let command = Command::new("file").no_binary_name(true).arg(alone);
    let Err(error) = command.try_get_matches_from([format!("--value={value}")]) else { return Ok(()) };
    let said = error.to_string();
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ")
        .replace("'--value <value>'", &format!("`{key}`"));
    let possible = lines.next().filter(|line| line.starts_with("[possible values"));
    Err(possible.map_or(first.clone(), |possible| format!("{first}\nhint: {}", possible.trim_matches(['[', ']']))))
}

/// The name that was probably meant.
pub(super) fn nearest<'k>(name: &str, known: &'k [impl AsRef<str>]) -> Option<&'k str> {
    /// As near as `documnt` is to `document`; clap suggests flags by the same measure.
    const NEAR: f64 = 0.8;
    let near = known.iter().map(|known| (strsim::jaro_winkler(name, known.as_ref()), known.as_ref()));
    let near = near.filter(|(similarity, _)| *similarity > NEAR);
    near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}
