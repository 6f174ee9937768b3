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

    proptest! {
        #[test]
        fn chunks_cover_the_text(text in "[a雲。 \n]{0,3000}") {
            let joined: String = chunks(&text).into_iter().filter_map(|r| text.get(r)).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
