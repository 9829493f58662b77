//! The data file.
//!
//! One file, a [redb](https://www.redb.org) database. One record is one row, so that a change writes
//! what changed; records are JSON, the same as in a [snapshot](crate::storage::snapshot). A transaction is in
//! the file completely or not at all, and a committed transaction has been synced to the disk.
//!
//! **Invariant:** an invalid file is never written to. The file is read, checked and (after a kill) repaired in memory
//! first, and opened for writing only if all of it is valid. redb verifies the checksum of every page then, because it trusts
//! a file that was closed in order otherwise, and panics at damage there.

use crate::service::backup::Backup;
use crate::service::graph::Graph;
use crate::service::job::Job;
use crate::service::state::ServiceState;
use crate::storage::error::OpenError;
use crate::storage::pending::{Batch, Numbers};
use redb::backends::{FileBackend, InMemoryBackend};
use redb::{
    Builder, CommitError, Database, DatabaseError, ReadableDatabase, ReadableTable, StorageBackend, StorageError,
    TableDefinition, TableError, TransactionError, WriteTransaction,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fs::{self, File, FileType, Metadata, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

type Table<Key> = TableDefinition<'static, Key, &'static [u8]>;

const ABOUT: Table<&str> = TableDefinition::new("ges-emulator");
const GRAPHS: Table<u64> = TableDefinition::new("graphs");
const BACKUPS: Table<u128> = TableDefinition::new("backups");
const JOBS: Table<u128> = TableDefinition::new("jobs");

/// The rows of [`ABOUT`].
const FORMAT: &str = "format";
const NUMBERS: &str = "numbers";

/// Increased when older emulators can no longer read the format.
const VERSION: u64 = 1;

/// All records are in memory; this is for writing only.
const CACHE_BYTES: usize = 4 << 20;

/// An open data file. No other process can open it.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    database: Database,
    format: Format,
}

/// What does not change while the file is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Format {
    version: u64,
    /// The seed the file was made with.
    pub(crate) seed: u64,
    /// How many times the file was opened before.
    pub(crate) openings: u64,
}

/// What was found in a file.
#[derive(Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) state: ServiceState,
    pub(crate) clock_ahead_ms: i64,
}

impl Store {
    /// Opens a file that an earlier store left, or makes a new one that begins with `first`.
    pub(crate) fn open(path: &Path, seed: u64, first: &Batch) -> Result<(Self, Option<Found>), OpenError> {
        // Looked at first: opening a device may do something, and reading a pipe may wait for ever.
        match fs::metadata(path) {
            Ok(found) => require_file(path, &found)?,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Self::create(path, seed, first).map(|store| (store, None));
            }
            Err(error) => return Err(OpenError::io(path, error)),
        }
        let io = |error| OpenError::io(path, error);
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(io)?;
        // It may be another one by now.
        require_file(path, &file.metadata().map_err(io)?)?;
        Self::reopen(path, file).map(|(store, found)| (store, Some(found)))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Returns when the changes have been synced to the disk, all of them, or with an error, and
    /// then none of them.
    pub(crate) fn write(&self, batch: &Batch) -> Result<(), Box<dyn Error>> {
        let transaction = self.database.begin_write()?;
        write(&transaction, batch)?;
        transaction.commit()?;
        Ok(())
    }

    /// A new file gets its name only when it is complete. If the name is taken by then, that file is kept.
    fn create(path: &Path, seed: u64, first: &Batch) -> Result<Self, OpenError> {
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        if path.file_name().is_none() {
            return Err(OpenError::io(
                path,
                std::io::Error::new(ErrorKind::InvalidInput, "it is not the name of a file"),
            ));
        }
        if fs::symlink_metadata(path).is_ok() {
            return Err(OpenError::foreign(path, "a link to a file that does not exist"));
        }
        if !folder.is_dir() {
            return Err(OpenError::folder_missing(path));
        }
        let (temporary, file) = temporary_beside(path).map_err(|error| OpenError::io(path, error))?;
        let format = Format { version: VERSION, seed, openings: 0 };
        let made = file_backend(file).and_then(|backend| fill_new(backend, format, first)).and_then(|database| {
            give_name(&temporary, path)?;
            Ok(database)
        });
        let _ = fs::remove_file(&temporary);
        let database = made.map_err(|error| cannot_write(path, error))?;
        sync_folder(folder).map_err(|error| OpenError::io(path, error))?;
        Ok(Self { path: path.to_owned(), database, format })
    }

