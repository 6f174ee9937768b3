//! `exam`: a mock exam at the prompt, from a script, or as NDJSON.

use serde::Serialize;

use super::own_notes::IndexedNotes;
use super::study::{LibrarySections, Study, bad_answer, quiz_error};
use crate::app::exam::review::{Wanted, explain};
use crate::app::exam::{ExamError, ExamRequest, ExamSession};
use crate::cli::args::ExamArgs;
use crate::cli::render::exam as render;
use crate::cli::{CommandError, Context, Exit, Reply, Ui, Wire};
use crate::exam::{Blueprints, Exam, ExamVersion};
use crate::msg;
use crate::quiz::Labels;
use crate::quiz::mock::MockError;

/// A line during an exam.
enum Line {
    Answer(String),
    Flag(Option<usize>),
    Goto(usize),
    Review,
    Submit,
    Skip,
    Leave,
    Blank,
}

impl Line {
    fn of(line: &str) -> Self {
        let folded = crate::text::fold(line.trim());
        let mut words = folded.split_whitespace();
        let (first, number) = (words.next(), words.next().and_then(|n| n.parse().ok()));
        match (first, number) {
            (None, _) => Self::Blank,
            (Some("flag" | "f" | "印"), number) => Self::Flag(number),
            (Some("goto" | "g" | "移動"), Some(number)) => Self::Goto(number),
            (Some("review" | "見直し"), _) => Self::Review,
            (Some("submit" | "提出"), _) => Self::Submit,
            (Some("skip" | "next" | "飛ばす"), _) => Self::Skip,
            (Some("quit" | "q" | "exit" | "中断"), _) => Self::Leave,
            _ => Self::Answer(line.to_owned()),
        }
    }
}

/// A step that is done, for `--json`.
#[derive(Serialize)]
struct Saved {
    schema: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    number: usize,
    flagged: Option<bool>,
}

impl Saved {
    const fn answer(number: usize) -> Self {
        Self {
            schema: 1,
            kind: "saved",
            number,
            flagged: None,
        }
    }

    const fn flag(number: usize, flagged: bool) -> Self {
        Self {
            schema: 1,
            kind: "flag",
            number,
            flagged: Some(flagged),
        }
    }
}

/// Runs an exam, or takes up the one in progress.
pub(super) fn run(context: &mut Context, args: &ExamArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let wire: &Wire = wire;
    let mut study = Study::open(ui, wire)?;
    if matches!(
        crate::text::fold(args.exam.trim()).as_str(),
        "review" | "解説" | "見直し"
    ) {
        return review(ui, wire, &study, args.number);
    }
    let (exam, version) = named(&args.exam, &study.rules.blueprints)?;
    let labels = if ui.is_interactive() && !ui.options.json {
        Labels::Letters
    } else {
        Labels::Ids
    };
    let request = ExamRequest {
        exam,
        version,
        questions: args.questions.map(|n| n as usize),
        minutes: args.minutes,
        extra_time: wire.settings().study.extra_exam_time,
        seed: args.seed,
        chance: wire
            .seed()
            .unwrap_or_else(|| wire.now().as_millisecond().unsigned_abs()),
        restart: args.restart,
        alive: wire.last_exam_pulse(),
    };
    let session = ExamSession::open(
        study.store.as_mut(),
        &study.rules,
        &request,
        labels,
        wire.now(),
    )
    .map_err(|error| exam_error(wire, error))?;
    if ui.options.json {
        ui.json(session.begun())?;
    } else {
        render::begun(ui, session.begun())?;
    }
    let pulse = wire.exam_pulse();
    let exit = Sitting { ui, wire, session }.run();
    drop(pulse);
    exit
}

/// Explains the questions that were missed in the exam submitted last, or the one of a number.
fn review(
    ui: &mut Ui,
    wire: &Wire,
    study: &Study,
    number: Option<usize>,
) -> Result<Exit, CommandError> {
    let (notes, sections) = (IndexedNotes::new(wire), LibrarySections(wire));
    let labels = ui.options.json.then_some(Labels::Ids);
    let wanted = number.map_or(Wanted::Missed, Wanted::Number);
    let explained = explain(study.store.as_ref(), (&notes, &sections), labels, wanted)
        .map_err(|error| exam_error(wire, error))?;
    let Some(explained) = explained else {
        return Err(CommandError::usage(msg!("exam-no-last")).hint(msg!("exam-no-last-hint")));
    };
    for question in &explained {
        if ui.options.json {
            ui.json(question)?;
        } else {
            render::explanation(ui, question)?;
        }
    }
    if explained.is_empty() {
        ui.talk(&msg!("exam-none-missed"))?;
        return Ok(Exit::No);
    }
    Ok(Exit::Done)
}

