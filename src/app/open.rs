//! `open` and `show`: a passage in its place.

use std::path::PathBuf;

use serde::Serialize;

use super::search::{LastSearch, SearchError, StaleNote};
use crate::exam::Exam;
use crate::notes::{DocumentId, Scope, SectionId};
use crate::quiz::Card;
use crate::search::NoteIndex;

/// A passage, what stands around it, and what is joined to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenReport {
    /// Version of this document.
    pub schema: u32,
    /// The section.
    pub id: SectionId,
    /// Its document.
    pub document: DocumentId,
    /// The article's title.
    pub title: String,
    /// Headings above it.
    pub heading: Vec<String>,
    /// The file as the user knows it.
    pub path: PathBuf,
    /// Its first line.
    pub line: usize,
    /// Its last line.
    pub line_end: usize,
    /// For each line of the text, its line in the file.
    pub lines: Vec<usize>,
    /// The whole passage.
    pub text: String,
    /// Whose note it is.
    pub scope: Scope,
    /// The exams it is for.
    pub exams: Vec<Exam>,
    /// The services it mentions.
    pub services: Vec<String>,
    /// Outdated facts it states.
    pub stale: Vec<StaleNote>,
    /// The section before it, with its heading.
    pub previous: Option<Neighbour>,
    /// The section after it.
    pub next: Option<Neighbour>,
    /// Ids of questions that rest on it.
    pub cards: Vec<String>,
    /// Ids of labs that show it.
    pub labs: Vec<String>,
}

/// A section nearby.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Neighbour {
    /// Its id.
    pub id: SectionId,
    /// Its heading; the article's title for the lead.
    pub heading: String,
}

/// Finds which section a number or id means.
///
/// A number counts the hits of the last search; anything else is the id of a section or of a document, which means
/// its first section.
///
/// # Errors
/// When there is no such section.
pub fn target(
    index: &NoteIndex,
    last: Option<&LastSearch>,
    given: &str,
) -> Result<SectionId, SearchError> {
    let given = crate::text::narrow(given.trim());
    let missing = || SearchError::NoSection { id: given.clone() };
    if let Ok(number) = given.parse::<usize>() {
        let hit = last.and_then(|last| last.sections.get(number.checked_sub(1)?));
        return hit.cloned().ok_or_else(missing);
    }
    let id = SectionId(given.clone());
    if index.section(&id)?.is_some() {
        return Ok(id);
    }
    let sections = index.sections_of(&DocumentId(given.clone()))?;
    sections
        .into_iter()
        .next()
        .map(|section| section.id)
        .ok_or_else(missing)
}

/// Opens a section.
///
/// # Errors
/// When the section is not there or the index damaged.
pub fn open(index: &NoteIndex, id: &SectionId) -> Result<OpenReport, SearchError> {
    let missing = || SearchError::NoSection { id: id.to_string() };
    let (record, text) = index.section(id)?.ok_or_else(missing)?;
    let siblings = index.sections_of(&record.document)?;
    let at = siblings
        .iter()
        .position(|sibling| sibling.id == record.id)
        .unwrap_or(0);
    let neighbour = |at: Option<usize>| {
        let sibling = siblings.get(at?)?;
        let heading = sibling.heading.last().unwrap_or(&sibling.title).clone();
        Some(Neighbour {
            id: sibling.id.clone(),
            heading,
        })
    };
    Ok(OpenReport {
        schema: 1,
        previous: neighbour(at.checked_sub(1)),
        next: neighbour(Some(at + 1)),
        lines: text
            .split('\n')
            .enumerate()
            .map(|(line, _)| record.line_of(line))
            .collect(),
        id: record.id,
        document: record.document,
        title: record.title,
        heading: record.heading,
        path: record.path,
        line: record.lines.first,
        line_end: record.lines.last,
        text,
        scope: record.scope,
        exams: record.exams,
        services: record.services,
        stale: record
            .stale
            .into_iter()
            .map(|stale| StaleNote {
                rule: stale.rule,
                now: stale.now,
                since: stale.since,
                source: stale.source,
                line: stale.lines.first,
            })
            .collect(),
        cards: Vec::new(),
        labs: Vec::new(),
    })
}

/// Most questions and labs that are named beside a passage.
const JOINED: usize = 6;

/// Joins questions and labs: those that name the section; for the user's own notes, those about the same services.
pub fn join(report: &mut OpenReport, cards: &[Card]) {
    let named = |card: &&Card| card.notes.contains(&report.id.0);
    let mut fitting: Vec<&Card> = cards.iter().filter(named).collect();
    if fitting.is_empty() && report.scope == Scope::Mine {
        // A passage that mentions many services is about none of them in particular.
        let about = |card: &&Card| {
            let shared = card
                .services
                .iter()
                .filter(|s| report.services.contains(s))
                .count();
            shared > 0 && shared == card.services.len() && report.services.len() <= shared + 1
        };
        fitting = cards.iter().filter(about).collect();
    }
    for card in fitting {
        if report.cards.len() < JOINED {
            report.cards.push(card.id.to_string());
        }
        for lab in &card.labs {
            if report.labs.len() < JOINED && !report.labs.contains(lab) {
                report.labs.push(lab.clone());
            }
        }
    }
}
