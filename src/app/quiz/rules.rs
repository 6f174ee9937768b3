//! The rules of studying: settings and goal, and what follows from them for a day.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::exam::{Blueprints, Exam};
use crate::progress::store::CardFilter;
use crate::schedule::DesiredRetention;
use crate::time::{Rollover, StudyDay};

/// What a learner works towards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Goal {
    /// The exam.
    pub exam: Exam,
    /// Its day, if it is fixed.
    pub day: Option<StudyDay>,
    /// Minutes of study a day, if they are fixed.
    pub minutes_per_day: Option<u32>,
}

/// The rules of studying, from the settings.
#[derive(Debug, Clone)]
pub struct StudyRules {
    /// The probability of recall at which a card comes due.
    pub retention: DesiredRetention,
    /// New cards a day.
    pub new_per_day: u32,
    /// Reviews a day.
    pub reviews_per_day: u32,
    /// When a study day begins.
    pub rollover: Rollover,
    /// The local time zone.
    pub zone: TimeZone,
    /// What the learner works towards.
    pub goal: Option<Goal>,
    /// The exams with their tasks.
    pub blueprints: Blueprints,
}

impl StudyRules {
    /// Gives the study day of a moment.
    pub fn day(&self, now: Timestamp) -> StudyDay {
        StudyDay::of(now, &self.zone, self.rollover)
    }

    /// Gives the day of an exam, if it is the goal, its day is fixed and has not passed.
    pub fn exam_day(&self, exam: Exam, today: StudyDay) -> Option<StudyDay> {
        self.goal
            .filter(|goal| goal.exam == exam)
            .and_then(|goal| goal.day)
            .filter(|day| *day >= today)
    }

    /// Makes the filter for an exam's cards: those of the version that is valid on the exam's day, or today.
    pub fn filter(&self, exam: Option<Exam>, today: StudyDay) -> CardFilter {
        let exam = exam.or(self.goal.map(|goal| goal.exam));
        let version = exam.and_then(|exam| {
            let day = self.exam_day(exam, today).unwrap_or(today);
            self.blueprints.for_exam_on(exam, day.0)
        });
        CardFilter {
            exam,
            versions: version.map(|b| b.code.clone()).into_iter().collect(),
            ..CardFilter::default()
        }
    }
}
