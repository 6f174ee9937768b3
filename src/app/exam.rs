//! `exam`: a mock exam that behaves as the real one, stored after every step.

mod result;
pub mod review;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

pub use self::result::{DomainResult, ExamResult, ItemResult, PastResult};
use super::quiz::{QuizError, StudyRules};
use crate::exam::{Blueprint, Exam, ExamVersion};
use crate::progress::store::{CardFilter, RecordError, StudyStore};
use crate::quiz::answer::{Answer, BadAnswer, Response};
use crate::quiz::mock::{Mock, MockError};
use crate::quiz::paper::{self, Choose, TooFewQuestions};
use crate::quiz::{Card, CardId, Labels, Prompt};
use crate::time::StudyDay;

/// Where an exam in progress is kept.
const KEY: &str = "mock-exam";
/// Where the exam submitted last is kept, with its answers.
const LAST: &str = "mock-last";

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExamRequest {
    /// The exam.
    pub exam: Exam,
    /// Its version, when one was named; otherwise the one valid on the exam's day.
    pub version: Option<ExamVersion>,
    /// Questions; the real exam's number when unset.
    pub questions: Option<usize>,
    /// Minutes; in proportion to the questions when unset.
    pub minutes: Option<u32>,
    /// Whether the 30 minutes of the second-language accommodation are added.
    pub extra_time: bool,
    /// The seed, when one was named.
    pub seed: Option<u64>,
    /// The seed to use when none was named.
    pub chance: u64,
    /// Gives up an exam in progress.
    pub restart: bool,
    /// The last moment at which an earlier sitting was seen alive.
    pub alive: Option<Timestamp>,
}

/// Why an exam cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ExamError {
    /// The bank is too small.
    #[error(transparent)]
    TooFew(#[from] TooFewQuestions),
    /// No version of the exam is known for its day.
    #[error("no version of {exam} is known")]
    NoVersion {
        /// The exam.
        exam: Exam,
    },
    /// The version is not held any more.
    #[error("{version} was held until {last_day}")]
    Retired {
        /// The version.
        version: ExamVersion,
        /// The exam.
        exam: Exam,
        /// Its last day.
        last_day: Date,
    },
    /// Another paper is in progress.
    #[error("a mock exam of {version} is in progress")]
    InProgress {
        /// Its exam.
        exam: Exam,
        /// Its version.
        version: ExamVersion,
        /// How many questions it has.
        questions: usize,
        /// Its seed.
        seed: u64,
    },
    /// A question of the paper is not in the bank any more.
    #[error("question `{id}` is not in the bank any more")]
    Vanished {
        /// The question.
        id: CardId,
    },
    /// The line is no answer.
    #[error(transparent)]
    Answer(#[from] BadAnswer),
    /// The step cannot be done.
    #[error(transparent)]
    Step(#[from] MockError),
    /// The study database failed.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A due day could not be computed.
    #[error(transparent)]
    Study(#[from] QuizError),
}

/// A question of the exam as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExamQuestion {
    /// Version of the document.
    pub schema: u32,
    /// `question`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its number, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// Seconds left.
    pub seconds_left: i64,
    /// Whether it is flagged.
    pub flagged: bool,
    /// What was answered before, by the labels shown.
    pub answered: Option<String>,
    /// What is shown.
    #[serde(flatten)]
    pub prompt: Prompt,
}

/// A line of the review screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReviewLine {
    /// The question's number.
    pub number: usize,
    /// Whether it was answered.
    pub answered: bool,
    /// Whether it is flagged.
    pub flagged: bool,
}

/// The review screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Review {
    /// Version of the document.
    pub schema: u32,
    /// `review`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Seconds left.
    pub seconds_left: i64,
    /// The questions.
    pub items: Vec<ReviewLine>,
}

/// How an exam began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Begun {
    /// Version of the document.
    pub schema: u32,
    /// `exam`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The exam's version.
    pub version: ExamVersion,
    /// The seed.
    pub seed: u64,
    /// Questions.
    pub questions: usize,
    /// Minutes allowed in all.
    pub minutes: u32,
    /// Seconds left.
    pub seconds_left: i64,
    /// Whether it was in progress before.
    pub resumed: bool,
    /// Questions already answered.
    pub answered: usize,
    /// Questions that another of the papers of seeds 1 to 5 asks too, for want of questions.
    pub repeated: usize,
}

/// An exam in progress with its store.
pub struct ExamSession<'a> {
    store: &'a mut dyn StudyStore,
    rules: &'a StudyRules,
    labels: Labels,
    mock: Mock,
    begun: Begun,
}

