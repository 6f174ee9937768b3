//! Putting things right: leases without stacks, stacks without leases, leases that are over.
//!
//! A sweep looks at every open lease of one target and finishes what an earlier run began: what was never built is
//! closed, what is over or failed is taken down, what stands within its time is left alone. Then it looks for stacks
//! with our name that no lease knows; those whose own tags say that they are over are adopted and taken down, the
//! others are reported.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::lab::arming;
use crate::lab::events::Watcher;
use crate::lab::follow::patiently;
use crate::lab::lease::{Closing, Lease, LeaseId, NewLease, Step, Tier};
use crate::lab::lifecycle::{self, TAG_EXPIRES, TAG_LAB, TAG_LEASE, UpError, UpOutcome};
use crate::lab::port::{LedgerError, Ports, StackName, StackView};
use crate::lab::status::StackStatus;
use crate::lab::teardown::{self, DownReport};
use crate::money::MicroUsd;

/// Whose leases are swept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepTarget {
    /// The tier.
    pub tier: Tier,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The profile, on AWS.
    pub profile: Option<String>,
    /// The endpoint, in the sandbox.
    pub endpoint: Option<String>,
}

impl SweepTarget {
    /// Says whether a lease belongs to the target.
    pub fn has(&self, lease: &Lease) -> bool {
        let terms = &lease.terms;
        terms.tier == self.tier && terms.account == self.account && terms.region == self.region
    }
}

/// What a sweep did about one lease or stack.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "did")]
pub enum Swept {
    /// It stands and its time is not over.
    Left {
        /// The lab.
        lab: String,
        /// The lease.
        lease: LeaseId,
        /// When it is over.
        expires_at: Timestamp,
    },
    /// Another process works on it.
    Busy {
        /// The lab.
        lab: String,
        /// The lease.
        lease: LeaseId,
    },
    /// Nothing had been built; the lease was closed.
    Closed {
        /// The lab.
        lab: String,
        /// The lease.
        lease: LeaseId,
        /// How.
        closing: Option<Closing>,
    },
    /// It was taken down, or as far as it would go.
    TakenDown {
        /// The report.
        report: DownReport,
    },
    /// A stack without a lease, left alone.
    Orphan {
        /// The stack.
        stack: StackName,
        /// Its state.
        status: StackStatus,
        /// When its tags say that it is over.
        expires_at: Option<Timestamp>,
    },
    /// Something went wrong; the lease stays open.
    Failed {
        /// The lab.
        lab: String,
        /// The lease.
        lease: LeaseId,
        /// What, in the error's own words.
        error: String,
    },
}

/// Sweeps a target. With `orphans`, stacks without a lease are taken down whatever their tags say of time.
///
/// # Errors
/// When the ledger or the list of stacks cannot be read; troubles with single leases are part of the result.
pub fn sweep(
    ports: &Ports<'_>,
    target: &SweepTarget,
    orphans: bool,
    watcher: &mut dyn Watcher,
) -> Result<Vec<Swept>, UpError> {
    let mut swept = Vec::new();
    for lease in ports.ledger.leases(false)? {
        if target.has(&lease) {
            swept.push(one(ports, &lease, watcher));
        }
    }
    let known = ports.ledger.leases(false)?;
    for stack in patiently(ports, watcher, || ports.stacks.our_stacks())? {
        let leased = known.iter().any(|lease| {
            lease.stack_id.as_deref() == Some(stack.id.as_str())
                || stack.tag(TAG_LEASE) == Some(lease.terms.id.0.as_str())
        });
        if !leased {
            swept.push(orphan(ports, target, &stack, orphans, watcher)?);
        }
    }
    Ok(swept)
}

/// Sweeps one lease.
fn one(ports: &Ports<'_>, lease: &Lease, watcher: &mut dyn Watcher) -> Swept {
    let lab = lease.terms.lab.clone();
    let id = lease.terms.id.clone();
    match finish(ports, lease, watcher) {
        Ok(swept) => swept,
        Err(UpError::Ledger(LedgerError::Busy { .. })) => Swept::Busy { lab, lease: id },
        Err(error) => Swept::Failed {
            lab,
            lease: id,
            error: error.to_string(),
        },
    }
}

