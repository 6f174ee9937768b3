//! Folding: what is written in many ways becomes one, and each folded character remembers where it came from.

use unicode_normalization::UnicodeNormalization as _;

use crate::text::is_plain;

/// A folded text that knows where each of its bytes came from.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    text: String,
    /// For each byte of `text`, the byte range of its character in the original.
    origin: Vec<(u32, u32)>,
}

impl Folded {
    /// Folds a text: NFKC, lower case, dashes and long-vowel marks unified.
    pub fn of(text: &str) -> Self {
        let mut folded = Self {
            text: String::with_capacity(text.len()),
            origin: Vec::with_capacity(text.len()),
        };
        each_folded(text, |c, start, end| {
            folded.text.push(c);
            let place = (clamp(start), clamp(end));
            folded
                .origin
                .extend(std::iter::repeat_n(place, c.len_utf8()));
        });
        folded
    }

    /// Gives the folded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Finds the place in the original of a range of folded bytes.
    pub fn place(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.origin.get(start).map_or(0, |place| place.0);
        let last = end
            .checked_sub(1)
            .and_then(|i| self.origin.get(i))
            .map_or(first, |place| place.1);
        (first as usize, last as usize)
    }
}

/// Folds a text as [`Folded`] does, for those who do not ask where a character came from.
pub(super) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    each_folded(text, |c, _, _| folded.push(c));
    folded
}

/// Hands over the folded characters, each with the byte range of what it came from.
fn each_folded(text: &str, mut take: impl FnMut(char, usize, usize)) {
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let mut end = start + c.len_utf8();
        // A sound mark belongs to the character before it: ﾀ + ﾞ is one ダ.
        while let Some((at, mark)) = chars.next_if(|(_, next)| joins(*next)) {
            end = at + mark.len_utf8();
        }
        if end == start + c.len_utf8() && is_plain(c) {
            take(c.to_ascii_lowercase(), start, end);
            continue;
        }
        let group = text.get(start..end).unwrap_or_default();
        for c in group.nfkc().flat_map(char::to_lowercase) {
            take(unify(c), start, end);
        }
    }
}

/// Says whether a character belongs to the one before it.
const fn joins(c: char) -> bool {
    matches!(
        c,
        '\u{ff9e}' | '\u{ff9f}' | '\u{3099}' | '\u{309a}' | '\u{300}'..='\u{36f}'
    )
}

fn clamp(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// Unifies signs that are written in many ways.
const fn unify(c: char) -> char {
    match c {
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '－' => '-',
        '〜' | '～' | '∼' => '~',
        '’' | '‘' => '\'',
        '“' | '”' => '"',
        _ => c,
    }
}

/// Kinds of character that decide how a run is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Letters and digits of ASCII, and what joins them in identifiers.
    Ascii,
    Kanji,
    Hiragana,
    Katakana,
    /// Letters of other scripts.
    Letter,
    /// White space and signs.
    Other,
}

pub(super) fn class(c: char) -> Class {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => Class::Ascii,
        '\u{3041}'..='\u{309f}' => Class::Hiragana,
        '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' => Class::Katakana,
        '\u{3400}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '々'
        | '〆'
        | '\u{20000}'..='\u{2ffff}' => Class::Kanji,
        c if c.is_alphanumeric() => Class::Letter,
        _ => Class::Other,
    }
}

/// Says whether a character is Japanese script.
pub fn is_japanese(c: char) -> bool {
    matches!(class(c), Class::Kanji | Class::Hiragana | Class::Katakana)
}

/// Says whether a folded text has a Japanese character.
pub fn has_japanese(text: &str) -> bool {
    text.chars().any(is_japanese)
}

/// Folds the spelling of kana words: no long-vowel mark, full-size vowels, no イ that only lengthens (ゲートウェイ, メイン).
pub(super) fn fold_kana(word: &str, folded: &mut String) {
    folded.clear();
    let mut previous = ' ';
    for c in word.chars() {
        let c = full_size(c);
        if !is_mark(c) && !lengthens(previous, c) {
            folded.push(c);
        }
        previous = c;
    }
}

