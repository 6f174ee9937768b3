//! The one place that asks the system for the time.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A clock: the system's, or one that stands still for tests (`JUKU_NOW`).
#[derive(Debug, Clone)]
pub struct Clock {
    fixed: Option<Timestamp>,
    zone: TimeZone,
}

impl Clock {
    /// Makes a clock; with `fixed` it stands still at that moment.
    pub fn new(fixed: Option<Timestamp>) -> Self {
        Self {
            fixed,
            zone: TimeZone::system(),
        }
    }

    /// Gives the moment.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> Timestamp {
        self.fixed.unwrap_or_else(Timestamp::now)
    }

    /// Says whether the clock stands still.
    pub fn is_fixed(&self) -> bool {
        self.fixed.is_some()
    }

    /// Gives the local time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }
}
