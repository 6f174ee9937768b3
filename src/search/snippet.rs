//! The part of a passage that is shown: around what matched, cut at sentence borders, with the matches marked.

use super::analysis::{Comparable, Needle};

/// Columns of text a snippet aims at, in characters.
const AIM: usize = 140;
/// The most it takes when sentences are long.
const MOST: usize = 200;

/// A piece of a passage with what matched in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The piece; `…` stands where a sentence was cut. Line breaks have become spaces.
    pub text: String,
    /// Byte ranges of `text` that matched, in order and apart.
    pub marks: Vec<(usize, usize)>,
    /// Where it begins in the passage, in bytes.
    pub offset: usize,
}

/// A group of spellings, any of which counts as the same thing found.
pub type Needles = Vec<Vec<Needle>>;

/// Finds where the needles occur in a text: byte ranges with the number of their group, in order and apart.
pub fn matches(text: &str, needles: &Needles) -> Vec<(usize, usize, usize)> {
    let comparable = Comparable::of(text);
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (group, spellings) in needles.iter().enumerate() {
        for needle in spellings {
            for (start, end) in comparable.find_word(needle) {
                let (from, to) = comparable.place(start, end);
                found.push((from, to, group));
            }
        }
    }
    // Of overlapping matches the earlier and longer stays.
    found.sort_by_key(|(from, to, group)| (*from, std::cmp::Reverse(*to), *group));
    let mut apart: Vec<(usize, usize, usize)> = Vec::new();
    for hit in found {
        if apart.last().is_none_or(|last| hit.0 >= last.1) {
            apart.push(hit);
        }
    }
    apart
}

/// Cuts the best piece out of a text.
pub fn cut(text: &str, needles: &Needles) -> Snippet {
    let hits = matches(text, needles);
    let sentences = sentences(text);
    let (from, to) = best_window(text, &sentences, &hits);
    build(text, from, to, &hits)
}

/// Splits at line ends and sentence ends into byte ranges without the white space around.
fn sentences(text: &str) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut length = 0;
    let mut push = |from: usize, to: usize| {
        let piece = text.get(from..to).unwrap_or_default();
        let lead = piece.len() - piece.trim_start().len();
        let trail = piece.len() - piece.trim_end().len();
        if lead + trail < piece.len() {
            ranges.push((from + lead, to - trail));
        }
    };
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        length += 1;
        let border = matches!(c, '\n' | '。' | '！' | '？')
            || (length >= MOST / 2 && matches!(c, ' ' | '、' | '，'));
        if border || length >= MOST {
            push(start, end);
            start = end;
            length = 0;
        }
    }
    push(start, text.len());
    ranges
}

/// Chooses neighbouring sentences with the most groups found, then the most hits, then the earliest.
fn best_window(
    text: &str,
    sentences: &[(usize, usize)],
    hits: &[(usize, usize, usize)],
) -> (usize, usize) {
    let mut best = ((0, 0), sentences.first().map_or((0, 0), |s| *s));
    for (at, first) in sentences.iter().enumerate() {
        let mut to = first.1;
        for next in sentences.get(at..).unwrap_or_default() {
            let length = text.get(first.0..next.1).map_or(0, |t| t.chars().count());
            if length > AIM && next.0 != first.0 {
                break;
            }
            to = next.1;
        }
        let inside = hits.iter().filter(|hit| hit.0 >= first.0 && hit.1 <= to);
        let (mut groups, mut count) = (0_u128, 0);
        for hit in inside {
            groups |= 1_u128
                .checked_shl(u32::try_from(hit.2).unwrap_or(127))
                .unwrap_or(0);
            count += 1;
        }
        let score = (groups.count_ones(), count);
        if score > best.0 || (at == 0 && best.0 == (0, 0)) {
            best = (score, (first.0, to));
        }
    }
    best.1
}

fn build(text: &str, from: usize, to: usize, hits: &[(usize, usize, usize)]) -> Snippet {
    let mut snippet = Snippet {
        offset: from,
        ..Snippet::default()
    };
    let mut gap = false;
    let piece = text.get(from..to).unwrap_or_default();
    let mut open: Option<usize> = None;
    for (at, c) in piece.char_indices() {
        let place = from + at;
        if c.is_whitespace() {
            gap = !snippet.text.is_empty();
            continue;
        }
        let marked = hits.iter().any(|hit| hit.0 <= place && place < hit.1);
        if let Some(begin) = open
            && !marked
        {
            snippet.marks.push((begin, snippet.text.len()));
            open = None;
        }
        if gap {
            snippet.text.push(' ');
            gap = false;
        }
        if marked && open.is_none() {
            open = Some(snippet.text.len());
        }
        snippet.text.push(c);
    }
    if let Some(begin) = open {
        snippet.marks.push((begin, snippet.text.len()));
    }
    let ends = piece
        .trim_end()
        .ends_with(['。', '！', '？', '.', '!', '?']);
    let rest = text.get(to..).is_some_and(|rest| !rest.trim().is_empty());
    if rest && !ends {
        snippet.text.push('…');
    }
    snippet
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn needles(words: &[&str]) -> Needles {
        words.iter().map(|word| vec![Needle::of(word)]).collect()
    }

    #[test]
    fn marks_point_at_what_matched_after_folding() {
        let text = "前置きの文。ここでｻｰﾊﾞｰへ ＥＣ２ から接続する。後の文。";
        let snippet = cut(text, &needles(&["サーバ", "ec2"]));
        let marked: Vec<&str> = snippet
            .marks
            .iter()
            .map(|(a, b)| snippet.text.get(*a..*b).unwrap())
            .collect();
        assert_eq!(marked, ["ｻｰﾊﾞｰ", "ＥＣ２"]);
    }

    #[test]
    fn the_window_moves_to_the_matches() {
        let text = format!(
            "{}\n目的の行に踏み台がある。\n{}",
            "無関係な行。\n".repeat(40),
            "後ろの行。\n".repeat(40)
        );
        let snippet = cut(&text, &needles(&["踏み台"]));
        assert!(snippet.text.contains("踏み台") && snippet.text.chars().count() <= MOST + 1);
    }

    proptest! {
        #[test]
        fn marks_are_sound(text in "[a-cア-ウｱ-ｳ雲 。\n]{0,300}", word in "[a-cア-ウ雲]{1,3}") {
            let snippet = cut(&text, &needles(&[&word]));
            for (from, to) in snippet.marks {
                prop_assert!(snippet.text.get(from..to).is_some());
            }
        }
    }
}
