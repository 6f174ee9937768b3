//! Cards by what the learner or their history made of them: resting, marked, forgotten again and again, or gone.

use serde::Serialize;

use crate::exam::Exam;
use crate::progress::store::{CardFilter, RecordError, StoredCard, StudyStore};
use crate::quiz::CardId;
use crate::time::StudyDay;

/// A state by which cards are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Not asked at the learner's wish.
    Suspended,
    /// Marked by the learner.
    Flagged,
    /// Forgotten again and again.
    Leech,
    /// Answered before, and not in the bank any more.
    Vanished,
}

/// A card with its marks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MarkedCard {
    /// The card.
    pub id: CardId,
    /// The exam it is for.
    pub exam: Exam,
    /// What it asks.
    pub question: String,
    /// All marks that it has.
    pub marks: Vec<Mark>,
    /// Answers.
    pub reps: u32,
    /// Times it was forgotten.
    pub lapses: u32,
    /// The day on which it is due.
    pub due: Option<StudyDay>,
    /// The bank file it stands in, or stood in.
    pub path: String,
    /// The line in it, from 1.
    pub line: usize,
}

/// Lists the cards that have one of some marks, by id.
///
/// # Errors
/// When the study database fails.
pub fn marked(
    store: &dyn StudyStore,
    filter: &CardFilter,
    wanted: &[Mark],
) -> Result<Vec<MarkedCard>, RecordError> {
    let mut found = Vec::new();
    let mut take = |stored: StoredCard| {
        let history = &stored.history;
        let marks = [
            (history.suspended, Mark::Suspended),
            (history.flagged, Mark::Flagged),
            (history.is_leech(), Mark::Leech),
            (!stored.present, Mark::Vanished),
        ];
        let marks: Vec<Mark> = marks
            .iter()
            .filter(|(has, _)| *has)
            .map(|(_, m)| *m)
            .collect();
        if marks.iter().any(|mark| wanted.contains(mark)) {
            found.push(MarkedCard {
                exam: stored.card.exam,
                question: stored.card.question(),
                marks,
                reps: history.reps,
                lapses: history.lapses,
                due: history.due,
                path: stored.card.path,
                line: stored.card.line,
                id: stored.card.id,
            });
        }
    };
    store.for_each_card(filter, &mut take)?;
    if wanted.contains(&Mark::Vanished) {
        store.for_each_vanished(filter, &mut take)?;
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}
