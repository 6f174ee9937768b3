//! Near-duplicates: signatures of texts by which re-posts are found without comparing every pair.
//!
//! `MinHash` over shingles of five characters, after folding and without white space, so that a text flattened or set
//! in other widths stays the same. Thirty-two values of 8 bits estimate the share of common shingles within a few
//! percent, which is all a threshold needs; bands of four make the keys under which candidates meet.

use crate::notes::Document;
use crate::text::fold;

/// Values per signature.
const VALUES: usize = 32;
/// Values per band.
const ROWS: usize = 4;
/// Bits of a band's key: few enough to be cheap, enough that strangers seldom meet in a library of 500 MB.
const KEY: u32 = 24;
/// Characters per shingle.
const SHINGLE: usize = 5;
/// Shortest text, in characters without white space, for which likeness says something.
const ENOUGH: usize = 60;
/// Shortest text that is a duplicate when it is the same to the letter; a shorter one is a phrase anybody writes.
const EXACT: usize = 20;

/// The likeness of a text, comparable with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    values: [u8; VALUES],
    /// Hash of the whole folded text; the length tells apart what it does not.
    exact: u32,
    /// Characters without white space.
    length: u32,
}

impl Signature {
    /// Computes the signature of a text.
    pub fn of(text: &str) -> Self {
        let letters = letters(text);
        Self::from_minima(&letters, Minima::of(&letters))
    }

    fn from_minima(letters: &[char], Minima(minima): Minima) -> Self {
        let mut exact = 0xcbf2_9ce4_8422_2325_u64;
        for letter in letters {
            exact = mix(exact ^ u64::from(u32::from(*letter)));
        }
        Self {
            values: minima.map(|minimum| mix(minimum).to_le_bytes()[0]),
            exact: upper_half(exact),
            length: u32::try_from(letters.len()).unwrap_or(u32::MAX),
        }
    }

    /// Estimates the share of common shingles, 0 to 1.
    pub fn likeness(&self, other: &Self) -> f32 {
        let same = self
            .values
            .iter()
            .zip(&other.values)
            .filter(|(a, b)| a == b)
            .count();
        let share = |count: usize| f32::from(u8::try_from(count).unwrap_or(u8::MAX));
        share(same) / share(VALUES)
    }

    /// Says whether two texts are the same but for widths, case and white space.
    pub fn same_text(&self, other: &Self) -> bool {
        self.exact == other.exact && self.length == other.length
    }

    /// Gives the keys under which duplicates meet: one for a text too short to judge its likeness, none for one that
    /// is no more than a phrase.
    pub fn bands(&self) -> Vec<u64> {
        if (self.length as usize) < EXACT {
            return Vec::new();
        }
        if (self.length as usize) < ENOUGH {
            let whole = mix(u64::from(self.exact) << 32 | u64::from(self.length));
            return vec![whole >> (64 - KEY)];
        }
        self.values
            .chunks(ROWS)
            .zip(1_u64..)
            .map(|(rows, band)| {
                // A short key takes less place in an index; likeness is checked afterwards anyway.
                rows.iter()
                    .fold(mix(band), |key, row| mix(key ^ u64::from(*row)))
                    >> (64 - KEY)
            })
            .collect()
    }

    /// Writes the signature to bytes for storage.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(VALUES + 8);
        bytes.extend(self.values);
        bytes.extend(self.exact.to_le_bytes());
        bytes.extend(self.length.to_le_bytes());
        bytes
    }

    /// Reads a stored signature; `None` when the bytes are none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (values, rest) = bytes.split_at_checked(VALUES)?;
        let (exact, length) = rest.split_at_checked(4)?;
        Some(Self {
            values: values.try_into().ok()?,
            exact: u32::from_le_bytes(exact.try_into().ok()?),
            length: u32::from_le_bytes(length.try_into().ok()?),
        })
    }
}

/// What tells the hashes of a signature apart.
const SEEDS: [u64; VALUES] = {
    let mut seeds = [0; VALUES];
    let mut seed = 0_u64;
    let mut at = 0;
    while at < VALUES {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        seeds[at] = seed;
        at += 1;
    }
    seeds
};

