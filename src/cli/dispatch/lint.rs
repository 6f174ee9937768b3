//! `lint`: findings in content. Each kind of content adds its own to the one report.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::study::{bank_texts, blueprints};
use crate::app::lab_plan::Words as _;
use crate::app::lint_quizzes::{LintRequest, anchors, lint};
use crate::cli::args::{LintArgs, LintKind};
use crate::cli::lang::{Message, Value};
use crate::cli::wire::{Shelf, Wire};
use crate::cli::{CommandError, Context, Exit, Style, Ui};
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

fn quizzes(ui: &Ui, wire: &Wire, report: &mut Report) -> Result<(), CommandError> {
    let services = wire.library_file(Shelf::Content, "services.yaml")?;
    let services = services
        .and_then(|file| yaml::from_str::<ServiceFile>(&String::from_utf8_lossy(&file.bytes)).ok());
    let request = LintRequest {
        files: bank_texts(wire)?,
        blueprints: blueprints(wire)?,
        services: services.map_or_else(BTreeSet::new, |f| {
            f.services.into_iter().map(|s| s.id).collect()
        }),
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