fn finish(ports: &Ports<'_>, lease: &Lease, watcher: &mut dyn Watcher) -> Result<Swept, UpError> {
    let id = &lease.terms.id;
    let over = lease.is_over(ports.clock.now());
    let left = || Swept::Left {
        lab: lease.terms.lab.clone(),
        lease: id.clone(),
        expires_at: lease.terms.expires_at,
    };
    match lease.step {
        Step::Executing if !over => {
            // Begun by a run that left: see how it went.
            match lifecycle::resume(ports, id, watcher)? {
                UpOutcome::Live { .. } | UpOutcome::Detached { .. } => Ok(left()),
                UpOutcome::Failed { teardown, .. } => Ok(Swept::TakenDown { report: teardown }),
            }
        }
        Step::Live if !over => {
            let found = patiently(ports, watcher, || ports.stacks.stack(lease.stack_ref()))?;
            let standing = found.is_some_and(|stack| stack.status != StackStatus::DeleteComplete);
            if standing {
                // An extension that did not reach AWS, or a record that somebody removed.
                arming::rearm(ports, lease, watcher)?;
                Ok(left())
            } else {
                // Deleted by hand: prove that its resources went too.
                teardown::down(ports, id, watcher).map(|report| Swept::TakenDown { report })
            }
        }
        Step::Opened
        | Step::Clearing
        | Step::Proposing
        | Step::Proposed
        | Step::Arming
        | Step::Declining => {
            let report = teardown::down(ports, id, watcher)?;
            Ok(Swept::Closed {
                lab: report.lab,
                lease: report.lease,
                closing: report.closing,
            })
        }
        Step::Executing
        | Step::Live
        | Step::Failed
        | Step::Emptying
        | Step::Deleting
        | Step::Proving
        | Step::Blocked => {
            teardown::down(ports, id, watcher).map(|report| Swept::TakenDown { report })
        }
        Step::Closed => Ok(Swept::Closed {
            lab: lease.terms.lab.clone(),
            lease: id.clone(),
            closing: lease.closing.map(|(how, _)| how),
        }),
    }
}

/// Reads the moment out of a stack's tag.
fn expiry(stack: &StackView) -> Option<Timestamp> {
    let text = stack.tag(TAG_EXPIRES)?;
    let moment = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    TimeZone::UTC.to_timestamp(moment).ok()
}

/// Deals with a stack that no lease knows: adopts and removes it when it is ours and over, else reports it.
fn orphan(
    ports: &Ports<'_>,
    target: &SweepTarget,
    stack: &StackView,
    anyway: bool,
    watcher: &mut dyn Watcher,
) -> Result<Swept, UpError> {
    let expires_at = expiry(stack);
    let now = ports.clock.now();
    let report = Swept::Orphan {
        stack: stack.name.clone(),
        status: stack.status.clone(),
        expires_at,
    };
    let over = expires_at.is_some_and(|end| now >= end);
    let (Some(lab), Some(_), true) = (stack.tag(TAG_LAB), stack.tag(TAG_LEASE), over || anyway)
    else {
        return Ok(report);
    };
    let terms = NewLease {
        id: LeaseId::new(lab, now),
        lab: lab.to_owned(),
        stack: stack.name.clone(),
        tier: target.tier,
        account: target.account.clone(),
        region: target.region.clone(),
        opened_at: stack.created.unwrap_or(now),
        expires_at: expires_at.unwrap_or(now),
        hourly: MicroUsd::ZERO,
        cap: MicroUsd::ZERO,
        profile: target.profile.clone(),
        endpoint: target.endpoint.clone(),
        instance: ports.resources.instance()?,
        template_hash: String::new(),
    };
    let lease = match ports.ledger.open(&terms) {
        Ok(lease) => lease,
        // The lab is up again under a lease of its own; this other stack is for a person to judge.
        Err(LedgerError::AlreadyOpen { .. }) => return Ok(report),
        Err(error) => return Err(error.into()),
    };
    let id = &lease.terms.id;
    ports.ledger.stack(id, &stack.id, None)?;
    ports.ledger.step(id, Step::Deleting, now)?;
    Ok(one(ports, &ports.ledger.lease(id)?, watcher))
}
