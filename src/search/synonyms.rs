//! What is called by several names: Japanese and English, abbreviations, old and new names, spellings.
//!
//! The map is data (`content/synonyms.yaml`, and `everyday.yaml` for wordings that lead one way; the user may add a file of the same shape). It is used at query time
//! only, so that a new entry needs no new index.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::analysis::{self, comparable, has_japanese};
use crate::yaml::{self, YamlError};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    concepts: Vec<Vec<String>>,
    #[serde(default)]
    plain: Vec<Vec<String>>,
    #[serde(default)]
    hints: Vec<(Vec<String>, Vec<String>)>,
}

/// The map of synonyms, ready to be looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synonyms {
    concepts: Vec<Vec<String>>,
    /// For each concept, whether it is a word of every question.
    plain: Vec<bool>,
    /// Comparable spelling to the concepts that have it.
    spellings: HashMap<String, Vec<usize>>,
    /// Length of the longest spelling in characters.
    longest: usize,
    /// What notes call a thing that a question words in everyday terms.
    hints: Vec<Vec<String>>,
    /// Comparable wording to its hint.
    wordings: HashMap<String, usize>,
    /// Length of the longest wording in characters.
    longest_wording: usize,
}

/// A stretch of a query that names a concept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it stands in the comparable text, in characters.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Its other names.
    pub others: Vec<String>,
    /// True for a word of every question and instruction.
    pub plain: bool,
}

/// A stretch of a query in everyday words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Where it stands in the comparable text, in characters.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What notes may call it.
    pub terms: Vec<String>,
}

impl Synonyms {
    /// Reads a map: `concepts:` is a list of lists, each the names of one thing; `plain:` the same for words of every
    /// question; `hints:` leads from everyday wordings to what notes call it, each a pair of lists.
    ///
    /// # Errors
    /// When the text has another shape.
    pub fn from_yaml(text: &str) -> Result<Self, YamlError> {
        let file: File = yaml::from_str(text)?;
        let mut synonyms = Self::default();
        synonyms.add(file.concepts, false);
        synonyms.add(file.plain, true);
        for (wordings, terms) in file.hints {
            let at = synonyms.hints.len();
            for wording in wordings {
                let key = comparable(&wording);
                synonyms.longest_wording = synonyms.longest_wording.max(key.chars().count());
                synonyms.wordings.insert(key, at);
            }
            synonyms.hints.push(terms);
        }
        Ok(synonyms)
    }

