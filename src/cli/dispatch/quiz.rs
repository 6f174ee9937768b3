//! `quiz` and `undo`: a study session at the prompt, from a script, or as NDJSON.

use super::own_notes::IndexedNotes;
use super::study::{LibrarySections, Study, bank_stamp, bank_texts, quiz_error};
use crate::app::cards::{TraceState, state_in};
use crate::app::quiz::{self, Ended, QuizError, QuizRequest, Session, SessionPorts};
use crate::cli::args::QuizArgs;
use crate::cli::lang::Message;
use crate::cli::render::quiz as render;
use crate::cli::{CommandError, Context, Exit, Reply, Ui, Wire};
use crate::msg;
use crate::notes::decode::decode;
use crate::quiz::{CardId, Cause, Kind, Labels, Trace};
use crate::schedule::Event;

/// How a line at the prompt is meant.
enum Typed {
    Answer(String),
    Undo,
    Suspend,
    Flag,
    Edit,
    Leave,
    Blank,
}

impl Typed {
    fn of(line: &str) -> Self {
        match crate::text::fold(line.trim()).as_str() {
            "" => Self::Blank,
            "undo" | "u" | "取消" | "取り消し" => Self::Undo,
            "suspend" | "休止" => Self::Suspend,
            "flag" | "印" => Self::Flag,
            "edit" | "編集" => Self::Edit,
            "quit" | "q" | "exit" | "終了" => Self::Leave,
            _ => Self::Answer(line.to_owned()),
        }
    }
}

/// What a line led to.
enum Step {
    /// The question stays.
    Stays,
    /// Another question is to be shown.
    Next,
    /// The session is over.
    Over(Exit),
}

/// Runs a session.
pub(super) fn run(context: &mut Context, args: QuizArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let wire: &Wire = wire;
    let mut study = Study::open(ui, wire)?;
    let sections = LibrarySections(wire);
    let notes = IndexedNotes::new(wire);
    let labels = if ui.is_interactive() && !ui.options.json {
        Labels::Letters
    } else {
        Labels::Ids
    };
    let request = QuizRequest {
        exam: args.exam,
        service: args.service.map(|s| crate::text::fold(s.trim())),
        task: args.task.map(|t| crate::text::narrow(t.trim())),
        minutes: args.minutes,
        count: args.count,
        mistakes: args.mistakes,
    };
    let ports = SessionPorts {
        store: study.store.as_mut(),
        notes: &notes,
        sections: &sections,
    };
    let session = Session::open(ports, &study.rules, request, labels, wire.now())
        .map_err(|error| quiz_error(wire, error))?;
    Drill { ui, wire, session }.run()
}

/// One session and the person who answers.
struct Drill<'a> {
    ui: &'a mut Ui,
    wire: &'a Wire,
    session: Session<'a>,
}

