//! A mock exam in progress: answers, flags, place, and the time left, as a value that can be stored after every step.
//!
//! The clock is handed in. Time runs only between [`Mock::resume`] and the last step or pause; what is stored is the time
//! left and since when it runs, so that a closed laptop or a night in between costs nothing, and a program that was cut
//! off is charged up to the moment at which it was last seen alive.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::answer::Sureness;
use super::card::CardId;
use super::paper::PaperItem;
use crate::exam::{Exam, ExamVersion};

/// What was answered to one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MockAnswer {
    /// The chosen options by their ids in the bank, joined by commas.
    pub given: String,
    /// How sure the learner was.
    pub sureness: Sureness,
    /// Milliseconds spent on the question up to then.
    pub millis: u32,
}

/// One question of the paper with what was done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MockItem {
    /// The question.
    pub id: CardId,
    /// The domain it stands for.
    pub domain: String,
    /// Whether it counts; never shown before the end.
    pub scored: bool,
    /// The last answer.
    pub answer: Option<MockAnswer>,
    /// Whether the learner wants to come back to it.
    pub flagged: bool,
    /// Whether it was shown.
    pub seen: bool,
}

/// A mock exam in progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mock {
    /// The exam.
    pub exam: Exam,
    /// Its version.
    pub version: ExamVersion,
    /// The seed of the paper.
    pub seed: u64,
    /// Whether the learner chose the seed.
    pub seed_given: bool,
    /// When it began.
    pub started: Timestamp,
    /// Minutes allowed.
    pub minutes: u32,
    /// Milliseconds left, as they stood at the last step.
    left_millis: i64,
    /// The questions.
    pub items: Vec<MockItem>,
    /// The question that is shown, from 0; as many as there are questions: the review screen.
    at: usize,
    /// Since when time has been running; nothing while the exam is paused.
    #[serde(default)]
    running: Option<Timestamp>,
    /// Whether the options were shown under letters in their own order rather than under the ids of the bank.
    #[serde(default = "yes")]
    pub letters: bool,
}

const fn yes() -> bool {
    true
}

/// Why a step cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MockError {
    /// The time is over.
    #[error("the time is over")]
    TimeOver,
    /// There is no question of that number.
    #[error("there is no question {number}")]
    NoSuchQuestion {
        /// The number as given, from 1.
        number: usize,
    },
    /// All questions are behind; only the review screen is left.
    #[error("no question is open")]
    AtReview,
}

impl Mock {
    /// Begins an exam.
    pub fn begin(
        (exam, version): (Exam, ExamVersion),
        (seed, seed_given): (u64, bool),
        items: Vec<PaperItem>,
        minutes: u32,
        now: Timestamp,
    ) -> Self {
        let items = items.into_iter().map(|item| MockItem {
            id: item.id,
            domain: item.domain,
            scored: item.scored,
            answer: None,
            flagged: false,
            seen: false,
        });
        Self {
            exam,
            version,
            seed,
            seed_given,
            started: now,
            minutes,
            left_millis: i64::from(minutes) * 60_000,
            items: items.collect(),
            at: 0,
            running: Some(now),
            letters: true,
        }
    }

    /// Charges the time of a sitting that was cut off, up to the moment at which it was last seen alive.
    pub fn cut_off(&mut self, alive: Timestamp) {
        if self.running.is_some_and(|since| since < alive) {
            self.tick(alive);
        }
        self.running = None;
    }

    /// Lets the time run again after the program was started anew.
    pub fn resume(&mut self, now: Timestamp) {
        self.running = Some(now);
    }

    /// Stops the clock.
    pub fn pause(&mut self, now: Timestamp) {
        self.tick(now);
        self.running = None;
    }

    /// Takes the time since the last step off the time left; gives the milliseconds that passed.
    fn tick(&mut self, now: Timestamp) -> i64 {
        let since = self.running.replace(now);
        let passed = since.map_or(SignedDuration::ZERO, |since| now.duration_since(since));
        // A clock set back gives no time back.
        let passed = i64::try_from(passed.as_millis()).unwrap_or(0).max(0);
        self.left_millis = (self.left_millis - passed).max(0);
        passed
    }

