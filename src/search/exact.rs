//! Texts that must stand in a passage as they were typed, or must not.
//!
//! The engine knows the order of neighbouring Japanese letters only; where a text has more to it (words of both scripts,
//! signs, borders) the engine tells which passages can have it, and the passages' own text decides.

use tantivy::Searcher;
use tantivy::query::{Occur, Query as EngineQuery};

use super::analysis::{self, Comparable};
use super::build::{all_of, phrase};
use super::fields::Fields;
use super::index::{IndexError, NoteIndex};
use super::query::Query;
use super::rank::Candidate;

/// A text as it was typed.
pub(super) struct Exact {
    needle: Vec<char>,
    /// Its stretches of Japanese letters, as bigrams in their order.
    runs: Vec<Vec<String>>,
    /// Its words of Latin letters and digits.
    words: Vec<String>,
    /// Letters and signs that neither of these holds.
    rest: bool,
}

impl Exact {
    pub(super) fn of(text: &str) -> Self {
        let mut runs: Vec<Vec<String>> = Vec::new();
        let mut next = None;
        for term in analysis::bigrams(text) {
            if next != Some(term.position) {
                runs.push(Vec::new());
            }
            next = Some(term.position + 1);
            if let Some(run) = runs.last_mut() {
                run.push(term.text);
            }
        }
        let letters = |run: &Vec<String>| run.iter().any(|term| term.chars().count() > 1);
        let lone = runs.iter().any(|run| !letters(run));
        runs.retain(letters);
        let plain = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric());
        let words = analysis::words(text).into_iter().map(|term| term.text);
        let mut words: Vec<String> = words.filter(|word| plain(word)).collect();
        words.dedup();
        let needle = Comparable::of(text.trim()).chars;
        let pure = needle.iter().all(char::is_ascii_alphanumeric)
            || needle.iter().all(|c| analysis::is_japanese(*c));
        Self {
            rest: lone || !pure,
            needle,
            runs,
            words,
        }
    }

    /// Says whether the engine alone finds the passages that have it.
    fn is_certain(&self) -> bool {
        !self.rest && self.runs.len() + usize::from(!self.words.is_empty()) == 1
    }

    /// What the engine can look for: every passage that has the text fits.
    pub(super) fn clauses(&self, fields: &Fields) -> Vec<(Occur, Box<dyn EngineQuery>)> {
        let runs = self.runs.iter();
        let runs = runs.filter_map(|run| phrase(fields.bigrams[2], run));
        let all = runs.chain(all_of(fields.words[2], &self.words));
        all.map(|clause| (Occur::Must, clause)).collect()
    }

    fn stands_in(&self, text: &Comparable) -> bool {
        !text.find(&self.needle).is_empty()
    }
}

/// What the passages' own text must decide.
pub(super) struct Conditions {
    wanted: Vec<Exact>,
    excluded: Vec<Exact>,
}

impl Conditions {
    /// Takes out of a query what the engine cannot decide alone.
    pub(super) fn of(query: &Query) -> Self {
        let undecided = |texts: &[String]| -> Vec<Exact> {
            let texts = texts.iter().map(|text| Exact::of(text));
            texts.filter(|exact| !exact.is_certain()).collect()
        };
        Self {
            wanted: undecided(&query.phrases),
            excluded: undecided(&query.excluded),
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.excluded.is_empty()
    }

    fn hold_for(&self, text: &str) -> bool {
        let text = Comparable::of(text);
        self.wanted.iter().all(|exact| exact.stands_in(&text))
            && !self.excluded.iter().any(|exact| exact.stands_in(&text))
    }
}

/// Lists the texts whose passages the engine finds without help.
pub(super) fn certain(texts: &[String]) -> Vec<Exact> {
    let texts = texts.iter().map(|text| Exact::of(text));
    texts.filter(Exact::is_certain).collect()
}

impl NoteIndex {
    /// Keeps the candidates whose title, headings or text fulfil the conditions.
    pub(super) fn keep_those_that_fit(
        &self,
        searcher: &Searcher,
        candidates: Vec<Candidate>,
        conditions: &Conditions,
    ) -> Result<Vec<Candidate>, IndexError> {
        let mut kept = Vec::new();
        for candidate in candidates {
            let Some((record, text)) = self.section_in(searcher, candidate.key)? else {
                continue;
            };
            let all = format!("{}\n{}\n{text}", record.title, record.heading.join("\n"));
            if conditions.hold_for(&all) {
                kept.push(candidate);
            }
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_is_certain_of_one_stretch_of_one_script() {
        let certain = |text: &str| Exact::of(text).is_certain();
        assert!(certain("可視性タイムアウト") && certain("s3"));
        for text in [
            "Cloud9で",
            "AWS Lambda",
            "評価、監査",
            "email-smtp",
            "鍵",
            "--flag",
        ] {
            assert!(!certain(text), "{text}");
        }
    }

    #[test]
    fn a_text_stands_where_its_letters_stand_together() {
        let fits = |text: &str, given: &str| Exact::of(text).stands_in(&Comparable::of(given));
        assert!(fits("Cloud9で", "Cloud9 で開発する"));
        assert!(fits("評価、監査、審査", "記録の評価、監査、審査を"));
        assert!(fits("email-smtp", "email-smtp.us-west-2.amazonaws.com"));
        assert!(!fits("AWS Lambda", "AWS の Lambda"));
        assert!(!fits("鍵", "暗号化キー"));
    }
}