impl std::fmt::Debug for ExamSession<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExamSession")
            .field("mock", &self.mock)
            .finish_non_exhaustive()
    }
}

impl<'a> ExamSession<'a> {
    /// Begins an exam, or takes up the one in progress with the time left as it stood.
    ///
    /// # Errors
    /// When the bank is too small, another exam is in progress, or the study database fails.
    pub fn open(
        store: &'a mut dyn StudyStore,
        rules: &'a StudyRules,
        request: &ExamRequest,
        labels: Labels,
        now: Timestamp,
    ) -> Result<Self, ExamError> {
        let kept = store.value(KEY)?.filter(|_| !request.restart);
        let kept: Option<Mock> = kept.and_then(|text| serde_json::from_str(&text).ok());
        let resumed = kept.is_some();
        let (mut mock, repeated) = if let Some(mock) = kept {
            let same_paper = request
                .seed
                .is_none_or(|s| mock.seed_given && s == mock.seed);
            let same_form = request.version.as_ref().is_none_or(|v| *v == mock.version)
                && request.questions.is_none_or(|n| n == mock.items.len())
                && request.minutes.is_none_or(|n| n == mock.minutes);
            if mock.exam != request.exam || !same_paper || !same_form {
                return Err(ExamError::InProgress {
                    exam: mock.exam,
                    version: mock.version,
                    questions: mock.items.len(),
                    seed: mock.seed,
                });
            }
            (mock, 0)
        } else {
            begin(store, rules, request, now)?
        };
        if resumed {
            // A clock that was set back since must not take more than there was.
            let alive = request.alive.unwrap_or(Timestamp::MIN).min(now);
            mock.cut_off(alive);
        }
        mock.resume(now);
        mock.letters = labels == Labels::Letters;
        let begun = Begun {
            schema: 1,
            kind: "exam",
            version: mock.version.clone(),
            seed: mock.seed,
            questions: mock.items.len(),
            minutes: mock.minutes,
            seconds_left: mock.left(now).as_secs(),
            resumed,
            answered: mock.answered(),
            repeated,
        };
        let mut session = Self {
            store,
            rules,
            labels,
            mock,
            begun,
        };
        session.save()?;
        Ok(session)
    }

    /// Says how it began.
    pub fn begun(&self) -> &Begun {
        &self.begun
    }

    fn save(&mut self) -> Result<(), ExamError> {
        // A mock is made of plain values; it always has a JSON form.
        let text = serde_json::to_string(&self.mock).unwrap_or_default();
        Ok(self.store.set_value(KEY, Some(&text))?)
    }

    fn card(&self, id: &CardId) -> Result<Card, ExamError> {
        let stored = self.store.card(id)?;
        stored
            .map(|stored| stored.card)
            .ok_or_else(|| ExamError::Vanished { id: id.clone() })
    }

    fn prompt(&self, card: &Card) -> Prompt {
        let mut prompt = Prompt::of(card, &format!("exam/{}", self.mock.seed), self.labels);
        prompt.unconfirmed = false;
        prompt
    }

    /// Gives the open question; `None` at the review screen.
    ///
    /// # Errors
    /// When the question has vanished, or the study database fails.
    pub fn question(&mut self, now: Timestamp) -> Result<Option<ExamQuestion>, ExamError> {
        let of = self.mock.items.len();
        let seconds_left = self.mock.left(now).as_secs();
        let Some((number, item)) = self.mock.open() else {
            return Ok(None);
        };
        let item = item.clone();
        // That it was shown outlives a crash.
        self.save()?;
        let prompt = self.prompt(&self.card(&item.id)?);
        let answered = item.answer.map(|a| {
            let mut labels: Vec<&str> = a
                .given
                .split(',')
                .filter_map(|c| prompt.label_of(c))
                .collect();
            labels.sort_unstable();
            labels.join(",")
        });
        Ok(Some(ExamQuestion {
            schema: 1,
            kind: "question",
            number,
            of,
            seconds_left,
            flagged: item.flagged,
            answered,
            prompt,
        }))
    }

    /// Answers the open question; it is on disk when this returns.
    ///
    /// # Errors
    /// When the line is no answer, the time is over, or the study database fails.
    pub fn answer(&mut self, line: &str, now: Timestamp) -> Result<(), ExamError> {
        let item = self.mock.current().ok_or(MockError::AtReview)?;
        let card = self.card(&item.id.clone())?;
        let strict = self.labels == Labels::Letters;
        let answer = Answer::parse(line, &self.prompt(&card), strict)?;
        let given = match answer.response {
            Response::Chosen(ids) => ids.join(","),
            Response::Typed(_) | Response::Rated(_) => return Err(BadAnswer::Empty.into()),
        };
        self.mock.answer(given, answer.sureness, now)?;
        self.save()
    }

