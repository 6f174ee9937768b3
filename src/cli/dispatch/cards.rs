//! `card`: marks by id, cards proposed from the learner's own notes, and what became of their lines.

mod list;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::knowledge::knowledge;
use super::notes::{port_error, shelf_notes};
use super::quiz;
use super::study::{Study, bank_texts, blueprints};
use crate::app::bank::read_bank;
use crate::app::cards::{BadEdit, OwnNotes, SuggestRequest, Suggestion, moved, refuse, suggest};
use crate::app::index::Knowledge;
use crate::cli::args::{CardAction, SuggestArgs};
use crate::cli::lang::Message;
use crate::cli::render::quiz::prose;
use crate::cli::{CommandError, Context, Exit, Reply, Style, Ui, Wire};
use crate::exam::{Blueprints, Exam};
use crate::msg;
use crate::notes::candidates::Rule;
use crate::quiz::own::{bring, retrace};
use crate::quiz::{Card, Origin, Trace};
use crate::schedule::Event;
use crate::text;
use crate::yaml::YamlError;

/// Runs an action.
pub(super) fn run(context: &mut Context, action: CardAction) -> Result<Exit, CommandError> {
    match action {
        CardAction::Suspend { id } => quiz::mark(context, &id, Event::Suspend, |card| {
            msg!("card-suspended", card = card)
        }),
        CardAction::Resume { id } => quiz::mark(context, &id, Event::Resume, |card| {
            msg!("card-resumed", card = card)
        }),
        CardAction::Flag { id } => quiz::mark(context, &id, Event::Flag, |card| {
            msg!("card-flagged", card = card)
        }),
        CardAction::Unflag { id } => quiz::mark(context, &id, Event::Unflag, |card| {
            msg!("card-unflagged", card = card)
        }),
        CardAction::Suggest(args) => propose(context, &args),
        CardAction::List(args) => list::run(context, &args),
    }
}

/// Reads the learner's own notes.
pub(super) fn own_notes(wire: &Wire) -> Result<OwnNotes, CommandError> {
    read_notes(wire, &knowledge(wire)?)
}

fn read_notes(wire: &Wire, knowledge: &Knowledge) -> Result<OwnNotes, CommandError> {
    let library = wire.note_library()?;
    let files = wire.files();
    OwnNotes::read(
        library.as_ref(),
        files.as_ref(),
        &shelf_notes(wire)?,
        knowledge,
    )
    .map_err(port_error)
}

/// Gives the cards of the bank that were taken from notes.
fn kept(wire: &Wire, blueprints: &Blueprints) -> Result<Vec<Card>, CommandError> {
    let own: Vec<_> = bank_texts(wire)?.into_iter().filter(|f| f.own).collect();
    let (bank, _) = read_bank(&own, blueprints);
    let taken = bank.cards().iter().filter(|card| card.from.is_some());
    Ok(taken.cloned().collect())
}

#[derive(Serialize)]
struct SuggestReport<'s> {
    schema: u32,
    candidates: &'s [Suggestion],
}

/// A candidate as it is asked, for `--json`.
#[derive(Serialize)]
struct Asked<'s> {
    schema: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    number: usize,
    of: usize,
    #[serde(flatten)]
    suggestion: &'s Suggestion,
}

/// What the review came to, for `--json`.
#[derive(Serialize, Default)]
struct Sum {
    schema: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    kept: usize,
    skipped: usize,
    never: usize,
    left: usize,
}

fn propose(context: &mut Context, args: &SuggestArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let wire: &Wire = wire;
    let mut study = Study::open(ui, wire)?;
    let knowledge = knowledge(wire)?;
    let notes = read_notes(wire, &knowledge)?;
    // A single word that is a file means that file.
    let path = match args.words.as_slice() {
        [word] if Path::new(word).exists() => Some(wire.absolute(Path::new(word))),
        _ => None,
    };
    let request = SuggestRequest {
        words: if path.is_some() {
            Vec::new()
        } else {
            args.words.clone()
        },
        path,
        exam: args.exam,
        goal: study.rules.goal.map(|goal| goal.exam),
    };
    let cards = kept(wire, &study.rules.blueprints)?;
    let mut found = suggest(
        &notes,
        study.store.as_ref(),
        (&cards, &knowledge.services),
        &request,
    )
    .map_err(|error| wire.record_error(error))?;
    found.truncate(args.limit.map_or(usize::MAX, |limit| limit as usize));
    if args.list && ui.options.json {
        ui.json(&SuggestReport {
            schema: 1,
            candidates: &found,
        })?;
        return Ok(if found.is_empty() {
            Exit::No
        } else {
            Exit::Done
        });
    }
    if found.is_empty() {
        ui.talk(&msg!("suggest-none"))?;
        ui.talk(&msg!("suggest-none-hint"))?;
        return Ok(Exit::No);
    }
    if args.list {
        for (number, suggestion) in (1..).zip(&found) {
            show(ui, suggestion, number, found.len())?;
        }
        return Ok(Exit::Done);
    }
    follow(wire, &notes, &cards)?;
    Desk {
        ui,
        wire,
        study: &mut study,
        sum: Sum {
            schema: 1,
            kind: "summary",
            ..Sum::default()
        },
        path: None,
    }
    .run(found)
}

