//! `lint notes`: what is wrong with the notes of the library.
//!
//! The codes are listed in `docs/LINT.md`; what a note must look like stands in `docs/CONTENT.md`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use serde::Deserialize;

use crate::exam::{Blueprints, ExamVersion, TaskId};
use crate::notes::freshness::Rules;
use crate::quiz::{Finding, Severity};
use crate::yaml::{self, Place, Spans};

/// Characters beyond which a section is no longer recalled at once.
const LONG_SECTION: usize = 1200;

/// A note of the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteText {
    /// Its file name without the extension.
    pub name: String,
    /// The path to show.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What the notes may refer to.
#[derive(Debug)]
pub struct NotesLint<'a> {
    /// The notes.
    pub notes: &'a [NoteText],
    /// Exams with their tasks.
    pub blueprints: &'a Blueprints,
    /// Slugs of services; empty when they are not known.
    pub services: &'a BTreeSet<String>,
    /// The rules of outdated facts.
    pub rules: &'a Rules,
}

/// What one note teaches, for the coverage of tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteFacts {
    /// Its tasks by exam version.
    pub tasks: BTreeMap<ExamVersion, Vec<TaskId>>,
    /// How many sections it has.
    pub sections: usize,
}

/// What was found.
#[derive(Debug, Default)]
pub struct NotesReport {
    /// Findings by file and line.
    pub findings: Vec<Finding>,
    /// What the notes teach.
    pub facts: Vec<NoteFacts>,
}

#[derive(Debug, Deserialize)]
struct Front {
    id: String,
    #[serde(rename = "title")]
    _title: String,
    #[serde(default)]
    tasks: BTreeMap<ExamVersion, Vec<TaskId>>,
    #[serde(default)]
    services: Vec<String>,
    #[serde(rename = "as_of")]
    _as_of: Date,
    #[serde(rename = "evidence")]
    _evidence: Evidence,
    #[serde(default)]
    sources: Vec<Source>,
    #[serde(default)]
    articles: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Source {
    id: String,
    #[serde(rename = "url")]
    _url: String,
    evidence: Evidence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Evidence {
    Opened,
    Copy,
    Memory,
}

/// Checks the notes, each by itself and all together.
pub fn lint(request: &NotesLint<'_>) -> NotesReport {
    let mut report = NotesReport::default();
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for note in request.notes {
        if let Some(other) = seen.insert(&note.name, &note.path) {
            report.findings.push(
                Finding::new("lint-note-duplicate-id", Severity::Error, &note.path, None)
                    .with("id", &note.name)
                    .with("other", other),
            );
        }
    }
    let mut links = Vec::new();
    let mut anchors: HashSet<String> = HashSet::new();
    for note in request.notes {
        let mut checked = Note::new(request, note);
        checked.check();
        report.facts.extend(checked.facts);
        report.findings.append(&mut checked.findings);
        anchors.insert(note.name.clone());
        anchors.extend(checked.anchors.iter().map(|a| format!("{}#{a}", note.name)));
        links.append(&mut checked.links);
    }
    for (path, line, target) in links {
        if !anchors.contains(&target) {
            report.findings.push(
                at("lint-note-dead-link", Severity::Error, &path, line).with("target", &target),
            );
        }
    }
    report.findings.sort_by(|a, b| {
        (&a.path, a.line, a.column, a.code).cmp(&(&b.path, b.line, b.column, b.code))
    });
    report
}

fn at(code: &'static str, severity: Severity, path: &str, line: usize) -> Finding {
    Finding::new(code, severity, path, Some(Place { line, column: 1 }))
}

/// A section while it is read.
#[derive(Debug, Default)]
struct Section {
    line: usize,
    heading: String,
    /// Its text without code blocks.
    text: String,
    length: usize,
}

struct Note<'a> {
    request: &'a NotesLint<'a>,
    file: &'a NoteText,
    lines: Vec<&'a str>,
    findings: Vec<Finding>,
    facts: Option<NoteFacts>,
    anchors: HashSet<String>,
    /// Path, line and target of links to other notes.
    links: Vec<(String, usize, String)>,
}

impl<'a> Note<'a> {
    fn new(request: &'a NotesLint<'a>, file: &'a NoteText) -> Self {
        Self {
            request,
            file,
            lines: file.text.lines().collect(),
            findings: Vec::new(),
            facts: None,
            anchors: HashSet::new(),
            links: Vec::new(),
        }
    }

