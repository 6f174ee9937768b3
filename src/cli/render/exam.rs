//! Mock exams as text: questions, the review screen, the result.

use super::quiz::{leads_on, options, prose, told};
use super::stats::bar;
use crate::app::exam::review::Explanation;
use crate::app::exam::{Begun, DomainResult, ExamQuestion, ExamResult, Review};
use crate::cli::{CommandError, Style, Ui};
use crate::config::Language;
use crate::msg;
use crate::text;

/// Questions in a row of the review screen.
const ROW: usize = 10;

/// Writes seconds as `1:02:03`.
pub(crate) fn clock(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hours}:{minutes:02}:{seconds:02}")
}

/// Says how the exam begins.
pub(crate) fn begun(ui: &mut Ui, begun: &Begun) -> Result<(), CommandError> {
    let message = if begun.resumed {
        msg!(
            "exam-resumed",
            version = &begun.version.0,
            seed = begun.seed,
            answered = begun.answered,
            questions = begun.questions,
            left = clock(begun.seconds_left)
        )
    } else {
        msg!(
            "exam-begun",
            version = &begun.version.0,
            seed = begun.seed,
            questions = begun.questions,
            minutes = begun.minutes
        )
    };
    ui.talk(&message)?;
    if begun.repeated > 0 {
        ui.talk(&msg!("exam-repeated", repeated = begun.repeated))?;
    }
    if ui.is_interactive() {
        ui.talk_wrapped(&msg!("exam-keys"))?;
    }
    Ok(())
}

/// Shows a question.
pub(crate) fn question(ui: &mut Ui, question: &ExamQuestion) -> Result<(), CommandError> {
    ui.line("")?;
    let flag = if question.flagged { " ⚑" } else { "" };
    let head = format!("── {}/{}{flag}", question.number, question.of);
    let head = ui.style(Style::Dim, head);
    ui.line(head)?;
    prose(ui, "", &question.prompt.stem)?;
    let chosen: Vec<&str> = question
        .answered
        .as_deref()
        .unwrap_or("")
        .split(',')
        .collect();
    for option in &question.prompt.options {
        let mark = if chosen.contains(&option.id.as_str()) {
            "▶"
        } else {
            " "
        };
        prose(ui, &format!("{mark} {}) ", option.id), &option.text)?;
    }
    ui.flush()
}

/// Shows which questions are answered (■), open (□) and flagged (⚑).
pub(crate) fn review(ui: &mut Ui, review: &Review) -> Result<(), CommandError> {
    ui.line("")?;
    let open = review.items.iter().filter(|i| !i.answered).count();
    let flagged = review.items.iter().filter(|i| i.flagged).count();
    told(ui, &msg!("exam-review", open = open, flagged = flagged))?;
    for row in review.items.chunks(ROW) {
        let cells: Vec<String> = row
            .iter()
            .map(|item| {
                let sign = if item.answered { "■" } else { "□" };
                let flag = if item.flagged { "⚑" } else { " " };
                format!("{:>3}{sign}{flag}", item.number)
            })
            .collect();
        ui.line(cells.join(" "))?;
    }
    ui.flush()
}

/// Shows the result.
pub(crate) fn result(ui: &mut Ui, result: &ExamResult) -> Result<(), CommandError> {
    ui.line("")?;
    let verdict = if result.passed {
        msg!("exam-passed")
    } else {
        msg!("exam-failed")
    };
    let style = if result.passed {
        Style::Good
    } else {
        Style::Bad
    };
    let verdict = ui.text(&verdict);
    let verdict = ui.style(style, verdict);
    ui.line(verdict)?;
    told(
        ui,
        &msg!(
            "exam-score",
            version = &result.version.0,
            scaled = result.scaled,
            pass = result.pass_score,
            correct = result.correct,
            scored = result.scored,
            time = clock(result.seconds)
        ),
    )?;
    parts(ui, &result.domains)?;
    ui.line("")?;
    parts(ui, &result.tasks)?;
    for past in result.earlier.iter().rev().take(5).rev() {
        told(
            ui,
            &msg!(
                "exam-earlier",
                day = past.at.to_string().chars().take(10).collect::<String>(),
                scaled = past.scaled,
                correct = past.correct,
                scored = past.scored
            ),
        )?;
    }
    ui.line("")?;
    told(ui, &msg!("exam-missed", missed = result.missed.len()))?;
    // The answers to what was never opened are for another time.
    for item in result
        .items
        .iter()
        .filter(|item| !item.correct && item.seen)
    {
        let given = item.given.as_deref().unwrap_or("-");
        ui.line(format!(
            "  {:>3} {} {given} → {}",
            item.number, item.id, item.answer
        ))?;
    }
    let unseen = result.items.iter().filter(|item| !item.seen).count();
    if unseen > 0 {
        told(ui, &msg!("exam-unseen", unseen = unseen))?;
    }
    if !result.missed.is_empty() {
        told(ui, &msg!("exam-review-hint"))?;
    }
    ui.flush()
}

/// Shows a question of the last exam with its explanation.
pub(crate) fn explanation(ui: &mut Ui, shown: &Explanation) -> Result<(), CommandError> {
    ui.line("")?;
    let head = ui.text(&msg!(
        "exam-explain-head",
        number = shown.number,
        domain = &shown.domain,
        id = &shown.id.0
    ));
    let style = if shown.correct {
        Style::Good
    } else {
        Style::Bad
    };
    let head = ui.style(style, text::neutralize(&head));
    ui.line(head)?;
    prose(ui, "", &shown.stem)?;
    told(
        ui,
        &msg!(
            "exam-explain-given",
            given = shown.given.as_deref().unwrap_or("-"),
            answer = &shown.answer
        ),
    )?;
    options(ui, &shown.options)?;
    leads_on(
        ui,
        &shown.leads_on.sections,
        shown.leads_on.own_notes.as_deref(),
        (&shown.notes, &shown.labs),
    )?;
    ui.flush()
}

#[expect(clippy::cast_precision_loss, reason = "counts of questions")]
fn parts(ui: &mut Ui, parts: &[DomainResult]) -> Result<(), CommandError> {
    let japanese = ui.catalog().language() == Language::Japanese;
    let columns = ui.width().min(100).saturating_sub(4 + 20 + 8 + 2).max(8);
    for part in parts {
        let share = part.correct as f64 / part.scored.max(1) as f64;
        let name = if japanese { &part.name } else { &part.name_en };
        let name = text::cut_to_width(&text::neutralize(name), columns);
        let count = format!("{}/{}", part.correct, part.scored);
        ui.line(format!(
            "{:<4}{} {count:>6} {name}",
            part.id,
            bar(share, 20)
        ))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_clock_shows_hours_minutes_seconds() {
        assert_eq!(super::clock(7800), "2:10:00");
        assert_eq!(super::clock(59), "0:00:59");
    }
}
