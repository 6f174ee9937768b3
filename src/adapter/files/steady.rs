//! Files too large to be held: read where they are, and only as long as they stay as they were.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::notes::library::{Bytes, Changed, Stat};

/// Bytes up to which a file is read at once and held.
pub(crate) const HELD: u64 = 4 * 1024 * 1024;

/// A file on disk as it was met: who reads it is told when it has changed since.
#[derive(Debug)]
pub struct OnDisk {
    path: PathBuf,
    stat: Stat,
}

impl OnDisk {
    /// Names a file with size and time as they are now.
    pub fn new(path: &Path, stat: Stat) -> Self {
        Self {
            path: path.to_owned(),
            stat,
        }
    }
}

impl Bytes for OnDisk {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Steady {
            file: File::open(&self.path)?,
            met: self,
        }))
    }
}

/// Reads a file; at its end it is looked at once more.
struct Steady<'a> {
    file: File,
    met: &'a OnDisk,
}

impl Read for Steady<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(to)?;
        // By its name: an editor may have put another file in its place.
        if count == 0
            && !to.is_empty()
            && stat_of(&std::fs::metadata(&self.met.path)?) != self.met.stat
        {
            return Err(io::Error::other(Changed));
        }
        Ok(count)
    }
}

/// Gives what tells cheaply that a file has changed.
pub(crate) fn stat_of(data: &Metadata) -> Stat {
    let modified = data
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Stat {
        size: data.len(),
        modified: modified
            .and_then(|time| i64::try_from(time.as_nanos()).ok())
            .unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_file_that_grows_or_is_replaced_is_not_read_to_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.md");
        crate::adapter::files::write_atomic(&path, b"one\n").unwrap();
        let met = OnDisk::new(&path, stat_of(&std::fs::metadata(&path).unwrap()));
        assert_eq!(met.whole().unwrap(), b"one\n");
        let mut reader = met.open().unwrap();
        let mut log = File::options().append(true).open(&path).unwrap();
        log.write_all(b"two\n").unwrap();
        let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
        assert!(Changed::is_cause(&error));
        let met = OnDisk::new(&path, stat_of(&std::fs::metadata(&path).unwrap()));
        let mut reader = met.open().unwrap();
        crate::adapter::files::write_atomic(&path, b"another").unwrap();
        let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
        assert!(Changed::is_cause(&error));
    }
}
