//! Lists leases: what is live, where, how long still, what it has cost.

use jiff::Timestamp;
use serde::Serialize;

use crate::lab::lease::Lease;
use crate::lab::port::{Ledger, LedgerError, Output};

/// The leases.
#[derive(Debug, Clone, Serialize)]
pub struct StatusReport {
    /// The version of this document's form.
    pub schema: u32,
    /// One entry for each lease.
    pub labs: Vec<LabStatus>,
}

/// One lease.
#[derive(Debug, Clone, Serialize)]
pub struct LabStatus {
    /// The lab.
    pub id: String,
    /// The lease.
    pub lease: String,
    /// The stack.
    pub stack: String,
    /// Where.
    pub tier: &'static str,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The step, or `expired` for one that is live past its time, or how it was closed.
    pub status: String,
    /// When it is over, RFC 3339.
    pub expires_at: String,
    /// When it was closed.
    pub closed_at: Option<String>,
    /// Seconds left; negative when it is over.
    pub seconds_left: i64,
    /// The estimate per hour.
    pub hourly_usd: f64,
    /// What it has cost so far by the estimate; nothing in a rehearsal or sandbox.
    pub spent_usd: f64,
    /// The outputs.
    pub outputs: Vec<Output>,
}

/// Lists the live leases, or all.
///
/// # Errors
/// When the ledger cannot be read.
pub fn status(ledger: &dyn Ledger, all: bool, now: Timestamp) -> Result<StatusReport, LedgerError> {
    Ok(StatusReport {
        schema: 1,
        labs: ledger
            .leases(all)?
            .iter()
            .map(|lease| one(lease, now))
            .collect(),
    })
}

fn one(lease: &Lease, now: Timestamp) -> LabStatus {
    let terms = &lease.terms;
    let status = match lease.closing {
        Some((how, _)) => how.as_str(),
        None if lease.is_over(now) && lease.step.may_have_built() => "expired",
        None => lease.step.as_str(),
    };
    LabStatus {
        id: terms.lab.clone(),
        lease: terms.id.to_string(),
        stack: terms.stack.to_string(),
        tier: terms.tier.as_str(),
        account: terms.account.clone(),
        region: terms.region.clone(),
        status: status.to_owned(),
        expires_at: terms.expires_at.to_string(),
        closed_at: lease.closing.map(|(_, at)| at.to_string()),
        seconds_left: terms.expires_at.duration_since(now).as_secs(),
        hourly_usd: terms.hourly.usd(),
        spent_usd: lease.spent(now).usd(),
        outputs: lease.outputs.clone(),
    }
}
