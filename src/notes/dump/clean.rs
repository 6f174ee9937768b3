//! What each line of an article is: prose, code, a gutter's number, the name of a picture.

use super::boilerplate::{is_domain, is_image, is_navigation, is_share};
use crate::notes::Line;

/// What a kept line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Nothing on it.
    Blank,
    /// Prose, a list item, a row of a table: anything that is no code.
    Text,
    /// A line of a code block that a gutter counted.
    Code,
}

/// A line that stays.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept<'a> {
    /// The line as it stands in the file.
    pub(crate) line: Line<'a>,
    /// What it is.
    pub(crate) role: Role,
    /// A picture stood right above or below in the same block.
    pub(crate) pictured: bool,
    /// It stands next to lines of the file that were taken out, or of its own block, on neither side.
    pub(crate) alone: bool,
}

impl Kept<'_> {
    pub(crate) fn is_blank(&self) -> bool {
        self.role == Role::Blank
    }
}

/// Sorts the lines of an article and drops what is no part of it.
pub(crate) fn clean<'a>(lines: &[Line<'a>]) -> Vec<Kept<'a>> {
    let gutters = gutters(lines);
    let mut kept = Vec::with_capacity(lines.len());
    let blank = |at: Option<usize>| {
        at.and_then(|i| lines.get(i))
            .is_none_or(|line| line.text.trim().is_empty())
    };
    let image = |at: Option<usize>| {
        at.and_then(|i| lines.get(i))
            .is_some_and(|line| is_image(line.text))
    };
    for (at, line) in lines.iter().enumerate() {
        let gutter = gutters.get(at).copied().unwrap_or(Gutter::Outside);
        let role = match gutter {
            Gutter::Number => continue,
            Gutter::Code | Gutter::Outside if line.text.trim().is_empty() => Role::Blank,
            Gutter::Code => Role::Code,
            Gutter::Outside if dropped(line.text) => continue,
            Gutter::Outside => Role::Text,
        };
        kept.push(Kept {
            line: *line,
            role,
            pictured: image(at.checked_sub(1)) || image(Some(at + 1)),
            alone: blank(at.checked_sub(1)) && blank(Some(at + 1)),
        });
    }
    kept
}

fn dropped(text: &str) -> bool {
    is_image(text) || is_share(text) || is_navigation(text) || is_domain(text)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gutter {
    Outside,
    Number,
    Code,
}

/// Finds gutters: lines that count 1, 2, 3 … and nothing else, followed by just as many lines of code.
fn gutters(lines: &[Line<'_>]) -> Vec<Gutter> {
    let mut marks = vec![Gutter::Outside; lines.len()];
    let number = |at: usize| lines.get(at).and_then(|line| bare_number(line.text));
    let mut at = 0;
    while at < lines.len() {
        if number(at) != Some(1) {
            at += 1;
            continue;
        }
        let mut count = 1;
        while number(at + count) == Some(count + 1) {
            count += 1;
        }
        let code = at + count;
        let fits = code + count <= lines.len()
            && !lines.get(code).is_none_or(|l| l.text.trim().is_empty());
        if fits && (count > 1 || code_follows(lines, code)) {
            mark(&mut marks, at, count, Gutter::Number);
            mark(&mut marks, code, count, Gutter::Code);
            at = code + count;
        } else {
            at += count;
        }
    }
    marks
}

fn mark(marks: &mut [Gutter], from: usize, count: usize, gutter: Gutter) {
    for slot in marks.iter_mut().skip(from).take(count) {
        *slot = gutter;
    }
}

/// A gutter of a single `1` could as well be text: the line below must not read like a sentence.
fn code_follows(lines: &[Line<'_>], at: usize) -> bool {
    lines.get(at).is_some_and(|line| {
        let letters = line.text.chars().filter(|c| !c.is_whitespace());
        let (ascii, all) = letters.fold((0_usize, 0_usize), |(ascii, all), c| {
            (ascii + usize::from(c.is_ascii()), all + 1)
        });
        ascii * 2 > all
    })
}

fn bare_number(text: &str) -> Option<usize> {
    let bare = text.trim();
    let plain = !bare.is_empty() && bare.len() <= 5 && bare.bytes().all(|b| b.is_ascii_digit());
    if plain { bare.parse().ok() } else { None }
}
