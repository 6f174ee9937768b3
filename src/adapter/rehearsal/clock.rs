//! The rehearsal's time: the real one, or one that moves only when somebody waits.

use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::lab::port::Clock;

/// A clock for the rehearsal engine and the machines that watch it.
#[derive(Debug)]
pub struct RehearsalClock {
    /// The moment of a simulated clock; `None` follows the real one.
    simulated: Option<Mutex<Timestamp>>,
}

impl RehearsalClock {
    /// Follows the real time; waiting takes its time.
    pub const fn real() -> Self {
        Self { simulated: None }
    }

    /// Begins at a moment and moves on only when somebody waits, at once.
    pub fn simulated(from: Timestamp) -> Self {
        Self {
            simulated: Some(Mutex::new(from)),
        }
    }
}

impl RehearsalClock {
    /// Moves a simulated clock on to a moment that lies at most an hour ahead; a real one goes by itself.
    ///
    /// A test's fixed time is the same for each process, but what one process has waited for has happened.
    pub fn catch_up(&self, moment: Timestamp) {
        if let Some(simulated) = &self.simulated {
            let mut now = simulated
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if moment > *now && moment.duration_since(*now) <= SignedDuration::from_hours(1) {
                *now = moment;
            }
        }
    }
}

impl Clock for RehearsalClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter in which real time enters the rehearsal"
    )]
    fn now(&self) -> Timestamp {
        match &self.simulated {
            None => Timestamp::now(),
            Some(moment) => *moment
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        }
    }

    fn wait(&self, time: Duration) {
        match &self.simulated {
            None => std::thread::sleep(time),
            Some(moment) => {
                let mut moment = moment
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                let step = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
                *moment = moment.saturating_add(step).unwrap_or(Timestamp::MAX);
            }
        }
    }
}