    fn reopen(path: &Path, mut file: File) -> Result<(Self, Found), OpenError> {
        let io = |error| OpenError::io(path, error);
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::in_use(path)),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        Self::resume(path, bytes, || FileBackend::new(file))
    }

    /// Checks the bytes of a file, and then opens what keeps them.
    fn resume<Backend: StorageBackend>(
        path: &Path,
        bytes: Vec<u8>,
        backend: impl FnOnce() -> Result<Backend, DatabaseError>,
    ) -> Result<(Self, Found), OpenError> {
        let (format, found) = inspect(path, &bytes)?;
        drop(bytes);

        let format = Format { openings: format.openings.saturating_add(1), ..format };
        let database = without_panic(path, || {
            let database = backend().and_then(database_in).map_err(|error| refused(path, error))?;
            // A file that cannot be written is found out now.
            note_format(&database, format).map_err(|error| cannot_write(path, error))?;
            Ok(database)
        })?;
        Ok((Self { path: path.to_owned(), database, format }, found))
    }
}

/// Everything but a file is refused: reading it may never end.
fn require_file(path: &Path, found: &Metadata) -> Result<(), OpenError> {
    match kind_of(found.file_type()) {
        None => Ok(()),
        Some(kind) => Err(OpenError::foreign(path, kind)),
    }
}

/// What this is, unless it is a file.
fn kind_of(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        return None;
    }
    if kind.is_dir() {
        return Some("a directory");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some("a named pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
        if kind.is_char_device() || kind.is_block_device() {
            return Some("a device");
        }
    }
    Some("something that is not a file")
}

/// redb promises no panic for what it verified; should it panic all the same, the file is damaged.
fn without_panic<T>(path: &Path, open: impl FnOnce() -> Result<T, OpenError>) -> Result<T, OpenError> {
    // Nothing that the closure changed is used after a panic.
    let opened = catch_unwind(AssertUnwindSafe(open));
    opened.unwrap_or_else(|_| Err(OpenError::damaged(path, "the database cannot be read")))
}

/// What every redb database begins with.
const MAGIC: &[u8] = b"redb\x1A\x0A\xA9\x0D\x0A";

/// Reads and checks a whole file without touching it.
fn inspect(path: &Path, bytes: &[u8]) -> Result<(Format, Found), OpenError> {
    match bytes {
        [] => return Err(OpenError::foreign(path, "an empty file")),
        bytes if bytes.starts_with(MAGIC) => {}
        bytes if MAGIC.starts_with(bytes) => return Err(OpenError::damaged(path, "the file ends after a few bytes")),
        _ => return Err(OpenError::foreign(path, "something else")),
    }
    without_panic(path, || inspect_database(path, bytes))
}

fn inspect_database(path: &Path, bytes: &[u8]) -> Result<(Format, Found), OpenError> {
    let database = in_memory(bytes).map_err(|error| refused(path, error))?;
    let damaged = |error: Box<dyn Error>| OpenError::damaged(path, error);
    let format = read_format(&database).map_err(damaged)?;
    let Some(format) = format else { return Err(OpenError::foreign(path, "the database of another program")) };
    let version = format.get("version").and_then(serde_json::Value::as_u64);
    match version {
        Some(VERSION) => {}
        Some(version) => return Err(OpenError::version(path, version, VERSION)),
        None => return Err(OpenError::damaged(path, "the format version is missing")),
    }
    let format: Format = serde_json::from_value(format).map_err(|error| OpenError::damaged(path, error))?;
    let found = read_all(&database).map_err(damaged)?;
    let problems = found.state.problems();
    if let Some(first) = problems.first() {
        let more = match problems.len() {
            1 => String::new(),
            count => format!(" (and {} more problems)", count - 1),
        };
        return Err(OpenError::damaged(path, format!("{first}{more}")));
    }
    Ok((format, found))
}