    /// Adds the entries of another map.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        for (names, plain) in other.concepts.into_iter().zip(other.plain) {
            self.add(vec![names], plain);
        }
        let before = self.hints.len();
        self.hints.extend(other.hints);
        let moved = other.wordings.into_iter();
        self.wordings
            .extend(moved.map(|(wording, at)| (wording, before + at)));
        self.longest_wording = self.longest_wording.max(other.longest_wording);
        self
    }

    fn add(&mut self, concepts: Vec<Vec<String>>, plain: bool) {
        for names in concepts {
            let at = self.concepts.len();
            for name in &names {
                let key = comparable(name);
                self.longest = self.longest.max(key.chars().count());
                let places = self.spellings.entry(key).or_default();
                if !places.contains(&at) {
                    places.push(at);
                }
            }
            self.concepts.push(names);
            self.plain.push(plain);
        }
    }

    /// Writes the map down, so that the next run need not read and fold the files it came from. `mark` stands for their
    /// texts.
    pub fn keep(&self, mark: &str) -> Vec<u8> {
        let mut bytes = kept_head(mark).into_bytes();
        // Plain data always has a JSON form; without it there is nothing to be read again, which is no harm.
        bytes.extend(serde_json::to_vec(self).unwrap_or_default());
        bytes
    }

    /// Takes up a map that was written down; `None` when it was read from something else, or is damaged.
    pub fn kept(bytes: &[u8], mark: &str) -> Option<Self> {
        let kept: Self =
            serde_json::from_slice(bytes.strip_prefix(kept_head(mark).as_bytes())?).ok()?;
        (kept.plain.len() == kept.concepts.len()).then_some(kept)
    }

    /// Counts the concepts.
    pub fn len(&self) -> usize {
        self.concepts.len()
    }

    /// Says whether there is no concept.
    pub fn is_empty(&self) -> bool {
        self.concepts.is_empty()
    }

    /// Finds the names of the concept whose spelling is nearest to a mistyped word, within so many edits.
    ///
    /// `word` is comparable. Words of every question are left out: they are too many and too short.
    pub fn near(&self, word: &str, reach: usize) -> Vec<String> {
        let length = word.chars().count();
        let mut best: Option<(usize, &str, usize)> = None;
        for (spelling, places) in &self.spellings {
            let telling = places
                .iter()
                .find(|at| self.plain.get(**at) == Some(&false));
            let (Some(at), true) = (telling, length.abs_diff(spelling.chars().count()) <= reach)
            else {
                continue;
            };
            let distance = strsim::osa_distance(word, spelling);
            // Of equally near ones the first in order, so that it is the same one each time.
            let nearer =
                best.is_none_or(|(least, name, _)| (distance, spelling.as_str()) < (least, name));
            if distance <= reach && nearer {
                best = Some((distance, spelling, *at));
            }
        }
        best.and_then(|(.., at)| self.concepts.get(at))
            .cloned()
            .unwrap_or_default()
    }

    /// Finds the everyday wordings in a comparable text, the longest first, without overlap; the terms of each come with
    /// their synonyms.
    pub fn hints(&self, text: &str) -> Vec<Hint> {
        let chars: Vec<char> = text.chars().collect();
        let mut found = Vec::new();
        let mut start = 0;
        while start < chars.len() {
            let most = self.longest_wording.min(chars.len() - start);
            let hit = (1..=most).rev().find_map(|length| {
                let key: String = chars.get(start..start + length)?.iter().collect();
                let terms = self.hints.get(*self.wordings.get(&key)?)?;
                stands_alone(&chars, start, start + length, &key).then_some((length, terms))
            });
            let Some((length, terms)) = hit else {
                start += 1;
                continue;
            };
            let mut all: Vec<String> = Vec::new();
            for term in terms {
                let known = self.spellings.get(&comparable(term)).into_iter().flatten();
                let names = known.filter_map(|at| self.concepts.get(*at)).flatten();
                for name in std::iter::once(term).chain(names) {
                    if !all.contains(name) {
                        all.push(name.clone());
                    }
                }
            }
            found.push(Hint {
                start,
                end: start + length,
                terms: all,
            });
            start += length;
        }
        found
    }

    /// Finds the concepts a comparable text names, the longest names first to come, without overlap.
    pub fn find(&self, text: &str) -> Vec<Found> {
        let chars: Vec<char> = text.chars().collect();
        let mut found = Vec::new();
        let mut start = 0;
        while start < chars.len() {
            let longest = self.longest.min(chars.len() - start);
            let hit = (1..=longest).rev().find_map(|length| {
                let slice = chars.get(start..start + length)?;
                let key: String = slice.iter().collect();
                let places = self.spellings.get(&key)?;
                let alone = stands_alone(&chars, start, start + length, &key);
                alone.then_some((length, key, places))
            });
            let Some((length, key, places)) = hit else {
                start += 1;
                continue;
            };
            let mut others: Vec<String> = Vec::new();
            for name in places
                .iter()
                .filter_map(|at| self.concepts.get(*at))
                .flatten()
            {
                if comparable(name) != key && !others.contains(name) {
                    others.push(name.clone());
                }
            }
            let plain = places.iter().all(|at| self.plain.get(*at) == Some(&true));
            found.push(Found {
                plain,
                start,
                end: start + length,
                others,
            });
            start += length;
        }
        found
    }
}

/// First line of a map that was written down: the spellings were folded by this version of the analyzer.
fn kept_head(mark: &str) -> String {
    format!(
        "{} {} {mark}\n",
        analysis::VERSION,
        env!("CARGO_PKG_VERSION")
    )
}

