//! The sandbox and the leases that live in it.

use jiff::Timestamp;
use serde::Serialize;

use crate::lab::lease::{Closing, Lease, Tier};
use crate::lab::port::{Ledger, LedgerError};

/// How the sandbox is.
#[derive(Debug, Clone, Serialize)]
pub struct SandboxReport {
    /// The version of this document's form.
    pub schema: u32,
    /// Whether it answers.
    pub running: bool,
    /// Whether its programs are installed.
    pub installed: bool,
    /// Its address.
    pub endpoint: Option<String>,
    /// Its process id.
    pub pid: Option<u32>,
    /// When it was started, RFC 3339.
    pub started_at: Option<String>,
    /// Its log.
    pub log: String,
    /// The labs that live in it.
    pub labs: Vec<String>,
}

/// Lists the open leases of labs at an endpoint of the sandbox.
///
/// # Errors
/// When the ledger cannot be read.
pub fn living_at(ledger: &dyn Ledger, endpoint: &str) -> Result<Vec<Lease>, LedgerError> {
    Ok(ledger
        .leases(false)?
        .into_iter()
        .filter(|lease| lease.terms.tier == Tier::Sandbox)
        .filter(|lease| lease.terms.endpoint.as_deref() == Some(endpoint))
        .collect())
}

/// Closes the leases of an emulator that is no more: it keeps nothing, so nothing of them is left.
///
/// # Errors
/// When the ledger cannot be written.
pub fn close_vanished(
    ledger: &dyn Ledger,
    endpoint: &str,
    now: Timestamp,
) -> Result<Vec<String>, LedgerError> {
    let mut closed = Vec::new();
    for lease in living_at(ledger, endpoint)? {
        ledger.close(&lease.terms.id, Closing::Vanished, now)?;
        closed.push(lease.terms.lab);
    }
    Ok(closed)
}
