//! Text as people type and read it: folding, widths, cuts, and making it safe to print.
//!
//! Japanese text is never sliced by bytes outside this module. Width means terminal columns (full-width
//! characters take two); lengths are in characters unless said otherwise.

use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Folds spelling variants together: NFKC (full-width letters become half-width), then lower case.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        // A character that folds to itself may still join with the mark behind it: it goes the long way with the mark.
        let plain = rest
            .char_indices()
            .take_while(|(_, c)| is_plain(*c))
            .last()
            .map_or(0, |(at, c)| at + c.len_utf8());
        let whole = plain == rest.len();
        let short = if whole {
            plain
        } else {
            last_start(rest, plain)
        };
        let (head, tail) = rest.split_at_checked(short).unwrap_or((rest, ""));
        let from = folded.len();
        folded.push_str(head);
        if let Some(taken) = folded.get_mut(from..) {
            taken.make_ascii_lowercase();
        }
        let long = tail
            .char_indices()
            .skip(usize::from(short < plain))
            .find(|(_, c)| is_plain(*c))
            .map_or(tail.len(), |(at, _)| at);
        let (strange, next) = tail.split_at_checked(long).unwrap_or((tail, ""));
        folded.extend(strange.nfkc().flat_map(char::to_lowercase));
        rest = next;
    }
    folded
}

/// Says whether a character folds to itself, but for the case of ASCII letters, and never joins with what stands
/// before it: nearly all there is in Japanese text, so that the tables of Unicode are asked for the rest only.
pub const fn is_plain(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{7f}'
            | '\u{3041}'..='\u{3096}'
            | '\u{30a1}'..='\u{30fc}'
            | '\u{4e00}'..='\u{9fff}'
            | '、'..='〇'
            | '「'..='】'
    )
}

/// Finds where the character that ends at a place begins.
fn last_start(text: &str, end: usize) -> usize {
    let before = text.get(..end).unwrap_or_default();
    before.char_indices().next_back().map_or(0, |(at, _)| at)
}

/// Turns full-width letters, digits, signs and spaces into their ASCII forms and leaves all else as it is.
pub fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{3000}' => ' ',
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// Counts the terminal columns of a text without control characters.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Cuts a text to a number of columns at a grapheme border and marks the cut with `…`.
pub fn cut_to_width(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 1; // the mark
    for grapheme in text.graphemes(true) {
        used += width(grapheme);
        if used > columns {
            break;
        }
        cut.push_str(grapheme);
    }
    cut.push('…');
    cut
}

/// Pads a text with spaces up to a number of columns.
pub fn pad_to_width(text: &str, columns: usize) -> String {
    let gap = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(gap))
}

/// Breaks a text into lines of at most `columns` columns, keeping its own line breaks.
///
/// Western words stay whole where they fit; Japanese may break anywhere, but a sign that must not begin a line takes
/// the character before it along to the next one.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(4);
    text.split('\n')
        .flat_map(|paragraph| wrap_paragraph(paragraph, columns))
        .collect()
}

fn wrap_paragraph(paragraph: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line: Vec<&str> = Vec::new();
    let mut used = 0;
    // A word wider than a line, such as a URL, may break wherever the line ends.
    let breakable = pieces(paragraph).into_iter().flat_map(|piece| {
        if width(piece) > columns {
            piece.graphemes(true).collect()
        } else {
            vec![piece]
        }
    });
    for piece in breakable {
        if used + width(piece) > columns && !line.is_empty() {
            let carried = if never_first(piece) && line.len() > 1 {
                line.pop()
            } else {
                None
            };
            lines.push(line.concat().trim_end().to_owned());
            line = carried
                .into_iter()
                .filter(|carried| !carried.trim().is_empty())
                .collect();
            used = line.iter().map(|piece| width(piece)).sum();
            if piece.trim().is_empty() {
                continue;
            }
        }
        line.push(piece);
        used += width(piece);
    }
    lines.push(line.concat().trim_end().to_owned());
    lines
}

