//! Takes a lab up: from a plan to a standing stack, with a question in between.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::lab::events::{Failures, Watcher};
use crate::lab::guard::ApprovedPlan;
use crate::lab::lease::{Lease, Tier};
use crate::lab::lifecycle::{self, Proposal, UpError, UpOutcome, UpRequest};
use crate::lab::port::{Change, Ledger, LedgerError, Output, Ports};
use crate::lab::teardown::DownReport;
use crate::money::MicroUsd;

/// What taking a lab up came to.
#[derive(Debug, Clone, Serialize)]
pub struct UpReport {
    /// The version of this document's form.
    pub schema: u32,
    /// The lab.
    pub lab: String,
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
    /// How it ended.
    pub status: UpStatus,
    /// When the lease is over, RFC 3339.
    pub expires_at: String,
    /// What the change set would do, or did.
    pub changes: Vec<Change>,
    /// The outputs.
    pub outputs: Vec<Output>,
    /// Why it failed, root first.
    pub failures: Option<Failures>,
    /// How it was taken down after it failed.
    pub teardown: Option<DownReport>,
}

/// How taking a lab up ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpStatus {
    /// It stands.
    Live,
    /// It failed and was taken down.
    Failed,
    /// The user said no; nothing is left.
    Declined,
    /// The user left; it goes on by itself.
    Detached,
}

impl UpReport {
    fn of(lease: &Lease, changes: Vec<Change>, status: UpStatus) -> Self {
        Self {
            schema: 1,
            lab: lease.terms.lab.clone(),
            lease: lease.terms.id.to_string(),
            stack: lease.terms.stack.to_string(),
            tier: lease.terms.tier.as_str(),
            account: lease.terms.account.clone(),
            region: lease.terms.region.clone(),
            status,
            expires_at: lease.terms.expires_at.to_string(),
            changes,
            outputs: Vec::new(),
            failures: None,
            teardown: None,
        }
    }
}

/// Works out what the labs on AWS cost in the calendar month of a moment: what closed ones have cost, and what open
/// ones will have cost when their leases end.
///
/// # Errors
/// When the ledger cannot be read.
pub fn month_projected(
    ledger: &dyn Ledger,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<MicroUsd, LedgerError> {
    let month = |at: Timestamp| {
        let date = at.to_zoned(zone.clone()).date();
        (date.year(), date.month())
    };
    let cost = |lease: &Lease| {
        if let Some((_, closed_at)) = lease.closing {
            let counts = month(closed_at) == month(now);
            return if counts {
                lease.spent(now)
            } else {
                MicroUsd::ZERO
            };
        }
        // One that is over and still stands goes on costing.
        let end = lease.terms.expires_at.max(now);
        let life = end.duration_since(lease.terms.opened_at);
        lease.terms.hourly.times(crate::time::hours(life))
    };
    Ok(ledger
        .leases(true)?
        .iter()
        .filter(|lease| lease.terms.tier == Tier::Aws)
        .map(cost)
        .sum())
}

/// Opens the lease and has the change set made, so that it can be shown.
///
/// # Errors
/// See [`lifecycle::propose`].
pub fn propose(
    ports: &Ports<'_>,
    plan: &ApprovedPlan,
    request: &UpRequest,
    watcher: &mut dyn Watcher,
) -> Result<Proposal, UpError> {
    lifecycle::propose(ports, plan, request, watcher)
}

/// Takes the no.
///
/// # Errors
/// See [`lifecycle::decline`].
pub fn decline(
    ports: &Ports<'_>,
    proposal: Proposal,
    watcher: &mut dyn Watcher,
) -> Result<UpReport, UpError> {
    let changes = proposal.change_set.changes.clone();
    let report = UpReport::of(&proposal.lease, changes, UpStatus::Declined);
    lifecycle::decline(ports, proposal, watcher)?;
    Ok(report)
}

/// Takes the yes, and watches.
///
/// # Errors
/// See [`lifecycle::execute`].
pub fn execute(
    ports: &Ports<'_>,
    proposal: Proposal,
    watcher: &mut dyn Watcher,
) -> Result<UpReport, UpError> {
    let lease = proposal.lease.clone();
    let changes = proposal.change_set.changes.clone();
    let outcome = lifecycle::execute(ports, proposal, watcher)?;
    Ok(report(&lease, changes, outcome))
}

/// Takes up watching a lab whose creation an earlier run began.
///
/// # Errors
/// See [`lifecycle::resume`].
pub fn resume(
    ports: &Ports<'_>,
    lease: &Lease,
    watcher: &mut dyn Watcher,
) -> Result<UpReport, UpError> {
    let outcome = lifecycle::resume(ports, &lease.terms.id, watcher)?;
    Ok(report(lease, Vec::new(), outcome))
}

fn report(lease: &Lease, changes: Vec<Change>, outcome: UpOutcome) -> UpReport {
    match outcome {
        UpOutcome::Live { lease, outputs } => UpReport {
            outputs,
            ..UpReport::of(&lease, changes, UpStatus::Live)
        },
        UpOutcome::Failed {
            failures, teardown, ..
        } => UpReport {
            failures: Some(failures),
            teardown: Some(teardown),
            ..UpReport::of(lease, changes, UpStatus::Failed)
        },
        UpOutcome::Detached { lease } => UpReport::of(&lease, changes, UpStatus::Detached),
    }
}
