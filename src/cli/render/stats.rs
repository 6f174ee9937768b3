//! Statistics as text, with plots that keep their shape in 80 columns whatever the width of the words beside them.

use super::quiz::told;
use crate::app::stats::{HeatDay, StatsReport, TaskReport};
use crate::cli::{CommandError, Style, Ui};
use crate::config::Language;
use crate::msg;
use crate::text;
use crate::time::StudyDay;

/// Widest plot, however wide the terminal.
const PLOT: usize = 100;
/// Eighths of a block, from empty to full.
const EIGHTHS: [&str; 9] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];
/// Shades of the heat map, from none to many.
const SHADES: [&str; 5] = ["·", "░", "▒", "▓", "█"];

/// Shows the report.
pub(crate) fn stats(ui: &mut Ui, report: &StatsReport) -> Result<(), CommandError> {
    told(
        ui,
        &msg!(
            "stats-counts",
            reviews = report.reviews,
            due = report.due,
            new = report.new,
            cards = report.cards,
            reserved = report.reserved
        ),
    )?;
    told(
        ui,
        &msg!(
            "stats-today",
            answers = report.today.answers,
            correct = report.today.correct,
            minutes = report.today.seconds / 60,
            streak = report.streak
        ),
    )?;
    odd_ones(ui, report)?;
    match (report.retention, report.predicted) {
        (Some(measured), Some(predicted)) => told(
            ui,
            &msg!(
                "stats-retention",
                measured = percent(measured),
                predicted = percent(predicted)
            ),
        )?,
        _ => told(ui, &msg!("stats-retention-unknown"))?,
    }
    readiness(ui, report)?;
    labs(ui, report)?;
    tasks(ui, &report.tasks)?;
    if report.reviews > 0 {
        forecast(ui, report)?;
        calibration(ui, report)?;
        heat(ui, report)?;
        hours(ui, report)?;
        causes(ui, report)?;
    }
    ui.flush()
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

fn title(ui: &mut Ui, message: &crate::cli::lang::Message) -> Result<(), CommandError> {
    let title = ui.text(message);
    let title = ui.style(Style::Title, title);
    ui.line("")?;
    ui.line(title)
}

fn odd_ones(ui: &mut Ui, report: &StatsReport) -> Result<(), CommandError> {
    let any = report.suspended + report.flagged + report.leeches + report.vanished > 0;
    if any {
        told(
            ui,
            &msg!(
                "stats-odd",
                suspended = report.suspended,
                flagged = report.flagged,
                leeches = report.leeches,
                vanished = report.vanished
            ),
        )?;
    }
    Ok(())
}

fn labs(ui: &mut Ui, report: &StatsReport) -> Result<(), CommandError> {
    if report.asked_by_labs > 0 {
        told(ui, &msg!("stats-labs-asked", count = report.asked_by_labs))?;
    }
    for done in &report.labs {
        told(
            ui,
            &msg!(
                "stats-lab-done",
                lab = &done.lab,
                day = done.day.0.to_string(),
                tier = &done.tier,
                tasks = done.tasks
            ),
        )?;
    }
    Ok(())
}

fn readiness(ui: &mut Ui, report: &StatsReport) -> Result<(), CommandError> {
    let readiness = &report.readiness;
    match (readiness.probability, readiness.low, readiness.high) {
        (Some(p), Some(low), Some(high)) => told(
            ui,
            &msg!(
                "stats-readiness",
                exam = readiness.exam.code(),
                probability = percent(p),
                low = percent(low),
                high = percent(high)
            ),
        ),
        _ if readiness.outdated => told(
            ui,
            &msg!(
                "stats-readiness-outdated",
                exam = readiness.exam.code(),
                evidence = readiness.evidence
            ),
        ),
        _ => told(
            ui,
            &msg!(
                "stats-readiness-unknown",
                exam = readiness.exam.code(),
                evidence = readiness.evidence,
                needed = readiness.needed
            ),
        ),
    }
}

/// Draws a bar of a share of some columns, in eighths of a column.
pub(super) fn bar(share: f64, columns: usize) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few hundred eighths at most, never negative"
    )]
    let eighths = (share.clamp(0.0, 1.0) * columns as f64 * 8.0).round() as usize;
    let rest = if eighths.is_multiple_of(8) {
        ""
    } else {
        EIGHTHS.get(eighths % 8).copied().unwrap_or_default()
    };
    text::pad_to_width(&format!("{}{rest}", "█".repeat(eighths / 8)), columns)
}

fn tasks(ui: &mut Ui, tasks: &[TaskReport]) -> Result<(), CommandError> {
    if tasks.is_empty() {
        return Ok(());
    }
    title(ui, &msg!("stats-tasks"))?;
    let japanese = ui.catalog().language() == Language::Japanese;
    let width = ui.width().min(PLOT);
    let columns = 20;
    // "2.1 " + bar + " 100% 123/123 " before the name.
    let name_width = width.saturating_sub(4 + columns + 1 + 5 + 8).max(8);
    for task in tasks {
        let name = if japanese { &task.name } else { &task.name_en };
        let name = text::cut_to_width(&text::neutralize(name), name_width);
        let line = format!(
            "{:<4}{} {:>4} {:>7} {name}",
            task.task.0,
            bar(task.mastery, columns),
            percent(task.mastery),
            format!("{}/{}", task.seen, task.cards),
        );
        ui.line(line)?;
    }
    Ok(())
}

