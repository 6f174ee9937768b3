//! Copies of everything that must not be lost: one zip file out and in, and thinned daily snapshots.
//!
//! Databases are copied through SQLite (`VACUUM INTO`), so that a copy taken while another `juku` writes is whole.
//! Restoring checks every database of the archive before the first file of the home is touched.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use jiff::civil::Date;
use jiff::{ToSpan as _, Unit};
use rusqlite::Connection;
use zip::write::SimpleFileOptions;

use super::db::{self, StoreError};
use crate::adapter::files::{FileError, write_atomic};

/// Why an archive could not be written or read back.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A database could not be copied, or the archive's one is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive is no zip file, or damaged.
    #[error("`{path}` is no archive of ours")]
    Zip {
        /// The archive.
        path: PathBuf,
        /// The reader's reason.
        source: zip::result::ZipError,
    },
    /// The archive names a file outside the home.
    #[error("`{path}` holds the unsafe name `{name}`")]
    Unsafe {
        /// The archive.
        path: PathBuf,
        /// The name as stored.
        name: String,
    },
}

/// Most bytes that one file of an archive may unpack to (1 GiB): a crafted archive must not fill the disk.
const LARGEST: u64 = 1 << 30;

/// Writes folders into a new zip file, databases as consistent copies; gives the number of files.
///
/// `folders` are pairs of the name inside the archive and the folder on disk; `skip` names sub-folders left out.
///
/// # Errors
/// When anything cannot be read or the archive not be written; no half archive stays.
pub fn write(
    archive: &Path,
    folders: &[(&str, &Path)],
    skip: &[PathBuf],
) -> Result<usize, ArchiveError> {
    pack(archive, folders, skip, Damaged::Refused)
}

/// Writes folders into a new zip file before they are replaced: as [`write`] does, but a damaged database goes in as it
/// lies there, since somebody may still want to save something from it.
///
/// # Errors
/// When anything cannot be read or the archive not be written; no half archive stays.
pub fn set_aside(
    archive: &Path,
    folders: &[(&str, &Path)],
    skip: &[PathBuf],
) -> Result<usize, ArchiveError> {
    pack(archive, folders, skip, Damaged::Kept)
}

/// What becomes of a damaged database.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Damaged {
    Refused,
    Kept,
}

fn pack(
    archive: &Path,
    folders: &[(&str, &Path)],
    skip: &[PathBuf],
    damaged: Damaged,
) -> Result<usize, ArchiveError> {
    let folder = archive
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(FileError::at(folder, "creating"))?;
    let scratch = tempfile::tempdir_in(folder).map_err(FileError::at(folder, "creating"))?;
    let temporary = scratch.path().join("archive.zip");
    let file = File::create(&temporary).map_err(FileError::at(&temporary, "writing"))?;
    keep_private(&temporary)?;
    let mut zip = zip::ZipWriter::new(file);
    let bad = |source| ArchiveError::Zip {
        path: archive.to_owned(),
        source,
    };
    let mut count = 0;
    for (name, root) in folders {
        for path in files_below(root, skip)? {
            let below = path.strip_prefix(root).unwrap_or(&path);
            let stored = format!("{name}/{}", below.to_string_lossy().replace('\\', "/"));
            let copied = match consistent_copy(&path, scratch.path()) {
                Err(StoreError::Damaged { .. }) if damaged == Damaged::Kept => path.clone(),
                copied => copied?,
            };
            let mut source = File::open(&copied).map_err(FileError::at(&path, "reading"))?;
            zip.start_file(
                stored,
                SimpleFileOptions::default()
                    .unix_permissions(0o600)
                    .large_file(true),
            )
            .map_err(bad)?;
            io::copy(&mut source, &mut zip).map_err(FileError::at(&path, "copying"))?;
            count += 1;
        }
    }
    let file = zip.finish().map_err(bad)?;
    file.sync_all().map_err(FileError::at(archive, "writing"))?;
    std::fs::rename(&temporary, archive).map_err(FileError::at(archive, "writing"))?;
    Ok(count)
}

