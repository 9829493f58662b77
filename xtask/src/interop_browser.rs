//! Do our pages work in a browser, without a complaint and without a mouse?
//!
//! The emulator's page, the reference at `/docs` and the report of a run with failures, wide and narrow, in Chromium
//! without a window. What it looked like stays in `target/xtask/screenshots`.

use std::path::{Path, PathBuf};

use crate::interop_command::{Report, Tool};
use crate::interop_emulator::{Emulator, ges};
use crate::{files, tools};

const PUPPETEER: &str = "puppeteer-core@25.16.0";
const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

pub(crate) fn run(report: &mut Report) {
    let browser = Tool::new("Chromium", install);
    let name = "the pages of emulator, reference and report in Chromium: no complaint, usable by keyboard";
    report.check(name, [&browser], |[folder]| check(folder));
}

fn install() -> Result<PathBuf, String> {
    if chromium().is_none() {
        return Err("error: there is no Chromium\nhint: `apt-get install chromium`".to_owned());
    }
    tools::npm("browser", &[PUPPETEER])
}

fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path);
    folders.find_map(|folder| CHROMIUM.iter().map(|name| folder.join(name)).find(|program| program.is_file()))
}

fn check(folder: &Path) -> Result<(), String> {
    let screenshots = tools::scratch("screenshots")?;
    let report = screenshots.join("report.html");
    // Some calls fail, so that the report has something to show.
    let faulty = Emulator::start(&["--fault", "503:0.3", "--seed", "1"])?;
    let mut conform = ges()?;
    conform.args(["conform", "--endpoint", &faulty.url(), "--token", "t"]);
    conform.args(["--provider-states", &faulty.provider_states()]);
    conform.args(["--project-id", "0123456789abcdef0123456789abcdef"]);
    // It may not be there yet; and the run fails, as is meant.
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
