//! Checks the flags and the help of all commands: a flag has one meaning, its value a unit, and exit statuses one table.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::time::Duration;

use clap::{Arg, ArgAction, Command, CommandFactory, value_parser};
use specwright::value::quantity::{Size, duration};

use crate::call::exit_status;

/// Value names of numbers with a fixed unit, instead of DURATION and SIZE.
const UNITS: [&str; 12] =
    ["TIME", "SECONDS", "SECS", "MILLISECONDS", "MILLIS", "MS", "MINUTES", "BYTES", "KB", "MB", "KIB", "MIB"];
/// Words in names of flags whose values are durations.
const OF_DURATIONS: [&str; 4] = ["timeout", "deadline", "grace", "settle"];

/// What is wrong with the flags of these commands.
fn problems(root: &Command) -> Vec<String> {
    let mut problems = Vec::new();
    let mut known: BTreeMap<&str, (String, String)> = BTreeMap::new();
    for (command, flag, arg) in flags(root) {
        let takes = value_of(arg);
        let (first, meaning) = known.entry(flag).or_insert_with(|| (command.clone(), takes.clone()));
        if *meaning != takes {
            problems.push(format!("--{flag} takes {meaning} in `{first}` and {takes} in `{command}`"));
        }
        let of_type = |id| arg.get_value_parser().type_id() == id;
        let is_duration = of_type(TypeId::of::<Duration>())
            || (arg.get_action().takes_values() && flag.split('-').any(|word| OF_DURATIONS.contains(&word)));
        for (unit, is_one) in [("DURATION", is_duration), ("SIZE", of_type(TypeId::of::<Size>()))] {
            if (takes == unit) != is_one {
                problems.push(format!(
                    "`{command}`: --{flag} takes {takes}, but {} a {unit}",
                    if is_one { "reads" } else { "does not read" }
                ));
            }
        }
        if UNITS.contains(&takes.as_str()) {
            problems.push(format!("`{command}`: --{flag} takes {takes} instead of DURATION or SIZE"));
        }
    }
    problems
}

/// The flags of a command and of all below it, each with its command and its name.
fn flags(command: &Command) -> Vec<(String, &str, &Arg)> {
    let own = command.get_arguments().filter_map(|arg| Some((command.get_name().to_owned(), arg.get_long()?, arg)));
    let below = command.get_subcommands().flat_map(|below| {
        flags(below).into_iter().map(|(name, flag, arg)| (format!("{} {name}", command.get_name()), flag, arg))
    });
    own.chain(below).collect()
}

/// The names of the values, or that it is a switch.
fn value_of(arg: &Arg) -> String {
    match arg.get_value_names() {
        Some(names) if arg.get_action().takes_values() => names.join(" "),
        _ => "no value".to_owned(),
    }
}

fn ges() -> Command {
    let mut ges = crate::Arguments::command();
    ges.build();
    ges
}

#[test]
fn a_flag_has_one_meaning_in_all_commands() {
    let ges = ges();
    assert!(flags(&ges).len() > 100, "the flags are not found");
    assert_eq!(problems(&ges), Vec::<String>::new());
}

#[test]
fn a_flag_with_two_meanings_or_a_fixed_unit_is_found() {
    let flag = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    let switch = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let check = |first: Arg, second: Arg, expected: usize| {
        let (one, two) = (Command::new("one").arg(first), Command::new("two").arg(second));
        let mut root = Command::new("root").subcommands([one, two]);
        root.build();
        assert_eq!(problems(&root).len(), expected, "{:?}", problems(&root));
    };
    let limit = || flag("limit", "DURATION").value_parser(duration);
    check(limit(), limit(), 0);
    check(switch("wait"), switch("wait"), 0);
    check(switch("wait"), flag("wait", "N"), 1);
    check(flag("user", "NAME"), flag("user", "NAME:PASSWORD"), 1);
    check(limit(), flag("pause", "LIMIT").value_parser(duration), 1);
    check(limit(), flag("pause", "DURATION"), 1);
    check(limit(), flag("call-timeout", "N"), 1);
    check(limit(), flag("keep", "MIB"), 1);
    check(flag("keep", "SIZE").value_parser(value_parser!(Size)), flag("most", "BYTES"), 1);
    check(
        flag("keep", "SIZE").value_parser(value_parser!(Size)),
        flag("most", "N").value_parser(value_parser!(Size)),
        1,
    );
}

#[test]
fn every_command_lists_its_exit_statuses_from_one_table() {
    fn check(command: &Command, path: &str, count: &mut usize) {
        let is_group = command.is_subcommand_required_set() || command.get_name() == "help";
        if !is_group {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let tables = [exit_status!(call), exit_status!(check), exit_status!(local)];
            assert!(tables.iter().any(|table| help.ends_with(table)), "`{path}` lists no exit statuses:\n{help}");
            let wide = help.lines().find(|line| line.starts_with("  ") && line.chars().count() > 80);
            assert_eq!(wide, None, "`{path}`: an example or a table is wider than a terminal");
            *count += 1;
        }
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            check(below, &format!("{path} {}", below.get_name()), count);
        }
    }
    let mut count = 0;
    check(&ges(), "ges", &mut count);
    assert!(count > 15, "only {count} commands");
}
