//! Folders for what a test writes, and files that hold what a test expects.

use std::fs;
use std::path::{Path, PathBuf};

/// An empty folder. `parent` is `env!("CARGO_TARGET_TMPDIR")`, which only a test knows.
pub fn empty_folder(parent: &str, name: &str) -> PathBuf {
    let folder = Path::new(parent).join(name);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The file must hold `text`. With `UPDATE_GOLDEN` in the environment it is written first: look at the difference.
#[track_caller]
pub fn check_golden(file: &Path, text: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(file, text).unwrap();
    }
    let expected = fs::read_to_string(file).unwrap();
    let line = expected.lines().zip(text.lines()).take_while(|(expected, found)| expected == found).count();
    assert!(
        expected == text,
        "{} differs from line {} on\nhint: run the test with UPDATE_GOLDEN=1 and look at the difference",
        file.display(),
        line + 1
    );
}
