//! `lint quizzes`: every finding in the question bank, with counts.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;

use super::bank::{BankText, read_bank};
use super::cards::{OwnNotes, TraceState};
use crate::exam::Blueprints;
use crate::notes::freshness::Rules;
use crate::quiz::lint::{LintReference, check};
use crate::quiz::{Card, CardBody, Finding, Kind, Severity};
use crate::yaml::Place;

/// What the bank may refer to, as the library has it.
#[derive(Debug)]
pub struct LintRequest<'a> {
    /// The bank's files.
    pub files: Vec<BankText>,
    /// Exams with their tasks.
    pub blueprints: Blueprints,
    /// Slugs of services; empty when they are not known.
    pub services: BTreeSet<String>,
    /// Sections of the library's notes; empty when they are not known.
    pub sections: BTreeSet<String>,
    /// Ids of labs; empty when they are not known.
    pub labs: BTreeSet<String>,
    /// What is outdated.
    pub rules: &'a Rules,
    /// The learner's own notes, by which cards taken from them are checked; `None` checks none.
    pub own_notes: Option<&'a OwnNotes>,
    /// The day of the check.
    pub today: Date,
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BankCounts {
    /// Choice questions.
    pub questions: usize,
    /// Flash cards and clozes.
    pub cards: usize,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LintReport {
    /// Findings by file and line.
    pub findings: Vec<Finding>,
    /// How much there is.
    pub counts: BankCounts,
}

/// Checks the bank.
pub fn lint(request: &LintRequest<'_>) -> LintReport {
    let (bank, mut findings) = read_bank(&request.files, &request.blueprints);
    let reference = LintReference {
        blueprints: request.blueprints.clone(),
        services: request.services.clone(),
        sections: request.sections.clone(),
        labs: request.labs.clone(),
        today: request.today,
    };
    let texts = request
        .files
        .iter()
        .map(|f| (f.path.as_str(), f.text.as_str()));
    findings.extend(check(bank.cards(), texts, &reference));
    for card in bank.cards() {
        findings.extend(retired(card, request.rules));
        findings.extend(request.own_notes.and_then(|notes| moved(card, notes)));
    }
    findings.sort_by(|a, b| {
        (&a.path, a.line, a.column, a.code).cmp(&(&b.path, b.line, b.column, b.code))
    });
    let choice = |kind: Kind| kind.is_choice();
    let questions = bank.cards().iter().filter(|c| choice(c.kind())).count();
    LintReport {
        findings,
        counts: BankCounts {
            questions,
            cards: bank.cards().len() - questions,
        },
    }
}

/// Finds retired services that a card gives as the answer. Reasons and wrong options are left alone: that is where a
/// question says that something is gone.
fn retired(card: &Card, rules: &Rules) -> Vec<Finding> {
    let taught = match &card.body {
        CardBody::Single { options, .. } | CardBody::Multiple { options, .. } => options
            .iter()
            .filter(|option| option.correct)
            .map(|option| option.text.clone())
            .collect(),
        CardBody::Card { back, .. } => vec![back.clone()],
        CardBody::Cloze(cloze) => vec![cloze.filled()],
    };
    let question = card.question();
    // Each text by itself: a rule's window must not join two options.
    let flags = taught
        .iter()
        .flat_map(|text| rules.check(&question, 1, &text.lines().collect::<Vec<_>>()));
    let named: BTreeSet<usize> = flags.map(|flag| flag.rule).collect();
    let place = Place {
        line: card.line,
        column: 1,
    };
    named
        .into_iter()
        .filter_map(|at| rules.rules().get(at))
        .filter(|rule| rule.retired)
        .map(|rule| {
            Finding::new(
                "quiz-retired-service",
                Severity::Warning,
                &card.path,
                Some(place),
            )
            .with("id", &card.id)
            .with("claim", &rule.claim)
            .with("now", &rule.now)
        })
        .collect()
}

/// Says when the line that a card was taken from has changed or is gone.
fn moved(card: &Card, notes: &OwnNotes) -> Option<Finding> {
    let trace = card.from.as_ref()?;
    let code = match notes.state(card)? {
        TraceState::Same { .. } => return None,
        TraceState::Changed => "quiz-note-changed",
        TraceState::Gone => "quiz-note-gone",
    };
    let place = Place {
        line: card.line,
        column: 1,
    };
    let finding = Finding::new(code, Severity::Warning, &card.path, Some(place));
    Some(
        finding
            .with("id", &card.id)
            .with("note", &trace.note)
            .with("line", &trace.line),
    )
}

/// Lists the sections of a note by its explicit anchors: `note#anchor`.
pub fn anchors(note: &str, markdown: &str) -> Vec<String> {
    markdown
        .lines()
        .filter(|line| line.starts_with('#'))
        .filter_map(|line| line.rsplit_once("{#")?.1.trim_end().strip_suffix('}'))
        .map(|anchor| format!("{note}#{anchor}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(option: &str, why: &str, wrong: &str) -> Vec<&'static str> {
        let rules = Rules::parse(include_str!("../../content/freshness.yaml")).unwrap();
        let text = format!(
            "schema: 1\nexam: SAA\nquestions:\n  - id: saa-x-01\n    task: {{SAA-C03: [\"3.3\"]}}\n    services: [rds]\n    \
             level: apply\n    type: single\n    stem: 台帳を残したい。どうすべきか。\n    options:\n      \
             - {{id: a, text: \"{option}\", correct: true, why: \"{why}\"}}\n      \
             - {{id: b, text: \"{wrong}\", why: 合わない}}\n    sources: [\"https://docs.aws.amazon.com/x\"]\n    \
             evidence: copy\n    checked: 2026-11-21\n"
        );
        let request = LintRequest {
            files: vec![BankText {
                path: "x.yaml".to_owned(),
                text,
                own: true,
            }],
            blueprints: crate::yaml::from_str(include_str!("../../content/blueprint.yaml"))
                .unwrap(),
            services: BTreeSet::new(),
            sections: BTreeSet::new(),
            labs: BTreeSet::new(),
            rules: &rules,
            own_notes: None,
            today: jiff::civil::date(2026, 11, 28),
        };
        let found = lint(&request).findings.into_iter().map(|f| f.code);
        found
            .filter(|code| *code == "quiz-retired-service")
            .collect()
    }

    #[test]
    fn a_retired_service_is_no_answer_but_may_be_a_wrong_one() {
        let current = "Aurora PostgreSQL に追記だけの表を作る";
        let old = "台帳データベースの Amazon QLDB に記録する";
        assert_eq!(codes(old, "理由", current), ["quiz-retired-service"]);
        assert_eq!(codes(current, "QLDB は終了した", old), [""; 0]);
    }
}
