//! Gives a live lab more time, within limits.

use jiff::SignedDuration;
use serde::Serialize;

use crate::lab::arming;
use crate::lab::events::Watcher;
use crate::lab::lease::{Lease, NoExtension};
use crate::lab::lifecycle::UpError;
use crate::lab::port::{LedgerError, Ports};

/// What an extension came to.
#[derive(Debug, Clone, Serialize)]
pub struct ExtendReport {
    /// The version of this document's form.
    pub schema: u32,
    /// The lab.
    pub lab: String,
    /// When the lease is over now, RFC 3339.
    pub expires_at: String,
    /// How many more extensions there are.
    pub extensions_left: u32,
    /// What the extension costs by the estimate; nothing in a rehearsal or sandbox.
    pub cost_usd: f64,
}

/// Why a lab gets no more time.
#[derive(Debug, thiserror::Error)]
pub enum ExtendError {
    /// The limits forbid it.
    #[error(transparent)]
    Limit(#[from] NoExtension),
    /// It would cost more than the lease's cap.
    #[error("the lease would cost {cost_micros} of at most {cap_micros} micro-dollars")]
    Cap {
        /// The projected cost of the whole lease, in micro-dollars.
        cost_micros: i64,
        /// The cap, in micro-dollars.
        cap_micros: i64,
    },
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger has the new end, and the reaper still has the old one.
    #[error("the reaper was not told")]
    NotArmed(#[source] UpError),
}

/// Moves the end of a lease, which may be done `most` times.
///
/// # Errors
/// When it was extended too often, would live too long or cost too much, or the ledger cannot be written.
pub fn extend(
    ports: &Ports<'_>,
    lease: &Lease,
    by: SignedDuration,
    most: u32,
    watcher: &mut dyn Watcher,
) -> Result<ExtendReport, ExtendError> {
    let until = lease.extended(by, most, ports.clock.now())?;
    let terms = &lease.terms;
    let costs = terms.tier == crate::lab::lease::Tier::Aws;
    let whole = until.duration_since(terms.opened_at);
    let cost = terms.hourly.times(crate::time::hours(whole));
    if costs && cost > terms.cap {
        return Err(ExtendError::Cap {
            cost_micros: cost.micros(),
            cap_micros: terms.cap.micros(),
        });
    }
    // The ledger first: until the reaper is told, the lab ends earlier than written, never later.
    ports.ledger.extend(&terms.id, until)?;
    let moved = ports.ledger.lease(&terms.id)?;
    arming::rearm(ports, &moved, watcher).map_err(ExtendError::NotArmed)?;
    let more = terms.hourly.times(crate::time::hours(by));
    Ok(ExtendReport {
        schema: 1,
        lab: terms.lab.clone(),
        expires_at: until.to_string(),
        extensions_left: most.saturating_sub(lease.extensions + 1),
        cost_usd: if costs { more.usd() } else { 0.0 },
    })
}
