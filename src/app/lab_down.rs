//! Takes labs down, and says what is left.

use serde::Serialize;

use crate::lab::events::Watcher;
use crate::lab::lease::Lease;
use crate::lab::lifecycle::UpError;
use crate::lab::port::Ports;
use crate::lab::teardown::{self, DownReport};

/// What taking down came to, one entry for each lab.
#[derive(Debug, Clone, Serialize)]
pub struct DownReports {
    /// The version of this document's form.
    pub schema: u32,
    /// The labs.
    pub labs: Vec<DownReport>,
}

impl DownReports {
    /// Says whether everything is gone.
    pub fn is_complete(&self) -> bool {
        self.labs.iter().all(|lab| lab.closing.is_some())
    }
}

/// Takes one lab down.
///
/// # Errors
/// See [`teardown::down`].
pub fn down(
    ports: &Ports<'_>,
    lease: &Lease,
    watcher: &mut dyn Watcher,
) -> Result<DownReport, UpError> {
    teardown::down(ports, &lease.terms.id, watcher)
}
