//! `specwright.toml` gives flags their defaults: after the command line and the environment, with a place for each mistake.

#![allow(clippy::unwrap_used)]

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use clap::{Arg, ArgAction, ArgMatches, value_parser};
use secrecy::{ExposeSecret, SecretString};
use specwright::config::configured;
use specwright::program::Variables;
use test_support::files::empty_folder;

/// Cargo sets those of its own for every test.
const VARIABLES: Variables = Variables {
    token: "NO_SUCH_TOKEN",
    signature: "NO_SUCH_SIGNATURE",
    credential: "CARGO_PKG_",
    flags: &[("label", "CARGO_PKG_VERSION")],
};

/// A command with every kind of flag.
fn program() -> clap::Command {
    let many =
        |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value).action(ArgAction::Append);
    let one = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    let secret = || value_parser!(SecretString);
    let conform = clap::Command::new("conform")
        .arg(Arg::new("document").value_name("DOC").value_parser(value_parser!(PathBuf)).required(true))
        .arg(one("endpoint", "URL").required(true))
        .arg(one("level", "LEVEL").env("SPECWRIGHT_TEST_LEVEL").value_parser(["low", "high"]).default_value("low"))
        .arg(Arg::new("prefer").long("prefer").action(ArgAction::SetTrue).conflicts_with("states"))
        .arg(one("states", "URL"))
        .arg(one("label", "TEXT"))
        .arg(many("report", "FORMAT=FILE"))
        .arg(many("set", "NAME=VALUE"))
        .arg(one("token", "TOKEN").value_parser(secret()).group("credentials"))
        .arg(one("token-file", "FILE").group("credentials"))
        .arg(many("credential", "NAME=VALUE").value_parser(secret()))
        .group(clap::ArgGroup::new("credentials").multiple(false));
    let replay = clap::Command::new("replay")
        .arg(Arg::new("document").value_name("DOC").required(true))
        .arg(Arg::new("recording").value_name("RECORDING").required(true));
    let global = |name: &'static str| Arg::new(name).long(name).global(true);
    clap::Command::new("program")
        .subcommand(conform)
        .subcommand(replay)
        .arg(global("config").value_parser(value_parser!(PathBuf)))
        .arg(global("environment"))
}

/// What the command line comes to with this file; or what is wrong with the file.
fn parse(file: &str, arguments: &str) -> Result<ArgMatches, String> {
    let name = format!("config-{}", std::thread::current().name().unwrap_or_default());
    let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), &name.replace(':', "-"));
    fs::create_dir_all(folder.join("sub")).unwrap();
    let path = folder.join("sub/specwright.toml");
    fs::write(&path, file).unwrap();
    let mut all: Vec<OsString> = vec!["program".into()];
    all.extend(arguments.split(' ').map(OsString::from));
    all.extend(["--config".into(), path.clone().into()]);
    let shown = path.display().to_string();
    let command = configured(program(), &all, &VARIABLES).map_err(|failure| failure.message.replace(&shown, "FILE"))?;
    let matches = command.try_get_matches_from(all).map_err(|error| error.to_string())?;
    Ok(matches.subcommand().unwrap().1.clone())
}

fn text<'m>(matches: &'m ArgMatches, name: &str) -> Option<&'m str> {
    matches.get_one::<String>(name).map(String::as_str)
}

const FILE: &str = r#"
document = "api.yaml"
endpoint = "http://127.0.0.1:1"
set = { size = 3, "a.b" = "c" }

[conform]
level = "high"
prefer = true
report = ["html=out/report.html", "json=-"]

[environment.staging]
endpoint = "https://staging.example.com"
"#;

#[test]
fn flags_have_the_values_of_the_file() {
    let found = parse(FILE, "conform").unwrap();
    assert_eq!(text(&found, "endpoint"), Some("http://127.0.0.1:1"));
    assert_eq!(text(&found, "level"), Some("high"));
    assert!(found.get_flag("prefer"));
    assert_eq!(found.get_many::<String>("set").unwrap().collect::<Vec<_>>(), ["size=3", "a.b=c"]);
    let reports: Vec<_> = found.get_many::<String>("report").unwrap().collect();
    assert!(reports[0].starts_with("html=/") && reports[0].ends_with("/sub/out/report.html"), "{reports:?}");
    assert_eq!(reports[1], "json=-");
    assert!(found.get_one::<PathBuf>("document").unwrap().ends_with("sub/api.yaml"));
}

