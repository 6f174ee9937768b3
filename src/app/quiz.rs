//! A study session: what is asked next, what an answer is worth, and what is told afterwards.
//!
//! One state machine serves the prompt, scripts and NDJSON: [`Session::next`] gives a question, [`Session::answer`]
//! marks a line and returns only after the answer is on disk. Order: what comes due, by expected gain on exam day;
//! questions that tell apart what was mixed up; new cards. A card that was missed comes back after some others.

mod narrow;
mod queue;
mod record;
mod report;
mod rules;
mod share;

use jiff::{SignedDuration, Timestamp};

pub use self::narrow::Narrowing;
use self::narrow::narrowed;
use self::queue::{Limits, Queue};
pub use self::record::{
    PARAMETERS, UNDO_STEPS, cause_name, doubt, due_after, mark, recall, scheduler, undo,
};
pub use self::report::{
    Ended, Feedback, FeedbackOption, LeadsOn, Question, Reason, Summary, Undone, explained, labels,
};
pub use self::rules::{Goal, StudyRules};
use self::share::left_today;
pub use self::share::{FURTHEST, Laid, laid};
use super::bank::{self, BankReport, BankText};
use super::own_notes::{NoteFinder, SectionReader};
use crate::exam::Exam;
use crate::progress::store::{CardFilter, Draft, RecordError, StoredCard, StudyStore};
use crate::quiz::{Answer, BadAnswer, Card, CardBody, CardId, Cause, Labels, Outcome, Prompt};
use crate::schedule::{AnswerEntry, Event, Rating, ReviewId, Scheduler, SchedulerError, Source};
use crate::time::StudyDay;

/// The longest time that counts as spent on one question.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);

/// What a session is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuizRequest {
    /// Only this exam; the goal's when unset.
    pub exam: Option<Exam>,
    /// Only this service.
    pub service: Option<String>,
    /// Only this task.
    pub task: Option<String>,
    /// No new question after this many minutes.
    pub minutes: Option<u32>,
    /// No more than this many questions; also lifts the daily limits.
    pub count: Option<u32>,
    /// Only what was wrong the last time.
    pub mistakes: bool,
}

/// Why a session could not go on.
#[derive(Debug, thiserror::Error)]
pub enum QuizError {
    /// The line is no answer to the question.
    #[error(transparent)]
    Answer(#[from] BadAnswer),
    /// The study database failed.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A memory state could not be computed.
    #[error(transparent)]
    Scheduler(#[from] SchedulerError),
    /// No question is open.
    #[error("no question is open")]
    NothingAsked,
    /// No question is about a service, or of a task, that was asked for.
    #[error("no question of {what:?} `{given}`")]
    Unknown {
        /// What kind of name it is.
        what: Narrowing,
        /// The name.
        given: String,
        /// The nearest that there is.
        nearest: Option<String>,
    },
}

/// The question that waits for its answer.
#[derive(Debug)]
struct Open {
    card: StoredCard,
    prompt: Prompt,
    asked: Timestamp,
}

/// The ports of a session.
pub struct SessionPorts<'a> {
    /// The study database.
    pub store: &'a mut dyn StudyStore,
    /// The learner's own notes.
    pub notes: &'a dyn NoteFinder,
    /// The bundled library.
    pub sections: &'a dyn SectionReader,
}

/// A study session.
pub struct Session<'a> {
    ports: SessionPorts<'a>,
    rules: &'a StudyRules,
    scheduler: Scheduler,
    labels: Labels,
    started: Timestamp,
    last: Timestamp,
    request: QuizRequest,
    queue: Queue,
    open: Option<Open>,
    last_miss: Option<(ReviewId, CardId)>,
    asked: u32,
    answered: u32,
    correct: u32,
    new: u32,
    ended: Option<Ended>,
}

impl std::fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("answered", &self.answered)
            .field("open", &self.open)
            .finish_non_exhaustive()
    }
}

/// Decides how much is asked today: what was asked for, or what the plan has for the day, or what the settings allow.
fn limits(
    store: &mut dyn StudyStore,
    rules: &StudyRules,
    scheduler: &Scheduler,
    request: &QuizRequest,
    (exam_day, today): (Option<StudyDay>, StudyDay),
) -> Result<Limits, QuizError> {
    if let Some(count) = request.count {
        return Ok(Limits {
            reviews: count,
            new: if request.mistakes { 0 } else { count },
            weak: 0,
        });
    }
    let tally = store.tally(today)?;
    let left =
        |limit: u32, done: u64| limit.saturating_sub(u32::try_from(done).unwrap_or(u32::MAX));
    let reviews = left(
        rules.reviews_per_day,
        tally.answers.saturating_sub(tally.new),
    );
    let goal = rules.goal.map(|goal| goal.exam);
    let (new, weak) = match (goal, exam_day) {
        _ if request.mistakes => (0, 0),
        (Some(exam), Some(day)) if day.days_since(today) <= FURTHEST => {
            let left = left_today(store, rules, scheduler, (exam, day), today)?;
            (left.new, left.weak)
        }
        (None | Some(_), None | Some(_)) => (left(rules.new_per_day, tally.new), 0),
    };
    Ok(Limits { reviews, new, weak })
}

