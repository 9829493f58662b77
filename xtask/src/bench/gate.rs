//! `cargo xtask bench gate`: fails if something that runs often takes more instructions than was accepted.
//!
//! callgrind counts instructions, which, unlike time, do not depend on what else the machine does. Each count is that of
//! 2n repetitions less that of n, divided by n, so that start and preparation are not in it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use serde_json::{Value, json};

use super::measure;
use crate::files;
use crate::tools::{self, cargo, tool};

/// The accepted counts, and the compiler that they are of.
const ACCEPTED: &str = "benches/accepted.json";
const CHANGELOG: &str = "CHANGELOG.md";
/// In percent. Changes up to this are ignored; another libc alone causes part of it.
const TOLERANCE: f64 = 5.0;

#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Accept the current counts where they differ; CHANGELOG.md must say why
    #[arg(long)]
    accept: bool,
}

/// Counts, accepted or current.
#[derive(PartialEq)]
struct Counts {
    rustc: String,
    instructions: BTreeMap<String, u64>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    if !tools::is_installed("valgrind") {
        let hint = "hint: `apt-get install valgrind`";
        if tools::is_ci() || arguments.accept {
            return Err(format!("error: valgrind, which counts the instructions, is not installed\n{hint}"));
        }
        println!("SKIP valgrind is not installed: nothing was counted or compared\n{hint}, or let CI run the gate");
        return Ok(ExitCode::SUCCESS);
    }
    let now = count()?;
    let accepted = accepted()?;
    if arguments.accept {
        return accept(accepted, &now);
    }
    let accepted = accepted.ok_or_else(|| {
        format!("error: {ACCEPTED} does not exist\nhint: `cargo xtask bench gate --accept` writes it; commit it")
    })?;
    let changes = changes(&accepted, &now);
    print(&changes, accepted.rustc == now.rustc);
    if accepted.rustc != now.rustc {
        let (then, now) = (&accepted.rustc, &now.rustc);
        let text = format!(
            "{ACCEPTED} is of another compiler\n  accepted: {then}\n  current:  {now}\nhint: if the toolchain of this \
             repository has changed, run `cargo xtask bench gate --accept`, and commit it with a line in {CHANGELOG}"
        );
        if tools::is_ci() {
            return Err(format!("error: {text}"));
        }
        println!("SKIP {text}");
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(problem) = unexplained_acceptance()? {
        return Err(problem);
    }
    verdict(&changes)
}

fn count() -> Result<Counts, String> {
    eprintln!("building the counted program, optimised; the first time this takes about a minute");
    let start = Instant::now();
    tools::run(cargo().args(["build", "--locked", "--profile", "cost", "-p", "benches"]))?;
    let build = start.elapsed().as_secs_f64();
    let program = files::root().join("target/cost/benches");
    let mut instructions = BTreeMap::new();
    for line in tools::output(&mut tool(&program))?.lines() {
        let known = line.split_once(' ').and_then(|(name, count)| Some((name, count.parse::<u64>().ok()?)));
        let (name, count) =
            known.ok_or_else(|| format!("error: unexpected output of {}: `{line}`", program.display()))?;
        instructions.insert(name.to_owned(), of_one(&program, name, count)?);
    }
    eprintln!("built in {build:.0} s, counted in {:.0} s", start.elapsed().as_secs_f64() - build);
    let version = tools::output(tool("rustc").arg("-vV"))?;
    let line = |name: &str| version.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    let rustc = format!("{}, {}", line("rustc "), line("host: "));
    Ok(Counts { rustc, instructions })
}

fn of_one(program: &Path, name: &str, count: u64) -> Result<u64, String> {
    let of = |count: u64| {
        let mut command = tool(program);
        measure::instructions(command.args([name, &count.to_string()]))
            .ok_or_else(|| format!("error: valgrind could not count the instructions of {command:?}"))
    };
    Ok(of(2 * count)?.saturating_sub(of(count)?) / count)
}

/// A name, its accepted count, and its current count.
type Change<'c> = (&'c str, Option<u64>, Option<u64>);

fn changes<'c>(accepted: &'c Counts, now: &'c Counts) -> Vec<Change<'c>> {
    let mut names: Vec<&String> = accepted.instructions.keys().chain(now.instructions.keys()).collect();
    names.sort();
    names.dedup();
    let of = |counts: &Counts, name: &String| counts.instructions.get(name).copied();
    names.into_iter().map(|name| (name.as_str(), of(accepted, name), of(now, name))).collect()
}

/// In percent; `None` where one count is missing.
fn percent((_, before, now): &Change<'_>) -> Option<f64> {
    let (before, now) = before.zip(*now)?;
    Some((now as f64 / before as f64 - 1.0) * 100.0)
}