#[test]
fn an_environment_and_the_command_line_precede() {
    let found = parse(FILE, "conform --environment staging").unwrap();
    assert_eq!(text(&found, "endpoint"), Some("https://staging.example.com"));
    let found =
        parse(FILE, "conform other.yaml --environment staging --endpoint http://h --level low --set x=y").unwrap();
    assert_eq!(text(&found, "endpoint"), Some("http://h"));
    assert_eq!(text(&found, "level"), Some("low"));
    assert_eq!(found.get_many::<String>("set").unwrap().collect::<Vec<_>>(), ["x=y"]);
    assert_eq!(found.get_one::<PathBuf>("document").unwrap().to_str(), Some("other.yaml"));
    let unknown = parse(FILE, "conform --environment stagin").unwrap_err();
    assert_eq!(unknown, "FILE: has no [environment.stagin]\nhint: it has `staging`");
}

#[test]
fn a_flag_that_excludes_another_precedes_it() {
    let found = parse(
        "document = \"a\"\nendpoint = \"e\"\n[conform]\nprefer = true\ntoken-file = \"f\"",
        "conform --states s --token t",
    );
    let found = found.unwrap();
    assert!(!found.get_flag("prefer"));
    assert_eq!(text(&found, "token-file"), None);
    // A variable that the command reads itself precedes the file, too.
    let found = parse("document = \"a\"\nendpoint = \"e\"\n[conform]\nlabel = \"f\"", "conform").unwrap();
    assert_eq!(text(&found, "label"), None);
}

#[test]
fn a_document_of_the_file_leaves_the_other_values_alone() {
    let found = parse("document = \"/a.yaml\"", "replay traffic.har").unwrap();
    assert_eq!((text(&found, "document"), text(&found, "recording")), (Some("/a.yaml"), Some("traffic.har")));
    let found = parse("document = \"/a.yaml\"", "replay --document b.yaml traffic.har").unwrap();
    assert_eq!(text(&found, "document"), Some("b.yaml"));
}

#[test]
fn a_secret_comes_from_the_variable_that_is_named() {
    // Cargo sets it for every test.
    let file = "document = \"a\"\nendpoint = \"e\"\ntoken-env = \"CARGO_PKG_NAME\"\ncredential-env = { key = \"CARGO_PKG_NAME\" }";
    let found = parse(file, "conform").unwrap();
    assert_eq!(found.get_one::<SecretString>("token").unwrap().expose_secret(), "specwright");
    assert_eq!(found.get_one::<SecretString>("credential").unwrap().expose_secret(), "key=specwright");
    let help = parse(file, "conform --help").unwrap_err();
    assert!(help.contains("[default: e]") && !help.contains("specwright]"), "{help}");
    let found = parse("document = \"a\"\nendpoint = \"e\"\ntoken-env = \"NO_SUCH_VARIABLE\"", "conform").unwrap();
    assert!(found.get_one::<SecretString>("token").is_none());
}

#[test]
fn a_variable_of_a_scheme_precedes_the_file_for_this_scheme() {
    let file = |names: &str| format!("document = \"a\"\nendpoint = \"e\"\ncredential-env = {{ {names} }}");
    // `CARGO_PKG_NAME` is set, and no `CARGO_PKG_KEY`.
    let found = parse(&file("name = \"CARGO_PKG_VERSION\", key = \"CARGO_PKG_NAME\""), "conform").unwrap();
    let credentials: Vec<_> =
        found.get_many::<SecretString>("credential").unwrap().map(|it| it.expose_secret()).collect();
    assert_eq!(credentials, ["key=specwright"]);
    let found = parse(&file("name = \"CARGO_PKG_VERSION\""), "conform").unwrap();
    assert!(found.get_one::<SecretString>("credential").is_none());
}