    fn find(&mut self, code: &'static str, severity: Severity, line: usize) -> &mut Finding {
        self.findings
            .push(at(code, severity, &self.file.path, line));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    fn tell(&mut self, code: &'static str, severity: Severity, line: usize, what: &str) {
        let finding = self.find(code, severity, line);
        finding.args.push(("what", what.to_owned()));
    }

    fn check(&mut self) {
        let end = self.lines.iter().skip(1).position(|line| *line == "---");
        let body = if let (Some(&"---"), Some(end)) = (self.lines.first(), end) {
            end + 2
        } else {
            self.tell("lint-note-front", Severity::Error, 1, "---");
            0
        };
        let front = self.front(body);
        let sections = self.sections(body);
        self.cited(front.as_ref(), &sections, body);
        self.facts = front.map(|front| NoteFacts {
            tasks: front.tasks,
            sections: sections.len(),
        });
        self.stale(body);
        self.collect_links(body);
    }

    /// Reads the front matter and checks what it refers to.
    fn front(&mut self, body: usize) -> Option<Front> {
        let text = self.lines.get(1..body.saturating_sub(1))?.join("\n");
        let spans = Spans::scan(&text);
        let line = |path: &str| spans.place(path).map_or(1, |place| place.line + 1);
        let front: Front = match yaml::from_str(&text) {
            Ok(front) => front,
            Err(error) => {
                self.tell(
                    "lint-note-front",
                    Severity::Error,
                    error.line + 1,
                    &error.message,
                );
                return None;
            }
        };
        if front.id != self.file.name {
            self.tell("lint-note-id", Severity::Error, line("id"), &front.id);
        }
        for (version, tasks) in &front.tasks {
            let blueprint = self.request.blueprints.version(version);
            for task in tasks {
                if blueprint.is_none_or(|blueprint| blueprint.task(task).is_none()) {
                    let what = format!("{version} {task}");
                    self.tell("lint-note-task", Severity::Error, line("tasks"), &what);
                }
            }
        }
        if front.tasks.values().all(Vec::is_empty) {
            self.tell(
                "lint-note-no-task",
                Severity::Warning,
                line("tasks"),
                "tasks",
            );
        }
        for service in &front.services {
            if !self.request.services.is_empty() && !self.request.services.contains(service) {
                self.tell(
                    "lint-note-service",
                    Severity::Error,
                    line("services"),
                    service,
                );
            }
        }
        for article in &front.articles {
            if !ARTICLE.is_match(article) {
                self.tell(
                    "lint-note-article",
                    Severity::Error,
                    line("articles"),
                    article,
                );
            }
        }
        Some(front)
    }

    /// Cuts the body at its headings and checks their anchors and lengths.
    fn sections(&mut self, body: usize) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::new();
        let mut fence = false;
        for (index, line) in self.lines.clone().into_iter().enumerate().skip(body) {
            if line.trim_start().starts_with("```") {
                fence = !fence;
                continue;
            }
            let heading = !fence && (line.starts_with("## ") || line.starts_with("### "));
            if heading {
                self.heading(line, index + 1);
                sections.push(Section {
                    line: index + 1,
                    heading: line.trim_start_matches('#').trim().to_owned(),
                    ..Section::default()
                });
            } else if let Some(section) = sections.last_mut() {
                section.length += line.chars().count();
                if !fence {
                    section.text.push_str(line);
                    section.text.push('\n');
                }
            }
        }
        for section in &sections {
            if section.length > LONG_SECTION {
                let heading = section.heading.clone();
                self.find("lint-note-long", Severity::Warning, section.line)
                    .args
                    .extend([("what", heading), ("length", section.length.to_string())]);
            }
        }
        sections
    }

