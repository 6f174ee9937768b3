//! What the plan gives to a day: the same numbers for `plan`, which shows them, and `quiz`, which keeps to them.
//!
//! Today's share of new cards is laid down once a day and kept, so that it does not move with what is answered.

use std::collections::BTreeMap;

use super::{QuizError, StudyRules};
use crate::exam::Exam;
use crate::progress::plan::{
    Phase, Plan, PlanInput, SECONDS_PER_ANSWER, capacity, first_phase, lay_out,
};
use crate::progress::store::{Counts, StudyStore};
use crate::schedule::Scheduler;
use crate::time::StudyDay;

/// Where today's share is kept.
const KEY: &str = "plan-share";
/// Days that a plan reaches at most: ten years.
pub const FURTHEST: i32 = 3653;
/// Minutes a day that are assumed when none are set.
const DEFAULT_MINUTES: u32 = 30;
/// Answers after which the learner's own pace is used.
const OWN_PACE: u64 = 50;

/// The days up to the goal, laid out.
#[derive(Debug, Clone, PartialEq)]
pub struct Laid {
    /// The days.
    pub plan: Plan,
    /// The cards of the exam.
    pub counts: Counts,
    /// Minutes of study a day.
    pub minutes_per_day: u32,
    /// Answers that today's minutes still hold.
    pub answers_left: u32,
}

impl Laid {
    /// Gives the new cards that are still to come today.
    pub fn new_left(&self) -> u32 {
        self.plan.days.first().map_or(0, |day| day.new)
    }

    /// Gives the answers that a day for weak tasks still holds; none on other days.
    pub fn weak_left(&self) -> u32 {
        let weak = self.plan.days.first().map(|day| day.phase) == Some(Phase::Weak);
        if weak { self.answers_left } else { 0 }
    }
}

/// What a day still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    /// New cards.
    pub(super) new: u32,
    /// Answers on a day for weak tasks; none on other days.
    pub(super) weak: u32,
}

/// Gives what today still holds: from its share where that was laid down before, for a session need not lay out all
/// days to an exam again.
///
/// # Errors
/// As [`laid`].
pub(super) fn left_today(
    store: &mut dyn StudyStore,
    rules: &StudyRules,
    scheduler: &Scheduler,
    (exam, day): (Exam, StudyDay),
    today: StudyDay,
) -> Result<Left, QuizError> {
    let Some(share) = kept(store, &made_for(rules, (exam, day), today))? else {
        let laid = laid(store, rules, scheduler, (exam, day), today, false)?;
        return Ok(Left {
            new: laid.new_left(),
            weak: laid.weak_left(),
        });
    };
    let tally = store.tally(today)?;
    let is_weak = first_phase(day.days_since(today)) == Phase::Weak;
    let held = if is_weak {
        capacity(minutes(rules), pace(store, today)?)
    } else {
        0
    };
    Ok(Left {
        new: number(share.saturating_sub(tally.new)),
        weak: held.saturating_sub(number(tally.answers)),
    })
}

fn number(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn minutes(rules: &StudyRules) -> u32 {
    let set = rules.goal.and_then(|goal| goal.minutes_per_day);
    set.unwrap_or(DEFAULT_MINUTES)
}

/// Names what a share was laid down for; with another goal or other settings it is laid down anew.
fn made_for(rules: &StudyRules, (exam, day): (Exam, StudyDay), today: StudyDay) -> String {
    format!(
        "{} {} {} {} {}",
        today.0,
        exam.code(),
        day.0,
        minutes(rules),
        rules.new_per_day
    )
}

/// Gives the share that was laid down for something.
fn kept(store: &dyn StudyStore, made_for: &str) -> Result<Option<u64>, QuizError> {
    let kept: Option<(String, u64)> = store
        .value(KEY)?
        .and_then(|text| serde_json::from_str(&text).ok());
    Ok(kept.filter(|(of, _)| of == made_for).map(|(_, new)| new))
}

/// Lays out the days up to an exam, keeping to today's share where it was laid down before; `advises` works out what
/// seeing every card would take.
///
/// # Errors
/// When the study database fails, or a memory state cannot be computed.
pub fn laid(
    store: &mut dyn StudyStore,
    rules: &StudyRules,
    scheduler: &Scheduler,
    (exam, day): (Exam, StudyDay),
    today: StudyDay,
    advises: bool,
) -> Result<Laid, QuizError> {
    let minutes_per_day = minutes(rules);
    let counts = store.counts(&rules.filter(Some(exam), today), today)?;
    let mut booked = BTreeMap::from([(today, counts.due)]);
    for ahead in 1..day.days_since(today) {
        let ahead = today.plus_days(ahead);
        booked.insert(ahead, store.load_on(exam, ahead)?.into());
    }
    let tally = store.tally(today)?;
    let made_for = made_for(rules, (exam, day), today);
    let share = kept(store, &made_for)?;
    let input = PlanInput {
        today,
        exam: day,
        minutes_per_day,
        seconds_per_answer: pace(store, today)?,
        new_cards: counts.new,
        new_limit: rules.new_per_day,
        answered_today: tally.answers,
        new_today: tally.new,
        advises,
        today_left: share.map(|share| number(share.saturating_sub(tally.new))),
        scheduled: booked,
        retention: rules.retention,
    };
    let plan = lay_out(scheduler, &input)?;
    let laid = Laid {
        plan,
        counts,
        minutes_per_day,
        answers_left: input.capacity().saturating_sub(number(tally.answers)),
    };
    if share.is_none() {
        let share = tally.new + u64::from(laid.new_left());
        let text = serde_json::to_string(&(made_for, share)).unwrap_or_default();
        store.set_value(KEY, Some(&text))?;
    }
    Ok(laid)
}

/// Gives the seconds an answer takes: the learner's own of the last weeks, once there are enough.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of a few weeks")]
fn pace(store: &dyn StudyStore, today: StudyDay) -> Result<f64, QuizError> {
    let (mut answers, mut millis) = (0, 0);
    for back in 0..28 {
        let tally = store.tally(today.plus_days(-back))?;
        answers += tally.answers;
        millis += tally.millis;
    }
    Ok(if answers >= OWN_PACE && millis > 0 {
        (millis as f64 / 1000.0 / answers as f64).clamp(10.0, 180.0)
    } else {
        SECONDS_PER_ANSWER
    })
}
