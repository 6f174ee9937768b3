//! `plan`: the exam version of a date, what changes, and the days up to it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::quiz::{FURTHEST, QuizError, StudyRules, laid, scheduler};
use super::stats::{TaskReport, tasks};
use crate::exam::{Blueprint, Exam, ExamVersion};
use crate::progress::plan::Plan;
use crate::progress::store::StudyStore;
use crate::time::StudyDay;

/// Weak tasks that are named.
const WEAKEST: usize = 5;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// No exam day is known.
    #[error("no exam day is set")]
    NoDate,
    /// The day has passed.
    #[error("{date} has passed")]
    Past {
        /// The day.
        date: Date,
    },
    /// The day is further off than any plan.
    #[error("{date} is too far off")]
    TooFar {
        /// The day.
        date: Date,
    },
    /// No version of the exam is known for the day.
    #[error("no version of {exam} is known for the day")]
    NoVersion {
        /// The exam.
        exam: Exam,
    },
    /// The study database failed.
    #[error(transparent)]
    Study(#[from] QuizError),
}

impl From<crate::progress::store::RecordError> for PlanError {
    fn from(error: crate::progress::store::RecordError) -> Self {
        Self::Study(error.into())
    }
}

/// A version of the exam with its days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionDays {
    /// The version.
    pub version: ExamVersion,
    /// Its first day.
    pub from: Date,
    /// Its last day, if one is announced.
    pub until: Option<Date>,
}

/// A domain whose weight differs between the version of today and that of the exam day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WeightChange {
    /// The domain's id.
    pub domain: String,
    /// Its name in the exam day's version, in Japanese.
    pub name: String,
    /// And in English.
    pub name_en: String,
    /// Percent today; `None` where there is no such domain.
    pub before: Option<u32>,
    /// Percent on the exam day.
    pub after: u32,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanReport {
    /// Version of the document.
    pub schema: u32,
    /// The exam.
    pub exam: Exam,
    /// The version that the exam day falls under.
    pub version: ExamVersion,
    /// The exam day.
    pub date: Date,
    /// Days until then.
    pub days_left: i32,
    /// Minutes of study a day.
    pub minutes_per_day: u32,
    /// All versions of the exam.
    pub versions: Vec<VersionDays>,
    /// The version that is valid today, where it is another one.
    pub differs_from: Option<ExamVersion>,
    /// What changes from that one.
    pub changes: Vec<WeightChange>,
    /// Cards of today's version that the exam day's does not ask.
    pub dropped_cards: u64,
    /// Cards never seen.
    pub new_cards: u64,
    /// Cards due now.
    pub due: u64,
    /// New cards a day at most, as the settings have it.
    pub new_limit: u32,
    /// The days.
    #[serde(flatten)]
    pub plan: Plan,
    /// The weakest tasks.
    pub weakest: Vec<TaskReport>,
}

/// Makes the plan for the goal in the rules.
///
/// # Errors
/// When no day is set or it has passed, or the study database fails.
pub fn plan(
    store: &mut dyn StudyStore,
    rules: &StudyRules,
    now: Timestamp,
) -> Result<PlanReport, PlanError> {
    let today = rules.day(now);
    let goal = rules.goal.ok_or(PlanError::NoDate)?;
    let (exam, day) = (goal.exam, goal.day.ok_or(PlanError::NoDate)?);
    if day < today {
        return Err(PlanError::Past { date: day.0 });
    }
    if day.days_since(today) > FURTHEST {
        return Err(PlanError::TooFar { date: day.0 });
    }
    let on = |day: StudyDay| rules.blueprints.for_exam_on(exam, day.0);
    let blueprint = on(day).ok_or(PlanError::NoVersion { exam })?;
    let before = on(today).filter(|b| b.code != blueprint.code);
    let scheduler = scheduler(store)?;
    let filter = rules.filter(Some(exam), today);
    let laid = laid(store, rules, &scheduler, (exam, day), today, true)?;
    let mut cards = Vec::new();
    store.for_each_card(&filter, &mut |card| cards.push(card))?;
    let mut weakest = tasks(blueprint, &cards, &scheduler, today);
    weakest.retain(|task| task.cards > 0);
    weakest.sort_by(|a, b| a.mastery.total_cmp(&b.mastery));
    weakest.truncate(WEAKEST);
    Ok(PlanReport {
        schema: 1,
        exam,
        version: blueprint.code.clone(),
        date: day.0,
        days_left: day.days_since(today),
        minutes_per_day: laid.minutes_per_day,
        versions: versions(rules, exam),
        differs_from: before.map(|b| b.code.clone()),
        changes: before.map(|b| changes(b, blueprint)).unwrap_or_default(),
        dropped_cards: match before {
            Some(before) => dropped(store, exam, before, blueprint)?,
            None => 0,
        },
        new_cards: laid.counts.new,
        due: laid.counts.due,
        plan: laid.plan,
        new_limit: rules.new_per_day,
        weakest,
    })
}

fn versions(rules: &StudyRules, exam: Exam) -> Vec<VersionDays> {
    let of_exam = rules
        .blueprints
        .exams
        .iter()
        .filter(|b| b.code.exam() == Some(exam));
    of_exam
        .map(|b| VersionDays {
            version: b.code.clone(),
            from: b.valid_from,
            until: b.last_day,
        })
        .collect()
}

fn changes(before: &Blueprint, after: &Blueprint) -> Vec<WeightChange> {
    let old = |id: &str| before.domains.iter().find(|d| d.id == id).map(|d| d.weight);
    after
        .domains
        .iter()
        .map(|domain| WeightChange {
            domain: domain.id.clone(),
            name: domain.name_ja.clone(),
            name_en: domain.name_en.clone(),
            before: old(&domain.id),
            after: domain.weight,
        })
        .filter(|change| change.before != Some(change.after))
        .collect()
}

fn dropped(
    store: &dyn StudyStore,
    exam: Exam,
    before: &Blueprint,
    after: &Blueprint,
) -> Result<u64, PlanError> {
    let filter = crate::progress::store::CardFilter {
        exam: Some(exam),
        versions: vec![before.code.clone()],
        ..crate::progress::store::CardFilter::default()
    };
    let mut dropped = 0;
    store.for_each_card(&filter, &mut |card| {
        dropped += u64::from(card.card.tasks_in(&after.code).is_empty());
    })?;
    Ok(dropped)
}