/// An ASCII name must be a word; one Japanese character or two must not be cut out of a longer word of their kind.
fn stands_alone(chars: &[char], start: usize, end: usize, key: &str) -> bool {
    let before = start.checked_sub(1).and_then(|i| chars.get(i)).copied();
    let after = chars.get(end).copied();
    let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let opens = key
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_alphanumeric());
    let closes = key
        .chars()
        .next_back()
        .is_some_and(|c| c.is_ascii_alphanumeric());
    if (opens && word(before)) || (closes && word(after)) {
        return false;
    }
    if has_japanese(key) && key.chars().count() <= 2 {
        let same = |a: Option<char>, b: Option<char>| match (a, b) {
            (Some(a), Some(b)) => script(a) == script(b) && script(a) != 0,
            _ => false,
        };
        return !same(before, key.chars().next()) && !same(after, key.chars().next_back());
    }
    true
}

const fn script(c: char) -> u8 {
    match c {
        '\u{30a1}'..='\u{30ff}' => 1,
        '\u{3400}'..='\u{9fff}' => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn synonyms() -> Synonyms {
        Synonyms::from_yaml("concepts:\n  - [踏み台, bastion, jump server]\n  - [SG, セキュリティグループ]\n  - [鍵, キー]\n").unwrap()
    }

    fn found(text: &str) -> Vec<Vec<String>> {
        synonyms()
            .find(&comparable(text))
            .into_iter()
            .map(|f| f.others)
            .collect()
    }

    #[test]
    fn names_lead_to_the_others() {
        assert_eq!(found("踏み台サーバー"), [["bastion", "jump server"]]);
        assert_eq!(
            found("Jump Server の鍵"),
            [
                vec!["踏み台".to_owned(), "bastion".to_owned()],
                vec!["キー".to_owned()]
            ]
        );
        assert_eq!(found("ＳＧ"), [["セキュリティグループ"]]);
    }

    #[test]
    fn everyday_words_lead_to_terms_and_their_names() {
        let map = "concepts:\n  - [料金, pricing]\nhints:\n  - [[お金がかか, 高くつ], [料金, 従量課金]]\n";
        let synonyms = synonyms().with(Synonyms::from_yaml(map).unwrap());
        let hints = synonyms.hints(&comparable("EIPにお金がかかるのはいつ"));
        assert_eq!(hints.len(), 1);
        assert_eq!(hints[0].terms, ["料金", "pricing", "従量課金"]);
        assert!(synonyms.hints(&comparable("料金")).is_empty(), "one way");
    }

    #[test]
    fn a_map_that_was_kept_is_the_same_map() {
        let map = synonyms().with(
            Synonyms::from_yaml("plain:\n  - [a, b]\nhints:\n  - [[満杯], [容量]]\n").unwrap(),
        );
        let bytes = map.keep("mark");
        assert_eq!(Synonyms::kept(&bytes, "mark"), Some(map));
        assert_eq!(Synonyms::kept(&bytes, "other"), None);
        assert_eq!(Synonyms::kept(&bytes[..bytes.len() - 9], "mark"), None);
    }

    #[test]
    fn a_slip_still_names_its_concept() {
        let map = "concepts:\n  - [DLQ, デッドレターキュー]\n  - [踏み台, bastion]\nplain:\n  - [バックアップ, backup]\n";
        let synonyms = Synonyms::from_yaml(map).unwrap();
        let near = |word: &str| synonyms.near(&comparable(word), 1);
        assert_eq!(near("デットレターキュー"), ["DLQ", "デッドレターキュー"]);
        assert_eq!(near("bastoin"), ["踏み台", "bastion"]);
        assert!(near("backpu").is_empty() && near("デスク").is_empty());
    }

    #[test]
    fn short_names_are_words() {
        assert!(found("msg").is_empty());
        assert!(found("キーボード").is_empty());
        assert!(found("秘密鍵").is_empty());
    }

    #[test]
    fn the_bundled_map_is_large_and_readable() {
        let bundled = Synonyms::from_yaml(include_str!("../../content/synonyms.yaml")).unwrap();
        assert!(bundled.len() >= 250, "{}", bundled.len());
        let everyday = Synonyms::from_yaml(include_str!("../../content/everyday.yaml")).unwrap();
        assert!(everyday.hints.len() >= 250, "{}", everyday.hints.len());
    }
}
