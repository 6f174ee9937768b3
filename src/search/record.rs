//! What the index keeps of a section and a document besides their terms.

use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::exam::Exam;
use crate::notes::{Document, DocumentId, LineRange, Scope, Section, SectionId, Stale};

/// A section as the index remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Packed", from = "Packed")]
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
    pub services: Vec<String>,
    /// The exams of its document.
    pub exams: Vec<Exam>,
    /// The day of its document.
    pub date: Option<Date>,
    /// Outdated facts it states.
    pub stale: Vec<Stale>,
    /// Its place among the document's sections, from 0.
    pub ordinal: usize,
}

/// A section's record as it is stored, once per section: values without names, and nothing that others tell.
#[derive(Serialize, Deserialize)]
struct Packed(
    /// The section's id behind that of its document, which most begin with; else the whole id.
    String,
    DocumentId,
    String,
    Vec<String>,
    PathBuf,
    Scope,
    (usize, usize),
    /// Empty for lines that follow one another from the first on.
    Vec<(usize, usize)>,
    Vec<String>,
    Vec<Exam>,
    Option<Date>,
    Vec<Stale>,
    usize,
);

impl From<SectionRecord> for Packed {
    fn from(record: SectionRecord) -> Self {
        let own = record.id.0.strip_prefix(record.document.0.as_str());
        let id = match own.filter(|own| own.starts_with(BEHIND)) {
            Some(own) => own.to_owned(),
            None => record.id.0,
        };
        let stretches = if record.stretches == [(0, record.lines.first)] {
            Vec::new()
        } else {
            record.stretches
        };
        Self(
            id,
            record.document,
            record.title,
            record.heading,
            record.path,
            record.scope,
            (record.lines.first, record.lines.last),
            stretches,
            record.services,
            record.exams,
            record.date,
            record.stale,
            record.ordinal,
        )
    }
}

impl From<Packed> for SectionRecord {
    fn from(packed: Packed) -> Self {
        let Packed(
            id,
            document,
            title,
            heading,
            path,
            scope,
            (first, last),
            mut stretches,
            services,
            exams,
            date,
            stale,
            ordinal,
        ) = packed;
        if stretches.is_empty() {
            stretches.push((0, first));
        }
        let id = if id.starts_with(BEHIND) {
            format!("{document}{id}")
        } else {
            id
        };
        Self {
            id: SectionId(id),
            document,
            title,
            heading,
            path,
            scope,
            lines: LineRange { first, last },
            stretches,
            services,
            exams,
            date,
            stale,
            ordinal,
        }
    }
}

/// Stands between the document's id and what is the section's own.
const BEHIND: char = '#';

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
#[serde(into = "PackedDocument", from = "PackedDocument")]
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

/// A document's record as it is stored: its values without names, in their order.
#[derive(Serialize, Deserialize)]
struct PackedDocument(
    DocumentId,
    String,
    PathBuf,
    Scope,
    (usize, usize),
    usize,
    Vec<String>,
    Vec<Exam>,
);

impl From<DocumentRecord> for PackedDocument {
    fn from(record: DocumentRecord) -> Self {
        Self(
            record.id,
            record.title,
            record.path,
            record.scope,
            (record.lines.first, record.lines.last),
            record.sections,
            record.services,
            record.exams,
        )
    }
}

impl From<PackedDocument> for DocumentRecord {
    fn from(packed: PackedDocument) -> Self {
        let PackedDocument(id, title, path, scope, (first, last), sections, services, exams) =
            packed;
        Self {
            id,
            title,
            path,
            scope,
            lines: LineRange { first, last },
            sections,
            services,
            exams,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_as_it_was_put_down() {
        let record = SectionRecord {
            id: SectionId("ab12cd34#s1".to_owned()),
            document: DocumentId("ab12cd34".to_owned()),
            title: "題".to_owned(),
            heading: vec!["一".to_owned(), "二".to_owned()],
            path: PathBuf::from("/notes/雲.md"),
            scope: Scope::Mine,
            lines: LineRange { first: 7, last: 12 },
            stretches: vec![(0, 7)],
            services: vec!["s3".to_owned()],
            exams: vec![Exam::Saa],
            date: Some(Date::constant(2026, 11, 29)),
            stale: Vec::new(),
            ordinal: 3,
        };
        let gap = SectionRecord {
            // An id of the section's own, as the first part of a note without anchor would have.
            id: SectionId("elsewhere#s1".to_owned()),
            stretches: vec![(0, 7), (2, 11)],
            ..record.clone()
        };
        for record in [record, gap] {
            let stored = serde_json::to_vec(&record).unwrap();
            let read: SectionRecord = serde_json::from_slice(&stored).unwrap();
            assert_eq!(read, record);
        }
    }
}
