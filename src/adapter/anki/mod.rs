//! Anki's package files: a zip with a SQLite collection in it.
//!
//! Written is the form that every Anki since 2.1 reads: `collection.anki21`, schema 11. Read are that form, the older
//! `collection.anki2`, and the newer `collection.anki21b` (schema 18, compressed with zstd). Behaviour was learned from
//! packages that Anki wrote; the test in `tests/it/anki.rs` asks Anki's own library.

mod protobuf;
mod read;
mod write;

pub use read::read;
pub use write::write;

/// Why a package could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum AnkiError {
    /// The file is no zip, or damaged.
    #[error("this is no zip file")]
    Zip {
        /// The reader's reason.
        source: zip::result::ZipError,
    },
    /// The zip holds no collection.
    #[error("no collection is in it")]
    NoCollection,
    /// The package or its collection was written by a newer Anki than is known here.
    #[error("the format {found} is not known")]
    Newer {
        /// The version found.
        found: i64,
    },
    /// The collection cannot be unpacked.
    #[error("the collection cannot be unpacked")]
    Unpack {
        /// The reason.
        source: std::io::Error,
    },
    /// The collection is larger than is read.
    #[error("the collection is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The collection is no database of Anki's, or damaged.
    #[error("the collection is damaged")]
    Database {
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// A description inside the collection cannot be read or written.
    #[error("a description in the collection is damaged")]
    Json {
        /// The reason.
        source: serde_json::Error,
    },
}

impl From<rusqlite::Error> for AnkiError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Database { source }
    }
}

impl From<serde_json::Error> for AnkiError {
    fn from(source: serde_json::Error) -> Self {
        Self::Json { source }
    }
}

impl From<zip::result::ZipError> for AnkiError {
    fn from(source: zip::result::ZipError) -> Self {
        Self::Zip { source }
    }
}

impl From<std::io::Error> for AnkiError {
    fn from(source: std::io::Error) -> Self {
        Self::Unpack { source }
    }
}

#[cfg(test)]
mod tests;
