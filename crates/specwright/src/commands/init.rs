//! `specwright init`: writes `specwright.toml` and a recipe for CI.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ValueEnum, ValueHint};
use conformance_engine::visible::escaped;
use conformance_engine::{Address, credential_variable};
use openapi_document::node::Node;
use openapi_document::{Api, Document};

use crate::Failure;
use crate::config::NAME;
use crate::exit_status;
use crate::openapi::read::document;
use crate::output::console::talk;

/// Write a commented specwright.toml and a recipe for CI into the current folder
///
/// Asks for what no flag says, if it runs in a terminal. A file that exists is never overwritten.
#[derive(clap::Args, Debug)]
#[command(after_help = concat!("\
Examples:
  specwright init
  specwright init --document api.yaml --ci github --yes

", exit_status!(local)))]
pub struct Arguments {
    /// OpenAPI document [default: openapi.yaml or the like, in this folder]
    #[arg(long, value_name = "DOC", value_hint = ValueHint::FilePath)]
    document: Option<PathBuf>,
    /// Endpoint to check [default: the first server of the document, or http://127.0.0.1:8080]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    endpoint: Option<String>,
    /// Recipe to write [default: that of the service whose files are here, or none]
    #[arg(long, value_name = "SERVICE", value_enum)]
    ci: Option<Ci>,
    /// Ask nothing, and take the defaults
    #[arg(long)]
    yes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Ci {
    /// .github/workflows/specwright.yml
    Github,
    /// .gitlab-ci.yml, or specwright.gitlab-ci.yml to include where that exists
    Gitlab,
    /// No recipe
    None,
}

/// Where a document usually is.
const USUAL: [&str; 6] =
    ["openapi.yaml", "openapi.yml", "openapi.json", "api.yaml", "spec/openapi.yaml", "docs/openapi.yaml"];
const LOCAL: &str = "http://127.0.0.1:8080";
const GITHUB: &str = ".github/workflows/specwright.yml";
const GITLAB: &str = ".gitlab-ci.yml";
const INCLUDED: &str = "specwright.gitlab-ci.yml";

/// Writes the files.
///
/// # Errors
/// There is no document, a file exists already, or one cannot be written.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if Path::new(NAME).exists() {
        return Err(Failure::usage(format!(
            "{NAME} exists already, and is not overwritten\nhint: edit it, or move it away"
        )));
    }
    let asks = !arguments.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let usual = USUAL.into_iter().find(|path| Path::new(path).is_file());
    let path = match (&arguments.document, usual) {
        (Some(path), _) => path.display().to_string(),
        (None, usual) if asks => ask("OpenAPI document", usual)?,
        (None, Some(usual)) => usual.to_owned(),
        (None, None) => {
            return Err(Failure::usage(
                "no document is named, and this folder has no openapi.yaml\nhint: add --document FILE",
            ));
        }
    };
    if path.chars().any(char::is_control) || path.contains("${{") {
        return Err(Failure::usage("the path of the document has characters that no recipe can name"));
    }
    let document = document(Path::new(&path))?;

    let server = server(&document).unwrap_or_else(|| LOCAL.to_owned());
    let endpoint = match &arguments.endpoint {
        Some(endpoint) => endpoint.clone(),
        None if asks => ask("endpoint to check", Some(&server))?,
        None => server,
    };
    Address::endpoint(&endpoint).map_err(Failure::usage)?;
    let here = match (Path::new(".github").exists(), Path::new(GITLAB).exists()) {
        (true, _) => Ci::Github,
        (false, true) => Ci::Gitlab,
        (false, false) => Ci::None,
    };
    let ci = match arguments.ci {
        Some(ci) => ci,
        None if asks => {
            let name = here.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
            let answer = ask("recipe for CI: github, gitlab or none", Some(&name))?;
            Ci::from_str(&answer, true)
                .map_err(|_| Failure::usage(format!("{answer:?} is neither github, gitlab nor none")))?
        }
        None => here,
    };

    let mut files = vec![(NAME, settings(&document, &path, &endpoint))];
    match ci {
        Ci::Github => files.push((GITHUB, github(&path, &endpoint))),
        Ci::Gitlab if Path::new(GITLAB).exists() => {
            files.push((INCLUDED, include_str!("init/gitlab-ci.yml").to_owned()))
        }
        Ci::Gitlab => files.push((GITLAB, include_str!("init/gitlab-ci.yml").to_owned())),
        Ci::None => {}
    }
    write(&files)?;
    advise(&files);
    Ok(ExitCode::SUCCESS)
}

/// Asks on the terminal; an empty answer is the default.
fn ask(what: &str, default: Option<&str>) -> Result<String, Failure> {
    let shown = default.map_or_else(String::new, |default| format!(" [{default}]"));
    let mut stderr = std::io::stderr().lock();
    // A prompt that nobody sees is no reason to fail.
    let _ = write!(stderr, "{}: ", escaped(&format!("{what}{shown}"))).and_then(|()| stderr.flush());
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| Failure::cannot_start(format!("cannot read the answer: {error}")))?;
    match (answer.trim(), default) {
        ("", Some(default)) => Ok(default.to_owned()),
        ("", None) => Err(Failure::usage(format!("nothing was answered to {what:?}"))),
        (answer, _) => Ok(answer.to_owned()),
    }
}

