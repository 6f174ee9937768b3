//! `lint`: findings in content. Each kind of content adds its own to the one report.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::study::{bank_texts, blueprints};
use crate::app::bank::read_bank;
use crate::app::coverage::{Coverage, Piece, TaskCoverage};
use crate::app::lab_plan::Words as _;
use crate::app::lint_notes::{self, NoteFacts, NoteText, NotesLint};
use crate::app::lint_quizzes::{LintRequest, anchors, lint};
use crate::cli::args::{LintArgs, LintKind};
use crate::cli::lang::{Message, Value};
use crate::cli::wire::{Shelf, Wire};
use crate::cli::{CommandError, Context, Exit, Style, Ui};
use crate::exam::{Blueprints, TaskId};
use crate::msg;
use crate::quiz::{Finding, Severity};
use crate::text;
use crate::yaml;

/// One finding as it is told.
#[derive(Debug, Serialize)]
struct Told {
    code: &'static str,
    severity: &'static str,
    path: String,
    line: usize,
    column: usize,
    message: String,
}

/// How much of each kind there is.
#[derive(Debug, Default, Serialize)]
struct Counts {
    questions: usize,
    cards: usize,
    labs: usize,
    notes: usize,
}

/// The document of `--json`.
#[derive(Debug, Default, Serialize)]
struct Report {
    schema: u32,
    findings: Vec<Told>,
    counts: Counts,
    /// How much there is for each task; only when all kinds are checked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    coverage: Vec<TaskCoverage>,
}

/// Checks the content of one kind, or of all.
pub(super) fn run(context: &mut Context, args: LintArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let mut report = Report {
        schema: 1,
        ..Report::default()
    };
    let wanted = |kind: LintKind| args.kind.is_none_or(|asked| asked == kind);
    if wanted(LintKind::Quizzes) {
        quizzes(ui, wire, &mut report)?;
    }
    if wanted(LintKind::Labs) {
        labs(ui, wire, &mut report)?;
    }
    if wanted(LintKind::Notes) {
        notes(ui, wire, &mut report, args.kind.is_none())?;
    }
    show(ui, &report)?;
    Ok(if report.findings.is_empty() {
        Exit::Done
    } else {
        Exit::No
    })
}

fn show(ui: &mut Ui, report: &Report) -> Result<(), CommandError> {
    if ui.options.json {
        return ui.json(report);
    }
    for finding in &report.findings {
        let place = format!("{}:{}:{}", finding.path, finding.line, finding.column);
        let style = if finding.severity == "error" {
            Style::Bad
        } else {
            Style::Warn
        };
        let code = ui.style(style, finding.code);
        let line = format!(
            "{} {code} {}",
            text::neutralize(&place),
            text::neutralize(&finding.message)
        );
        ui.line(line)?;
    }
    for row in &report.coverage {
        ui.say(&msg!(
            "lint-coverage",
            exam = row.exam.to_string(),
            task = row.task.to_string(),
            sections = row.sections,
            questions = row.questions,
            labs = row.labs,
            name = &row.name
        ))?;
    }
    let counts = &report.counts;
    ui.say(&msg!(
        "lint-counts",
        findings = report.findings.len(),
        questions = counts.questions,
        cards = counts.cards,
        labs = counts.labs,
        notes = counts.notes
    ))
}

#[derive(Deserialize)]
struct ServiceFile {
    services: Vec<Service>,
}

#[derive(Deserialize)]
struct Service {
    id: String,
}

/// Slugs of the services; empty when the list cannot be read.
pub(super) fn service_slugs(wire: &Wire) -> Result<BTreeSet<String>, CommandError> {
    let services = wire.library_file(Shelf::Content, "services.yaml")?;
    let services = services
        .and_then(|file| yaml::from_str::<ServiceFile>(&String::from_utf8_lossy(&file.bytes)).ok());
    Ok(services.map_or_else(BTreeSet::new, |f| {
        f.services.into_iter().map(|s| s.id).collect()
    }))
}

/// Checks the notes of the library; with `coverage` counts what there is for each task.
fn notes(ui: &Ui, wire: &Wire, report: &mut Report, coverage: bool) -> Result<(), CommandError> {
    let texts: Vec<NoteText> = super::notes::shelf_notes(wire)?
        .into_iter()
        .map(|note| NoteText {
            name: note
                .path
                .file_stem()
                .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
            path: note.path.display().to_string(),
            text: String::from_utf8_lossy(&note.bytes).into_owned(),
        })
        .collect();
    let blueprints = blueprints(wire)?;
    let knowledge = super::knowledge::knowledge(wire)?;
    let found = lint_notes::lint(&NotesLint {
        notes: &texts,
        blueprints: &blueprints,
        services: &service_slugs(wire)?,
        rules: &knowledge.rules,
    });
    report.counts.notes = texts.len();
    report
        .findings
        .extend(found.findings.iter().map(|finding| told(ui, finding)));
    if coverage {
        report.coverage = covered(wire, &blueprints, &found.facts)?;
    }
    Ok(())
}

