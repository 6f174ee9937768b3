//! The library of imported notes: a manifest in SQLite, bytes in files named by their hash.
//!
//! A file of bytes is written beside its name and renamed, so that it is whole or absent; a reader checks the hash, and
//! bytes that were lost are taken from the origin again. Rows wait until [`Library::keep`] writes them in one short
//! transaction: an import may take a hundred thousand files, and another one may go on beside it.

use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::db::{self, StoreError};
use crate::adapter::files::steady::{HELD, OnDisk, stat_of};
use crate::notes::library::{Bytes, Changed, Entry, Library, PortError, Stat, hash_of};

const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE note (
        origin TEXT PRIMARY KEY,
        hash TEXT NOT NULL,
        size INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        vanished INTEGER NOT NULL DEFAULT 0,
        imported_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    "
    CREATE TABLE outline (
        origin TEXT PRIMARY KEY REFERENCES note (origin) ON DELETE CASCADE,
        mark TEXT NOT NULL,
        outline BLOB NOT NULL
    ) STRICT;
",
];

/// Bytes that are copied at once.
const PIECE: usize = 128 * 1024;

/// The library on disk.
#[derive(Debug)]
pub struct DiskLibrary {
    connection: Connection,
    database: PathBuf,
    folder: PathBuf,
    waiting: Vec<Row>,
}

/// A row that waits to be written.
#[derive(Debug)]
enum Row {
    Note(Entry, Timestamp),
    Outline(PathBuf, String, Vec<u8>),
    Vanished(PathBuf, bool),
}

impl DiskLibrary {
    /// Opens the library, making it as needed.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub fn open(database: &Path, folder: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            connection: db::open(database, MIGRATIONS)?,
            database: database.to_owned(),
            folder: folder.to_owned(),
            waiting: Vec::new(),
        })
    }

    fn failed(&self, operation: &'static str) -> impl Fn(rusqlite::Error) -> PortError + '_ {
        move |source| PortError {
            path: self.database.clone(),
            operation,
            source: Box::new(StoreError::at(&self.database, operation)(source)),
        }
    }

    /// Writes a row; gives the hash of the bytes that it names no longer.
    fn write(&self, row: &Row) -> rusqlite::Result<Option<String>> {
        match row {
            Row::Note(entry, now) => {
                let before = self.hash_of(&entry.origin)?;
                self.connection
                    .prepare_cached(
                        "INSERT INTO note (origin, hash, size, modified, vanished, imported_at) VALUES (?1, ?2, ?3, ?4, 0, ?5)
                         ON CONFLICT (origin) DO UPDATE SET hash = ?2, size = ?3, modified = ?4, vanished = 0, imported_at = ?5",
                    )?
                    .execute(params![
                        text(&entry.origin),
                        entry.hash,
                        i64::try_from(entry.stat.size).unwrap_or(i64::MAX),
                        entry.stat.modified,
                        now.to_string()
                    ])?;
                Ok(before.filter(|before| *before != entry.hash))
            }
            Row::Outline(origin, mark, outline) => {
                self.connection
                    .prepare_cached(
                        "INSERT INTO outline (origin, mark, outline) VALUES (?1, ?2, ?3)
                         ON CONFLICT (origin) DO UPDATE SET mark = ?2, outline = ?3",
                    )?
                    .execute(params![text(origin), mark, outline])?;
                Ok(None)
            }
            Row::Vanished(origin, vanished) => {
                self.connection
                    .prepare_cached("UPDATE note SET vanished = ?2 WHERE origin = ?1")?
                    .execute(params![text(origin), vanished])?;
                Ok(None)
            }
        }
    }

    fn hash_of(&self, origin: &Path) -> rusqlite::Result<Option<String>> {
        self.connection
            .prepare_cached("SELECT hash FROM note WHERE origin = ?1")?
            .query_row([text(origin)], |row| row.get(0))
            .optional()
    }

    /// Removes bytes that no note names any more: somebody may have taken a secret out of the note.
    fn remove_unused(&self, hashes: Vec<String>) -> Result<(), PortError> {
        for hash in hashes {
            let used: bool = self
                .connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM note WHERE hash = ?1)")
                .and_then(|mut statement| statement.query_row([&hash], |row| row.get(0)))
                .map_err(self.failed("reading"))?;
            if !used {
                // What cannot be removed costs space and nothing else.
                drop(std::fs::remove_file(self.place(&hash)));
            }
        }
        Ok(())
    }

    fn place(&self, hash: &str) -> PathBuf {
        let short: String = hash.chars().take(2).collect();
        self.folder.join(short).join(hash)
    }
}

