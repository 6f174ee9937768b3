//! What the index keeps of a section and a document besides their terms.

use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::exam::Exam;
use crate::notes::{Document, DocumentId, LineRange, Scope, Section, SectionId, Stale};

/// A section as the index remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionRecord {
    /// Its id.
    pub id: SectionId,
    /// Its document.
    pub document: DocumentId,
    /// The article's title.
    pub title: String,
    /// Headings above it.
    pub heading: Vec<String>,
    /// The file as the user knows it.
    pub path: PathBuf,
    /// Whose note it is.
    pub scope: Scope,
    /// Its lines in the file.
    pub lines: LineRange,
    /// Where text and file lines part: (line of the text from 0, line of the file), one per stretch without gaps.
    pub stretches: Vec<(usize, usize)>,
    /// The services it mentions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// The exams of its document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exams: Vec<Exam>,
    /// The day of its document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Outdated facts it states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<Stale>,
    /// Its place among the document's sections, from 0.
    pub ordinal: usize,
}

impl SectionRecord {
    /// Takes down a section.
    pub fn of(document: &Document, section: &Section, ordinal: usize) -> Self {
        let mut stretches: Vec<(usize, usize)> = Vec::new();
        for (at, number) in section.line_numbers.iter().enumerate() {
            let follows = stretches
                .last()
                .is_some_and(|(from, first)| first + (at - from) == *number);
            if !follows {
                stretches.push((at, *number));
            }
        }
        Self {
            id: section.id.clone(),
            document: document.id.clone(),
            title: document.title.clone(),
            heading: section.heading.clone(),
            path: document.path.clone(),
            scope: document.scope,
            lines: section.lines,
            stretches,
            services: section.services.clone(),
            exams: document.exams.clone(),
            date: document.date,
            stale: section.stale.clone(),
            ordinal,
        }
    }

    /// Finds the file's line of a line of the text (from 0).
    pub fn line_of(&self, text_line: usize) -> usize {
        let after = self
            .stretches
            .partition_point(|(from, _)| *from <= text_line);
        after
            .checked_sub(1)
            .and_then(|at| self.stretches.get(at))
            .map_or(self.lines.first, |(from, first)| first + (text_line - from))
    }
}

/// A document as the index remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRecord {
    /// Its id.
    pub id: DocumentId,
    /// Its title.
    pub title: String,
    /// The file as the user knows it.
    pub path: PathBuf,
    /// Whose note it is.
    pub scope: Scope,
    /// Its lines in the file.
    pub lines: LineRange,
    /// How many sections it has.
    pub sections: usize,
    /// The services it is about.
    pub services: Vec<String>,
    /// The exams it is about.
    pub exams: Vec<Exam>,
}

impl DocumentRecord {
    /// Takes down a document.
    pub fn of(document: &Document) -> Self {
        Self {
            id: document.id.clone(),
            title: document.title.clone(),
            path: document.path.clone(),
            scope: document.scope,
            lines: document.lines,
            sections: document.sections.len(),
            services: document.services.clone(),
            exams: document.exams.clone(),
        }
    }
}
