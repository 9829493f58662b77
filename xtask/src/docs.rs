//! `cargo xtask docs`: writes the documentation to `target/site`, to be read offline.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::files;
use crate::tools::{self, Emulator, cargo};

const SITE: &str = "target/site";

pub(crate) fn run() -> Result<ExitCode, String> {
    let doc = files::root().join("target/doc");
    // Removes pages of crates that no longer exist. There may be no earlier run.
    let _ = fs::remove_dir_all(&doc);
    let mut rustdoc = cargo();
    rustdoc.args(["doc", "--locked", "--workspace", "--no-deps"]);
    tools::run(rustdoc.env("RUSTDOCFLAGS", "-D warnings"))?;

    let site = files::root().join(SITE);
    let _ = fs::remove_dir_all(&site);
    copy(&doc, &site.join("rust"))?;
    // The page that `ges emulate` serves at /docs.
    files::write(&site.join("reference.html"), &Emulator::start(&[])?.page("/docs")?)?;
    files::write(&site.join("tutorial.md"), &files::read(&files::root().join("docs/tutorial.md"))?)?;
    files::write(&site.join("index.html"), &index(&doc)?)?;
    println!("wrote {SITE}/index.html");
    Ok(ExitCode::SUCCESS)
}

/// The first page: links to the tutorial, the reference and each crate.
fn index(doc: &Path) -> Result<String, String> {
    let mut crates: Vec<String> = fs::read_dir(doc)
        .map_err(|error| format!("error: cannot read {}: {error}", doc.display()))?
        .flatten()
        .filter(|entry| entry.path().join("index.html").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != "src")
        .collect();
    crates.sort();
    let crates: String =
        crates.iter().map(|name| format!("<li><a href=\"rust/{name}/index.html\"><code>{name}</code></a>\n")).collect();
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>GES, as a contract you can run</title>\n\
         <style>body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; \
         color-scheme: light dark }}</style>\n\
         <h1>GES, as a contract you can run</h1>\n<ul>\n\
         <li><a href=\"tutorial.md\">Ten minutes with a graph</a>: the tutorial\n\
         <li><a href=\"reference.html\">The operations</a>: addresses, arguments, answers and examples, and the life of a graph\n\
         </ul>\n<h2>Crates</h2>\n<ul>\n{crates}</ul>\n</html>\n"
    ))
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("error: cannot copy {}: {error}", from.display());
    fs::create_dir_all(to).map_err(cannot)?;
    for entry in fs::read_dir(from).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name)).map_err(cannot)?;
        }
    }
    Ok(())
}
