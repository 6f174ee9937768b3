//! Questions, feedback and summaries as text.

use super::plain::plain;
use crate::app::own_notes::{OwnPassage, TaughtSection};
use crate::app::quiz::{Ended, Feedback, FeedbackOption, Question, Reason, Summary};
use crate::cli::lang::Message;
use crate::cli::{CommandError, Style, Ui};
use crate::msg;
use crate::text;

/// Widest lines of prose, however wide the terminal: longer ones are hard to read.
const PROSE: usize = 100;

/// Writes wrapped prose, indented by some columns, the first line after a mark.
pub(crate) fn prose(ui: &mut Ui, mark: &str, body: &str) -> Result<(), CommandError> {
    let indent = text::width(mark);
    let columns = ui.width().min(PROSE).saturating_sub(indent);
    let body = text::neutralize(body);
    for (at, line) in text::wrap(&body, columns).into_iter().enumerate() {
        if at == 0 {
            ui.line(format!("{mark}{line}"))?;
        } else {
            ui.line(format!("{}{line}", " ".repeat(indent)))?;
        }
    }
    Ok(())
}

/// Writes a message as wrapped lines of data.
pub(crate) fn told(ui: &mut Ui, message: &Message) -> Result<(), CommandError> {
    let text = ui.text(message);
    prose(ui, "", &text)
}

/// Writes wrapped lines that all have the same looks.
pub(crate) fn styled(ui: &mut Ui, style: Style, message: &Message) -> Result<(), CommandError> {
    let text = text::neutralize(&ui.text(message));
    for line in text::wrap(&text, ui.width().min(PROSE)) {
        let line = ui.style(style, line);
        ui.line(line)?;
    }
    Ok(())
}

fn reason(reason: Reason) -> Message {
    match reason {
        Reason::Due => msg!("quiz-reason-due"),
        Reason::Lab => msg!("quiz-reason-lab"),
        Reason::FollowUp => msg!("quiz-reason-follow-up"),
        Reason::Weak => msg!("quiz-reason-weak"),
        Reason::New => msg!("quiz-reason-new"),
        Reason::Again => msg!("quiz-reason-again"),
    }
}

/// Shows a question.
pub(crate) fn question(ui: &mut Ui, question: &Question) -> Result<(), CommandError> {
    let why = ui.text(&reason(question.reason));
    let services = question.services.join(", ");
    let head = ui.text(&msg!(
        "quiz-head",
        number = question.number,
        reason = why,
        exam = question.prompt.exam.code(),
        services = services,
        id = &question.prompt.id.0
    ));
    ui.line("")?;
    let head = text::cut_to_width(&text::neutralize(&head), ui.width());
    let head = ui.style(Style::Dim, head);
    ui.line(head)?;
    prose(ui, "", &question.prompt.stem)?;
    if question.prompt.unconfirmed {
        let note = ui.text(&msg!("quiz-unconfirmed"));
        let note = ui.style(Style::Warn, note);
        ui.line(note)?;
    }
    for option in &question.prompt.options {
        prose(ui, &format!("  {}) ", option.id), &option.text)?;
    }
    ui.flush()
}

/// Shows the back of a flash card.
pub(crate) fn back(ui: &mut Ui, back: &str) -> Result<(), CommandError> {
    prose(ui, "  → ", back)?;
    ui.flush()
}

/// Shows what an answer was worth, every option's explanation, and what leads on.
pub(crate) fn feedback(ui: &mut Ui, feedback: &Feedback) -> Result<(), CommandError> {
    let (style, verdict) = if feedback.correct {
        (Style::Good, msg!("quiz-right"))
    } else {
        (Style::Bad, msg!("quiz-wrong", answer = &feedback.answer))
    };
    styled(ui, style, &verdict)?;
    if feedback.options.is_empty() && feedback.correct {
        prose(ui, "  → ", &feedback.answer)?;
    }
    options(ui, &feedback.options)?;
    leads_on(
        ui,
        &feedback.sections,
        feedback.own_notes.as_deref(),
        (&feedback.notes, &feedback.labs),
    )?;
    told(
        ui,
        &msg!(
            "quiz-due",
            day = feedback.due.to_string(),
            days = feedback.interval_days
        ),
    )?;
    if feedback.leech {
        told(ui, &msg!("quiz-leech"))?;
    }
    ui.flush()
}

/// Shows options with what is right, what was chosen, and why.
pub(crate) fn options(ui: &mut Ui, options: &[FeedbackOption]) -> Result<(), CommandError> {
    for option in options {
        let sign = if option.correct { "○" } else { "×" };
        let chosen = if option.chosen { "▶" } else { " " };
        let mark = format!("{chosen} {sign} {}) ", option.id);
        prose(ui, &mark, &option.text)?;
        let indent = " ".repeat(text::width(&mark));
        prose(ui, &indent, &option.why)?;
    }
    Ok(())
}

/// Shows what leads on: the section that teaches it, the learner's own notes, labs.
pub(crate) fn leads_on(
    ui: &mut Ui,
    sections: &[TaughtSection],
    own_notes: Option<&[OwnPassage]>,
    (notes, labs): (&[String], &[String]),
) -> Result<(), CommandError> {
    for section in sections {
        let head = msg!("quiz-section", id = &section.id, title = &section.title);
        styled(ui, Style::Title, &head)?;
        prose(ui, "  ", &plain(&section.text))?;
    }
    if sections.is_empty() && !notes.is_empty() {
        told(ui, &msg!("quiz-notes", notes = notes.join(" ")))?;
    }
    if let Some(passages) = own_notes {
        if passages.is_empty() {
            told(ui, &msg!("quiz-own-none"))?;
        }
        for passage in passages {
            let nearest = passage.heading.last().filter(|h| **h != passage.title);
            let names: Vec<&str> = std::iter::once(&passage.title)
                .chain(nearest)
                .map(String::as_str)
                .collect();
            told(
                ui,
                &msg!(
                    "quiz-own",
                    title = names.join(" › "),
                    path = &passage.path,
                    line = passage.line
                ),
            )?;
            prose(ui, "  ", &passage.snippet)?;
        }
    }
    if !labs.is_empty() {
        told(ui, &msg!("quiz-labs", labs = labs.join(" ")))?;
    }
    Ok(())
}

/// Shows the sum of a session.
pub(crate) fn summary(ui: &mut Ui, summary: &Summary) -> Result<(), CommandError> {
    if summary.answered == 0 && summary.ended == Ended::Nothing {
        return told(ui, &msg!("quiz-nothing"));
    }
    if summary.answered > 0 {
        ui.line("")?;
        told(
            ui,
            &msg!(
                "quiz-summary",
                answered = summary.answered,
                correct = summary.correct,
                new = summary.new,
                due = summary.due_left,
                minutes = summary.seconds / 60
            ),
        )?;
    }
    match summary.ended {
        Ended::Nothing => told(ui, &msg!("quiz-ended-nothing")),
        Ended::Limit => told(ui, &msg!("quiz-ended-limit")),
        Ended::LastDays => told(
            ui,
            &msg!("quiz-ended-last-days", days = crate::progress::plan::NO_NEW),
        ),
        Ended::Time => told(ui, &msg!("quiz-ended-time")),
        Ended::Count | Ended::Left | Ended::Input => Ok(()),
    }
}