    /// Does a step that is no answer, and saves.
    ///
    /// # Errors
    /// When the step cannot be done, or the study database fails.
    pub fn step<T>(
        &mut self,
        step: impl FnOnce(&mut Mock) -> Result<T, MockError>,
    ) -> Result<T, ExamError> {
        let done = step(&mut self.mock)?;
        self.save()?;
        Ok(done)
    }

    /// Gives the review screen.
    pub fn review(&self, now: Timestamp) -> Review {
        let items = (1..)
            .zip(&self.mock.items)
            .map(|(number, item)| ReviewLine {
                number,
                answered: item.answer.is_some(),
                flagged: item.flagged,
            });
        Review {
            schema: 1,
            kind: "review",
            seconds_left: self.mock.left(now).as_secs(),
            items: items.collect(),
        }
    }

    /// Says whether the time is over.
    pub fn time_over(&self, now: Timestamp) -> bool {
        self.mock.left(now).is_zero()
    }

    /// Keeps the time left, for a pause.
    ///
    /// # Errors
    /// When the study database fails.
    pub fn pause(&mut self, now: Timestamp) -> Result<(), ExamError> {
        self.mock.pause(now);
        self.save()
    }

    /// Marks the paper, writes all its answers into the review log and ends the exam, in one transaction.
    ///
    /// # Errors
    /// When the study database fails; the exam stays in progress then.
    pub fn submit(&mut self, now: Timestamp) -> Result<ExamResult, ExamError> {
        let mut cards = BTreeMap::new();
        for item in &self.mock.items {
            if let Some(stored) = self.store.card(&item.id)? {
                cards.insert(item.id.clone(), stored);
            }
        }
        result::submit(self.store, self.rules, &self.mock, &cards, self.labels, now)
    }
}

/// Draws a paper and begins.
fn begin(
    store: &dyn StudyStore,
    rules: &StudyRules,
    request: &ExamRequest,
    now: Timestamp,
) -> Result<(Mock, usize), ExamError> {
    let blueprint = blueprint(rules, request, rules.day(now))?;
    let filter = CardFilter {
        exam: Some(request.exam),
        versions: vec![blueprint.code.clone()],
        ..CardFilter::default()
    };
    let (mut cards, mut seen) = (Vec::new(), BTreeSet::new());
    store.for_each_card(&filter, &mut |stored| {
        if stored.history.reps > 0 {
            seen.insert(stored.card.id.clone());
        }
        if !stored.history.suspended || request.seed.is_some() {
            cards.push(stored.card);
        }
    })?;
    let common = &rules.blueprints.common;
    let whole = common.questions_total as usize;
    let questions = request.questions.unwrap_or(whole);
    let choose = match request.seed {
        Some(number) => Choose::Seed(number),
        None => Choose::Unseen {
            seen: &seen,
            seed: request.chance,
        },
    };
    let paper = paper::draw(&cards, blueprint, common, questions, choose)?;
    let extra = if request.extra_time {
        common.esl_extension_minutes
    } else {
        0
    };
    let minutes = request.minutes.unwrap_or_else(|| {
        let share = common.minutes as usize * questions;
        u32::try_from(share.div_ceil(whole.max(1))).unwrap_or(common.minutes) + extra
    });
    let number = request.seed.unwrap_or(request.chance);
    let mock = Mock::begin(
        (request.exam, blueprint.code.clone()),
        (number, request.seed.is_some()),
        paper.items,
        minutes,
        now,
    );
    Ok((mock, paper.repeated))
}

fn blueprint<'r>(
    rules: &'r StudyRules,
    request: &ExamRequest,
    today: StudyDay,
) -> Result<&'r Blueprint, ExamError> {
    let found = if let Some(version) = &request.version {
        let found = rules.blueprints.version(version);
        if let Some(last_day) = found.and_then(|b| b.last_day).filter(|day| *day < today.0) {
            return Err(ExamError::Retired {
                version: version.clone(),
                exam: request.exam,
                last_day,
            });
        }
        found
    } else {
        let day = rules.exam_day(request.exam, today).unwrap_or(today);
        rules.blueprints.for_exam_on(request.exam, day.0)
    };
    found.ok_or(ExamError::NoVersion { exam: request.exam })
}