impl Drill<'_> {
    fn run(mut self) -> Result<Exit, CommandError> {
        if self.ui.is_interactive() {
            self.ui.talk_wrapped(&msg!("quiz-begin"))?;
        }
        loop {
            let now = self.wire.now();
            let next = self.session.next(now);
            let Some(question) = next.map_err(|error| quiz_error(self.wire, error))? else {
                return self.finish(None, Exit::Done);
            };
            if self.ui.options.json {
                self.ui.json(&question)?;
            } else {
                render::question(self.ui, &question)?;
            }
            match self.ask(question.prompt.kind)? {
                Some(exit) => return Ok(exit),
                None => self.ui.flush()?,
            }
        }
    }

    /// Reads lines until the question is answered; gives an exit code when the session is over.
    fn ask(&mut self, kind: Kind) -> Result<Option<Exit>, CommandError> {
        let mut turned = !self.ui.is_interactive() || self.session.back().is_none();
        loop {
            let prompt = match kind {
                Kind::Card if !turned => msg!("quiz-ask-turn"),
                Kind::Card => msg!("quiz-ask-rating"),
                Kind::Cloze => msg!("quiz-ask-cloze"),
                Kind::Single | Kind::Multiple => msg!("quiz-ask-choice"),
            };
            let prompt = self.ui.text(&prompt);
            let typed = match self.ui.ask(&prompt)? {
                Reply::Line(line) => Typed::of(&line),
                Reply::End => return self.ended().map(Some),
                Reply::Interrupted => {
                    return self.finish(Some(Ended::Left), Exit::Interrupted).map(Some);
                }
            };
            match typed {
                Typed::Blank if !turned => {
                    turned = true;
                    let back = self.session.back().unwrap_or_default().to_owned();
                    render::back(self.ui, &back)?;
                }
                Typed::Blank => {}
                // Nobody can rate what has not been seen.
                Typed::Answer(_) if !turned => self.ui.talk(&msg!("quiz-turn-first"))?,
                Typed::Answer(line) => match self.answer(&line, kind)? {
                    Step::Stays => {}
                    Step::Next => return Ok(None),
                    Step::Over(exit) => return Ok(Some(exit)),
                },
                Typed::Undo => {
                    self.take_back()?;
                    return Ok(None);
                }
                Typed::Suspend => {
                    self.mark(Event::Suspend)?;
                    return Ok(None);
                }
                Typed::Flag => self.mark(Event::Flag)?,
                Typed::Edit => {
                    if self.edit()? {
                        return Ok(None);
                    }
                }
                Typed::Leave => return self.finish(Some(Ended::Left), Exit::Done).map(Some),
            }
        }
    }

    /// Marks a line; the question stays when it was no answer.
    fn answer(&mut self, line: &str, kind: Kind) -> Result<Step, CommandError> {
        let feedback = match self.session.answer(line, self.wire.now()) {
            Ok(feedback) => feedback,
            // A person may try again; a script that is out of step must not go on answering other questions.
            Err(error @ QuizError::Answer(_)) if self.ui.is_interactive() => {
                self.ui.error(&quiz_error(self.wire, error));
                return Ok(Step::Stays);
            }
            Err(error) => return Err(quiz_error(self.wire, error)),
        };
        if self.ui.options.json {
            self.ui.json(&feedback)?;
            return Ok(Step::Next);
        }
        render::feedback(self.ui, &feedback)?;
        if let Some(trace) = &feedback.from {
            self.tell_origin(trace)?;
        }
        if self.ui.is_interactive() && feedback.wants_cause(kind) {
            return self.ask_cause();
        }
        Ok(Step::Next)
    }

    /// Asks a person why a question was missed. The words of a question mean the same here; a line that means nothing
    /// is refused and not dropped, for it was meant as something.
    fn ask_cause(&mut self) -> Result<Step, CommandError> {
        let prompt = self.ui.text(&msg!("quiz-ask-cause"));
        loop {
            let line = match self.ui.ask(&prompt)? {
                Reply::Line(line) => line,
                Reply::End => return self.ended().map(Step::Over),
                Reply::Interrupted => {
                    let left = self.finish(Some(Ended::Left), Exit::Interrupted);
                    return left.map(Step::Over);
                }
            };
            if let Some(cause) = Cause::of_key(&line) {
                self.session
                    .cause(cause, self.wire.now())
                    .map_err(|error| quiz_error(self.wire, error))?;
                return Ok(Step::Next);
            }
            match Typed::of(&line) {
                Typed::Blank => return Ok(Step::Next),
                Typed::Undo => {
                    self.take_back()?;
                    return Ok(Step::Next);
                }
                Typed::Leave => {
                    return self.finish(Some(Ended::Left), Exit::Done).map(Step::Over);
                }
                Typed::Answer(_) | Typed::Suspend | Typed::Flag | Typed::Edit => {
                    self.ui
                        .talk(&msg!("quiz-cause-unknown", given = line.trim()))?;
                }
            }
        }
    }

    /// Names the line that a card was taken from, or says that it has changed.
    fn tell_origin(&mut self, trace: &Trace) -> Result<(), CommandError> {
        let bytes = self.wire.read_bytes(std::path::Path::new(&trace.note))?;
        let text = bytes.and_then(|bytes| decode(&bytes).ok());
        match text.map(|decoded| state_in(&decoded.text, trace)) {
            Some(TraceState::Same { line }) => {
                self.ui
                    .say(&msg!("quiz-from", note = &trace.note, line = line))
            }
            Some(TraceState::Changed) => self.ui.say(&msg!(
                "quiz-note-changed",
                note = &trace.note,
                line = trace.line
            )),
            Some(TraceState::Gone) | None => {
                self.ui.say(&msg!("quiz-note-gone", note = &trace.note))
            }
        }
    }

    fn take_back(&mut self) -> Result<(), CommandError> {
        let undone = self.session.undo(self.wire.now());
        let undone = undone.map_err(|error| quiz_error(self.wire, error))?;
        match undone {
            Some(undone) if self.ui.options.json => self.ui.json(&undone),
            Some(undone) => self.ui.talk(&msg!("undo-done", card = &undone.card.0)),
            None => self.ui.talk(&msg!("undo-nothing")),
        }
    }

    fn mark(&mut self, event: Event) -> Result<(), CommandError> {
        let suspended = event == Event::Suspend;
        let id = self.session.mark_open(event, self.wire.now());
        let id = id.map_err(|error| quiz_error(self.wire, error))?;
        if suspended {
            self.ui.talk(&msg!("card-suspended", card = &id.0))
        } else {
            self.ui.talk(&msg!("card-flagged", card = &id.0))
        }
    }

    /// Opens the question's file at its line in the user's editor, and reads the question again; false when it stays as
    /// it is.
    fn edit(&mut self) -> Result<bool, CommandError> {
        let Some(card) = self.session.open_card() else {
            return Ok(false);
        };
        let (path, line, id) = (card.path.clone(), card.line, card.id.clone());
        self.ui
            .talk(&msg!("card-place", path = &path, line = line))?;
        let environment = self.wire.environment();
        let editor = environment
            .get("VISUAL")
            .or_else(|| environment.get("EDITOR"));
        let words = editor.and_then(shlex::split).unwrap_or_default();
        if !std::path::Path::new(&path).is_file() {
            let own = self.wire.own_bank_path("");
            self.ui
                .talk_wrapped(&msg!("card-bundled", id = &id.0, folder = &own))?;
            return Ok(false);
        }
        let Some((program, options)) = words.split_first() else {
            return Ok(false);
        };
        if !self.ui.is_interactive() {
            return Ok(false);
        }
        let status = std::process::Command::new(program)
            .args(options)
            .arg(format!("+{line}"))
            .arg(&path)
            .status();
        if let Err(error) = status {
            let failed = CommandError::failed(msg!("editor-failed", editor = program));
            self.ui.error(&failed.because(&error));
            return Ok(false);
        }
        let (files, stamp) = (bank_texts(self.wire)?, bank_stamp(self.wire)?);
        let report = self.session.reread(&files, &stamp);
        let report = report.map_err(|error| quiz_error(self.wire, error))?;
        if !report.findings.is_empty() {
            let count = report.findings.len();
            self.ui.talk(&msg!("quiz-findings", count = count))?;
        }
        Ok(true)
    }

    /// The input is over: a person has left, a script was too short.
    fn ended(&mut self) -> Result<Exit, CommandError> {
        if self.ui.is_interactive() {
            return self.finish(Some(Ended::Left), Exit::Done);
        }
        self.finish(Some(Ended::Input), Exit::Failed)?;
        Err(CommandError::failed(msg!("quiz-input-ended")).hint(msg!("quiz-input-ended-hint")))
    }

    fn finish(&mut self, ended: Option<Ended>, exit: Exit) -> Result<Exit, CommandError> {
        let summary = self.session.summary(ended);
        let summary = summary.map_err(|error| quiz_error(self.wire, error))?;
        if self.ui.options.json {
            self.ui.json(&summary)?;
        } else {
            render::summary(self.ui, &summary)?;
        }
        Ok(exit)
    }
}

