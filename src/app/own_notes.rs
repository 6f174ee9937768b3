//! What leads from a missed question to the learner's notes: ports that the wiring fills.

mod about;
mod finder;
mod part;
mod topic;
mod units;
mod word;

use serde::Serialize;

pub use finder::IndexFinder;

/// A passage of the learner's own notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnPassage {
    /// The note's title.
    pub title: String,
    /// The headings that lead to the passage.
    pub heading: Vec<String>,
    /// The file the learner gave.
    pub path: String,
    /// Its first line, from 1.
    pub line: usize,
    /// Its last line.
    pub line_end: usize,
    /// The part to show.
    pub snippet: String,
}

/// What was missed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoteQuery<'a> {
    /// Slugs of the services.
    pub services: &'a [String],
    /// What was asked.
    pub stem: &'a str,
    /// The texts of what would have been right, one per right option.
    pub correct: &'a [String],
    /// Why that is right.
    pub why: &'a str,
    /// Title and heading of the bundled section that teaches it; empty where there is none.
    pub taught_heading: &'a str,
    /// The text of that section.
    pub taught: &'a str,
    /// How many passages at most.
    pub limit: usize,
}

/// Finds passages of the learner's own notes.
pub trait NoteFinder {
    /// Gives the passages above the threshold, best first; `None` where there are no own notes to look in.
    fn passages(&self, query: &NoteQuery<'_>) -> Option<Vec<OwnPassage>>;
}

/// Looks in no notes.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoNotes;

impl NoteFinder for NoNotes {
    fn passages(&self, _: &NoteQuery<'_>) -> Option<Vec<OwnPassage>> {
        None
    }
}

/// A section of the bundled library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaughtSection {
    /// Its name, `note#anchor`.
    pub id: String,
    /// Its heading; the note's title for a whole note.
    pub title: String,
    /// Its text.
    pub text: String,
}

/// Reads sections of the bundled library.
pub trait SectionReader {
    /// Finds a section by `note#anchor`.
    fn section(&self, reference: &str) -> Option<TaughtSection>;
}

/// Cuts the section of an anchor out of a note's Markdown: from its heading to the next of the same or a higher level.
pub fn cut_section(reference: &str, markdown: &str) -> Option<TaughtSection> {
    let (_, anchor) = reference.split_once('#')?;
    let mark = format!("{{#{anchor}}}");
    let level = |line: &str| {
        let hashes = line.chars().take_while(|c| *c == '#').count();
        (hashes > 0 && line.chars().nth(hashes) == Some(' ')).then_some(hashes)
    };
    let mut lines = markdown.lines();
    let heading = lines
        .by_ref()
        .find(|l| level(l).is_some() && l.trim_end().ends_with(&mark))?;
    let own = level(heading)?;
    let text: Vec<&str> = lines
        .take_while(|line| level(line).is_none_or(|other| other > own))
        .collect();
    let title = heading
        .trim_start_matches('#')
        .trim_end()
        .trim_end_matches(&mark);
    Some(TaughtSection {
        id: reference.to_owned(),
        title: title.trim().to_owned(),
        text: text.join("\n").trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_ends_at_the_next_heading_of_its_level() {
        let note = "# T\n\n## 一 {#one}\n\n本文\n\n### 細目 {#sub}\nx\n\n## 二 {#two}\ny\n";
        let section = cut_section("n#one", note).unwrap();
        assert_eq!(section.title, "一");
        assert_eq!(section.text, "本文\n\n### 細目 {#sub}\nx");
        assert_eq!(cut_section("n#two", note).unwrap().text, "y");
        assert_eq!(cut_section("n#three", note), None);
    }
}