/// Counts sections, questions and labs by task.
fn covered(
    wire: &Wire,
    blueprints: &Blueprints,
    notes: &[NoteFacts],
) -> Result<Vec<TaskCoverage>, CommandError> {
    let mut coverage = Coverage::default();
    for note in notes {
        for (exam, tasks) in &note.tasks {
            for task in tasks {
                coverage.add(exam, task, Piece::Sections, note.sections);
            }
        }
    }
    let (bank, _) = read_bank(&bank_texts(wire)?, blueprints);
    for blueprint in &blueprints.exams {
        for card in bank.cards() {
            for task in card.tasks_in(&blueprint.code) {
                coverage.add(&blueprint.code, task, Piece::Question, 1);
            }
        }
    }
    for lab in super::lab::labs(wire)? {
        // A lab that cannot be read is a finding of its own kind.
        let Ok(lab) = lab.parse() else { continue };
        for (exam, tasks) in &lab.exams {
            for task in tasks {
                coverage.add(exam, &TaskId(task.clone()), Piece::Lab, 1);
            }
        }
    }
    Ok(coverage.report(blueprints))
}

fn quizzes(ui: &Ui, wire: &Wire, report: &mut Report) -> Result<(), CommandError> {
    let files = bank_texts(wire)?;
    let knowledge = super::knowledge::knowledge(wire)?;
    // Reading all notes is worth while only where a card was taken from one.
    let taken = files
        .iter()
        .any(|f| f.own && f.text.contains("origin: notes"));
    let own_notes = taken.then(|| super::cards::own_notes(wire)).transpose()?;
    let request = LintRequest {
        files,
        rules: &knowledge.rules,
        own_notes: own_notes.as_ref(),
        blueprints: blueprints(wire)?,
        services: service_slugs(wire)?,
        sections: sections(wire)?,
        labs: lab_ids(wire)?,
        today: wire.now().to_zoned(wire.zone().clone()).date(),
    };
    let found = lint(&request);
    report.counts.questions = found.counts.questions;
    report.counts.cards = found.counts.cards;
    report
        .findings
        .extend(found.findings.iter().map(|finding| told(ui, finding)));
    Ok(())
}

fn labs(ui: &Ui, wire: &Wire, report: &mut Report) -> Result<(), CommandError> {
    let labs = super::lab::labs(wire)?;
    let table = super::lab::price_table(wire)?;
    report.counts.labs = labs.len();
    let words = super::lab::CatalogWords(ui.catalog());
    for finding in crate::app::lint_labs::lint(&labs, &table) {
        let mut values: Vec<(&'static str, Value)> = finding
            .values
            .iter()
            .map(|(name, value)| (*name, Value::from(value)))
            .collect();
        if let Some(denied) = &finding.denied {
            values.push(("message", Value::from(words.message(denied))));
        }
        report.findings.push(Told {
            code: finding.code,
            severity: "error",
            path: finding.path,
            line: finding.line,
            column: finding.column,
            message: ui.text(&Message {
                key: finding.code,
                values,
            }),
        });
    }
    Ok(())
}

fn sections(wire: &Wire) -> Result<BTreeSet<String>, CommandError> {
    let files = wire.library(Shelf::Content)?;
    let notes = files.iter().filter_map(|file| {
        let note = file.name.rsplit('/').next()?.strip_suffix(".md")?;
        Some(anchors(note, &String::from_utf8_lossy(&file.bytes)))
    });
    Ok(notes.flatten().collect())
}

fn lab_ids(wire: &Wire) -> Result<BTreeSet<String>, CommandError> {
    let files = wire.library(Shelf::Labs)?;
    let ids = files
        .iter()
        .filter_map(|file| file.name.strip_suffix("/lab.yaml"));
    Ok(ids.map(str::to_owned).collect())
}

fn told(ui: &Ui, finding: &Finding) -> Told {
    let message = Message {
        key: finding.code,
        values: finding
            .args
            .iter()
            .map(|(name, value)| (*name, Value::from(value)))
            .collect(),
    };
    Told {
        code: finding.code,
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        path: finding.path.clone(),
        line: finding.line,
        column: finding.column,
        message: ui.text(&message),
    }
}
