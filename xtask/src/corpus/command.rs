//! The command: one process for each document, then the table, and a comparison with the accepted one.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use super::figures::Figures;
use super::peers::{PEERS, Peers};
use super::round_trip;
use super::survey::survey;
use super::table::{Row, fallen, sums, table};
use crate::bench::compile::compile;
use crate::bench::measure;
use crate::files;
use crate::tools::tool;

/// Where the accepted table is; a path from the root of the repository.
const TABLE: &str = "docs/real-documents.md";
/// The line before the table.
const BEGIN: &str = "<!-- written by `cargo xtask corpus DIR --accept` -->\n";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder with OpenAPI documents: *.yaml, *.yml and *.json
    #[arg(value_name = "DIR", required_unless_present = "one")]
    folder: Option<PathBuf>,
    /// Only documents with a name that contains this
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Compile each client, too (hours of CPU time for large documents)
    #[arg(long)]
    compile: bool,
    /// Run progenitor and openapi-to-rust on the same documents, too
    #[arg(long)]
    peers: bool,
    /// Call everything that is documented with each client, against a server of examples, and compare what is sent and read
    #[arg(long, conflicts_with_all = ["compile", "peers", "accept"])]
    round_trip: bool,
    /// Write the table to docs/real-documents.md instead of comparing with it
    #[arg(long)]
    accept: bool,
    /// Print the figures of one document as JSON
    #[arg(long, value_name = "FILE", hide = true)]
    one: Option<PathBuf>,
    /// Folder for the generated client of --one
    #[arg(long, value_name = "DIR", requires = "one", hide = true)]
    out: Option<PathBuf>,
}

impl Arguments {
    /// What CI runs: everything in `folder`, nothing compiled.
    pub(crate) fn of(folder: PathBuf) -> Arguments {
        Arguments {
            folder: Some(folder),
            only: String::new(),
            compile: false,
            peers: false,
            round_trip: false,
            accept: false,
            one: None,
            out: None,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    if let Some(document) = &arguments.one {
        // A reader that stopped reading is no reason to fail.
        let _ = writeln!(std::io::stdout(), "{}", survey(document, arguments.out.as_deref())?.to_line());
        return Ok(ExitCode::SUCCESS);
    }
    measure::supported()?;
    let documents = documents(arguments.folder.as_deref().unwrap_or(Path::new(".")), &arguments.only)?;
    if arguments.round_trip {
        return round_trips(&documents);
    }
    let peers = arguments.peers.then(Peers::install).transpose()?;
    let mut rows = Vec::new();
    for document in &documents {
        let row = row(document, arguments.compile, peers.as_ref())?;
        eprintln!(
            "{}: {} of {} operations, {:.1} s",
            row.name, row.figures.generated, row.figures.operations, row.seconds
        );
        rows.push(row);
    }
    let names: &[&str] = if peers.is_some() { &PEERS } else { &[] };
    let text = table(&rows, names);
    if arguments.accept {
        let path = files::root().join(TABLE);
        let page = files::read(&path)?;
        let head = page.split(BEGIN).next().unwrap_or_default();
        files::write(&path, &format!("{head}{BEGIN}\n{}\n\n{text}", measure::machine()))?;
        println!("{}\nwrote {TABLE}", sums(&rows));
        return Ok(ExitCode::SUCCESS);
    }
    println!("{text}");
    let page = files::read(&files::root().join(TABLE))?;
    // What stands before is written by hand, and has tables of its own.
    let (_, accepted) = page.split_once(BEGIN).ok_or_else(|| format!("error: {TABLE} lacks the line {BEGIN}"))?;
    let fallen = fallen(accepted, &rows);
    fallen.iter().for_each(|line| eprintln!("error: {line}"));
    if fallen.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("hint: mend what made the numbers fall, or accept them: cargo xtask corpus DIR --accept");
    Ok(ExitCode::FAILURE)
}

/// A table of what the clients of these documents sent and read, and each difference.
fn round_trips(documents: &[PathBuf]) -> Result<ExitCode, String> {
    println!("{}", round_trip::HEAD);
    let mut differing = String::new();
    for document in documents {
        let (name, folder) = place(document)?;
        let result = match round_trip::run(document, &folder, &crate_name(&name)) {
            Ok(result) => result,
            Err(reason) => {
                println!("{}", round_trip::failed(&name, &reason));
                differing.push_str(&format!("{name}:\n{reason}\n"));
                continue;
            }
        };
        println!("{}", result.line(&name));
        if result.differs() {
            differing.push_str(&format!("{name}:\n{}", result.differences()));
        }
    }
    eprint!("{differing}");
    Ok(if differing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The name of a document, and the folder for what is made of it.
fn place(document: &Path) -> Result<(String, PathBuf), String> {
    let name = document.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = files::scratch(&format!("corpus/{}", name.replace('.', "-")))?;
    Ok((name, folder))
}

/// The crate of a document's client.
fn crate_name(document: &str) -> String {
    format!("client_{}", document.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
}

/// The documents of a folder, in the order of their names.
fn documents(folder: &Path, only: &str) -> Result<Vec<PathBuf>, String> {
    let failed = |error: std::io::Error| format!("error: cannot read {}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_document = path.extension().is_some_and(|it| ["yaml", "yml", "json"].iter().any(|known| it == *known));
        let is_wanted = path.file_name().is_some_and(|name| name.to_string_lossy().contains(only));
        if is_document && is_wanted {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(format!("error: no document in {}\nhint: documents end in .yaml, .yml or .json", folder.display()));
    }
    Ok(found)
}

/// Measures one document.
fn row(document: &Path, is_compiled: bool, peers: Option<&Peers>) -> Result<Row, String> {
    let (name, folder) = place(document)?;
    let program = std::env::current_exe().map_err(|error| format!("error: {error}"))?;
    let line = folder.join("figures.json");
    let mut one = tool(program);
    one.args(["corpus", "--one"]).arg(document).arg("--out").arg(&folder);
    let output = std::fs::File::create(&line).map_err(|error| format!("error: {}: {error}", line.display()))?;
    let (figures, seconds, mib) = match measure::cost_with(one.stdout(output)) {
        Ok(cost) => {
            let figures = Figures::from_line(files::read(&line)?.trim());
            let figures = figures.ok_or_else(|| format!("error: {name}: its process printed no figures"))?;
            (figures, cost.cpu, cost.peak_kib / 1024)
        }
        Err(reason) => (Figures { unread: reason, ..Figures::default() }, Duration::ZERO, 0),
    };
    let compiled = (is_compiled && figures.generated > 0).then(|| compile(&folder, &crate_name(&name))).transpose()?;
    let peers = peers.map(|peers| peers.run(document, &folder, is_compiled)).unwrap_or_default();
    Ok(Row { name, figures, seconds: seconds.as_secs_f64(), mib, compiled, peers })
}
