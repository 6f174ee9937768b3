//! `index`: brings the search index up to date with the user's library and the bundled notes.
//!
//! An origin that changed is imported again, one that is gone stays and is marked. What is indexed is decided by a
//! hash over the bytes and over everything that reads them, so that a new rule or reader means a new look.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use crate::notes::decode::Decoded;
use crate::notes::freshness::Rules;
use crate::notes::library::{Entry, Files, Library, PortError};
use crate::notes::services::Services;
use crate::notes::{self, Document, Kind, NoteFile, Scope, decode, mark_stale};
use crate::search::{FileKey, IndexError, NoteIndex};

/// A note that is no import: bundled, or in the content folder of the user's own library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShelfNote {
    /// Its path below the content folder.
    pub name: String,
    /// The path to show.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// True when it is the user's own.
    pub own: bool,
}

/// What reading notes needs to know.
#[derive(Debug)]
pub struct Knowledge {
    /// The services that texts mention.
    pub services: Services,
    /// The rules of outdated facts.
    pub rules: Rules,
}

/// What an update works with.
pub struct IndexPorts<'a> {
    /// The imported notes.
    pub library: &'a mut dyn Library,
    /// The user's files.
    pub files: &'a dyn Files,
    /// Notes of the bundled and the own library.
    pub shelf: &'a [ShelfNote],
    /// The index.
    pub index: &'a NoteIndex,
    /// Reads services and rules when there is something to index; they take time to get ready.
    pub knowledge: &'a dyn Fn() -> Result<Knowledge, PortError>,
    /// Hash of what [`IndexPorts::knowledge`] reads.
    pub stamp: &'a str,
    /// Asked before each file: true ends the update there, and what was indexed is kept.
    pub stop: &'a dyn Fn() -> bool,
    /// The moment.
    pub now: Timestamp,
}

impl std::fmt::Debug for IndexPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IndexPorts")
            .field("index", self.index)
            .finish_non_exhaustive()
    }
}

/// Why the notes could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum NotesError {
    /// The library or a file failed.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// What an update did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IndexReport {
    /// Version of this document.
    pub schema: u32,
    /// Files in the index.
    pub files: usize,
    /// Files that were read and indexed.
    pub indexed: usize,
    /// Files that were taken out.
    pub removed: usize,
    /// Imported files whose origin had changed.
    pub changed: usize,
    /// Imported files whose origin is gone.
    pub vanished: usize,
    /// Files that are still to be indexed, because the update was stopped.
    #[serde(skip)]
    pub left: usize,
    /// True when another process was writing and nothing was done.
    pub busy: bool,
    /// True when the index was built anew from the beginning.
    pub rebuilt: bool,
}

/// A file that should be in the index.
enum Source<'a> {
    Import(Entry),
    Shelf(&'a ShelfNote),
}

