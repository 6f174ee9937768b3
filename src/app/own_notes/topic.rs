//! What a missed question is about, as weighted words, and how well a part of a passage covers it.
//!
//! A word weighs the square of its rarity in the library: a passage that shares 「設定」 and 「利用」 with a question says
//! nothing about it, one that shares 「オブジェクトロック」 does; and one telling word alone may be chance. Parts of a passage are judged, not the whole of it,
//! because a long text holds every word somewhere; and a part must name a service of the question, or stand below a
//! heading that does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::NoteQuery;
use crate::text::fold;

/// Share of the topic's weight from which on a part is about it; with the next two chosen by reading what misses bring
/// out of real notes.
const ABOUT: f64 = 0.44;
/// Rarity from which on a word tells something: it stands in less than about a twelfth of the library.
const TELLING: f64 = 2.5;
/// Telling words that a part must hold.
const TELLING_WORDS: usize = 2;
/// Characters of a passage that are looked at together.
const WINDOW: usize = 360;
/// Weight of what the question and the section that teaches it have in common, beside what is right.
const CONTEXT: f64 = 0.25;
/// Words to search for.
const SEARCHED: usize = 12;

/// Identifiers, runs of katakana and runs of kanji: what carries meaning in technical Japanese.
static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[a-z0-9][a-z0-9.:_/-]*[a-z0-9]|[ァ-ヴー]{3,}|[\p{Han}々]{2,}").ok()
});

/// A part of a passage that covers a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Share of the topic's weight that it covers, from 0 to 1.
    pub share: f64,
    /// Its text.
    pub text: String,
    /// Lines of the passage before it.
    pub line: usize,
}

/// What a missed question is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    weights: Vec<Weighted>,
    total: f64,
}

#[derive(Debug, Clone, PartialEq)]
struct Weighted {
    word: String,
    weight: f64,
    telling: bool,
}

impl Topic {
    /// Works out a topic; `rarity` tells how rare a word is in the library, from 0 upwards.
    pub fn of(query: &NoteQuery<'_>, rarity: &dyn Fn(&str) -> f64) -> Self {
        let right = words(query.correct);
        let question: BTreeSet<String> = words(query.stem)
            .into_iter()
            .chain(words(query.why))
            .collect();
        let heading = words(query.taught_heading);
        let taught = words(query.taught);
        let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
        for word in &question {
            if heading.contains(word) {
                shares.insert(word, 1.0);
            } else if taught.contains(word) {
                shares.insert(word, CONTEXT);
            }
        }
        shares.extend(right.iter().map(|word| (word.as_str(), 1.0)));
        let mut weights: Vec<Weighted> = shares
            .into_iter()
            .map(|(word, share)| {
                let rarity = rarity(word);
                Weighted {
                    word: word.to_owned(),
                    weight: share * rarity * rarity,
                    telling: share >= 1.0 && rarity >= TELLING && is_term(word),
                }
            })
            .collect();
        let order = |a: &Weighted, b: &Weighted| b.weight.total_cmp(&a.weight);
        weights.sort_by(|a, b| order(a, b).then_with(|| a.word.cmp(&b.word)));
        Self {
            total: weights.iter().map(|one| one.weight).sum(),
            weights,
        }
    }

    /// Gives the most telling words, to search for.
    pub fn search_words(&self) -> String {
        let words: Vec<&str> = self
            .weights
            .iter()
            .take(SEARCHED)
            .map(|one| one.word.as_str())
            .collect();
        words.join(" ")
    }

