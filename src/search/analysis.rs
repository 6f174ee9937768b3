//! How text becomes terms, the same for notes and queries.
//!
//! Two views of every text. *Words*: NFKC and lower case, cut by ICU's dictionary; the long-vowel mark and small
//! vowels are folded, identifiers (`--projection-expression`, `appspec.yml`, `AWS::S3::Bucket`) are kept whole and in
//! parts. *Bigrams*: every two neighbouring Japanese characters with hiragana turned into katakana, which find what
//! the dictionary cut otherwise; ICU never splits a katakana run, bigrams do. Folding moves characters about, so each
//! folded character remembers where it came from: offsets of terms point into the original text.

use std::sync::LazyLock;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

use super::fold::{Class, class, fold_kana, full_size, lengthens, to_katakana};
pub use super::fold::{Comparable, Folded, Needle, comparable, has_japanese, is_japanese};

/// Version of everything in this module; a change means that indexes are built anew.
pub const VERSION: u32 = 3;

/// Ends the stem of an inflected word.
pub(super) const STEM_MARK: char = '~';

static SEGMENTER: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()));

/// A term with its place in the original text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The folded term.
    pub text: String,
    /// Where it begins in the original text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Position among the terms; parts of an identifier stand at their own positions.
    pub position: usize,
}

/// Cuts a text into words.
pub fn words(text: &str) -> Vec<Term> {
    words_of(&Folded::of(text))
}

/// Cuts a folded text into words.
pub fn words_of(folded: &Folded) -> Vec<Term> {
    let mut terms = Vec::new();
    each_word(folded.text(), &mut |word| {
        let (start, end) = folded.place(word.start, word.end);
        terms.push(Term {
            text: word.text.to_owned(),
            start,
            end,
            position: word.position,
        });
    });
    terms
}

/// A word on its way to becoming a term: an index needs its text alone, and millions of them.
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    /// Where it begins in the folded text, in bytes.
    start: usize,
    /// Where it ends.
    end: usize,
    position: usize,
}

/// Cuts a folded text into words and hands each over.
pub(super) fn each_word(text: &str, emit: &mut impl FnMut(Word<'_>)) {
    let mut position = 0;
    let mut spelling = String::new();
    for (start, end) in runs(text) {
        let run = text.get(start..end).unwrap_or_default();
        if run
            .chars()
            .next()
            .is_some_and(|c| is_identifier(c) || is_opening(c))
        {
            identifier(start, run, &mut position, emit);
        } else {
            segmented(start, run, &mut position, &mut spelling, emit);
        }
    }
}

fn is_identifier(c: char) -> bool {
    class(c) == Class::Ascii
}

/// Signs that may open an identifier: flags, tags, hidden files, variables.
const fn is_opening(c: char) -> bool {
    matches!(c, '-' | '!' | '.' | '$' | '/' | '@' | '~')
}

/// Signs that hold an identifier together when letters stand on both sides.
const fn is_joint(c: char) -> bool {
    matches!(c, '-' | '.' | ':' | '/' | '@' | '+' | '#' | '&')
}

/// Splits into runs: identifiers with their joints, and stretches of other letters; signs and spaces fall away.
fn runs(text: &str) -> Vec<(usize, usize)> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let at = |i: usize| chars.get(i).map(|(_, c)| *c);
    let offset = |i: usize| chars.get(i).map_or(text.len(), |(o, _)| *o);
    let mut runs = Vec::new();
    let mut i = 0;
    while let Some(c) = at(i) {
        let begin = i;
        match class(c) {
            Class::Ascii => i = identifier_end(&at, i),
            Class::Other if is_opening(c) && opens_identifier(&at, i) => {
                while at(i).is_some_and(is_opening) {
                    i += 1;
                }
                i = identifier_end(&at, i);
            }
            Class::Other => {
                i += 1;
                continue;
            }
            _ => {
                while at(i).is_some_and(|c| !matches!(class(c), Class::Ascii | Class::Other)) {
                    i += 1;
                }
            }
        }
        runs.push((offset(begin), offset(i)));
    }
    runs
}

/// An opening counts only behind a border: `a -b` holds a flag, `a-b` is one identifier, `。` and quotes are borders.
fn opens_identifier(at: &impl Fn(usize) -> Option<char>, i: usize) -> bool {
    let border = i
        .checked_sub(1)
        .and_then(at)
        .is_none_or(|c| !is_identifier(c) && !is_opening(c));
    let mut end = i;
    while at(end).is_some_and(is_opening) {
        end += 1;
    }
    border && end - i <= 3 && at(end).is_some_and(is_identifier)
}

fn identifier_end(at: &impl Fn(usize) -> Option<char>, mut i: usize) -> usize {
    loop {
        while at(i).is_some_and(is_identifier) {
            i += 1;
        }
        // `::` joins as one sign.
        let mut joint = i;
        while joint < i + 2 && at(joint).is_some_and(is_joint) {
            joint += 1;
        }
        let doubled = joint == i + 2 && at(i) != at(i + 1);
        if joint == i || doubled || !at(joint).is_some_and(is_identifier) {
            return i;
        }
        i = joint;
    }
}

