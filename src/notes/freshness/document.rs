//! Outdated facts of a whole article, handed to its sections.

use super::Rules;
use crate::notes::{Document, LineRange, Stale};

/// The most lines of the file that one flag spans.
const LONGEST: usize = 5;

/// Where a line of an article stands.
struct Place {
    section: usize,
    line: usize,
    /// Characters of the file's line before it.
    column: usize,
}

/// Finds the outdated facts of a document and gives each to the section in which it begins.
///
/// The article is read as a whole: a rule may look at lines above a heading.
pub(in crate::notes) fn mark(document: &mut Document, rules: &Rules) {
    let mut lines: Vec<&str> = Vec::new();
    let mut places: Vec<Place> = Vec::new();
    let mut headings: Vec<(usize, String)> = Vec::new();
    // The title may claim something too, and the parser need not repeat it in the first section.
    let titled = document.sections.first();
    if titled.is_some_and(|first| !first.text.trim_start().starts_with(document.title.trim())) {
        lines.push(&document.title);
        places.push(Place {
            section: 0,
            line: document.lines.first,
            column: 0,
        });
    }
    for (index, section) in document.sections.iter().enumerate() {
        headings.push((lines.len() + 1, section.heading.join("\n")));
        for (at, line) in section.text.split('\n').enumerate() {
            lines.push(line);
            let known = section.line_numbers.get(at).copied();
            places.push(Place {
                section: index,
                line: known.unwrap_or(section.lines.first),
                column: if at == 0 { section.column } else { 0 },
            });
        }
    }
    let mut found: Vec<Vec<Stale>> = vec![Vec::new(); document.sections.len()];
    for flag in rules.check_article(&document.title, &headings, 1, &lines) {
        let (Some(first), Some(last)) = (places.get(flag.line - 1), places.get(flag.line_end - 1))
        else {
            continue;
        };
        let rule = &rules.rules()[flag.rule];
        found[first.section].push(Stale {
            rule: rule.id.clone(),
            lines: LineRange {
                first: first.line,
                // Lines that were dropped as no text may lie between.
                last: last.line.clamp(first.line, first.line + LONGEST - 1),
            },
            column: first.column + flag.column,
            now: rule.now.clone(),
            since: rule.since.clone(),
            source: rule.source.clone(),
        });
    }
    for (section, stale) in document.sections.iter_mut().zip(found) {
        section.stale = stale;
    }
}
