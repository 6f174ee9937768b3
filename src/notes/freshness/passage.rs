//! An article as the rules see it: folded units of text that know their place and what encloses them.

use crate::text;

/// Lines longer than this (in characters) are cut into sentences.
pub(super) const LONG_LINE: usize = 240;

/// A line, or a sentence of a long one, folded for matching.
pub(super) struct Unit {
    pub(super) line: usize,
    /// Column of its first character in the line, from 1.
    pub(super) column: usize,
    pub(super) folded: String,
    /// Index of the unit that encloses this one: the nearest line above that is indented less, or its heading.
    pub(super) parent: Option<usize>,
    /// The text as it stands in the file, for columns.
    original: String,
}

impl Unit {
    fn new(line: usize, column: usize, text: &str) -> Self {
        let plain: String = plain(text).map(|(_, c)| c).collect();
        Self {
            line,
            column,
            folded: text::fold(&plain),
            parent: None,
            original: text.to_owned(),
        }
    }

    /// Gives the column in the line of its first character that is no blank.
    pub(super) fn begins(&self) -> usize {
        let blanks = self.original.chars().take_while(|c| c.is_whitespace());
        self.column + blanks.count()
    }

    /// Gives the column in the line of a byte offset in the folded text.
    pub(super) fn column_of(&self, offset: usize) -> usize {
        let wanted = self
            .folded
            .get(..offset)
            .map_or(0, |before| before.chars().count());
        let mut folded = 0;
        for (index, c) in plain(&self.original) {
            // A half-width voicing mark becomes one character with the kana before it.
            folded += text::fold(c.encode_utf8(&mut [0; 4]))
                .chars()
                .filter(|c| !matches!(c, '\u{3099}' | '\u{309a}'))
                .count();
            if folded > wanted {
                return self.column + index;
            }
        }
        self.column
    }
}

/// Gives the characters of a text, with their index, without what is no part of the sentence: emphasis and code marks
/// go, addresses and footnote marks become spaces (a file name in an address is no claim).
fn plain(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut address = false;
    let mut note = false;
    let mut before = ' ';
    let mut rest = text;
    text.chars().enumerate().filter_map(move |(index, c)| {
        let tail = rest;
        let mut after = rest.chars();
        after.next();
        rest = after.as_str();
        let next = rest.chars().next();
        address = if address {
            c.is_ascii_graphic() && !matches!(c, '"' | '\'' | ')' | '>' | '<' | ']' | '}')
        } else {
            // A bare number is a claim of its own: the metadata address.
            c == 'h'
                && tail
                    .strip_prefix("https://")
                    .or_else(|| tail.strip_prefix("http://"))
                    .is_some_and(|host| host.starts_with(|c: char| c.is_ascii_alphabetic()))
        };
        note = note || (c == '[' && next == Some('^'));
        let emphasis = c == '`' || (c == '*' && (next == Some('*') || before == '*'));
        let hidden = address || note;
        note = note && c != ']';
        before = c;
        match (hidden, emphasis) {
            (true, _) => Some((index, ' ')),
            (false, true) => None,
            (false, false) => Some((index, c)),
        }
    })
}

/// Cuts lines into units and finds what encloses each.
pub(super) fn units(first: usize, lines: &[&str]) -> Vec<Unit> {
    let mut units = Vec::with_capacity(lines.len());
    for (line, text) in (first..).zip(lines) {
        if text.len() <= LONG_LINE || text.chars().count() <= LONG_LINE {
            units.push(Unit::new(line, 1, text));
        } else {
            cut(line, text, &mut units);
        }
    }
    enclose(&mut units);
    units
}

/// Cuts a long line at the ends of sentences, else at a space, else anywhere.
fn cut(line: usize, text: &str, units: &mut Vec<Unit>) {
    let (mut column, mut sentence, mut length) = (1, String::new(), 0);
    for c in text.chars() {
        sentence.push(c);
        length += 1;
        let ends = matches!(c, '。' | '．' | '！' | '？')
            || (length >= LONG_LINE / 3 && c.is_whitespace());
        if ends || length >= LONG_LINE {
            units.push(Unit::new(line, column, &sentence));
            column += length;
            sentence.clear();
            length = 0;
        }
    }
    if !sentence.is_empty() {
        units.push(Unit::new(line, column, &sentence));
    }
}

/// How deep a line lies: Markdown headings by level, then text by its indent.
enum Depth {
    Blank,
    Heading(usize),
    Text(usize),
}

fn depth(text: &str) -> Depth {
    let mut indent = 0;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next_if(|c| c.is_whitespace()) {
        indent += match c {
            '\t' => 4,
            '\u{3000}' => 2,
            _ => 1,
        };
    }
    let hashes = text.chars().take_while(|c| *c == '#').count();
    match (rest.peek(), hashes) {
        (None, _) => Depth::Blank,
        (_, 1..=6) if text.chars().nth(hashes) == Some(' ') => Depth::Heading(hashes),
        // A bullet lies deeper than the text line that introduces it.
        (Some(c), _) if "・•◦▪○●*-+".contains(*c) => Depth::Text(indent + 1),
        _ => Depth::Text(indent),
    }
}

fn enclose(units: &mut [Unit]) {
    let mut headings: Vec<(usize, usize)> = Vec::new();
    let mut stack: Vec<(usize, usize)> = Vec::new();
    for (index, unit) in units.iter_mut().enumerate() {
        match depth(&unit.original) {
            Depth::Blank => {
                unit.parent = stack.last().or(headings.last()).map(|(_, above)| *above);
            }
            Depth::Heading(level) => {
                headings.retain(|(above, _)| *above < level);
                unit.parent = headings.last().map(|(_, above)| *above);
                headings.push((level, index));
                stack.clear();
            }
            Depth::Text(indent) => {
                while stack.last().is_some_and(|(above, _)| *above >= indent) {
                    stack.pop();
                }
                unit.parent = stack.last().or(headings.last()).map(|(_, above)| *above);
                stack.push((indent, index));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bullet_knows_what_encloses_it() {
        let lines = [
            "# A",
            "概要",
            "  • キュー",
            "    • サイズ",
            "      • 最大 256 KB",
            "  • 別",
            "## B",
            "x",
        ];
        let units = units(1, &lines);
        let parents: Vec<_> = units.iter().map(|unit| unit.parent).collect();
        assert_eq!(
            parents,
            [
                None,
                Some(0),
                Some(1),
                Some(2),
                Some(3),
                Some(1),
                Some(0),
                Some(6)
            ]
        );
    }

    #[test]
    fn half_width_kana_fold_as_a_line() {
        let unit = Unit::new(1, 1, "ﾗﾑﾀﾞはＡ");
        assert_eq!(unit.folded, "ラムダはa");
        assert_eq!(unit.column_of("ラムダは".len()), 6);
    }

    #[test]
    fn marks_and_addresses_are_no_text() {
        let unit = Unit::new(1, 1, "常に**強い**`整合`[^s3] https://a.b/rrs)。");
        assert_eq!(unit.folded, "常に強い整合                     )。");
        assert_eq!(unit.column_of("常に".len()), 5);
    }
}
