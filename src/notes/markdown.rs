//! Markdown notes: one document each, cut at its headings.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::notes::document::{SectionIds, document_id, title_place};
use crate::notes::front::{self, FrontMatter};
use crate::notes::{Document, DocumentId, Line, LineRange, NoteFile, Section, lines};

/// A heading as it stands in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Heading {
    level: usize,
    text: String,
    anchor: Option<String>,
    /// Index of its first line within the body.
    line: usize,
    /// Index after its last line (two lines for a heading that is underlined).
    end: usize,
}

/// Reads a Markdown file; a file without any text gives no document.
pub fn parse(file: &NoteFile) -> Vec<Document> {
    let all = lines(&file.text);
    let (front, taken) = front::split(&all);
    let body = all.get(taken..).unwrap_or_default();
    let headings = headings(body);
    let title = title(file, &front, &headings, body);
    let id = match &front.id {
        Some(id) if file.named => DocumentId(id.clone()),
        // A file is one document, whatever its title becomes.
        _ => document_id(&file.identity, "", 0),
    };
    let sections = sections(&id, &title, body, &headings);
    let (Some(first), Some(last)) = (sections.first(), sections.last()) else {
        return Vec::new();
    };
    let lines = LineRange {
        first: all.first().map_or(first.lines.first, |line| line.number),
        last: last.lines.last,
    };
    let title_line = match &front.title {
        Some(_) => all
            .iter()
            .take(taken)
            .find(|line| front::is_title(line.text)),
        None => headings.first().and_then(|heading| body.get(heading.line)),
    };
    let title_at = title_line
        .filter(|line| line.text.contains(&title))
        .map_or((lines.first, 0), |line| title_place(&title, line));
    vec![Document {
        id,
        title,
        title_at,
        path: file.path.clone(),
        lines,
        scope: file.scope,
        sections,
        keywords: front.keywords,
        services: front.services,
        exams: front.exams,
        date: front.date,
        secrets_masked: 0,
    }]
}

