//! A text cut into what can be shown on its own: lines, and the sentences of long ones.

use crate::text::width;

/// Columns from which on a line is cut into its sentences.
const LONG: usize = 120;
/// Columns from which on a sentence is cut at a comma or a space.
const LONG_SENTENCE: usize = 160;
/// Columns that no piece has more of.
const MOST: usize = 240;

/// A line or a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    /// Where it begins in the text, in bytes.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// Lines before it.
    pub(super) line: usize,
    /// Columns that it takes.
    pub(super) columns: usize,
    /// Columns by which its line is indented.
    pub(super) indent: usize,
}

/// Cuts a text into lines and sentences; empty ones fall away.
pub(super) fn units(text: &str) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut start = 0;
    for (line, whole) in text.split('\n').enumerate() {
        let indent = whole.len() - whole.trim_start().len();
        for (from, to) in sentences(whole) {
            let piece = whole.get(from..to).unwrap_or_default();
            let trimmed = piece.trim();
            if trimmed.is_empty() {
                continue;
            }
            let lead = piece.len() - piece.trim_start().len();
            let begin = start + from + lead;
            units.push(Unit {
                start: begin,
                end: begin + trimmed.len(),
                line,
                columns: width(trimmed),
                indent,
            });
        }
        start += whole.len() + 1;
    }
    units
}

/// Cuts a long line at the ends of its sentences, and long sentences at commas and spaces.
fn sentences(line: &str) -> Vec<(usize, usize)> {
    if width(line) <= LONG {
        return vec![(0, line.len())];
    }
    let mut ranges = Vec::new();
    let (mut start, mut columns) = (0, 0);
    for (at, c) in line.char_indices() {
        let end = at + c.len_utf8();
        columns += width(c.encode_utf8(&mut [0; 4]));
        let ends = matches!(c, '。' | '！' | '？')
            || (columns >= LONG_SENTENCE && matches!(c, ' ' | '、' | ',' | '|'))
            || columns >= MOST;
        if ends {
            ranges.push((start, end));
            (start, columns) = (end, 0);
        }
    }
    ranges.push((start, line.len()));
    ranges
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(text: &str) -> Vec<(&str, usize)> {
        let units = units(text);
        units
            .iter()
            .map(|u| (text.get(u.start..u.end).unwrap(), u.line))
            .collect()
    }

    #[test]
    fn a_short_line_is_one_and_a_long_one_is_cut() {
        assert_eq!(pieces("一。二。\n\n  • 三"), [("一。二。", 0), ("• 三", 2)]);
        let long = format!("{}。{}。", "あ".repeat(50), "い".repeat(50));
        assert_eq!(pieces(&long).len(), 2);
        assert!(pieces(&"字 ".repeat(400)).len() > 4);
    }

    proptest! {
        #[test]
        fn pieces_are_short_and_lose_nothing(text in "[a-cア-ウ雲 。、\n]{0,600}") {
            let all: String = pieces(&text).into_iter().map(|(piece, _)| piece).collect();
            let plain = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(plain(&all), plain(&text));
            prop_assert!(units(&text).iter().all(|u| u.columns <= MOST + 1));
        }
    }
}
