//! Which rules can match a text at all: the words that an expression cannot do without.
//!
//! One automaton of hundreds of expressions is far slower than a search for plain words, and hardly any line of a note
//! holds a word of more than a few rules.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex_syntax::hir::{Hir, HirKind};

use super::expression::syntax;

/// Alternatives beyond which words are no longer collected.
const MOST_WORDS: usize = 64;

/// Finds the expressions that a text may match.
pub(super) struct Prefilter {
    words: Option<AhoCorasick>,
    /// For each word, the expressions that need one of their words and have this one.
    needed_by: Vec<Vec<usize>>,
    /// Expressions without a word of their own.
    always: Vec<usize>,
    expressions: usize,
}

impl Prefilter {
    /// Collects the words of the expressions, in their order.
    pub(super) fn new<'a>(expressions: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words: Vec<Vec<u8>> = Vec::new();
        let mut needed_by: Vec<Vec<usize>> = Vec::new();
        let mut always = Vec::new();
        let mut count = 0;
        for (index, expression) in expressions.into_iter().enumerate() {
            count += 1;
            let Some(needed) = syntax(expression).ok().as_ref().and_then(required) else {
                always.push(index);
                continue;
            };
            for word in needed {
                let at = words.iter().position(|known| *known == word);
                let at = at.unwrap_or_else(|| {
                    words.push(word);
                    needed_by.push(Vec::new());
                    words.len() - 1
                });
                needed_by[at].push(index);
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&words)
            .ok();
        if automaton.is_none() {
            always = (0..count).collect();
        }
        Self {
            words: automaton,
            needed_by,
            always,
            expressions: count,
        }
    }

    /// Gives the expressions that may match, each once, in order.
    pub(super) fn candidates(&self, text: &str) -> Vec<usize> {
        let mut found = self.always.clone();
        if let Some(words) = &self.words {
            let mut seen = vec![false; self.expressions];
            for hit in words.find_overlapping_iter(text) {
                for &index in &self.needed_by[hit.pattern().as_usize()] {
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
fn required(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        // The part whose shortest word is longest rules out most texts.
        HirKind::Concat(parts) => parts
            .iter()
            .filter_map(required)
            .max_by_key(|words| words.iter().map(Vec::len).min()),
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
        let filter = Prefilter::new([
            r"(?:^|[^0-9])512 ?(?:mb|mib)",
            r"結果整合|eventual",
            r"[0-9]+",
            r"(?-u:\b)s3(?-u:\b)",
        ]);
        assert_eq!(filter.candidates("最大 512 mb"), [0, 2]);
        assert_eq!(filter.candidates("s3 は結果整合"), [1, 2, 3]);
        assert_eq!(filter.candidates(""), [2]);
    }
}