/// Takes back the last answer.
pub(super) fn undo(context: &mut Context) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let mut study = Study::open(ui, wire)?;
    let undone = quiz::undo(study.store.as_mut(), &study.rules, wire.now())
        .map_err(|error| quiz_error(wire, error))?;
    let Some(undone) = undone else {
        ui.talk(&msg!("undo-nothing"))?;
        return Ok(Exit::No);
    };
    if ui.options.json {
        ui.json(&undone)?;
    } else {
        ui.say(&msg!("undo-done", card = &undone.card.0))?;
    }
    Ok(Exit::Done)
}

/// Suspends, resumes, flags or unflags a card by its id.
pub(super) fn mark(
    context: &mut Context,
    id: &str,
    event: Event,
    done: fn(&str) -> Message,
) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let mut study = Study::open(ui, wire)?;
    let id = CardId(crate::text::fold(id.trim()));
    let unknown = || CommandError::usage(msg!("card-unknown", card = &id.0));
    let known = study
        .store
        .card(&id)
        .map_err(|error| wire.record_error(error))?;
    known.ok_or_else(unknown)?;
    quiz::mark(study.store.as_mut(), &study.rules, &id, event, wire.now())
        .map_err(|error| quiz_error(wire, error))?;
    ui.say(&done(&id.0))?;
    Ok(Exit::Done)
}
