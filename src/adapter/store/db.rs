//! Opens SQLite files the same safe way for every store.
//!
//! WAL and `synchronous=FULL`, because money and history are written here; foreign keys on; a busy timeout, because
//! two `juku` may run on one home; numbered migrations in `PRAGMA user_version`, where a file from a newer version
//! is refused rather than touched. Files are made 0600.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

/// How long a writer waits for another process before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a store could not be opened or used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused an operation.
    #[error("{operation} in `{path}` failed")]
    Sqlite {
        /// The database file.
        path: PathBuf,
        /// What was being done.
        operation: &'static str,
        /// SQLite's own reason.
        source: rusqlite::Error,
    },
    /// The folder or file could not be made.
    #[error("cannot create `{path}`")]
    Create {
        /// The folder or file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file was written by a newer version of the program.
    #[error("`{path}` has schema {found}, this program knows up to {known}")]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Schema version in the file.
        found: i64,
        /// Newest schema version known here.
        known: i64,
    },
    /// The file is gone or empty, but copies of it are kept.
    #[error("`{path}` is missing or empty, but there is a copy of it")]
    Lost {
        /// The database file.
        path: PathBuf,
        /// The latest copy.
        copy: PathBuf,
    },
    /// The file is damaged.
    #[error("`{path}` is damaged: {detail}")]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What the integrity check says.
        detail: String,
    },
}

impl StoreError {
    /// Makes a function that attaches path and operation to SQLite's error; a file that is no database, or a
    /// malformed one, becomes [`StoreError::Damaged`].
    pub fn at<'a>(
        path: &'a Path,
        operation: &'static str,
    ) -> impl Fn(rusqlite::Error) -> Self + 'a {
        move |source| match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
                Self::Damaged {
                    path: path.to_owned(),
                    detail: source.to_string(),
                }
            }
            _ => Self::Sqlite {
                path: path.to_owned(),
                operation,
                source,
            },
        }
    }
}

/// Opens a database, making folder and file as needed, and brings its schema up to date.
///
/// `migrations[i]` takes the schema from version `i` to `i + 1`; each runs in its own transaction.
///
/// # Errors
/// When the file cannot be made or opened, is damaged, or was written by a newer version.
pub fn open(path: &Path, migrations: &[&str]) -> Result<Connection, StoreError> {
    create_private(path)?;
    let at = StoreError::at(path, "opening");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(&at)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(&at)?;
    connection
        .pragma_update(None, "journal_mode", "wal")
        .map_err(&at)?;
    connection
        .pragma_update(None, "synchronous", "full")
        .map_err(&at)?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(&at)?;
    migrate(&mut connection, path, migrations)?;
    Ok(connection)
}

/// Runs SQLite's integrity check.
///
/// # Errors
/// When the check finds damage or cannot run.
pub fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let detail: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .map_err(StoreError::at(path, "checking"))?;
    if detail == "ok" {
        Ok(())
    } else {
        Err(StoreError::Damaged {
            path: path.to_owned(),
            detail,
        })
    }
}

/// Checks a database file without changing it.
///
/// # Errors
/// When it cannot be read or is damaged.
pub fn check_file(path: &Path) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(StoreError::at(path, "opening"))?;
    check(&connection, path)
}

fn version(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(StoreError::at(path, "reading the schema version"))
}

fn migrate(
    connection: &mut Connection,
    path: &Path,
    migrations: &[&str],
) -> Result<(), StoreError> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let found = version(connection, path)?;
    if found > known {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    if found == known {
        return Ok(());
    }
    let at = StoreError::at(path, "migrating");
    for (to, migration) in (1_i64..).zip(migrations) {
        // Immediate: two processes that start at once must not both run a migration.
        let step = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&at)?;
        if version(&step, path)? < to {
            step.execute_batch(migration).map_err(&at)?;
            step.pragma_update(None, "user_version", to).map_err(&at)?;
            step.commit().map_err(&at)?;
        }
    }
    Ok(())
}

/// Makes the file readable for its owner alone before anything is in it.
fn create_private(path: &Path) -> Result<(), StoreError> {
    if path.exists() {
        return Ok(());
    }
    let failed = |source| StoreError::Create {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &[&str] = &["CREATE TABLE a (x INTEGER) STRICT"];

    #[test]
    fn migrations_run_once_and_newer_files_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sub/a.db");
        let db = open(&path, ONE).unwrap();
        db.execute("INSERT INTO a VALUES (1)", []).unwrap();
        drop(db);
        let db = open(&path, ONE).unwrap();
        assert_eq!(
            db.query_row("SELECT count(*) FROM a", [], |r| r.get::<_, i64>(0))
                .unwrap(),
            1
        );
        assert!(matches!(
            open(&path, &[]),
            Err(StoreError::Newer {
                found: 1,
                known: 0,
                ..
            })
        ));
    }

    #[test]
    fn a_file_that_is_no_database_is_damaged_and_stays_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let garbage = "garbage ".repeat(100);
        std::io::Write::write_all(
            &mut std::fs::File::create(&path).unwrap(),
            garbage.as_bytes(),
        )
        .unwrap();
        assert!(matches!(open(&path, ONE), Err(StoreError::Damaged { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), garbage);
    }
}
