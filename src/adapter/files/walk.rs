//! The user's files on disk: walking folders and reading files behind [`crate::notes::library::Files`].

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::steady::{HELD, OnDisk, stat_of};
use crate::notes::library::{Bytes, Files, Listing, SkipReason, Skipped, Stat};

/// Largest file that is taken, in bytes.
const LARGEST: u64 = 512 * 1024 * 1024;
/// How often a small file that changes under our hands is read again.
const ATTEMPTS: usize = 3;

/// The disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn list(&self, path: &Path) -> Option<Listing> {
        let root = std::path::absolute(path).ok()?;
        let root = std::fs::canonicalize(&root).unwrap_or(root);
        let kind = std::fs::metadata(&root);
        match kind {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Ok(kind) if kind.is_file() => {
                return Some(Listing {
                    files: vec![root],
                    skipped: Vec::new(),
                });
            }
            _ => {}
        }
        let mut listing = Listing::default();
        let walk = WalkDir::new(&root).follow_links(true).sort_by_file_name();
        for entry in walk
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry))
        {
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    if is_binary_name(entry.path()) {
                        listing
                            .skipped
                            .push(skipped(entry.path(), SkipReason::Binary));
                    } else {
                        listing.files.push(entry.into_path());
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    let reason = if error.loop_ancestor().is_some() {
                        SkipReason::SymlinkLoop
                    } else {
                        SkipReason::Unreadable
                    };
                    listing
                        .skipped
                        .push(skipped(error.path().unwrap_or(&root), reason));
                }
            }
        }
        Some(listing)
    }

    fn stat(&self, path: &Path) -> Option<Stat> {
        let data = std::fs::metadata(path).ok()?;
        data.is_file().then(|| stat_of(&data))
    }

    fn read(&self, path: &Path) -> Result<(Box<dyn Bytes>, Stat), SkipReason> {
        let stat = self.stat(path).ok_or(SkipReason::Unreadable)?;
        if stat.size > LARGEST {
            return Err(SkipReason::TooLarge);
        }
        if stat.size > HELD {
            return Ok((Box::new(OnDisk::new(path, stat)), stat));
        }
        let (bytes, stat) = whole(|| self.stat(path), || std::fs::read(path))?;
        Ok((Box::new(bytes), stat))
    }
}

/// Reads a file that does not change meanwhile: size and time are the same before and after.
fn whole(
    stat: impl Fn() -> Option<Stat>,
    read: impl Fn() -> std::io::Result<Vec<u8>>,
) -> Result<(Vec<u8>, Stat), SkipReason> {
    for _ in 0..ATTEMPTS {
        let before = stat().ok_or(SkipReason::Unreadable)?;
        if before.size > LARGEST {
            return Err(SkipReason::TooLarge);
        }
        let bytes = read().map_err(|_| SkipReason::Unreadable)?;
        if stat() == Some(before) && bytes.len() as u64 == before.size {
            return Ok((bytes, before));
        }
    }
    Err(SkipReason::Changing)
}

fn skipped(path: &Path, reason: SkipReason) -> Skipped {
    Skipped {
        path: path.to_owned(),
        reason,
    }
}

/// Says whether a file or folder is none of the user's notes: hidden ones, version control, dependencies.
fn is_hidden(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let folder = entry.file_type().is_dir();
    name.starts_with('.')
        || (folder
            && matches!(
                name.as_ref(),
                "node_modules" | "target" | "__pycache__" | "venv"
            ))
}

/// Says whether a file's name promises no text.
fn is_binary_name(path: &Path) -> bool {
    const BINARY: &[&str] = &[
        "png", "jpg", "jpeg", "gif", "webp", "bmp", "ico", "heic", "tiff", "svg", "pdf", "zip",
        "gz", "tgz", "xz", "zst", "7z", "tar", "rar", "exe", "dll", "so", "dylib", "bin", "class",
        "jar", "wasm", "mp3", "mp4", "mov", "avi", "mkv", "wav", "ttf", "otf", "woff", "woff2",
        "xls", "xlsx", "doc", "docx", "ppt", "pptx", "db", "sqlite", "apkg", "pyc", "o", "a",
        "rlib", "lock",
    ];
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    extension.is_some_and(|extension| BINARY.contains(&extension.as_str()))
}

/// Gives the absolute form of a path as files are known by.
pub fn absolute(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    std::fs::canonicalize(&whole).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn folders_are_walked_without_what_is_no_note() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for name in [
            "a.md",
            "sub/b.txt",
            ".git/c.md",
            "node_modules/d.md",
            "e.png",
        ] {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            crate::adapter::files::write_atomic(&path, b"x").unwrap();
        }
        let listing = Disk.list(root).unwrap();
        let names: Vec<_> = listing
            .files
            .iter()
            .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(names, ["a.md", "b.txt"]);
        assert_eq!(listing.skipped.len(), 1);
        assert_eq!(Disk.list(&root.join("missing")), None);
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_read_again() {
        let size = std::cell::Cell::new(0_u64);
        let stat = || {
            Some(Stat {
                size: size.get(),
                modified: 1,
            })
        };
        let grow = |until: u64| {
            let bytes = vec![b'x'; usize::try_from(size.get()).unwrap()];
            size.set((size.get() + 1).min(until));
            Ok(bytes)
        };
        // It settles at the second attempt.
        assert_eq!(whole(stat, || grow(1)).unwrap().0.len(), 1);
        size.set(0);
        assert_eq!(whole(stat, || grow(u64::MAX)), Err(SkipReason::Changing));
        let large = || {
            Some(Stat {
                size: LARGEST + 1,
                modified: 1,
            })
        };
        assert_eq!(whole(large, || Ok(Vec::new())), Err(SkipReason::TooLarge));
        let failing = || Err(std::io::Error::from(ErrorKind::PermissionDenied));
        assert_eq!(whole(stat, failing), Err(SkipReason::Unreadable));
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_looked_at_is_named_and_the_rest_comes_in() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/nowhere/at/all", dir.path().join("dead.md")).unwrap();
        crate::adapter::files::write_atomic(&dir.path().join("a.md"), b"x").unwrap();
        let listing = Disk.list(dir.path()).unwrap();
        assert_eq!(listing.files.len(), 1);
        assert_eq!(
            listing.skipped.first().map(|s| s.reason),
            Some(SkipReason::Unreadable)
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_turns_back_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("again")).unwrap();
        crate::adapter::files::write_atomic(&dir.path().join("a.md"), b"x").unwrap();
        let listing = Disk.list(dir.path()).unwrap();
        assert_eq!(listing.files.len(), 1);
        assert_eq!(
            listing.skipped.first().map(|s| s.reason),
            Some(SkipReason::SymlinkLoop)
        );
    }
}