/// Lets the cards that were taken from notes follow their lines, after notes have changed.
pub(super) fn follow_notes(wire: &Wire) -> Result<(), CommandError> {
    let own = |exam: &Exam| wire.own_bank_path(&Origin::Notes.file(*exam)).exists();
    if !Exam::ALL.iter().any(own) {
        return Ok(());
    }
    let cards = kept(wire, &blueprints(wire)?)?;
    follow(wire, &read_notes(wire, &knowledge(wire)?)?, &cards)
}

/// Writes down where the lines of kept cards stand now, for those that still ask what their line says.
fn follow(wire: &Wire, notes: &OwnNotes, cards: &[Card]) -> Result<(), CommandError> {
    let mut by_exam: BTreeMap<Exam, Vec<(&str, Trace)>> = BTreeMap::new();
    for (card, trace) in moved(notes, cards) {
        let traces = by_exam.entry(card.exam).or_default();
        traces.push((card.id.0.as_str(), trace));
    }
    for (exam, traces) in by_exam {
        let path = wire.own_bank_path(&Origin::Notes.file(exam));
        let Some(text) = wire.read(&path)? else {
            continue;
        };
        let now = retrace(&text, exam, Origin::Notes, &traces);
        if let Some(now) = now.map_err(|error| bad_bank(&path, &error))? {
            wire.write(&path, now.as_bytes())?;
        }
    }
    Ok(())
}

fn bad_bank(path: &Path, error: &YamlError) -> CommandError {
    CommandError::failed(msg!("anki-own-bank"))
        .path(path)
        .at(error.line, error.column)
        .because(error)
}

/// A person or script going through the candidates one by one; each is written before the next is shown.
struct Desk<'a> {
    ui: &'a mut Ui,
    wire: &'a Wire,
    study: &'a mut Study,
    sum: Sum,
    /// The file that the last kept card was written into.
    path: Option<PathBuf>,
}

/// What is done with a candidate.
enum Verdict {
    Keep,
    Edit(String),
    Skip,
    Never,
    Leave,
}

impl Verdict {
    fn of(line: &str) -> Option<Self> {
        let line = line.trim();
        if let Some(edited) = line.strip_prefix(['=', '＝']) {
            return Some(Self::Edit(edited.to_owned()));
        }
        match text::fold(line).as_str() {
            "y" | "yes" | "keep" | "採用" | "はい" => Some(Self::Keep),
            "n" | "no" | "skip" | "" => Some(Self::Skip),
            "x" | "never" => Some(Self::Never),
            "q" | "quit" | "exit" | "終了" => Some(Self::Leave),
            _ => None,
        }
    }
}

