//! Why a data file cannot be used.

use std::path::{Path, PathBuf};
use std::{fmt, io};

/// A data file that cannot be used. It was not changed.
#[derive(Debug)]
pub struct OpenError {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Io(io::Error),
    FolderMissing,
    InUse,
    Foreign { found: &'static str },
    Damaged { how: String },
    Version { found: u64, understood: u64 },
    StoreVersion { found: u8 },
}

impl OpenError {
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        Self { path: path.to_owned(), kind: Kind::Io(error) }
    }

    pub(crate) fn folder_missing(path: &Path) -> Self {
        Self { path: path.to_owned(), kind: Kind::FolderMissing }
    }

    pub(crate) fn in_use(path: &Path) -> Self {
        Self { path: path.to_owned(), kind: Kind::InUse }
    }

    pub(crate) fn foreign(path: &Path, found: &'static str) -> Self {
        Self { path: path.to_owned(), kind: Kind::Foreign { found } }
    }

    pub(crate) fn damaged(path: &Path, how: impl ToString) -> Self {
        Self { path: path.to_owned(), kind: Kind::Damaged { how: how.to_string() } }
    }

    pub(crate) fn version(path: &Path, found: u64, understood: u64) -> Self {
        Self { path: path.to_owned(), kind: Kind::Version { found, understood } }
    }

    pub(crate) fn store_version(path: &Path, found: u8) -> Self {
        Self { path: path.to_owned(), kind: Kind::StoreVersion { found } }
    }

    /// The file in question.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Another emulator has the file open. Trying again later may help.
    pub fn is_in_use(&self) -> bool {
        matches!(self.kind, Kind::InUse)
    }

    /// The file is a data file, but damaged. Restore a copy, or use another path.
    pub fn is_damaged(&self) -> bool {
        matches!(self.kind, Kind::Damaged { .. })
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot use the data file {}: ", self.path.display())?;
        match &self.kind {
            Kind::Io(error) => match io_hint(error.kind()) {
                Some(hint) => write!(f, "{error}\nhint: {hint}"),
                None => write!(f, "{error}"),
            },
            Kind::FolderMissing => {
                let folder = self.path.parent().unwrap_or(Path::new(""));
                write!(f, "the folder {0} does not exist\nhint: mkdir -p {0}", folder.display())
            }
            Kind::InUse => {
                f.write_str("the file is in use\nhint: stop the other emulator that has it open, or use another file")
            }
            Kind::Foreign { found } => write!(
                f,
                "expected the data of an emulator, found {found}\n\
                 hint: use a path that does not exist yet to create a new file; this file was not changed"
            ),
            Kind::Damaged { how } => write!(
                f,
                "the file is damaged: {how}\n\
                 hint: restore a copy, or use a path that does not exist yet; this file was not changed"
            ),
            Kind::Version { found, understood } => write!(
                f,
                "unsupported version {found} of the format: expected version {understood}\n\
                 hint: use the version of the emulator that wrote it; the file was not changed"
            ),
            Kind::StoreVersion { found } => write!(
                f,
                "unsupported version {found} of the redb file format\n\
                 hint: use the version of the emulator that wrote it; the file was not changed"
            ),
        }
    }
}

/// What to do about an error of the system.
fn io_hint(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::PermissionDenied => Some("this user must be able to read and write the file and its folder"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Some("make room for the file, or use a path on another disk")
        }
        io::ErrorKind::ReadOnlyFilesystem => Some("use a path on a disk that can be written"),
        _ => None,
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Io(error) => Some(error),
            _ => None,
        }
    }
}
