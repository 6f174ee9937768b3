//! Labs that live: before, during and after.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::lab_down::DownReports;
use crate::app::lab_extend::ExtendReport;
use crate::app::lab_plan::PlanReport;
use crate::app::lab_status::StatusReport;
use crate::app::lab_sweep::SweepReport;
use crate::app::lab_up::{UpReport, UpStatus};
use crate::cli::lang::Message;
use crate::cli::{CommandError, Style, Ui};
use crate::lab::events::ResourceFailure;
use crate::lab::finding::Severity;
use crate::lab::lease::{Closing, Tier};
use crate::lab::port::ChangeSet;
use crate::lab::sweep::Swept;
use crate::lab::teardown::DownReport;
use crate::money::MicroUsd;
use crate::msg;
use crate::text;

/// Gives the word for a tier.
pub(crate) fn tier(tier: Tier) -> Message {
    match tier {
        Tier::Rehearsal => msg!("tier-rehearsal"),
        Tier::Sandbox => msg!("tier-sandbox"),
        Tier::Aws => msg!("tier-aws"),
    }
}

/// Writes a moment in local time, to the minute.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

fn local(text: &str, zone: &TimeZone) -> String {
    text.parse()
        .map_or_else(|_| text.to_owned(), |at| moment(at, zone))
}

/// Shows where, what and for how much, before anything is asked.
pub(crate) fn before(ui: &mut Ui, plan: &PlanReport, place: Tier) -> Result<(), CommandError> {
    let label = ui.text(&tier(place));
    let usd = |amount: f64| MicroUsd::from_usd(amount).to_string();
    let own = plan.resources.iter().filter(|row| !row.implied).count();
    ui.talk(&msg!(
        "lab-before",
        tier = label,
        lab = &plan.lab,
        region = &plan.region,
        resources = own,
        hourly = usd(plan.hourly_usd),
        ttl = usd(plan.ttl_usd),
        forgotten = usd(plan.forgotten_30d_usd)
    ))?;
    if place != Tier::Aws {
        ui.talk(&msg!("lab-costs-nothing-here"))?;
    }
    for finding in &plan.findings {
        if finding.severity == Severity::Note {
            continue;
        }
        ui.talk(&msg!(
            "lab-finding",
            rule = &finding.rule,
            resource = finding.resource.clone().unwrap_or_default(),
            words = &finding.message
        ))?;
        if !finding.instead.is_empty() {
            ui.talk(&msg!("lab-cause", words = &finding.instead))?;
        }
    }
    Ok(())
}

/// Shows what a change set would do.
pub(crate) fn change_set(ui: &mut Ui, set: &ChangeSet) -> Result<(), CommandError> {
    ui.talk(&msg!("lab-change-set", count = set.changes.len()))?;
    for change in &set.changes {
        ui.talk(&msg!(
            "lab-change",
            action = &change.action,
            id = &change.logical_id,
            type = &change.type_name
        ))?;
    }
    Ok(())
}

/// Shows how taking up ended.
pub(crate) fn after(ui: &mut Ui, report: &UpReport, zone: &TimeZone) -> Result<(), CommandError> {
    match report.status {
        UpStatus::Declined => ui.talk(&msg!("lab-declined")),
        UpStatus::Detached => ui.talk(&msg!("lab-detached", lab = &report.lab)),
        UpStatus::Live => {
            for output in &report.outputs {
                ui.say(&msg!(
                    "lab-output",
                    key = &output.key,
                    value = &output.value
                ))?;
            }
            let expires = local(&report.expires_at, zone);
            ui.talk(&msg!("lab-live", lab = &report.lab, expires = expires))?;
            if report.tier == Tier::Sandbox.as_str() {
                ui.talk(&msg!("lab-live-sandbox", lab = &report.lab))?;
            }
            Ok(())
        }
        UpStatus::Failed => {
            ui.talk(&msg!("lab-failed"))?;
            if let Some(failures) = &report.failures {
                for (place, failure) in failures.failed.iter().enumerate() {
                    one_failure(ui, failure, place == 0)?;
                }
                if !failures.cancelled.is_empty() {
                    let names = failures.cancelled.join(", ");
                    ui.talk(&msg!("lab-cancelled", names = names))?;
                }
            }
            match &report.teardown {
                Some(teardown) => one_down(ui, teardown),
                None => Ok(()),
            }
        }
    }
}

/// Tells a failure: the service's words, what they mean, what helps.
fn one_failure(ui: &mut Ui, failure: &ResourceFailure, root: bool) -> Result<(), CommandError> {
    let (id, kind) = (&failure.logical_id, &failure.type_name);
    ui.talk(&if root {
        msg!("lab-failure-root", id = id, type = kind, reason = &failure.reason)
    } else {
        msg!("lab-failure-also", id = id, type = kind, reason = &failure.reason)
    })?;
    let Some(cause) = failure.cause else {
        return Ok(());
    };
    for key in [format!("cause-{cause}"), format!("cause-{cause}-do")] {
        if let Some(words) = ui.catalog().find(&key) {
            ui.talk(&msg!("lab-cause", words = words))?;
        }
    }
    Ok(())
}

