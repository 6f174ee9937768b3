//! Made-up Japanese notes of any size, the same for the same seed.
//!
//! The sentences come from the bundled notes, so that characters and words are spread as in real ones; each gets a few
//! words of a large made-up vocabulary (by Zipf's law) and other figures, so that dictionaries grow as they do in life.

use std::fmt::Write as _;
use std::path::Path;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Rare words that notes draw from.
const VOCABULARY: u32 = 200_000;

pub(crate) struct Generator {
    random: ChaCha8Rng,
    sentences: Vec<String>,
}

impl Generator {
    /// Reads the sentences of the notes below a folder.
    pub(crate) fn new(folder: &Path, seed: u64) -> Self {
        let mut sentences = Vec::new();
        for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
            let Ok(entry) = entry else { continue };
            if entry.path().extension().is_some_and(|e| e == "md") {
                let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
                sentences.extend(
                    text.split(['\n', '。'])
                        .map(|s| s.trim_matches(['-', '#', '|', ' ', '*']).to_owned())
                        .filter(|s| {
                            s.chars().count() > 8 && !s.contains("|---") && !s.contains("://")
                        }),
                );
            }
        }
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            sentences,
        }
    }

    /// A word by its rank: the lower, the commoner.
    fn word(&mut self) -> String {
        let share: f64 = self.random.random();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank"
        )]
        let rank = (f64::from(VOCABULARY)).powf(share) as u32;
        word_of(rank)
    }

    fn sentence(&mut self) -> String {
        let at = self.random.random_range(0..self.sentences.len());
        let sentence = self.sentences.get(at).cloned().unwrap_or_default();
        let figure = self.random.random_range(1..5000_u32);
        let mut text: String = sentence
            .chars()
            .map(|c| match c {
                '0'..='9' => char::from_digit((figure + u32::from(c)) % 10, 10).unwrap_or(c),
                c => c,
            })
            .collect();
        if self.random.random_bool(0.5) {
            text = format!("{}は{text}", self.word());
        }
        if self.random.random_bool(0.3) {
            write!(text, "（{}）", self.word()).ok();
        }
        text
    }

    /// One note of about so many bytes.
    pub(crate) fn note(&mut self, bytes: usize) -> String {
        let mut text = format!("# {}\n\n", self.sentence());
        while text.len() < bytes {
            let word = self.word();
            let heading: String = self.sentence().chars().take(18).collect();
            write!(text, "## {heading} {word}\n\n").ok();
            for _ in 0..self.random.random_range(2..9) {
                match self.random.random_range(0..10_u32) {
                    0..3 => {
                        for _ in 0..3 {
                            let item = self.sentence();
                            writeln!(text, "- {item}").ok();
                        }
                    }
                    3 => {
                        let word = self.word();
                        write!(text, "```bash\naws {word} describe --name {word}\n```\n").ok();
                    }
                    _ => {
                        let (a, b) = (self.sentence(), self.sentence());
                        write!(text, "{a}。{b}。\n\n").ok();
                    }
                }
            }
        }
        text
    }

    /// A query of one to four words out of a sentence, now and then with a rare word.
    pub(crate) fn query(&mut self) -> String {
        let sentence = self.sentence();
        let words: Vec<String> = kumojuku::search::analysis::words(&sentence)
            .into_iter()
            .map(|term| term.text)
            .filter(|text| !text.ends_with('~') && text.chars().count() > 1)
            .collect();
        let count = self.random.random_range(1..5_usize);
        let from = self.random.random_range(0..words.len().max(1));
        words
            .iter()
            .cycle()
            .skip(from)
            .take(count.min(words.len()))
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// Writes a rank as a word: katakana, letters or kanji, two to five characters.
fn word_of(rank: u32) -> String {
    const KATAKANA: [char; 40] = [
        'ア', 'イ', 'ウ', 'エ', 'オ', 'カ', 'キ', 'ク', 'ケ', 'コ', 'サ', 'シ', 'ス', 'セ', 'ソ',
        'タ', 'チ', 'ツ', 'テ', 'ト', 'ナ', 'ニ', 'ネ', 'ノ', 'ハ', 'ヒ', 'フ', 'ホ', 'マ', 'ミ',
        'メ', 'モ', 'ラ', 'リ', 'ル', 'レ', 'ロ', 'ン', 'ド', 'バ',
    ];
    const KANJI: [char; 40] = [
        '設', '定', '構', '成', '接', '続', '管', '理', '確', '認', '監', '視', '記', '録', '配',
        '信', '権', '限', '暗', '号', '分', '散', '負', '荷', '回', '線', '障', '害', '復', '旧',
        '予', '約', '料', '金', '移', '行', '検', '索', '通', '知',
    ];
    const LETTERS: [char; 26] = [
        'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r',
        's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
    ];
    let letters: &[char] = match rank % 3 {
        0 => &KATAKANA,
        1 => &LETTERS,
        _ => &KANJI,
    };
    // Scrambled, so that neighbours in rank look nothing alike.
    let mut left = rank.wrapping_mul(2_654_435_761) / 3;
    let length = if rank % 3 == 2 {
        2 + rank % 2
    } else {
        4 + rank % 3
    };
    (0..length)
        .map(|_| {
            let count = u32::try_from(letters.len()).unwrap_or(1);
            let at = left % count;
            left /= count;
            letters.get(at as usize).copied().unwrap_or('a')
        })
        .collect()
}
