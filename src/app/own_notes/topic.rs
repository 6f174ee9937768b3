//! What a missed question is about, as weighted words, and the part of a passage that says most about it.
//!
//! A word weighs the square of its rarity in the library: a passage that shares 「設定」 and 「利用」 with a question says
//! nothing about it, one that shares 「オブジェクトロック」 does. Words of the right answer that the question itself does
//! not say are *new*: a part that has none of them only repeats what the learner has just read. What is judged is what
//! is shown, line by line, because a long text holds every word somewhere.

use std::collections::BTreeSet;

use super::NoteQuery;
use super::units::{Unit, units};
use super::word::{Reading, Word, words};
use crate::search::synonyms::Synonyms;

/// Share of the topic's weight from which on a part is about it; with the next ones chosen by reading what misses bring
/// out of real notes.
const ABOUT: f64 = 0.40;
/// The share that a part of a text without lines must reach: neighbouring subjects run into each other there.
const ABOUT_UNBROKEN: f64 = 0.55;
/// Rarity from which on a word tells something: it stands in less than about a twelfth of the library.
const TELLING: f64 = 2.5;
/// Telling words that a part must hold, its headings included.
const TELLING_WORDS: usize = 2;
/// Columns of a part.
const SHOWN: usize = 340;
/// Columns of a part of a text without lines.
const SHOWN_UNBROKEN: usize = 200;
/// Columns from which on a line is more than a paragraph.
const UNBROKEN: usize = 2000;
/// Weight of what the question and the section that teaches it have in common, beside what is right.
const CONTEXT: f64 = 0.25;
/// Words that make up a topic: a long explanation names much that is not the point.
const WORDS: usize = 10;
/// Words to search for.
const SEARCHED: usize = 12;

/// A part of a passage that covers a topic.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// Share of the topic's weight that it covers, from 0 to 1.
    pub(super) share: f64,
    /// Its text, on one line.
    pub(super) text: String,
    /// Lines of the passage before it.
    pub(super) line: usize,
    /// True when it was cut out of a line without end.
    pub(super) unbroken: bool,
    pub(super) words: String,
}

/// What a missed question is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Topic {
    /// The heaviest words first.
    weights: Vec<Weighted>,
    total: f64,
}

#[derive(Debug, Clone, PartialEq)]
struct Weighted {
    word: Word,
    weight: f64,
    /// It says something about the topic.
    telling: bool,
    /// The question does not say it.
    new: bool,
}

impl Topic {
    /// Works out a topic; `rarity` tells how rare a word is in the library, from 0 upwards.
    pub(super) fn of(
        query: &NoteQuery<'_>,
        synonyms: &Synonyms,
        rarity: &dyn Fn(&str) -> f64,
    ) -> Self {
        let stem = Reading::of(query.stem);
        let right = Reading::of(query.correct);
        let why = Reading::of(query.why);
        let heading = Reading::of(query.taught_heading);
        let taught = Reading::of(query.taught);
        let nothing_taught = query.taught.is_empty();
        let all = format!("{}\n{}\n{}", query.correct, query.why, query.stem);
        let weigh = |word: Word| {
            // What the right answer names and neither its reason nor the section that teaches it takes up is part of
            // the question's story.
            let taken_up = nothing_taught || taught.has(&word) || why.has(&word);
            let headed = heading.has(&word);
            let share = if headed || (right.has(&word) && taken_up) {
                1.0
            } else if taught.has(&word) || right.has(&word) {
                CONTEXT
            } else {
                return None;
            };
            let names = word.names.iter().map(|name| rarity(name));
            let rarity = names.fold(f64::INFINITY, f64::min);
            Some(Weighted {
                weight: share * rarity * rarity,
                telling: share >= 1.0 && rarity >= TELLING && word.is_term(),
                new: !stem.has(&word),
                word,
            })
        };
        let mut weights: Vec<Weighted> = words(&all, synonyms)
            .into_values()
            .filter_map(weigh)
            .collect();
        weights.sort_by(|a, b| {
            b.weight
                .total_cmp(&a.weight)
                .then_with(|| a.word.name.cmp(&b.word.name))
        });
        let heaviest = weights.iter().take(WORDS);
        Self {
            total: heaviest.map(|one| one.weight).sum(),
            weights,
        }
    }

    /// Gives the most telling words, to search for.
    pub(super) fn search_words(&self) -> String {
        let words: Vec<&str> = self
            .weights
            .iter()
            .take(SEARCHED)
            .filter_map(|one| one.word.names.last().map(String::as_str))
            .collect();
        words.join(" ")
    }