/// Emits an identifier whole (with its opening, when it has one), without opening, and in parts.
fn identifier(start: usize, run: &str, position: &mut usize, emit: &mut impl FnMut(Word<'_>)) {
    let bare = run.trim_start_matches(is_opening);
    let opening = run.len() - bare.len();
    let mut emit = |text: &str, from: usize, to: usize, position: usize| {
        if text.len() <= 200 {
            emit(Word {
                text,
                start: start + from,
                end: start + to,
                position,
            });
        }
    };
    let parts = parts(bare);
    let whole_at = *position;
    if opening > 0 && (bare.len() > 1 || run.starts_with('-')) {
        emit(run, 0, run.len(), whole_at);
    }
    let single = parts.len() == 1;
    if !single {
        emit(bare, opening, run.len(), whole_at);
    }
    for (from, to) in &parts {
        let part = bare.get(*from..*to).unwrap_or_default();
        emit(part, opening + from, opening + to, *position);
        if let Some(stem) = singular(part) {
            emit(stem, opening + from, opening + to, *position);
        }
        *position += 1;
    }
}

/// Cuts an identifier at its joints and underscores, and between letters and a version number.
fn parts(bare: &str) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut from = None;
    for (at, c) in bare.char_indices() {
        let letter = c.is_ascii_alphanumeric();
        match (letter, from) {
            (true, None) => from = Some(at),
            (false, Some(start)) => {
                parts.push((start, at));
                from = None;
            }
            _ => {}
        }
    }
    if let Some(start) = from {
        parts.push((start, bare.len()));
    }
    parts
}

/// Takes the plural off an English word, so that `types` finds `type`.
fn singular(word: &str) -> Option<&str> {
    if word.len() < 4 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let stem = word.strip_suffix('s')?;
    let kept = ["s", "u", "i", "w", "k", "d", "m", "n"];
    let plain = match stem.as_bytes().last() {
        // `aws`, `ecs`, `kms`, `dns`, `access`, `status`, `analysis` are no plurals.
        Some(_) if word.len() == 4 => !matches!(word, "this" | "thus" | "does" | "sans" | "rhos"),
        _ => !["s", "u", "i"].iter().any(|end| stem.ends_with(end)),
    };
    (plain && !(word.len() <= 3 && kept.iter().any(|k| stem.ends_with(k)))).then_some(stem)
}