/// A copy of the database.
fn in_memory(bytes: &[u8]) -> Result<Database, DatabaseError> {
    let copy = InMemoryBackend::new();
    copy.set_len(bytes.len() as u64)?;
    copy.write(0, bytes)?;
    checked().create_with_backend(copy)
}

/// Opens databases in which every checksum is right.
fn checked() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
    builder
}

fn refused(path: &Path, error: DatabaseError) -> OpenError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::in_use(path),
        DatabaseError::UpgradeRequired(version) => OpenError::store_version(path, version),
        error => OpenError::damaged(path, error),
    }
}

/// The format in any version. `None` if no emulator wrote this database.
fn read_format(database: &Database) -> Result<Option<serde_json::Value>, Box<dyn Error>> {
    let about = match database.begin_read()?.open_table(ABOUT) {
        Ok(about) => about,
        Err(TableError::Storage(error)) => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    let Some(format) = about.get(FORMAT)? else { return Ok(None) };
    Ok(Some(serde_json::from_slice(format.value())?))
}

fn read_all(database: &Database) -> Result<Found, Box<dyn Error>> {
    let transaction = database.begin_read()?;
    let about = transaction.open_table(ABOUT)?;
    let numbers = about.get(NUMBERS)?.ok_or("the numbers are missing")?;
    let Numbers { ids, backups_made, clock_ahead_ms } = serde_json::from_slice(numbers.value())?;

    let graphs = read_records(&transaction.open_table(GRAPHS)?, "graph", |_, _: &Graph| true)?;
    let backups =
        read_records(&transaction.open_table(BACKUPS)?, "backup", |key, backup: &Backup| key == backup.id.number())?;
    let jobs = read_records(&transaction.open_table(JOBS)?, "job", |key, job: &Job| key == job.id.number())?;
    Ok(Found { state: ServiceState { ids, backups_made, graphs, backups, jobs }, clock_ahead_ms })
}

/// `fits` says whether a record belongs where it was found.
fn read_records<Key, Record>(
    table: &impl ReadableTable<Key, &'static [u8]>,
    what: &str,
    fits: impl Fn(Key, &Record) -> bool,
) -> Result<Vec<Record>, Box<dyn Error>>
where
    Key: redb::Key + for<'a> redb::Value<SelfType<'a> = Key> + 'static,
    Record: DeserializeOwned,
{
    let mut found = Vec::new();
    for row in table.iter()? {
        let (key, record) = row?;
        let record =
            serde_json::from_slice(record.value()).map_err(|error| format!("a {what} is unreadable: {error}"))?;
        if !fits(key.value(), &record) {
            return Err(format!("a {what} is stored under another identifier").into());
        }
        found.push(record);
    }
    Ok(found)
}

/// A new file in the same folder under a temporary name.
fn temporary_beside(path: &Path) -> std::io::Result<(PathBuf, File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut number = 0;
    loop {
        let temporary = path.with_file_name(format!(".{name}.{}-{number}.new", std::process::id()));
        match OpenOptions::new().read(true).write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

fn file_backend(file: File) -> Result<FileBackend, Box<dyn Error>> {
    Ok(FileBackend::new(file)?)
}

fn fill_new(backend: impl StorageBackend, format: Format, first: &Batch) -> Result<Database, Box<dyn Error>> {
    let database = database_in(backend)?;
    let transaction = database.begin_write()?;
    write_about(&transaction, FORMAT, &format)?;
    write(&transaction, first)?;
    transaction.commit()?;
    Ok(database)
}

fn database_in(backend: impl StorageBackend) -> Result<Database, DatabaseError> {
    checked().create_with_backend(backend)
}

fn cannot_write(path: &Path, error: Box<dyn Error>) -> OpenError {
    OpenError::io(path, io_error(error))
}

/// The system's error in one of redb's, which have no source.
fn io_error(error: Box<dyn Error>) -> std::io::Error {
    fn of<E: Error + Into<redb::Error> + 'static>(error: Box<dyn Error>) -> Result<redb::Error, Box<dyn Error>> {
        error.downcast::<E>().map(|error| (*error).into())
    }
    let found = of::<DatabaseError>(error).or_else(of::<TransactionError>).or_else(of::<TableError>);
    match found.or_else(of::<StorageError>).or_else(of::<CommitError>) {
        Ok(redb::Error::Io(error)) => error,
        Ok(error) => std::io::Error::other(error.to_string()),
        Err(error) => match error.downcast::<std::io::Error>() {
            Ok(error) => *error,
            Err(error) => std::io::Error::other(error.to_string()),
        },
    }
}

fn note_format(database: &Database, format: Format) -> Result<(), Box<dyn Error>> {
    let transaction = database.begin_write()?;
    write_about(&transaction, FORMAT, &format)?;
    transaction.commit()?;
    Ok(())
}

fn write(transaction: &WriteTransaction, batch: &Batch) -> Result<(), Box<dyn Error>> {
    if batch.everything {
        transaction.delete_table(GRAPHS)?;
        transaction.delete_table(BACKUPS)?;
        transaction.delete_table(JOBS)?;
    }
    let mut graphs = transaction.open_table(GRAPHS)?;
    for (at, graph) in &batch.graphs {
        graphs.insert(u64::try_from(*at)?, &*serde_json::to_vec(graph)?)?;
    }
    let mut backups = transaction.open_table(BACKUPS)?;
    for (id, backup) in &batch.backups {
        match backup {
            Some(backup) => backups.insert(id.number(), &*serde_json::to_vec(backup)?)?,
            None => backups.remove(id.number())?,
        };
    }
    let mut jobs = transaction.open_table(JOBS)?;
    for (id, job) in &batch.jobs {
        match job {
            Some(job) => jobs.insert(id.number(), &*serde_json::to_vec(job)?)?,
            None => jobs.remove(id.number())?,
        };
    }
    write_about(transaction, NUMBERS, &batch.numbers)
}

fn write_about(transaction: &WriteTransaction, row: &str, value: &impl Serialize) -> Result<(), Box<dyn Error>> {
    transaction.open_table(ABOUT)?.insert(row, &*serde_json::to_vec(value)?)?;
    Ok(())
}

/// Unlike renaming, linking does not replace what is there.
fn give_name(temporary: &Path, path: &Path) -> std::io::Result<()> {
    match fs::hard_link(temporary, path) {
        // Not every file system knows links.
        Err(error) if error.kind() != ErrorKind::AlreadyExists && !path.exists() => fs::rename(temporary, path),
        result => result,
    }
}

/// A new name is durable when its folder is synced.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// A store on a disk that a test made.
#[cfg(test)]
impl Store {
    pub(crate) fn create_on(backend: impl StorageBackend, seed: u64, first: &Batch) -> Result<Self, Box<dyn Error>> {
        let format = Format { version: VERSION, seed, openings: 0 };
        let database = fill_new(backend, format, first)?;
        Ok(Self { path: PathBuf::from("a disk of a test"), database, format })
    }

    pub(crate) fn resume_on(bytes: Vec<u8>, backend: impl StorageBackend) -> Result<(Self, Found), OpenError> {
        Self::resume(Path::new("a disk of a test"), bytes, || Ok(backend))
    }
}
