//! `cargo xtask coverage`: lists the lines of published crates that no test reaches.
//!
//! Counted are the executable lines of `crates/*/src`, without generated code and without unit tests, which always reach
//! themselves. A process that a test starts counts too, unless the test kills it, which leaves it no time to write its
//! profile.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::files;
use crate::tools::{self, Build, pinned, tool};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// List unreached lines of each file with a coverage below this percentage
    #[arg(long, default_value_t = 90.0, value_name = "PERCENT")]
    bar: f64,
    /// Print the report of an earlier run, from target/xtask/coverage
    #[arg(long)]
    again: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let report = files::scratch("coverage")?.join("lcov.info");
    if !arguments.again {
        measure(&report)?;
    }
    let files = counted(&files::read(&report)?)?;
    if files.is_empty() {
        return Err(format!("error: {} names no file below crates/", report.display()));
    }
    print!("{}", table(&files, arguments.bar));
    Ok(ExitCode::SUCCESS)
}

fn measure(report: &Path) -> Result<(), String> {
    let llvm_cov = tools::from_crates_io(&pinned::LLVM_COV, Build::Fast)?;
    let mut measure = tool(llvm_cov);
    measure.args(["llvm-cov", "--locked", "--workspace", "--lcov", "--output-path"]).arg(report);
    measure.env("CARGO_PROFILE_DEV_DEBUG", "0");
    if let Some([cov, profdata]) = readers()? {
        measure.env("LLVM_COV", cov).env("LLVM_PROFDATA", profdata);
    }
    tools::run(&mut measure)
}

/// The programs of LLVM that read profiles; `None` where cargo-llvm-cov finds them by itself.
fn readers() -> Result<Option<[String; 2]>, String> {
    let sysroot = tools::output(tool("rustc").args(["--print", "target-libdir"]))?;
    let is_component = Path::new(sysroot.trim()).with_file_name("bin").join("llvm-profdata").exists();
    if is_component || std::env::var_os("LLVM_PROFDATA").is_some() {
        return Ok(None);
    }
    // A profile can be read by the LLVM version that wrote it, which rustc prints.
    let version = tools::output(tool("rustc").arg("-vV"))?;
    let llvm = version.lines().find_map(|line| line.strip_prefix("LLVM version: ")?.split('.').next());
    let llvm = llvm.ok_or("error: `rustc -vV` prints no LLVM version")?;
    let readers = [format!("llvm-cov-{llvm}"), format!("llvm-profdata-{llvm}")];
    if readers.iter().all(|program| tools::is_installed(program)) {
        return Ok(Some(readers));
    }
    Err(format!(
        "error: llvm-cov and llvm-profdata of LLVM {llvm} are not installed\n\
         hint: `rustup component add llvm-tools`, or on Debian `apt install llvm-{llvm}`"
    ))
}

/// The executable lines of one file, and whether a test reached them.
type Lines = BTreeMap<usize, bool>;

/// The counted lines of a report in lcov's format.
fn counted(report: &str) -> Result<BTreeMap<PathBuf, Lines>, String> {
    let mut files: BTreeMap<PathBuf, Lines> = BTreeMap::new();
    let mut file = None;
    for line in report.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            file = counted_part(Path::new(path))?;
        } else if let (Some(numbers), Some((path, until))) = (line.strip_prefix("DA:"), &file) {
            let read = |(line, count): (&str, &str)| Some((line.parse::<usize>().ok()?, count != "0"));
            let read = numbers.split_once(',').and_then(read);
            let (line, is_reached) = read.ok_or_else(|| format!("error: invalid lcov record: DA:{numbers}"))?;
            if line < *until {
                *files.entry(path.clone()).or_default().entry(line).or_default() |= is_reached;
            }
        }
    }
    Ok(files)
}

