//! `notes list` and `notes forget`: what the user's library holds.

use std::collections::HashMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::app::index::NotesError;
use crate::notes::library::Library;
use crate::search::NoteIndex;

/// An imported file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteEntry {
    /// Where it was imported from.
    pub path: PathBuf,
    /// Articles in it.
    pub articles: usize,
    /// Sections in it.
    pub sections: usize,
    /// Bytes.
    pub size: u64,
    /// True when the origin is gone.
    pub vanished: bool,
}

/// What the library holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NotesReport {
    /// Version of this document.
    pub schema: u32,
    /// The imported files.
    pub notes: Vec<NoteEntry>,
}

/// Lists the imported files.
///
/// # Errors
/// When library or index cannot be read.
pub fn list(library: &dyn Library, index: &NoteIndex) -> Result<NotesReport, NotesError> {
    let mut counts: HashMap<PathBuf, (usize, usize)> = HashMap::new();
    for document in index.documents()? {
        let count = counts.entry(document.path).or_default();
        count.0 += 1;
        count.1 += document.sections;
    }
    let notes = library
        .entries()?
        .into_iter()
        .map(|entry| {
            let (articles, sections) = counts.get(&entry.origin).copied().unwrap_or_default();
            NoteEntry {
                articles,
                sections,
                size: entry.stat.size,
                vanished: entry.vanished,
                path: entry.origin,
            }
        })
        .collect();
    Ok(NotesReport { schema: 1, notes })
}

/// What was forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ForgetReport {
    /// Version of this document.
    pub schema: u32,
    /// The files that were forgotten; the origins are untouched.
    pub forgotten: Vec<PathBuf>,
}

/// Forgets imported files: those with one of the paths, or below one of them.
///
/// # Errors
/// When the library cannot be written.
pub fn forget(library: &mut dyn Library, paths: &[PathBuf]) -> Result<ForgetReport, NotesError> {
    let forgotten: Vec<PathBuf> = library
        .entries()?
        .into_iter()
        .map(|entry| entry.origin)
        .filter(|origin| paths.iter().any(|path| origin.starts_with(path)))
        .collect();
    library.forget(&forgotten)?;
    Ok(ForgetReport {
        schema: 1,
        forgotten,
    })
}
