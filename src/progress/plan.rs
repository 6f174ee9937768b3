//! The days up to the exam: what each is for, how many cards fit into it, and whether it will be enough.
//!
//! New cards are spread over the days in which they can still come back at least once; the last days go to weak tasks,
//! then a mock exam, then rest. Reviews are what is scheduled already plus what the new cards will ask for when they
//! are recalled each time, with a share for those that are not.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::schedule::{DesiredRetention, MemoryState, Rating, Scheduler, SchedulerError};
use crate::time::StudyDay;

/// Seconds that one answer takes while nothing is known of the learner.
pub const SECONDS_PER_ANSWER: f64 = 45.0;
/// Minutes that a mock exam takes.
const MOCK_MINUTES: u32 = 130;
/// Days before the exam in which no new card is begun.
const NO_NEW: i32 = 4;
/// Days before the exam at which mock exams are laid, where there is room.
const MOCKS: [i32; 3] = [3, 10, 17];
/// Answers asked for by misses, on top of those the schedule asks for.
const MISSES: f64 = 1.15;

/// What a day is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// New cards and reviews.
    Learn,
    /// Reviews of the weakest tasks, nothing new.
    Weak,
    /// A mock exam, and its misses.
    Mock,
    /// Only what is due, and an early night.
    Rest,
    /// The exam.
    Exam,
}

/// One day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PlanDay {
    /// The day.
    pub day: StudyDay,
    /// What it is for.
    pub phase: Phase,
    /// New cards.
    pub new: u32,
    /// Reviews.
    pub reviews: u32,
    /// Minutes these take.
    pub minutes: u32,
}

/// What the plan is made from.
#[derive(Debug, Clone)]
pub struct PlanInput {
    /// Today.
    pub today: StudyDay,
    /// The day of the exam, after today.
    pub exam: StudyDay,
    /// Minutes of study a day.
    pub minutes_per_day: u32,
    /// Seconds that one answer takes.
    pub seconds_per_answer: f64,
    /// Cards never seen.
    pub new_cards: u64,
    /// Cards already scheduled, by day.
    pub scheduled: BTreeMap<StudyDay, u64>,
    /// The probability of recall at which a card comes due.
    pub retention: DesiredRetention,
}

/// The plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The days from today to the exam.
    pub days: Vec<PlanDay>,
    /// New cards a day while learning.
    pub new_per_day: u32,
    /// Cards that will not have been seen by the exam.
    pub left_out: u64,
    /// Minutes a day that would see every card; `None` when no number would.
    pub minutes_needed: Option<u32>,
}

/// Gives the days after which a new card comes back, when it is recalled each time.
fn returns(
    scheduler: &Scheduler,
    retention: DesiredRetention,
    until: i32,
) -> Result<Vec<i32>, SchedulerError> {
    let mut state: Option<MemoryState> = None;
    let (mut elapsed, mut day, mut days) = (0, 0, Vec::new());
    while day < until {
        let next = scheduler.step(state, elapsed, Rating::Good)?;
        #[expect(clippy::cast_possible_truncation, reason = "clamped to a year")]
        let interval = scheduler
            .interval(next, retention)
            .round()
            .clamp(1.0, 365.0) as i32;
        state = Some(next);
        elapsed = interval.unsigned_abs();
        day += interval;
        days.push(day);
    }
    Ok(days)
}

/// Says what a day is for, by the days left to the exam.
fn phase(left: i32, days: i32) -> Phase {
    match left {
        0 => Phase::Exam,
        1 => Phase::Rest,
        left if MOCKS.contains(&left) && left < days => Phase::Mock,
        left if left <= NO_NEW => Phase::Weak,
        _ => Phase::Learn,
    }
}

/// Lays out the days.
///
/// # Errors
/// When a memory state cannot be computed.
pub fn lay_out(scheduler: &Scheduler, input: &PlanInput) -> Result<Plan, SchedulerError> {
    let days = input.exam.days_since(input.today).max(0);
    let returns = returns(scheduler, input.retention, days)?;
    let simulate = |per_day: f64| simulate(input, days, &returns, per_day);
    let learn = (0..days)
        .filter(|d| phase(days - d, days) == Phase::Learn)
        .count();
    #[expect(clippy::cast_precision_loss, reason = "counts of cards and days")]
    let wanted = input.new_cards as f64 / learn.max(1) as f64;
    // The most new cards a day whose reviews still fit into the minutes.
    let fits = |per_day: f64| {
        let budget = f64::from(input.minutes_per_day) * 60.0;
        simulate(per_day)
            .iter()
            .filter(|day| day.phase == Phase::Learn)
            .all(|day| f64::from(day.new + day.reviews) * input.seconds_per_answer <= budget * 1.05)
    };
    let mut chosen = 0.0;
    let mut step = wanted;
    for _ in 0..24 {
        if chosen + step <= wanted && fits(chosen + step) {
            chosen += step;
        }
        step /= 2.0;
    }
    let laid = simulate(chosen);
    let seen: u64 = laid.iter().map(|day| u64::from(day.new)).sum();
    let needed = simulate(wanted)
        .iter()
        .filter(|day| day.phase == Phase::Learn)
        .map(|day| day.minutes)
        .max();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few hundred cards a day at most"
    )]
    let new_per_day = chosen.ceil() as u32;
    Ok(Plan {
        days: laid,
        new_per_day,
        left_out: input.new_cards.saturating_sub(seen),
        minutes_needed: needed.filter(|_| learn > 0),
    })
}