/// Puts the files of an archive back into folders; gives the number of files.
///
/// # Errors
/// When the archive is damaged, holds a damaged database or an unsafe name — then nothing has been changed — or when a
/// file cannot be written.
pub fn read(archive: &Path, folders: &[(&str, &Path)]) -> Result<usize, ArchiveError> {
    let bad = |source| ArchiveError::Zip {
        path: archive.to_owned(),
        source,
    };
    let file = File::open(archive).map_err(FileError::at(archive, "reading"))?;
    let mut zip = zip::ZipArchive::new(file).map_err(bad)?;
    let scratch = tempfile::tempdir().map_err(FileError::at(archive, "unpacking"))?;
    let mut unpacked = Vec::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(bad)?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().map_err(bad)?.into_owned();
        let target = target_of(&name, folders).ok_or_else(|| ArchiveError::Unsafe {
            path: archive.to_owned(),
            name: name.clone(),
        })?;
        let path = scratch.path().join(index.to_string());
        let mut out = File::create(&path).map_err(FileError::at(&path, "unpacking"))?;
        io::copy(&mut entry.by_ref().take(LARGEST), &mut out)
            .map_err(FileError::at(archive, "unpacking"))?;
        if is_database(&target) {
            db::check_file(&path)?;
        }
        unpacked.push((path, target));
    }
    for (path, target) in &unpacked {
        put(path, target)?;
    }
    Ok(unpacked.len())
}

/// Puts a snapshot of one database in its place.
///
/// # Errors
/// When the snapshot is damaged — then nothing has been changed — or the file cannot be written.
pub fn read_snapshot(snapshot: &Path, target: &Path) -> Result<(), ArchiveError> {
    db::check_file(snapshot)?;
    Ok(put(snapshot, target)?)
}

fn put(path: &Path, target: &Path) -> Result<(), FileError> {
    let bytes = std::fs::read(path).map_err(FileError::at(path, "reading"))?;
    for side in ["-wal", "-shm"] {
        // A log of the replaced database must not be played into the restored one.
        let side = PathBuf::from(format!("{}{side}", target.display()));
        if side.exists() {
            std::fs::remove_file(&side).map_err(FileError::at(&side, "removing"))?;
        }
    }
    write_atomic(target, &bytes)
}

/// Finds the latest copy that a database can be put back from: one of its snapshots, or an archive of everything.
pub fn newest(folder: &Path, database: &Path) -> Option<PathBuf> {
    copies(folder, database)
        .into_iter()
        .max()
        .map(|(_, path)| path)
}

/// Finds what a database might be put back from, with its times.
fn copies(folder: &Path, database: &Path) -> Vec<(std::time::SystemTime, PathBuf)> {
    let stem = database.file_stem().unwrap_or_default();
    let own = format!("{}-", stem.to_string_lossy());
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let copies = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let zip = path.extension().is_some_and(|extension| extension == "zip");
        let copy = name.starts_with(&own) && is_database(&path) || name.starts_with("juku-") && zip;
        copy.then(|| Some((entry.metadata().ok()?.modified().ok()?, path)))?
    });
    copies.collect()
}

/// Says whether a database is gone or empty although copies of it are kept, and gives the latest of these: after a crash
/// or on a full disk that is a loss, not a beginning. A file without content and without copies is one being made.
pub fn lost(folder: &Path, database: &Path) -> Option<PathBuf> {
    if std::fs::metadata(database).is_ok_and(|file| file.len() > 0) {
        return None;
    }
    let mut copies = copies(folder, database);
    copies.sort();
    let found = copies
        .into_iter()
        .rev()
        .find(|(_, copy)| holds(copy, database));
    found.map(|(_, path)| path)
}

/// Says whether a copy holds something of a database; an archive may have been made before there was one.
fn holds(copy: &Path, database: &Path) -> bool {
    if is_database(copy) {
        return std::fs::metadata(copy).is_ok_and(|file| file.len() > 0);
    }
    let archive = File::open(copy).map(zip::ZipArchive::new);
    let (Ok(Ok(mut archive)), Some(name)) = (archive, database.file_name()) else {
        return false;
    };
    archive
        .by_name(&format!("data/{}", name.to_string_lossy()))
        .is_ok_and(|entry| entry.size() > 0)
}

/// Says whether a copy is a snapshot of one database rather than an archive.
pub fn is_snapshot(copy: &Path) -> bool {
    is_database(copy)
}

