//! Opening a file that is not as an emulator left it.

use crate::folder::Folder;
use crate::load::{Luck, ask, graph_path, reopen, state};
use ges_emulator::{Config, Emulator, OpenError, ProviderState};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};
use std::{fs, panic};

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
    let folder = Folder::in_memory();
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

/// Every end is found: after a few bytes, inside of the first page, at pages, around them, and anywhere.
#[test]
fn a_truncated_file_is_never_overwritten() {
    let folder = Folder::in_memory();
    let (path, _) = data_file(&folder);
    let whole = fs::read(&path).expect("a file");
    let mut luck = Luck(2);
    let pages = (1..whole.len() / PAGE).step_by(3).flat_map(|page| [page * PAGE - 1, page * PAGE, page * PAGE + 1]);
    let anywhere: Vec<_> = (0..40).map(|_| 1 + luck.below(whole.len() as u64 - 1) as usize).collect();
    let ends = [1, 5, 8, 9, 10, 63, 64, 100, 191, 192, 319, 320, whole.len() / 2, whole.len() - 1];
    let counted = panics_in(|| {
        for part in ends.into_iter().chain(pages).chain(anywhere) {
            assert!(check_refused("part", &whole[..part], "the file is damaged: ").is_damaged(), "{part} bytes");
        }
    });
    assert_eq!(counted, 0);
}

const PAGE: usize = 4096;

/// How many panics there are in a closure, also those that something catches.
fn panics_in(act: impl FnOnce()) -> usize {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    /// The thread whose panics are counted. One test at a time.
    static COUNTED: Mutex<Option<ThreadId>> = Mutex::new(None);
    static TURN: Mutex<()> = Mutex::new(());
    static HOOK: Once = Once::new();
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let counted = || COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if *COUNTED.lock().unwrap_or_else(PoisonError::into_inner) == Some(thread::current().id()) {
                COUNT.fetch_add(1, Ordering::SeqCst);
            }
            before(info);
        }));
    });
    *counted() = Some(thread::current().id());
    COUNT.store(0, Ordering::SeqCst);
    act();
    *counted() = None;
    COUNT.load(Ordering::SeqCst)
}

#[test]
fn the_panics_of_a_library_are_counted() {
    let count = panics_in(|| drop(panic::catch_unwind(|| panic!("one that the test is to count"))));
    assert_eq!(count, 1);
}

