//! Everything known about a deployment before it begins: what is built, what it costs, what the guard found.

use jiff::SignedDuration;

use super::cost::CostEstimate;
use super::evaluate::{Evaluated, Inputs};
use super::finding::Finding;
pub use super::guard::ApprovedPlan;
use super::guard::Verdict;
use crate::money::MicroUsd;

/// Hours that count as a month of forgetting.
pub const FORGOTTEN_HOURS: f64 = 720.0;

/// A deployment before it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The lab's id, or the template's path.
    pub name: String,
    /// The template as text, exactly as it will be sent.
    pub template_body: String,
    /// The parameters and pseudo parameters used.
    pub inputs: Inputs,
    /// How long it may live.
    pub ttl: SignedDuration,
    /// What would be built.
    pub evaluated: Evaluated,
    /// What it costs.
    pub estimate: CostEstimate,
    /// What was found, heaviest first.
    pub findings: Vec<Finding>,
}

impl Plan {
    /// Gives the guard's verdict.
    pub fn verdict(&self) -> Verdict {
        Verdict::of(&self.findings)
    }

    /// Gives what it is expected to cost within its TTL.
    pub fn ttl_cost(&self) -> MicroUsd {
        self.estimate.hourly.times(crate::time::hours(self.ttl))
    }

    /// Gives what it may cost within its TTL, Auto Scaling groups at their maximum; the caps go by this.
    pub fn max_ttl_cost(&self) -> MicroUsd {
        self.estimate.max_hourly.times(crate::time::hours(self.ttl))
    }

    /// Gives what it costs when it is forgotten for 30 days.
    pub fn forgotten_cost(&self) -> MicroUsd {
        self.estimate.hourly.times(FORGOTTEN_HOURS)
    }
}
