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
pub use lines::{Line, lines};

use services::Services;

/// Version of how files are read; a change means that they are read again.
pub const VERSION: u32 = 4;

/// Splits a file into its documents as [`parse`] does and hands them over, a file of many megabytes part by part.
///
/// # Errors
/// What `take` gives; the rest of the file is not read then.
pub fn parse_each<E>(
    mut file: NoteFile,
    services: &Services,
    mut take: impl FnMut(Vec<Document>) -> Result<(), E>,
) -> Result<(), E> {
    hold_secrets(&mut file);
    if !large::is_large(&file.text) {
        return take(parse_held(&file, services));
    }
    let parts = large::parts(&file.text, file.kind);
    // Each part is let go when it was read, the whole at once.
    file.text = String::new();
    parse_parts(&file, services, parts, take)
}

fn parse_parts<E>(
    file: &NoteFile,
    services: &Services,
    parts: Vec<large::Part>,
    mut take: impl FnMut(Vec<Document>) -> Result<(), E>,
) -> Result<(), E> {
    for (number, part) in parts.into_iter().enumerate() {
        let piece = NoteFile {
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
        let mut documents = match piece.kind {
            Kind::Dump if number > 0 => finished(dump::parse_rest(&piece), services),
            Kind::Dump | Kind::Markdown => parse_held(&piece, services),
        };
        drop(piece);
        for document in &mut documents {
            large::shift(document, part.lines_before);
            document.title_at.0 += part.lines_before;
        }
        take(documents)?;
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
            let parts = large::cut(&file.text, kind, aim);
            assert!(parts.len() >= 2, "{kind:?}");
            let mut ids = HashSet::new();
            let lines: Vec<Line<'_>> = lines(&file.text);
            let taken: Result<(), Infallible> = parse_parts(&file, &services, parts, |documents| {
                for section in documents.iter().flat_map(|document| &document.sections) {
                    assert!(ids.insert(section.id.clone()), "{}", section.id);
                    for (text, number) in section.text.split('\n').zip(&section.line_numbers) {
                        assert_eq!(lines[number - 1].text, text);
                    }
                }
                Ok(())
            });
            assert_eq!((taken, ids.len()), (Ok(()), 9));
        }
    }
}