/// Opens a file of bytes; small ones are read at once.
fn open(place: &Path) -> io::Result<Box<dyn Bytes>> {
    let stat = stat_of(&std::fs::metadata(place)?);
    Ok(if stat.size > HELD {
        Box::new(OnDisk::new(place, stat))
    } else {
        Box::new(std::fs::read(place)?)
    })
}

/// Copies bytes and makes sure that they have a hash.
fn copy(bytes: &dyn Bytes, to: &mut dyn Write, hash: &str) -> io::Result<()> {
    let mut hasher = blake3::Hasher::new();
    let mut from = bytes.open()?;
    let mut piece = vec![0; PIECE];
    loop {
        let count = match from.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let read = piece.get(..count).unwrap_or_default();
        if read.is_empty() {
            break;
        }
        hasher.update(read);
        to.write_all(read)?;
    }
    if hasher.finalize().to_hex().as_str() == hash {
        Ok(())
    } else {
        Err(io::Error::other(Changed))
    }
}

/// Begins a path that is no Unicode; its bytes follow in hexadecimal.
const BYTES: char = '\u{1}';

/// Writes a path as text.
fn text(path: &Path) -> String {
    path.to_str().map_or_else(
        || {
            let bytes = path.as_os_str().as_encoded_bytes().iter();
            std::iter::once(BYTES.to_string())
                .chain(bytes.map(|byte| format!("{byte:02x}")))
                .collect()
        },
        str::to_owned,
    )
}

/// Reads a path from its text.
fn path(text: String) -> PathBuf {
    let Some(digits) = text.strip_prefix(BYTES) else {
        return PathBuf::from(text);
    };
    let pairs = digits.as_bytes().chunks(2);
    let bytes =
        pairs.filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    let bytes: Vec<u8> = bytes.collect();
    #[cfg(unix)]
    return PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes));
    #[cfg(not(unix))]
    return PathBuf::from(String::from_utf8_lossy(&bytes).into_owned());
}