/// The path from the root, and the line where its unit tests begin; `None` for a file that is not counted.
fn counted_part(path: &Path) -> Result<Option<(PathBuf, usize)>, String> {
    let Ok(shown) = path.strip_prefix(files::root()) else { return Ok(None) };
    let mut parts = shown.iter().filter_map(|part| part.to_str());
    let is_shipped = parts.next() == Some("crates") && parts.nth(1) == Some("src");
    if !is_shipped || path.ends_with("generated.rs") {
        return Ok(None);
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let declared = std::fs::read_to_string(path.with_file_name("lib.rs")).unwrap_or_default();
    if declared.contains(&format!("#[cfg(test)]\nmod {name};")) {
        return Ok(None);
    }
    let text = files::read(path)?;
    let before = text.split_once("#[cfg(test)]\nmod tests {").map_or(&*text, |(before, _)| before);
    Ok(Some((shown.to_owned(), before.lines().count() + 1)))
}

/// A line for each crate, then the unreached lines of each file below `bar`.
fn table(files: &BTreeMap<PathBuf, Lines>, bar: f64) -> String {
    let mut crates: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut below = String::new();
    for (path, lines) in files {
        let reached = lines.values().filter(|is_reached| **is_reached).count();
        let name = path.iter().nth(1).unwrap_or_default().to_string_lossy().into_owned();
        for name in [name, "all".to_owned()] {
            let sum = crates.entry(name).or_default();
            *sum = (sum.0 + reached, sum.1 + lines.len());
        }
        let percent = percent(reached, lines.len());
        if percent < bar {
            below += &format!("{percent:5.1} %  {}: {}\n", path.display(), gaps(lines));
        }
    }
    let all = crates.remove_entry("all");
    let mut table = format!("{:<20} {:>7} {:>11} {:>7}\n", "crate", "lines", "not reached", "reached");
    for (name, (reached, lines)) in crates.into_iter().chain(all) {
        table += &format!("{name:<20} {lines:>7} {:>11} {:>5.1} %\n", lines - reached, percent(reached, lines));
    }
    if !below.is_empty() {
        table += &format!("\nfiles below {bar} %, with their unreached lines:\n{below}");
    }
    table
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// `3-5, 9`: a gap ends at the next line that was reached, not at a comment.
fn gaps(lines: &Lines) -> String {
    let mut gaps: Vec<(usize, usize)> = Vec::new();
    let mut is_open = false;
    for (&line, &is_reached) in lines {
        match gaps.last_mut() {
            Some(gap) if is_open && !is_reached => gap.1 = line,
            _ if !is_reached => gaps.push((line, line)),
            _ => {}
        }
        is_open = !is_reached;
    }
    let shown =
        gaps.iter().map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    shown.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_files_and_tests_are_not_counted() {
        let root = files::root().display();
        let report = format!(
            "SF:{root}/crates/ges-client/src/generated.rs\nDA:1,1\nend_of_record\n\
             SF:{root}/crates/ges-emulator/src/invariants.rs\nDA:1,1\nend_of_record\n\
             SF:{root}/crates/specwright-codegen/tests/golden.rs\nDA:1,1\nend_of_record\n\
             SF:/elsewhere/crates/specwright-codegen/src/lib.rs\nDA:1,1\nend_of_record\n\
             SF:{root}/crates/ges-emulator/src/service/version.rs\nDA:20,0\nDA:21,3\nDA:21,0\nDA:100000,1\nend_of_record\n"
        );
        let version = PathBuf::from("crates/ges-emulator/src/service/version.rs");
        assert_eq!(counted(&report), Ok([(version, [(20, false), (21, true)].into())].into()));
        assert!(counted(&format!("SF:{root}/crates/ges-emulator/src/service/version.rs\nDA:x")).is_err());
    }

    #[test]
    fn files_below_the_bar_are_listed_with_their_gaps() {
        let lines = |reached: &[bool]| reached.iter().enumerate().map(|(at, is)| (at + 1, *is)).collect::<Lines>();
        let files = [
            (PathBuf::from("crates/a/src/b.rs"), lines(&[false, true, false, false, true, true, false, true])),
            (PathBuf::from("crates/c/src/d.rs"), lines(&[true, true])),
        ];
        let expected = "\
crate                  lines not reached reached
a                          8           4  50.0 %
c                          2           0 100.0 %
all                       10           4  60.0 %

files below 90 %, with their unreached lines:
 50.0 %  crates/a/src/b.rs: 1, 3-4, 7
";
        assert_eq!(table(&files.into(), 90.0), expected);
    }
}
