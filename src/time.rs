//! Study days and how long things take, with every "now" handed in as an argument.
//!
//! A study day begins at a rollover hour (04:00 local by default), so that an answer at one in the morning still
//! belongs to the evening before. Timestamps come from `jiff`; this module only adds the words the areas need.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

/// The local hour (0–23) at which a study day begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i8", into = "i8")]
pub struct Rollover(i8);

impl Default for Rollover {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Rollover {
    /// Four in the morning, as in Anki.
    pub const DEFAULT: Self = Self(4);

    /// Takes an hour of the day.
    ///
    /// # Errors
    /// When the hour is not within 0–23.
    pub fn new(hour: i8) -> Result<Self, BadRollover> {
        if (0..24).contains(&hour) {
            Ok(Self(hour))
        } else {
            Err(BadRollover { hour })
        }
    }
}

/// Says that an hour is none of the day's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("rollover hour {hour} is not within 0-23")]
pub struct BadRollover {
    /// The hour as given.
    pub hour: i8,
}

impl TryFrom<i8> for Rollover {
    type Error = BadRollover;
    fn try_from(hour: i8) -> Result<Self, BadRollover> {
        Self::new(hour)
    }
}

impl From<Rollover> for i8 {
    fn from(rollover: Rollover) -> Self {
        rollover.0
    }
}

/// A day of study: the civil date on which it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StudyDay(pub Date);

impl StudyDay {
    /// Finds the study day of a moment.
    pub fn of(moment: Timestamp, zone: &TimeZone, rollover: Rollover) -> Self {
        let local = moment.to_zoned(zone.clone()).datetime();
        let shifted = local
            .checked_sub(i64::from(rollover.0).hours())
            .unwrap_or(local);
        Self(shifted.date())
    }

    /// Counts the whole days from another study day to this one; negative when this one is earlier.
    pub fn days_since(self, earlier: Self) -> i32 {
        self.0.since(earlier.0).map_or(0, |span| span.get_days())
    }

    /// Gives the study day some days later, or earlier when negative; stays at the calendar's end.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days.days()))
    }
}

impl fmt::Display for StudyDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads a length of time as people type it: `90m`, `2h`, `1h30m`, `45s`, `1d`.
///
/// # Errors
/// When the text is no such length.
pub fn parse_duration(text: &str) -> Result<SignedDuration, BadDuration> {
    let folded = crate::text::fold(text);
    let bad = || BadDuration {
        given: text.to_owned(),
    };
    let mut total = 0_i64;
    let mut digits = String::new();
    let mut units = 0;
    for c in folded.chars().filter(|c| !c.is_whitespace()) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let seconds = match c {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return Err(bad()),
        };
        let count: i64 = digits.parse().map_err(|_| bad())?;
        total = count
            .checked_mul(seconds)
            .and_then(|s| total.checked_add(s))
            .ok_or_else(bad)?;
        digits.clear();
        units += 1;
    }
    if units == 0 || !digits.is_empty() {
        Err(bad())
    } else {
        Ok(SignedDuration::from_secs(total))
    }
}

/// Says that a text is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no length of time; write it like 90m, 2h or 1h30m")]
pub struct BadDuration {
    /// The text as given.
    pub given: String,
}

/// Gives a length of time in hours, for prices.
#[expect(
    clippy::cast_precision_loss,
    reason = "seconds of a lease stay far below 2^53"
)]
pub fn hours(duration: SignedDuration) -> f64 {
    duration.as_secs() as f64 / 3600.0
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_small_hours_belong_to_the_evening_before() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let day = |s: &str| StudyDay::of(s.parse().unwrap(), &tokyo, Rollover::DEFAULT).0;
        assert_eq!(day("2026-11-21T18:59:59Z"), date(2026, 11, 21));
        assert_eq!(day("2026-11-21T19:00:00Z"), date(2026, 11, 22));
    }

    #[test]
    fn days_are_counted_both_ways() {
        let a = StudyDay(date(2026, 2, 27));
        assert_eq!(a.plus_days(3).days_since(a), 3);
        assert_eq!(a.days_since(a.plus_days(400)), -400);
    }

    #[test]
    fn durations_read_as_typed() {
        assert_eq!(parse_duration("1h30m").unwrap().as_secs(), 5400);
        assert_eq!(parse_duration("２ｈ").unwrap().as_secs(), 7200);
        for bad in ["", "h", "2", "2x", "1h30"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
