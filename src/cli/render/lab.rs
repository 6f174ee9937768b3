//! Labs and plans as text.

use crate::app::lab_list::{LabListReport, TierRow};
use crate::app::lab_params::{ParameterRow, ParametersReport};
use crate::app::lab_plan::{PlanReport, PlanRow};
use crate::app::lab_show::LabReport;
use crate::cli::{CommandError, Style, Ui};
use crate::config::Settings;
use crate::lab::finding::Severity;
use crate::lab::guard::Verdict;
use crate::money::MicroUsd;
use crate::msg;
use crate::text;

fn usd(amount: f64) -> String {
    MicroUsd::from_usd(amount).to_string()
}

/// Shows the labs.
pub(crate) fn list(ui: &mut Ui, report: &LabListReport) -> Result<(), CommandError> {
    for lab in &report.labs {
        let id = ui.style(Style::Title, &lab.id);
        let exams: Vec<&str> = lab.exams.keys().map(String::as_str).collect();
        let exams = ui.style(Style::Dim, exams.join(" "));
        ui.line(format!("{id}  {}  {exams}", text::neutralize(&lab.title)))?;
        let tiers: Vec<String> = [
            (&lab.tiers.rehearsal, msg!("lab-tier-rehearsal")),
            (&lab.tiers.sandbox, msg!("lab-tier-sandbox")),
            (&lab.tiers.aws, msg!("lab-tier-aws")),
        ]
        .into_iter()
        .filter(|(tier, _)| matches!(tier, TierRow::Plain(true)))
        .map(|(_, word)| ui.text(&word))
        .collect();
        let row = ui.text(&msg!(
            "lab-row",
            minutes = lab.minutes,
            tasks = lab.tasks,
            hourly = usd(lab.hourly_usd),
            tiers = tiers.join(" · ")
        ));
        ui.line(format!("    {row}"))?;
    }
    if !report.unreadable.is_empty() {
        ui.talk(&msg!(
            "lab-list-unreadable",
            count = report.unreadable.len()
        ))?;
    }
    ui.flush()
}

/// Shows a lab with its tasks and guide.
pub(crate) fn show(ui: &mut Ui, report: &LabReport) -> Result<(), CommandError> {
    let title = ui.style(Style::Title, text::neutralize(&report.lab.title));
    ui.line(format!("{}  {title}", report.lab.id))?;
    let row = ui.text(&msg!(
        "lab-row",
        minutes = report.lab.minutes,
        tasks = report.lab.tasks,
        hourly = usd(report.lab.hourly_usd),
        tiers = &report.region
    ));
    ui.line(row)?;
    heading(ui, &msg!("lab-tasks"))?;
    let width = ui.width().saturating_sub(4);
    for (number, task) in report.task_list.iter().enumerate() {
        ui.line(format!("{}. {}", number + 1, task.id))?;
        for line in text::wrap(&text::neutralize(&task.text), width) {
            ui.line(format!("   {line}"))?;
        }
        if let Some(hint) = &task.hint {
            let hint = ui.text(&msg!("lab-hint", hint = hint));
            for line in text::wrap(&text::neutralize(&hint), width) {
                let line = ui.style(Style::Dim, format!("   {line}"));
                ui.line(line)?;
            }
        }
        if let Some(remark) = &task.remark {
            for line in text::wrap(&text::neutralize(remark), width) {
                let line = ui.style(Style::Warn, format!("   {line}"));
                ui.line(line)?;
            }
        }
    }
    if !report.guide.is_empty() {
        heading(ui, &msg!("lab-guide"))?;
        ui.line(text::neutralize(report.guide.trim_end()))?;
    }
    ui.flush()
}

fn heading(ui: &mut Ui, message: &crate::cli::lang::Message) -> Result<(), CommandError> {
    let words = ui.text(message);
    let words = ui.style(Style::Title, words);
    ui.line("")?;
    ui.line(words)
}

/// Shows the parameters of a template.
pub(crate) fn params(ui: &mut Ui, report: &ParametersReport) -> Result<(), CommandError> {
    if report.parameters.is_empty() {
        ui.say(&msg!("lab-params-none"))?;
    }
    for parameter in &report.parameters {
        let name = ui.style(Style::Title, &parameter.name);
        let kind = ui.style(Style::Dim, &parameter.type_name);
        let default = match &parameter.default {
            Some(value) => ui.text(&msg!("lab-params-default", value = value)),
            None => ui.text(&msg!("lab-params-required")),
        };
        ui.line(format!("{name}  {kind}  {}", text::neutralize(&default)))?;
        if let Some(description) = &parameter.description {
            let width = ui.width().saturating_sub(4);
            for line in text::wrap(&text::neutralize(description), width) {
                ui.line(format!("    {line}"))?;
            }
        }
        details(ui, parameter)?;
    }
    ui.flush()
}