    /// Gives the time left, without a step.
    pub fn left(&self, now: Timestamp) -> SignedDuration {
        let since = self
            .running
            .map_or(SignedDuration::ZERO, |since| now.duration_since(since));
        let left = SignedDuration::from_millis(self.left_millis) - since.max(SignedDuration::ZERO);
        left.max(SignedDuration::ZERO)
    }

    /// Gives the question that is open with its number from 1; `None` at the review screen. It counts as shown.
    pub fn open(&mut self) -> Option<(usize, &MockItem)> {
        let number = self.at + 1;
        let item = self.items.get_mut(self.at)?;
        item.seen = true;
        Some((number, item))
    }

    /// Gives the open question without showing it.
    pub fn current(&self) -> Option<&MockItem> {
        self.items.get(self.at)
    }

    /// Answers the open question and goes on to the next.
    ///
    /// # Errors
    /// When the time is over (the answer does not count) or no question is open.
    pub fn answer(
        &mut self,
        given: String,
        sureness: Sureness,
        now: Timestamp,
    ) -> Result<(), MockError> {
        let passed = self.tick(now);
        if self.left_millis == 0 {
            return Err(MockError::TimeOver);
        }
        let item = self.items.get_mut(self.at).ok_or(MockError::AtReview)?;
        let before = item.answer.as_ref().map_or(0, |a| a.millis);
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        item.answer = Some(MockAnswer {
            given,
            sureness,
            millis: before.saturating_add(passed),
        });
        self.at += 1;
        Ok(())
    }

    /// Goes to the next question without an answer.
    ///
    /// # Errors
    /// When the time is over.
    pub fn skip(&mut self, now: Timestamp) -> Result<(), MockError> {
        self.step(now)?;
        self.at = (self.at + 1).min(self.items.len());
        Ok(())
    }

    /// Flags a question, or takes its flag away; without a number the open one. Gives its number and whether it is
    /// flagged now.
    ///
    /// # Errors
    /// When the time is over or there is no such question.
    pub fn flag(
        &mut self,
        number: Option<usize>,
        now: Timestamp,
    ) -> Result<(usize, bool), MockError> {
        self.step(now)?;
        let at = self.index(number)?;
        let item = self.items.get_mut(at).ok_or(MockError::AtReview)?;
        item.flagged = !item.flagged;
        Ok((at + 1, item.flagged))
    }

    /// Goes to a question.
    ///
    /// # Errors
    /// When the time is over or there is no such question.
    pub fn goto(&mut self, number: usize, now: Timestamp) -> Result<(), MockError> {
        self.step(now)?;
        self.at = self.index(Some(number))?;
        Ok(())
    }

    /// Goes to the review screen.
    ///
    /// # Errors
    /// When the time is over.
    pub fn review(&mut self, now: Timestamp) -> Result<(), MockError> {
        self.step(now)?;
        self.at = self.items.len();
        Ok(())
    }

    fn step(&mut self, now: Timestamp) -> Result<(), MockError> {
        self.tick(now);
        if self.left_millis == 0 {
            Err(MockError::TimeOver)
        } else {
            Ok(())
        }
    }

    fn index(&self, number: Option<usize>) -> Result<usize, MockError> {
        match number {
            None if self.at < self.items.len() => Ok(self.at),
            None => Err(MockError::AtReview),
            Some(number) => number
                .checked_sub(1)
                .filter(|at| *at < self.items.len())
                .ok_or(MockError::NoSuchQuestion { number }),
        }
    }

    /// Counts the answered questions.
    pub fn answered(&self) -> usize {
        self.items
            .iter()
            .filter(|item| item.answer.is_some())
            .count()
    }

    /// Gives the seconds spent so far.
    pub fn spent_seconds(&self) -> i64 {
        (i64::from(self.minutes) * 60_000 - self.left_millis) / 1000
    }
}

