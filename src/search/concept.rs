//! What a query asks for: its words as concepts, each with the spellings under which it may be found.

use super::analysis::{self, Comparable, Folded, has_japanese};
use super::sound;
use super::synonyms::Synonyms;

/// One way to write a concept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    /// Its words as terms, in order.
    pub(crate) words: Vec<String>,
    /// Its bigrams, in order.
    pub(crate) bigrams: Vec<String>,
    /// Its characters for comparing substrings.
    pub(crate) comparable: Vec<char>,
    /// How it sounds, where it may be a loan word.
    pub(crate) sound: Option<String>,
}

impl Form {
    pub(crate) fn of(text: &str) -> Self {
        Self {
            words: analysis::words(text)
                .into_iter()
                .map(|term| term.text)
                .collect(),
            bigrams: analysis::bigrams(text)
                .into_iter()
                .map(|term| term.text)
                .collect(),
            comparable: Comparable::of(text.trim()).chars,
            sound: sound_of(&[text]),
        }
    }
}

/// Gives the key of how some texts sound as one word.
pub(crate) fn sound_of(texts: &[&str]) -> Option<String> {
    let folded: Vec<Folded> = texts.iter().map(|text| Folded::of(text)).collect();
    let words: Vec<&str> = folded
        .iter()
        .flat_map(|folded| folded.text().split_whitespace())
        .collect();
    sound::key_of(&words)
}

/// One thing a query asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Concept {
    /// The spelling as typed.
    pub(crate) own: Form,
    /// Other spellings.
    pub(crate) others: Vec<Form>,
    /// How much it says: words of every question say little.
    pub(crate) weight: f32,
}

/// English words that say nothing.
const ENGLISH: &[&str] = &[
    "a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "with", "and", "or", "is",
    "are", "be", "do", "does", "did", "how", "what", "which", "when", "where", "why", "who", "can",
    "could", "should", "would", "i", "my", "me", "we", "you", "it", "its", "this", "that", "there",
    "vs", "versus", "by", "as", "if", "into", "using", "use", "between", "about", "get",
];

/// Turns of a question that say nothing, in comparable spelling; the longer ones first.
const QUESTION: &[&str] = &[
    "教えてください",
    "教えて下さい",
    "教えて",
    "を知りたい",
    "知りたい",
    "どうすればよい",
    "どうすればいい",
    "どうすれば",
    "どうしたら",
    "どうやって",
    "どうなりますか",
    "どうなる",
    "どうやる",
    "どうする",
    "どこですか",
    "どこにある",
    "どこ",
    "なぜですか",
    "なぜ",
    "どうして",
    "何ですか",
    "なんですか",
    "何がある",
    "とは何か",
    "とは何",
    "とは",
    "いくらくらい",
    "どのくらい",
    "どれくらい",
    "いくら",
    "くらい",
    "ぐらい",
    "しないようにするには",
    "ないようにするには",
    "ようにするには",
    "ようにしたい",
    "するには",
    "するとき",
    "させたい",
    "されたい",
    "したい",
    "できますか",
    "できるか",
    "できる",
    "のですか",
    "ですか",
    "ますか",
    "でしょうか",
    "ください",
];

/// Weight of a word of every question and instruction.
const PLAIN: f32 = 0.5;

/// Words that stand in many questions and passages alike.
const COMMON: &[&str] = &[
    "方法",
    "やり方",
    "仕方",
    "場合",
    "とき",
    "時",
    "使う",
    "使い",
    "使っ",
    "使用",
    "利用",
    "行う",
    "出る",
    "出",
    "見る",
    "見",
    "作る",
    "例",
    "設定",
    "確認",
    "必要",
    "可能",
    "それぞれ",
    "複数",
    "場所",
    "aws",
    "amazon",
];