/// Counts each day's cards when some new ones are begun on every learning day.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "counts of cards and minutes"
)]
fn simulate(input: &PlanInput, days: i32, returns: &[i32], per_day: f64) -> Vec<PlanDay> {
    let mut reviews: BTreeMap<i32, f64> = BTreeMap::new();
    for (day, due) in &input.scheduled {
        let ahead = day.days_since(input.today).max(0);
        *reviews.entry(ahead).or_default() += *due as f64;
    }
    let mut begun = 0.0;
    let mut told: u64 = 0;
    let mut plan = Vec::new();
    for ahead in 0..=days {
        let phase = phase(days - ahead, days);
        if phase == Phase::Learn {
            begun = (begun + per_day).min(input.new_cards as f64);
        }
        // Whole cards a day that add up to what was begun.
        let new = (begun.round() as u64).saturating_sub(told) as u32;
        told += u64::from(new);
        for back in returns.iter().filter(|_| new > 0) {
            *reviews.entry(ahead + back).or_default() += f64::from(new) * MISSES;
        }
        let due = reviews.get(&ahead).copied().unwrap_or(0.0).round() as u32;
        let answers = f64::from(due + new);
        let study = (answers * input.seconds_per_answer / 60.0).ceil() as u32;
        plan.push(PlanDay {
            day: input.today.plus_days(ahead),
            phase,
            new,
            reviews: if phase == Phase::Exam { 0 } else { due },
            minutes: match phase {
                Phase::Exam => 0,
                Phase::Mock => study.min(input.minutes_per_day) + MOCK_MINUTES,
                Phase::Weak => study.max(input.minutes_per_day),
                Phase::Learn | Phase::Rest => study,
            },
        });
    }
    plan
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn input(minutes: u32, new_cards: u64) -> PlanInput {
        PlanInput {
            today: StudyDay(date(2026, 11, 21)),
            exam: StudyDay(date(2026, 12, 20)),
            minutes_per_day: minutes,
            seconds_per_answer: 45.0,
            new_cards,
            scheduled: BTreeMap::new(),
            retention: DesiredRetention::clamped(0.9),
        }
    }

    #[test]
    fn the_last_days_are_for_weak_tasks_a_mock_and_rest() {
        let scheduler = Scheduler::new(&[]).unwrap();
        let plan = lay_out(&scheduler, &input(60, 200)).unwrap();
        let last: Vec<Phase> = plan.days.iter().rev().take(6).map(|d| d.phase).collect();
        assert_eq!(
            last,
            [
                Phase::Exam,
                Phase::Rest,
                Phase::Weak,
                Phase::Mock,
                Phase::Weak,
                Phase::Learn
            ]
        );
        assert_eq!(plan.left_out, 0);
        assert!(plan.days.iter().rev().take(5).all(|d| d.new == 0));
    }

    #[test]
    fn too_little_time_is_said_with_what_it_would_take() {
        let scheduler = Scheduler::new(&[]).unwrap();
        let plan = lay_out(&scheduler, &input(10, 600)).unwrap();
        assert!(plan.left_out > 200, "{plan:?}");
        let needed = plan.minutes_needed.unwrap();
        assert!(needed > 30, "{needed}");
        let more = lay_out(&scheduler, &input(needed, 600)).unwrap();
        assert!(more.left_out < plan.left_out);
    }

    #[test]
    fn an_exam_tomorrow_leaves_only_rest() {
        let scheduler = Scheduler::new(&[]).unwrap();
        let mut tomorrow = input(30, 50);
        tomorrow.exam = tomorrow.today.plus_days(1);
        let plan = lay_out(&scheduler, &tomorrow).unwrap();
        assert_eq!((plan.days.len(), plan.left_out), (2, 50));
    }
}
