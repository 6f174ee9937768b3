//! `lint labs`: what keeps a lab from being built, checked and taken down again.

use std::collections::{BTreeMap, BTreeSet};

use super::lab_cost_block::{self, default_plan};
use super::lab_library::LabTexts;
use crate::lab::check::is_reading;
use crate::lab::cost::PriceTable;
use crate::lab::finding::{Finding as PlanFinding, Severity};
use crate::lab::lab_file::{Check, Lab, LabFileError, Step, Task};
use crate::lab::plan::Plan;
use crate::yaml::Spans;

/// Something wrong with a lab.
#[derive(Debug, Clone, PartialEq)]
pub struct LabFinding {
    /// The stable code, which is also the key of its words.
    pub code: &'static str,
    /// The file.
    pub path: String,
    /// The line in it.
    pub line: usize,
    /// The column in it.
    pub column: usize,
    /// The values its words need.
    pub values: Vec<(&'static str, String)>,
    /// What the guard found, for `lint-lab-denied`.
    pub denied: Option<PlanFinding>,
}

/// Checks labs.
pub fn lint(labs: &[LabTexts], table: &PriceTable) -> Vec<LabFinding> {
    labs.iter().flat_map(|texts| of_lab(texts, table)).collect()
}

fn of_lab(texts: &LabTexts, table: &PriceTable) -> Vec<LabFinding> {
    let mut report = Report {
        path: texts.path.clone(),
        spans: Spans::scan(&texts.lab),
        findings: Vec::new(),
    };
    let lab = match texts.parse() {
        Ok(lab) => lab,
        Err(error) => {
            let (line, column) = match &error {
                LabFileError::Yaml(at) => (at.line, at.column),
                _ => (1, 1),
            };
            report.findings.push(LabFinding {
                code: "lint-lab-file",
                path: texts.path.clone(),
                line,
                column,
                values: vec![("reason", error.to_string())],
                denied: None,
            });
            return report.findings;
        }
    };
    if texts.readme.is_none() {
        report.error("lint-lab-no-readme", "", vec![]);
    }
    if texts.template.is_none() {
        report.error("lint-lab-no-template", "", vec![]);
        return report.findings;
    }
    let plan = default_plan(&lab, texts, table);
    for finding in &plan.findings {
        if finding.severity == Severity::Deny {
            report.findings.push(LabFinding {
                code: "lint-lab-denied",
                path: texts.template_path.clone(),
                line: finding.line.unwrap_or(1),
                column: finding.column.unwrap_or(1),
                values: vec![("rule", finding.rule.clone())],
                denied: Some(finding.clone()),
            });
        }
    }
    report.findings.extend(readme_cost(texts, &plan));
    tasks(&mut report, &lab);
    markers(&mut report, &lab);
    names(&mut report, &lab, &plan);
    report.findings
}

/// Compares the cost that a README states with the estimate.
fn readme_cost(texts: &LabTexts, plan: &Plan) -> Option<LabFinding> {
    let (before, block, _) = lab_cost_block::find(texts.readme.as_deref()?)?;
    if block == lab_cost_block::block(plan) {
        return None;
    }
    Some(LabFinding {
        code: "lint-lab-readme-cost",
        path: texts.path.replace("lab.yaml", "README.md"),
        line: before.lines().count() + 1,
        column: 1,
        values: vec![("hourly", plan.estimate.hourly.to_string())],
        denied: None,
    })
}

struct Report {
    path: String,
    spans: Spans,
    findings: Vec<LabFinding>,
}

impl Report {
    fn error(&mut self, code: &'static str, at: &str, values: Vec<(&'static str, String)>) {
        let place = self.spans.place(at);
        self.findings.push(LabFinding {
            code,
            path: self.path.clone(),
            line: place.map_or(1, |place| place.line),
            column: place.map_or(1, |place| place.column),
            values,
            denied: None,
        });
    }
}

fn tasks(report: &mut Report, lab: &Lab) {
    if lab.tasks.is_empty() {
        report.error("lint-lab-no-tasks", "", vec![]);
    }
    let mut seen = BTreeSet::new();
    for (index, task) in lab.tasks.iter().enumerate() {
        let at = format!("tasks[{index}]");
        if !seen.insert(&task.id) {
            report.error("lint-lab-task-twice", &at, vec![("task", task.id.clone())]);
        }
        for check in task.check.parts() {
            one_check(report, task, check, &at);
        }
    }
}