/// Writes a day as month, day and weekday.
pub(super) fn month_and_day(ui: &Ui, day: StudyDay) -> String {
    let names = ui.text(&msg!("stats-weekdays"));
    let at = usize::try_from(day.0.weekday().to_monday_zero_offset()).unwrap_or(0);
    let weekday = names.split_whitespace().nth(at).unwrap_or_default();
    format!("{} {weekday}", day.0.strftime("%m-%d"))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of cards are far below 2^53"
)]
fn forecast(ui: &mut Ui, report: &StatsReport) -> Result<(), CommandError> {
    title(ui, &msg!("stats-forecast"))?;
    let most = report
        .forecast
        .iter()
        .map(|d| d.due)
        .max()
        .unwrap_or(0)
        .max(1);
    let columns = ui.width().min(PLOT).saturating_sub(18);
    for day in report.forecast.iter().take(14) {
        let drawn = bar(day.due as f64 / most as f64, columns);
        ui.line(format!(
            "{} {drawn} {:>6}",
            month_and_day(ui, day.day),
            day.due
        ))?;
    }
    Ok(())
}

fn calibration(ui: &mut Ui, report: &StatsReport) -> Result<(), CommandError> {
    // Nothing was predicted before the first day is over.
    if report.calibration.iter().all(|bin| bin.count == 0) {
        return Ok(());
    }
    title(ui, &msg!("stats-calibration"))?;
    for bin in report.calibration.iter().filter(|bin| bin.count > 0) {
        ui.line(format!(
            "{:>4} {} {:>4} {} n={}",
            percent(bin.predicted),
            bar(bin.predicted, 20),
            percent(bin.measured),
            bar(bin.measured, 20),
            bin.count
        ))?;
    }
    Ok(())
}

/// Draws the year: a row for each day of the week, a column for each week.
fn heat(ui: &mut Ui, report: &StatsReport) -> Result<(), CommandError> {
    title(ui, &msg!("stats-heat"))?;
    let weeks = i32::try_from(ui.width().min(PLOT).saturating_sub(4).min(53)).unwrap_or(53);
    let today = report.today.day;
    let weekday = i32::from(today.0.weekday().to_monday_zero_offset());
    let monday = today.plus_days(-weekday - 7 * (weeks - 1));
    let most = report
        .heat
        .iter()
        .map(|d| d.answers)
        .max()
        .unwrap_or(0)
        .max(1);
    let answers = |day: StudyDay| {
        let found = report.heat.binary_search_by_key(&day, |d: &HeatDay| d.day);
        found
            .ok()
            .and_then(|at| report.heat.get(at))
            .map_or(0, |d| d.answers)
    };
    let names = ui.text(&msg!("stats-weekdays"));
    for (row, name) in (0..7).zip(names.split(' ')) {
        let cells: String = (0..weeks)
            .map(|week| monday.plus_days(week * 7 + row))
            .map(|day| {
                if day > today {
                    " "
                } else {
                    shade(answers(day), most)
                }
            })
            .collect();
        ui.line(format!("{}{cells}", text::pad_to_width(name, 4)))?;
    }
    Ok(())
}

/// Chooses a shade; any answer at all shows.
fn shade(answers: u64, most: u64) -> &'static str {
    let step = if answers == 0 {
        0
    } else {
        1 + (answers * 3 / most.max(1)).min(3)
    };
    usize::try_from(step)
        .ok()
        .and_then(|at| SHADES.get(at))
        .copied()
        .unwrap_or(" ")
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of answers are far below 2^53"
)]
fn hours(ui: &mut Ui, report: &StatsReport) -> Result<(), CommandError> {
    title(ui, &msg!("stats-hours"))?;
    let most = report
        .hours
        .iter()
        .map(|h| h.answers)
        .max()
        .unwrap_or(0)
        .max(1);
    for (hour, tally) in report
        .hours
        .iter()
        .enumerate()
        .filter(|(_, h)| h.answers > 0)
    {
        let right = tally.correct as f64 / tally.answers as f64;
        let drawn = bar(tally.answers as f64 / most as f64, 40);
        ui.line(format!(
            "{hour:02}  {drawn} {:>6} {:>4}",
            tally.answers,
            percent(right)
        ))?;
    }
    Ok(())
}

fn causes(ui: &mut Ui, report: &StatsReport) -> Result<(), CommandError> {
    let count = |name: &str| report.causes.get(name).copied().unwrap_or(0);
    if report.causes.is_empty() {
        return Ok(());
    }
    ui.line("")?;
    told(
        ui,
        &msg!(
            "stats-causes",
            knowledge = count("knowledge"),
            reading = count("reading"),
            time = count("time")
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_always_has_its_width() {
        for share in [0.0, 0.01, 0.33, 0.5, 0.999, 1.0, 7.0] {
            assert_eq!(text::width(&bar(share, 20)), 20, "{share}");
        }
    }

    #[test]
    fn any_answer_shows_in_the_heat_map() {
        assert_eq!(shade(0, 100), "·");
        assert_eq!(shade(1, 100), "░");
        assert_eq!(shade(100, 100), "█");
    }
}
