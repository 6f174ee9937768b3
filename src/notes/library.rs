//! Ports: where notes are kept, and how files are read. The adapters stand behind them.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// Why a port failed.
#[derive(Debug, thiserror::Error)]
#[error("{operation} `{path}` failed")]
pub struct PortError {
    /// The file, folder or database.
    pub path: PathBuf,
    /// What was being done.
    pub operation: &'static str,
    /// The reason underneath.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl PortError {
    /// Says whether nothing failed but that a file has changed while it was read.
    pub fn is_change(&self) -> bool {
        let source = self.source.downcast_ref::<io::Error>();
        source.is_some_and(Changed::is_cause)
    }
}

/// The bytes of a file, read as often as they are needed: small ones stand in memory, large ones stay where they are.
pub trait Bytes {
    /// Begins to read at the first byte. Where a file is no longer as it was when it was met, the reader fails with
    /// [`Changed`], at its end at the latest.
    ///
    /// # Errors
    /// When the file cannot be opened.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;

    /// Reads them whole.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn whole(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Bytes for Vec<u8> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.as_slice()))
    }
}

/// The file is no longer as it was when it was met.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the file has changed while it was read")]
pub struct Changed;

impl Changed {
    /// Says whether this is why reading failed.
    pub fn is_cause(error: &io::Error) -> bool {
        let source = error.get_ref();
        source.and_then(|e| e.downcast_ref::<Self>()).is_some()
    }
}

/// Computes the hash by which bytes are known.
///
/// # Errors
/// When they cannot be read.
pub fn hash_of(bytes: &dyn Bytes) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(bytes.open()?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// What tells cheaply that a file has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Bytes.
    pub size: u64,
    /// When it was last written, in nanoseconds since 1970.
    pub modified: i64,
}

/// An imported file as the library remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it was imported from.
    pub origin: PathBuf,
    /// Hash of its bytes.
    pub hash: String,
    /// Size and time of the origin when it was imported.
    pub stat: Stat,
    /// True when the origin is gone.
    pub vanished: bool,
}

/// The user's library of imported notes: bytes as they were, with origin and hash.
pub trait Library {
    /// Lists all entries, by origin.
    ///
    /// # Errors
    /// When the library cannot be read.
    fn entries(&self) -> Result<Vec<Entry>, PortError>;

    /// Takes a file in, or its new version; kept for good after [`Library::keep`].
    ///
    /// # Errors
    /// When the library cannot be written, or the bytes are no longer those with the entry's hash:
    /// [`PortError::is_change`].
    fn put(&mut self, entry: &Entry, bytes: &dyn Bytes, now: Timestamp) -> Result<(), PortError>;

    /// Says whether the bytes of an entry are there in their length.
    fn holds(&self, entry: &Entry) -> bool;

    /// Gives the bytes with a hash, or `None` when they are lost or damaged.
    ///
    /// # Errors
    /// When they cannot be read.
    fn bytes(&self, hash: &str) -> Result<Option<Box<dyn Bytes>>, PortError>;

    /// Gives what [`Library::put_outline`] keeps of a file, or `None` when there is nothing under this mark.
    ///
    /// # Errors
    /// When the library cannot be read.
    fn outline(&self, origin: &Path, mark: &str) -> Result<Option<Vec<u8>>, PortError>;

    /// Keeps what was found out about a file of the library, in place of what was kept before; `mark` says what it was
    /// made from.
    ///
    /// # Errors
    /// When the library cannot be written.
    fn put_outline(&mut self, origin: &Path, mark: &str, outline: &[u8]) -> Result<(), PortError>;

    /// Notes that an origin is gone or there again.
    ///
    /// # Errors
    /// When the library cannot be written.
    fn set_vanished(&mut self, origin: &Path, vanished: bool) -> Result<(), PortError>;

    /// Forgets files.
    ///
    /// # Errors
    /// When the library cannot be written.
    fn forget(&mut self, origins: &[PathBuf]) -> Result<(), PortError>;

    /// Makes what was put and marked durable.
    ///
    /// # Errors
    /// When the library cannot be written.
    fn keep(&mut self) -> Result<(), PortError>;
}

/// A file that was passed over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Skipped {
    /// The file or folder.
    pub path: PathBuf,
    /// Why: a stable word.
    pub reason: SkipReason,
}

/// Why a file was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// Nothing but white space.
    Empty,
    /// A picture, an archive, a program.
    Binary,
    /// No permission, or the disk failed.
    Unreadable,
    /// A link that leads back to a folder above it.
    SymlinkLoop,
    /// It changed each time it was read.
    Changing,
    /// Larger than what is taken.
    TooLarge,
    /// Nothing that reads like a text was left.
    NoText,
}

impl SkipReason {
    /// Finds out why a file could not be read.
    pub fn of(error: &io::Error) -> Self {
        if Changed::is_cause(error) {
            Self::Changing
        } else {
            Self::Unreadable
        }
    }
}

/// What a walk over folders found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The files, sorted, each once.
    pub files: Vec<PathBuf>,
    /// What could not be looked at.
    pub skipped: Vec<Skipped>,
}

/// The user's files.
pub trait Files {
    /// Lists the files of paths and folders, with absolute paths; `None` for a path that is not there.
    fn list(&self, path: &Path) -> Option<Listing>;

    /// Gives size and time of a file; `None` where there is none.
    fn stat(&self, path: &Path) -> Option<Stat>;

    /// Gives the bytes of a file as they are at this moment, and size and time.
    ///
    /// # Errors
    /// Why it was passed over.
    fn read(&self, path: &Path) -> Result<(Box<dyn Bytes>, Stat), SkipReason>;
}