fn one_check(report: &mut Report, task: &Task, check: &Check, at: &str) {
    let Check::Aws(check) = check else { return };
    if !is_reading(&check.call) {
        let call = check.call.join(" ");
        let values = vec![("task", task.id.clone()), ("call", call)];
        report.error("lint-lab-writing-check", &format!("{at}.check"), values);
    }
    if let Err(error) = jmespath::compile(&check.expect) {
        let values = vec![("task", task.id.clone()), ("reason", error.to_string())];
        report.error("lint-lab-expect", &format!("{at}.check"), values);
    }
}

/// A marker of the solution names tasks of the lab.
fn markers(report: &mut Report, lab: &Lab) {
    for (index, step) in lab.solution.iter().enumerate() {
        let Step::For(marker) = step else { continue };
        for named in &marker.tasks {
            if !lab.tasks.iter().any(|task| task.id == *named) {
                let values = vec![("task", named.clone())];
                report.error(
                    "lint-lab-unknown-task",
                    &format!("solution[{index}]"),
                    values,
                );
            }
        }
    }
}

/// The texts of a check in which `${Name}` may stand.
fn check_texts(check: &Check) -> Vec<&str> {
    let mut used: Vec<&str> = Vec::new();
    for part in check.parts() {
        match part {
            Check::Aws(check) => {
                used.extend(check.call.iter().map(String::as_str));
                used.push(&check.expect);
            }
            Check::Http(check) => {
                used.push(&check.http.url);
                used.extend(check.http.headers.values().map(String::as_str));
                used.extend(check.http.body.as_deref());
            }
            Check::All(_) => {}
        }
    }
    used
}

/// Every `${Name}` of a call is an output, a parameter, a captured answer, or one of the stack's own names.
fn names(report: &mut Report, lab: &Lab, plan: &Plan) {
    let mut known: BTreeSet<String> = ["StackName", "Region", "AccountId", "StackId"]
        .into_iter()
        .map(str::to_owned)
        .collect();
    known.extend(
        plan.evaluated
            .outputs
            .iter()
            .map(|output| output.name.clone()),
    );
    known.extend(plan.evaluated.parameters.keys().cloned());
    let mut texts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (index, task) in lab.tasks.iter().enumerate() {
        let at = format!("tasks[{index}].check");
        texts.insert(at, check_texts(&task.check));
    }
    let steps = |name: &'static str, steps: &'_ [Step]| {
        let numbered = steps.iter().cloned().enumerate();
        let placed = numbered.map(|(index, step)| (format!("{name}[{index}]"), step));
        placed.collect::<Vec<_>>()
    };
    let written = [
        steps("solution", &lab.solution),
        steps("cleanup", &lab.cleanup),
    ]
    .concat();
    for (at, step) in &written {
        let at = at.clone();
        let mut used: Vec<&str> = Vec::new();
        match step {
            Step::Aws(call) => used.extend(call.iter().map(String::as_str)),
            Step::Capture(step) => {
                used.extend(step.call.iter().map(String::as_str));
                used.extend(step.query.as_deref());
                known.extend(step.capture.clone());
            }
            Step::Http(step) => {
                used.push(&step.http.url);
                used.extend(step.http.body.as_deref());
                known.extend(step.capture.clone());
            }
            // What is written to a file may be a script with names of its own.
            Step::File(_) | Step::For(_) => {}
            Step::Wait(step) => used.extend(step.until.iter().flat_map(check_texts)),
        }
        texts.insert(at, used);
    }
    for (at, used) in texts {
        for name in used.into_iter().flat_map(placeholders) {
            if !known.contains(name) {
                report.error(
                    "lint-lab-unknown-output",
                    &at,
                    vec![("name", name.to_owned())],
                );
            }
        }
    }
}

/// Gives the names in `${…}`.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| {
        let name = rest.split_once('}')?.0;
        name.chars()
            .all(|c| c.is_ascii_alphanumeric())
            .then_some(name)
    })
}
