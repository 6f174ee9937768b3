//! `stats`: how well it is going, as one report.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::quiz::{QuizError, StudyRules, scheduler};
use crate::exam::{Blueprint, Exam, TaskId};
use crate::progress::forecast::{DayForecast, forecast};
use crate::progress::practice::LabDone;
use crate::progress::readiness::{self, Readiness};
use crate::progress::retention::{CalibrationBin, HourTally, LogDigest, share};
use crate::progress::store::{StoredCard, StudyStore};
use crate::schedule::Scheduler;
use crate::time::StudyDay;

/// Days that the forecast shows.
const FORECAST_DAYS: i32 = 30;
/// Weeks that the heat map shows.
const HEAT_DAYS: i32 = 7 * 53;

/// Cards asked for by labs that are counted; nobody has more labs than that.
const ASKED_SHOWN: usize = 10_000;

/// One task of the exam.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskReport {
    /// The task's id.
    pub task: TaskId,
    /// Its name in Japanese.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Cards of the task.
    pub cards: u64,
    /// Of these, seen.
    pub seen: u64,
    /// Mean probability of recalling a card of the task today; cards never seen count as nothing.
    pub mastery: f64,
    /// Share of first answers that were right; `None` while there were none.
    pub first_correct: Option<f64>,
}

/// A day of the heat map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HeatDay {
    /// The day.
    pub day: StudyDay,
    /// Answers.
    pub answers: u64,
}

/// What was done today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TodayReport {
    /// The day.
    pub day: StudyDay,
    /// Answers.
    pub answers: u64,
    /// Right ones.
    pub correct: u64,
    /// Cards seen for the first time.
    pub new: u64,
    /// Time spent.
    pub seconds: u64,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatsReport {
    /// Version of the document.
    pub schema: u32,
    /// Answers that count.
    pub reviews: u64,
    /// Cards due today.
    pub due: u64,
    /// Cards never seen.
    pub new: u64,
    /// Share recalled of the answers a day or more after the one before.
    pub retention: Option<f64>,
    /// What had been predicted for those.
    pub predicted: Option<f64>,
    /// The chance to pass.
    pub readiness: Readiness,
    /// The tasks of the exam.
    pub tasks: Vec<TaskReport>,
    /// Cards in the bank.
    pub cards: u64,
    /// Cards kept for mock exams.
    pub reserved: u64,
    /// Cards not asked at the learner's wish.
    pub suspended: u64,
    /// Cards marked by the learner.
    pub flagged: u64,
    /// Cards forgotten again and again.
    pub leeches: u64,
    /// Cards with history that the bank does not have any more.
    pub vanished: u64,
    /// What was done today.
    pub today: TodayReport,
    /// Days in a row with answers.
    pub streak: u32,
    /// Time spent in all.
    pub seconds: u64,
    /// Predicted recall against measured.
    pub calibration: Vec<CalibrationBin>,
    /// Cards due on the days ahead.
    pub forecast: Vec<DayForecast>,
    /// Answers of the last year, days without any left out.
    pub heat: Vec<HeatDay>,
    /// Answers by local hour.
    pub hours: Vec<HourTally>,
    /// Misses by cause.
    pub causes: BTreeMap<String, u64>,
    /// Labs all of whose tasks were done.
    pub labs: Vec<LabDone>,
    /// Cards that tasks of labs asked for and that were not answered since.
    pub asked_by_labs: usize,
}

/// Puts the report together.
///
/// # Errors
/// When the study database fails.
pub fn stats(
    store: &dyn StudyStore,
    rules: &StudyRules,
    exam: Option<Exam>,
    now: Timestamp,
) -> Result<StatsReport, QuizError> {
    let today = rules.day(now);
    let scheduler = scheduler(store)?;
    let filter = rules.filter(exam, today);
    let counts = store.counts(&filter, today)?;
    let tally = store.tally(today)?;
    let digest = LogDigest::read(store, &scheduler, &rules.zone)?;
    // Without a goal the exam that most people begin with stands for both in what needs a blueprint.
    let chosen = filter.exam.unwrap_or(Exam::Saa);
    let exam_day = rules.exam_day(chosen, today).unwrap_or(today);
    let blueprint = rules.blueprints.for_exam_on(chosen, exam_day.0);
    let mut cards = Vec::new();
    if blueprint.is_some() {
        store.for_each_card(&rules.filter(Some(chosen), today), &mut |card| {
            cards.push(card);
        })?;
    }
    let tasks = blueprint
        .map(|b| tasks(b, &cards, &scheduler, today))
        .unwrap_or_default();
    let readiness = match blueprint {
        Some(blueprint) => readiness::estimate(
            &cards,
            blueprint,
            &rules.blueprints.common,
            (today, exam_day),
        ),
        None => Readiness::unknown(chosen, 0),
    };
    let from = today.plus_days(-HEAT_DAYS);
    let heat = digest.days.range(from..=today);
    Ok(StatsReport {
        schema: 1,
        reviews: digest.reviews,
        due: counts.due,
        new: counts.new,
        retention: digest.retention(),
        predicted: digest.predicted_retention(),
        readiness,
        tasks,
        cards: counts.cards,
        reserved: counts.reserved,
        suspended: counts.suspended,
        flagged: counts.flagged,
        leeches: counts.leeches,
        vanished: counts.vanished,
        today: TodayReport {
            day: today,
            answers: tally.answers,
            correct: tally.correct,
            new: tally.new,
            seconds: tally.millis / 1000,
        },
        streak: digest.streak(today),
        seconds: digest.millis / 1000,
        forecast: forecast(store, &filter, today, FORECAST_DAYS)?,
        heat: heat
            .map(|(day, answers)| HeatDay {
                day: *day,
                answers: *answers,
            })
            .collect(),
        hours: digest.hours.to_vec(),
        calibration: digest.bins,
        causes: digest.causes,
        labs: store.labs_done()?,
        asked_by_labs: store.asked_for(&filter, ASKED_SHOWN)?.len(),
    })
}

#[expect(clippy::cast_precision_loss, reason = "days and cards are few")]
pub(super) fn tasks(
    blueprint: &Blueprint,
    cards: &[StoredCard],
    scheduler: &Scheduler,
    today: StudyDay,
) -> Vec<TaskReport> {
    blueprint
        .tasks()
        .map(|task| {
            let of_task = || {
                cards
                    .iter()
                    .filter(|c| c.card.main_task(&blueprint.code) == Some(&task.id))
            };
            let recall = |card: &StoredCard| {
                card.history.memory.map_or(0.0, |memory| {
                    let elapsed = card.history.elapsed(today) as f32;
                    f64::from(scheduler.retrievability(memory, elapsed))
                })
            };
            let count = of_task().count() as u64;
            let firsts = || of_task().filter_map(|c| c.history.first);
            TaskReport {
                task: task.id.clone(),
                name: task.name_ja.clone(),
                name_en: task.name_en.clone(),
                cards: count,
                seen: of_task().filter(|c| c.history.reps > 0).count() as u64,
                // Not `sum`: of nothing it is -0.0.
                mastery: of_task().map(recall).fold(0.0, |a, b| a + b) / (count.max(1) as f64),
                first_correct: share(
                    firsts().filter(|f| f.correct).count() as u64,
                    firsts().count() as u64,
                ),
            }
        })
        .collect()
}
