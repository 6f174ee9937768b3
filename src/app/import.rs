//! `import`: takes notes into the user's library and says what they hold.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use super::index::{self, Knowledge};
use crate::notes::decode::{self, DecodeError};
use crate::notes::library::{Entry, Files, Library, PortError, SkipReason, Skipped};
use crate::notes::similar::{self, Signature};
use crate::notes::{Document, DocumentId};

/// Files after which the manifest is written, so that a crash loses little of a long import.
const BATCH: usize = 500;

/// Articles under one key that are compared: notes that share a template share keys and are no duplicates.
const COMPARED: usize = 64;

/// What to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Only say what would come in.
    pub dry_run: bool,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A path is not there.
    #[error("`{path}` does not exist")]
    Missing {
        /// The path as given.
        path: PathBuf,
    },
    /// The library failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// One article that came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportedDocument {
    /// Its id.
    pub id: DocumentId,
    /// The file it stands in.
    pub path: PathBuf,
    /// Its title.
    pub title: String,
    /// Its first line.
    pub line: usize,
    /// Its last line.
    pub line_end: usize,
    /// How many sections it has.
    pub sections: usize,
}

/// Articles that are one and the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duplicates {
    /// The one that search shows.
    pub kept: DocumentId,
    /// Those that are folded into it.
    pub dropped: Vec<DocumentId>,
}

/// What an import brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Version of this document.
    pub schema: u32,
    /// Files that were taken.
    pub files: usize,
    /// Articles in them, duplicates included.
    pub articles: usize,
    /// Sections in them.
    pub sections: usize,
    /// Articles that are one and the same.
    pub duplicates: Vec<Duplicates>,
    /// What was passed over.
    pub skipped: Vec<Skipped>,
    /// Secrets that were masked.
    pub secrets_masked: usize,
    /// Sentences that state outdated facts.
    pub stale: usize,
    /// Files that were in the library already, unchanged.
    pub unchanged: usize,
    /// True when nothing was written.
    pub dry_run: bool,
    /// The articles.
    pub documents: Vec<ImportedDocument>,
}

/// What an import works with.
pub struct ImportPorts<'a> {
    /// Where notes are kept.
    pub library: &'a mut dyn Library,
    /// The user's files.
    pub files: &'a dyn Files,
    /// What reading notes needs to know.
    pub knowledge: &'a Knowledge,
    /// The moment.
    pub now: Timestamp,
}

impl std::fmt::Debug for ImportPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportPorts")
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// Imports files and folders; `progress` is told files done and to do.
///
/// # Errors
/// When a path is not there (nothing is imported then) or the library fails.
pub fn import(
    ports: &mut ImportPorts<'_>,
    request: &ImportRequest,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<ImportReport, ImportError> {
    let mut report = ImportReport {
        schema: 1,
        dry_run: request.dry_run,
        ..ImportReport::default()
    };
    let mut files: Vec<PathBuf> = Vec::new();
    for path in &request.paths {
        let missing = || ImportError::Missing { path: path.clone() };
        let listing = ports.files.list(path).ok_or_else(missing)?;
        files.extend(listing.files);
        report.skipped.extend(listing.skipped);
    }
    files.sort();
    files.dedup();
    let known: HashMap<PathBuf, Entry> = ports
        .library
        .entries()?
        .into_iter()
        .map(|entry| (entry.origin.clone(), entry))
        .collect();
    let mut signatures: Vec<(DocumentId, Signature)> = Vec::new();
    let all = files.len();
    for (done, path) in files.into_iter().enumerate() {
        progress(done, all);
        let mut see = |report: &mut ImportReport, document: &Document| {
            signatures.push((document.id.clone(), similar::of_document(document).0));
            note(report, document);
        };
        let known = known.get(&path);
        if let Err(reason) = take(ports, &path, known, request.dry_run, &mut report, &mut see)? {
            report.skipped.push(Skipped { path, reason });
        }
        if done % BATCH == BATCH - 1 {
            ports.library.keep()?;
        }
    }
    ports.library.keep()?;
    progress(all, all);
    report.skipped.sort();
    report.duplicates = duplicates(&signatures);
    Ok(report)
}

/// Takes one file in and shows its documents; the inner error says why it was passed over.
fn take(
    ports: &mut ImportPorts<'_>,
    path: &std::path::Path,
    known: Option<&Entry>,
    dry_run: bool,
    report: &mut ImportReport,
    see: &mut dyn FnMut(&mut ImportReport, &Document),
) -> Result<Result<(), SkipReason>, PortError> {
    let (bytes, stat) = match ports.files.read(path) {
        Ok(read) => read,
        Err(reason) => return Ok(Err(reason)),
    };
    let decoded = match decode::decode(&bytes) {
        Ok(decoded) => decoded,
        Err(DecodeError::Empty) => return Ok(Err(SkipReason::Empty)),
        Err(DecodeError::Binary) => return Ok(Err(SkipReason::Binary)),
    };
    let hash = blake3::hash(&bytes).to_hex().to_string();
    let entry = Entry {
        origin: path.to_owned(),
        hash,
        stat,
        vanished: false,
    };
    let file = index::decoded_file(&entry, decoded);
    let before = report.articles;
    let seen: Result<(), Infallible> = index::read_each(file, ports.knowledge, |documents| {
        for document in &documents {
            see(report, document);
        }
        Ok(())
    });
    if seen.is_err() || report.articles == before {
        return Ok(Err(SkipReason::NoText));
    }
    report.files += 1;
    if known.is_some_and(|known| {
        known.hash == entry.hash && known.stat == entry.stat && !known.vanished
    }) {
        report.unchanged += 1;
    } else if !dry_run {
        ports.library.put(&entry, &bytes, ports.now)?;
    }
    Ok(Ok(()))
}

fn note(report: &mut ImportReport, document: &Document) {
    report.articles += 1;
    report.sections += document.sections.len();
    report.secrets_masked += document.secrets_masked;
    report.stale += document
        .sections
        .iter()
        .map(|section| section.stale.len())
        .sum::<usize>();
    report.documents.push(ImportedDocument {
        id: document.id.clone(),
        path: document.path.clone(),
        title: document.title.clone(),
        line: document.lines.first,
        line_end: document.lines.last,
        sections: document.sections.len(),
    });
}

/// Groups articles that are one and the same; the first of a group is kept.
fn duplicates(signatures: &[(DocumentId, Signature)]) -> Vec<Duplicates> {
    let mut by_band: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut leader: Vec<usize> = (0..signatures.len()).collect();
    for (at, (_, signature)) in signatures.iter().enumerate() {
        for band in signature.bands() {
            let others = by_band.entry(band).or_default();
            let twin = others.iter().copied().take(COMPARED).find(|other| {
                signatures
                    .get(*other)
                    .is_some_and(|(_, other)| similar::same_article(other, signature))
            });
            if let (Some(twin), Some(own)) = (twin, leader.get(at).copied()) {
                let first = leader.get(twin).copied().unwrap_or(twin).min(own);
                if let Some(slot) = leader.get_mut(at) {
                    *slot = first;
                }
            }
            others.push(at);
        }
    }
    let mut groups: BTreeMap<usize, Vec<DocumentId>> = BTreeMap::new();
    for (at, first) in leader.iter().enumerate() {
        if at != *first
            && let Some((id, _)) = signatures.get(at)
        {
            groups.entry(*first).or_default().push(id.clone());
        }
    }
    groups
        .into_iter()
        .filter_map(|(first, dropped)| {
            Some(Duplicates {
                kept: signatures.get(first)?.0.clone(),
                dropped,
            })
        })
        .collect()
}
