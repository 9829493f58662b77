//! Makes the page that `ges emulate` serves at /docs: both documents in Swagger UI, and the lifecycle of a graph.
//!
//! Swagger UI comes from a crate, so its version is in Cargo.lock. The page is one compressed file that loads nothing else.

use std::error::Error;
use std::io::{Read, Write};
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::bufread::DeflateDecoder;
use flate2::write::GzEncoder;
use rawzip::CompressionMethod;
use sha2::{Digest, Sha256};

const FOLDER: &str = "src/reference";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={FOLDER}");
    let read = |name: &str| std::fs::read_to_string(Path::new(FOLDER).join(name));
    let script = inside_of_script(&swagger_ui("dist/swagger-ui-bundle.js")?) + "\n" + &read("start.js")?;
    let style = swagger_ui("dist/swagger-ui.css")? + &read("page.css")?;
    // Apache-2.0, section 4: who gets Swagger UI gets its licence and its notice.
    let licence = swagger_ui("NOTICE")? + "\n" + &swagger_ui("LICENSE")?;
    let hash = BASE64_STANDARD.encode(Sha256::digest(&script));
    // In this order: the last insertions may contain text that looks like a placeholder.
    let page = read("page.html")?
        .replace("{{hash}}", &hash)
        .replace("{{lifecycle}}", &read("lifecycle.svg")?)
        .replace("{{licence}}", &licence.replace('&', "&amp;").replace('<', "&lt;"))
        .replace("{{document}}", &read("document.json")?.replace('<', "\\u003c"))
        .replace("{{style}}", &style)
        .replace("{{script}}", &script);
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(page.as_bytes())?;
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("reference.html.gz"), packed.finish()?)?;
    Ok(())
}

/// A file of Swagger UI, by its path in the archive below `swagger-ui-VERSION`.
fn swagger_ui(name: &str) -> Result<String, Box<dyn Error>> {
    let archive = rawzip::ZipArchive::from_slice(utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED)?;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry()? {
        let path = entry.file_path();
        let below = path.as_ref().iter().position(|&byte| byte == b'/').map(|at| &path.as_ref()[at + 1..]);
        if below != Some(name.as_bytes()) {
            continue;
        }
        let method = entry.compression_method();
        let entry = archive.get_entry(entry.wayfinder())?;
        let mut text = String::new();
        match method {
            CompressionMethod::DEFLATE => {
                entry.verifying_reader(DeflateDecoder::new(entry.data())).read_to_string(&mut text)?
            }
            CompressionMethod::STORE => entry.verifying_reader(entry.data()).read_to_string(&mut text)?,
            method => return Err(format!("Swagger UI has {name} compressed by {method:?}").into()),
        };
        return Ok(text);
    }
    Err(format!("Swagger UI has no {name}").into())
}

/// Escapes what would end a script in HTML, even within a string.
fn inside_of_script(text: &str) -> String {
    text.replace("</script", "<\\/script").replace("<!--", "\\x3c!--")
}
