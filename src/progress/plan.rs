//! The days up to the exam: what each is for, how many cards fit into it, and whether it will be enough.
//!
//! New cards are spread over the days in which they can still come back at least once; the last days go to weak tasks,
//! then a mock exam, then rest. Reviews are what is scheduled already plus what the new cards will ask for when they
//! are recalled each time, with a share for those that are not.
//!
//! A card is begun on a day only while that day and the days of all its reviews have minutes left for it. So the number
//! of new cards differs by day, no day exceeds its minutes, and little of them is left over while cards wait.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::schedule::due::{FINAL_DAYS, fuzz_range};
use crate::schedule::{DesiredRetention, MemoryState, Rating, Scheduler, SchedulerError};
use crate::time::StudyDay;

/// Seconds that one answer takes while nothing is known of the learner.
pub const SECONDS_PER_ANSWER: f64 = 45.0;
/// Minutes that a mock exam takes.
const MOCK_MINUTES: u32 = 130;
/// Days before the exam in which no new card is begun.
pub const NO_NEW: i32 = 4;
/// Days before the exam at which mock exams are laid, where there is room.
const MOCKS: [i32; 3] = [3, 10, 17];
/// Answers asked for by misses, on top of those the schedule asks for.
const MISSES: f64 = 1.15;
/// Reviews after which a card is known well enough to go without the last one before the exam.
const KNOWN: usize = 2;
/// Minutes that a day has.
const LONGEST_DAY: u32 = 1440;

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
    /// New cards a day at most, as the learner has set it.
    pub new_limit: u32,
    /// Answers given today.
    pub answered_today: u64,
    /// Cards seen for the first time today.
    pub new_today: u64,
    /// Whether it is worked out what seeing every card would take; a session has no use for that.
    pub advises: bool,
    /// New cards still to come today, where that was laid down before.
    pub today_left: Option<u32>,
    /// Cards already scheduled, by day.
    pub scheduled: BTreeMap<StudyDay, u64>,
    /// The probability of recall at which a card comes due.
    pub retention: DesiredRetention,
}

impl PlanInput {
    /// Gives the answers that a day's minutes hold.
    pub fn capacity(&self) -> u32 {
        capacity(self.minutes_per_day, self.seconds_per_answer)
    }
}

/// Gives the answers that so many minutes hold, when one takes so many seconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most a day in seconds"
)]
pub fn capacity(minutes: u32, seconds_per_answer: f64) -> u32 {
    (f64::from(minutes) * 60.0 / seconds_per_answer.max(1.0)).floor() as u32
}

/// The plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The days from today to the exam.
    pub days: Vec<PlanDay>,
    /// New cards on the day that has most of them.
    pub new_per_day: u32,
    /// Cards that will not have been seen by the exam.
    pub left_out: u64,
    /// Minutes a day that would see every card; `None` when no number would.
    pub minutes_needed: Option<u32>,
    /// New cards a day that would have to be allowed for that; `None` when the learner's own limit is no obstacle.
    pub new_per_day_needed: Option<u32>,
    /// Whether no new card is begun any more, because the exam is too near.
    pub no_new: bool,
}

/// When a card comes back: days after the answer before, at the earliest, as it should be, and at the latest.
type Return = (i32, i32, i32);