/// The first server of the document that is an address as it stands, or a path, which is taken to be of this machine.
fn server(document: &Document) -> Option<String> {
    let urls = document.root().items_of("servers").iter().filter_map(|server| server.text("url"));
    let mut urls = urls.filter(|url| !url.contains('{'));
    urls.find_map(|url| {
        let url = if url.starts_with('/') { format!("{LOCAL}{url}") } else { url.to_owned() };
        Address::endpoint(&url).is_ok().then_some(url)
    })
}

/// The text of `specwright.toml`.
fn settings(document: &Document, path: &str, endpoint: &str) -> String {
    let schemes = document.root().get("components").into_iter().flat_map(|parts| parts.entries_of("securitySchemes"));
    let schemes: Vec<String> = schemes
        .map(|scheme| format!("{} = {}", quoted(&scheme.key), quoted(&credential_variable("API_", &scheme.key))))
        .collect();
    let credentials = match &schemes[..] {
        [] => "\n".to_owned(),
        schemes => format!("# credential-env = {{ {} }}\n\n", schemes.join(", ")),
    };
    // Without a credential every case of such a document fails.
    let token = if needs_token(document) { "" } else { "# " };
    let template = include_str!("init/specwright.toml");
    let words = [
        ("DOCUMENT", quoted(path)),
        ("ENDPOINT", quoted(endpoint)),
        ("TOKEN", token.to_owned()),
        ("CREDENTIALS\n", credentials),
    ];
    fill(template, &words.each_ref().map(|(word, value)| (*word, value.as_str())))
}

/// Whether requests need a bearer token: of HTTP, OAuth 2 or OpenID Connect.
fn needs_token(document: &Document) -> bool {
    let is_asked_for = |security: &Node| security.items().iter().any(|alternative| alternative.entries().len() > 0);
    let of_root = document.root().get("security").is_some_and(is_asked_for);
    let api = Api::of(document);
    let mut of_operations = api.operations().iter().filter_map(|operation| operation.node.get("security"));
    let schemes = document.root().get("components").into_iter().flat_map(|parts| parts.entries_of("securitySchemes"));
    let mut schemes = schemes.filter_map(|scheme| document.resolve(&scheme.value));
    let is_bearer = |scheme: &Node| match scheme.text("type") {
        Some("http") => scheme.text("scheme").is_some_and(|name| name.eq_ignore_ascii_case("bearer")),
        Some(kind) => ["oauth2", "openIdConnect"].contains(&kind),
        None => false,
    };
    (of_root || of_operations.any(is_asked_for)) && schemes.any(is_bearer)
}

/// A template with its words replaced, each where it stands first behind the one before: what was filled in is not looked at.
fn fill(template: &str, words: &[(&str, &str)]) -> String {
    let (mut text, mut rest) = (String::new(), template);
    for (word, value) in words {
        let Some((before, after)) = rest.split_once(word) else { continue };
        text = text + before + value;
        rest = after;
    }
    text + rest
}

fn github(path: &str, endpoint: &str) -> String {
    fill(include_str!("init/github.yml"), &[("DOCUMENT", &quoted(path)), ("ENDPOINT", &quoted(endpoint))])
}

/// A text in quotes. What JSON escapes is escaped alike in TOML and YAML, and nothing here has other control characters.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// Writes all files, or none if one exists.
fn write(files: &[(&str, String)]) -> Result<(), Failure> {
    if let Some((path, _)) = files.iter().find(|(path, _)| Path::new(path).exists()) {
        return Err(Failure::usage(format!(
            "{path} exists already, and is not overwritten\nhint: move it away, or add --ci none"
        )));
    }
    for (path, text) in files {
        let cannot = |error: std::io::Error| Failure::cannot_start(format!("cannot write {path}: {error}"));
        if let Some(folder) = Path::new(path).parent() {
            std::fs::create_dir_all(folder).map_err(cannot)?;
        }
        let mut file = std::fs::File::create_new(path).map_err(cannot)?;
        file.write_all(text.as_bytes()).map_err(cannot)?;
        talk(format_args!("wrote {path}"));
    }
    Ok(())
}

/// Says what comes next.
fn advise(files: &[(&str, String)]) {
    talk(
        "next:\n  specwright check            what is wrong with the document\n  specwright conform --plan   what would be sent to the endpoint",
    );
    for (path, _) in files {
        match *path {
            INCLUDED => talk(format_args!("  add to {GITLAB}: include: [{INCLUDED}]")),
            GITHUB | GITLAB => {
                talk(format_args!("  in {path}: how the server is started, and the variables that it names"))
            }
            _ => {}
        }
    }
}
