//! Money as whole micro-dollars, so that sums of small hourly prices stay exact.
//!
//! One US dollar is 1,000,000 micro-dollars. Prices of AWS go down to fractions of a cent per hour, well above
//! that unit; `i64` holds nine trillion dollars. Yen are shown only, converted at a dated rate from the settings.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

/// An amount of US dollars in whole micro-dollars (1 USD = 1,000,000).
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct MicroUsd(i64);

impl MicroUsd {
    /// Nothing owed.
    pub const ZERO: Self = Self(0);

    /// Takes a number of micro-dollars.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Takes an amount in dollars, rounded to the nearest micro-dollar; amounts beyond the range are clamped.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float-to-int cast saturates, which is the contract"
    )]
    pub fn from_usd(usd: f64) -> Self {
        Self((usd * 1e6).round() as i64)
    }

    /// Gives the number of micro-dollars.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Gives the amount in dollars, for JSON and display only.
    #[expect(
        clippy::cast_precision_loss,
        reason = "amounts stay far below 2^53 micro-dollars"
    )]
    pub fn usd(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Multiplies by a factor such as a number of hours, rounded to the nearest micro-dollar.
    #[expect(
        clippy::cast_precision_loss,
        reason = "amounts stay far below 2^53 micro-dollars"
    )]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float-to-int cast saturates, which is the contract"
    )]
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self((self.0 as f64 * factor).round() as i64)
    }

    /// Multiplies by a whole number of things, saturating.
    #[must_use]
    pub const fn each(self, count: i64) -> Self {
        Self(self.0.saturating_mul(count))
    }
}

impl Add for MicroUsd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for MicroUsd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for MicroUsd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for MicroUsd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for MicroUsd {
    /// Shows dollars with as many of six decimals as the amount needs, at least two: `$0.0042`, `$1.50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let mut decimals = format!("{:06}", micros % 1_000_000);
        while decimals.len() > 2 && decimals.ends_with('0') {
            decimals.pop();
        }
        write!(f, "{sign}${}.{decimals}", micros / 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_keeps_what_matters() {
        assert_eq!(MicroUsd::from_usd(0.0042).to_string(), "$0.0042");
        assert_eq!(MicroUsd::from_usd(1.5).to_string(), "$1.50");
        assert_eq!(MicroUsd::from_usd(-12.0).to_string(), "-$12.00");
        assert_eq!(MicroUsd::ZERO.to_string(), "$0.00");
    }

    #[test]
    fn a_month_of_hours_is_exact() {
        assert_eq!(
            MicroUsd::from_usd(0.062).times(730.0),
            MicroUsd::from_usd(45.26)
        );
    }
}