/// Splits into unbreakable pieces: runs of narrow non-space characters, and every other grapheme by itself.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = None;
    for (at, grapheme) in text.grapheme_indices(true) {
        let word = width(grapheme) < 2 && !grapheme.trim().is_empty();
        if word {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            pieces.extend(text.get(from..at));
        }
        pieces.push(grapheme);
    }
    if let Some(from) = start {
        pieces.extend(text.get(from..));
    }
    pieces
}

/// Says whether Japanese typography keeps a piece from beginning a line (kinsoku).
fn never_first(piece: &str) -> bool {
    piece.chars().next().is_some_and(|c| {
        "、。，．・：；？！」』）】〉》〕］｝ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ".contains(c)
    })
}

/// Makes text from outside safe for a terminal: escape sequences and control characters become visible signs.
///
/// Line breaks and tabs stay. Characters that reorder the line (bidirectional controls) are dropped.
pub fn neutralize(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\n' | '\t' => Some(c),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => None,
            '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)),
            '\u{7f}' => Some('\u{2421}'),
            '\u{80}'..='\u{9f}' => Some('\u{fffd}'),
            _ => Some(c),
        })
        .collect()
}

/// Says whether a character drives a terminal or reorders its line: controls, and bidirectional controls.
pub fn drives_terminal(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// Finds the nearest of some names, for "did you mean"; `None` when nothing is near.
pub fn nearest<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = fold(given);
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&given, &fold(name)), name))
        .filter(|(distance, name)| *distance <= 1 + name.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folding_joins_widths_and_case() {
        assert_eq!(fold("ＥＣ２ ﾗﾑﾀﾞ"), "ec2 ラムダ");
        assert_eq!(
            narrow("ｑｕｉｚ　－－ｊｓｏｎ　踏み台"),
            "quiz --json 踏み台"
        );
    }

    #[test]
    fn escape_sequences_lose_their_power() {
        assert_eq!(neutralize("a\u{1b}[31mb\u{202e}c\r\n"), "a␛[31mbc␍\n");
    }

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest("serach", ["search", "stats"]), Some("search"));
        assert_eq!(nearest("踏み台", ["search", "stats"]), None);
    }

    #[test]
    fn plain_characters_fold_to_themselves_and_join_with_nothing_before() {
        for c in '\0'..=char::MAX {
            if is_plain(c) {
                let folded: String = c.nfkc().flat_map(char::to_lowercase).collect();
                assert_eq!(folded, c.to_ascii_lowercase().to_string());
                for before in ["か", "カ", "e", "\u{1100}"] {
                    let both: String = format!("{before}{c}").nfkc().collect();
                    assert_eq!(both, format!("{before}{c}"));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn folding_is_nfkc_and_lower_case(
            text in "([a-zA-Z かカハ雲、「]|[ｶﾊﾞﾟ\u{3099}\u{309a}\u{301}\u{327}ＡÉİ㌔\u{1100}\u{1161}]|\\PC){0,40}"
        ) {
            let slow: String = text.nfkc().flat_map(char::to_lowercase).collect();
            prop_assert_eq!(fold(&text), slow);
        }

        #[test]
        fn a_cut_fits(text in "\\PC{0,40}", columns in 1_usize..30) {
            prop_assert!(width(&cut_to_width(&text, columns)) <= columns);
        }

        #[test]
        fn wrapped_lines_fit(text in "[a-z雲塾、。 ]{0,80}", columns in 8_usize..30) {
            for line in wrap(&text, columns) {
                prop_assert!(width(&line) <= columns, "{line:?}");
            }
        }

        #[test]
        fn wrapping_loses_no_letter(text in "[a-z雲塾、。 ]{0,80}", columns in 4_usize..30) {
            let all = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(all(&wrap(&text, columns).concat()), all(&text));
        }
    }
}