/// Reads `SAA`, `DVA`, or a version such as `DVA-C03`.
pub(super) fn named(
    text: &str,
    blueprints: &Blueprints,
) -> Result<(Exam, Option<ExamVersion>), CommandError> {
    let exam: Exam = text
        .parse()
        .map_err(|_| CommandError::usage(msg!("exam-unknown", exam = text)))?;
    let code = ExamVersion(crate::text::narrow(text.trim()).to_uppercase());
    if !code.0.contains('-') {
        return Ok((exam, None));
    }
    match blueprints.version(&code) {
        Some(_) => Ok((exam, Some(code))),
        None => Err(CommandError::usage(msg!("exam-unknown", exam = text))),
    }
}

/// One sitting and the person in it.
struct Sitting<'a> {
    ui: &'a mut Ui,
    wire: &'a Wire,
    session: ExamSession<'a>,
}

impl Sitting<'_> {
    fn run(mut self) -> Result<Exit, CommandError> {
        loop {
            let now = self.wire.now();
            if self.session.time_over(now) {
                self.ui.talk(&msg!("exam-time-over"))?;
                return self.submit();
            }
            let question = self.session.question(now);
            let question = question.map_err(|error| exam_error(self.wire, error))?;
            let number = question.as_ref().map(|q| q.number);
            match (&question, self.ui.options.json) {
                (Some(question), true) => self.ui.json(question)?,
                (Some(question), false) => render::question(self.ui, question)?,
                (None, true) => self.ui.json(&self.session.review(now))?,
                (None, false) => render::review(self.ui, &self.session.review(now))?,
            }
            if let Some(exit) = self.lines(number)? {
                return exit;
            }
        }
    }

    /// Reads lines until another screen is to be shown; an exit ends the sitting.
    fn lines(
        &mut self,
        number: Option<usize>,
    ) -> Result<Option<Result<Exit, CommandError>>, CommandError> {
        loop {
            let prompt = self.prompt(number);
            let line = match self.ui.ask(&prompt)? {
                Reply::Line(line) => Line::of(&line),
                Reply::End => return self.ended().map(Some),
                Reply::Interrupted => {
                    self.pause()?;
                    return Ok(Some(Ok(Exit::Interrupted)));
                }
            };
            let now = self.wire.now();
            // Whatever was typed came too late; the paper is handed in.
            if self.session.time_over(now) {
                return Ok(None);
            }
            let done = match line {
                Line::Blank => continue,
                Line::Answer(line) => self
                    .session
                    .answer(&line, now)
                    .map(|()| number.map(Saved::answer)),
                Line::Flag(at) => self
                    .session
                    .step(|mock| mock.flag(at, now))
                    .map(|(number, flagged)| Some(Saved::flag(number, flagged))),
                Line::Goto(at) => self.session.step(|mock| mock.goto(at, now)).map(|()| None),
                Line::Review => self.session.step(|mock| mock.review(now)).map(|()| None),
                Line::Skip => self.session.step(|mock| mock.skip(now)).map(|()| None),
                Line::Leave => {
                    self.pause()?;
                    return Ok(Some(Ok(Exit::Done)));
                }
                Line::Submit => return self.hand_in(),
            };
            match done {
                Ok(saved) => {
                    let stays = self.tell(saved.as_ref())?;
                    if !stays {
                        return Ok(None);
                    }
                }
                // The loop notices and submits; the answer does not count.
                Err(ExamError::Step(MockError::TimeOver)) => return Ok(None),
                Err(error @ (ExamError::Answer(_) | ExamError::Step(_)))
                    if self.ui.is_interactive() =>
                {
                    self.ui.error(&exam_error(self.wire, error));
                }
                Err(error) => return Err(exam_error(self.wire, error)),
            }
        }
    }

    /// Tells a step; true when the screen stays as it is.
    fn tell(&mut self, saved: Option<&Saved>) -> Result<bool, CommandError> {
        let Some(saved) = saved else {
            return Ok(false);
        };
        if self.ui.options.json {
            self.ui.json(saved)?;
        } else if saved.flagged == Some(true) {
            self.ui.talk(&msg!("exam-flagged", number = saved.number))?;
        } else if saved.flagged == Some(false) {
            self.ui
                .talk(&msg!("exam-unflagged", number = saved.number))?;
        }
        Ok(saved.flagged.is_some())
    }

    fn prompt(&self, number: Option<usize>) -> String {
        let review = self.session.review(self.wire.now());
        let left = render::clock(review.seconds_left);
        let message = match number {
            Some(number) => {
                msg!(
                    "exam-ask",
                    left = left,
                    number = number,
                    of = review.items.len()
                )
            }
            None => msg!("exam-ask-review", left = left),
        };
        self.ui.text(&message)
    }

    /// Hands in after asking a person about what is unanswered.
    fn hand_in(&mut self) -> Result<Option<Result<Exit, CommandError>>, CommandError> {
        let review = self.session.review(self.wire.now());
        let open = review.items.iter().filter(|item| !item.answered).count();
        if open > 0
            && self.ui.is_interactive()
            && !self.ui.confirm(&msg!("exam-submit-open", open = open))?
        {
            return Ok(None);
        }
        Ok(Some(self.submit()))
    }

    fn pause(&mut self) -> Result<(), CommandError> {
        self.session
            .pause(self.wire.now())
            .map_err(|error| exam_error(self.wire, error))?;
        self.ui.talk(&msg!("exam-paused"))
    }

    /// The input is over: a person has left, a script was too short. The exam waits.
    fn ended(&mut self) -> Result<Result<Exit, CommandError>, CommandError> {
        self.pause()?;
        if self.ui.is_interactive() {
            return Ok(Ok(Exit::Done));
        }
        Err(CommandError::failed(msg!("quiz-input-ended")).hint(msg!("exam-input-ended-hint")))
    }

    fn submit(&mut self) -> Result<Exit, CommandError> {
        let result = self.session.submit(self.wire.now());
        let result = result.map_err(|error| exam_error(self.wire, error))?;
        if self.ui.options.json {
            self.ui.json(&result)?;
        } else {
            render::result(self.ui, &result)?;
        }
        Ok(Exit::Done)
    }
}

