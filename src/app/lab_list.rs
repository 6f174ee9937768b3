//! `lab list`: the labs with what they train and what an hour costs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::lab_cost_block::default_plan;
use super::lab_library::LabTexts;
use crate::lab::cost::PriceTable;
use crate::lab::lab_file::{Availability, Lab};

/// A lab as it is listed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabRow {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The tasks of exams it trains.
    pub exams: BTreeMap<String, Vec<String>>,
    /// Where it runs: true, or the reason why not.
    pub tiers: TiersRow,
    /// How long it lives.
    pub ttl: String,
    /// The same in hours.
    pub ttl_hours: f64,
    /// Minutes of work.
    pub minutes: u32,
    /// What an hour costs.
    pub hourly_usd: f64,
    /// How many tasks it has.
    pub tasks: usize,
    /// The articles that ask for it.
    pub articles: Vec<String>,
}

/// Where a lab runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TiersRow {
    /// In the rehearsal.
    pub rehearsal: TierRow,
    /// In the sandbox.
    pub sandbox: TierRow,
    /// On AWS.
    pub aws: TierRow,
}

/// Whether a lab runs on a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum TierRow {
    /// Yes or no.
    Plain(bool),
    /// The reason why not.
    Reason(String),
}

impl From<&Availability> for TierRow {
    fn from(availability: &Availability) -> Self {
        match availability {
            Availability::Plain(yes) => Self::Plain(*yes),
            Availability::Not(reason) => Self::Reason(reason.clone()),
        }
    }
}

/// The document of `lab list --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabListReport {
    /// 1.
    pub schema: u32,
    /// The labs by id.
    pub labs: Vec<LabRow>,
    /// The paths of lab files that cannot be read; `lint labs` says why.
    pub unreadable: Vec<String>,
}

/// Lists the labs.
pub fn list(labs: &[LabTexts], table: &PriceTable) -> LabListReport {
    let mut report = LabListReport {
        schema: 1,
        labs: Vec::new(),
        unreadable: Vec::new(),
    };
    for texts in labs {
        match texts.parse() {
            Ok(lab) => report.labs.push(row(&lab, texts, table)),
            Err(_) => report.unreadable.push(texts.path.clone()),
        }
    }
    report.labs.sort_by(|a, b| a.id.cmp(&b.id));
    report
}

/// Makes the row of a lab.
pub(super) fn row(lab: &Lab, texts: &LabTexts, table: &PriceTable) -> LabRow {
    let plan = default_plan(lab, texts, table);
    LabRow {
        id: lab.id.to_string(),
        title: lab.title.clone(),
        exams: lab
            .exams
            .iter()
            .map(|(version, tasks)| (version.to_string(), tasks.clone()))
            .collect(),
        tiers: TiersRow {
            rehearsal: (&lab.tiers.rehearsal).into(),
            sandbox: (&lab.tiers.sandbox).into(),
            aws: (&lab.tiers.aws).into(),
        },
        ttl: short(lab.ttl),
        ttl_hours: crate::time::hours(lab.ttl),
        minutes: lab.minutes,
        hourly_usd: plan.estimate.hourly.usd(),
        tasks: lab.tasks.len(),
        articles: lab.articles.clone(),
    }
}

/// Writes a length of time as people type it: `2h`, `1h30m`, `45m`.
fn short(duration: jiff::SignedDuration) -> String {
    let minutes = duration.as_mins();
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h{minutes}m"),
    }
}
