//! What a query asks for: its words as concepts, each with the spellings under which it may be found.

use super::analysis::{self, Comparable, Folded, Needle, STEM_MARK, has_japanese};
use super::fold::is_kanji;
use super::sound;
use super::synonyms::Synonyms;

/// One way to write a concept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    /// Its words as terms, in order.
    pub(crate) words: Vec<String>,
    /// Its bigrams, in order.
    pub(crate) bigrams: Vec<String>,
    /// The same as a word to look for in a text.
    pub(crate) needle: Needle,
    /// How it sounds, where it may be a loan word.
    pub(crate) sound: Option<String>,
}

impl Form {
    /// Makes the form of a spelling that the index keeps, which has lost its long vowels.
    pub(crate) fn kept(spelling: &str) -> Self {
        let mut form = Self::of(spelling);
        form.needle.long.clear();
        form
    }

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
            needle: Needle::of(text),
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
    /// As it was typed.
    pub(crate) typed: String,
    /// The same as terms.
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
    "どんなとき",
    "どんな時",
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
/// Weight of a word in hiragana: mostly an ending, as the dictionary leaves it over.
const KANA: f32 = 0.3;
/// Weight of what notes may call a thing that is asked for in everyday words.
const HINT: f32 = 0.8;
/// What the everyday words themselves count for then.
const HINTED: f32 = 0.3;

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
    "方",
    "作",
    "行",
    "持",
    "入",
    "知",
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
            typed: own.to_owned(),
            others: others.iter().map(|other| Form::of(other)).collect(),
        };
        concepts.push((*start, concept));
    }
    let hints: Vec<((usize, usize), Vec<String>)> = synonyms
        .map(|synonyms| synonyms.hints(&joined))
        .unwrap_or_default()
        .into_iter()
        .map(|hint| (comparable.place(hint.start, hint.end), hint.terms))
        .collect();
    for ((start, end), terms) in &hints {
        let own = text.get(*start..*end).unwrap_or_default();
        let concept = Concept {
            weight: HINT,
            own: Form::of(own),
            typed: own.to_owned(),
            others: terms.iter().map(|term| Form::of(term)).collect(),
        };
        concepts.push((*start, concept));
    }
    let hinted = |start: usize, end: usize| {
        hints
            .iter()
            .any(|((from, to), _)| *from <= start && end <= *to)
    };
    for (start, end) in units(&text) {
        let covered = named
            .iter()
            .any(|((from, to), ..)| *from <= start && end <= *to);
        let own = text.get(start..end).unwrap_or_default();
        if covered || own.is_empty() {
            continue;
        }
        let mut form = Form::of(own);
        form.words
            .extend(cut_stem(own, text.get(end..).unwrap_or_default()));
        let less = if hinted(start, end) { HINTED } else { 1.0 };
        let concept = Concept {
            weight: weight(own) * less,
            own: form,
            typed: own.to_owned(),
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
            let places: Vec<usize> = text.match_indices(turn).map(|(at, _)| at).collect();
            for at in places.into_iter().rev() {
                let before = text.get(..at).unwrap_or_default();
                if !ends_a_verb(before, turn) {
                    text.replace_range(at..at + turn.len(), " ");
                }
            }
        }
    }
    text
}

/// Says whether the turn is the ending of a verb of one character: 戻したい, unlike 削除したい.
fn ends_a_verb(before: &str, turn: &str) -> bool {
    let mut letters = before.chars().rev();
    turn.starts_with('し')
        && letters.next().is_some_and(is_kanji)
        && !letters.next().is_some_and(is_kanji)
}

/// Gives the stem of a verb that the dictionary cut before its ending: 戻 of 戻したい.
fn cut_stem(own: &str, rest: &str) -> Option<String> {
    const PARTICLES: &str = "のにはをがとでもへやかな";
    let ending = rest.chars().next().filter(|c| is_hiragana(*c))?;
    let kanji = own.chars().next().is_some_and(is_kanji) && own.chars().all(is_kanji);
    (kanji && !PARTICLES.contains(ending)).then(|| format!("{own}{STEM_MARK}"))
}

const fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{309f}' | 'ー')
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
    if text.chars().all(is_hiragana) && has_japanese(text) {
        return KANA;
    }
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owns(text: &str, synonyms: Option<&Synonyms>) -> Vec<String> {
        concepts(text, synonyms)
            .into_iter()
            .map(|c| c.own.needle.chars.into_iter().collect())
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
    fn a_verb_is_asked_for_by_its_stem() {
        let found = concepts("特定の時刻に戻したい", None);
        let back = found.iter().find(|c| c.own.needle.chars == ['戻']).unwrap();
        assert!(back.own.words.contains(&format!("戻{STEM_MARK}")));
        let nouns = concepts("許可と拒否", None);
        assert!(nouns.iter().all(|c| c.own.words.len() == 1), "{nouns:?}");
    }

    #[test]
    fn everyday_words_add_what_notes_call_it() {
        let map = "hints:\n  - [[満杯], [容量不足]]\n";
        let synonyms = Synonyms::from_yaml(map).unwrap();
        let found = concepts("ディスクが満杯", Some(&synonyms));
        let hint = found.iter().find(|c| !c.others.is_empty()).unwrap();
        assert!((hint.weight - HINT).abs() < 1e-6);
        assert_eq!(hint.others, [Form::of("容量不足")]);
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
