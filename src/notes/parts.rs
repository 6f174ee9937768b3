//! Very long sections, such as a log or a book without headings, are cut into parts: a hit must lead to a place.

use crate::notes::{Document, LineRange, Section, SectionId};

/// Longest section, in characters; more than any article that was written as one piece.
const LONGEST: usize = 32_768;
/// Characters after which a part ends at the next blank line.
const AIM: usize = LONGEST / 2;

/// Cuts the sections of a document that are too long; the first part keeps the section's id.
pub(super) fn split_long(document: &mut Document) {
    let long =
        |section: &Section| section.text.len() > LONGEST && section.text.chars().count() > LONGEST;
    if document.sections.iter().any(long) {
        let sections = std::mem::take(&mut document.sections);
        document.sections = sections
            .into_iter()
            .flat_map(|section| {
                if long(&section) {
                    parts(&section)
                } else {
                    vec![section]
                }
            })
            .collect();
    }
}

/// A part in the making.
#[derive(Default)]
struct Part<'a> {
    lines: Vec<&'a str>,
    numbers: Vec<usize>,
    /// Characters of its first line that stand in the part before.
    column: usize,
    length: usize,
}

fn parts(section: &Section) -> Vec<Section> {
    let mut done: Vec<Part<'_>> = Vec::new();
    let mut open = Part::default();
    for (line, number) in section.text.split('\n').zip(&section.line_numbers) {
        let length = line.chars().count();
        let full = open.length + length > LONGEST || (open.length > AIM && line.trim().is_empty());
        if full && !open.lines.is_empty() {
            done.push(std::mem::take(&mut open));
        }
        if open.lines.is_empty() && line.trim().is_empty() {
            continue;
        }
        // A line that is a book by itself is cut at the ends of sentences.
        let pieces = pieces(line);
        let last = pieces.len().saturating_sub(1);
        for (at, (column, piece)) in pieces.into_iter().enumerate() {
            if open.lines.is_empty() {
                open.column = column;
            }
            open.lines.push(piece);
            open.numbers.push(*number);
            open.length += piece.chars().count() + 1;
            if at < last {
                done.push(std::mem::take(&mut open));
            }
        }
    }
    if !open.lines.is_empty() {
        done.push(open);
    }
    (1_usize..)
        .zip(done)
        .filter_map(|(number, part)| part_of(section, number, part))
        .collect()
}

fn part_of(section: &Section, number: usize, mut part: Part<'_>) -> Option<Section> {
    while part.lines.last().is_some_and(|line| line.trim().is_empty()) {
        part.lines.pop();
        part.numbers.pop();
    }
    Some(Section {
        id: if number == 1 {
            section.id.clone()
        } else {
            SectionId(format!("{}.{number}", section.id))
        },
        lines: LineRange {
            first: *part.numbers.first()?,
            last: *part.numbers.last()?,
        },
        text: part.lines.join("\n"),
        line_numbers: part.numbers,
        column: section.column * usize::from(number == 1) + part.column,
        document: section.document.clone(),
        title: section.title.clone(),
        heading: section.heading.clone(),
        services: Vec::new(),
        stale: Vec::new(),
    })
}

/// Cuts a line into pieces, each with the characters before it.
fn pieces(line: &str) -> Vec<(usize, &str)> {
    if line.len() <= LONGEST || line.chars().count() <= LONGEST {
        return vec![(0, line)];
    }
    let mut pieces = Vec::new();
    let (mut start, mut first, mut length) = (0, 0, 0);
    for (at, c) in line.char_indices() {
        let border = length >= AIM && (c == '。' || c.is_whitespace());
        length += 1;
        if border || length >= LONGEST {
            let end = at + c.len_utf8();
            pieces.push((first, line.get(start..end).unwrap_or_default()));
            start = end;
            first += length;
            length = 0;
        }
    }
    if start < line.len() || pieces.is_empty() {
        pieces.push((first, line.get(start..).unwrap_or_default()));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::notes::services::Services;
    use crate::notes::{Kind, NoteFile, Scope, parse};

    fn document(text: String) -> Document {
        let file = NoteFile {
            path: PathBuf::from("log.txt"),
            identity: "log".to_owned(),
            scope: Scope::Mine,
            kind: Kind::Markdown,
            text,
            named: false,
        };
        parse(&file, &Services::from_yaml("services: []").unwrap()).remove(0)
    }

    #[test]
    fn a_log_without_headings_becomes_parts_with_true_lines() {
        let text = "2026-11-28T01:02:03Z INFO 処理を始めた request-id=abc\n".repeat(3000);
        let document = document(text.clone());
        assert!(document.sections.len() > 3);
        let mut next = 1;
        for section in &document.sections {
            assert!(section.text.chars().count() <= LONGEST);
            assert_eq!(section.lines.first, next);
            next = section.lines.last + 1;
        }
        assert_eq!(next, text.lines().count() + 1);
        let ids: std::collections::HashSet<_> = document.sections.iter().map(|s| &s.id).collect();
        assert_eq!(ids.len(), document.sections.len());
    }

    #[test]
    fn a_line_as_long_as_a_book_is_cut_and_knows_its_columns() {
        let line = "一つの文がどこまでも続く。".repeat(8000);
        let document = document(format!("題\n\n{line}\n"));
        let letters: Vec<char> = line.chars().collect();
        let long: Vec<_> = document
            .sections
            .iter()
            .filter(|s| s.lines.first == 3)
            .collect();
        assert!(long.len() >= 3);
        for section in long {
            let first: Vec<char> = section.text.chars().take(5).collect();
            assert_eq!(letters[section.column..section.column + 5], first[..]);
            assert_eq!(section.place(0), (3, section.column + 1));
        }
    }

    #[test]
    fn an_article_of_usual_length_stays_one_section() {
        assert_eq!(document("語 ".repeat(13_000)).sections.len(), 1);
    }
}
