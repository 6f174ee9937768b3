//! What in a note could be a flash card: definitions, numbers with their unit, cells of comparison tables.
//!
//! Rules, and careful ones: a candidate stands on one line, says by itself what it is about, and is neither a diary's
//! sentence nor an outdated fact. What is left out here can still be written by hand; what is wrongly proposed costs the
//! reader's patience each time.

mod definition;
mod number;
mod table;
mod term;

use super::document::{Document, Section};

/// What a candidate asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// A flash card.
    Card {
        /// What is asked.
        front: String,
        /// What is to be recalled.
        back: String,
    },
    /// A sentence with `{{…}}`.
    Cloze(String),
}

/// By which rule a candidate was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// 「XとはY」, 「X：Y」.
    Definition,
    /// A limit or default with its unit.
    Number,
    /// A cell of a table with headed columns.
    Cell,
}

/// A possible card with the line it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The rule that found it.
    pub rule: Rule,
    /// What it asks.
    pub proposal: Proposal,
    /// The line in the file, from 1.
    pub line: usize,
    /// The line as it stands there.
    pub text: String,
}

/// Finds the candidates of a section, in order of their lines.
pub fn of_section(document: &Document, section: &Section) -> Vec<Candidate> {
    // Without a service there is nothing that the exams ask.
    if section.services.is_empty() && document.services.is_empty() {
        return Vec::new();
    }
    let lines = Lines::of(document, section);
    let mut found = definition::find(&lines);
    found.extend(term::find(&lines));
    found.extend(number::find(&lines));
    found.extend(table::find(&lines));
    found.retain(|candidate| match &candidate.proposal {
        Proposal::Card { front, back } => !tells(front, back) && !points(back),
        Proposal::Cloze(_) => true,
    });
    found.retain(|candidate| {
        let stale =
            |s: &super::document::Stale| (s.lines.first..=s.lines.last).contains(&candidate.line);
        !section.stale.iter().any(stale)
    });
    found.sort_by_key(|candidate| candidate.line);
    // One line is asked once; a definition with a number in it is a definition.
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|c| c.rule == Rule::Cell || seen.insert(c.line));
    found
}

/// The lines of a section with what leads to them.
struct Lines<'a> {
    title: &'a str,
    heading: Option<&'a str>,
    /// The headings above the section, outermost first.
    headings: &'a [String],
    all: Vec<Line<'a>>,
}

/// A line of a section.
#[derive(Clone, Copy)]
struct Line<'a> {
    number: usize,
    raw: &'a str,
    /// The text without list mark and emphasis at its ends.
    text: &'a str,
    /// Columns before the list mark; `None` where the line is no list item.
    bullet: Option<usize>,
    code: bool,
}

impl<'a> Lines<'a> {
    fn of(document: &'a Document, section: &'a Section) -> Self {
        let mut fenced = false;
        let numbers = section.line_numbers.iter().copied();
        let lines = section
            .text
            .lines()
            .zip(numbers.chain(std::iter::repeat(section.lines.last)))
            .map(|(raw, number)| {
                let fence = raw.trim_start().starts_with("```");
                fenced ^= fence;
                let (text, bullet) = item(raw);
                Line {
                    number,
                    raw,
                    text,
                    bullet,
                    code: fence || fenced,
                }
            });
        Self {
            title: &document.title,
            heading: section.heading.last().map(String::as_str),
            headings: &section.heading,
            all: lines.collect(),
        }
    }

    /// Gives the list items that a line hangs below, nearest first.
    fn parents(&self, at: usize) -> Vec<&'a str> {
        let mut parents = Vec::new();
        let Some(mut depth) = self.all.get(at).and_then(|line| line.bullet) else {
            return parents;
        };
        for line in self.all.iter().take(at).rev() {
            match line.bullet {
                Some(bullet) if bullet < depth => {
                    parents.push(line.text);
                    depth = bullet;
                }
                // A paragraph ends the list.
                None if !line.text.is_empty() => break,
                Some(_) | None => {}
            }
        }
        parents
    }

    /// Makes a candidate of a line.
    fn candidate(&self, at: usize, rule: Rule, proposal: Proposal) -> Option<Candidate> {
        let line = self.all.get(at)?;
        Some(Candidate {
            rule,
            proposal,
            line: line.number,
            text: line.raw.to_owned(),
        })
    }
}

