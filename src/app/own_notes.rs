//! What leads from a missed question to the learner's notes: ports that the wiring fills.

use std::collections::BTreeSet;

use serde::Serialize;

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

/// What a missed question is about.
#[derive(Debug, Clone, Copy)]
pub struct NoteQuery<'a> {
    /// Slugs of the services.
    pub services: &'a [String],
    /// What was asked.
    pub stem: &'a str,
    /// The text of what would have been right.
    pub correct: &'a str,
    /// How many passages at most.
    pub limit: usize,
}

/// Finds passages of the learner's own notes.
pub trait NoteFinder {
    /// Gives the passages above the threshold, best first; `None` where there are no own notes to look in.
    fn passages(&self, query: &NoteQuery<'_>) -> Option<Vec<OwnPassage>>;
}

/// Share of the right answer's words below which a passage is not about it.
const ABOUT: f64 = 0.5;
/// Fewest words in common.
const COMMON: usize = 2;

/// Gives the words to search for: those of what is right before those of the stem.
pub fn words(query: &NoteQuery<'_>) -> String {
    let words = |text: &str| crate::quiz::lint::terms(text);
    let right = words(query.correct);
    let stem = words(query.stem);
    let mut all: Vec<String> = right.iter().cloned().collect();
    all.extend(stem.into_iter().filter(|word| !right.contains(word)));
    all.truncate(12);
    all.join(" ")
}

/// Characters of a passage that are looked at together: a long text holds every word somewhere.
const WINDOW: usize = 500;

/// Says whether a passage is about what was missed: it mentions a service of the question, and some part of it holds
/// enough of the words of what would have been right.
#[expect(clippy::cast_precision_loss, reason = "counts of words")]
pub fn is_about(query: &NoteQuery<'_>, services: &[String], text: &str) -> bool {
    let mut right = pairs(query.correct);
    // The service's own name stands in every passage about it.
    right.retain(|word| !query.services.contains(word) && word != "aws" && word != "amazon");
    let own = query
        .services
        .iter()
        .any(|service| services.contains(service));
    if !own || right.is_empty() {
        return false;
    }
    let chars: Vec<char> = text.chars().collect();
    // Windows overlap by half, so that none of them cuts every sentence that matters.
    (0..chars.len().max(1)).step_by(WINDOW / 2).any(|from| {
        let part: String = chars.iter().skip(from).take(WINDOW).collect();
        let common = right.intersection(&pairs(&part)).count();
        common >= COMMON.min(right.len()) && common as f64 / right.len() as f64 >= ABOUT
    })
}

/// Gives a text's words, and its pairs of kanji or kana, by which Japanese is compared without a dictionary.
fn pairs(text: &str) -> BTreeSet<String> {
    let chars: Vec<char> = crate::text::fold(text)
        .chars()
        .filter(|c| !c.is_ascii())
        .collect();
    let pairs = chars.iter().zip(chars.iter().skip(1)).filter(|(a, b)| {
        // Pairs of hiragana are grammar, not meaning.
        let meaning = |c: &char| c.is_alphanumeric() && !matches!(c, 'ぁ'..='ん');
        meaning(a) && meaning(b)
    });
    let pairs = pairs.map(|(a, b)| format!("{a}{b}"));
    crate::quiz::lint::terms(text)
        .into_iter()
        .chain(pairs)
        .collect()
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
    fn a_passage_about_something_else_is_not_shown() {
        let services = ["sqs".to_owned()];
        let query = NoteQuery {
            services: &services,
            stem: "処理に失敗したメッセージを調べたい。",
            correct: "デッドレターキューを設定し、最大受信回数を超えたメッセージを移す",
            limit: 2,
        };
        let note = "SQS のデッドレターキューは、最大受信回数を超えたメッセージの移動先になる。";
        assert!(is_about(&query, &services, note));
        assert!(!is_about(&query, &["sns".to_owned()], note));
        assert!(!is_about(
            &query,
            &services,
            "SQS の料金はリクエスト数で決まる。"
        ));
    }

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
