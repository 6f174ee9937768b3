//! Judges an estimate and a template before anything is built; the only maker of an [`ApprovedPlan`].
//!
//! Each rule looks at the whole [`Case`] and adds findings of its own stable codes; docs/GUARD-RULES.md lists them.
//! A rule that is not sure asks; a rule never stays silent because something is unknown.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::cost::{CostEstimate, PriceTable};
use super::evaluate::Evaluated;

pub use super::finding::{Finding, Severity};
use super::plan::Plan;
use crate::money::MicroUsd;

mod rules;

/// What the user allows labs to be; from `config.toml`, with defaults that a student survives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What one lab may cost within its TTL.
    pub lab_cap: MicroUsd,
    /// What all labs together may cost in a month, projected.
    pub monthly_cap: MicroUsd,
    /// Denied types that the user turned into a question, by `--allow TYPE` or in the settings.
    pub allowed_types: BTreeSet<String>,
    /// The longest TTL a lab may have, in hours.
    pub max_ttl_hours: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            lab_cap: MicroUsd::from_micros(1_000_000),
            monthly_cap: MicroUsd::from_micros(10_000_000),
            allowed_types: BTreeSet::new(),
            max_ttl_hours: 12,
        }
    }
}

/// What is going on besides this plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Situation {
    /// What the live labs have spent this month and will spend until their leases end.
    pub month_projected: MicroUsd,
    /// Whether the credentials are those of the account's root user.
    pub root_credentials: bool,
}

/// Everything a rule may look at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What would be built.
    pub evaluated: &'a Evaluated,
    /// What it costs.
    pub estimate: &'a CostEstimate,
    /// What is known about types.
    pub table: &'a PriceTable,
    /// The region.
    pub region: &'a str,
    /// How long it may live.
    pub ttl: SignedDuration,
    /// What the user allows.
    pub policy: &'a Policy,
    /// What else is going on.
    pub situation: &'a Situation,
}

/// Applies all rules to a case; the findings come in the order of the rules.
pub fn judge(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in rules::ALL {
        rule(case, &mut findings);
    }
    findings
}

/// Whether a plan may be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it is.
    Allow,
    /// After a yes.
    Confirm,
    /// Not at all.
    Deny,
}

impl Verdict {
    /// Draws the verdict from findings: the heaviest decides.
    pub fn of(findings: &[Finding]) -> Self {
        findings
            .iter()
            .map(|finding| match finding.severity {
                Severity::Note => Self::Allow,
                Severity::Confirm => Self::Confirm,
                Severity::Deny => Self::Deny,
            })
            .max()
            .unwrap_or(Self::Allow)
    }
}

/// The user's answer to what the guard asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// None was given.
    Withheld,
    /// Typed at the prompt, or `--yes`.
    Given,
}

/// A plan that may be carried out; only [`approve`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct ApprovedPlan {
    plan: Plan,
}

impl ApprovedPlan {
    /// Gives the plan.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }
}

/// Why the guard lets a plan not pass.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// A rule denies it; consent changes nothing.
    #[error("the guard denies the plan: {}", findings.iter().map(|f| f.rule.as_str()).collect::<Vec<_>>().join(", "))]
    Denied {
        /// The findings that deny.
        findings: Vec<Finding>,
    },
    /// The user has to say yes first.
    #[error("the guard asks: {}", findings.iter().map(|f| f.rule.as_str()).collect::<Vec<_>>().join(", "))]
    NeedsConsent {
        /// The findings that ask.
        findings: Vec<Finding>,
    },
}

/// Lets a plan pass, if its verdict and the user's consent allow it.
///
/// # Errors
/// When a rule denies, or one asks and consent was withheld.
pub fn approve(plan: Plan, consent: Consent) -> Result<ApprovedPlan, Refused> {
    let of = |severity| {
        plan.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .cloned()
            .collect()
    };
    match (plan.verdict(), consent) {
        (Verdict::Deny, _) => Err(Refused::Denied {
            findings: of(Severity::Deny),
        }),
        (Verdict::Confirm, Consent::Withheld) => Err(Refused::NeedsConsent {
            findings: of(Severity::Confirm),
        }),
        (Verdict::Confirm, Consent::Given) | (Verdict::Allow, _) => Ok(ApprovedPlan { plan }),
    }
}

#[cfg(test)]
mod tests;