/// Brings the index up to date; `progress` is told files done and to do.
///
/// # Errors
/// When library or index fail; the index stays as it was then.
pub fn update(
    ports: &mut IndexPorts<'_>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<IndexReport, NotesError> {
    let mut report = IndexReport {
        schema: 1,
        ..IndexReport::default()
    };
    let entries = follow_origins(ports, &mut report)?;
    let mut wanted: HashMap<FileKey, (u64, Source<'_>)> = HashMap::with_capacity(entries.len());
    for entry in entries {
        let key = FileKey::of(&import_identity(&entry));
        wanted.insert(
            key,
            (content(&entry.hash, ports.stamp), Source::Import(entry)),
        );
    }
    for note in ports.shelf {
        let hash = blake3::hash(&note.bytes).to_hex().to_string();
        let place = format!("{hash}{}", note.path.display());
        wanted.insert(
            FileKey::of(&shelf_identity(note)),
            (content(&place, ports.stamp), Source::Shelf(note)),
        );
    }
    let known = ports.index.files()?;
    let mut todo: Vec<(FileKey, u64, Source<'_>)> = Vec::new();
    let gone: Vec<FileKey> = known
        .keys()
        .filter(|key| !wanted.contains_key(key))
        .copied()
        .collect();
    report.files = wanted.len();
    for (key, (content, source)) in wanted {
        if known.get(&key) != Some(&content) {
            todo.push((key, content, source));
        }
    }
    if todo.is_empty() && gone.is_empty() {
        return Ok(report);
    }
    // A fixed order, so that the same notes make the same index.
    todo.sort_by_key(|(key, ..)| *key);
    let Some(mut update) = ports.index.begin()? else {
        report.busy = true;
        return Ok(report);
    };
    for key in &gone {
        update.remove(*key);
    }
    report.removed = gone.len();
    let knowledge = (ports.knowledge)()?;
    let all = todo.len();
    for (done, (key, content, source)) in todo.into_iter().enumerate() {
        progress(done, all);
        if (ports.stop)() {
            report.left = all - done;
            break;
        }
        let file = match source {
            Source::Import(entry) => stored_file(ports, &entry)?,
            Source::Shelf(note) => shelf_file(note),
        };
        update.begin_file(key, content)?;
        if let Some(file) = file {
            read_each(file, &knowledge, |documents| {
                update.extend_file(key, &documents)
            })?;
        }
        report.indexed += 1;
    }
    progress(all - report.left, all);
    update.commit()?;
    Ok(report)
}

/// Looks whether the origins of imported files have changed or gone; gives the entries as they are then.
fn follow_origins(
    ports: &mut IndexPorts<'_>,
    report: &mut IndexReport,
) -> Result<Vec<Entry>, NotesError> {
    let mut entries = ports.library.entries()?;
    for entry in &mut entries {
        let Some(stat) = ports.files.stat(&entry.origin) else {
            report.vanished += 1;
            if !entry.vanished {
                ports.library.set_vanished(&entry.origin, true)?;
                entry.vanished = true;
            }
            continue;
        };
        if stat == entry.stat && !entry.vanished {
            continue;
        }
        // A file that cannot be read just now keeps its last version.
        if let Ok((bytes, stat)) = ports.files.read(&entry.origin)
            && decode::decode(&bytes).is_ok()
        {
            let hash = blake3::hash(&bytes).to_hex().to_string();
            report.changed += usize::from(hash != entry.hash);
            (entry.hash, entry.stat, entry.vanished) = (hash, stat, false);
            ports.library.put(entry, &bytes, ports.now)?;
        }
    }
    ports.library.keep()?;
    Ok(entries)
}

/// Reads an imported file from the library; from its origin when the library lost it.
fn stored_file(ports: &IndexPorts<'_>, entry: &Entry) -> Result<Option<NoteFile>, NotesError> {
    let kept = ports.library.bytes(&entry.hash)?;
    let bytes = kept.or_else(|| ports.files.read(&entry.origin).ok().map(|(bytes, _)| bytes));
    Ok(bytes.and_then(|bytes| import_file(entry, &bytes)))
}

/// Decodes a note of the content folders; `None` when it is no text.
pub(super) fn shelf_file(note: &ShelfNote) -> Option<NoteFile> {
    let decoded = decode::decode(&note.bytes).ok()?;
    Some(NoteFile {
        path: note.path.clone(),
        identity: shelf_identity(note),
        scope: if note.own {
            Scope::Mine
        } else {
            Scope::Bundled
        },
        kind: Kind::Markdown,
        text: decoded.text,
        named: true,
    })
}

/// Decodes an imported file; `None` when it is no text.
pub(super) fn import_file(entry: &Entry, bytes: &[u8]) -> Option<NoteFile> {
    decode::decode(bytes)
        .ok()
        .map(|decoded| decoded_file(entry, decoded))
}

/// Makes the file of an import out of its decoded text.
pub(super) fn decoded_file(entry: &Entry, decoded: Decoded) -> NoteFile {
    let extension = entry
        .origin
        .extension()
        .map(|e| e.to_string_lossy().into_owned());
    NoteFile {
        path: entry.origin.clone(),
        identity: import_identity(entry),
        scope: Scope::Mine,
        kind: Kind::of(&extension.unwrap_or_default(), &decoded.text),
        text: decoded.text,
        named: false,
    }
}

/// Splits a file and finds what is outdated in it.
pub(super) fn read(file: Option<NoteFile>, knowledge: &Knowledge) -> Vec<Document> {
    let mut all = Vec::new();
    let taken: Result<(), Infallible> = match file {
        Some(file) => read_each(file, knowledge, |documents| {
            all.extend(documents);
            Ok(())
        }),
        None => Ok(()),
    };
    match taken {
        Ok(()) => all,
        Err(never) => match never {},
    }
}

/// Splits a file, finds what is outdated in it, and hands the documents over, those of a large file part by part.
///
/// # Errors
/// What `take` gives.
pub(super) fn read_each<E>(
    file: NoteFile,
    knowledge: &Knowledge,
    mut take: impl FnMut(Vec<Document>) -> Result<(), E>,
) -> Result<(), E> {
    notes::parse_each(file, &knowledge.services, |mut documents| {
        for document in &mut documents {
            mark_stale(document, &knowledge.rules);
        }
        take(documents)
    })
}

pub(super) fn import_identity(entry: &Entry) -> String {
    entry.origin.to_string_lossy().into_owned()
}

fn shelf_identity(note: &ShelfNote) -> String {
    format!("content:{}", note.name)
}

fn content(hash: &str, stamp: &str) -> u64 {
    FileKey::of(&format!("{hash} {stamp} {}", notes::VERSION)).0
}