/// Shows how taking down ended.
pub(crate) fn down(ui: &mut Ui, reports: &DownReports) -> Result<(), CommandError> {
    if reports.labs.is_empty() {
        return ui.talk(&msg!("lab-none-live"));
    }
    reports.labs.iter().try_for_each(|lab| one_down(ui, lab))
}

fn one_down(ui: &mut Ui, report: &DownReport) -> Result<(), CommandError> {
    if report.detached {
        return ui.talk(&msg!("lab-detached", lab = &report.lab));
    }
    for (bucket, objects) in &report.emptied {
        ui.talk(&msg!("lab-emptied", bucket = bucket, objects = *objects))?;
    }
    for failure in &report.failures {
        one_failure(ui, failure, false)?;
    }
    for left in &report.leftovers {
        let (kind, id) = (&left.type_name, &left.physical_id);
        ui.say(&if left.retained {
            msg!("lab-leftover-retained", type = kind, id = id)
        } else {
            msg!("lab-leftover", type = kind, id = id)
        })?;
    }
    match report.closing {
        Some(Closing::Gone) => ui.say(&msg!("lab-gone", lab = &report.lab, count = report.gone)),
        Some(Closing::GoneUnproved) => ui.say(&msg!(
            "lab-gone-unproved",
            lab = &report.lab,
            count = report.gone,
            unproved = report.said_gone
        )),
        Some(Closing::Vanished) => ui.say(&msg!("lab-vanished", lab = &report.lab)),
        Some(Closing::NeverBuilt | Closing::Declined | Closing::Refused) => {
            ui.say(&msg!("lab-never-built", lab = &report.lab))
        }
        None => ui.say(&msg!("lab-blocked", lab = &report.lab)),
    }
}

/// Lists leases.
pub(crate) fn status(
    ui: &mut Ui,
    report: &StatusReport,
    zone: &TimeZone,
) -> Result<(), CommandError> {
    if report.labs.is_empty() {
        return ui.talk(&msg!("lab-none-live"));
    }
    for lab in &report.labs {
        let label = Tier::parse(lab.tier)
            .map_or_else(|| lab.tier.to_owned(), |parsed| ui.text(&tier(parsed)));
        let minutes = lab.seconds_left / 60;
        let line = msg!(
            "lab-status-line",
            tier = label,
            lab = &lab.id,
            status = &lab.status,
            region = &lab.region,
            expires = local(&lab.expires_at, zone),
            minutes = minutes.max(0),
            hourly = format!("${:.4}", lab.hourly_usd),
            spent = format!("${:.4}", lab.spent_usd)
        );
        let text = text::neutralize(&ui.text(&line));
        let style = match lab.status.as_str() {
            "live" => Style::Good,
            "expired" | "blocked" | "failed" => Style::Bad,
            _ => Style::Dim,
        };
        let styled = ui.style(style, text);
        ui.line(styled)?;
        let shown = if lab.closed_at.is_none() {
            lab.outputs.as_slice()
        } else {
            &[]
        };
        for output in shown {
            ui.say(&msg!(
                "lab-output",
                key = &output.key,
                value = &output.value
            ))?;
        }
    }
    Ok(())
}

/// Shows an extension.
pub(crate) fn extended(
    ui: &mut Ui,
    report: &ExtendReport,
    zone: &TimeZone,
) -> Result<(), CommandError> {
    ui.say(&msg!(
        "lab-extended",
        lab = &report.lab,
        expires = local(&report.expires_at, zone),
        left = report.extensions_left
    ))
}

/// Shows what a sweep did.
pub(crate) fn swept(
    ui: &mut Ui,
    report: &SweepReport,
    zone: &TimeZone,
) -> Result<(), CommandError> {
    if report.swept.is_empty() {
        return ui.say(&msg!("sweep-clean"));
    }
    for one in &report.swept {
        match one {
            Swept::Left {
                lab, expires_at, ..
            } => ui.say(&msg!(
                "sweep-left",
                lab = lab,
                expires = moment(*expires_at, zone)
            ))?,
            Swept::Busy { lab, .. } => ui.say(&msg!("lab-busy", lab = lab))?,
            Swept::Closed { lab, .. } => ui.say(&msg!("lab-never-built", lab = lab))?,
            Swept::TakenDown { report } => one_down(ui, report)?,
            Swept::Orphan {
                stack,
                status,
                expires_at,
            } => ui.say(&msg!(
                "sweep-orphan",
                stack = stack.as_str(),
                status = status.as_str(),
                expires = expires_at.map_or_else(|| "?".to_owned(), |at| moment(at, zone))
            ))?,
            Swept::Failed { lab, error, .. } => {
                ui.say(&msg!("sweep-failed", lab = lab, error = error))?;
            }
        }
    }
    Ok(())
}
