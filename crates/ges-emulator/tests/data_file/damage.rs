//! Opening a file that is not as an emulator left it.

use crate::folder::Folder;
use crate::load::{Luck, ask, graph_path, reopen, state};
use ges_emulator::{Config, Emulator, OpenError, ProviderState};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A data file with something in it.
fn data_file(folder: &Folder) -> (PathBuf, Value) {
    let path = folder.path("data");
    let emulator = reopen(Config::default(), &path).expect("a new file");
    for _ in 0..20 {
        let given = emulator.set_up(ProviderState::RunningGraph);
        ask(&emulator, &format!("POST {}/backups", graph_path(&given)), "");
    }
    let state = state(&emulator);
    drop(emulator);
    (path, state)
}

fn open(path: &Path) -> Result<Emulator, OpenError> {
    reopen(Config::default(), path)
}

/// Refused, and left as it was.
#[track_caller]
fn check_refused(name: &str, bytes: &[u8], expected: &str) -> OpenError {
    let folder = Folder::new();
    let path = folder.path(name);
    fs::write(&path, bytes).expect("room for a file");
    let error = open(&path).expect_err("a file that cannot be used");
    assert_eq!(error.path(), path);
    let text = error.to_string();
    assert!(text.starts_with(&format!("cannot use the data file {}: ", path.display())), "{text}");
    assert!(text.contains(expected) && text.contains("\nhint: "), "{text}");
    assert_eq!(fs::read(&path).expect("the same file"), bytes);
    assert_eq!(folder.names(), [name]);
    error
}

#[test]
fn a_foreign_file_is_never_overwritten() {
    check_refused("notes.txt", b"buy milk", "found something else");
    check_refused("image.png", &[0x89, b'P', b'N', b'G', 0, 0, 0, 0, 0, 0], "found something else");
    check_refused("empty", b"", "found an empty file");
}

#[test]
fn a_folder_is_refused() {
    let folder = Folder::new();
    let error = open(&folder.path("")).expect_err("a folder");
    assert!(error.to_string().contains("directory"), "{error}");
}

#[test]
fn the_database_of_another_program_is_never_overwritten() {
    let folder = Folder::new();
    let path = folder.path("theirs");
    let database = redb::Database::create(&path).expect("a new database");
    let transaction = database.begin_write().expect("a transaction");
    transaction
        .open_table(redb::TableDefinition::<u64, u64>::new("graphs"))
        .expect("a table")
        .insert(1, 2)
        .expect("room");
    transaction.commit().expect("room");
    drop(database);
    check_refused("theirs", &fs::read(&path).expect("a file"), "found the database of another program");
}

#[test]
fn a_file_of_a_later_version_is_refused() {
    let folder = Folder::new();
    let (path, _) = data_file(&folder);
    let database = redb::Database::open(&path).expect("a database");
    let transaction = database.begin_write().expect("a transaction");
    transaction
        .open_table(redb::TableDefinition::<&str, &[u8]>::new("ges-emulator"))
        .expect("a table")
        .insert("format", br#"{"version": 2, "something": "new"}"#.as_slice())
        .expect("room");
    transaction.commit().expect("room");
    drop(database);
    check_refused(
        "later",
        &fs::read(&path).expect("a file"),
        "unsupported version 2 of the format: expected version 1",
    );
}

#[test]
fn an_inconsistent_record_is_found() {
    let folder = Folder::new();
    let (path, _) = data_file(&folder);
    let database = redb::Database::open(&path).expect("a database");
    let transaction = database.begin_write().expect("a transaction");
    let jobs = redb::TableDefinition::<u128, &[u8]>::new("jobs");
    transaction.open_table(jobs).expect("a table").insert(1, b"{".as_slice()).expect("room");
    transaction.commit().expect("room");
    drop(database);
    let error = check_refused("record", &fs::read(&path).expect("a file"), "the file is damaged: a job is unreadable");
    assert!(error.is_damaged());
}

#[test]
fn a_truncated_file_is_never_overwritten() {
    let folder = Folder::new();
    let (path, _) = data_file(&folder);
    let whole = fs::read(&path).expect("a file");
    for part in [whole.len() - 1, whole.len() / 2, 8192, 4096, 100, 9, 5] {
        assert!(check_refused("part", &whole[..part], "the file is damaged: ").is_damaged(), "{part} bytes");
    }
}

#[test]
fn a_damaged_file_is_refused_unless_nothing_is_lost() {
    let folder = Folder::new();
    let (path, expected) = data_file(&folder);
    let whole = fs::read(&path).expect("a file");
    let used = whole.iter().rposition(|&byte| byte != 0).expect("something in it") as u64;
    let mut luck = Luck(1);
    let mut refused = 0;
    for _ in 0..300 {
        let mut damaged = whole.clone();
        let at = luck.below(used) as usize;
        damaged[at] ^= 1 << luck.below(8);
        fs::write(&path, &damaged).expect("room for a file");
        match open(&path) {
            Ok(emulator) => assert_eq!(state(&emulator), expected, "a bit of byte {at}"),
            Err(error) => {
                refused += 1;
                assert!(!error.is_in_use(), "{error}");
                assert_eq!(fs::read(&path).expect("the same file"), damaged, "a bit of byte {at}: {error}");
            }
        }
    }
    assert!(refused > 0);
}
