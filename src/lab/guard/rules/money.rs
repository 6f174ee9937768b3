//! `budget-lab`, `budget-month`, `ttl-too-long`, `unpriced`, `recollected-price`, `trap`.

use super::super::{Case, Finding};
use crate::time;

/// What the stack may cost within its time to live, groups at their maximum, stays below the cap of one lab.
pub(super) fn lab_budget(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let most = case.estimate.max_hourly.times(time::hours(case.ttl));
    if most > case.policy.lab_cap {
        findings.push(
            Finding::deny("budget-lab")
                .with("cost", most)
                .with("cap", case.policy.lab_cap)
                .with("hours", time::hours(case.ttl))
                .with("hourly", case.estimate.max_hourly),
        );
    }
}

/// The same, added to what live labs have cost and will cost this month, stays below the month's cap.
pub(super) fn month_budget(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let most = case.estimate.max_hourly.times(time::hours(case.ttl));
    let projected = case.situation.month_projected + most;
    if projected > case.policy.monthly_cap {
        findings.push(
            Finding::deny("budget-month")
                .with("cost", projected)
                .with("others", case.situation.month_projected)
                .with("cap", case.policy.monthly_cap),
        );
    }
}

/// A lab lives no longer than the policy allows.
pub(super) fn time_to_live(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let hours = time::hours(case.ttl);
    if hours > f64::from(case.policy.max_ttl_hours) {
        findings.push(
            Finding::deny("ttl-too-long")
                .with("hours", hours)
                .with("most", case.policy.max_ttl_hours),
        );
    }
}

/// A price that is not known is asked about, never taken as nothing.
pub(super) fn unpriced(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for id in &case.estimate.unpriced {
        if case.estimate.unknown_types.contains(id) {
            continue;
        }
        let items = || {
            case.estimate
                .items
                .iter()
                .filter(|item| item.logical_id == *id)
        };
        let what = items().find(|item| item.hourly.is_none()).and_then(|item| {
            let value = |note: &crate::lab::cost::CostNote| {
                note.values
                    .get("value")
                    .or_else(|| note.values.get("property"))
                    .cloned()
            };
            item.notes.iter().find_map(value)
        });
        let mut finding = Finding::confirm("unpriced")
            .on(id)
            .with("what", what.as_deref().unwrap_or("-"))
            .with("region", case.region);
        if let Some(resource) = case
            .evaluated
            .resources
            .iter()
            .find(|r| r.logical_id == *id)
        {
            finding = finding.at(resource.place).with("type", &resource.type_name);
        } else {
            finding = finding.with("type", "-");
        }
        findings.push(finding);
    }
}

/// A price that was recollected, not read, is asked about.
pub(super) fn recollected(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let mut ids: Vec<&str> = Vec::new();
    for item in case.estimate.items.iter().filter(|item| item.recollected) {
        if !ids.contains(&item.logical_id.as_str()) {
            ids.push(&item.logical_id);
        }
    }
    if !ids.is_empty() {
        findings.push(
            Finding::confirm("recollected-price")
                .with("count", ids.len())
                .with("resources", crate::text::cut_to_width(&ids.join(", "), 120)),
        );
    }
}

/// What surprises people on their bills is told once for each kind, on the first resource it concerns.
pub(super) fn traps(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for trap in case.table.traps() {
        let concerned = case.evaluated.resources.iter().find(|resource| {
            trap.types.contains(&resource.type_name) && resource.generated_from.is_none()
        });
        if let Some(resource) = concerned {
            findings.push(
                Finding::note("trap")
                    .on(&resource.logical_id)
                    .at(resource.place)
                    .with("ja", &trap.ja)
                    .with("en", &trap.en),
            );
        }
    }
}