impl Desk<'_> {
    fn run(mut self, found: Vec<Suggestion>) -> Result<Exit, CommandError> {
        let of = found.len();
        self.ui.talk_wrapped(&msg!("suggest-begin", count = of))?;
        for (number, mut suggestion) in (1..).zip(found) {
            self.sum.left = of + 1 - number;
            if self.ui.options.json {
                self.ui.json(&Asked {
                    schema: 1,
                    kind: "candidate",
                    number,
                    of,
                    suggestion: &suggestion,
                })?;
            } else {
                show(self.ui, &suggestion, number, of)?;
            }
            if let Some(exit) = self.settle(&mut suggestion)? {
                self.finish()?;
                return Ok(exit);
            }
        }
        self.sum.left = 0;
        self.finish()?;
        Ok(Exit::Done)
    }

    /// Reads lines until a candidate is settled; an exit ends the review.
    fn settle(&mut self, suggestion: &mut Suggestion) -> Result<Option<Exit>, CommandError> {
        loop {
            let prompt = self.ui.text(&msg!("suggest-ask"));
            let line = match self.ui.ask(&prompt)? {
                Reply::Line(line) => line,
                Reply::End if self.ui.is_interactive() => return Ok(Some(Exit::Done)),
                Reply::End => return Ok(Some(Exit::Failed)),
                Reply::Interrupted => return Ok(Some(Exit::Interrupted)),
            };
            let done = match Verdict::of(&line) {
                Some(Verdict::Keep) => self.keep(suggestion),
                Some(Verdict::Edit(typed)) => suggestion
                    .edit(&typed)
                    .map_err(bad_edit)
                    .and_then(|()| self.keep(suggestion)),
                Some(Verdict::Skip) => {
                    self.sum.skipped += 1;
                    Ok(())
                }
                Some(Verdict::Never) => {
                    self.sum.never += 1;
                    refuse(self.study.store.as_mut(), &suggestion.own)
                        .map_err(|error| self.wire.record_error(error))
                }
                Some(Verdict::Leave) => return Ok(Some(Exit::Done)),
                None => Err(CommandError::usage(msg!(
                    "suggest-bad-answer",
                    given = line.trim()
                ))),
            };
            match done {
                Ok(()) => return Ok(None),
                Err(error) if self.ui.is_interactive() && error.exit == Exit::Usage => {
                    self.ui.error(&error);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes a card into the learner's file.
    fn keep(&mut self, suggestion: &Suggestion) -> Result<(), CommandError> {
        let no_exam =
            || CommandError::usage(msg!("suggest-no-exam")).hint(msg!("anki-no-exam-hint"));
        let exam = suggestion.exam.ok_or_else(no_exam)?;
        let path = self.wire.own_bank_path(&Origin::Notes.file(exam));
        let existing = self.wire.read(&path)?;
        let today = self.study.rules.day(self.wire.now());
        let question = suggestion.question(today);
        let brought = bring(existing.as_deref(), exam, Origin::Notes, &[question]);
        let brought = brought.map_err(|error| bad_bank(&path, &error))?;
        self.wire.write(&path, brought.text.as_bytes())?;
        self.sum.kept += 1;
        self.path = Some(path);
        let id = &suggestion.id.0;
        if suggestion.replaces {
            self.ui.talk(&msg!("suggest-updated", id = id))
        } else {
            self.ui.talk(&msg!("suggest-kept", id = id))
        }
    }

    fn finish(&mut self) -> Result<(), CommandError> {
        if self.ui.options.json {
            return self.ui.json(&self.sum);
        }
        self.ui.say(&msg!(
            "suggest-done",
            kept = self.sum.kept,
            skipped = self.sum.skipped,
            never = self.sum.never,
            left = self.sum.left
        ))?;
        match &self.path {
            Some(path) => self.ui.say(&msg!("suggest-file", path = path)),
            None => Ok(()),
        }
    }
}

fn bad_edit(error: BadEdit) -> CommandError {
    CommandError::usage(match error {
        BadEdit::Card => msg!("suggest-bad-card"),
        BadEdit::Cloze => msg!("suggest-bad-cloze"),
    })
}

fn rule(rule: Rule) -> Message {
    match rule {
        Rule::Definition => msg!("suggest-rule-definition"),
        Rule::Number => msg!("suggest-rule-number"),
        Rule::Cell => msg!("suggest-rule-cell"),
    }
}

fn show(
    ui: &mut Ui,
    suggestion: &Suggestion,
    number: usize,
    of: usize,
) -> Result<(), CommandError> {
    let rule = ui.text(&rule(suggestion.rule));
    let head = ui.text(&msg!(
        "suggest-head",
        number = number,
        of = of,
        rule = rule,
        path = &suggestion.path,
        line = suggestion.line
    ));
    let head = ui.style(Style::Dim, text::neutralize(&head));
    ui.line(head)?;
    if let Some(cloze) = &suggestion.text {
        prose(ui, "", cloze)?;
    }
    if let (Some(front), Some(back)) = (&suggestion.front, &suggestion.back) {
        prose(ui, "", front)?;
        prose(ui, "  → ", back)?;
    }
    if suggestion.replaces {
        let told = ui.text(&msg!("suggest-replaces", id = &suggestion.id.0));
        prose(ui, "", &told)?;
    }
    ui.flush()
}