/// Prints the table. Counts of different compilers get no verdict.
fn print(changes: &[Change<'_>], is_same_compiler: bool) {
    let shown = |count: Option<u64>| count.map_or_else(|| "–".to_owned(), |count| count.to_string());
    println!("{:<28} {:>12} {:>12} {:>9}", "instructions of one", "accepted", "now", "change");
    for change in changes {
        let (name, before, now) = change;
        let percent = percent(change);
        let verdict = match percent {
            None => "NOT COMPARED",
            _ if !is_same_compiler => "",
            Some(percent) if percent > TOLERANCE => "TOO MANY",
            Some(percent) if percent < -TOLERANCE => "fewer",
            Some(_) => "",
        };
        let percent = percent.map_or_else(String::new, |percent| format!("{percent:+.1} %"));
        let line = format!("{name:<28} {:>12} {:>12} {percent:>9} {verdict}", shown(*before), shown(*now));
        println!("{}", line.trim_end());
    }
}

fn verdict(changes: &[Change<'_>]) -> Result<ExitCode, String> {
    let names = |is: fn(Option<f64>) -> bool| {
        let names: Vec<&str> = changes.iter().filter(|change| is(percent(change))).map(|(name, ..)| *name).collect();
        names.join(", ")
    };
    let unknown = names(|percent| percent.is_none());
    if !unknown.is_empty() {
        return Err(format!(
            "error: {unknown}: missing in {ACCEPTED} or in benches/src/main.rs\nhint: run \
             `cargo xtask bench gate --accept`, and commit {ACCEPTED} and a line in {CHANGELOG}"
        ));
    }
    let risen = names(|percent| percent.is_some_and(|percent| percent > TOLERANCE));
    if !risen.is_empty() {
        return Err(format!(
            "error: {risen}: more than {TOLERANCE} % over {ACCEPTED}\nhint: make it cheaper; or explain the cost in \
             {CHANGELOG}, run `cargo xtask bench gate --accept`, and commit both together"
        ));
    }
    let fallen = names(|percent| percent.is_some_and(|percent| percent < -TOLERANCE));
    if !fallen.is_empty() {
        println!(
            "{fallen}: more than {TOLERANCE} % below {ACCEPTED}\nhint: to keep it, add a line to {CHANGELOG}, run \
             `cargo xtask bench gate --accept`, and commit both together"
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Counts within the tolerance keep their accepted value; otherwise many small steps would add up unnoticed.
fn accept(accepted: Option<Counts>, now: &Counts) -> Result<ExitCode, String> {
    let before = accepted.unwrap_or_else(|| Counts { rustc: String::new(), instructions: BTreeMap::new() });
    let changes = changes(&before, now);
    let is_same_compiler = before.rustc == now.rustc;
    print(&changes, is_same_compiler);
    let mut instructions = now.instructions.clone();
    for change in &changes {
        if let (name, Some(before), Some(_)) = change
            && is_same_compiler
            && percent(change).is_some_and(|percent| percent.abs() <= TOLERANCE)
        {
            instructions.insert((*name).to_owned(), *before);
        }
    }
    if is_same_compiler && instructions == before.instructions {
        println!("nothing to accept: all counts are within {TOLERANCE} % of {ACCEPTED}");
        return Ok(ExitCode::SUCCESS);
    }
    let text = format!("{:#}\n", json!({ "rustc": now.rustc, "instructions": instructions }));
    files::write(&files::root().join(ACCEPTED), &text)?;
    println!("wrote {ACCEPTED}; commit it together with a line in {CHANGELOG} that says why");
    Ok(ExitCode::SUCCESS)
}

fn accepted() -> Result<Option<Counts>, String> {
    let path = files::root().join(ACCEPTED);
    if !path.exists() {
        return Ok(None);
    }
    let wrong = |what: &str| format!("error: {ACCEPTED}: {what}\nhint: `git checkout {ACCEPTED}`");
    let value: Value = serde_json::from_str(&files::read(&path)?).map_err(|error| wrong(&error.to_string()))?;
    let rustc = value["rustc"].as_str().ok_or_else(|| wrong("no `rustc`"))?.to_owned();
    let instructions = value["instructions"].as_object().ok_or_else(|| wrong("no `instructions`"))?;
    let number = |(name, value): (&String, &Value)| {
        let count = value
            .as_u64()
            .filter(|count| *count > 0)
            .ok_or_else(|| wrong(&format!("`{name}` is not a positive number")))?;
        Ok((name.clone(), count))
    };
    Ok(Some(Counts { rustc, instructions: instructions.iter().map(number).collect::<Result<_, String>>()? }))
}

/// An error if the last commit that changed the accepted counts did not change the changelog.
fn unexplained_acceptance() -> Result<Option<String>, String> {
    let git = |arguments: &[&str]| tools::output(tool("git").args(arguments));
    // Without a git history, as in an unpacked archive, this cannot be checked.
    let Ok(commit) = git(&["log", "-1", "--format=%h", "--", ACCEPTED]) else { return Ok(None) };
    let commit = commit.trim();
    if commit.is_empty() {
        return Ok(None);
    }
    let changed = git(&["show", "--format=", "--name-only", "-m", "--first-parent", commit])?;
    if changed.lines().any(|path| path == CHANGELOG) {
        return Ok(None);
    }
    Ok(Some(format!(
        "error: commit {commit} changes {ACCEPTED} and not {CHANGELOG}\nhint: add a line to {CHANGELOG} that explains \
         the cost, in the same commit (`git commit --amend`, or `git rebase -i`)"
    )))
}