/// Takes list mark and emphasis off a line.
fn item(raw: &str) -> (&str, Option<usize>) {
    let text = raw.trim_start();
    let indent = raw.chars().count() - text.chars().count();
    for mark in ["- ", "* ", "+ ", "• ", "・", "● ", "○ ", "■ "] {
        if let Some(rest) = text.strip_prefix(mark) {
            return (plain(rest), Some(indent));
        }
    }
    (plain(text), None)
}

fn plain(text: &str) -> &str {
    text.trim().trim_start_matches('※').trim()
}

/// Takes emphasis and code marks out of a text.
fn unmarked(text: &str) -> String {
    text.replace("**", "").replace("__", "").replace('`', "")
}

/// Words of somebody who tells what they did or think: no fact stands in such a sentence.
const DIARY: [&str; 36] = [
    "私",
    "自分",
    "今回",
    "今日",
    "前回",
    "次回",
    "僕",
    "皆さん",
    "みなさん",
    "思い",
    "思う",
    "でしょう",
    "かも",
    "しました",
    "でした",
    "ました",
    "ませんか",
    "ください",
    "ましょう",
    "らしい",
    "ようです",
    "たい",
    "記事",
    "本書",
    "上記",
    "以下の",
    "下記",
    "こちら",
    "クリック",
    "選択",
    "選んで",
    "このページ",
    "冒頭",
    "未調査",
    "不明",
    "...",
];

/// Says whether a text reads like a diary, a question or an instruction.
fn is_talk(text: &str) -> bool {
    text.contains(['?', '？', '!', '！', '…', '『'])
        || text.contains("http")
        || DIARY.iter().any(|word| has_word(text, word))
}

/// Says whether a word stands in a text as a word: 「私」 is none in 「私設」, 「約」 none in 「予約」.
fn has_word(text: &str, word: &str) -> bool {
    let kanji = |c: Option<char>| c.is_some_and(|c| matches!(c, '\u{4e00}'..='\u{9fff}' | '々'));
    let (first, last) = (word.chars().next(), word.chars().next_back());
    text.match_indices(word).any(|(at, found)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let rest = text.get(at + found.len()..).unwrap_or_default();
        // 「今回使う」 is two words, 「私設」 is one.
        let prefix = length(word) == 1 && kanji(last) && kanji(rest.chars().next());
        let joined = kanji(first) && kanji(before) || prefix;
        // 「たい」 is a wish at the end of a verb, not the beginning of 「たいてい」.
        let other = word == "たい" && ["てい", "へん", "して"].iter().any(|t| rest.starts_with(t));
        !joined && !other
    })
}

/// Folds away what spelling varies, and spaces.
fn squeeze(text: &str) -> String {
    let folded = crate::text::fold(text);
    folded.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Says whether a front gives its back away. A number or a name is given away where it stands by itself only.
fn tells(front: &str, back: &str) -> bool {
    let (front, back) = (squeeze(front), squeeze(back));
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let ascii = back.chars().all(|c| c.is_ascii_alphanumeric());
    let short = length(&back) < 2;
    front.match_indices(back.as_str()).any(|(at, found)| {
        let before = front.get(..at).and_then(|t| t.chars().next_back());
        let after = front.get(at + found.len()..).and_then(|t| t.chars().next());
        !(short || ascii && (joins(before) || joins(after)))
    })
}

/// What a text begins with that is understood only after what stands before it.
const POINTING: [&str; 22] = [
    "これ",
    "それ",
    "この",
    "その",
    "あの",
    "あれ",
    "ここ",
    "そこ",
    "こう",
    "そう",
    "上の",
    "前の",
    "同上",
    "前述",
    "後述",
    "また、",
    "なお",
    "つまり",
    "ただし",
    "しかし",
    "だから",
    "および",
];

/// Says whether a text leans on its surroundings.
fn points(text: &str) -> bool {
    POINTING.iter().any(|word| text.starts_with(word))
}

/// Says whether braces in a text would be read as blanks.
fn has_braces(text: &str) -> bool {
    text.contains("{{") || text.contains("}}")
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests;
