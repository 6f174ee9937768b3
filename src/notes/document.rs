//! The types of the area: files, documents, sections, and their ids.

use std::fmt;
use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::exam::Exam;
use crate::notes::Line;

/// Where a note belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The user's own notes.
    Mine,
    /// The library that comes with the program.
    Bundled,
}

impl Scope {
    /// Gives the word of the `in:` filter.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Bundled => "bundled",
        }
    }
}

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Markdown: one document, headings are marked.
    Markdown,
    /// Text as copied from web pages: any number of articles, headings carry no markup.
    Dump,
}

/// Lines that decide how a file is read.
pub(super) const TELLING: usize = 2000;

impl Kind {
    /// Decides by the file's extension, and by its content where the extension says nothing.
    pub fn of(extension: &str, text: &str) -> Self {
        match extension.to_ascii_lowercase().as_str() {
            "md" | "markdown" | "mkd" | "mdown" | "mdx" | "qmd" => Self::Markdown,
            _ if looks_like_markdown(text) => Self::Markdown,
            _ => Self::Dump,
        }
    }
}

/// Says whether a file without a telling extension is written in Markdown: it opens with front matter, or has
/// several marked headings and no more than a few of them inside code.
fn looks_like_markdown(text: &str) -> bool {
    let mut fence = false;
    let (mut headings, mut deeper, mut fences) = (0, 0, 0);
    let mut previous_blank = true;
    for line in text.lines().take(TELLING) {
        let trimmed = line.trim_end();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            fence = !fence;
            fences += 1;
        } else if !fence && previous_blank && is_atx_heading(trimmed) {
            headings += 1;
            deeper += usize::from(trimmed.starts_with("##"));
        }
        previous_blank = trimmed.is_empty();
    }
    headings >= 2 && (deeper >= 1 || fences >= 2)
}

fn is_atx_heading(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    let marks = line.len() - rest.len();
    (1..=6).contains(&marks) && rest.starts_with(' ') && !rest.trim().is_empty()
}

/// One decoded file, ready to be split into documents.
#[derive(Debug, Clone)]
pub struct NoteFile {
    /// The file as the user knows it.
    pub path: PathBuf,
    /// What ids are derived from; stays the same when the file is imported again.
    pub identity: String,
    /// Whose note it is.
    pub scope: Scope,
    /// How it is read.
    pub kind: Kind,
    /// Its text.
    pub text: String,
    /// True when the `id` in its front matter is the document's id, as in the library's own notes.
    pub named: bool,
}

/// Names a document; eight letters and digits, or the id in a note's front matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentId(pub String);

/// Names a section: the document's id, `#`, and the anchor or a short hash of the heading path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SectionId(pub String);

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl SectionId {
    /// Gives the id of the document that the section is part of.
    pub fn document(&self) -> DocumentId {
        DocumentId(self.0.split('#').next().unwrap_or(&self.0).to_owned())
    }
}

/// A range of lines of a file, both ends included, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LineRange {
    /// The first line.
    pub first: usize,
    /// The last line.
    pub last: usize,
}

/// One article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id, stable when the file is imported again.
    pub id: DocumentId,
    /// The article's title.
    pub title: String,
    /// The line of the file in which the title stands, and the characters before it; the article's first line where
    /// the title is taken from elsewhere.
    pub title_at: (usize, usize),
    /// The file as the user knows it.
    pub path: PathBuf,
    /// The lines it takes in that file.
    pub lines: LineRange,
    /// Whose note it is.
    pub scope: Scope,
    /// The passages, in order; never empty.
    pub sections: Vec<Section>,
    /// Tags and other names that its front matter gives it.
    pub keywords: Vec<String>,
    /// Slugs of the services it is about.
    pub services: Vec<String>,
    /// The exams it is about.
    pub exams: Vec<Exam>,
    /// The day it was written or checked, where the text says so.
    pub date: Option<Date>,
    /// How many secrets were masked in it.
    pub secrets_masked: usize,
}

/// An outdated fact that a section states, with what is true today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {
    /// Id of the rule that found it.
    pub rule: String,
    /// First and last line of the claim.
    pub lines: LineRange,
    /// Where the claim begins in the first line, in characters from 1.
    pub column: usize,
    /// What is true today.
    pub now: String,
    /// Since when; `None` where that is not known.
    pub since: Option<String>,
    /// Where that can be read.
    pub source: String,
}

