//! What the study commands share: rules from the settings, the database with an index that is up to date, errors.

use crate::app::bank::{self, BankText};
use crate::app::own_notes::{SectionReader, TaughtSection, cut_section};
use crate::app::quiz::{Goal, Narrowing, QuizError, StudyRules};
use crate::cli::wire::{Shelf, Wire};
use crate::cli::{CommandError, Context, Ui};
use crate::exam::Blueprints;
use crate::msg;
use crate::progress::store::StudyStore;
use crate::quiz::BadAnswer;
use crate::schedule::DesiredRetention;
use crate::time::StudyDay;
use crate::yaml;

/// The study database and the rules by which it is used.
pub(super) struct Study {
    pub(super) store: Box<dyn StudyStore>,
    pub(super) rules: StudyRules,
}

impl Study {
    /// Opens the database and indexes the questions if their files have changed.
    pub(super) fn open(ui: &mut Ui, wire: &Wire) -> Result<Self, CommandError> {
        let rules = rules(wire)?;
        let mut store = wire.study()?;
        let stamp = bank_stamp(wire)?;
        let known = bank::is_current(store.as_ref(), &stamp);
        if known.map_err(|error| wire.record_error(error))? {
            return Ok(Self { store, rules });
        }
        let files = bank_texts(wire)?;
        let report = bank::refresh(store.as_mut(), &files, &rules.blueprints, &stamp)
            .map_err(|error| wire.record_error(error))?;
        if !report.findings.is_empty() {
            ui.talk(&msg!("quiz-findings", count = report.findings.len()))?;
        }
        Ok(Self { store, rules })
    }
}

/// Takes the day's copy of the study history, at the end of a session, when nobody waits for the next question.
pub(super) fn keep_copy(context: &Context) -> Result<(), CommandError> {
    let day = rules(&context.wire)?.day(context.wire.now());
    context.wire.snapshot_study(day)
}

/// Reads the blueprints of the library.
pub(super) fn blueprints(wire: &Wire) -> Result<Blueprints, CommandError> {
    let name = "blueprint.yaml";
    let missing = || CommandError::failed(msg!("blueprint-missing"));
    let file = wire
        .library_file(Shelf::Content, name)?
        .ok_or_else(missing)?;
    yaml::from_str(&String::from_utf8_lossy(&file.bytes)).map_err(|error| {
        CommandError::failed(msg!("blueprint-bad", reason = &error.message))
            .path(file.shown_path(Shelf::Content))
            .at(error.line, error.column)
    })
}

/// Makes the rules of studying from the settings.
pub(super) fn rules(wire: &Wire) -> Result<StudyRules, CommandError> {
    let settings = wire.settings();
    let study = settings.study;
    Ok(StudyRules {
        retention: DesiredRetention::clamped(study.retention),
        new_per_day: study.new_per_day,
        reviews_per_day: study.reviews_per_day,
        rollover: study.rollover,
        zone: wire.zone().clone(),
        goal: settings.goal.exam.map(|exam| Goal {
            exam,
            day: settings.goal.date.map(StudyDay),
            minutes_per_day: settings.goal.minutes_per_day,
        }),
        blueprints: blueprints(wire)?,
    })
}

/// Gives a mark of all that decides what the bank holds.
pub(super) fn bank_stamp(wire: &Wire) -> Result<String, CommandError> {
    // Which blueprint tasks exist decides which questions are sound.
    Ok(wire.library_stamp(Shelf::Quizzes)? + &wire.library_stamp(Shelf::Content)?)
}

/// Reads the question files of the library.
pub(super) fn bank_texts(wire: &Wire) -> Result<Vec<BankText>, CommandError> {
    let files = wire.library(Shelf::Quizzes)?;
    let is_yaml = |name: &str| {
        let path = std::path::Path::new(name);
        path.extension().is_some_and(|e| e == "yaml" || e == "yml")
    };
    let texts = files
        .into_iter()
        .filter(|file| is_yaml(&file.name))
        .map(|file| BankText {
            path: file.shown_path(Shelf::Quizzes).display().to_string(),
            text: String::from_utf8_lossy(&file.bytes).into_owned(),
            own: file.own,
        });
    Ok(texts.collect())
}

/// Turns a session's error into words.
pub(super) fn quiz_error(wire: &Wire, error: QuizError) -> CommandError {
    match error {
        QuizError::Answer(error) => bad_answer(&error),
        QuizError::Record(error) => wire.record_error(error),
        QuizError::Scheduler(error) => CommandError::failed(msg!("quiz-scheduler")).because(&error),
        QuizError::Unknown {
            what,
            given,
            nearest,
        } => {
            let error = CommandError::usage(match what {
                Narrowing::Service => msg!("quiz-no-service", given = given),
                Narrowing::Task => msg!("quiz-no-task", given = given),
            });
            match nearest {
                Some(nearest) => error.hint(msg!("quiz-nearest", nearest = nearest)),
                None => error,
            }
        }
        QuizError::NothingAsked => CommandError::usage(msg!("quiz-nothing-asked")),
    }
}

/// Tells why a line is no answer.
pub(super) fn bad_answer(error: &BadAnswer) -> CommandError {
    let message = match error {
        BadAnswer::Empty => msg!("answer-empty"),
        BadAnswer::NoSuchOption { given, known } => {
            msg!("answer-no-option", given = given, known = known)
        }
        BadAnswer::Count { given, wanted } => {
            msg!("answer-count", given = *given, wanted = *wanted)
        }
        BadAnswer::NoRating { given } => msg!("answer-no-rating", given = given),
    };
    CommandError::usage(message).hint(msg!("answer-hint"))
}

/// Reads sections of the library's notes.
pub(super) struct LibrarySections<'a>(pub(super) &'a Wire);

impl SectionReader for LibrarySections<'_> {
    fn section(&self, reference: &str) -> Option<TaughtSection> {
        let (note, _) = reference.split_once('#')?;
        let name = format!("{note}.md");
        // The note's folder is its area, which the reference does not name.
        let files = self.0.library(Shelf::Content).ok()?;
        let file = files
            .into_iter()
            .find(|file| file.name.rsplit('/').next() == Some(&name))?;
        cut_section(reference, &String::from_utf8_lossy(&file.bytes))
    }
}