/// Gives the intervals after which a new card comes back, when it is recalled each time.
fn returns(
    scheduler: &Scheduler,
    retention: DesiredRetention,
    until: i32,
) -> Result<Vec<Return>, SchedulerError> {
    let mut state: Option<MemoryState> = None;
    let (mut elapsed, mut day, mut found) = (0, 0, Vec::new());
    while day < until {
        let next = scheduler.step(state, elapsed, Rating::Good)?;
        let interval = scheduler.interval(next, retention).clamp(1.0, 365.0);
        #[expect(clippy::cast_possible_truncation, reason = "clamped to a year")]
        let whole = interval.round() as i32;
        let (low, high) = fuzz_range(interval);
        // A day late does little harm, and keeps one full day from closing all that lead to it.
        found.push((low, whole, high + 1));
        state = Some(next);
        elapsed = whole.unsigned_abs();
        day += whole;
    }
    Ok(found)
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

/// Says what today is for, by the days left to the exam.
pub fn first_phase(days: i32) -> Phase {
    phase(days, days)
}

/// Lays out the days.
///
/// # Errors
/// When a memory state cannot be computed.
pub fn lay_out(scheduler: &Scheduler, input: &PlanInput) -> Result<Plan, SchedulerError> {
    let days = input.exam.days_since(input.today).max(0);
    let returns = returns(scheduler, input.retention, days)?;
    let learn = (0..days)
        .filter(|d| phase(days - d, days) == Phase::Learn)
        .count();
    let best = Layout::best(input, days, &returns);
    let left_out = best.left_out;
    let learning = u64::try_from(learn).unwrap_or(1).max(1);
    let all = u32::try_from((input.new_cards + input.new_today).div_ceil(learning));
    let all = all.unwrap_or(u32::MAX);
    let mut more = input.clone();
    more.new_limit = input.new_limit.max(all);
    more.today_left = None;
    let minutes_needed = if input.advises && left_out > 0 && learn > 0 {
        minutes_for_all(&more, (days, all), &returns)
    } else {
        None
    };
    let new_today = u32::try_from(input.new_today).unwrap_or(u32::MAX);
    let today = best.new.first().map_or(0, |new| new + new_today);
    let laid = best.days(input, days);
    Ok(Plan {
        new_per_day: laid
            .iter()
            .map(|day| day.new)
            .max()
            .unwrap_or(0)
            .max(today.min(input.new_limit)),
        days: laid,
        left_out,
        minutes_needed,
        new_per_day_needed: Some(all).filter(|all| left_out > 0 && *all > input.new_limit),
        no_new: learn == 0,
    })
}

/// Finds the fewest minutes a day in which every card is seen, evenly over the days or as soon as there is room.
fn minutes_for_all(
    input: &PlanInput,
    (days, evenly): (i32, u32),
    returns: &[Return],
) -> Option<u32> {
    let sees_all = |minutes: u32| {
        let mut input = input.clone();
        input.minutes_per_day = minutes;
        let limits = [evenly, input.new_limit.min(input.capacity())];
        let laid = limits.map(|limit| Layout::filled(&input, days, returns, limit));
        laid.iter().any(|laid| laid.left_out == 0)
    };
    let (mut too_few, mut enough) = (input.minutes_per_day, LONGEST_DAY);
    if !sees_all(enough) {
        return None;
    }
    while too_few + 1 < enough {
        let middle = u32::midpoint(too_few, enough);
        if sees_all(middle) {
            enough = middle;
        } else {
            too_few = middle;
        }
    }
    Some(enough)
}

/// Answers by day, the day of the exam left out.
#[derive(Debug, Clone)]
struct Layout {
    /// What a day can hold.
    capacity: Vec<f64>,
    /// Its reviews.
    reviews: Vec<f64>,
    /// Its new cards.
    new: Vec<u32>,
    left_out: u64,
}

impl Layout {
    /// Takes the most even limit of new cards a day among those that leave the fewest cards out.
    fn best(input: &PlanInput, days: i32, returns: &[Return]) -> Self {
        let most = input.new_limit.min(input.capacity()).max(1);
        let mut best = Self::filled(input, days, returns, 1.min(input.new_limit));
        let mut limit = 1;
        while limit < most && best.left_out > 0 {
            limit = (limit + (limit / 16).max(1)).min(most);
            let tried = Self::filled(input, days, returns, limit);
            if tried.left_out < best.left_out {
                best = tried;
            }
        }
        best
    }

    /// Fills the days, beginning up to `limit` cards on each.
    fn filled(input: &PlanInput, days: i32, returns: &[Return], limit: u32) -> Self {
        let mut layout = Self::scheduled(input, days);
        let mut left = input.new_cards;
        for day in 0..layout.new.len() {
            let ahead = i32::try_from(day).unwrap_or(i32::MAX);
            if phase(days - ahead, days) != Phase::Learn {
                continue;
            }
            // What was laid down for today stays, whatever the answers since have taken.
            let fixed = input.today_left.filter(|_| day == 0);
            let done = if day == 0 { input.new_today } else { 0 };
            let done = u32::try_from(done).unwrap_or(u32::MAX);
            let limit = fixed.unwrap_or_else(|| limit.saturating_sub(done));
            for _ in 0..limit {
                if left == 0 || !layout.begin(day, returns, fixed.is_some()) {
                    break;
                }
                left -= 1;
            }
        }
        layout.left_out = left;
        layout
    }

    /// Lays out what is scheduled already; what a day cannot hold goes on to the next.
    fn scheduled(input: &PlanInput, days: i32) -> Self {
        let count = usize::try_from(days).unwrap_or(0);
        let mut capacity = vec![f64::from(input.capacity()); count];
        #[expect(clippy::cast_precision_loss, reason = "answers of a day")]
        if let Some(today) = capacity.first_mut() {
            *today = (*today - input.answered_today as f64).max(0.0);
        }
        let mut reviews = vec![0.0; count];
        for (day, due) in &input.scheduled {
            let ahead = usize::try_from(day.days_since(input.today)).unwrap_or(0);
            #[expect(clippy::cast_precision_loss, reason = "counts of cards")]
            if let Some(reviews) = reviews.get_mut(ahead) {
                *reviews += *due as f64;
            }
        }
        let mut carried = 0.0;
        for (reviews, capacity) in reviews.iter_mut().zip(&capacity) {
            let due = *reviews + carried;
            *reviews = due.min(*capacity);
            carried = due - *reviews;
        }
        Self {
            capacity,
            reviews,
            new: vec![0; count],
            left_out: 0,
        }
    }

    /// Gives the answers that a day still holds.
    fn room(&self, day: usize) -> f64 {
        let at = |list: &[f64]| list.get(day).copied().unwrap_or(0.0);
        at(&self.capacity) - at(&self.reviews) - f64::from(self.new.get(day).copied().unwrap_or(0))
    }

    /// Begins one card on a day, with its reviews on the emptiest days of their ranges; false, and nothing done, when
    /// one of these days is full. `anyway` begins it all the same.
    fn begin(&mut self, day: usize, returns: &[Return], anyway: bool) -> bool {
        if !anyway && self.room(day) < 1.0 {
            return false;
        }
        let last = self.new.len().saturating_sub(1);
        let mut taken = Vec::with_capacity(returns.len());
        if let Some(new) = self.new.get_mut(day) {
            *new += 1;
        }
        let ahead = |from: usize, by: i32| from + usize::try_from(by).unwrap_or(0);
        let mut nominal = day;
        for (low, whole, high) in returns {
            let (mut from, mut to) = (ahead(nominal, *low), ahead(nominal, *high).min(last));
            // What would come back after the exam is seen once more before it.
            let is_last = from > last;
            if is_last {
                let spread = usize::try_from(FINAL_DAYS).unwrap_or(0);
                from = (last + 1)
                    .saturating_sub(spread)
                    .clamp((day + 1).min(last), last);
                to = last;
            }
            let emptiest = (from..=to).max_by(|a, b| self.room(*a).total_cmp(&self.room(*b)));
            let found = emptiest.filter(|at| anyway || self.room(*at) >= MISSES);
            let Some(emptiest) = found else {
                // A card that has come back twice can do without the last look before the exam: the last days are too
                // few for all that is learnt in months, and would keep new cards from being begun.
                if is_last && taken.len() >= KNOWN {
                    break;
                }
                self.give_back(day, &taken);
                return false;
            };
            if let Some(reviews) = self.reviews.get_mut(emptiest) {
                *reviews += MISSES;
            }
            taken.push(emptiest);
            if is_last {
                break;
            }
            nominal = ahead(nominal, *whole);
        }
        true
    }

    fn give_back(&mut self, day: usize, taken: &[usize]) {
        if let Some(new) = self.new.get_mut(day) {
            *new -= 1;
        }
        for at in taken {
            if let Some(reviews) = self.reviews.get_mut(*at) {
                *reviews -= MISSES;
            }
        }
    }

    /// Tells the days.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of cards and minutes"
    )]
    fn days(&self, input: &PlanInput, days: i32) -> Vec<PlanDay> {
        (0..=days)
            .map(|ahead| {
                let at = usize::try_from(ahead).unwrap_or(0);
                let new = self.new.get(at).copied().unwrap_or(0);
                let reviews = self.reviews.get(at).map_or(0, |due| due.round() as u32);
                let seconds = f64::from(new + reviews) * input.seconds_per_answer;
                let study = (seconds / 60.0).ceil() as u32;
                let phase = phase(days - ahead, days);
                PlanDay {
                    day: input.today.plus_days(ahead),
                    phase,
                    new,
                    reviews,
                    minutes: match phase {
                        Phase::Exam => 0,
                        Phase::Mock => study + MOCK_MINUTES,
                        Phase::Weak => study.max(input.minutes_per_day),
                        Phase::Learn | Phase::Rest => study,
                    },
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
