//! Front matter: the YAML between two `---`, or the TOML between two `+++`, at the head of a Markdown file.

use jiff::civil::Date;

use crate::exam::Exam;
use crate::notes::Line;
use crate::notes::dump::find_date;
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
    let first = lines.first().map_or("", |line| line.text);
    let toml = match first.trim_start_matches('\u{feff}').trim_end() {
        "---" => false,
        "+++" => true,
        _ => return (FrontMatter::default(), 0),
    };
    let closes = |line: &Line<'_>| match line.text.trim_end() {
        "---" | "..." => !toml,
        "+++" => toml,
        _ => false,
    };
    let Some(end) = lines.iter().skip(1).take(200).position(closes) else {
        return (FrontMatter::default(), 0);
    };
    let body: Vec<&str> = lines.iter().skip(1).take(end).map(|l| l.text).collect();
    // A thematic break may open a file as well; front matter holds keys.
    if !body.is_empty()
        && !body
            .iter()
            .any(|line| line.contains([':', '=']) && (!toml || line.contains('=')))
    {
        return (FrontMatter::default(), 0);
    }
    let body = body.join("\n");
    let map = if toml {
        body.parse().ok().map(mapping)
    } else {
        match yaml::from_str::<Value>(&body) {
            Ok(Value::Mapping(map)) => Some(map),
            _ => None,
        }
    };
    (map.as_ref().map(read).unwrap_or_default(), end + 2)
}

/// Writes TOML as the YAML that says the same; what stands in tables such as `[taxonomies]` is taken out of them.
fn mapping(table: toml::Table) -> Mapping {
    let mut map = Mapping::new();
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) => {
                for (key, value) in mapping(inner) {
                    map.entry(key).or_insert(value);
                }
            }
            toml::Value::Array(items) => {
                let items = items.iter().map(text_of).collect();
                map.insert(key.into(), Value::Sequence(items));
            }
            value => {
                map.insert(key.into(), text_of(&value));
            }
        }
    }
    map
}

fn text_of(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text.clone()),
        other => Value::String(other.to_string()),
    }
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
    let mut exams: Vec<Exam> = ["exams", "exam"]
        .iter()
        .flat_map(|key| list(map, key))
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
    .find_map(|key| match map.get(*key)? {
        // `20190501` is a number to YAML.
        Value::Number(number) => find_date(&number.to_string()),
        value => find_date(value.as_str()?),
    });
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
    fn one_exam_and_days_in_other_forms() {
        let read = |yaml: &str| split(&lines(&format!("---\n{yaml}\n---\n"))).0;
        assert_eq!(read("exam: SAA").exams, [Exam::Saa]);
        assert_eq!(
            read("exam: [DVA-C02, saa]\nexams: SAA").exams,
            [Exam::Saa, Exam::Dva]
        );
        for (day, same) in [
            ("2019/05/01 10:00", "2019-05-01"),
            ("2019-05-01T10:00:00+09:00", "2019-05-01"),
            ("2019年5月1日", "2019-05-01"),
            ("20190501", "2019-05-01"),
        ] {
            let date = read(&format!("date: {day}")).date;
            assert_eq!(date.map(|d| d.to_string()).as_deref(), Some(same), "{day}");
        }
        assert_eq!(read("date: 来週").date, None);
    }

    #[test]
    fn toml_between_plus_signs() {
        let text = "+++\ntitle = \"S3: 要点\"\ndate = 2019-05-01T10:00:00+09:00\nexam = [\"SAA\"]\ntags = [\"aws/s3\"]\n[taxonomies]\ncategories = [\"試験\"]\n+++\n本文\n";
        let (matter, taken) = split(&lines(text));
        assert_eq!((taken, matter.title.as_deref()), (8, Some("S3: 要点")));
        assert_eq!(matter.date.unwrap().to_string(), "2019-05-01");
        assert_eq!(matter.exams, [Exam::Saa]);
        assert_eq!(matter.keywords, ["aws", "s3", "試験"]);
        assert_eq!(split(&lines("+++\n段落: 一\n+++\n")).1, 0);
    }

    #[test]
    fn what_is_no_front_matter_stays_text() {
        assert_eq!(split(&lines("# a\n---\n")).1, 0);
        assert_eq!(split(&lines("---\nno end: 1\n")).1, 0);
        assert_eq!(split(&lines("---\n段落\n---\n")).1, 0);
        assert_eq!(split(&lines("---\na: [1\n---\nb\n")).1, 3);
    }
}
