//! Files of many megabytes are read in parts, so that what is made of them need never stand in memory all at once.
//!
//! A part ends where a reader would turn a page: before a main heading of Markdown, behind the lines that end an
//! article of a dump. Parts are cut from the beginning on, so that what is added at the end of a file leaves them alone.

use super::dump;
use super::{Document, Kind, LineRange};

/// Bytes from which on a file is read in parts.
const LARGE: usize = 16 * 1024 * 1024;
/// Bytes from which on a part ends at the next border. What is made of a part takes some twenty times its size.
const AIM: usize = 2 * 1024 * 1024;

/// A piece of a file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) text: String,
    /// Lines of the file before it.
    pub(super) lines_before: usize,
}

/// Says whether a text is read in parts.
pub(super) const fn is_large(text: &str) -> bool {
    text.len() > LARGE
}

/// Cuts a text into parts; together they are the text.
pub(super) fn parts(text: &str, kind: Kind) -> Vec<Part> {
    cut(text, kind, AIM)
}

/// Cuts a text into parts of about so many bytes.
pub(super) fn cut(text: &str, kind: Kind, aim: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut lines_before = 0;
    while rest.len() > aim {
        let (end, lines) = end_of_part(rest, kind, aim);
        let Some((part, next)) = rest
            .split_at_checked(end)
            .filter(|(_, next)| !next.is_empty())
        else {
            break;
        };
        parts.push(Part {
            text: part.to_owned(),
            lines_before,
        });
        lines_before += lines;
        rest = next;
    }
    parts.push(Part {
        text: rest.to_owned(),
        lines_before,
    });
    parts
}

/// Finds where a part ends, and its number of lines. The longer the part has become, the less a border must be.
fn end_of_part(text: &str, kind: Kind, aim: usize) -> (usize, usize) {
    let (mut at, mut lines) = (0, 0);
    let mut fence = false;
    let mut before = "";
    for line in text.split_inclusive('\n') {
        let line_text = line.trim_end();
        if at >= aim && !(fence && at < 3 * aim) {
            let border = match kind {
                Kind::Markdown => line_text.starts_with("# ") || line_text.starts_with("## "),
                Kind::Dump => dump::ends_article(before) && !dump::ends_article(line_text),
            };
            let gap = before.is_empty() && !line_text.is_empty();
            if border || (gap && at >= aim + aim / 2) || at >= 2 * aim {
                return (at, lines);
            }
        }
        let mark = line_text.trim_start();
        fence ^= kind == Kind::Markdown && (mark.starts_with("```") || mark.starts_with("~~~"));
        before = line_text;
        at += line.len();
        lines += 1;
    }
    (at, lines)
}

/// Moves the places of a part's document to where they are in the file.
pub(super) fn shift(document: &mut Document, lines: usize) {
    let moved = |range: &mut LineRange| {
        range.first += lines;
        range.last += lines;
    };
    moved(&mut document.lines);
    for section in &mut document.sections {
        moved(&mut section.lines);
        for number in &mut section.line_numbers {
            *number += lines;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(parts: &[Part]) -> Vec<String> {
        parts.iter().map(|part| part.text.clone()).collect()
    }

    #[test]
    fn parts_end_before_headings_and_behind_articles() {
        let note = "# 一\n\n本文\n\n## 二\n\n```\n# no heading\n```\n本文\n\n## 三\n\n本文\n";
        let parts = cut(note, Kind::Markdown, 30);
        assert_eq!(
            texts(&parts),
            [
                "# 一\n\n本文\n\n## 二\n\n```\n# no heading\n```\n本文\n\n",
                "## 三\n\n本文\n"
            ]
        );
        assert_eq!(parts[1].lines_before, 11);
        let share = "このエントリーをはてなブックマークに追加\nQiitaで続きを読む\n";
        let dump = format!("一\n本文\n{share}二\n本文\n{share}");
        let parts = cut(&dump, Kind::Dump, 60);
        assert_eq!(parts.len(), 2);
        assert!(parts[1].text.starts_with("二\n"));
    }

    proptest! {
        #[test]
        fn parts_are_the_text_and_know_their_lines(
            text in "([a#雲 ]{0,6}\r?\n|```\n|\n){0,60}[a]{0,3}", markdown: bool, aim in 1_usize..40
        ) {
            let kind = if markdown { Kind::Markdown } else { Kind::Dump };
            let parts = cut(&text, kind, aim);
            prop_assert_eq!(texts(&parts).concat(), text.clone());
            let mut before = 0;
            for part in parts {
                prop_assert_eq!(part.lines_before, before);
                before += part.text.matches('\n').count();
            }
        }
    }
}