/// Emits the words of a stretch of Japanese or other letters; `spelling` is a place to write them down.
fn segmented(
    start: usize,
    run: &str,
    position: &mut usize,
    spelling: &mut String,
    emit: &mut impl FnMut(Word<'_>),
) {
    let mut from = 0;
    for to in SEGMENTER.segment_str(run).skip(1) {
        let word = run.get(from..to).unwrap_or_default();
        fold_kana(word, spelling);
        if !spelling.is_empty() && !is_particle(spelling) {
            let mut emit = |text: &str| {
                emit(Word {
                    text,
                    start: start + from,
                    end: start + to,
                    position: *position,
                });
            };
            let whole = spelling.len();
            if let Some(stem) = stem(spelling) {
                // Written behind the word, so that neither takes a place of its own.
                let stem = stem.len();
                spelling.extend_from_within(..stem);
                spelling.push(STEM_MARK);
                emit(spelling.get(whole..).unwrap_or_default());
            }
            emit(spelling.get(..whole).unwrap_or_default());
        }
        *position += 1;
        from = to;
    }
}

/// Takes the inflected ending off a word written with kanji: 間違え and 間違っ meet in 間違.
///
/// A mark keeps a stem apart from the noun of the same kanji.
fn stem(word: &str) -> Option<&str> {
    let kanji = word
        .char_indices()
        .find(|(_, c)| class(*c) != Class::Kanji)
        .map_or(word.len(), |(at, _)| at);
    let (kanji, rest) = word.split_at_checked(kanji)?;
    let ending = rest.chars().count();
    let inflected = (1..=3).contains(&ending) && rest.chars().all(|c| class(c) == Class::Hiragana);
    (!kanji.is_empty() && inflected).then_some(kanji)
}

/// Little words that stand in every sentence.
fn is_particle(word: &str) -> bool {
    const PARTICLES: &[&str] = &[
        "の",
        "に",
        "は",
        "を",
        "が",
        "と",
        "で",
        "も",
        "へ",
        "や",
        "か",
        "ね",
        "よ",
        "な",
        "て",
        "た",
        "だ",
        "し",
        "れ",
        "せ",
        "さ",
        "から",
        "まで",
        "より",
        "など",
        "ので",
        "のに",
        "する",
        "します",
        "した",
        "して",
        "です",
        "ます",
        "ある",
        "いる",
        "あり",
        "い",
        "なる",
        "なり",
        "この",
        "その",
        "あの",
        "こと",
        "もの",
        "ため",
        "よう",
        "それ",
        "これ",
        "られ",
        "ない",
        "という",
    ];
    word.chars()
        .next()
        .is_some_and(|first| class(first) == Class::Hiragana)
        && PARTICLES.contains(&word)
}

/// Makes the bigrams of all Japanese runs; a run of one character is a term by itself.
pub fn bigrams(text: &str) -> Vec<Term> {
    bigrams_of(&Folded::of(text))
}

/// Makes the bigrams of a folded text.
pub fn bigrams_of(folded: &Folded) -> Vec<Term> {
    let mut terms = Vec::new();
    each_bigram(folded.text(), &mut |letters, position| {
        if let (Some(first), Some(last)) = (letters.first(), letters.last()) {
            let place = |letter: &Letter| folded.place(letter.start, letter.end);
            terms.push(Term {
                text: letters.iter().map(|letter| letter.folded).collect(),
                start: place(first).0,
                end: place(last).1,
                position,
            });
        }
    });
    terms
}

/// A letter of a bigram, with its place in the folded text.
pub(super) struct Letter {
    /// The letter as terms spell it.
    pub(super) folded: char,
    start: usize,
    end: usize,
}

/// Hands over the bigrams of a folded text, each with its position.
pub(super) fn each_bigram(text: &str, emit: &mut impl FnMut(&[Letter], usize)) {
    let mut position = 0;
    let mut run: Vec<Letter> = Vec::new();
    let mut flush = |run: &mut Vec<Letter>| {
        if run.is_empty() {
            return;
        }
        if run.len() == 1 {
            emit(run, position);
            position += 1;
        }
        for pair in run.windows(2) {
            emit(pair, position);
            position += 1;
        }
        // A gap, so that no phrase runs across a border.
        position += 1;
        run.clear();
    };
    let (mut previous, mut before) = (' ', ' ');
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        // セッション マネージャー and セッションマネージャー are one word to a reader.
        let loan = |c: char| class(c) == Class::Katakana;
        if c == ' ' && loan(before) && chars.peek().is_some_and(|(_, next)| loan(*next)) {
            continue;
        }
        let small = full_size(to_katakana(c));
        let silent = c == 'ー' || (class(c) == Class::Katakana && lengthens(previous, small));
        (previous, before) = (small, c);
        if silent {
            continue;
        }
        if is_japanese(c) {
            run.push(Letter {
                folded: small,
                start: at,
                end: at + c.len_utf8(),
            });
        } else {
            flush(&mut run);
        }
    }
    flush(&mut run);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(terms: &[Term]) -> Vec<&str> {
        terms.iter().map(|term| term.text.as_str()).collect()
    }

    #[test]
    fn widths_and_long_vowels_fold() {
        assert_eq!(texts(&words("ＥＣ２")), ["ec2"]);
        assert_eq!(texts(&words("サーバー")), texts(&words("ｻｰﾊﾞ")));
        assert_eq!(
            texts(&words("インターフェース")),
            texts(&words("インタフェイス"))
        );
        assert_eq!(texts(&words("ゲートウェイ")), texts(&words("ゲートウエー")));
        assert_eq!(
            texts(&bigrams("フェイルオーバー")),
            texts(&bigrams("フエールオーバ"))
        );
        assert_eq!(texts(&bigrams("さーば")), texts(&bigrams("サーバー")));
        assert_eq!(
            texts(&bigrams("セッション マネージャー")),
            texts(&bigrams("セッションマネージャー"))
        );
    }

    #[test]
    fn identifiers_whole_and_in_parts() {
        assert_eq!(
            texts(&words("--projection-expression を")),
            [
                "--projection-expression",
                "projection-expression",
                "projection",
                "expression"
            ]
        );
        assert_eq!(
            texts(&words("appspec.yml")),
            ["appspec.yml", "appspec", "yml"]
        );
        assert_eq!(texts(&words("!Sub")), ["!sub", "sub"]);
        assert_eq!(
            texts(&words("AWS::S3::Bucket")),
            ["aws::s3::bucket", "aws", "s3", "bucket"]
        );
        assert_eq!(
            texts(&words("EC2に接続。types")),
            ["ec2", "接続", "types", "type"]
        );
    }

    #[test]
    fn places_point_into_the_original() {
        let text = "ＥＣ２のﾗﾑﾀﾞ";
        let found: Vec<&str> = words(text)
            .iter()
            .map(|t| text.get(t.start..t.end).unwrap())
            .collect();
        assert_eq!(found, ["ＥＣ２", "ﾗﾑﾀﾞ"]);
    }

    proptest! {
        #[test]
        fn places_are_borders_of_characters(text in "\\PC{0,30}") {
            for term in words(&text).into_iter().chain(bigrams(&text)) {
                prop_assert!(text.get(term.start..term.end).is_some());
            }
        }
    }
}
