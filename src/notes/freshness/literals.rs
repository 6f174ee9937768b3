//! Which rules can match a text at all: the words that an expression cannot do without.
//!
//! One automaton of hundreds of expressions is far slower than a search for plain words, and hardly any line of a note
//! holds a word of more than a few rules.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex_syntax::hir::{Hir, HirKind};
use serde::{Deserialize, Serialize};

use super::expression::syntax;

/// Alternatives beyond which words are no longer collected.
const MOST_WORDS: usize = 64;

/// Finds the expressions that a text may match.
pub(super) struct Prefilter {
    words: Option<AhoCorasick>,
    needs: Needs,
}

/// What expressions cannot do without; takes long to find out, and is kept between runs.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Needs {
    words: Vec<String>,
    /// For each word, the expressions that need one of their words and have this one.
    needed_by: Vec<Vec<usize>>,
    /// Expressions without a word of their own.
    always: Vec<usize>,
    pub(super) expressions: usize,
}

impl Needs {
    /// Collects the words of the expressions, in their order.
    pub(super) fn of<'a>(expressions: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needs = Self::default();
        let mut known: HashMap<String, usize> = HashMap::new();
        for (index, expression) in expressions.into_iter().enumerate() {
            needs.expressions += 1;
            let Some(needed) = syntax(expression).ok().as_ref().and_then(required) else {
                needs.always.push(index);
                continue;
            };
            for word in needed {
                let at = *known.entry(word).or_insert_with_key(|word| {
                    needs.words.push(word.clone());
                    needs.needed_by.push(Vec::new());
                    needs.words.len() - 1
                });
                needs.needed_by[at].push(index);
            }
        }
        needs
    }

    /// Says whether all that it names is there; what was kept may have been changed by others.
    pub(super) fn is_sound(&self) -> bool {
        let named = self.needed_by.iter().flatten().chain(&self.always);
        self.words.len() == self.needed_by.len()
            && named.copied().all(|index| index < self.expressions)
    }
}

impl Prefilter {
    pub(super) fn new(mut needs: Needs) -> Self {
        let words = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&needs.words)
            .ok();
        if words.is_none() {
            needs.always = (0..needs.expressions).collect();
        }
        Self { words, needs }
    }

    pub(super) fn needs(&self) -> &Needs {
        &self.needs
    }

    /// Gives the expressions that may match, each once, in order.
    pub(super) fn candidates(&self, text: &str) -> Vec<usize> {
        let mut found = self.needs.always.clone();
        if let Some(words) = &self.words {
            let mut seen = vec![false; self.needs.expressions];
            for hit in words.find_overlapping_iter(text) {
                for &index in &self.needs.needed_by[hit.pattern().as_usize()] {
                    if !std::mem::replace(&mut seen[index], true) {
                        found.push(index);
                    }
                }
            }
        }
        found.sort_unstable();
        found
    }
}

/// Gives words one of which every match contains; none when there is no such set.
fn required(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => String::from_utf8(literal.0.to_vec())
            .ok()
            .map(|word| vec![word]),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        // The part whose shortest word is longest rules out most texts.
        HirKind::Concat(parts) => parts
            .iter()
            .filter_map(required)
            .max_by_key(|words| words.iter().map(String::len).min()),
        HirKind::Alternation(parts) => {
            let mut words = Vec::new();
            for part in parts {
                words.extend(required(part)?);
                if words.len() > MOST_WORDS {
                    return None;
                }
            }
            Some(words)
        }
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_expressions_with_a_word_in_the_text_are_tried() {
        let filter = Prefilter::new(Needs::of([
            r"(?:^|[^0-9])512 ?(?:mb|mib)",
            r"結果整合|eventual",
            r"[0-9]+",
            r"(?-u:\b)s3(?-u:\b)",
        ]));
        assert_eq!(filter.candidates("最大 512 mb"), [0, 2]);
        assert_eq!(filter.candidates("s3 は結果整合"), [1, 2, 3]);
        assert_eq!(filter.candidates(""), [2]);
    }
}
