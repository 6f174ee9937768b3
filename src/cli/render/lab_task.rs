//! The tasks of labs: how they stand, and help with them.

use crate::app::lab_check::{CheckReport, Remembered};
use crate::app::lab_help::HelpReport;
use crate::cli::{CommandError, Style, Ui};
use crate::msg;
use crate::text;

/// Shows how the tasks stand.
pub(crate) fn checked(ui: &mut Ui, report: &CheckReport) -> Result<(), CommandError> {
    for task in &report.tasks {
        let (style, mark) = if task.done {
            (Style::Good, "✓")
        } else {
            (Style::Bad, "✗")
        };
        let line = text::neutralize(&format!("{mark} {}  {}", task.id, task.text));
        let styled = ui.style(style, line);
        ui.line(styled)?;
        if let Some(remark) = &task.remark {
            ui.say(&msg!("lab-cause", words = remark))?;
        }
        if !task.done {
            ui.say(&msg!("lab-check-expected", expected = &task.expected))?;
            ui.say(&msg!("lab-check-found", found = &task.found))?;
        }
    }
    ui.say(&msg!(
        "lab-check-sum",
        done = report.done,
        tasks = report.tasks.len()
    ))?;
    let undone = report.tasks.iter().find(|task| !task.done);
    match undone {
        Some(task) => ui.talk(&msg!("lab-check-help", lab = &report.lab, task = &task.id)),
        None => Ok(()),
    }
}

/// Shows what a check left for studying.
pub(crate) fn remembered(
    ui: &mut Ui,
    report: &CheckReport,
    kept: Remembered,
) -> Result<(), CommandError> {
    if kept.asked > 0 {
        ui.talk(&msg!("lab-check-asked", count = kept.asked))?;
    }
    if kept.finished {
        ui.talk(&msg!("lab-check-finished", lab = &report.lab))?;
    }
    Ok(())
}

/// Shows a hint, and the solution where it was asked for after the hint.
pub(crate) fn help(ui: &mut Ui, report: &HelpReport) -> Result<(), CommandError> {
    ui.say(&msg!(
        "lab-help-task",
        task = &report.task,
        text = &report.text
    ))?;
    match &report.hint {
        Some(hint) => ui.say(&msg!("lab-help-hint", hint = hint))?,
        None => ui.say(&msg!("lab-help-no-hint"))?,
    }
    for note in &report.notes {
        ui.say(&msg!("lab-help-note", note = note))?;
    }
    match &report.solution {
        None => ui.talk(&msg!(
            "lab-help-more",
            lab = &report.lab,
            task = &report.task
        )),
        Some(lines) if lines.is_empty() => ui.say(&msg!("lab-help-nothing-more")),
        Some(lines) => lines
            .iter()
            .flat_map(|line| line.split('\n'))
            .try_for_each(|line| ui.line(text::neutralize(line))),
    }
}
