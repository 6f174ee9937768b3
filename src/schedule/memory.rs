//! Memory states by FSRS-6, through the `fsrs` crate.

use fsrs::FSRS;
use serde::{Deserialize, Serialize};

use super::rating::Rating;

/// How firmly a card is remembered: FSRS's stability in days, and difficulty from 1 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MemoryState {
    /// Days after which the probability of recall has fallen to 90 %.
    pub stability: f32,
    /// How hard the card is, 1 to 10.
    pub difficulty: f32,
}

/// The probability of recall at which a card should come due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DesiredRetention(f32);

impl DesiredRetention {
    /// The bounds within which intervals stay sensible.
    pub const RANGE: (f32, f32) = (0.70, 0.97);

    /// Takes a probability, brought into [`DesiredRetention::RANGE`].
    pub fn clamped(value: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a probability of a few digits"
        )]
        let value = value as f32;
        Self(value.clamp(Self::RANGE.0, Self::RANGE.1))
    }

    /// Gives the probability.
    pub const fn get(self) -> f32 {
        self.0
    }
}

/// Why parameters or a state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SchedulerError {
    /// The FSRS parameters are not 21 finite numbers within their bounds.
    #[error("the FSRS parameters cannot be used")]
    Parameters {
        /// The crate's reason.
        source: fsrs::FSRSError,
    },
    /// A step gave no finite state.
    #[error("the memory state cannot be computed")]
    State {
        /// The crate's reason.
        source: fsrs::FSRSError,
    },
}

/// FSRS with one learner's parameters.
#[derive(Debug, Clone)]
pub struct Scheduler {
    fsrs: FSRS,
    decay: f32,
}

impl Scheduler {
    /// Takes parameters; none means FSRS-6's defaults.
    ///
    /// # Errors
    /// When the parameters are not FSRS's.
    pub fn new(parameters: &[f32]) -> Result<Self, SchedulerError> {
        let fsrs = FSRS::new(parameters).map_err(|source| SchedulerError::Parameters { source })?;
        let decay = parameters
            .get(20)
            .copied()
            .unwrap_or(fsrs::FSRS6_DEFAULT_DECAY);
        Ok(Self { fsrs, decay })
    }

    /// Gives the state after a review; `elapsed` counts the days since the review before.
    ///
    /// # Errors
    /// When the state is not finite.
    pub fn step(
        &self,
        state: Option<MemoryState>,
        elapsed: u32,
        rating: Rating,
    ) -> Result<MemoryState, SchedulerError> {
        // The crate's own step computes all four ratings; a history of one review computes one.
        let item = fsrs::FSRSItem {
            reviews: vec![fsrs::FSRSReview {
                rating: u32::from(rating.number()),
                delta_t: elapsed,
            }],
        };
        let before = state.map(|s| fsrs::MemoryState {
            stability: s.stability,
            difficulty: s.difficulty,
        });
        let next = self
            .fsrs
            .memory_state(item, before)
            .map_err(|source| SchedulerError::State { source })?;
        Ok(MemoryState {
            stability: next.stability,
            difficulty: next.difficulty,
        })
    }

    /// Gives the states after each of the four ratings, from again to easy.
    pub(super) fn all_steps(
        &self,
        state: Option<MemoryState>,
        elapsed: u32,
    ) -> Result<(MemoryState, MemoryState, MemoryState, MemoryState), SchedulerError> {
        let before = state.map(|s| fsrs::MemoryState {
            stability: s.stability,
            difficulty: s.difficulty,
        });
        // The retention only scales the intervals, which are not used here.
        let next = self
            .fsrs
            .next_states(before, 0.9, elapsed)
            .map_err(|source| SchedulerError::State { source })?;
        let own = |item: &fsrs::ItemState| MemoryState {
            stability: item.memory.stability,
            difficulty: item.memory.difficulty,
        };
        Ok((
            own(&next.again),
            own(&next.hard),
            own(&next.good),
            own(&next.easy),
        ))
    }

    /// Gives the probability of recall some days after the last review.
    pub fn retrievability(&self, state: MemoryState, days: f32) -> f32 {
        let state = fsrs::MemoryState {
            stability: state.stability,
            difficulty: state.difficulty,
        };
        fsrs::current_retrievability(state, days.max(0.0), self.decay)
    }

    /// Gives the days after which recall falls to the desired retention.
    pub fn interval(&self, state: MemoryState, retention: DesiredRetention) -> f32 {
        // The rating is ignored when a stability is given.
        self.fsrs
            .next_interval(Some(state.stability), retention.get(), 3)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ratings() -> impl Strategy<Value = Vec<(u8, u32)>> {
        prop::collection::vec((1_u8..=4, 0_u32..400), 1..30)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        /// Stepping review by review gives what the reference crate gives for the whole history.
        #[test]
        fn states_equal_the_reference(history in ratings()) {
            let scheduler = Scheduler::new(&[]).unwrap();
            let mut state = None;
            let mut reviews = Vec::new();
            for (at, (rating, days)) in history.iter().enumerate() {
                let elapsed = if at == 0 { 0 } else { *days };
                reviews.push(fsrs::FSRSReview { rating: u32::from(*rating), delta_t: elapsed });
                state = Some(scheduler.step(state, elapsed, Rating::of_number(*rating).unwrap()).unwrap());
            }
            let reference = FSRS::default().memory_state(fsrs::FSRSItem { reviews }, None).unwrap();
            let state = state.unwrap();
            prop_assert_eq!(state.stability.to_bits(), reference.stability.to_bits());
            prop_assert_eq!(state.difficulty.to_bits(), reference.difficulty.to_bits());
        }

        #[test]
        fn recall_falls_and_the_interval_meets_the_retention(s in 0.5_f32..500.0, wish in 0.75_f64..0.96) {
            let scheduler = Scheduler::new(&[]).unwrap();
            let state = MemoryState { stability: s, difficulty: 5.0 };
            prop_assert!(scheduler.retrievability(state, 1.0) > scheduler.retrievability(state, 30.0));
            let retention = DesiredRetention::clamped(wish);
            let days = scheduler.interval(state, retention);
            prop_assert!((scheduler.retrievability(state, days) - retention.get()).abs() < 0.001);
        }
    }
}
