//! Runs one check: installs the tools it needs, and counts its outcome.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use crate::tools;

/// A program of others, installed when a check first needs it.
pub(crate) struct Tool {
    name: &'static str,
    install: fn() -> Result<PathBuf, String>,
    installed: OnceCell<Option<PathBuf>>,
}

impl Tool {
    pub(crate) fn new(name: &'static str, install: fn() -> Result<PathBuf, String>) -> Tool {
        Tool { name, install, installed: OnceCell::new() }
    }
}

/// Prints and counts the outcomes of all checks.
#[derive(Default)]
pub(crate) struct Report {
    /// A check runs if its name contains one of these, or if there are none.
    words: Vec<String>,
    pub(crate) checked: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Report {
    pub(crate) fn of_checks_named(words: &[String]) -> Report {
        Report { words: words.iter().map(|word| word.to_lowercase()).collect(), ..Report::default() }
    }

    /// Runs a check, if its name is selected and its tools can be installed.
    pub(crate) fn check<const N: usize>(
        &mut self,
        name: &str,
        tools: [&Tool; N],
        check: impl FnOnce([&Path; N]) -> Result<(), String>,
    ) {
        let lower = name.to_lowercase();
        if !self.words.is_empty() && !self.words.iter().any(|word| lower.contains(word)) {
            return;
        }
        let mut paths = [Path::new(""); N];
        for (path, tool) in paths.iter_mut().zip(tools) {
            let Some(installed) = self.installed(tool) else { return };
            *path = installed;
        }
        self.checked += 1;
        match check(paths) {
            Ok(()) => println!("PASS {name}"),
            Err(message) => {
                self.failed += 1;
                println!("FAIL {name}\n{message}");
            }
        }
    }

    /// A tool that cannot be installed is a failure in CI, and a skipped check elsewhere.
    fn installed<'t>(&mut self, tool: &'t Tool) -> Option<&'t Path> {
        let install = || match (tool.install)() {
            Ok(path) => Some(path),
            Err(message) => {
                let (outcome, count) =
                    if tools::is_ci() { ("FAIL", &mut self.failed) } else { ("SKIP", &mut self.skipped) };
                *count += 1;
                println!("{outcome} cannot install {}\n{message}", tool.name);
                None
            }
        };
        tool.installed.get_or_init(install).as_deref()
    }
}
