//! The words of a text that carry meaning, and where another text has them, under whichever of their names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::search::analysis::{Comparable, comparable};
use crate::search::synonyms::Synonyms;
use crate::text::fold;

/// Characters up to which a katakana word must stand on its own: ロール is no part of コントロール.
const SHORT: usize = 3;

/// Identifiers, runs of katakana and runs of kanji: what carries meaning in technical Japanese.
static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[a-z0-9][a-z0-9.:_@-]*[a-z0-9]|[ァ-ヴー]{3,}|[\p{Han}々]{2,}").ok()
});

/// A word with its other names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As the text has it, folded for comparing.
    pub(super) name: String,
    /// All names, its own among them.
    pub(super) names: Vec<String>,
    /// The same, folded for comparing.
    needles: Vec<Vec<char>>,
}

impl Word {
    fn new(name: String, names: Vec<String>) -> Self {
        let needles = names.iter().map(|n| Comparable::of(n).chars).collect();
        Self {
            name,
            names,
            needles,
        }
    }

    /// Says whether a name, folded for comparing, is one of its names.
    fn is_called(&self, name: &str) -> bool {
        let is_name = |needle: &Vec<char>| needle.iter().copied().eq(name.chars());
        self.needles.iter().any(is_name)
    }

    /// Says whether it is a part of a longer word, as トークン of アクセストークン.
    pub(super) fn is_part_of(&self, other: &Self) -> bool {
        self.name.len() < other.name.len() && other.name.contains(&self.name)
    }

    /// Says whether it is a term of the field: two kanji are most often a verb such as 設定 or 許可, two letters say
    /// little, and so does a number.
    pub(super) fn is_term(&self) -> bool {
        let plain = |c: char| !c.is_ascii() && !is_katakana(c);
        let letters = |name: &str| name.chars().all(|c| c.is_ascii_alphabetic());
        let long = self.name.chars().count() > 2;
        let weak = self.name.chars().all(plain) || letters(&self.name);
        long || !weak
    }
}

/// A text in which words are looked for.
pub(super) struct Reading<'a> {
    text: &'a str,
    comparable: Comparable,
}

impl<'a> Reading<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            text,
            comparable: Comparable::of(text),
        }
    }

    /// Says whether the text has a word.
    pub(super) fn has(&self, word: &Word) -> bool {
        !self.places(word).is_empty()
    }

    /// Finds where the text has a word, in bytes.
    pub(super) fn places(&self, word: &Word) -> Vec<usize> {
        let mut places = Vec::new();
        for needle in &word.needles {
            let alone = needle.len() <= SHORT && needle.iter().all(|c| is_katakana(*c));
            for (from, to) in self.comparable.find(needle) {
                let (from, to) = self.comparable.place(from, to);
                let before = self.text.get(..from).and_then(|t| t.chars().next_back());
                // The mark of a long vowel at its end belongs to the word.
                let rest = self
                    .text
                    .get(to..)
                    .map(|t| t.trim_start_matches(['ー', 'ｰ']));
                let after = rest.and_then(|t| t.chars().next());
                let joined = |c: Option<char>| c.is_some_and(is_katakana);
                if !(alone && (joined(before) || joined(after))) {
                    places.push(from);
                }
            }
        }
        places
    }
}

fn is_katakana(c: char) -> bool {
    matches!(c, 'ァ'..='ヴ' | 'ー')
}