const fn is_mark(c: char) -> bool {
    matches!(c, 'ー' | '゛' | '゜' | '・')
}

/// Says whether a katakana イ only lengthens the エ before it.
pub(super) fn lengthens(previous: char, c: char) -> bool {
    c == 'イ' && "エケセテネヘメレゲゼデベペ".contains(previous)
}

pub(super) const fn full_size(c: char) -> char {
    match c {
        'ァ' => 'ア',
        'ィ' => 'イ',
        'ゥ' => 'ウ',
        'ェ' => 'エ',
        'ォ' => 'オ',
        'ッ' => 'ツ',
        'ャ' => 'ヤ',
        'ュ' => 'ユ',
        'ョ' => 'ヨ',
        'ヵ' => 'カ',
        'ヶ' => 'ケ',
        'ヴ' => 'ブ',
        _ => c,
    }
}

/// A text folded for comparing substrings: as the terms are folded, with hiragana as katakana; every character knows
/// its place in the original.
#[derive(Debug, Clone, Default)]
pub struct Comparable {
    /// The folded characters.
    pub chars: Vec<char>,
    /// For each, its byte range in the original.
    places: Vec<(usize, usize)>,
    /// For each, how it was written.
    written: Vec<Written>,
}

/// How a folded character was written.
#[derive(Debug, Clone, Copy, Default)]
struct Written {
    katakana: bool,
    /// With a long vowel.
    long: bool,
    /// As a small kana, which belongs to the one before it.
    small: bool,
}

/// A word to look for, folded for comparing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    /// Its characters.
    pub chars: Vec<char>,
    /// It was written in katakana, without hiragana: カード is no part of かどうか.
    pub katakana: bool,
    /// For each character, whether its vowel is long; empty where that is not known. Short words differ by it alone:
    /// ターン is no ボタン, キー no キュー.
    pub long: Vec<bool>,
}

impl Needle {
    /// Folds a word.
    pub fn of(text: &str) -> Self {
        let comparable = Comparable::of(text.trim());
        Self {
            katakana: is_katakana(text),
            long: comparable.written.iter().map(|one| one.long).collect(),
            chars: comparable.chars,
        }
    }
}

/// Says whether a text is written in katakana, without hiragana.
pub(super) fn is_katakana(text: &str) -> bool {
    let has = |wanted: Class| text.nfkc().any(|c| class(c) == wanted);
    has(Class::Katakana) && !has(Class::Hiragana)
}

/// Katakana up to which long vowels tell words apart.
const SYLLABLES: usize = 2;

