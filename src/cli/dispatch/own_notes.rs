//! Passages of the user's own notes for a missed question, from the search index as it stands.

use std::cell::OnceCell;

use super::knowledge::{services, synonyms};
use crate::app::own_notes::{IndexFinder, NoteFinder, NoteQuery, OwnPassage};
use crate::cli::wire::Wire;
use crate::notes::services::Services;
use crate::search::NoteIndex;
use crate::search::synonyms::Synonyms;

/// What a search needs, opened at the first miss.
struct Open {
    index: NoteIndex,
    synonyms: Synonyms,
    services: Services,
}

/// Finds passages in the index; where there is none, or it cannot be used, nothing is found and nothing fails: a
/// question is answered all the same.
pub(super) struct IndexedNotes<'a> {
    wire: &'a Wire,
    open: OnceCell<Option<Open>>,
}

impl<'a> IndexedNotes<'a> {
    pub(super) fn new(wire: &'a Wire) -> Self {
        Self {
            wire,
            open: OnceCell::new(),
        }
    }

    fn open(&self) -> Option<Open> {
        let path = self.wire.paths().index();
        // Without imported notes there is nothing of the user's own to look in.
        let any = self.wire.paths().library_db().exists()
            && self
                .wire
                .note_library()
                .ok()?
                .entries()
                .is_ok_and(|e| !e.is_empty());
        if !any || !path.exists() {
            return None;
        }
        Some(Open {
            index: NoteIndex::open(&path).ok()?.0,
            synonyms: synonyms(self.wire).ok()?,
            services: services(self.wire).ok()?,
        })
    }
}

impl NoteFinder for IndexedNotes<'_> {
    fn passages(&self, query: &NoteQuery<'_>) -> Option<Vec<OwnPassage>> {
        let open = self.open.get_or_init(|| self.open()).as_ref()?;
        let finder = IndexFinder {
            index: &open.index,
            synonyms: &open.synonyms,
            services: &open.services,
        };
        finder.passages(query)
    }
}
