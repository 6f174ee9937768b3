//! The plan as text.

use super::quiz::{styled, told};
use super::stats::bar;
use crate::app::plan::PlanReport;
use crate::cli::{CommandError, Style, Ui};
use crate::config::Language;
use crate::msg;
use crate::progress::plan::{Phase, PlanDay};
use crate::text;

/// Shows the plan.
pub(crate) fn plan(ui: &mut Ui, report: &PlanReport) -> Result<(), CommandError> {
    told(
        ui,
        &msg!(
            "plan-head",
            version = &report.version.0,
            date = report.date.to_string(),
            days = report.days_left,
            minutes = report.minutes_per_day
        ),
    )?;
    versions(ui, report)?;
    if report.plan.no_new {
        told(
            ui,
            &msg!("plan-cards-late", new = report.new_cards, due = report.due),
        )?;
    } else {
        told(
            ui,
            &msg!(
                "plan-cards",
                new = report.new_cards,
                due = report.due,
                today = report.plan.days.first().map_or(0, |day| day.new),
                perday = report.plan.new_per_day
            ),
        )?;
    }
    left_out(ui, report)?;
    ui.line("")?;
    let most = report
        .plan
        .days
        .iter()
        .map(|d| d.minutes)
        .max()
        .unwrap_or(0)
        .max(1);
    for (at, day) in report.plan.days.iter().enumerate() {
        // A long way shows its next three weeks and its end.
        let left = report.plan.days.len() - at;
        if at < 21 || left <= 7 {
            row(ui, day, most)?;
        } else if at == 21 {
            ui.line("…")?;
        }
    }
    weakest(ui, report)
}

/// Says how many cards stay unseen, and what it would take to see them.
fn left_out(ui: &mut Ui, report: &PlanReport) -> Result<(), CommandError> {
    let plan = &report.plan;
    let left = plan.left_out;
    if left == 0 {
        return Ok(());
    }
    let warning = match (plan.minutes_needed, plan.new_per_day_needed) {
        _ if plan.no_new => msg!("plan-left-out-late", left = left),
        (None, _) => msg!("plan-left-out-all", left = left),
        (Some(minutes), None) => msg!("plan-left-out", left = left, minutes = minutes),
        (Some(minutes), Some(perday)) => msg!(
            "plan-left-out-limit",
            left = left,
            minutes = minutes,
            perday = perday,
            limit = report.new_limit
        ),
    };
    styled(ui, Style::Warn, &warning)
}

fn versions(ui: &mut Ui, report: &PlanReport) -> Result<(), CommandError> {
    for version in report.versions.iter().filter(|_| report.versions.len() > 1) {
        let until = version
            .until
            .map_or_else(|| "–".to_owned(), |day| day.to_string());
        told(
            ui,
            &msg!(
                "plan-version",
                version = &version.version.0,
                from = version.from.to_string(),
                until = until
            ),
        )?;
    }
    let Some(before) = &report.differs_from else {
        return Ok(());
    };
    told(
        ui,
        &msg!(
            "plan-differs",
            before = &before.0,
            after = &report.version.0,
            dropped = report.dropped_cards
        ),
    )?;
    let japanese = ui.catalog().language() == Language::Japanese;
    for change in &report.changes {
        let before = change
            .before
            .map_or_else(|| "-".to_owned(), |w| format!("{w}%"));
        let name = if japanese {
            &change.name
        } else {
            &change.name_en
        };
        ui.line(format!(
            "  {} {before} → {}% {}",
            change.domain,
            change.after,
            text::neutralize(name)
        ))?;
    }
    Ok(())
}

fn row(ui: &mut Ui, day: &PlanDay, most: u32) -> Result<(), CommandError> {
    let phase = ui.text(&match day.phase {
        Phase::Learn => msg!("plan-phase-learn"),
        Phase::Weak => msg!("plan-phase-weak"),
        Phase::Mock => msg!("plan-phase-mock"),
        Phase::Rest => msg!("plan-phase-rest"),
        Phase::Exam => msg!("plan-phase-exam"),
    });
    let counts = ui.text(&msg!(
        "plan-day",
        new = format!("{:>3}", day.new),
        reviews = format!("{:>4}", day.reviews),
        minutes = format!("{:>4}", day.minutes)
    ));
    let columns = ui
        .width()
        .min(100)
        .saturating_sub(12 + 12 + text::width(&counts) + 2);
    let drawn = bar(f64::from(day.minutes) / f64::from(most), columns.min(30));
    ui.line(format!(
        "{} {} {counts} {drawn}",
        super::stats::month_and_day(ui, day.day),
        text::pad_to_width(&phase, 12)
    ))
}

fn weakest(ui: &mut Ui, report: &PlanReport) -> Result<(), CommandError> {
    if report.weakest.is_empty() {
        return Ok(());
    }
    let title = ui.text(&msg!("plan-weakest"));
    let title = ui.style(Style::Title, title);
    ui.line("")?;
    ui.line(title)?;
    let japanese = ui.catalog().language() == Language::Japanese;
    let columns = ui.width().min(100).saturating_sub(4 + 20 + 8).max(8);
    for task in &report.weakest {
        let name = if japanese { &task.name } else { &task.name_en };
        let name = text::cut_to_width(&text::neutralize(name), columns);
        let share = format!("{:.0}%", task.mastery * 100.0);
        ui.line(format!(
            "{:<4}{} {share:>4} {name}",
            task.task.0,
            bar(task.mastery, 20)
        ))?;
    }
    Ok(())
}
