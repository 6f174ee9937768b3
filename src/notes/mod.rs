//! Notes: from the bytes of a file to documents and sections that can be searched, judged and shown in their place.
//!
//! `NoteFile → Document → Section`. A [`NoteFile`] is one decoded file; a [`Document`] is one article (a daily digest
//! holds many); a [`Section`] is what a reader would call one passage. Everything here is pure: no file is read, no
//! index is known. Two promises hold throughout:
//!
//! - every line of a section's text knows the line of the file it came from, and cleaning drops whole lines only, so
//!   that a column in the text is a column in the file;
//! - ids come from where a file came from and what an article is called, never from line numbers, so that they
//!   survive an edit elsewhere in the file.

pub mod decode;
mod document;
pub mod dump;
pub mod freshness;
pub mod front;
pub mod library;
mod lines;
pub mod markdown;
pub mod mask;
pub mod services;
pub mod similar;

pub use document::{
    Document, DocumentId, Kind, LineRange, NoteFile, Scope, Section, SectionId, Stale,
};
pub use lines::{Line, lines};

use services::Services;

/// Version of how files are read; a change means that they are read again.
pub const VERSION: u32 = 1;

/// Splits a file into its documents, in the order in which they stand.
///
/// Markdown is one document; a text dump may hold many articles. Secrets are masked in the sections' texts, services
/// and exams are recognised. Empty files give no document.
///
/// [`freshness`] is not looked at here: see [`mark_stale`].
pub fn parse(file: &NoteFile, services: &Services) -> Vec<Document> {
    let mut documents = match file.kind {
        Kind::Markdown => markdown::parse(file),
        Kind::Dump => dump::parse(file),
    };
    for document in &mut documents {
        mask::mask_document(document);
        services.recognise(document);
    }
    documents
}

/// Finds the outdated facts in the sections of a document.
pub fn mark_stale(document: &mut Document, rules: &freshness::Rules) {
    for section in &mut document.sections {
        let context = format!("{}\n{}", document.title, section.heading.join("\n"));
        let lines: Vec<&str> = section.text.split('\n').collect();
        let number = |line: usize| {
            let at = line
                .checked_sub(1)
                .and_then(|at| section.line_numbers.get(at));
            at.copied().unwrap_or(section.lines.first)
        };
        section.stale = rules
            .check(&context, 1, &lines)
            .into_iter()
            .filter_map(|flag| {
                let rule = rules.rules().get(flag.rule)?;
                Some(Stale {
                    rule: rule.id.clone(),
                    lines: LineRange {
                        first: number(flag.line),
                        last: number(flag.line_end),
                    },
                    column: flag.column,
                    now: rule.now.clone(),
                    since: rule.since.clone(),
                    source: rule.source.clone(),
                })
            })
            .collect();
    }
}