impl Library for DiskLibrary {
    fn entries(&self) -> Result<Vec<Entry>, PortError> {
        let failed = self.failed("reading");
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT origin, hash, size, modified, vanished FROM note ORDER BY origin",
            )
            .map_err(&failed)?;
        let rows = statement
            .query_map([], |row| {
                let size: i64 = row.get(2)?;
                Ok(Entry {
                    origin: path(row.get(0)?),
                    hash: row.get(1)?,
                    stat: Stat {
                        size: size.unsigned_abs(),
                        modified: row.get(3)?,
                    },
                    vanished: row.get(4)?,
                })
            })
            .map_err(&failed)?;
        rows.collect::<Result<_, _>>().map_err(&failed)
    }

    fn put(&mut self, entry: &Entry, bytes: &dyn Bytes, now: Timestamp) -> Result<(), PortError> {
        let place = self.place(&entry.hash);
        let failed = |source: std::io::Error| PortError {
            path: place.clone(),
            operation: "writing",
            source: Box::new(source),
        };
        if !self.holds(entry) {
            let folder = place.parent().unwrap_or(&self.folder);
            std::fs::create_dir_all(folder).map_err(failed)?;
            let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
            copy(bytes, &mut file, &entry.hash).map_err(failed)?;
            file.persist(&place).map_err(|error| failed(error.error))?;
        }
        self.waiting.push(Row::Note(entry.clone(), now));
        Ok(())
    }

    fn holds(&self, entry: &Entry) -> bool {
        let place = std::fs::metadata(self.place(&entry.hash));
        place.is_ok_and(|file| file.len() == entry.stat.size)
    }

    fn bytes(&self, hash: &str) -> Result<Option<Box<dyn Bytes>>, PortError> {
        let place = self.place(hash);
        let whole = open(&place).and_then(|bytes| Ok((hash_of(&*bytes)? == hash).then_some(bytes)));
        match whole {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(PortError {
                path: place,
                operation: "reading",
                source: Box::new(source),
            }),
        }
    }

    fn outline(&self, origin: &Path, mark: &str) -> Result<Option<Vec<u8>>, PortError> {
        self.connection
            .prepare_cached("SELECT outline FROM outline WHERE origin = ?1 AND mark = ?2")
            .and_then(|mut statement| {
                statement
                    .query_row(params![text(origin), mark], |row| row.get(0))
                    .optional()
            })
            .map_err(self.failed("reading"))
    }

    fn put_outline(&mut self, origin: &Path, mark: &str, outline: &[u8]) -> Result<(), PortError> {
        let outline = outline.to_owned();
        let row = Row::Outline(origin.to_owned(), mark.to_owned(), outline);
        self.waiting.push(row);
        Ok(())
    }

    fn set_vanished(&mut self, origin: &Path, vanished: bool) -> Result<(), PortError> {
        let row = Row::Vanished(origin.to_owned(), vanished);
        self.waiting.push(row);
        Ok(())
    }

    fn forget(&mut self, origins: &[PathBuf]) -> Result<(), PortError> {
        self.keep()?;
        let failed = self.failed("writing");
        let begun = self.connection.unchecked_transaction().map_err(&failed)?;
        let mut lost = Vec::new();
        for origin in origins {
            lost.extend(self.hash_of(origin).map_err(&failed)?);
            begun
                .execute("DELETE FROM note WHERE origin = ?1", [text(origin)])
                .map_err(&failed)?;
        }
        begun.commit().map_err(&failed)?;
        self.remove_unused(lost)
    }

    fn keep(&mut self) -> Result<(), PortError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.waiting);
        let failed = self.failed("writing");
        // Immediate: it waits for another writer now, and not in its middle.
        self.connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(&failed)?;
        let written: rusqlite::Result<Vec<Option<String>>> =
            rows.iter().map(|row| self.write(row)).collect();
        let replaced = match written {
            Ok(replaced) => replaced,
            Err(error) => {
                // What is left undone is undone by the next to open the database, too.
                drop(self.connection.execute_batch("ROLLBACK"));
                return Err(failed(error));
            }
        };
        self.connection.execute_batch("COMMIT").map_err(&failed)?;
        self.remove_unused(replaced.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_go_and_come_back_changed() {
        let dir = tempfile::tempdir().unwrap();
        let open = || {
            DiskLibrary::open(&dir.path().join("library.db"), &dir.path().join("library")).unwrap()
        };
        let mut library = open();
        let entry = |bytes: &[u8]| Entry {
            origin: PathBuf::from("/notes/雲.md"),
            hash: blake3::hash(bytes).to_hex().to_string(),
            stat: Stat {
                size: bytes.len() as u64,
                modified: 7,
            },
            vanished: false,
        };
        let whole = |library: &DiskLibrary, bytes: &[u8]| {
            let kept = library.bytes(&entry(bytes).hash).unwrap();
            kept.map(|bytes| bytes.whole().unwrap())
        };
        let now: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        let put = |library: &mut DiskLibrary, entry: &Entry, bytes: &[u8]| {
            library.put(entry, &bytes.to_vec(), now)
        };
        put(&mut library, &entry(b"one"), b"one").unwrap();
        put(&mut library, &entry(b"two"), b"two").unwrap();
        // What is no longer what was looked at is not taken.
        let changed = put(&mut library, &entry(b"three"), b"thr").unwrap_err();
        assert!(changed.is_change());
        library.keep().unwrap();
        drop(library);
        let mut library = open();
        assert_eq!(library.entries().unwrap(), [entry(b"two")]);
        assert_eq!(whole(&library, b"two").as_deref(), Some(b"two".as_slice()));
        assert_eq!(whole(&library, b"three"), None);
        assert_eq!(whole(&library, b"one"), None, "nobody names it any more");
        // A damaged copy is seen and written again.
        let place = library.place(&entry(b"two").hash);
        std::fs::File::create(&place).unwrap();
        assert!(!library.holds(&entry(b"two")));
        put(&mut library, &entry(b"two"), b"two").unwrap();
        assert!(library.holds(&entry(b"two")));
        let origin = entry(b"two").origin;
        library.put_outline(&origin, "a", b"first").unwrap();
        library.put_outline(&origin, "b", b"second").unwrap();
        library.keep().unwrap();
        assert_eq!(library.outline(&origin, "a").unwrap(), None);
        assert_eq!(
            library.outline(&origin, "b").unwrap().as_deref(),
            Some(b"second".as_slice())
        );
        library.set_vanished(&entry(b"two").origin, true).unwrap();
        library.keep().unwrap();
        assert!(library.entries().unwrap()[0].vanished);
        library.forget(&[entry(b"two").origin]).unwrap();
        assert!(library.entries().unwrap().is_empty());
        assert_eq!(whole(&library, b"two"), None);
        assert_eq!(library.outline(&origin, "b").unwrap(), None);
    }

    #[test]
    fn another_import_may_write_while_this_one_takes_files_in() {
        let dir = tempfile::tempdir().unwrap();
        let open = || {
            DiskLibrary::open(&dir.path().join("library.db"), &dir.path().join("library")).unwrap()
        };
        let (mut one, mut other) = (open(), open());
        for (library, name) in [(&mut one, "one.md"), (&mut other, "other.md")] {
            let entry = Entry {
                origin: PathBuf::from(name),
                hash: hash_of(&b"text".to_vec()).unwrap(),
                stat: Stat {
                    size: 4,
                    modified: 1,
                },
                vanished: false,
            };
            library
                .put(&entry, &b"text".to_vec(), Timestamp::UNIX_EPOCH)
                .unwrap();
        }
        other.keep().unwrap();
        one.keep().unwrap();
        assert_eq!(one.entries().unwrap().len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_no_unicode_comes_back_as_it_was() {
        use std::os::unix::ffi::OsStringExt as _;
        let odd = PathBuf::from(std::ffi::OsString::from_vec(
            b"/notes/sjis\x83n.md".to_vec(),
        ));
        assert_eq!(path(text(&odd)), odd);
        let plain = PathBuf::from("/notes/雲.md");
        assert_eq!(
            (text(&plain), path(text(&plain))),
            ("/notes/雲.md".to_owned(), plain)
        );
    }

    #[test]
    fn a_large_file_is_kept_and_given_as_it_was_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("library");
        let mut library = DiskLibrary::open(&dir.path().join("library.db"), &folder).unwrap();
        let bytes: Vec<u8> = (0..=HELD).map(|n| n.to_le_bytes()[0]).collect();
        let entry = Entry {
            origin: PathBuf::from("/notes/large.md"),
            hash: hash_of(&bytes).unwrap(),
            stat: Stat {
                size: HELD + 1,
                modified: 7,
            },
            vanished: false,
        };
        library.put(&entry, &bytes, Timestamp::UNIX_EPOCH).unwrap();
        let kept = library.bytes(&entry.hash).unwrap().unwrap();
        assert!(kept.whole().unwrap() == bytes);
        let place = library.place(&entry.hash);
        let file = std::fs::File::options().write(true).open(place).unwrap();
        file.set_len(HELD + 10).unwrap();
        assert!(library.bytes(&entry.hash).unwrap().is_none());
    }
}
