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

pub mod candidates;
pub mod decode;
mod document;
pub mod dump;
pub mod freshness;
pub mod front;
pub mod library;
mod lines;
pub mod markdown;
pub mod mask;
mod parts;
pub mod services;
pub mod similar;

pub use document::{
    Document, DocumentId, Kind, LineRange, NoteFile, Scope, Section, SectionId, Stale,
};
pub use lines::{Line, lines};

use services::Services;

/// Version of how files are read; a change means that they are read again.
pub const VERSION: u32 = 3;

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
        parts::split_long(document);
        services.recognise(document);
    }
    documents
}

/// Finds the outdated facts in the sections of a document.
pub fn mark_stale(document: &mut Document, rules: &freshness::Rules) {
    freshness::document::mark(document, rules);
}