#[test]
fn every_mistake_has_its_place() {
    let file = "documnt = \"a\"\nset = 5\n[conform]\nlevel = \"middle\"\nprefer = \"yes\"\nendpoint = [\"a\"]\nqqq = 1\n\n[conforms]\n[environment]\nstaging = 1\n";
    let found = parse(file, "conform").unwrap_err();
    let expected = "\
FILE:1:1: unknown key `documnt`
hint: did you mean `document`?
error: FILE:4:9: invalid value 'middle' for `level`
hint: possible values: low, high
error: FILE:5:10: `prefer` is true or false
error: FILE:6:12: `endpoint` takes one value, and this is a list
error: FILE:7:1: unknown key `qqq`
hint: a key is the long name of a flag; `specwright COMMAND --help` lists them
error: FILE:9:2: unknown table `conforms`
hint: did you mean `conform`?
error: FILE:11:1: `environment.staging` is no table";
    assert_eq!(found, expected);
}

#[test]
fn neither_a_secret_nor_its_line_is_printed() {
    for file in [
        "token = \"hidden\"",
        "[environment.a]\ncredential = { key = \"hidden\" }",
        "x = hidden",
        "token-env = \"hid den\"",
        "set = { api_token = \"hidden\" }",
        "endpoint = \"https://hidden@example.com\"",
        "ghp_hidden = 1",
        "[ghp_hidden]\na = 1",
        "[environment]\nghp_hidden = 1",
        "[environment.a]\nghp_hidden = 1",
        "ghp_hidden = 1\nghp_hidden = 2",
        "a = 1\n[a.ghp_hidden]\nb = 1",
    ] {
        let found = parse(file, "conform").unwrap_err();
        assert!(found.starts_with("FILE:"), "{found}");
        assert!(!found.contains("hid"), "{found}");
    }
}

#[test]
fn the_environment_precedes_the_file_and_an_empty_variable_is_none() {
    let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), "config-environment");
    let document = "openapi: 3.0.3\ninfo: {title: a, version: '1'}\n\
                    components: {securitySchemes: {door: {type: http, scheme: bearer}}}\nsecurity: [{door: []}]\n\
                    paths: {/a: {get: {operationId: a, responses: {'200': {description: ok}}}}}\n";
    fs::write(folder.join("api.yaml"), document).unwrap();
    // Nothing listens there, and the line to repeat the request with names the variable.
    let file = "document = \"api.yaml\"\nendpoint = \"http://127.0.0.1:9\"\n";
    let conform = |keys: &str, variables: &[(&str, &str)]| {
        fs::write(folder.join("specwright.toml"), format!("{file}{keys}\n")).unwrap();
        let mut command = test_support::process::command(env!("CARGO_BIN_EXE_specwright"), &["SPECWRIGHT_"]);
        let output = command.args(["conform", "--plan"]).envs(variables.iter().copied()).current_dir(&folder).output();
        let output = output.unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    let said = conform("token-env = \"SHOP_DOOR\"", &[("SHOP_DOOR", "")]);
    assert!(said.contains("specwright.toml:3:1: the variable SHOP_DOOR is empty"), "{said}");
    let said = conform("credential-env = { door = \"SHOP_DOOR\" }", &[("SHOP_DOOR", " ")]);
    assert!(said.contains("the variable SHOP_DOOR is empty"), "{said}");
    let said = conform("token-env = \"hunter2\"", &[]);
    assert!(said.contains("specwright.toml:3:1: the variable that is named here is not set"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    // A file that does not exist is not read where the token is exported.
    let said = conform("token-file = \"none\"", &[]);
    assert!(said.contains("cannot read"), "{said}");
    let said = conform("token-file = \"none\"", &[("SPECWRIGHT_TOKEN", "exported")]);
    assert!(!said.contains("cannot read"), "{said}");
}

#[test]
fn the_command_reads_the_file_in_its_folder() {
    let folder = empty_folder(env!("CARGO_TARGET_TMPDIR"), "config-command");
    let document = "openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths: {}\n";
    fs::write(folder.join("api.yaml"), document).unwrap();
    fs::write(folder.join("specwright.toml"), "document = \"api.yaml\"\n[check]\nformat = \"json\"\n").unwrap();
    let check = |flags: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_specwright"));
        let output = command.arg("check").args(flags).current_dir(&folder).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (status, found) = check(&[]);
    assert!(status == 0 && found.starts_with('{'), "{found}");
    let (status, found) = check(&["--format", "text"]);
    assert!(status == 0 && found.starts_with("0 operations"), "{found}");
    let (_, help) = check(&["--help"]);
    assert!(help.contains("[default: api.yaml]") && help.contains("[default: json]"), "{help}");
}