/// Folds a text and leaves its white space out.
fn letters(text: &str) -> Vec<char> {
    fold(text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// The least value of each of the hashes over some shingles.
#[derive(Clone, Copy)]
struct Minima([u64; VALUES]);

impl Minima {
    /// Takes all shingles of a text; one that is shorter than a shingle is its own.
    fn of(letters: &[char]) -> Self {
        let mut minima = Self([u64::MAX; VALUES]);
        for window in letters.windows(SHINGLE.min(letters.len()).max(1)) {
            minima.take(window);
        }
        minima
    }

    fn take(&mut self, shingle: &[char]) {
        let mut hash = 0x9e37_79b9_7f4a_7c15_u64;
        for letter in shingle {
            hash = mix(hash ^ u64::from(u32::from(*letter)));
        }
        for (minimum, seed) in self.0.iter_mut().zip(&SEEDS) {
            let value = (hash ^ seed).wrapping_mul(0xff51_afd7_ed55_8ccd);
            // The upper half decides nearly always, and it is not changed by the last step.
            if value >> 32 <= *minimum >> 32 {
                *minimum = (*minimum).min(value ^ (value >> 32));
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own = (*own).min(*other);
        }
    }
}

/// Gives the upper 32 of 64 bits.
const fn upper_half(value: u64) -> u32 {
    let [_, _, _, _, a, b, c, d] = value.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Scrambles 64 bits (the finaliser of `SplitMix64`).
const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Computes the signatures of a whole document and of each of its sections; every shingle is hashed once.
pub fn of_document(document: &Document) -> (Signature, Vec<Signature>) {
    let mut all: Vec<char> = Vec::new();
    let mut whole = Minima([u64::MAX; VALUES]);
    let mut sections = Vec::with_capacity(document.sections.len());
    for section in &document.sections {
        let own = letters(&section.text);
        let minima = Minima::of(&own);
        if own.len() >= SHINGLE {
            whole.merge(&minima);
        }
        let before = all.len();
        all.extend(&own);
        let reach = (before + SHINGLE - 1).min(all.len());
        // Shingles that begin before this section and end in it.
        let border = all.get(before.saturating_sub(SHINGLE - 1)..reach);
        for window in border.unwrap_or_default().windows(SHINGLE) {
            whole.take(window);
        }
        sections.push(Signature::from_minima(&own, minima));
    }
    if all.len() < SHINGLE {
        whole = Minima::of(&all);
    }
    (Signature::from_minima(&all, whole), sections)
}

/// Says whether two documents are one and the same article, perhaps edited.
pub fn same_article(a: &Signature, b: &Signature) -> bool {
    a.same_text(b) || (a.length.min(b.length) as usize >= ENOUGH && a.likeness(b) >= 0.5)
}

/// Says whether two sections are one and the same passage.
///
/// `reposted` tells that their documents are the same article: then an edited or very short passage counts as well,
/// while between strangers a short phrase in common means nothing.
pub fn same_passage(a: &Signature, b: &Signature, reposted: bool) -> bool {
    let length = a.length.min(b.length) as usize;
    if reposted {
        a.same_text(b) || a.likeness(b) >= 0.5
    } else {
        (length >= EXACT && a.same_text(b)) || (length >= ENOUGH && a.likeness(b) >= 0.85)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::notes::Section;

    const A: &str = "踏み台サーバーを経由して、プライベートサブネットにある RDS へ接続する手順をまとめる。セキュリティグループは踏み台からの 3306 番だけを許可し、鍵は Systems Manager に預ける。最後に不要になった踏み台を停止する。";

    #[test]
    fn widths_and_breaks_do_not_matter() {
        let flat = A.replace("RDS", "ＲＤＳ").replace('。', "。\n");
        assert!(Signature::of(A).same_text(&Signature::of(&flat)));
    }

    #[test]
    fn an_edited_repost_is_found_and_another_text_is_not() {
        let edited = A.replace("最後に不要になった踏み台を停止する。", "以上。");
        let other = "DynamoDB のグローバルセカンダリインデックスは、元の表と別のパーティションキーで引くためにある。あとから追加でき、結果整合性の読み込みだけができる。";
        let (a, b, c) = (
            Signature::of(A),
            Signature::of(&edited),
            Signature::of(other),
        );
        assert!(same_article(&a, &b) && same_passage(&a, &b, true));
        assert!(!same_article(&a, &c) && !same_passage(&a, &c, true));
        assert!(a.bands().iter().any(|band| b.bands().contains(band)));
    }

    #[test]
    fn short_phrases_are_no_duplicates_between_strangers() {
        let (a, b) = (Signature::of("npm install"), Signature::of("npm install"));
        assert!(!same_passage(&a, &b, false) && same_passage(&a, &b, true));
    }

    #[test]
    fn a_short_note_has_a_twin_that_is_the_same_to_the_letter() {
        let note = "SQS の可視性タイムアウトの既定値は 30 秒。";
        let other = "SQS の可視性タイムアウトの既定値は 60 秒。";
        let (a, b, c) = (
            Signature::of(note),
            Signature::of(&format!("{note}\n")),
            Signature::of(other),
        );
        assert!((EXACT..ENOUGH).contains(&(a.length as usize)));
        assert!(same_passage(&a, &b, false) && same_article(&a, &b));
        assert!(!same_passage(&a, &c, false) && !same_article(&a, &c));
        assert_eq!((a.bands().len(), a.bands()), (1, b.bands()));
    }

    proptest! {
        #[test]
        fn a_document_is_the_text_of_its_sections(texts in proptest::collection::vec("[a-eア-オ雲ﾊﾞ \u{301}]{0,9}", 0..6)) {
            let file = crate::notes::NoteFile {
                path: "a.md".into(),
                identity: "a".to_owned(),
                scope: crate::notes::Scope::Mine,
                kind: crate::notes::Kind::Markdown,
                text: "本文".to_owned(),
                named: false,
            };
            let mut document = crate::notes::markdown::parse(&file).remove(0);
            let section = document.sections.remove(0);
            let with = |text: &String| Section { text: text.clone(), ..section.clone() };
            document.sections = texts.iter().map(with).collect();
            let (whole, sections) = of_document(&document);
            prop_assert_eq!(whole, Signature::of(&texts.join("\n")));
            let each: Vec<Signature> = texts.iter().map(|text| Signature::of(text)).collect();
            prop_assert_eq!(sections, each);
        }

        #[test]
        fn signatures_survive_storage(text in "\\PC{0,200}") {
            let signature = Signature::of(&text);
            prop_assert_eq!(Signature::from_bytes(&signature.to_bytes()), Some(signature));
        }
    }
}
