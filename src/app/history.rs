//! The history as a file of its own, and states made anew from the log.
//!
//! An export is one JSON document per line: a head, then every entry of the log with its global name. Importing adds
//! what is not here yet and replays; doing it twice adds nothing, and two devices that import each other's files hold
//! the same states.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::quiz::{PARAMETERS, QuizError, scheduler};
use crate::progress::store::{RecordError, StudyStore};
use crate::schedule::optimise::{ENOUGH_REVIEWS, Fit, fit};
use crate::schedule::{CardHistory, Event, LogEntry, Rating};
use crate::time::StudyDay;

/// Version of the file format.
const SCHEMA: u32 = 1;
/// What the head says.
const KIND: &str = "juku-history";

/// The first line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    schema: u32,
    kind: String,
}

/// Why a history cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The first line is not that of an export.
    #[error("this is no history of juku")]
    NoHistory,
    /// It was written in a newer format.
    #[error("the history has schema {found}, this program knows {SCHEMA}")]
    Newer {
        /// The schema found.
        found: u32,
    },
    /// A line is no entry; nothing was imported.
    #[error("line {line} is no entry")]
    Line {
        /// The line, from 1.
        line: usize,
        /// The parser's reason.
        source: serde_json::Error,
    },
    /// The study database failed.
    #[error(transparent)]
    Study(#[from] QuizError),
}

impl From<RecordError> for HistoryError {
    fn from(error: RecordError) -> Self {
        Self::Study(error.into())
    }
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Version of the document.
    pub schema: u32,
    /// Entries in the file.
    pub entries: u64,
    /// Of these, new here.
    pub added: u64,
}

/// Writes the whole log, line by line.
///
/// # Errors
/// When the study database fails.
pub fn export(store: &dyn StudyStore, mut line: impl FnMut(String)) -> Result<u64, HistoryError> {
    let head = Head {
        schema: SCHEMA,
        kind: KIND.to_owned(),
    };
    let json = |error: serde_json::Error| RecordError {
        operation: "writing an entry",
        source: Box::new(error),
    };
    line(serde_json::to_string(&head).map_err(json)?);
    let mut count = 0;
    store.for_each_entry(&mut |entry| {
        line(serde_json::to_string(&entry).map_err(json)?);
        count += 1;
        Ok(())
    })?;
    Ok(count)
}

/// Adds the entries of an export and replays the log.
///
/// # Errors
/// When the text is no export (nothing is written then), or the study database fails.
pub fn import(store: &mut dyn StudyStore, text: &str) -> Result<ImportReport, HistoryError> {
    let mut lines = (1..)
        .zip(text.lines())
        .filter(|(_, l)| !l.trim().is_empty());
    let head = lines
        .next()
        .and_then(|(_, line)| serde_json::from_str::<Head>(line).ok());
    let head = head
        .filter(|head| head.kind == KIND)
        .ok_or(HistoryError::NoHistory)?;
    if head.schema > SCHEMA {
        return Err(HistoryError::Newer { found: head.schema });
    }
    let entries = lines
        .map(|(line, text)| {
            serde_json::from_str(text).map_err(|source| HistoryError::Line { line, source })
        })
        .collect::<Result<Vec<LogEntry>, _>>()?;
    let added = store.merge(&entries)?;
    if added > 0 {
        replay_all(store)?;
    }
    Ok(ImportReport {
        schema: 1,
        entries: entries.len() as u64,
        added,
    })
}

/// Makes the states of all cards anew from the log; gives the number of cards.
///
/// # Errors
/// When the study database fails, or a state cannot be computed.
pub fn replay_all(store: &mut dyn StudyStore) -> Result<usize, QuizError> {
    let scheduler = scheduler(store)?;
    let cards = store.replay(&mut |steps| {
        let mut history = CardHistory::default();
        for (day, step) in steps {
            history.apply(&scheduler, *day, *step)?;
        }
        Ok(history)
    })?;
    Ok(cards)
}

/// What fitting the FSRS parameters did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OptimiseReport {
    /// Version of the document.
    pub schema: u32,
    /// Reviews needed before anything is fitted.
    pub needed: usize,
    /// Log-loss of the parameters that were in use; `None` while there are too few reviews.
    pub before: Option<f32>,
    /// Log-loss of the fitted ones.
    pub after: Option<f32>,
    /// Whether the fitted ones are in use now.
    pub kept: bool,
}

/// Fits the FSRS parameters to the log, keeps them if they predict it better, and then replays the log.
///
/// # Errors
/// When the study database fails, or the log cannot be used.
pub fn optimise(store: &mut dyn StudyStore) -> Result<OptimiseReport, QuizError> {
    let mut cards: HashMap<String, Vec<LogEntry>> = HashMap::new();
    let mut undone = BTreeSet::new();
    store.for_each_entry(&mut |entry| {
        match &entry.event {
            Event::Undo(id) => {
                undone.insert(*id);
            }
            Event::Answer(_) => cards.entry(entry.card.clone()).or_default().push(entry),
            Event::Cause { .. } | Event::Suspend | Event::Resume | Event::Flag | Event::Unflag => {}
        }
        Ok(())
    })?;
    let mut reviews: Vec<(String, Vec<(StudyDay, Rating)>)> = Vec::new();
    for (card, mut entries) in cards {
        entries.sort_by_key(LogEntry::key);
        let answers = entries.iter().filter(|e| !undone.contains(&e.id));
        let answers = answers.filter_map(|entry| match &entry.event {
            Event::Answer(answer) => Some((entry.day, answer.rating)),
            _ => None,
        });
        reviews.push((card, answers.collect()));
    }
    // The fit depends on the order of its items; the same log has to give the same parameters.
    reviews.sort_by(|a, b| a.0.cmp(&b.0));
    let kept = store.value(PARAMETERS)?;
    let in_use: Vec<f32> = kept
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let fit = fit(reviews.iter().map(|(_, r)| r.as_slice()), &in_use)?;
    let improves = fit.as_ref().is_some_and(Fit::improves);
    if let Some(fit) = fit.as_ref().filter(|_| improves) {
        let text = serde_json::to_string(&fit.parameters).unwrap_or_default();
        store.set_value(PARAMETERS, Some(&text))?;
        replay_all(store)?;
    }
    Ok(OptimiseReport {
        schema: 1,
        needed: ENOUGH_REVIEWS,
        before: fit.as_ref().map(|f| f.before),
        after: fit.as_ref().map(|f| f.after),
        kept: improves,
    })
}