impl Comparable {
    /// Folds a text.
    pub fn of(text: &str) -> Self {
        let folded = Folded::of(text);
        let mut comparable = Self::default();
        let mut previous = ' ';
        let mut chars = folded.text().char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            // `NAT ゲートウェイ` and `NATゲートウェイ` are one word to a Japanese reader.
            let mut beside_japanese = || {
                let next = chars.peek().map(|(_, next)| *next);
                comparable.chars.last().copied().is_some_and(is_japanese)
                    || next.is_some_and(is_japanese)
            };
            if c.is_whitespace() && c != '\n' && beside_japanese() {
                continue;
            }
            let small = full_size(to_katakana(c));
            let lengthening =
                c == 'ー' || (class(c) == Class::Katakana && lengthens(previous, small));
            previous = small;
            let place = folded.place(at, at + c.len_utf8());
            if lengthening {
                // It belongs to the letter before it, also where that is marked.
                if let Some(last) = comparable.places.last_mut() {
                    last.1 = place.1;
                }
                if let Some(last) = comparable.written.last_mut() {
                    last.long = true;
                }
            } else if !is_mark(c) {
                comparable.chars.push(small);
                comparable.places.push(place);
                comparable.written.push(Written {
                    katakana: class(c) == Class::Katakana,
                    long: false,
                    small: "ャュョァィゥェォ".contains(c),
                });
            }
        }
        comparable
    }

    /// Finds the place in the original of a range of characters.
    pub fn place(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.places.get(start).map_or(0, |place| place.0);
        let last = end
            .checked_sub(1)
            .and_then(|i| self.places.get(i))
            .map_or(first, |place| place.1);
        (first, last)
    }

    /// Finds where a word occurs: one in katakana in katakana only, and a short one with its vowels.
    pub fn find_word(&self, word: &Needle) -> Vec<(usize, usize)> {
        let mut found = self.find(&word.chars);
        if word.katakana {
            found.retain(|(start, end)| self.is_written(*start, *end, word));
        }
        found
    }

    /// Says whether a stretch that folds to a word in katakana is written as the word is.
    fn is_written(&self, start: usize, end: usize, word: &Needle) -> bool {
        let kana = |c: char| class(c) == Class::Katakana;
        let stretch = self.written.get(start..end).unwrap_or_default();
        let mut letters = stretch.iter().zip(&word.chars);
        if letters.any(|(written, c)| kana(*c) && !written.katakana) {
            return false;
        }
        let short = word.chars.len() <= SYLLABLES && word.chars.iter().all(|c| kana(*c));
        if !short || word.long.is_empty() {
            return true;
        }
        // The mark at the end of a word comes and goes (サーバ, サーバー), not that of its only syllable.
        let fixed = if word.chars.len() > 1 {
            stretch.len() - 1
        } else {
            1
        };
        let mut vowels = stretch.iter().zip(&word.long).take(fixed);
        let goes_on = self.written.get(end).is_some_and(|next| next.small);
        vowels.all(|(written, long)| written.long == *long) && !goes_on
    }

    /// Finds where a comparable text occurs; an ASCII text only as a word of its own.
    pub fn find(&self, needle: &[char]) -> Vec<(usize, usize)> {
        let Some(first) = needle.first() else {
            return Vec::new();
        };
        let letter = |at: Option<usize>| {
            at.and_then(|i| self.chars.get(i))
                .is_some_and(char::is_ascii_alphanumeric)
        };
        let opens = first.is_ascii_alphanumeric();
        let closes = needle.last().is_some_and(char::is_ascii_alphanumeric);
        let mut found = Vec::new();
        let mut from = 0;
        while from + needle.len() <= self.chars.len() {
            let end = from + needle.len();
            let here =
                self.chars.get(from) == Some(first) && self.chars.get(from..end) == Some(needle);
            if here && !(opens && letter(from.checked_sub(1))) && !(closes && letter(Some(end))) {
                found.push((from, end));
                from = end;
            } else {
                from += 1;
            }
        }
        found
    }
}

/// Folds a whole text for comparing.
pub fn comparable(text: &str) -> String {
    Comparable::of(text).chars.into_iter().collect()
}

/// Says whether a character is Chinese.
pub(super) const fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}')
}

/// Turns hiragana into katakana, so that あいぱっど and アイパッド meet.
pub(super) fn to_katakana(c: char) -> char {
    match c {
        '\u{3041}'..='\u{3096}' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_word_is_found_as_it_is_written() {
        let found =
            |word: &str, text: &str| !Comparable::of(text).find_word(&Needle::of(word)).is_empty();
        for (word, text) in [
            ("ログ", "アクセスログを保存"),
            ("キー", "アクセスキーの更新"),
            ("サーバ", "ウェブサーバー"),
            ("サーバー", "ｻｰﾊﾞレス"),
            ("インタフェース", "インターフェイス"),
            ("かーど", "カード"),
        ] {
            assert!(found(word, text), "{word} in {text}");
        }
        for (word, text) in [
            ("カード", "使うかどうか"),
            ("キー", "キューに送る"),
            ("キー", "付きの"),
            ("ターン", "ボタンを押す"),
        ] {
            assert!(!found(word, text), "{word} in {text}");
        }
    }
}