impl<'a> Session<'a> {
    /// Opens a session; nothing is asked yet.
    ///
    /// # Errors
    /// When the study database fails.
    pub fn open(
        ports: SessionPorts<'a>,
        rules: &'a StudyRules,
        request: QuizRequest,
        labels: Labels,
        now: Timestamp,
    ) -> Result<Self, QuizError> {
        let today = rules.day(now);
        let scheduler = scheduler(ports.store)?;
        let filter = CardFilter {
            mistakes: request.mistakes,
            ..narrowed(ports.store, &rules.filter(request.exam, today), &request)?
        };
        let exam_day = filter.exam.and_then(|exam| rules.exam_day(exam, today));
        let limits = limits(ports.store, rules, &scheduler, &request, (exam_day, today))?;
        let queue = Queue::new(filter, today, exam_day, limits);
        Ok(Self {
            ports,
            rules,
            scheduler,
            labels,
            started: now,
            last: now,
            request,
            queue,
            open: None,
            last_miss: None,
            asked: 0,
            answered: 0,
            correct: 0,
            new: 0,
            ended: None,
        })
    }

    /// Gives the next question, or `None` when the session is over; asked again, an open question stays the same.
    ///
    /// # Errors
    /// When the study database fails.
    pub fn next(&mut self, now: Timestamp) -> Result<Option<Question>, QuizError> {
        self.last = self.last.max(now);
        if self.open.is_none() && !self.take_next(now)? {
            return Ok(None);
        }
        let Some(open) = &self.open else {
            return Ok(None);
        };
        Ok(Some(Question {
            schema: 1,
            kind: "question",
            number: self.asked,
            reason: self.queue.reason(),
            prompt: open.prompt.clone(),
            services: open.card.card.services.clone(),
        }))
    }

    /// Opens the next question; false when there is none.
    fn take_next(&mut self, now: Timestamp) -> Result<bool, QuizError> {
        let over = self.request.minutes.is_some_and(|m| {
            now.duration_since(self.started) >= SignedDuration::from_mins(m.into())
        });
        if over || self.request.count.is_some_and(|count| self.asked >= count) {
            self.ended = Some(if over { Ended::Time } else { Ended::Count });
            return Ok(false);
        }
        while let Some(id) = self.queue.next(self.ports.store, &self.scheduler)? {
            let Some(card) = self
                .ports
                .store
                .card(&id)?
                .filter(|c| c.present && !c.history.suspended)
            else {
                continue;
            };
            let prompt = Prompt::of(&card.card, &card.history.reps.to_string(), self.labels);
            self.asked += 1;
            self.open = Some(Open {
                card,
                prompt,
                asked: now,
            });
            return Ok(true);
        }
        self.ended = Some(self.queue.ended());
        Ok(false)
    }

    /// Marks a line as the answer to the open question, and saves it before it returns.
    ///
    /// # Errors
    /// When the line is no answer (the question stays open), or the study database fails (nothing is saved).
    pub fn answer(&mut self, line: &str, now: Timestamp) -> Result<Feedback, QuizError> {
        let open = self.open.as_ref().ok_or(QuizError::NothingAsked)?;
        let answer = Answer::parse(line, &open.prompt, self.labels == Labels::Letters)?;
        let outcome = Outcome::mark(&open.card.card, &answer);
        let spent = now
            .duration_since(open.asked)
            .clamp(SignedDuration::ZERO, LONGEST);
        let millis = u32::try_from(spent.as_millis()).unwrap_or(0);
        let rating = Rating::from(recall(&open.card.card, &outcome, answer.sureness, millis));
        let today = self.rules.day(now);
        let entry = AnswerEntry {
            rating,
            correct: outcome.correct,
            doubt: doubt(answer.sureness),
            given: outcome.given.clone(),
            millis,
            source: Source::Quiz,
            due: self.due_day(&open.card, rating, today)?,
            confused: outcome.confused.clone(),
            cause: answer.cause.filter(|_| !outcome.correct).map(cause_name),
        };
        let mut state = open.card.history.clone();
        state.answered(&self.scheduler, today, entry.graded())?;
        let due = entry.due;
        let draft = Draft {
            at: now,
            day: today,
            card: open.card.card.id.clone(),
            event: Event::Answer(entry),
        };
        let id = self.ports.store.append(&draft, &state)?;
        let Some(open) = self.open.take() else {
            return Err(QuizError::NothingAsked);
        };
        self.last = self.last.max(now);
        self.answered += 1;
        self.correct += u32::from(outcome.correct);
        self.new += u32::from(open.card.history.reps == 0);
        self.queue.answered(
            &open.card.card.id,
            rating == Rating::Again,
            outcome.confused.is_some(),
        );
        self.last_miss = (!outcome.correct).then(|| (id, open.card.card.id.clone()));
        let mut feedback =
            Feedback::of(id, &open.card.card, &open.prompt, &answer, &outcome, rating);
        feedback.due = due;
        feedback.interval_days = due.days_since(today);
        feedback.leech = state.is_leech();
        self.teach(&mut feedback, &open.card.card, outcome.correct);
        Ok(feedback)
    }

