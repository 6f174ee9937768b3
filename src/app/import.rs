//! `import`: takes notes into the user's library and says what they hold.

mod outline;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use self::outline::Outline;
use super::index::{self, Knowledge};
use crate::notes::decode::{DecodeError, LookError};
use crate::notes::library::{
    Bytes, Entry, Files, Library, PortError, SkipReason, Skipped, hash_of,
};
use crate::notes::similar::Signature;
use crate::notes::{DocumentId, Stopped};

/// Files after which the manifest is written, so that a crash loses little of a long import.
const BATCH: usize = 500;

/// How often a file that changes while it is read is begun anew.
const ATTEMPTS: usize = 2;

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
    /// Files that there were to look at.
    #[serde(skip)]
    pub found: usize,
    /// Those of them that nobody looked at, because the import was stopped.
    #[serde(skip)]
    pub left: usize,
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
    /// Reads services and rules when there is something to parse; they take time to get ready.
    pub knowledge: &'a dyn Fn() -> Result<Knowledge, PortError>,
    /// Hash of what [`ImportPorts::knowledge`] reads.
    pub stamp: &'a str,
    /// Asked before each file: true ends the import there, and what was taken is kept.
    pub stop: &'a dyn Fn() -> bool,
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
    let mut intake = Intake {
        ports,
        dry_run: request.dry_run,
        knowledge: None,
    };
    let all = files.len();
    report.found = all;
    for (done, path) in files.into_iter().enumerate() {
        progress(done, all);
        if (intake.ports.stop)() {
            report.left = all - done;
            break;
        }
        match intake.take(&path, known.get(&path)) {
            Ok(taken) => note(&mut report, &mut signatures, &path, taken),
            Err(Passed::Over(reason)) => report.skipped.push(Skipped { path, reason }),
            Err(Passed::Failed(error)) => return Err(error.into()),
        }
        if done % BATCH == BATCH - 1 {
            intake.ports.library.keep()?;
        }
    }
    intake.ports.library.keep()?;
    if report.left == 0 {
        progress(all, all);
    }
    // What readers know takes as much memory as the comparison that follows.
    drop(intake);
    report.skipped.sort();
    report.duplicates = outline::duplicates(&signatures);
    Ok(report)
}

/// A file that was taken in.
struct Taken {
    outline: Outline,
    /// True when it was in the library already, as it is.
    unchanged: bool,
}

/// Why a file was not taken in.
enum Passed {
    /// It is no note, or cannot be read.
    Over(SkipReason),
    /// The library failed, and with it the import.
    Failed(PortError),
}

impl From<PortError> for Passed {
    fn from(error: PortError) -> Self {
        if error.is_change() {
            Self::Over(SkipReason::Changing)
        } else {
            Self::Failed(error)
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn unread(error: io::Error) -> Passed {
    Passed::Over(SkipReason::of(&error))
}

/// Takes files in.
struct Intake<'a, 'b> {
    ports: &'a mut ImportPorts<'b>,
    dry_run: bool,
    /// Read with the first file that is parsed.
    knowledge: Option<Knowledge>,
}

impl Intake<'_, '_> {
    /// Takes one file in, once more from the beginning when it changed meanwhile.
    fn take(&mut self, path: &Path, known: Option<&Entry>) -> Result<Taken, Passed> {
        for _ in 1..ATTEMPTS {
            match self.attempt(path, known) {
                Err(Passed::Over(SkipReason::Changing)) => {}
                other => return other,
            }
        }
        self.attempt(path, known)
    }

    fn attempt(&mut self, path: &Path, known: Option<&Entry>) -> Result<Taken, Passed> {
        let (bytes, stat) = self.ports.files.read(path).map_err(Passed::Over)?;
        let entry = Entry {
            origin: path.to_owned(),
            hash: hash_of(&*bytes).map_err(unread)?,
            stat,
            vanished: false,
        };
        let mark = Outline::mark(&entry.hash, self.ports.stamp);
        let kept = match known.filter(|known| known.hash == entry.hash) {
            Some(_) => self.ports.library.outline(path, &mark)?,
            None => None,
        };
        let kept = kept.and_then(|bytes| Outline::from_bytes(&bytes));
        let is_kept = kept.is_some();
        let outline = match kept {
            Some(outline) => outline,
            None => self.outline(&entry, &*bytes)?,
        };
        let unchanged = known.is_some_and(|known| *known == entry);
        if !self.dry_run {
            let library = &mut *self.ports.library;
            if !unchanged || !library.holds(&entry) {
                library.put(&entry, &*bytes, self.ports.now)?;
            }
            if !is_kept {
                library.put_outline(path, &mark, &outline.to_bytes())?;
            }
        }
        Ok(Taken { outline, unchanged })
    }

    /// Parses a file.
    fn outline(&mut self, entry: &Entry, bytes: &dyn Bytes) -> Result<Outline, Passed> {
        let (file, text) = index::import_text(entry, bytes).map_err(|error| match error {
            LookError::NoText(DecodeError::Empty) => Passed::Over(SkipReason::Empty),
            LookError::NoText(DecodeError::Binary) => Passed::Over(SkipReason::Binary),
            LookError::Read(error) => unread(error),
        })?;
        let mut outline = Outline::default();
        let read = index::read_text(file, text, self.knowledge()?, |documents| {
            for document in &documents {
                outline.add(document);
            }
            Ok::<(), Infallible>(())
        });
        match read {
            Ok(()) if outline.articles.is_empty() => Err(Passed::Over(SkipReason::NoText)),
            Ok(()) => Ok(outline),
            Err(Stopped::Reading(error)) => Err(unread(error)),
            Err(Stopped::Taking(never)) => match never {},
        }
    }

    fn knowledge(&mut self) -> Result<&Knowledge, PortError> {
        Ok(match &mut self.knowledge {
            Some(knowledge) => knowledge,
            unread => unread.insert((self.ports.knowledge)()?),
        })
    }
}

/// Adds a file to the report.
fn note(
    report: &mut ImportReport,
    signatures: &mut Vec<(DocumentId, Signature)>,
    path: &Path,
    taken: Taken,
) {
    report.files += 1;
    report.unchanged += usize::from(taken.unchanged);
    report.secrets_masked += taken.outline.secrets_masked;
    report.stale += taken.outline.stale;
    for article in taken.outline.articles {
        if let Some(signature) = article.signature() {
            signatures.push((article.id.clone(), signature));
        }
        report.articles += 1;
        report.sections += article.sections;
        report.documents.push(ImportedDocument {
            id: article.id,
            path: path.to_owned(),
            title: article.title,
            line: article.lines.first,
            line_end: article.lines.last,
            sections: article.sections,
        });
    }
}
