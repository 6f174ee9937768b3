//! Private keys over several lines, with or without the line that ends them.

use std::collections::HashMap;
use std::ops::Range;

use super::{FIRST, KEPT, REST};

/// Most lines of a key; the longest RSA keys in use have about a hundred.
const LONGEST: usize = 400;
/// Letters of a key in one run, below which a line may be a word.
const RUN: usize = 16;

/// What of a line is a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The characters to mask, as bytes of the line.
    range: Range<usize>,
    /// The key begins here: some of its letters stay.
    first: bool,
}

/// Finds the lines that are part of a private key.
pub(super) fn find(lines: &[&str]) -> HashMap<usize, Part> {
    let mut found = HashMap::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let Some(start) = begins(line) else {
            at += 1;
            continue;
        };
        let mut first = true;
        let mut take = |at: usize, range: Range<usize>| {
            found.insert(at, Part { range, first });
            first = false;
        };
        // The whole key in one line, its breaks written `\n`.
        let rest = line.get(start..).unwrap_or_default();
        let end = rest.find("-----END");
        let body = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if longest_run(body) >= RUN {
            take(at, start..start + body.trim_end().len());
        }
        if end.is_some() {
            at += 1;
            continue;
        }
        let below = lines.get(at + 1..).unwrap_or_default();
        let below = below.get(..below.len().min(LONGEST)).unwrap_or_default();
        let next = below.iter().position(|line| begins(line).is_some());
        let closed = below
            .iter()
            .take(next.unwrap_or(below.len()))
            .position(|line| line.contains("-----END"));
        let length = closed.unwrap_or_else(|| open_length(below));
        for (number, line) in (at + 1..).zip(below.iter().take(length)) {
            // A remark in Japanese is no part of the key.
            let range = inner(line);
            if !range.is_empty() && line.is_ascii() {
                take(number, range);
            }
        }
        at += length + 1;
    }
    found
}

/// Gives the byte behind the line that begins a private key.
fn begins(line: &str) -> Option<usize> {
    let begin = line.find("-----BEGIN ")?;
    let (name, _) = line.get(begin + 11..)?.split_once("-----")?;
    let named = name.ends_with("PRIVATE KEY") || name.ends_with("PRIVATE KEY BLOCK");
    named.then_some(begin + 11 + name.len() + 5)
}

/// Counts the lines of a key that nothing ends: up to the first that reads like text.
fn open_length(lines: &[&str]) -> usize {
    let mut length = 0;
    for (at, line) in lines.iter().enumerate() {
        let text = line.get(inner(line)).unwrap_or_default();
        let remark = text.starts_with('#') || text.is_empty() || text.contains(": ");
        let short_end = at == length
            && text.contains(['=', '+', '/'])
            && !text.contains(' ')
            && text.is_ascii();
        if longest_run(text) >= RUN && !text.contains(' ') || short_end {
            length = at + 1;
        } else if !remark || at >= length + 4 {
            break;
        }
    }
    length
}

fn longest_run(text: &str) -> usize {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')))
        .map(str::len)
        .max()
        .unwrap_or(0)
}

/// Leaves out what quotes and indents put around a line.
fn inner(line: &str) -> Range<usize> {
    let start = line.len()
        - line
            .trim_start_matches(|c: char| c.is_whitespace() || c == '>')
            .len();
    start..line.trim_end().len().max(start)
}

/// Writes a line with its part of the key masked.
pub(super) fn write(held: &mut String, line: &str, part: &Part) {
    let length = line
        .get(part.range.clone())
        .map_or(0, |key| key.chars().count());
    let stays = if part.first {
        (length / 4).min(KEPT)
    } else {
        0
    };
    let mut masked = 0;
    for (at, c) in line.char_indices() {
        if !part.range.contains(&at) || c.is_whitespace() {
            held.push(c);
            continue;
        }
        masked += 1;
        held.push(match masked {
            n if n <= stays => c,
            n if n == stays + 1 && part.first => FIRST,
            _ => REST,
        });
    }
}
