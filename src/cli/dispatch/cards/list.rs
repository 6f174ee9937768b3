//! `card list`: cards from notes with what became of their lines, and cards by their marks.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Study, kept, own_notes};
use crate::app::cards::marked::{Mark, MarkedCard, marked};
use crate::app::cards::{TraceState, TracedCard, traced};
use crate::cli::args::CardListArgs;
use crate::cli::lang::Message;
use crate::cli::{CommandError, Context, Exit, Style, Ui};
use crate::msg;
use crate::progress::store::CardFilter;
use crate::text;

#[derive(Serialize)]
struct ListReport<'c> {
    schema: u32,
    cards: &'c [TracedCard],
    /// How many of each state there are.
    counts: BTreeMap<&'static str, usize>,
}

/// Lists the cards that were taken from notes, or those with one of the marks that were asked for.
pub(super) fn run(context: &mut Context, args: &CardListArgs) -> Result<Exit, CommandError> {
    let wanted = [
        (args.suspended, Mark::Suspended),
        (args.flagged, Mark::Flagged),
        (args.leeches, Mark::Leech),
        (args.vanished, Mark::Vanished),
    ];
    let wanted: Vec<Mark> = wanted
        .iter()
        .filter(|(asked, _)| *asked)
        .map(|(_, m)| *m)
        .collect();
    if wanted.is_empty() {
        from_notes(context, args)
    } else {
        by_mark(context, args, &wanted)
    }
}

#[derive(Serialize)]
struct MarkReport<'c> {
    schema: u32,
    cards: &'c [MarkedCard],
    /// How many cards have each mark that was asked for.
    counts: BTreeMap<Mark, usize>,
}

fn by_mark(
    context: &mut Context,
    args: &CardListArgs,
    wanted: &[Mark],
) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let study = Study::open(ui, wire)?;
    let filter = CardFilter {
        exam: args.exam,
        ..CardFilter::default()
    };
    let cards =
        marked(study.store.as_ref(), &filter, wanted).map_err(|error| wire.record_error(error))?;
    let exit = if cards.is_empty() {
        Exit::No
    } else {
        Exit::Done
    };
    if ui.options.json {
        let count = |mark: &Mark| {
            cards
                .iter()
                .filter(|card| card.marks.contains(mark))
                .count()
        };
        ui.json(&MarkReport {
            schema: 1,
            cards: &cards,
            counts: wanted.iter().map(|mark| (*mark, count(mark))).collect(),
        })?;
        return Ok(exit);
    }
    if cards.is_empty() {
        ui.talk(&msg!("cards-no-such"))?;
    }
    for card in &cards {
        let marks: Vec<String> = card.marks.iter().map(|m| ui.text(&name(*m))).collect();
        let told = ui.text(&msg!(
            "cards-marked",
            id = &card.id.0,
            marks = marks.join("・"),
            reps = card.reps,
            lapses = card.lapses,
            question = &card.question
        ));
        row(ui, Style::Dim, &told)?;
    }
    Ok(exit)
}

fn name(mark: Mark) -> Message {
    match mark {
        Mark::Suspended => msg!("cards-mark-suspended"),
        Mark::Flagged => msg!("cards-mark-flagged"),
        Mark::Leech => msg!("cards-mark-leech"),
        Mark::Vanished => msg!("cards-mark-vanished"),
    }
}

/// Writes a card on one line, cut at the terminal's end.
fn row(ui: &mut Ui, style: Style, told: &str) -> Result<(), CommandError> {
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = text::cut_to_width(&text::neutralize(&told), ui.width().max(60));
    let told = ui.style(style, told);
    ui.line(told)
}

fn from_notes(context: &mut Context, args: &CardListArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let study = Study::open(ui, wire)?;
    let notes = own_notes(wire)?;
    let mut cards = traced(&notes, &kept(wire, &study.rules.blueprints)?);
    cards.retain(|card| args.exam.is_none_or(|exam| card.exam == exam));
    if ui.options.json {
        let mut counts = BTreeMap::new();
        for card in &cards {
            let state = match card.state {
                TraceState::Same { .. } => "same",
                TraceState::Changed => "changed",
                TraceState::Gone => "gone",
            };
            *counts.entry(state).or_default() += 1;
        }
        ui.json(&ListReport {
            schema: 1,
            cards: &cards,
            counts,
        })?;
        return Ok(Exit::Done);
    }
    if cards.is_empty() {
        ui.talk(&msg!("cards-none"))?;
        ui.talk(&msg!("cards-none-hint"))?;
        return Ok(Exit::No);
    }
    for card in &cards {
        let (state, style) = match card.state {
            TraceState::Same { .. } => (msg!("cards-state-same"), Style::Dim),
            TraceState::Changed => (msg!("cards-state-changed"), Style::Warn),
            TraceState::Gone => (msg!("cards-state-gone"), Style::Warn),
        };
        let state = ui.text(&state);
        let line = match card.state {
            TraceState::Same { line } => line,
            TraceState::Changed | TraceState::Gone => card.line,
        };
        let told = ui.text(&msg!(
            "cards-line",
            id = &card.id.0,
            state = state,
            path = &card.note,
            line = line,
            question = &card.question
        ));
        row(ui, style, &told)?;
    }
    Ok(Exit::Done)
}