/// Gives the words of a text that carry meaning, by name: what the map of synonyms knows as one thing is one word.
/// Numbers alone and the maker's name are none.
pub(super) fn words(text: &str, synonyms: &Synonyms) -> BTreeMap<String, Word> {
    let mut found = BTreeMap::new();
    let reading: Vec<char> = comparable(text).chars().collect();
    let mut rest = reading.clone();
    for concept in synonyms.find(&reading.iter().collect::<String>()) {
        let name: String = reading
            .get(concept.start..concept.end)
            .unwrap_or_default()
            .iter()
            .collect();
        if concept.plain || within_identifier(&reading, concept.start, concept.end) {
            continue;
        }
        if let Some(taken) = rest.get_mut(concept.start..concept.end) {
            taken.fill('\n');
        }
        // One thing under two of its names is one word: デッドレターキュー（DLQ）.
        let known = found.values().any(|word: &Word| word.is_called(&name));
        if !known {
            let mut names = concept.others;
            names.push(name.clone());
            found.insert(name.clone(), Word::new(name, names));
        }
    }
    let rest: String = rest.into_iter().collect();
    let folded = fold(text);
    for hit in WORD.iter().flat_map(|word| word.find_iter(&folded)) {
        let word = hit.as_str();
        let name = comparable(word);
        let says = word.chars().any(|c| !c.is_ascii_digit()) && !matches!(word, "aws" | "amazon");
        if says && rest.contains(&name) && !found.contains_key(&name) {
            found.insert(name.clone(), Word::new(name, vec![word.to_owned()]));
        }
    }
    found
}

/// Says whether a stretch is a piece of a longer identifier: `get-login-password` is about no password.
fn within_identifier(text: &[char], start: usize, end: usize) -> bool {
    let at = |i: Option<usize>| i.and_then(|i| text.get(i)).copied();
    let joint = |c: Option<char>| matches!(c, Some('-' | '_' | '.' | ':' | '@'));
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let before = joint(at(start.checked_sub(1))) && letter(at(start.checked_sub(2)));
    let after = joint(at(Some(end))) && letter(at(Some(end + 1)));
    before || after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, map: &str) -> Vec<String> {
        let synonyms = Synonyms::from_yaml(map).unwrap();
        words(text, &synonyms).into_keys().collect()
    }

    fn word(text: &str, map: &str) -> Word {
        let synonyms = Synonyms::from_yaml(map).unwrap();
        words(text, &synonyms).into_values().next().unwrap()
    }

    #[test]
    fn words_are_identifiers_and_runs() {
        let found = found("`kms:Decrypt` を 16 個、ロールへ許可する。S3 on AWS", "");
        assert_eq!(found, ["kms:decrypt", "on", "s3", "ロル", "許可"]);
    }

    #[test]
    fn what_has_several_names_is_one_word() {
        let map = "concepts:\n  - [ユーザープール, user pool]\n";
        assert_eq!(found("User Pool の ID", map), ["id", "user pool"]);
        let word = word("User Pool", map);
        assert!(Reading::of("ユーザプールの属性").has(&word));
        assert!(Reading::of("the user pools").places(&word).is_empty());
    }

    #[test]
    fn one_thing_under_two_names_is_one_word() {
        let map = "concepts:\n  - [デッドレターキュー, DLQ]\n";
        assert_eq!(found("デッドレターキュー（DLQ）", map).len(), 1);
    }

    #[test]
    fn a_word_can_be_part_of_a_longer_one() {
        let (token, access) = (word("トークン", ""), word("アクセストークン", ""));
        assert!(token.is_part_of(&access) && !access.is_part_of(&token));
        assert!(!token.is_part_of(&token));
    }

    #[test]
    fn a_piece_of_an_identifier_is_no_word() {
        let map = "concepts:\n  - [パスワード, password]\n";
        assert_eq!(found("get-login-password を", map), ["get-login-password"]);
        assert_eq!(found("the password.", map), ["password", "the"]);
    }

    #[test]
    fn a_short_word_stands_alone() {
        let role = word("ロール", "");
        assert!(Reading::of("IAMロールを").has(&role));
        assert!(!Reading::of("コントロール").has(&role));
        let user = word("ユーザー", "");
        assert!(Reading::of("ユーザーの").has(&user) && !Reading::of("ユーザープール").has(&user));
        let sam = word("sam", "");
        assert!(Reading::of("samの").has(&sam) && !Reading::of("sample").has(&sam));
    }

    #[test]
    fn a_term_is_no_plain_verb_and_no_pair_of_letters() {
        let is_term = |text: &str| word(text, "").is_term();
        assert!(
            is_term("スナップショット") && is_term("可視性") && is_term("gp3") && is_term("s3")
        );
        assert!(!is_term("設定") && !is_term("id"));
    }
}
