//! Puts leases and stacks right after crashes, closed laptops and forgotten evenings; fit for cron.

use serde::Serialize;

use crate::lab::events::Watcher;
use crate::lab::lifecycle::UpError;
use crate::lab::port::Ports;
use crate::lab::sweep::{self, SweepTarget, Swept};

/// What a sweep did.
#[derive(Debug, Clone, Serialize)]
pub struct SweepReport {
    /// The version of this document's form.
    pub schema: u32,
    /// One entry for each lease or stack that was looked at.
    pub swept: Vec<Swept>,
}

impl SweepReport {
    /// Says whether anything is left that should not be.
    pub fn is_clean(&self) -> bool {
        self.swept.iter().all(|one| match one {
            Swept::Left { .. } | Swept::Busy { .. } => true,
            Swept::Closed { closing, .. } => closing.is_some(),
            Swept::TakenDown { report } => report.closing.is_some(),
            Swept::Orphan { .. } | Swept::Failed { .. } => false,
        })
    }
}

/// Sweeps one target.
///
/// # Errors
/// See [`sweep::sweep`].
pub fn sweep(
    ports: &Ports<'_>,
    target: &SweepTarget,
    orphans: bool,
    watcher: &mut dyn Watcher,
) -> Result<SweepReport, UpError> {
    Ok(SweepReport {
        schema: 1,
        swept: sweep::sweep(ports, target, orphans, watcher)?,
    })
}
