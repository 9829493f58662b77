//! Opens our pages in a browser, and uses them by keyboard.
//!
//! The emulator's page, the reference at `/docs` and the report of a run with failures, wide and narrow, in headless
//! Chromium. Screenshots stay in `target/xtask/screenshots`.

use std::path::{Path, PathBuf};

use super::check::{Report, Tool};
use crate::files;
use crate::tools::{self, Emulator, ges, pinned};

const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

pub(crate) fn run(report: &mut Report) {
    let browser = Tool::new("Chromium", install);
    let name = "the pages of emulator, reference and report in Chromium: no complaint, usable by keyboard";
    report.check(name, [&browser], |[folder]| check(folder));
}

fn install() -> Result<PathBuf, String> {
    if chromium().is_none() {
        return Err("error: Chromium is not installed\nhint: `apt-get install chromium`".to_owned());
    }
    tools::from_npm(&pinned::PUPPETEER)
}

fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path);
    folders.find_map(|folder| CHROMIUM.iter().map(|name| folder.join(name)).find(|program| program.is_file()))
}

fn check(folder: &Path) -> Result<(), String> {
    let screenshots = files::scratch("screenshots")?;
    let report = screenshots.join("report.html");
    // Some calls fail, so that the report shows failures.
    let faulty = Emulator::start(&["--fault", "503:0.3", "--seed", "1"])?;
    let mut conform = ges()?;
    conform.args(["conform", "--endpoint", &faulty.url(), "--token", "t"]);
    conform.args(["--provider-states", &faulty.provider_states()]);
    conform.args(["--project-id", "0123456789abcdef0123456789abcdef"]);
    // There may be no earlier report. The run fails, as intended.
    let _ = std::fs::remove_file(&report);
    let _ = tools::output(conform.arg("--report").arg(format!("html={}", report.display())));

    let emulator = Emulator::start(&[])?;
    let given = emulator.set_up("a running graph")?;
    let mut node = tools::tool("node");
    node.current_dir(folder).arg(files::root().join("tests/interop/pages.mjs"));
    node.arg(chromium().unwrap_or_default()).arg(&screenshots);
    node.args([emulator.url(), format!("file://{}", report.display())]);
    tools::output(node.arg(given["graph_id"].as_str().unwrap_or_default())).map(drop)
}