/// Estimates the scaled score of a share of right answers.
///
/// AWS publishes no curve. Ours is drawn straight from 100 at nothing to the pass mark at the same share of a thousand
/// (720 at 72 %), and on to 1000 at everything; see docs/READINESS.md.
pub fn scaled_score(right: usize, scored: usize, rules: &crate::exam::ExamRules) -> u32 {
    #[expect(clippy::cast_precision_loss, reason = "counts of questions")]
    let share = if scored == 0 {
        0.0
    } else {
        right as f64 / scored as f64
    };
    let (low, pass, high) = (
        f64::from(rules.score_min),
        f64::from(rules.pass_score),
        f64::from(rules.score_max),
    );
    let bend = pass / high;
    let score = if share < bend {
        low + (pass - low) * share / bend
    } else {
        pass + (high - pass) * (share - bend) / (1.0 - bend)
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between the scale's ends"
    )]
    let rounded = score.round() as u32;
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mock() -> Mock {
        let items = (1..=3).map(|n| PaperItem {
            id: CardId(format!("q{n}")),
            domain: "1".to_owned(),
            scored: n != 2,
        });
        let version = ExamVersion("SAA-C03".to_owned());
        Mock::begin(
            (Exam::Saa, version),
            (1, true),
            items.collect(),
            10,
            Timestamp::UNIX_EPOCH,
        )
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_restart_costs_no_time() {
        let mut exam = mock();
        exam.answer("a".to_owned(), Sureness::Sure, at(60)).unwrap();
        let text = serde_json::to_string(&exam).unwrap();
        let mut again: Mock = serde_json::from_str(&text).unwrap();
        again.resume(at(90_000));
        assert_eq!(again.left(at(90_000)).as_secs(), 540);
        again
            .answer("b".to_owned(), Sureness::Guessed, at(90_030))
            .unwrap();
        assert_eq!(again.left(at(90_030)).as_secs(), 510);
        assert_eq!(again.answered(), 2);
        assert_eq!(again.open().map(|(n, _)| n), Some(3));
    }

    #[test]
    fn a_sitting_that_was_cut_off_is_charged_while_it_was_alive() {
        let again = |exam: &Mock, alive: i64| {
            let text = serde_json::to_string(exam).unwrap();
            let mut again: Mock = serde_json::from_str(&text).unwrap();
            again.cut_off(at(alive));
            again.resume(at(90_000));
            again.left(at(90_000)).as_secs()
        };
        let mut exam = mock();
        exam.answer("a".to_owned(), Sureness::Sure, at(60)).unwrap();
        assert_eq!(again(&exam, 200), 400, "140 seconds of reading count");
        assert_eq!(again(&exam, 30), 540, "a note from before the last step");
        exam.pause(at(70));
        assert_eq!(again(&exam, 200), 530, "nothing runs in a pause");
    }

    #[test]
    fn an_answer_after_the_end_does_not_count() {
        let mut exam = mock();
        assert_eq!(
            exam.answer("a".to_owned(), Sureness::Sure, at(601)),
            Err(MockError::TimeOver)
        );
        assert_eq!((exam.answered(), exam.left(at(700)).as_secs()), (0, 0));
    }

    #[test]
    fn questions_can_be_flagged_left_and_come_back_to() {
        let mut exam = mock();
        assert_eq!(exam.flag(None, at(1)), Ok((1, true)));
        exam.skip(at(2)).unwrap();
        exam.answer("c".to_owned(), Sureness::Sure, at(3)).unwrap();
        exam.review(at(4)).unwrap();
        assert_eq!(exam.open(), None);
        assert_eq!(
            exam.answer("c".to_owned(), Sureness::Sure, at(5)),
            Err(MockError::AtReview)
        );
        exam.goto(1, at(6)).unwrap();
        assert_eq!(
            exam.open().map(|(n, item)| (n, item.flagged)),
            Some((1, true))
        );
        assert_eq!(
            exam.goto(4, at(7)),
            Err(MockError::NoSuchQuestion { number: 4 })
        );
        assert_eq!(
            exam.goto(0, at(7)),
            Err(MockError::NoSuchQuestion { number: 0 })
        );
    }

    #[test]
    fn the_scale_meets_its_ends_and_the_pass_mark() {
        let rules = super::super::bank::tests::reference().blueprints.common;
        assert_eq!(scaled_score(0, 50, &rules), 100);
        assert_eq!(scaled_score(36, 50, &rules), 720);
        assert_eq!(scaled_score(50, 50, &rules), 1000);
    }
}
