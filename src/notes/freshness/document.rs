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
            line: document.title_at.0,
            column: document.title_at.1,
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::notes::services::Services;
    use crate::notes::{Kind, NoteFile, Scope, mark_stale, parse};

    const RULES: &str = r"
schema: 1
rules:
  - id: s3-consistency
    claim: S3 は結果整合
    now: 強い整合性
    source: https://example.com
    evidence: copy
    confidence: high
    match:
      - {all: ['(^|[^a-z])s3 ?は結果整合'], within: 1}
";

    #[test]
    fn a_claim_in_the_title_has_the_title_s_place() {
        let rules = Rules::parse(RULES).unwrap();
        for (kind, text, place) in [
            (Kind::Dump, "\n\n\n\nS3は結果整合\n\n本文です。\n", (5, 1)),
            (
                Kind::Dump,
                "雲のノート\n\n学んだことを書くブログです。\n\n【メモ】S3は結果整合\n\n本文です。\n",
                (5, 5),
            ),
            (
                Kind::Markdown,
                "---\ntitle: S3は結果整合\n---\n\n本文\n",
                (2, 8),
            ),
            (
                Kind::Markdown,
                "---\ntags: [a]\n---\n\n# S3は結果整合\n\n本文\n",
                (5, 3),
            ),
            (Kind::Markdown, "# 題\n\n- 記録   S3は結果整合\n", (3, 8)),
        ] {
            let file = NoteFile {
                path: PathBuf::from("log.txt"),
                identity: "log".to_owned(),
                scope: Scope::Mine,
                kind,
                text: text.to_owned(),
                named: false,
            };
            let services = Services::from_yaml("services: []").unwrap();
            let mut document = parse(&file, &services).remove(0);
            mark_stale(&mut document, &rules);
            let found: Vec<_> = document
                .sections
                .iter()
                .flat_map(|section| &section.stale)
                .map(|stale| (stale.lines.first, stale.column))
                .collect();
            assert_eq!(found, [place], "{text}");
        }
    }
}