    /// Adds what leads on from a question: after a miss the section that teaches it and the learner's own notes.
    fn teach(&self, feedback: &mut Feedback, card: &Card, correct: bool) {
        if correct {
            return;
        }
        let leads = LeadsOn::from_card(card, self.ports.notes, self.ports.sections);
        feedback.sections = leads.sections;
        feedback.own_notes = leads.own_notes;
    }

    /// Decides the day on which a card comes back.
    fn due_day(
        &self,
        card: &StoredCard,
        rating: Rating,
        today: StudyDay,
    ) -> Result<StudyDay, QuizError> {
        due_after(
            self.ports.store,
            &self.scheduler,
            self.rules,
            (&card.card, &card.history),
            rating,
            today,
        )
    }

    /// Adds the cause of the last miss, where it was not said with the answer.
    ///
    /// # Errors
    /// When the last answer was no miss, or the study database fails.
    pub fn cause(&mut self, cause: Cause, now: Timestamp) -> Result<(), QuizError> {
        let (of, card) = self.last_miss.take().ok_or(QuizError::NothingAsked)?;
        let Some(stored) = self.ports.store.card(&card)? else {
            return Err(QuizError::NothingAsked);
        };
        let draft = Draft {
            at: now,
            day: self.rules.day(now),
            card,
            event: Event::Cause {
                of,
                cause: cause_name(cause),
            },
        };
        self.ports.store.append(&draft, &stored.history)?;
        Ok(())
    }

    /// Takes back the last answer; its card is asked again next.
    ///
    /// # Errors
    /// When the study database fails.
    pub fn undo(&mut self, now: Timestamp) -> Result<Option<Undone>, QuizError> {
        let undone = undo(self.ports.store, self.rules, now)?;
        if let Some(undone) = &undone {
            if let Some(open) = self.open.take() {
                self.queue.put_back(self.queue.reason(), open.card.card.id);
                self.asked = self.asked.saturating_sub(1);
            }
            self.queue.put_back(Reason::Again, undone.card.clone());
            self.asked = self.asked.saturating_sub(1);
            self.answered = self.answered.saturating_sub(1);
            self.correct = self.correct.saturating_sub(u32::from(undone.was_correct));
            self.last_miss = None;
        }
        Ok(undone)
    }

    /// Suspends, flags or unflags the open question's card; a suspended one is not asked any more.
    ///
    /// # Errors
    /// When no question is open, or the study database fails.
    pub fn mark_open(&mut self, event: Event, now: Timestamp) -> Result<CardId, QuizError> {
        let id = self
            .open
            .as_ref()
            .ok_or(QuizError::NothingAsked)?
            .card
            .card
            .id
            .clone();
        let gone = event == Event::Suspend;
        mark(self.ports.store, self.rules, &id, event, now)?;
        if gone {
            self.open = None;
            self.asked = self.asked.saturating_sub(1);
        }
        Ok(id)
    }

    /// Indexes the bank anew after its files were edited; the open question is shown as it is now, or left out when it is
    /// there no more.
    ///
    /// # Errors
    /// When the study database fails.
    pub fn reread(&mut self, files: &[BankText], stamp: &str) -> Result<BankReport, QuizError> {
        let blueprints = &self.rules.blueprints;
        let report = bank::refresh(self.ports.store, files, blueprints, stamp)?;
        if let Some(open) = self.open.take() {
            let card = self.ports.store.card(&open.card.card.id)?;
            self.open = card.filter(|card| card.present).map(|card| Open {
                prompt: Prompt::of(&card.card, &card.history.reps.to_string(), self.labels),
                card,
                asked: open.asked,
            });
            self.asked -= u32::from(self.open.is_none());
        }
        Ok(report)
    }

    /// Gives the card of the open question.
    pub fn open_card(&self) -> Option<&Card> {
        self.open.as_ref().map(|open| &open.card.card)
    }

    /// Gives what the back of the open flash card says; `None` for other forms.
    pub fn back(&self) -> Option<&str> {
        match &self.open_card()?.body {
            CardBody::Card { back, .. } => Some(back),
            CardBody::Single { .. } | CardBody::Multiple { .. } | CardBody::Cloze(_) => None,
        }
    }

    /// Sums the session up.
    ///
    /// # Errors
    /// When the study database fails.
    pub fn summary(&self, ended: Option<Ended>) -> Result<Summary, QuizError> {
        let counts = self
            .ports
            .store
            .counts(self.queue.filter(), self.queue.today())?;
        Ok(Summary {
            schema: 1,
            kind: "summary",
            answered: self.answered,
            correct: self.correct,
            new: self.new,
            due_left: counts.due,
            new_left: counts.new,
            seconds: self.last.duration_since(self.started).as_secs(),
            ended: ended.or(self.ended).unwrap_or(Ended::Left),
        })
    }
}
