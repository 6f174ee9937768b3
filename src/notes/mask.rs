//! Secrets that slipped into notes: found and masked, character for character, so that places stay exact.
//!
//! A whole file is masked before it is parsed: a title is masked as the text is, and no heading cuts a key in two.
//! Until the file is parsed two characters of the private use area stand for what is masked, because a line of stars
//! would be a rule to the parsers; [`finish`] then writes the stars.
//!
//! What has a form of its own is known by it ([`patterns::TOKENS`]); what has none, such as a password, by the name
//! before it and by not reading like a word, a placeholder or a name ([`value`]).

mod patterns;
mod private_key;
mod table;
mod value;

use std::ops::Range;

use crate::notes::Document;
use patterns::Named;
use table::Header;

/// Stands for the first masked character of a secret.
const FIRST: char = '\u{10fffd}';
/// Stands for the other masked characters of a secret.
const REST: char = '\u{10fffc}';
/// Most characters of a secret that stay, so that its owner knows which it is.
const KEPT: usize = 4;
/// Lines below the name of a secret key (or a key id) in which the key itself may stand: a table's rows, a console's.
const BELOW: usize = 4;

/// A secret in a line, as a range of characters.
type Found = Range<usize>;

/// Masks the secrets in a text; gives the masked text and how many there were.
///
/// A quarter of a secret stays at its beginning, four characters at most. AWS's own documentation keys, which hold
/// the word `EXAMPLE`, are no secrets.
pub fn mask(text: &str) -> Option<(String, usize)> {
    let held = hold(text)?;
    let count = held.matches(FIRST).count();
    Some((starred(&held), count))
}

/// Masks the secrets of a text with the characters that [`finish`] turns into stars; `None` when there are none.
pub(super) fn hold(text: &str) -> Option<String> {
    if !patterns::may_hold(text) {
        return None;
    }
    // As `lines` splits them: files with `\r` alone are old, but there are some.
    let end = if text.contains('\n') { '\n' } else { '\r' };
    let lines: Vec<&str> = text.split(end).collect();
    let keys = private_key::find(&lines);
    let mut held = String::with_capacity(text.len());
    let (mut above, mut any) = (Above::default(), false);
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            held.push(end);
        }
        if let Some(key) = keys.get(&at) {
            any = true;
            private_key::write(&mut held, line, key);
            continue;
        }
        let found = in_line(line, &mut above);
        if found.is_empty() {
            held.push_str(line);
        } else {
            any = true;
            write(&mut held, line, &found);
        }
    }
    any.then_some(held)
}

/// What the lines above say about a line.
#[derive(Debug, Default)]
struct Above {
    /// Lines in which a key may stand that was named above.
    key: usize,
    /// The head of the table that the line is a row of.
    table: Option<Header>,
}

/// Finds the secrets of a line, sorted and apart from each other.
fn in_line(line: &str, above: &mut Above) -> Vec<Found> {
    let under = above.key > 0;
    above.key = above.key.saturating_sub(1);
    let narrow = narrow(line);
    let text = narrow.as_deref().unwrap_or(line);
    let row = above.table.take().filter(|table| table.covers(text));
    let mut found: Vec<Range<usize>> = row
        .as_ref()
        .map(|table| table.secrets(text))
        .unwrap_or_default();
    above.table = row;
    if found.is_empty() && !under && !patterns::may_hold(text) {
        return Vec::new();
    }
    if let Some(table) = table::header(text) {
        above.table = Some(table);
    }
    for pattern in patterns::TOKENS.iter() {
        let captures = pattern.captures_iter(text);
        let secrets = captures.filter_map(|c| c.get(1).or_else(|| c.get(0)));
        found.extend(
            secrets
                .filter(|secret| !value::is_documented(secret.as_str()))
                .map(|secret| secret.range()),
        );
    }
    let names_key = patterns::names_key(text);
    if names_key {
        above.key = BELOW;
    }
    if names_key || under {
        found.extend(patterns::secret_keys(text).filter(|range| {
            let secret = text.get(range.clone()).unwrap_or_default();
            !value::is_documented(secret) && value::is_mixed(secret)
        }));
    }
    for Named { range, strength } in patterns::named(text) {
        let secret = text.get(range.clone()).unwrap_or_default();
        let behind = text.get(range.end..).unwrap_or_default();
        if value::looks(secret, strength) && value::ends_here(behind) {
            found.push(range);
        }
    }
    found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    found.dedup_by(|next, kept| {
        let overlaps = next.start < kept.end;
        kept.end = if overlaps {
            kept.end.max(next.end)
        } else {
            kept.end
        };
        overlaps
    });
    let characters = |offset: usize| {
        text.get(..offset)
            .map_or(0, |before| before.chars().count())
    };
    found
        .into_iter()
        .map(|range| characters(range.start)..characters(range.end))
        .collect()
}

/// Makes full-width letters, digits and signs narrow, one character for one; `None` when there are none.
fn narrow(line: &str) -> Option<String> {
    const WIDE: std::ops::RangeInclusive<char> = '\u{ff01}'..='\u{ff5e}';
    const APART: u32 = 0xff01 - 0x21;
    if !line.contains(|c| WIDE.contains(&c) || c == '\u{3000}') {
        return None;
    }
    let one = |c: char| match c {
        '\u{3000}' => ' ',
        c if WIDE.contains(&c) => char::from_u32(u32::from(c) - APART).unwrap_or(c),
        c => c,
    };
    Some(line.chars().map(one).collect())
}

fn write(held: &mut String, line: &str, found: &[Found]) {
    let mut found = found.iter().peekable();
    for (at, c) in line.chars().enumerate() {
        while found.peek().is_some_and(|range| range.end <= at) {
            found.next();
        }
        held.push(match found.peek() {
            Some(range) if range.contains(&at) => {
                match (at - range.start).checked_sub(kept(range.len())) {
                    None => c,
                    Some(0) => FIRST,
                    Some(_) => REST,
                }
            }
            _ => c,
        });
    }
}

/// How many characters of a secret stay.
fn kept(length: usize) -> usize {
    (length / 4).min(KEPT)
}

fn starred(held: &str) -> String {
    held.replace([FIRST, REST], "*")
}

/// Writes the stars into a document whose file was masked, and counts its secrets.
pub(super) fn finish(document: &mut Document) {
    let masked = |text: &str| text.contains([FIRST, REST]);
    let star = |text: &mut String| {
        if masked(text) {
            *text = starred(text);
        }
    };
    let secrets = |text: &str| text.matches(FIRST).count();
    let texts = document
        .sections
        .iter()
        .map(|section| section.text.as_str());
    document.secrets_masked = texts.clone().map(secrets).sum();
    // The line of a title need not be part of a section.
    if texts.clone().all(|text| !text.contains(&document.title)) {
        document.secrets_masked += secrets(&document.title);
    }
    star(&mut document.title);
    document.keywords.iter_mut().for_each(star);
    for section in &mut document.sections {
        star(&mut section.title);
        star(&mut section.text);
        section.heading.iter_mut().for_each(star);
    }
}

#[cfg(test)]
mod tests;
