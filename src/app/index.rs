//! `index`: brings the search index up to date with the user's library and the bundled notes.
//!
//! An origin that changed is imported again, one that is gone stays and is marked. What is indexed is decided by a
//! hash over the bytes and over everything that reads them, so that a new rule or reader means a new look.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use crate::notes::decode::{LookError, Reader, look};
use crate::notes::freshness::Rules;
use crate::notes::library::{Bytes, Entry, Files, Library, PortError, hash_of};
use crate::notes::services::Services;
use crate::notes::{self, Document, Kind, NoteFile, NoteText, Scope, Stopped, decode, mark_stale};
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

impl Source<'_> {
    fn is_large(&self) -> bool {
        match self {
            Self::Import(entry) => entry.stat.size > notes::LARGE as u64,
            Self::Shelf(_) => false,
        }
    }
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
    let large = todo.iter().any(|(.., source)| source.is_large());
    let begun = if large {
        ports.index.begin_lean()
    } else {
        ports.index.begin()
    };
    let Some(mut update) = begun? else {
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
        update.begin_file(key, content)?;
        let take = |documents: Vec<Document>| update.extend_file(key, &documents);
        match source {
            Source::Import(entry) => {
                if let Some(bytes) = stored(ports, &entry)? {
                    read_import(&entry, &*bytes, &knowledge, take)?;
                }
            }
            Source::Shelf(note) => {
                if let Some(file) = shelf_file(note) {
                    read_each(file, &knowledge, take)?;
                }
            }
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
            && look(&*bytes).is_ok()
            && let Ok(hash) = hash_of(&*bytes)
        {
            let now = Entry {
                origin: entry.origin.clone(),
                hash,
                stat,
                vanished: false,
            };
            match ports.library.put(&now, &*bytes, ports.now) {
                Err(error) if error.is_change() => continue,
                put => put?,
            }
            report.changed += usize::from(now.hash != entry.hash);
            *entry = now;
        }
    }
    ports.library.keep()?;
    Ok(entries)
}

/// Gives an imported file's bytes from the library; from its origin when the library lost them.
fn stored(ports: &IndexPorts<'_>, entry: &Entry) -> Result<Option<Box<dyn Bytes>>, PortError> {
    let kept = ports.library.bytes(&entry.hash)?;
    Ok(kept.or_else(|| ports.files.read(&entry.origin).ok().map(|(bytes, _)| bytes)))
}

/// Reads an imported file and hands its documents over; one that is no text has none.
fn read_import(
    entry: &Entry,
    bytes: &dyn Bytes,
    knowledge: &Knowledge,
    take: impl FnMut(Vec<Document>) -> Result<(), IndexError>,
) -> Result<(), NotesError> {
    let read = match import_text(entry, bytes) {
        Ok((file, text)) => read_text(file, text, knowledge, take),
        Err(LookError::NoText(_)) => Ok(()),
        Err(LookError::Read(error)) => Err(Stopped::Reading(error)),
    };
    read.map_err(|stopped| match stopped {
        Stopped::Taking(error) => error.into(),
        Stopped::Reading(source) => NotesError::Port(PortError {
            path: entry.origin.clone(),
            operation: "reading",
            source: Box::new(source),
        }),
    })
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

/// Decodes an imported file whole; `None` when it is no text.
pub(super) fn import_file(entry: &Entry, bytes: &dyn Bytes) -> Option<NoteFile> {
    let text = decode::decode(&bytes.whole().ok()?).ok()?.text;
    let kind = Kind::of(&extension(entry), &text);
    Some(file_of(entry, kind, text))
}

/// Begins to decode an imported file; the text of the [`NoteFile`] stands beside it.
///
/// # Errors
/// When the file is no text or cannot be read.
pub(super) fn import_text<'a>(
    entry: &Entry,
    bytes: &'a dyn Bytes,
) -> Result<(NoteFile, NoteText<'a>), LookError> {
    let look = look(bytes)?;
    let mut text = NoteText::reading(Reader::new(bytes.open()?, look.encoding), look.length)?;
    let kind = text.kind(&extension(entry))?;
    Ok((file_of(entry, kind, String::new()), text))
}

fn file_of(entry: &Entry, kind: Kind, text: String) -> NoteFile {
    NoteFile {
        path: entry.origin.clone(),
        identity: import_identity(entry),
        scope: Scope::Mine,
        kind,
        text,
        named: false,
    }
}

fn extension(entry: &Entry) -> String {
    let extension = entry.origin.extension();
    extension.map_or_else(String::new, |e| e.to_string_lossy().into_owned())
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
    take: impl FnMut(Vec<Document>) -> Result<(), E>,
) -> Result<(), E> {
    notes::parse_each(file, &knowledge.services, marked(knowledge, take))
}

/// Does the same with a text that is read as it is needed.
///
/// # Errors
/// What `take` gives, or when the text cannot be read.
pub(super) fn read_text<E>(
    file: NoteFile,
    text: NoteText<'_>,
    knowledge: &Knowledge,
    take: impl FnMut(Vec<Document>) -> Result<(), E>,
) -> Result<(), Stopped<E>> {
    notes::parse_text(file, text, &knowledge.services, marked(knowledge, take))
}

/// Finds what is outdated in documents before they are taken.
fn marked<E>(
    knowledge: &Knowledge,
    mut take: impl FnMut(Vec<Document>) -> Result<(), E>,
) -> impl FnMut(Vec<Document>) -> Result<(), E> {
    move |mut documents| {
        for document in &mut documents {
            mark_stale(document, &knowledge.rules);
        }
        take(documents)
    }
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
