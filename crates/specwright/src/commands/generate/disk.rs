//! Generated files on the disk: which are ours, which are stale.

use std::fs;
use std::io::Read;
use std::path::Path;

use openapi_document::generated_mark;

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
