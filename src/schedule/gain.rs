//! What asking a card now is worth on the day of the exam.

use super::memory::{MemoryState, Scheduler};

/// Days ahead at which the worth is measured while no exam is planned.
pub const DEFAULT_HORIZON: u32 = 30;

/// Gives the expected gain in recall on exam day from asking a card today.
///
/// `p·R(good, d) + (1−p)·R(again, d) − R(now, d)`, where `p` is the probability of recall today, `d` the days to the
/// exam, and `R(x, d)` the recall on that day from state `x`. A state that cannot be computed gains nothing.
pub fn expected_gain(scheduler: &Scheduler, state: MemoryState, elapsed: u32, days: u32) -> f32 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "days of a life fit f32's 24 bits"
    )]
    let (elapsed_f, days_f) = (elapsed as f32, days as f32);
    let Ok((again, _, good, _)) = scheduler.all_steps(Some(state), elapsed) else {
        return 0.0;
    };
    let p = scheduler.retrievability(state, elapsed_f);
    p * scheduler.retrievability(good, days_f) + (1.0 - p) * scheduler.retrievability(again, days_f)
        - scheduler.retrievability(state, elapsed_f + days_f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_forgotten_gains_more_than_what_is_fresh() {
        let scheduler = Scheduler::new(&[]).unwrap();
        let state = MemoryState {
            stability: 10.0,
            difficulty: 5.0,
        };
        let gain = |elapsed| expected_gain(&scheduler, state, elapsed, 20);
        assert!(
            gain(12) > gain(3) && gain(3) > 0.0,
            "{} {}",
            gain(12),
            gain(3)
        );
    }
}