/// A file as a clean end leaves it and one as a kill does, with the states that it may be opened with.
fn two_files(folder: &Folder) -> [(&'static str, Vec<u8>, Vec<Value>); 2] {
    let path = folder.path("data");
    let emulator = reopen(Config::default(), &path).expect("a new file");
    for _ in 0..20 {
        emulator.set_up(ProviderState::StoppedGraphWithBackup);
    }
    let before = state(&emulator);
    emulator.set_up(ProviderState::RunningGraph);
    let after = state(&emulator);
    let killed = fs::read(&path).expect("a file");
    drop(emulator);
    let closed = fs::read(&path).expect("a file");
    // A latest transaction whose checksum is wrong looks like one that the kill interrupted: the one before it counts.
    [("closed", closed, vec![after.clone()]), ("killed", killed, vec![after, before])]
}

#[test]
fn a_damaged_file_is_refused_unless_nothing_is_lost() {
    let folder = Folder::in_memory();
    for (name, whole, expected) in two_files(&folder) {
        let path = folder.path(name);
        let used = whole.iter().rposition(|&byte| byte != 0).expect("something in it") as u64;
        let mut luck = Luck(1);
        let (mut refused, mut opened) = (0, 0);
        let counted = panics_in(|| {
            for round in 0..200 {
                let mut damaged = whole.clone();
                // The head is small, and everything depends on it.
                let at = luck.below(if round % 3 == 0 { 320 } else { used }) as usize;
                match round % 2 {
                    0 => damaged[at] ^= 1 << luck.below(8),
                    _ => damaged[at] = damaged[at].wrapping_add(1 + luck.below(255) as u8),
                }
                fs::write(&path, &damaged).expect("room for a file");
                match open(&path) {
                    Ok(emulator) => {
                        opened += 1;
                        assert!(expected.contains(&state(&emulator)), "{name}, byte {at}");
                        // And it can be written to.
                        emulator.set_up(ProviderState::RunningGraph);
                    }
                    Err(error) => {
                        refused += 1;
                        assert!(!error.is_in_use() && error.to_string().contains("\nhint: "), "{error}");
                        assert_eq!(fs::read(&path).expect("the same file"), damaged, "{name}, byte {at}: {error}");
                    }
                }
            }
        });
        assert_eq!(counted, 0, "{name}");
        assert!(refused > 0 && opened > 0, "{name}: {refused} refused, {opened} opened");
    }
}

/// Larger damage than a bit: each is refused, or nothing is lost.
#[test]
fn a_file_that_was_copied_wrongly_is_refused_unless_nothing_is_lost() {
    let folder = Folder::in_memory();
    for (name, whole, expected) in two_files(&folder) {
        let mut luck = Luck(3);
        let pages = whole.len() / PAGE;
        let mut copies: Vec<(String, Vec<u8>)> = vec![
            ("doubled".to_owned(), [&whole[..], &whole].concat()),
            ("thrice".to_owned(), whole.repeat(3)),
            ("a page longer".to_owned(), [&whole[..], &[0; PAGE]].concat()),
            ("a byte longer".to_owned(), [&whole[..], b"x"].concat()),
            ("a line end more in its magic number".to_owned(), [&whole[..5], b"\r", &whole[5..]].concat()),
            ("the head of a file and nothing".to_owned(), [&whole[..9], &[0; 3 * PAGE][..]].concat()),
            ("only ones".to_owned(), [&whole[..9], &[0xff; 3 * PAGE][..]].concat()),
        ];
        for page in (0..pages).step_by(3).chain(0..4) {
            let mut copy = whole.clone();
            copy[page * PAGE..][..PAGE].fill(0);
            copies.push((format!("page {page} of zeros"), copy));
            let mut copy = whole.clone();
            let other = luck.below(pages as u64) as usize;
            copy.copy_within(other * PAGE..(other + 1) * PAGE, page * PAGE);
            copies.push((format!("page {other} in place of page {page}"), copy));
            let mut copy = whole.clone();
            copy[page * PAGE..][..PAGE].fill_with(|| luck.below(256) as u8);
            copies.push((format!("page {page} of noise"), copy));
        }
        let path = folder.path(name);
        let counted = panics_in(|| {
            for (how, copy) in &copies {
                fs::write(&path, copy).expect("room for a file");
                match open(&path) {
                    Ok(emulator) => assert!(expected.contains(&state(&emulator)), "{name}, {how}"),
                    Err(error) => {
                        assert!(error.to_string().contains("\nhint: "), "{name}, {how}: {error}");
                        assert_eq!(&fs::read(&path).expect("the same file"), copy, "{name}, {how}: {error}");
                    }
                }
            }
        });
        assert_eq!(counted, 0, "{name}");
    }
}

/// What is there is not a file. It is neither opened nor replaced, and nothing waits for it.
#[cfg(unix)]
#[test]
fn what_is_not_a_file_is_refused() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    let pipe = folder.path("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let socket = folder.path("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    let (to_pipe, to_nothing) = (folder.path("to-pipe"), folder.path("to-nothing"));
    symlink(&pipe, &to_pipe).expect("a link");
    symlink(folder.path("nothing"), &to_nothing).expect("a link");
    let names = folder.names();
    for (path, expected) in [
        (folder.path(""), "found a directory"),
        (folder.path(".."), "found a directory"),
        (pipe, "found a named pipe"),
        (to_pipe, "found a named pipe"),
        (socket, "found a socket"),
        (to_nothing, "found a link to a file that does not exist"),
        (PathBuf::from("/dev/null"), "found a device"),
        (PathBuf::from("/dev/zero"), "found a device"),
        (PathBuf::from("/dev/full"), "found a device"),
        (PathBuf::from("/dev/stdin/data"), ""),
        (PathBuf::new(), "not the name of a file"),
    ] {
        let error = open(&path).expect_err("not a file").to_string();
        assert!(error.starts_with("cannot use the data file ") && error.contains(expected), "{error}");
    }
    assert_eq!(folder.names(), names);
    // A link to a file is as good as the file.
    drop(open(&folder.path("data")).expect("a new file"));
    symlink(folder.path("data"), folder.path("to-data")).expect("a link");
    drop(open(&folder.path("to-data")).expect("the same file"));
}

#[cfg(unix)]
#[test]
fn a_file_or_folder_without_permission_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let (path, _) = data_file(&folder);
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("own file");
    for mode in [0o000, 0o200, 0o400] {
        set(&path, mode);
        if fs::OpenOptions::new().read(true).write(true).open(&path).is_ok() {
            eprintln!("not checked: this user may do everything");
            return;
        }
        let error = open(&path).expect_err("a file without permission").to_string();
        assert!(error.contains("ermission denied") && error.contains("\nhint: this user must be able"), "{error}");
    }
    set(&path, 0o600);
    drop(open(&path).expect("a file with permission"));
    set(&folder.path(""), 0o500);
    let error = open(&folder.path("new")).expect_err("a folder without permission").to_string();
    set(&folder.path(""), 0o700);
    assert!(error.contains("ermission denied") && error.contains("\nhint: this user must be able"), "{error}");
}
