//! Files: the bundled library and writes that are never half done.

pub mod bundle;
pub mod steady;
pub mod walk;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file operation that failed, with its path.
#[derive(Debug, thiserror::Error)]
#[error("{operation} `{path}` failed")]
pub struct FileError {
    /// The file or folder.
    pub path: PathBuf,
    /// What was being done.
    pub operation: &'static str,
    /// The system's reason.
    pub source: io::Error,
}

impl FileError {
    /// Makes a function that attaches path and operation to an I/O error.
    pub fn at<'a>(path: &'a Path, operation: &'static str) -> impl Fn(io::Error) -> Self + 'a {
        move |source| Self {
            path: path.to_owned(),
            operation,
            source,
        }
    }
}

/// Writes a private file (0600) whole: to a temporary file beside it, flushed to disk, then renamed over it.
///
/// # Errors
/// When the folder cannot be made or the file not written; the old file is untouched then.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let at = FileError::at(path, "writing");
    // A bare name has the empty path as its parent.
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(&at)?;
    // `tempfile` makes the file 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(&at)?;
    file.write_all(bytes).map_err(&at)?;
    file.as_file().sync_all().map_err(&at)?;
    file.persist(path).map_err(|error| at(error.error))?;
    // The rename itself is durable only when the folder is.
    std::fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(&at)
}

/// Reads a text file, or `None` where there is none.
///
/// # Errors
/// When the file is there and cannot be read as UTF-8.
pub fn read_if_present(path: &Path) -> Result<Option<String>, FileError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::at(path, "reading")(error)),
    }
}

/// Reads a file's bytes, or `None` where there is none.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn read_bytes_if_present(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::at(path, "reading")(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_whole_file_and_keeps_it_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b.txt");
        assert_eq!(read_if_present(&path).unwrap(), None);
        write_atomic(&path, b"long text").unwrap();
        write_atomic(&path, b"short").unwrap();
        assert_eq!(read_if_present(&path).unwrap().as_deref(), Some("short"));
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(
                &std::fs::metadata(&path).unwrap().permissions()
            ) & 0o777,
            0o600
        );
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1,
            "no temporary file stays"
        );
    }
}