fn details(ui: &mut Ui, parameter: &ParameterRow) -> Result<(), CommandError> {
    let mut lines = Vec::new();
    if !parameter.allowed.is_empty() {
        let values = parameter.allowed.join(", ");
        lines.push(ui.text(&msg!("lab-params-allowed", values = values)));
    }
    let mut limits = Vec::new();
    limits.extend(parameter.pattern.as_ref().map(|p| format!("/{p}/")));
    limits.extend(parameter.min_length.map(|n| format!("length >= {n}")));
    limits.extend(parameter.max_length.map(|n| format!("length <= {n}")));
    limits.extend(parameter.min_value.map(|n| format!(">= {n}")));
    limits.extend(parameter.max_value.map(|n| format!("<= {n}")));
    if !limits.is_empty() {
        lines.push(ui.text(&msg!("lab-params-limits", limits = limits.join(", "))));
    }
    if !parameter.hourly_usd_by_value.is_empty() {
        let unknown = ui.text(&msg!("lab-plan-no-price"));
        let prices: Vec<String> = parameter
            .hourly_usd_by_value
            .iter()
            .map(|(value, price)| match price {
                Some(price) => format!("{value} {}", usd(*price)),
                None => format!("{value} {unknown}"),
            })
            .collect();
        lines.push(ui.text(&msg!("lab-params-prices", prices = prices.join(", "))));
    }
    let width = ui.width().saturating_sub(4);
    for line in lines {
        for line in text::wrap(&text::neutralize(&line), width) {
            ui.line(format!("    {line}"))?;
        }
    }
    Ok(())
}

/// Shows a plan: priced rows, sums, findings, verdict.
pub(crate) fn plan(
    ui: &mut Ui,
    report: &PlanReport,
    settings: &Settings,
) -> Result<(), CommandError> {
    let title = ui.text(&msg!(
        "lab-plan-title",
        lab = &report.lab,
        region = &report.region
    ));
    let title = ui.style(Style::Title, text::neutralize(&title));
    ui.line(title)?;
    let is_free =
        |row: &&PlanRow| row.hourly_usd.is_some_and(|usd| usd < 1e-9) && row.note.is_empty();
    for row in report.resources.iter().filter(|row| !is_free(row)) {
        plan_row(ui, row)?;
    }
    let free = report.resources.iter().filter(is_free).count();
    if free > 0 {
        ui.say(&msg!("lab-plan-free", count = free))?;
    }
    ui.line("")?;
    ui.say(&msg!(
        "lab-plan-hourly",
        hourly = usd(report.hourly_usd),
        most = usd(report.max_hourly_usd)
    ))?;
    ui.say(&msg!(
        "lab-plan-ttl",
        hours = report.ttl_hours,
        usd = usd(report.ttl_usd),
        jpy = report.ttl_jpy
    ))?;
    ui.say(&msg!(
        "lab-plan-forgotten",
        usd = usd(report.forgotten_30d_usd),
        jpy = report.forgotten_30d_jpy
    ))?;
    ui.say(&msg!(
        "lab-plan-rate",
        rate = settings.labs.usd_jpy,
        date = settings.labs.usd_jpy_as_of.to_string()
    ))?;
    if !report.unpriced.is_empty() {
        ui.say(&msg!("lab-plan-unpriced", count = report.unpriced.len()))?;
    }
    findings(ui, report)?;
    let (style, verdict) = match report.verdict {
        Verdict::Allow => (Style::Good, msg!("lab-verdict-allow")),
        Verdict::Confirm => (Style::Warn, msg!("lab-verdict-confirm")),
        Verdict::Deny => (Style::Bad, msg!("lab-verdict-deny")),
    };
    let verdict = ui.text(&verdict);
    let verdict = ui.style(style, verdict);
    ui.line("")?;
    ui.line(verdict)?;
    ui.flush()
}

fn plan_row(ui: &mut Ui, row: &PlanRow) -> Result<(), CommandError> {
    let name = if row.implied {
        format!(
            "  + {} ({})",
            row.logical_id,
            ui.text(&msg!("lab-plan-implied"))
        )
    } else {
        row.logical_id.clone()
    };
    let price = match row.hourly_usd {
        Some(price) => format!("{}/h", usd(price)),
        None => ui.text(&msg!("lab-plan-no-price")),
    };
    let kind = if row.count == 1 {
        row.type_name.clone()
    } else {
        format!("{} ×{}", row.type_name, row.count)
    };
    let line = format!(
        "{} {} {}",
        text::pad_to_width(&text::cut_to_width(&name, 34), 34),
        text::pad_to_width(&text::cut_to_width(&kind, 46), 46),
        price
    );
    ui.line(text::neutralize(&line))?;
    if !row.note.is_empty() {
        let note = ui.style(Style::Dim, format!("      {}", row.note));
        ui.line(note)?;
    }
    Ok(())
}

fn findings(ui: &mut Ui, report: &PlanReport) -> Result<(), CommandError> {
    if report.findings.is_empty() {
        return Ok(());
    }
    ui.line("")?;
    for finding in &report.findings {
        let (style, sign) = match finding.severity {
            Severity::Deny => (Style::Bad, "×"),
            Severity::Confirm => (Style::Warn, "？"),
            Severity::Note => (Style::Dim, "・"),
        };
        let head = ui.style(style, format!("{sign} [{}]", finding.rule));
        let place = finding.line.map_or_else(String::new, |line| {
            let column = finding.column.unwrap_or(1);
            format!(" {line}:{column}")
        });
        let about = finding.resource.as_deref().unwrap_or("");
        let about = text::neutralize(&format!("{about}{place}"));
        ui.line(format!("{head} {about}"))?;
        let width = ui.width().saturating_sub(4);
        for line in text::wrap(&finding.message, width) {
            ui.line(format!("    {line}"))?;
        }
        // A note asks for nothing, so there is nothing to do instead.
        if finding.severity == Severity::Note {
            continue;
        }
        let instead = ui.text(&msg!("lab-finding-instead", instead = &finding.instead));
        for line in text::wrap(&instead, width) {
            let line = ui.style(Style::Dim, format!("    {line}"));
            ui.line(line)?;
        }
    }
    Ok(())
}