/// Takes a text apart into concepts. Without `synonyms` each word is its own only spelling.
pub(crate) fn concepts(text: &str, synonyms: Option<&Synonyms>) -> Vec<Concept> {
    let text = without_question(text);
    let comparable = Comparable::of(&text);
    let joined: String = comparable.chars.iter().collect();
    let named: Vec<((usize, usize), Vec<String>, bool)> = synonyms
        .map(|synonyms| synonyms.find(&joined))
        .unwrap_or_default()
        .into_iter()
        .map(|found| {
            (
                comparable.place(found.start, found.end),
                found.others,
                found.plain,
            )
        })
        .collect();
    let mut concepts: Vec<(usize, Concept)> = Vec::new();
    for ((start, end), others, plain) in &named {
        let own = text.get(*start..*end).unwrap_or_default();
        let concept = Concept {
            weight: if *plain {
                PLAIN.min(weight(own))
            } else {
                weight(own)
            },
            own: Form::of(own),
            others: others.iter().map(|other| Form::of(other)).collect(),
        };
        concepts.push((*start, concept));
    }
    for (start, end) in units(&text) {
        let covered = named
            .iter()
            .any(|((from, to), ..)| *from <= start && end <= *to);
        let own = text.get(start..end).unwrap_or_default();
        if covered || own.is_empty() {
            continue;
        }
        let concept = Concept {
            weight: weight(own),
            own: Form::of(own),
            others: Vec::new(),
        };
        concepts.push((start, concept));
    }
    concepts.sort_by_key(|(start, _)| *start);
    let all: Vec<Concept> = concepts.into_iter().map(|(_, concept)| concept).collect();
    let telling: Vec<Concept> = all.iter().filter(|c| c.weight > 0.0).cloned().collect();
    if telling.is_empty() {
        // `the` alone is a query as well.
        return all
            .into_iter()
            .map(|concept| Concept {
                weight: 1.0,
                ..concept
            })
            .collect();
    }
    telling
}

/// Byte ranges of the words of a text: terms that overlap are one unit.
fn units(text: &str) -> Vec<(usize, usize)> {
    let mut units: Vec<(usize, usize)> = Vec::new();
    for term in analysis::words_of(&Folded::of(text)) {
        match units.last_mut() {
            Some(last) if term.start < last.1 => last.1 = last.1.max(term.end),
            _ => units.push((term.start, term.end)),
        }
    }
    units
}

/// Blanks the turns of a question out of a sentence.
fn without_question(text: &str) -> String {
    let mut text = text.to_owned();
    for turn in QUESTION {
        if text.contains(turn) && text.trim().chars().count() > turn.chars().count() {
            text = text.replace(turn, " ");
        }
    }
    text
}

fn weight(own: &str) -> f32 {
    let folded = Folded::of(own);
    let text = folded.text();
    if ENGLISH.contains(&text) {
        return 0.0;
    }
    if COMMON.contains(&text) {
        return 0.4;
    }
    let hiragana = text
        .chars()
        .all(|c| matches!(c, '\u{3041}'..='\u{309f}' | 'ー'));
    if hiragana && has_japanese(text) {
        return 0.3;
    }
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owns(text: &str, synonyms: Option<&Synonyms>) -> Vec<String> {
        concepts(text, synonyms)
            .into_iter()
            .map(|c| c.own.comparable.into_iter().collect())
            .collect()
    }

    #[test]
    fn questions_lose_what_says_nothing() {
        assert_eq!(
            owns("東京リージョンでVPCを作る手順を教えて", None),
            ["東京", "リジヨン", "vpc", "作ル", "手順"]
        );
        assert_eq!(owns("how to use the NAT gateway", None), ["nat", "gateway"]);
        assert_eq!(owns("the", None), ["the"]);
    }

    #[test]
    fn synonyms_cover_the_words_they_name() {
        let synonyms =
            Synonyms::from_yaml("concepts:\n  - [NAT gateway, NATゲートウェイ]\n").unwrap();
        let found = concepts("NAT gateway 料金", Some(&synonyms));
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].others.len(), 1);
    }
}