fn exam_error(wire: &Wire, error: ExamError) -> CommandError {
    match error {
        ExamError::TooFew(few) => {
            let domains: Vec<String> = few
                .by_domain
                .iter()
                .map(|(domain, n)| format!("{domain}: {n}"))
                .collect();
            let message = msg!(
                "exam-too-few",
                missing = few.missing,
                wanted = few.wanted,
                domains = domains.join(", ")
            );
            let error = CommandError::failed(message);
            if few.possible > 0 {
                error.hint(msg!("exam-too-few-hint", possible = few.possible))
            } else {
                error
            }
        }
        ExamError::NoVersion { exam } => {
            CommandError::usage(msg!("exam-unknown", exam = exam.code()))
        }
        ExamError::Retired {
            version,
            exam,
            last_day,
        } => CommandError::usage(msg!(
            "exam-retired",
            version = &version.0,
            day = last_day.to_string()
        ))
        .hint(msg!("exam-retired-hint", exam = exam.code())),
        ExamError::InProgress {
            exam,
            version,
            questions,
            seed,
        } => CommandError::usage(msg!(
            "exam-in-progress",
            exam = &version.0,
            questions = questions,
            seed = seed
        ))
        .hint(msg!("exam-in-progress-hint", exam = exam.code())),
        ExamError::Vanished { id } => {
            CommandError::failed(msg!("exam-vanished", id = &id.0)).hint(msg!("exam-vanished-hint"))
        }
        ExamError::Answer(error) => bad_answer(&error),
        ExamError::Step(MockError::NoSuchQuestion { number }) => {
            CommandError::usage(msg!("exam-no-question", number = number))
        }
        ExamError::Step(MockError::AtReview) => CommandError::usage(msg!("exam-at-review")),
        ExamError::Step(MockError::TimeOver) => CommandError::usage(msg!("exam-time-over")),
        ExamError::Record(error) => wire.record_error(error),
        ExamError::Study(error) => quiz_error(wire, error),
    }
}
