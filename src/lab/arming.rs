//! The end of a lease, written on AWS where the reaper sees it, so that a closed laptop costs nothing.
//!
//! A lease is armed before its change set is executed and disarmed when everything is proved gone. Tags of the stack
//! would not do: they change only with an update of the stack, and an empty stack may not show them yet. The record
//! names the stack by its ARN, so that the reaper can only ever delete the stack that this lease made.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::lab::events::Watcher;
use crate::lab::follow::{patiently, step};
use crate::lab::lease::{Lease, LeaseId, Step, Tier};
use crate::lab::lifecycle::UpError;
use crate::lab::port::{ApiError, Ports};

/// The version of the record's form, which the reaper of a bootstrap stack must understand.
pub const CONTRACT: u32 = 1;

/// What the reaper is told of a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Armed {
    /// The version of the record's form.
    pub schema: u32,
    /// The lease.
    pub lease: LeaseId,
    /// The stack's ARN.
    pub stack_id: String,
    /// When the lease is over, to the second.
    pub expires_at: Timestamp,
}

impl Armed {
    /// Makes the record of a lease; parts of a second are dropped, so that it ends no later.
    pub fn of(lease: &Lease, stack_id: &str) -> Self {
        let expires_at = lease.terms.expires_at;
        let fraction = SignedDuration::from_nanos(i64::from(expires_at.subsec_nanosecond()));
        Self {
            schema: CONTRACT,
            lease: lease.terms.id.clone(),
            stack_id: stack_id.to_owned(),
            expires_at: expires_at.saturating_sub(fraction).unwrap_or(expires_at),
        }
    }
}

/// The records that the reaper reads, in the account that pays.
pub trait Arming {
    /// Writes a record, over an earlier one of the same lease.
    fn arm(&self, record: &Armed) -> Result<(), ApiError>;
    /// Reads the record of a lease; `None` when there is none.
    fn armed(&self, lease: &LeaseId) -> Result<Option<Armed>, ApiError>;
    /// Removes the record of a lease; one that is gone already is no error.
    fn disarm(&self, lease: &LeaseId) -> Result<(), ApiError>;
    /// Lists all records, whichever home wrote them.
    fn all(&self) -> Result<Vec<Armed>, ApiError>;
}

/// Arms a lease whose change set is about to be executed. Where nothing costs there is nothing to arm.
///
/// # Errors
/// When the record cannot be written or reads back differently, or a place that costs has no reaper.
pub(super) fn arm(
    ports: &Ports<'_>,
    lease: &Lease,
    stack_id: &str,
    watcher: &mut dyn Watcher,
) -> Result<(), UpError> {
    match (ports.arming, lease.terms.tier) {
        (Some(arming), _) => {
            step(ports, lease, Step::Arming, watcher)?;
            write(ports, arming, lease, stack_id, watcher)
        }
        (None, Tier::Rehearsal | Tier::Sandbox) => Ok(()),
        (None, Tier::Aws) => Err(UpError::NotArmed {
            lease: lease.terms.id.clone(),
        }),
    }
}

/// Writes the end of a lease again when the reaper sees another one: after an extension, or when the record was lost.
///
/// # Errors
/// When the record cannot be written or reads back differently.
pub fn rearm(ports: &Ports<'_>, lease: &Lease, watcher: &mut dyn Watcher) -> Result<(), UpError> {
    let (Some(arming), Some(stack_id)) = (ports.arming, lease.stack_id.as_deref()) else {
        return Ok(());
    };
    let wanted = Armed::of(lease, stack_id);
    let seen = patiently(ports, watcher, || arming.armed(&lease.terms.id))?;
    if seen.as_ref() == Some(&wanted) {
        return Ok(());
    }
    write(ports, arming, lease, stack_id, watcher)
}

/// Writes a record and reads back what the reaper will see.
fn write(
    ports: &Ports<'_>,
    arming: &dyn Arming,
    lease: &Lease,
    stack_id: &str,
    watcher: &mut dyn Watcher,
) -> Result<(), UpError> {
    let wanted = Armed::of(lease, stack_id);
    patiently(ports, watcher, || arming.arm(&wanted))?;
    let seen = patiently(ports, watcher, || arming.armed(&lease.terms.id))?;
    if seen.as_ref() == Some(&wanted) {
        Ok(())
    } else {
        Err(UpError::NotArmed {
            lease: lease.terms.id.clone(),
        })
    }
}

/// Removes a lease's record, where there are any.
///
/// # Errors
/// When the call fails.
pub(super) fn disarm(
    ports: &Ports<'_>,
    lease: &Lease,
    watcher: &mut dyn Watcher,
) -> Result<(), ApiError> {
    match ports.arming {
        None => Ok(()),
        Some(arming) => patiently(ports, watcher, || arming.disarm(&lease.terms.id)),
    }
}