    /// Finds the part of a passage that covers most of the topic; `None` when no part is about it. `suits` says of a
    /// part and what stands before it whether it is about a service of the question.
    pub(super) fn best_part(
        &self,
        heading: &str,
        text: &str,
        suits: &dyn Fn(&str, &str) -> bool,
    ) -> Option<Part> {
        let headed = Reading::of(heading);
        let of_heading: BTreeSet<usize> = self
            .numbered()
            .filter(|(_, one)| headed.has(&one.word))
            .map(|(at, _)| at)
            .collect();
        let units = units(text);
        let found = self.found(text, &units);
        let starts = (0..units.len()).filter(|at| found.get(*at).is_some_and(|f| !f.is_empty()));
        let parts = starts.filter_map(|from| {
            let unit = units.get(from)?;
            let whole = text.lines().nth(unit.line).unwrap_or_default();
            let unbroken = whole.len() > UNBROKEN;
            let (columns, about) = if unbroken {
                (SHOWN_UNBROKEN, ABOUT_UNBROKEN)
            } else {
                (SHOWN, ABOUT)
            };
            let to = end(&units, from, columns);
            let own: BTreeSet<usize> = found.get(from..to)?.iter().flatten().copied().collect();
            let all: BTreeSet<usize> = own.union(&of_heading).copied().collect();
            let share = self.share(&own, &all);
            let last = units.get(to.checked_sub(1)?)?;
            let part = text.get(unit.start..last.end)?;
            let before = text.get(..unit.start)?;
            (share >= about && suits(before, part)).then(|| Part {
                share,
                text: shown(text, units.get(from..to).unwrap_or_default()),
                line: unit.line,
                unbroken,
                words: self.numbered().map(|(at, one)| format!("{}{}{}{}={:.0}", if own.contains(&at) {"+"} else if all.contains(&at) {"h"} else {"-"}, if one.new {"n"} else {""}, if one.telling {"t"} else {""}, one.word.name, one.weight)).collect::<Vec<_>>().join(" "),
            })
        });
        // Of two that cover the same the later one begins nearer to what matters.
        parts.reduce(|best, part| {
            let better = part.share >= best.share && (!part.unbroken || best.unbroken);
            if better { part } else { best }
        })
    }

    fn numbered(&self) -> impl Iterator<Item = (usize, &Weighted)> {
        self.weights.iter().take(WORDS).enumerate()
    }

    /// Lists for each unit the words that begin in it.
    fn found(&self, text: &str, units: &[Unit]) -> Vec<BTreeSet<usize>> {
        let reading = Reading::of(text);
        let mut found = vec![BTreeSet::new(); units.len()];
        for (at, one) in self.numbered() {
            for place in reading.places(&one.word) {
                let unit = units.partition_point(|unit| unit.start <= place);
                if let Some(here) = unit.checked_sub(1).and_then(|unit| found.get_mut(unit)) {
                    here.insert(at);
                }
            }
        }
        found
    }

    /// Gives the share of the topic that words cover, those of a part and those of part and heading; 0 when they tell
    /// too little.
    fn share(&self, own: &BTreeSet<usize>, all: &BTreeSet<usize>) -> f64 {
        let of = |set: &BTreeSet<usize>| -> Vec<&Weighted> {
            set.iter().filter_map(|at| self.weights.get(*at)).collect()
        };
        let new = of(own).iter().any(|one| one.new && one.telling);
        let all = of(all);
        let telling = all.iter().filter(|one| one.telling).count();
        if self.total <= 0.0 || telling < TELLING_WORDS || !new {
            return 0.0;
        }
        all.iter().map(|one| one.weight).sum::<f64>() / self.total
    }
}

/// Finds where a part that begins with a unit ends: before it takes more columns than are shown.
fn end(units: &[Unit], from: usize, columns: usize) -> usize {
    let mut used = 0;
    let rest = units.get(from..).unwrap_or_default();
    let fits = rest.iter().take_while(|unit| {
        used += unit.columns + 1;
        used <= columns
    });
    from + fits.count().max(1)
}

/// Writes units on one line.
fn shown(text: &str, units: &[Unit]) -> String {
    let pieces = units
        .iter()
        .filter_map(|unit| text.get(unit.start..unit.end));
    let words: Vec<&str> = pieces.flat_map(str::split_whitespace).collect();
    words.join(" ")
}
