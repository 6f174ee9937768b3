//! `lab plan`: what a lab or any template builds, costs, and whether the guard lets it pass.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Serialize;

use crate::lab::cost::{Confidence, CostNote, LineItem, PriceTable};
use crate::lab::evaluate::Inputs;
use crate::lab::guard::{Finding, Policy, Situation, Verdict};
use crate::lab::plan::{Draft, Plan};
use crate::money::MicroUsd;
use crate::time;

/// How long a template that is no lab is taken to live.
pub const DEFAULT_TTL: SignedDuration = SignedDuration::from_hours(2);

/// What to plan.
#[derive(Debug, Clone)]
pub struct PlanRequest<'a> {
    /// The lab's id, or the template's path as the user gave it.
    pub name: &'a str,
    /// The template.
    pub template: &'a str,
    /// Values for its parameters.
    pub parameters: BTreeMap<String, String>,
    /// The region.
    pub region: &'a str,
    /// How long it may live.
    pub ttl: SignedDuration,
    /// Prices, and what is known about types.
    pub table: &'a PriceTable,
    /// What the user allows.
    pub policy: &'a Policy,
    /// What else is going on.
    pub situation: &'a Situation,
    /// Yen for a dollar, for display.
    pub usd_jpy: f64,
}

/// One row as it is told; the words of the notes are put in where it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanRow {
    /// The logical id.
    pub logical_id: String,
    /// The type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// How many.
    pub count: u32,
    /// Whether it comes with something in the template.
    pub implied: bool,
    /// US dollars an hour; null when not known.
    pub hourly_usd: Option<f64>,
    /// US dollars a month of 730 hours; null when not known.
    pub monthly_usd: Option<f64>,
    /// The day of the price.
    pub price_as_of: Option<String>,
    /// How sure it is.
    pub confidence: Option<Confidence>,
    /// What was assumed, in words.
    pub note: String,
}

/// A finding as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToldFinding {
    /// The stable code.
    pub rule: String,
    /// Its weight.
    pub severity: crate::lab::finding::Severity,
    /// The resource concerned.
    pub resource: Option<String>,
    /// The line in the template.
    pub line: Option<usize>,
    /// The column in it.
    pub column: Option<usize>,
    /// What was found, in words.
    pub message: String,
    /// What to do instead, in words.
    pub instead: String,
}

/// The document of `lab plan --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanReport {
    /// 1.
    pub schema: u32,
    /// The lab's id, or the template's path.
    pub lab: String,
    /// The region.
    pub region: String,
    /// The rows.
    pub resources: Vec<PlanRow>,
    /// The sum of known prices an hour.
    pub hourly_usd: f64,
    /// The same with groups at their maximum.
    pub max_hourly_usd: f64,
    /// How long it may live.
    pub ttl_hours: f64,
    /// What that costs.
    pub ttl_usd: f64,
    /// What 30 days of forgetting cost.
    pub forgotten_30d_usd: f64,
    /// The same in yen.
    pub forgotten_30d_jpy: f64,
    /// What the TTL costs in yen.
    pub ttl_jpy: f64,
    /// The resources whose price is not known.
    pub unpriced: Vec<String>,
    /// What a deployment must acknowledge.
    pub capabilities: Vec<&'static str>,
    /// The guard's word.
    pub verdict: Verdict,
    /// What was found, heaviest first.
    pub findings: Vec<ToldFinding>,
}

/// Gives words to codes; the edge implements it with its language.
pub trait Words {
    /// Tells an assumption.
    fn note(&self, note: &CostNote) -> String;
    /// Tells what was found.
    fn message(&self, finding: &Finding) -> String;
    /// Tells what to do instead.
    fn instead(&self, finding: &Finding) -> String;
}

/// Draws the plan.
pub fn plan(request: PlanRequest<'_>) -> Plan {
    let mut inputs = Inputs::for_estimate(request.region);
    inputs.parameters = request.parameters;
    Draft {
        name: request.name,
        template_body: request.template,
        inputs,
        ttl: request.ttl,
        table: request.table,
        policy: request.policy,
        situation: request.situation,
    }
    .plan()
}

/// Makes the report of a plan.
pub fn report(plan: &Plan, usd_jpy: f64, words: &dyn Words) -> PlanReport {
    let (ttl_cost, forgotten) = (plan.ttl_cost(), plan.forgotten_cost());
    let yen = |amount: MicroUsd| (amount.usd() * usd_jpy).round();
    PlanReport {
        schema: 1,
        lab: plan.name.clone(),
        region: plan.inputs.region.clone(),
        resources: plan
            .estimate
            .items
            .iter()
            .map(|item| row(item, words))
            .collect(),
        hourly_usd: plan.estimate.hourly.usd(),
        max_hourly_usd: plan.estimate.max_hourly.usd(),
        ttl_hours: time::hours(plan.ttl),
        ttl_usd: ttl_cost.usd(),
        ttl_jpy: yen(ttl_cost),
        forgotten_30d_usd: forgotten.usd(),
        forgotten_30d_jpy: yen(forgotten),
        unpriced: plan.estimate.unpriced.clone(),
        capabilities: plan
            .evaluated
            .capabilities
            .iter()
            .map(|capability| capability.code())
            .collect(),
        verdict: plan.verdict(),
        findings: plan
            .findings
            .iter()
            .map(|finding| ToldFinding {
                rule: finding.rule.clone(),
                severity: finding.severity,
                resource: finding.resource.clone(),
                line: finding.line,
                column: finding.column,
                message: words.message(finding),
                instead: words.instead(finding),
            })
            .collect(),
    }
}

fn row(item: &LineItem, words: &dyn Words) -> PlanRow {
    let notes: Vec<String> = item.notes.iter().map(|note| words.note(note)).collect();
    PlanRow {
        logical_id: item.logical_id.clone(),
        type_name: item.type_name.clone(),
        count: item.count,
        implied: item.implied,
        hourly_usd: item.hourly.map(MicroUsd::usd),
        monthly_usd: item.monthly.map(MicroUsd::usd),
        price_as_of: item.price_as_of.clone(),
        confidence: item.confidence,
        note: notes.join(" / "),
    }
}