    fn heading(&mut self, line: &str, number: usize) {
        let Some(anchor) = ANCHOR.captures(line).and_then(|found| found.get(1)) else {
            self.tell(
                "lint-note-no-anchor",
                Severity::Error,
                number,
                line.trim_start_matches('#').trim(),
            );
            return;
        };
        if !self.anchors.insert(anchor.as_str().to_owned()) {
            self.tell("lint-note-anchor", Severity::Error, number, anchor.as_str());
        }
    }

    /// Checks that numbers have sources, sources are there, and what rests on memory says so.
    fn cited(&mut self, front: Option<&Front>, sections: &[Section], body: usize) {
        let known: HashMap<&str, Evidence> = front
            .map(|front| {
                front
                    .sources
                    .iter()
                    .map(|s| (s.id.as_str(), s.evidence))
                    .collect()
            })
            .unwrap_or_default();
        let mut used: HashSet<&str> = HashSet::new();
        for (index, line) in self.lines.clone().into_iter().enumerate().skip(body) {
            for id in CITATION
                .captures_iter(line)
                .filter_map(|found| found.get(1))
            {
                used.insert(id.as_str());
                if front.is_some() && !known.contains_key(id.as_str()) {
                    self.tell("lint-note-source", Severity::Error, index + 1, id.as_str());
                }
            }
        }
        for section in sections {
            let cited: Vec<&str> = CITATION
                .captures_iter(&section.text)
                .filter_map(|found| found.get(1).map(|id| id.as_str()))
                .collect();
            if let (true, Some(number)) = (cited.is_empty(), FACT.find(&section.text)) {
                self.tell(
                    "lint-note-unsourced",
                    Severity::Warning,
                    section.line,
                    number.as_str().trim(),
                );
            }
            let remembered = cited
                .iter()
                .find(|id| known.get(*id).is_some_and(|e| *e == Evidence::Memory));
            if let Some(id) = remembered
                && !section.text.contains("要確認")
                && !section.text.contains("未確認")
            {
                self.tell("lint-note-memory", Severity::Warning, section.line, id);
            }
        }
        for id in known
            .keys()
            .copied()
            .filter(|id| !used.contains(id))
            .collect::<BTreeSet<_>>()
        {
            self.tell("lint-note-unused-source", Severity::Warning, 1, id);
        }
    }

    fn stale(&mut self, body: usize) {
        let title = self
            .lines
            .get(1..body.saturating_sub(1))
            .and_then(|front| front.iter().find_map(|line| line.strip_prefix("title:")));
        let lines = self.lines.get(body..).unwrap_or_default();
        let rules = self.request.rules;
        for flag in rules.check(title.unwrap_or_default(), body + 1, lines) {
            let rule = &rules.rules()[flag.rule];
            let finding = self.find("lint-note-stale", Severity::Error, flag.line);
            finding.column = flag.column;
            finding.args.extend([
                ("rule", rule.id.clone()),
                ("claim", rule.claim.clone()),
                ("now", rule.now.clone()),
            ]);
        }
    }

    fn collect_links(&mut self, body: usize) {
        for (index, line) in self.lines.iter().enumerate().skip(body) {
            for found in LINK.captures_iter(line) {
                let (Some(note), anchor) = (found.get(1), found.get(2)) else {
                    continue;
                };
                let name = note.as_str().rsplit('/').next().unwrap_or_default();
                let name = if name.is_empty() {
                    &self.file.name
                } else {
                    name
                };
                let target = anchor.map_or_else(
                    || name.to_owned(),
                    |anchor| format!("{name}#{}", anchor.as_str()),
                );
                self.links.push((self.file.path.clone(), index + 1, target));
            }
        }
    }
}

fn expression(source: &str) -> Regex {
    #[expect(
        clippy::unwrap_used,
        reason = "the expressions of this file compile; a test uses each"
    )]
    Regex::new(source).unwrap()
}