/// What a reader would call one passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its id, stable when the file is imported again.
    pub id: SectionId,
    /// The article it is part of.
    pub document: DocumentId,
    /// The article's title.
    pub title: String,
    /// Headings above the passage, outermost first; empty for what stands before the first heading.
    pub heading: Vec<String>,
    /// The lines it takes in the file, its own heading included.
    pub lines: LineRange,
    /// Its text, heading line first; gutters, image names and share lines are gone.
    pub text: String,
    /// For each line of `text`, its line in the file.
    pub line_numbers: Vec<usize>,
    /// Characters of the file's line that stand before the text: a line as long as a book is cut into parts.
    pub column: usize,
    /// Slugs of the services it mentions.
    pub services: Vec<String>,
    /// Outdated facts it states; filled in at index time.
    pub stale: Vec<Stale>,
}

impl Section {
    /// Finds the place in the file of a byte offset in `text`: line and column, both from 1, columns in characters.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let index = before.matches('\n').count();
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        let line = self.line_numbers.get(index).copied();
        let before = if index == 0 { self.column } else { 0 };
        (line.unwrap_or(self.lines.first), before + column)
    }
}

/// Finds the place of a title in its line: the line's number and the characters before the title.
pub(crate) fn title_place(title: &str, line: &Line<'_>) -> (usize, usize) {
    let before = line.text.split_once(title).map_or("", |(before, _)| before);
    (line.number, before.chars().count())
}

/// Derives a document's id from the file's identity, the title, and how many articles of that title came before.
pub(crate) fn document_id(identity: &str, title: &str, ordinal: usize) -> DocumentId {
    DocumentId(short_hash(&[identity, title, &ordinal.to_string()], 8))
}

/// Hands out section ids of one document; repeated heading paths are told apart by a counter.
#[derive(Debug)]
pub(crate) struct SectionIds {
    document: DocumentId,
    seen: std::collections::HashMap<String, usize>,
}

impl SectionIds {
    pub(crate) fn new(document: &DocumentId) -> Self {
        Self {
            document: document.clone(),
            seen: std::collections::HashMap::new(),
        }
    }

    pub(crate) fn next(&mut self, heading: &[String], anchor: Option<&str>) -> SectionId {
        let local = anchor.map_or_else(
            || {
                let parts: Vec<&str> = heading.iter().map(String::as_str).collect();
                short_hash(&parts, 6)
            },
            str::to_owned,
        );
        let seen = self.seen.entry(local.clone()).or_insert(0);
        *seen += 1;
        SectionId(if *seen == 1 {
            format!("{}#{local}", self.document)
        } else {
            format!("{}#{local}-{seen}", self.document)
        })
    }
}

/// Hashes parts to a few letters and digits that are easy to read aloud (no `i l o u`).
fn short_hash(parts: &[&str], length: usize) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    let hash = hasher.finalize();
    hash.as_bytes()
        .iter()
        .take(length)
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_tell_repeated_headings_apart() {
        let document = document_id("/notes/a.txt", "記事", 0);
        assert_eq!(document, document_id("/notes/a.txt", "記事", 0));
        assert_ne!(document, document_id("/notes/a.txt", "記事", 1));
        let mut ids = SectionIds::new(&document);
        let heading = ["準備".to_owned()];
        let (first, second) = (ids.next(&heading, None), ids.next(&heading, None));
        assert_eq!(second.0, format!("{first}-2"));
        assert_eq!(first.document(), document);
        assert_eq!(
            ids.next(&heading, Some("setup")).0,
            format!("{document}#setup")
        );
    }

    #[test]
    fn markdown_is_recognised_without_its_extension() {
        assert_eq!(
            Kind::of("txt", "# a\n\ntext\n\n## b\n\ntext\n"),
            Kind::Markdown
        );
        assert_eq!(
            Kind::of("txt", "メモ\n\n# comment in shell\nls\n"),
            Kind::Dump
        );
        assert_eq!(Kind::of("MD", ""), Kind::Markdown);
    }
}