/// Takes today's snapshot of a database unless there is one, and thins the older ones: all of the last week, one a week
/// for two months, one a month beyond.
///
/// # Errors
/// When the snapshot cannot be written.
pub fn snapshot(database: &Path, folder: &Path, today: Date) -> Result<(), ArchiveError> {
    let stem = database
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let target = folder.join(format!("{stem}-{today}.db"));
    // An empty file is nothing to keep, and must not pass for the latest copy.
    let empty = !std::fs::metadata(database).is_ok_and(|file| file.len() > 0);
    if empty || target.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(FileError::at(folder, "creating"))?;
    let scratch = tempfile::tempdir_in(folder).map_err(FileError::at(folder, "creating"))?;
    let copy = consistent_copy(database, scratch.path())?;
    std::fs::rename(&copy, &target).map_err(FileError::at(&target, "writing"))?;
    thin(folder, &stem, today)
}

fn thin(folder: &Path, stem: &str, today: Date) -> Result<(), ArchiveError> {
    let at = FileError::at(folder, "reading");
    let mut days = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(&at)? {
        let name = entry
            .map_err(&at)?
            .file_name()
            .to_string_lossy()
            .into_owned();
        let day = name
            .strip_prefix(&format!("{stem}-"))
            .and_then(|rest| rest.strip_suffix(".db"));
        days.extend(day.and_then(|day| day.parse::<Date>().ok()));
    }
    for day in superfluous(&days, today) {
        let path = folder.join(format!("{stem}-{day}.db"));
        std::fs::remove_file(&path).map_err(FileError::at(&path, "removing"))?;
    }
    Ok(())
}

/// Chooses the snapshots to drop; of a week or month the earliest is kept.
fn superfluous(days: &BTreeSet<Date>, today: Date) -> Vec<Date> {
    let week_ago = today.saturating_sub(7.days());
    let two_months_ago = today.saturating_sub(60.days());
    let mut kept = BTreeSet::new();
    let mut drop = Vec::new();
    for day in days {
        let key = if *day > week_ago {
            continue;
        } else if *day > two_months_ago {
            let weeks = day
                .since((Unit::Day, Date::ZERO))
                .map_or(0, |span| span.get_days())
                / 7;
            ("week", weeks)
        } else {
            ("month", i32::from(day.year()) * 12 + i32::from(day.month()))
        };
        if !kept.insert(key) {
            drop.push(*day);
        }
    }
    drop
}

fn is_database(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "db")
}

/// Gives the file itself, or for a database a whole copy in the scratch folder.
fn consistent_copy(path: &Path, scratch: &Path) -> Result<PathBuf, StoreError> {
    if !is_database(path) {
        return Ok(path.to_owned());
    }
    db::check_file(path)?;
    let copy = scratch.join(path.file_name().unwrap_or_default());
    let at = StoreError::at(path, "copying");
    let connection = Connection::open(path).map_err(&at)?;
    connection
        .execute("VACUUM INTO ?1", [copy.to_string_lossy()])
        .map_err(&at)?;
    keep_private(&copy).map_err(|error| StoreError::Create {
        path: copy.clone(),
        source: error.source,
    })?;
    Ok(copy)
}

/// Lets nobody but the owner read a copy: it holds what the files that it was made of hold.
fn keep_private(path: &Path) -> Result<(), FileError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(path, private).map_err(FileError::at(path, "writing"))?;
    }
    Ok(())
}

