//! Generated files on the disk: which are ours, which are stale.

use std::fs;
use std::io::Read;
use std::path::Path;

use openapi_document::generated_mark;

use crate::Failure;

/// What the mark of a generated file is looked for in.
const HEAD: u64 = 1024;

/// Whether a file is there that does not say at its beginning that it was generated.
pub(super) fn is_foreign(path: &Path) -> bool {
    let mut head = Vec::new();
    match fs::File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head)) {
        Ok(_) => {}
        // What cannot be read is nobody's to overwrite.
        Err(error) => return error.kind() != std::io::ErrorKind::NotFound,
    }
    let mark = generated_mark("");
    let mark = mark.split(". ").next().unwrap_or(&mark).trim_end();
    !String::from_utf8_lossy(&head).contains(mark)
}

/// The symbolic link that the file, or a folder between `out` and it, is.
pub(super) fn link<'p>(out: &Path, path: &'p Path) -> Option<&'p Path> {
    path.ancestors().take_while(|part| *part != out).find(|part| part.is_symlink())
}

/// Writes `text`, unless the file has it already; returns whether it was written.
pub(super) fn write(path: &Path, text: &str) -> Result<bool, Failure> {
    if fs::read_to_string(path).is_ok_and(|current| current == text) {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .map_err(|error| Failure::cannot_start(format!("cannot create {}: {error}", folder.display())))?;
    }
    fs::write(path, text)
        .map_err(|error| Failure::cannot_start(format!("cannot write {}: {error}", path.display())))?;
    Ok(true)
}

/// The first lines in which the file at `path` differs from `text`; `None` if it does not.
pub(super) fn difference(path: &Path, text: &str) -> Option<String> {
    const SHOWN: usize = 3;
    let current = match fs::read_to_string(path) {
        Ok(current) if current == text => return None,
        Ok(current) => current,
        Err(error) => return Some(format!("  cannot be read: {error}\n")),
    };
    let (mut old, mut new) = (current.split('\n'), text.split('\n'));
    let mut line = 1;
    loop {
        match (old.next(), new.next()) {
            (Some(a), Some(b)) if a == b => line += 1,
            (a, b) => {
                let removed = a.into_iter().chain(old).take(SHOWN).map(|text| format!("  - {text}\n"));
                let added = b.into_iter().chain(new).take(SHOWN).map(|text| format!("  + {text}\n"));
                return Some(format!("  line {line}:\n{}", removed.chain(added).collect::<String>()));
            }
        }
    }
}
