//! Front matter: the YAML between two `---` at the head of a Markdown file.

use jiff::civil::Date;

use crate::exam::Exam;
use crate::notes::Line;
use crate::yaml::{self, Mapping, Value};

/// What front matter may say about a note; fields that are missing or of another shape stay empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrontMatter {
    /// The note's own id, as bundled notes carry it.
    pub id: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The exams it is for.
    pub exams: Vec<Exam>,
    /// Slugs of services.
    pub services: Vec<String>,
    /// Tags and other names, without `#` and with the parts of nested tags apart.
    pub keywords: Vec<String>,
    /// The day it was written or checked.
    pub date: Option<Date>,
}

/// Splits front matter off: what it says, and how many lines it takes.
///
/// YAML that is broken says nothing here (`lint` reports it), but its lines are still taken off. A file that opens
/// with `---` and never closes it has no front matter.
pub fn split(lines: &[Line<'_>]) -> (FrontMatter, usize) {
    let opens = lines
        .first()
        .is_some_and(|line| line.text.trim_start_matches('\u{feff}').trim_end() == "---");
    if !opens {
        return (FrontMatter::default(), 0);
    }
    let closes = |line: &Line<'_>| matches!(line.text.trim_end(), "---" | "...");
    let Some(end) = lines.iter().skip(1).take(200).position(closes) else {
        return (FrontMatter::default(), 0);
    };
    let body: Vec<&str> = lines.iter().skip(1).take(end).map(|l| l.text).collect();
    // A thematic break may open a file as well; front matter holds keys.
    if !body.is_empty() && !body.iter().any(|line| line.contains(':')) {
        return (FrontMatter::default(), 0);
    }
    let matter = match yaml::from_str::<Value>(&body.join("\n")) {
        Ok(Value::Mapping(map)) => read(&map),
        _ => FrontMatter::default(),
    };
    (matter, end + 2)
}

/// Says whether a line of front matter states the title.
pub(super) fn is_title(line: &str) -> bool {
    let bare = line.trim_start_matches(['"', '\'']);
    bare.strip_prefix("title").is_some_and(|rest| {
        rest.trim_start_matches(['"', '\'', ' '])
            .starts_with([':', '='])
    })
}

fn read(map: &Mapping) -> FrontMatter {
    let text = |key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut exams: Vec<Exam> = list(map, "exams")
        .iter()
        .filter_map(|e| e.parse().ok())
        .collect();
    exams.sort_unstable();
    exams.dedup();
    let date = [
        "as_of",
        "date",
        "updated",
        "lastmod",
        "modified",
        "created",
        "published_at",
        "published",
    ]
    .iter()
    .find_map(|key| text(key)?.get(..10)?.parse().ok());
    FrontMatter {
        id: text("id"),
        title: text("title"),
        exams,
        services: list(map, "services"),
        keywords: keywords(map),
        date,
    }
}

/// Reads tags and aliases as the note programs write them: a list, or one text with commas or spaces.
fn keywords(map: &Mapping) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for key in [
        "tags",
        "tag",
        "topics",
        "keywords",
        "categories",
        "category",
    ] {
        for tag in list(map, key) {
            let parts = tag.split(['/', ' ', '\u{3000}']);
            found.extend(parts.map(|part| part.trim_start_matches('#').to_owned()));
        }
    }
    for key in ["aliases", "alias"] {
        found.extend(list(map, key));
    }
    found.retain(|keyword| !keyword.is_empty());
    let mut seen = std::collections::HashSet::new();
    found.retain(|keyword| seen.insert(keyword.clone()));
    found
}

fn list(map: &Mapping, key: &str) -> Vec<String> {
    match map.get(key) {
        Some(Value::Sequence(items)) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Some(Value::String(one)) => one.split(',').map(|s| s.trim().to_owned()).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notes::lines;

    #[test]
    fn a_bundled_note_is_read() {
        let text = "---\nid: sqs\ntitle: SQS — 数字\nexams: [SAA, DVA]\nservices: [sqs]\nas_of: 2026-11-21\n---\n# x\n";
        let (matter, taken) = split(&lines(text));
        assert_eq!(taken, 7);
        assert_eq!(matter.id.as_deref(), Some("sqs"));
        assert_eq!(matter.exams, [Exam::Saa, Exam::Dva]);
        assert_eq!(matter.date.unwrap().to_string(), "2026-11-21");
    }

    #[test]
    fn tags_and_aliases_of_several_programs() {
        let keywords = |yaml: &str| split(&lines(&format!("---\n{yaml}\n---\n"))).0.keywords;
        assert_eq!(
            keywords("tags: [aws/iam, '#試験', aws]\naliases: [権限まわり]"),
            ["aws", "iam", "試験", "権限まわり"]
        );
        assert_eq!(
            keywords("tags: s3, efs\ncategory: AWS"),
            ["s3", "efs", "AWS"]
        );
        assert!(keywords("tags: {a: 1}\nalias: 3").is_empty());
    }

    #[test]
    fn what_is_no_front_matter_stays_text() {
        assert_eq!(split(&lines("# a\n---\n")).1, 0);
        assert_eq!(split(&lines("---\nno end: 1\n")).1, 0);
        assert_eq!(split(&lines("---\n段落\n---\n")).1, 0);
        assert_eq!(split(&lines("---\na: [1\n---\nb\n")).1, 3);
    }
}