fn files_below(root: &Path, skip: &[PathBuf]) -> Result<Vec<PathBuf>, FileError> {
    if !root.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    let walk = walkdir::WalkDir::new(root).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|entry| !skip.iter().any(|skip| entry.path() == skip)) {
        let entry = entry.map_err(|error| FileError {
            path: error.path().unwrap_or(root).to_owned(),
            operation: "reading",
            source: error.into(),
        })?;
        let name = entry.file_name().to_string_lossy();
        if entry.file_type().is_file() && !name.ends_with("-wal") && !name.ends_with("-shm") {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Finds where a stored name belongs; `None` for a name that leads outside the folders.
fn target_of(name: &str, folders: &[(&str, &Path)]) -> Option<PathBuf> {
    let (folder, below) = name.split_once('/')?;
    let root = folders.iter().find(|(known, _)| *known == folder)?.1;
    let below = Path::new(below);
    let plain = below
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    (plain && below.components().next().is_some()).then(|| root.join(below))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TABLE: &[&str] = &["CREATE TABLE a (x INTEGER) STRICT"];

    fn count(path: &Path) -> i64 {
        let db = db::open(path, TABLE).unwrap();
        db.query_row("SELECT count(*) FROM a", [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn what_goes_out_comes_back_even_while_somebody_writes() {
        let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let writer = db::open(&home.path().join("study.db"), TABLE).unwrap();
        writer.execute("INSERT INTO a VALUES (1)", []).unwrap();
        write_atomic(&home.path().join("content/x.md"), "雲".as_bytes()).unwrap();
        let archive = home.path().join("out/backup.zip");
        assert_eq!(
            write(
                &archive,
                &[("data", home.path())],
                &[home.path().join("out")]
            )
            .unwrap(),
            2
        );
        assert_eq!(read(&archive, &[("data", other.path())]).unwrap(), 2);
        assert_eq!(count(&other.path().join("study.db")), 1);
        assert_eq!(
            std::fs::read_to_string(other.path().join("content/x.md")).unwrap(),
            "雲"
        );
    }

    #[cfg(unix)]
    #[test]
    fn copies_are_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let database = home.path().join("data/study.db");
        drop(db::open(&database, TABLE).unwrap());
        let backups = home.path().join("backups");
        snapshot(&database, &backups, date(2026, 11, 21)).unwrap();
        let data = home.path().join("data");
        set_aside(
            &backups.join("before-restore-1.zip"),
            &[("data", &data)],
            &[],
        )
        .unwrap();
        write(&backups.join("juku-1.zip"), &[("data", &data)], &[]).unwrap();
        let copies: Vec<_> = std::fs::read_dir(&backups).unwrap().flatten().collect();
        assert_eq!(copies.len(), 3);
        for copy in copies {
            let mode = copy.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", copy.path().display());
        }
    }

    #[test]
    fn a_name_that_leads_outside_is_refused() {
        let folders = [("data", Path::new("/h"))];
        assert_eq!(
            target_of("data/a/b.db", &folders),
            Some(PathBuf::from("/h/a/b.db"))
        );
        for bad in ["data/../x", "data//etc/passwd", "other/a", "data", "data/"] {
            assert_eq!(target_of(bad, &folders), None, "{bad}");
        }
    }

    #[test]
    fn a_damaged_database_in_the_archive_changes_nothing() {
        let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let archive = home.path().join("bad.zip");
        let mut zip = zip::ZipWriter::new(File::create(&archive).unwrap());
        for (name, text) in [
            ("data/a.md", "x".to_owned()),
            ("data/study.db", "garbage ".repeat(200)),
        ] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        assert!(read(&archive, &[("data", other.path())]).is_err());
        assert_eq!(std::fs::read_dir(other.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_database_that_is_gone_or_empty_is_lost_only_while_a_copy_holds_it() {
        let home = tempfile::tempdir().unwrap();
        let (database, backups) = (home.path().join("study.db"), home.path().join("backups"));
        assert_eq!(lost(&backups, &database), None, "a fresh home");
        write_atomic(&database, b"").unwrap();
        assert_eq!(lost(&backups, &database), None, "being made");
        // An archive from before there was a history says nothing about it.
        std::fs::remove_file(&database).unwrap();
        write_atomic(&home.path().join("notes.md"), "雲".as_bytes()).unwrap();
        let folders = [("data", home.path())];
        let skip = [backups.clone()];
        write(&backups.join("juku-1.zip"), &folders, &skip).unwrap();
        assert_eq!(lost(&backups, &database), None);
        drop(db::open(&database, TABLE).unwrap());
        write(&backups.join("juku-2.zip"), &folders, &skip).unwrap();
        assert_eq!(lost(&backups, &database), None, "it is there");
        write_atomic(&database, b"").unwrap();
        assert_eq!(lost(&backups, &database), Some(backups.join("juku-2.zip")));
        snapshot(&database, &backups, date(2026, 11, 21)).unwrap();
        assert!(!backups.join("study-2026-11-21.db").exists());
        std::fs::remove_file(&database).unwrap();
        assert_eq!(lost(&backups, &database), Some(backups.join("juku-2.zip")));
    }

    #[test]
    fn snapshots_are_thinned() {
        let days: BTreeSet<Date> = (0..400)
            .map(|ago| date(2026, 11, 21).saturating_sub(ago.days()))
            .collect();
        let dropped: BTreeSet<Date> = superfluous(&days, date(2026, 11, 21)).into_iter().collect();
        let kept = days.difference(&dropped).count();
        assert!((7 + 7..=7 + 9 + 13).contains(&kept), "{kept}");
        assert!(days.iter().rev().take(7).all(|day| !dropped.contains(day)));
    }
}
