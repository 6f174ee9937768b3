//! Lines of a text as editors number them.

/// One line of a file without its line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Number in the file, from 1.
    pub number: usize,
    /// The line without `\n` or `\r\n`; its leading white space is kept.
    pub text: &'a str,
}

/// Splits a text into lines at `\n`, `\r\n`, and at `\r` alone where the text has no `\n` at all.
pub fn lines(text: &str) -> Vec<Line<'_>> {
    let old_mac = !text.contains('\n') && text.contains('\r');
    let end = if old_mac { '\r' } else { '\n' };
    let mut all: Vec<Line<'_>> = text
        .split(end)
        .enumerate()
        .map(|(at, line)| Line {
            number: at + 1,
            text: line.strip_suffix('\r').unwrap_or(line),
        })
        .collect();
    // A final line end closes the last line, it does not open another.
    if all.last().is_some_and(|line| line.text.is_empty()) {
        all.pop();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        lines(text).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn every_kind_of_line_end() {
        assert_eq!(texts("a\nb\n"), ["a", "b"]);
        assert_eq!(texts("a\r\nb"), ["a", "b"]);
        assert_eq!(texts("a\rb\r"), ["a", "b"]);
        assert!(texts("").is_empty());
        assert_eq!(texts("\n\nx"), ["", "", "x"]);
    }
}
