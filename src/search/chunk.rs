//! Chunks: the pieces of a section that are ranked, about 500 characters each, cut at line ends.

/// Characters after which a chunk ends at the next border.
const SIZE: usize = 500;
/// Characters after which a chunk ends wherever it is.
const LARGEST: usize = 900;

/// Cuts a text into consecutive byte ranges; together they cover it.
pub(crate) fn chunks(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut length = 0;
    let mut border = None;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        length += 1;
        if c == '\n' {
            border = Some((end, length));
        } else if length >= SIZE && (c == '。' || (c == ' ' && border.is_none())) {
            // Within a line as long as an article, sentences and spaces are the only borders there are.
            border = Some((end, length));
        }
        if length >= SIZE
            && let Some((cut, counted)) = border
            && (counted >= SIZE / 2 || length >= LARGEST)
        {
            ranges.push(start..cut);
            start = cut;
            length -= counted;
            border = None;
        } else if length >= LARGEST {
            ranges.push(start..end);
            start = end;
            length = 0;
            border = None;
        }
    }
    if start < text.len() || ranges.is_empty() {
        ranges.push(start..text.len());
    }
    // A crumb at the end belongs to the chunk before it.
    if let [.., before, last] = ranges.as_mut_slice()
        && text
            .get(last.clone())
            .is_some_and(|t| t.chars().count() < SIZE / 4)
    {
        before.end = last.end;
        ranges.pop();
    }
    ranges
}

/// Longest context, in characters.
const CONTEXT: usize = 240;
/// Lines above a chunk in which its context is looked for.
const ABOVE: usize = 400;

/// Finds what a chunk needs from above to be understood: the header of the table that it goes on with, or the bullets
/// that enclose its first line. Empty where the chunk begins something of its own.
pub(crate) fn context(text: &str, start: usize) -> String {
    let (above, below) = text.split_at_checked(start).unwrap_or(("", text));
    let Some(first) = below.lines().find(|line| !line.trim().is_empty()) else {
        return String::new();
    };
    let mut found: Vec<&str> = Vec::new();
    let mut lines = above.lines().rev().take(ABOVE);
    if is_row(first) {
        found.extend(lines.take_while(|line| is_row(line)).last());
    } else {
        let mut least = indent(first);
        while let Some(line) = (least > 0).then(|| lines.next()).flatten() {
            if !line.trim().is_empty() && indent(line) < least {
                least = indent(line);
                found.push(line.trim());
            }
        }
        found.reverse();
    }
    found.join("\n").chars().take(CONTEXT).collect()
}

fn is_row(line: &str) -> bool {
    line.trim_start().starts_with('|')
}

/// How far a line is set in, in columns.
fn indent(line: &str) -> usize {
    line.chars()
        .map_while(|c| match c {
            ' ' => Some(1),
            '\u{3000}' => Some(2),
            '\t' => Some(4),
            _ => None,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_stay_whole_and_long_lines_are_cut() {
        let text = "一行に二十文字ほどある行を何度も繰り返す。\n".repeat(60);
        for range in chunks(&text) {
            assert!(text.get(range).unwrap().ends_with('\n'));
        }
        let long = "あ".repeat(5000);
        assert!(chunks(&long).len() >= 5);
    }

    #[test]
    fn the_rest_of_a_table_knows_its_header_and_a_bullet_what_encloses_it() {
        let table = "| 種類 | 料金 |\n|---|---|\n| 甲 | 1 |\n| 乙 | 2 |\n";
        assert_eq!(
            context(table, table.find("| 乙").unwrap()),
            "| 種類 | 料金 |"
        );
        let list = "- SQS\n  - キュー\n    - 標準\n    - FIFO\n- SNS\n";
        assert_eq!(
            context(list, list.find("    - FIFO").unwrap()),
            "- SQS\n- キュー"
        );
        assert_eq!(context(list, list.find("- SNS").unwrap()), "");
        assert_eq!(context(list, 0), "");
    }

    proptest! {
        #[test]
        fn chunks_cover_the_text(text in "[a雲。 \n]{0,3000}") {
            let joined: String = chunks(&text).into_iter().filter_map(|r| text.get(r)).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