static ARTICLE: LazyLock<Regex> = LazyLock::new(|| expression(r"^\d{3}-\d{2}$"));
static ANCHOR: LazyLock<Regex> = LazyLock::new(|| expression(r"\{#([a-z0-9][a-z0-9-]*)\}\s*$"));
static CITATION: LazyLock<Regex> = LazyLock::new(|| expression(r"\[\^([^\]\s]+)\]"));
/// A link to another note: `[…](note.md#anchor)`, or within the note: `[…](#anchor)`.
static LINK: LazyLock<Regex> =
    LazyLock::new(|| expression(r"\]\((?:\./|\.\./)*([^):#]*?)(?:\.md)?(?:#([^)]+))?\)"));
/// A number with a unit, a price, or a date.
static FACT: LazyLock<Regex> = LazyLock::new(|| {
    expression(concat!(
        r"[0-9][0-9,.]*\s*(?:秒|分(?:$|[^析類離散割野])|時間|日(?:間|$|[^本付常時])|か月|年(?:間|$|[^度])|%|％|KB|KiB|MB|MiB|GB|GiB|TB|TiB|IOPS|Gbps|Mbps|USD|ドル|円|vCPU|RCU|WCU)",
        r"|\b20[0-9]{2}-[01][0-9]\b"
    ))
});

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "---
id: sqs
title: SQS
tasks: {SAA-C03: [\"2.1\", \"9.9\"]}
services: [sqs, sqz]
as_of: 2026-11-21
evidence: memory
sources:
  - {id: a, url: \"https://example.com\", evidence: memory}
  - {id: b, url: \"https://example.com\", evidence: copy}
articles: [002-07, x]
---

# SQS

## 数字 {#numbers}

最大 12 時間。[^a] [別](sns.md#fan-out)

## 同じ {#numbers}

保持は 14 日。[^c]

### なし

S3 は結果整合性。7 日で消える。[別](#numbers)
";

    fn codes(text: &str) -> Vec<(&'static str, usize)> {
        let blueprints: Blueprints =
            yaml::from_str(include_str!("../../content/blueprint.yaml")).unwrap();
        let rules = Rules::parse(include_str!("../../content/freshness.yaml")).unwrap();
        let report = lint(&NotesLint {
            notes: &[NoteText {
                name: "sqs".into(),
                path: "content/integration/sqs.md".into(),
                text: text.into(),
            }],
            blueprints: &blueprints,
            services: &BTreeSet::from(["sqs".to_owned()]),
            rules: &rules,
        });
        report.findings.iter().map(|f| (f.code, f.line)).collect()
    }

    #[test]
    fn each_fault_has_its_code_and_line() {
        assert_eq!(
            codes(NOTE),
            [
                ("lint-note-unused-source", 1),
                ("lint-note-task", 4),
                ("lint-note-service", 5),
                ("lint-note-article", 11),
                ("lint-note-memory", 16),
                ("lint-note-dead-link", 18),
                ("lint-note-anchor", 20),
                ("lint-note-source", 22),
                ("lint-note-no-anchor", 24),
                ("lint-note-unsourced", 24),
                ("lint-note-stale", 26),
            ]
        );
    }

    #[test]
    fn broken_front_matter_is_one_finding() {
        let found = codes("---\nid: sqs\n---\n\n## あ {#a}\n");
        assert_eq!(found, [("lint-note-front", 2)]);
        assert_eq!(codes("# 見出しだけ\n"), [("lint-note-front", 1)]);
    }
}
