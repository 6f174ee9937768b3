//! Everything known about a deployment before it begins: what is built, what it costs, what the guard found.

use jiff::SignedDuration;

use super::cost::{self, CostEstimate, PriceTable};
use super::evaluate::{self, Evaluated, Inputs};
use super::finding::{Finding, Place};
pub use super::guard::ApprovedPlan;
use super::guard::{self, Case, Policy, Situation, Verdict};
use super::template::{NoTemplate, Template, TemplateError};
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

/// What a plan is drawn from.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// The lab's id, or the template's path.
    pub name: &'a str,
    /// The template as text.
    pub template_body: &'a str,
    /// Parameters and pseudo parameters.
    pub inputs: Inputs,
    /// How long it may live.
    pub ttl: SignedDuration,
    /// Prices, and what is known about types.
    pub table: &'a PriceTable,
    /// What the user allows.
    pub policy: &'a Policy,
    /// What else is going on.
    pub situation: &'a Situation,
}

impl Draft<'_> {
    /// Draws the plan: always one, since a template that is wrong is a plan that is denied.
    pub fn plan(self) -> Plan {
        let (evaluated, estimate, mut findings) =
            match Template::parse(self.template_body, self.name) {
                Ok(template) => self.judged(&template),
                Err(error) => (
                    Evaluated::default(),
                    CostEstimate::default(),
                    vec![told(&error)],
                ),
            };
        // Stable: within one weight they stay in the order of the walk.
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        Plan {
            name: self.name.to_owned(),
            template_body: self.template_body.to_owned(),
            inputs: self.inputs,
            ttl: self.ttl,
            evaluated,
            estimate,
            findings,
        }
    }

    fn judged(&self, template: &Template) -> (Evaluated, CostEstimate, Vec<Finding>) {
        let survey = evaluate::survey(template, &self.inputs);
        let region = &self.inputs.region;
        let estimate = cost::estimate(&survey.evaluated, self.table, region);
        let mut findings = survey.findings;
        findings.extend(guard::judge(&Case {
            evaluated: &survey.evaluated,
            estimate: &estimate,
            table: self.table,
            region,
            ttl: self.ttl,
            policy: self.policy,
            situation: self.situation,
        }));
        (survey.evaluated, estimate, findings)
    }
}

/// Makes the finding of a text that is no template.
fn told(error: &TemplateError) -> Finding {
    const START: Place = Place { line: 1, column: 1 };
    match error {
        TemplateError::TooLarge { bytes, limit } => Finding::deny("template-too-large")
            .at(START)
            .with("bytes", bytes)
            .with("limit", limit),
        TemplateError::Syntax { message, place } => Finding::deny("template-syntax")
            .at(*place)
            .with("reason", message),
        TemplateError::Tab { place } => Finding::deny("template-tab").at(*place),
        TemplateError::TooDeep { place, limit } => Finding::deny("template-too-deep")
            .at(*place)
            .with("limit", limit),
        TemplateError::TooMany { place, limit } => Finding::deny("template-too-many")
            .at(*place)
            .with("limit", limit),
        TemplateError::KeyIsNoText { place } => Finding::deny("template-key").at(*place),
        TemplateError::NoTemplate { what, place } => {
            let rule = match what {
                NoTemplate::Empty => "template-empty",
                NoTemplate::NotAMapping => "template-not-a-mapping",
                NoTemplate::NoResources => "template-no-resources",
            };
            Finding::deny(rule).at(*place)
        }
    }
}

#[cfg(test)]
mod tests;
