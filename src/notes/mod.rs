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
mod large;
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
pub use large::{LARGE, NoteText};
pub use lines::{Line, lines};

use std::io;

use services::Services;

/// Version of how files are read, and of what their likeness is told by; a change means that they are read again.
pub const VERSION: u32 = 4;

/// Why a file was not parsed to its end.
#[derive(Debug)]
pub enum Stopped<E> {
    /// It could not be read.
    Reading(io::Error),
    /// Who takes the documents said so.
    Taking(E),
}

/// Splits a file into its documents as [`parse`] does and hands them over, a file of many megabytes part by part.
///
/// # Errors
/// What `take` gives; the rest of the file is not read then.
pub fn parse_each<E>(
    mut file: NoteFile,
    services: &Services,
    take: impl FnMut(Vec<Document>) -> Result<(), E>,
) -> Result<(), E> {
    let text = NoteText::whole(std::mem::take(&mut file.text));
    match parse_text(file, text, services, take) {
        Err(Stopped::Taking(error)) => Err(error),
        // What stands in memory is read without fail.
        Ok(()) | Err(Stopped::Reading(_)) => Ok(()),
    }
}

/// Does the same with a text that is read as it is needed; the file's own is not looked at.
///
/// # Errors
/// What `take` gives, or when the text cannot be read; the rest is not read then.
pub fn parse_text<E>(
    mut file: NoteFile,
    mut text: NoteText<'_>,
    services: &Services,
    mut take: impl FnMut(Vec<Document>) -> Result<(), E>,
) -> Result<(), Stopped<E>> {
    if text.is_large() {
        return parse_parts(&file, services, &mut text, large::AIM, take);
    }
    file.text = text.into_whole();
    take(parse(&file, services)).map_err(Stopped::Taking)
}

fn parse_parts<E>(
    file: &NoteFile,
    services: &Services,
    text: &mut NoteText<'_>,
    aim: usize,
    mut take: impl FnMut(Vec<Document>) -> Result<(), E>,
) -> Result<(), Stopped<E>> {
    let mut number = 0;
    while let Some(part) = text.next_part(file.kind, aim).map_err(Stopped::Reading)? {
        let mut piece = NoteFile {
            // Two parts may hold articles of one title.
            identity: if number == 0 {
                file.identity.clone()
            } else {
                format!("{}\n{number}", file.identity)
            },
            text: part.text,
            path: file.path.clone(),
            ..*file
        };
        hold_secrets(&mut piece);
        let mut documents = match piece.kind {
            Kind::Dump if number > 0 => finished(dump::parse_rest(&piece), services),
            Kind::Dump | Kind::Markdown => parse_held(&piece, services),
        };
        drop(piece);
        for document in &mut documents {
            large::shift(document, part.lines_before);
            document.title_at.0 += part.lines_before;
        }
        take(documents).map_err(Stopped::Taking)?;
        number += 1;
    }
    Ok(())
}

/// Splits a file into its documents, in the order in which they stand.
///
/// Markdown is one document; a text dump may hold many articles. Secrets are masked in titles and texts, services and
/// exams are recognised. Empty files give no document.
///
/// [`freshness`] is not looked at here: see [`mark_stale`].
pub fn parse(file: &NoteFile, services: &Services) -> Vec<Document> {
    match mask::hold(&file.text) {
        Some(text) => {
            let file = NoteFile {
                text,
                path: file.path.clone(),
                identity: file.identity.clone(),
                ..*file
            };
            parse_held(&file, services)
        }
        None => parse_held(file, services),
    }
}

/// Masks the secrets of a whole file: no border of a part or section may come between the lines of one.
fn hold_secrets(file: &mut NoteFile) {
    if let Some(text) = mask::hold(&file.text) {
        file.text = text;
    }
}

/// Splits a file in which secrets are masked already.
fn parse_held(file: &NoteFile, services: &Services) -> Vec<Document> {
    let documents = match file.kind {
        Kind::Markdown => markdown::parse(file),
        Kind::Dump => dump::parse(file),
    };
    finished(documents, services)
}

/// Shows what was masked as stars, cuts what is too long, and recognises services and exams.
fn finished(mut documents: Vec<Document>, services: &Services) -> Vec<Document> {
    for document in &mut documents {
        mask::finish(document);
        parts::split_long(document);
        services.recognise(document);
    }
    documents
}

/// Finds the outdated facts in the sections of a document.
pub fn mark_stale(document: &mut Document, rules: &freshness::Rules) {
    freshness::document::mark(document, rules);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn documents_of_parts_have_ids_of_their_own_and_true_lines() {
        let article = "設定の手順\n\n本文を書く。\nこのエントリーをはてなブックマークに追加\nQiitaで続きを読む\n";
        let note = "## 設定\n\n本文を書く。\n\n";
        for (kind, text, aim) in [
            (Kind::Dump, article.repeat(9), 300),
            (Kind::Markdown, note.repeat(9), 100),
        ] {
            let file = NoteFile {
                path: "log.txt".into(),
                identity: "log".to_owned(),
                scope: Scope::Mine,
                kind,
                text,
                named: false,
            };
            let services = Services::from_yaml("services: []").unwrap();
            assert!(large::cut(&file.text, kind, aim).len() >= 2, "{kind:?}");
            let mut ids = HashSet::new();
            let lines: Vec<Line<'_>> = lines(&file.text);
            let mut text = NoteText::whole(file.text.clone());
            let taken = parse_parts(&file, &services, &mut text, aim, |documents| {
                for section in documents.iter().flat_map(|document| &document.sections) {
                    assert!(ids.insert(section.id.clone()), "{}", section.id);
                    for (text, number) in section.text.split('\n').zip(&section.line_numbers) {
                        assert_eq!(lines[number - 1].text, text);
                    }
                }
                Ok::<(), Infallible>(())
            });
            assert!(taken.is_ok());
            assert_eq!(ids.len(), 9);
        }
    }
}
