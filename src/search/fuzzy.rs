//! Typing errors: words that the notes hardly know, and the words they may have been meant for.
//!
//! English words and katakana words are corrected, each against the index's own dictionary. The dictionary is a finite
//! automaton; walking it together with [`Near`] visits only the branches that can still come within reach.

use tantivy::Searcher;
use tantivy::schema::Field;
use tantivy_fst::Automaton;

use super::fold::{Class, class};

/// Shortest English word that is corrected; shorter ones have too many neighbours.
const SHORTEST: usize = 4;
/// The same for katakana words, whose characters are syllables but whose long vowels are gone.
const SHORTEST_KATAKANA: usize = 5;
/// Letters from which on two mistakes are forgiven.
const LONG: usize = 8;
/// A word that this many chunks know is no typing error.
const KNOWN: u64 = 2;
/// How many corrections are tried.
const MOST: usize = 3;

/// Finds words of the index near to one that is (almost) unknown; the nearest and commonest first.
pub(crate) fn corrections(
    searcher: &Searcher,
    field: Field,
    word: &str,
    frequency: u64,
) -> Vec<String> {
    let Some(reach) = reach(word).filter(|_| frequency <= KNOWN) else {
        return Vec::new();
    };
    let mut found: Vec<(usize, std::cmp::Reverse<u64>, String)> = Vec::new();
    for reader in searcher.segment_readers() {
        let Ok(inverted) = reader.inverted_index(field) else {
            continue;
        };
        let near = Near::to(word, reach);
        let Ok(mut stream) = inverted.terms().search(near).into_stream() else {
            continue;
        };
        while stream.advance() {
            let Ok(term) = std::str::from_utf8(stream.key()) else {
                continue;
            };
            let count = u64::from(stream.value().doc_freq);
            // A lone occurrence of the word may be the same mistake in the notes: its neighbour must be commoner.
            if term == word || count <= frequency * 2 {
                continue;
            }
            if let Some((_, known, _)) = found.iter_mut().find(|(_, _, known)| known == term) {
                known.0 += count;
            } else {
                let distance = strsim::osa_distance(word, term);
                found.push((distance, std::cmp::Reverse(count), term.to_owned()));
            }
        }
    }
    found.sort();
    let nearest = found.first().map(|(distance, ..)| *distance);
    found
        .into_iter()
        .filter(|(distance, ..)| Some(*distance) == nearest)
        .take(MOST)
        .map(|(_, _, term)| term)
        .collect()
}

/// How many mistakes are forgiven in a word; none where it is too short or of another script.
pub(crate) fn reach(word: &str) -> Option<u8> {
    let letters = word.chars().count();
    let english = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let katakana = word.chars().all(|c| class(c) == Class::Katakana);
    let shortest = if english { SHORTEST } else { SHORTEST_KATAKANA };
    let judged = letters >= shortest && (english || katakana);
    judged.then_some(if letters >= LONG { 2 } else { 1 })
}

/// Accepts the words within some edits of one: a letter too many, missing, other, or two changed over.
struct Near {
    word: Vec<char>,
    reach: u8,
}

/// Rows of the table of distances, as far as a term has been read.
#[derive(Debug, Clone)]
struct Rows {
    row: Vec<u8>,
    before: Vec<u8>,
    last: char,
    /// Bytes of a character that is not read to its end.
    partial: Vec<u8>,
}

impl Near {
    fn to(word: &str, reach: u8) -> Self {
        Self {
            word: word.chars().collect(),
            reach,
        }
    }

    fn read(&self, rows: &Rows, letter: char) -> Rows {
        let at = |row: &[u8], index: Option<usize>| {
            index
                .and_then(|index| row.get(index))
                .copied()
                .unwrap_or(u8::MAX)
        };
        let mut next = Vec::with_capacity(rows.row.len());
        next.push(at(&rows.row, Some(0)).saturating_add(1));
        let mut left: Option<char> = None;
        for (index, own) in self.word.iter().enumerate() {
            let replaced = at(&rows.row, Some(index)).saturating_add(u8::from(*own != letter));
            let added = at(&rows.row, Some(index + 1)).saturating_add(1);
            let dropped = at(&next, Some(index)).saturating_add(1);
            let swapped = if *own == rows.last && left == Some(letter) {
                at(&rows.before, index.checked_sub(1)).saturating_add(1)
            } else {
                u8::MAX
            };
            next.push(replaced.min(added).min(dropped).min(swapped));
            left = Some(*own);
        }
        Rows {
            row: next,
            before: rows.row.clone(),
            last: letter,
            partial: Vec::new(),
        }
    }
}

impl Automaton for Near {
    type State = Rows;

    fn start(&self) -> Rows {
        let last = u8::try_from(self.word.len()).unwrap_or(u8::MAX);
        Rows {
            row: (0..=last).collect(),
            before: Vec::new(),
            last: '\0',
            partial: Vec::new(),
        }
    }

    fn is_match(&self, rows: &Rows) -> bool {
        rows.partial.is_empty() && rows.row.last().is_some_and(|last| *last <= self.reach)
    }

    fn can_match(&self, rows: &Rows) -> bool {
        let least = |row: &[u8]| row.iter().copied().min().unwrap_or(u8::MAX);
        least(&rows.row) <= self.reach || least(&rows.before) < self.reach
    }

    fn accept(&self, rows: &Rows, byte: u8) -> Rows {
        let mut partial = rows.partial.clone();
        partial.push(byte);
        match std::str::from_utf8(&partial) {
            Ok(text) => text
                .chars()
                .next()
                .map_or_else(|| rows.clone(), |letter| self.read(rows, letter)),
            Err(_) => Rows {
                partial,
                ..rows.clone()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_accepts_what_the_distance_allows(
            word in "[a-dアイウ]{4,9}",
            term in "[a-dアイウ]{1,10}",
            reach in 1_u8..3,
        ) {
            let near = Near::to(&word, reach);
            let mut rows = near.start();
            let mut alive = true;
            for byte in term.bytes() {
                alive &= near.can_match(&rows);
                rows = near.accept(&rows, byte);
            }
            let within = strsim::osa_distance(&word, &term) <= usize::from(reach);
            prop_assert_eq!(near.is_match(&rows), within);
            prop_assert!(alive || !within, "pruned too early");
        }
    }
}
