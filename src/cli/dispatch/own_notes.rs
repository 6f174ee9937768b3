//! Passages of the user's own notes for a missed question, from the search index as it stands.

use std::cell::OnceCell;

use super::notes::{services, synonyms};
use crate::app::own_notes::{NoteFinder, NoteQuery, OwnPassage, is_about, words};
use crate::app::search::{SearchRequest, search};
use crate::cli::wire::Wire;
use crate::notes::services::Services;
use crate::search::synonyms::Synonyms;
use crate::search::{NoteIndex, Place};

/// Hits that are looked through for passages about the question.
const CANDIDATES: usize = 8;

/// Characters from which on a passage is shown only after shorter ones.
const LONG: usize = 4000;

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
        let request = SearchRequest {
            query: words(query),
            place: Some(Place::Mine),
            limit: CANDIDATES,
            ..SearchRequest::default()
        };
        let Ok(report) = search(&open.index, &open.synonyms, &open.services, &request, &|| 0)
        else {
            return Some(Vec::new());
        };
        let about = report.hits.into_iter();
        let mut about: Vec<_> = about
            .filter(|hit| is_about(query, &hit.services, &hit.text))
            .collect();
        // A place in a text of many pages helps less than a short section.
        about.sort_by_key(|hit| hit.text.chars().count() > LONG);
        let passages = about.into_iter().take(query.limit).map(|hit| OwnPassage {
            title: hit.title,
            heading: hit.heading,
            path: hit.path.display().to_string(),
            line: hit.line,
            line_end: hit.line_end,
            snippet: hit.snippet,
        });
        Some(passages.collect())
    }
}
