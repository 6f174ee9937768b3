//! Takes labs down, and says what is left.

use serde::Serialize;

use crate::app::lab_plan::{self, PlanRequest};
use crate::lab::cost::PriceTable;
use crate::lab::events::Watcher;
use crate::lab::guard::{Policy, Situation};
use crate::lab::lab_file::Lab;
use crate::lab::lease::Lease;
use crate::lab::lifecycle::UpError;
use crate::lab::port::Ports;
use crate::lab::teardown::{self, DownReport};
use crate::money::MicroUsd;

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

/// Puts the monthly price beside each leftover that the lab's template names, with what comes with it (addresses,
/// volumes). Another parameter at the time may have made it a little different.
pub fn price(
    report: &mut DownReport,
    lease: &Lease,
    lab: &Lab,
    template: &str,
    table: &PriceTable,
) {
    let plan = lab_plan::plan(PlanRequest {
        name: lab.id.as_str(),
        template,
        parameters: lab.parameters.clone(),
        region: &lease.terms.region,
        ttl: lab.ttl,
        table,
        policy: &Policy::default(),
        situation: &Situation::default(),
        usd_jpy: 1.0,
    });
    for leftover in &mut report.leftovers {
        let rows = || {
            plan.estimate
                .items
                .iter()
                .filter(|row| row.logical_id == leftover.logical_id)
        };
        if rows().next().is_some() && rows().all(|row| row.monthly.is_some()) {
            let monthly = rows().filter_map(|row| row.monthly).sum::<MicroUsd>();
            leftover.monthly_usd = Some(monthly.usd());
        }
    }
}