fn title(file: &NoteFile, front: &FrontMatter, headings: &[Heading], body: &[Line<'_>]) -> String {
    let first = headings.first().filter(|h| h.level == 1);
    let of_file = || {
        file.path
            .file_stem()
            .map(|s| s.to_string_lossy().into_owned())
    };
    front
        .title
        .clone()
        .or_else(|| first.map(|h| h.text.clone()))
        .or_else(of_file)
        .or_else(|| body.first().map(|line| line.text.to_owned()))
        .unwrap_or_default()
}

/// Finds the headings with the parser, so that `#` in code, comments and tables is none.
fn headings(body: &[Line<'_>]) -> Vec<Heading> {
    let mut starts = Vec::with_capacity(body.len());
    let mut text = String::new();
    for line in body {
        starts.push(text.len());
        text.push_str(line.text.trim_start_matches('\u{feff}'));
        text.push('\n');
    }
    let line_of = |offset: usize| {
        starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    };
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_STRIKETHROUGH;
    let mut found = Vec::new();
    let mut open: Option<Heading> = None;
    let mut depth = 0_usize;
    for (event, range) in Parser::new_ext(&text, options).into_offset_iter() {
        match event {
            // A heading inside a quote or a list is part of that passage.
            Event::Start(Tag::BlockQuote(_) | Tag::List(_) | Tag::FootnoteDefinition(_)) => {
                depth += 1;
            }
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::FootnoteDefinition) => {
                depth = depth.saturating_sub(1);
            }
            Event::Start(Tag::Heading { level, id, .. }) if depth == 0 => {
                open = Some(Heading {
                    level: level as usize,
                    text: String::new(),
                    anchor: id.map(|id| id.to_string()),
                    line: line_of(range.start),
                    end: line_of(range.end.saturating_sub(1)) + 1,
                });
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some(heading) = open.take()
                    && !heading.text.trim().is_empty()
                {
                    found.push(Heading {
                        text: heading.text.trim().to_owned(),
                        ..heading
                    });
                }
            }
            Event::Text(part) | Event::Code(part) => {
                if let Some(heading) = &mut open {
                    heading.text.push_str(&part);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(heading) = &mut open {
                    heading.text.push(' ');
                }
            }
            _ => {}
        }
    }
    found
}

/// Cuts the body: what stands before the first heading, then one piece per heading.
fn sections(id: &DocumentId, title: &str, body: &[Line<'_>], headings: &[Heading]) -> Vec<Section> {
    // A single top heading is the document's title, not a step of every path.
    let tops = headings.iter().filter(|h| h.level == 1).count();
    let titled = tops == 1 && headings.first().is_some_and(|h| h.level == 1);
    let mut ids = SectionIds::new(id);
    let mut sections = Vec::new();
    let mut path: Vec<(usize, String)> = Vec::new();
    let end_of_lead = headings.first().map_or(body.len(), |h| h.line);
    let lead = body.get(..end_of_lead).unwrap_or_default();
    sections.extend(section(&mut ids, id, title, &[], None, lead, 0));
    for (at, heading) in headings.iter().enumerate() {
        let next = headings.get(at + 1);
        let end = next.map_or(body.len(), |h| h.line);
        let lines = body.get(heading.line..end).unwrap_or_default();
        let own = heading.end.saturating_sub(heading.line);
        let is_title = titled && at == 0;
        path.retain(|(level, _)| *level < heading.level);
        if !is_title {
            path.push((heading.level, heading.text.clone()));
        }
        let empty = lines
            .iter()
            .skip(own)
            .all(|line| line.text.trim().is_empty());
        let parent = next.is_some_and(|next| next.level > heading.level);
        if empty && (parent || (is_title && headings.len() > 1)) {
            continue;
        }
        let names: Vec<String> = path.iter().map(|(_, name)| name.clone()).collect();
        let anchor = heading.anchor.as_deref();
        let keep = if is_title && !empty { own } else { 0 };
        sections.extend(section(&mut ids, id, title, &names, anchor, lines, keep));
    }
    sections
}

/// Makes a section of some lines without the blank ones around them; `skip` leaves the title's own lines out.
fn section(
    ids: &mut SectionIds,
    document: &DocumentId,
    title: &str,
    heading: &[String],
    anchor: Option<&str>,
    lines: &[Line<'_>],
    skip: usize,
) -> Option<Section> {
    let lines = lines.get(skip..)?;
    let blank = |line: &Line<'_>| line.text.trim().is_empty();
    let first = lines.iter().position(|line| !blank(line))?;
    let last = lines.iter().rposition(|line| !blank(line))?;
    let lines = lines.get(first..=last)?;
    let texts: Vec<&str> = lines.iter().map(|line| line.text).collect();
    Some(Section {
        id: ids.next(heading, anchor),
        document: document.clone(),
        title: title.to_owned(),
        heading: heading.to_vec(),
        lines: LineRange {
            first: lines.first()?.number,
            last: lines.last()?.number,
        },
        text: texts.join("\n"),
        line_numbers: lines.iter().map(|line| line.number).collect(),
        column: 0,
        services: Vec::new(),
        stale: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::*;
    use crate::notes::{Kind, Scope};

    fn file(text: &str) -> NoteFile {
        NoteFile {
            path: PathBuf::from("notes/lambda.md"),
            identity: "/notes/lambda.md".to_owned(),
            scope: Scope::Mine,
            kind: Kind::Markdown,
            text: text.to_owned(),
            named: false,
        }
    }

    #[test]
    fn headings_cut_and_lines_stay_exact() {
        let text = "---\ntitle: 名前\n---\n\n# 見出し\n\n導入\n\n## 使い方 {#use}\n\n```bash\n# これは見出しではない\n```\n\n### 細部\n\n| a | b |\n|---|---|\n\n## 空\n";
        let documents = parse(&file(text));
        let document = documents.first().unwrap();
        assert_eq!(document.title, "名前");
        let seen: Vec<(Vec<String>, usize, usize)> = document
            .sections
            .iter()
            .map(|s| (s.heading.clone(), s.lines.first, s.lines.last))
            .collect();
        let names = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            seen,
            [
                (names(&[]), 7, 7),
                (names(&["使い方"]), 9, 13),
                (names(&["使い方", "細部"]), 15, 18),
                (names(&["空"]), 20, 20),
            ]
        );
        assert!(document.sections[1].id.0.ends_with("#use"));
    }

    #[test]
    fn a_new_title_changes_no_id() {
        let ids = |title: &str| -> Vec<String> {
            let text = format!("# {title}\n\n前置き。\n\n## 手順\n\n本文。\n");
            let documents = parse(&file(&text));
            let sections = documents.iter().flat_map(|document| &document.sections);
            sections.map(|section| section.id.to_string()).collect()
        };
        assert_eq!(ids("題"), ids("題名"));
    }

    #[test]
    fn bundled_notes_keep_their_ids() {
        let mut file =
            file("---\nid: sqs\ntitle: SQS\n---\n# SQS\n\n## 数字 {#numbers}\n\n30 秒\n");
        file.named = true;
        let documents = parse(&file);
        assert_eq!(documents[0].sections[0].id.0, "sqs#numbers");
    }

    #[test]
    fn a_note_without_headings_is_one_section() {
        let documents = parse(&file("ただの段落\r\n\r\n二つ目\r\n"));
        assert_eq!(documents[0].title, "lambda");
        assert_eq!(documents[0].sections.len(), 1);
        assert_eq!(
            documents[0].sections[0].lines,
            LineRange { first: 1, last: 3 }
        );
    }

    #[test]
    fn underlined_headings_and_empty_ones() {
        let documents = parse(&file("題\n===\n\n本文\n\n## \n\n続き\n"));
        assert_eq!(documents[0].title, "題");
        assert_eq!(documents[0].sections.len(), 1);
        assert!(documents[0].sections[0].text.ends_with("続き"));
    }

    proptest! {
        #[test]
        fn every_line_number_is_true(text in "([#*`|>-]{0,3} ?[a-z雲\n]{0,6}\n?){0,12}") {
            let all = lines(&text);
            for document in parse(&file(&text)) {
                for section in &document.sections {
                    for (line, number) in section.text.split('\n').zip(&section.line_numbers) {
                        prop_assert_eq!(line, all[number - 1].text);
                    }
                }
            }
        }
    }
}