    /// Finds the part of a passage that covers most of the topic; `None` when no part is about it. `names` says
    /// whether a text names a service of the question.
    pub fn best_part(
        &self,
        heading: &str,
        text: &str,
        names: &dyn Fn(&str) -> bool,
    ) -> Option<Part> {
        let chars: Vec<char> = text.chars().collect();
        let headed = names(heading);
        // Windows overlap by half, so that none of them cuts every sentence that matters.
        let starts = (0..chars.len().max(1)).step_by(WINDOW / 2);
        let parts = starts.filter_map(|from| {
            let part: String = chars.iter().skip(from).take(WINDOW).collect();
            let share = self.covered(&format!("{heading}\n{part}"));
            (share >= ABOUT && (headed || names(&part))).then(|| {
                // What is shown begins with a line or sentence, not in the middle of one.
                let begun = |at: &usize| from > 0 && *at < WINDOW / 4;
                let broken = part.chars().position(|c| matches!(c, '\n' | '。'));
                let skipped = broken.filter(begun).map_or(0, |at| at + 1);
                let before = chars.iter().take(from + skipped);
                Part {
                    share,
                    text: part.chars().skip(skipped).collect(),
                    line: before.filter(|c| **c == '\n').count(),
                }
            })
        });
        parts.reduce(|best, part| if part.share > best.share { part } else { best })
    }

    /// Gives the share of the topic that a text covers; 0 when it holds too little that is telling.
    fn covered(&self, text: &str) -> f64 {
        let text = fold(text);
        let found: Vec<&Weighted> = self
            .weights
            .iter()
            .filter(|one| holds(&text, &one.word))
            .collect();
        let telling = found.iter().filter(|one| one.telling).count();
        if self.total <= 0.0 || telling < TELLING_WORDS {
            return 0.0;
        }
        found.iter().map(|one| one.weight).sum::<f64>() / self.total
    }
}

/// Says whether a word is a term of the field: two kanji are most often a verb such as 設定 or 許可.
fn is_term(word: &str) -> bool {
    let kanji = |c: char| !c.is_ascii() && !matches!(c, 'ァ'..='ヴ' | 'ー');
    word.chars().count() > 2 || !word.chars().all(kanji)
}

/// Says whether a folded text holds a word; an ASCII word only on its own.
fn holds(text: &str, word: &str) -> bool {
    let ascii = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if !word.is_ascii() {
        return text.contains(word);
    }
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let after = text
            .get(at + word.len()..)
            .and_then(|tail| tail.chars().next());
        !ascii(before) && !ascii(after)
    })
}

/// Gives the words of a text that carry meaning; numbers alone and the maker's name do not.
fn words(text: &str) -> BTreeSet<String> {
    let folded = fold(text);
    let found = WORD.iter().flat_map(|word| word.find_iter(&folded));
    found
        .map(|found| found.as_str())
        .filter(|word| {
            word.chars().any(|c| !c.is_ascii_digit()) && !matches!(*word, "aws" | "amazon")
        })
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(stem: &str, correct: &str) -> Topic {
        let services = ["s3".to_owned()];
        let query = NoteQuery {
            services: &services,
            stem,
            correct,
            why: "",
            taught_heading: "",
            taught: "",
            limit: 2,
        };
        let common = ["設定", "有効", "利用", "要件"];
        Topic::of(&query, &|word| {
            if common.contains(&word) { 0.5 } else { 4.0 }
        })
    }

    #[test]
    fn a_common_word_makes_no_passage_one_about_the_miss() {
        let topic = topic(
            "誰も消せないように保つ。",
            "オブジェクトロックをコンプライアンスモードで有効にする",
        );
        let part = |text: &str| topic.best_part("", text, &|text| text.contains("S3"));
        assert_eq!(part("S3 を有効にする。コンプライアンス要件に合う。"), None);
        assert_eq!(
            part("EBS のオブジェクトロック、コンプライアンスモード"),
            None
        );
        let long = format!(
            "{}S3 のオブジェクトロックにはコンプライアンスモードがある",
            "行\n".repeat(400)
        );
        let found = part(&long).unwrap();
        assert!(found.share > 0.9 && found.line > 200, "{found:?}");
    }

    #[test]
    fn words_are_identifiers_and_runs() {
        let found = words("`kms:Decrypt` を 16 個、ロールへ許可する。S3 on AWS");
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["kms:decrypt", "on", "s3", "ロール", "許可"]);
    }

    #[test]
    fn an_ascii_word_stands_alone() {
        assert!(holds("the sam cli", "sam") && !holds("sample", "sam") && holds("samの", "sam"));
    }
}
