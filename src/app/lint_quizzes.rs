//! `lint quizzes`: every finding in the question bank, with counts.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;

use super::bank::{BankText, read_bank};
use crate::exam::Blueprints;
use crate::quiz::lint::{LintReference, check};
use crate::quiz::{Finding, Kind};

/// What the bank may refer to, as the library has it.
#[derive(Debug, Clone)]
pub struct LintRequest {
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
pub fn lint(request: &LintRequest) -> LintReport {
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

/// Lists the sections of a note by its explicit anchors: `note#anchor`.
pub fn anchors(note: &str, markdown: &str) -> Vec<String> {
    markdown
        .lines()
        .filter(|line| line.starts_with('#'))
        .filter_map(|line| line.rsplit_once("{#")?.1.trim_end().strip_suffix('}'))
        .map(|anchor| format!("{note}#{anchor}"))
        .collect()
}
