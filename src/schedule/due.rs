//! From an interval to a day: fuzz from a seed, load spread over the days within it, nothing past the exam.

use super::memory::{DesiredRetention, MemoryState, Scheduler};
use crate::time::StudyDay;

/// Longest interval in days; beyond it a card would leave a learner's life.
const MAX_INTERVAL: i32 = 1825;
/// Days before the exam over which cards are spread that would otherwise come due after it.
pub const FINAL_DAYS: i32 = 14;

/// What decides when a card comes back.
#[derive(Debug, Clone, Copy)]
pub struct DuePolicy {
    /// The probability of recall at which it should.
    pub retention: DesiredRetention,
    /// The day of the exam, if one is planned.
    pub exam: Option<StudyDay>,
}

/// Gives the first and last interval of the range within which an interval may be moved.
///
/// The widths are Anki's: nothing below 2.5 days, then 15 % of the part up to a week, 10 % up to twenty days, 5 %
/// beyond, each added to one day.
pub fn fuzz_range(interval: f32) -> (i32, i32) {
    let ideal = interval.max(1.0);
    let part = |from: f32, to: f32, factor: f32| (ideal.min(to) - from).max(0.0) * factor;
    let delta = if ideal < 2.5 {
        0.0
    } else {
        1.0 + part(2.5, 7.0, 0.15) + part(7.0, 20.0, 0.1) + part(20.0, f32::MAX, 0.05)
    };
    #[expect(clippy::cast_possible_truncation, reason = "clamped to a few years")]
    let whole = |days: f32| (days.round() as i32).clamp(1, MAX_INTERVAL);
    (whole(ideal - delta), whole(ideal + delta))
}

impl DuePolicy {
    /// Gives the range of days on which a card may come due.
    ///
    /// Before a planned exam nothing is put on or after its day: what would come due later is spread over the last
    /// days before it, so that each card is seen once more while it still helps.
    pub fn range(
        &self,
        scheduler: &Scheduler,
        state: MemoryState,
        today: StudyDay,
    ) -> (StudyDay, StudyDay) {
        let (low, high) = fuzz_range(scheduler.interval(state, self.retention));
        let Some(left) = self
            .exam
            .map(|exam| exam.days_since(today))
            .filter(|left| *left > 0)
        else {
            return (today.plus_days(low), today.plus_days(high));
        };
        let last = (left - 1).max(1);
        if low <= last {
            return (today.plus_days(low), today.plus_days(high.min(last)));
        }
        let first = (left - FINAL_DAYS).clamp(1, last);
        (today.plus_days(first), today.plus_days(last))
    }
}

/// Chooses a day within a range: days with less to do are likelier, the seed decides.
///
/// `load(day)` counts the cards already due on a day.
pub fn choose_day(
    (first, last): (StudyDay, StudyDay),
    seed: u64,
    load: impl Fn(StudyDay) -> u32,
) -> StudyDay {
    let days = last.days_since(first).max(0);
    // Twice the load makes a day a quarter as likely; with equal loads the choice is even.
    let weights: Vec<f64> = (0..=days)
        .map(|n| (1.0 / (1.0 + f64::from(load(first.plus_days(n))))).powi(2))
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "53 bits of chance are plenty")]
    let chance = (seed >> 11) as f64 / (1_u64 << 53) as f64;
    let mut left = chance * weights.iter().sum::<f64>();
    for (n, weight) in (0..).zip(&weights) {
        left -= weight;
        if left < 0.0 {
            return first.plus_days(n);
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: StudyDay = StudyDay(date(2026, 11, 21));

    #[test]
    fn short_intervals_have_no_fuzz() {
        assert_eq!(fuzz_range(0.2), (1, 1));
        assert_eq!(fuzz_range(2.0), (2, 2));
        assert_eq!(fuzz_range(10.0), (8, 12));
    }

    #[test]
    fn a_light_day_is_chosen_more_often() {
        let busy = TODAY.plus_days(1);
        let chosen = (0..1000_u64).filter(|n| {
            let seed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            choose_day((TODAY, busy), seed, |day| u32::from(day == busy) * 9) == busy
        });
        assert!(chosen.count() < 40);
    }

    proptest! {
        #[test]
        fn nothing_comes_due_on_or_after_the_exam(s in 0.1_f32..2000.0, left in 2_i32..200, seed: u64) {
            let scheduler = Scheduler::new(&[]).unwrap();
            let policy = DuePolicy {
                retention: DesiredRetention::clamped(0.9),
                exam: Some(TODAY.plus_days(left)),
            };
            let state = MemoryState { stability: s, difficulty: 5.0 };
            let range = policy.range(&scheduler, state, TODAY);
            let day = choose_day(range, seed, |_| 0);
            prop_assert!(day > TODAY && day < TODAY.plus_days(left));
            prop_assert_eq!(day, choose_day(range, seed, |_| 0));
        }
    }
}
