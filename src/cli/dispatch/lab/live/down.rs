//! `lab down`.

use super::errors::{ledger_error, up_error};
use super::screen::Screen;
use super::{account, place};
use crate::app::lab_down::{self, DownReports};
use crate::app::lab_library;
use crate::cli::args::LabDownArgs;
use crate::cli::dispatch::lab;
use crate::cli::render::lab_live as render;
use crate::cli::wire::Wire;
use crate::cli::{CommandError, Context, Exit};
use crate::lab::lease::Lease;
use crate::lab::teardown::DownReport;
use crate::msg;

/// Takes labs down.
pub(super) fn run(context: &mut Context, args: &LabDownArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let wanted = wanted(wire, args)?;
    place::forget_vanished(ui, wire)?;
    let leases: Vec<Lease> = {
        let ledger = wire.ledger()?;
        let now: Result<Vec<Lease>, _> = wanted
            .iter()
            .map(|lease| ledger.lease(&lease.terms.id))
            .collect();
        now.map_err(ledger_error)?
            .into_iter()
            .filter(|lease| lease.closing.is_none())
            .collect()
    };
    let mut reports = DownReports {
        schema: 1,
        labs: Vec::new(),
    };
    for lease in &leases {
        let site = wire.lab_site(&place::of_lease(wire, lease)?, &lease.terms.region)?;
        account::same(&site.ports(), lease)?;
        if !ui.options.json {
            ui.talk(&msg!(
                "lab-taking-down",
                tier = ui.text(&render::tier(lease.terms.tier)),
                lab = &lease.terms.lab,
                stack = lease.terms.stack.as_str()
            ))?;
        }
        let mut screen = Screen::new(ui, 0);
        let report = lab_down::down(&site.ports(), lease, &mut screen);
        screen.finish();
        let mut report = report.map_err(up_error)?;
        price(wire, lease, &mut report)?;
        reports.labs.push(report);
    }
    if ui.options.json {
        ui.json(&reports)?;
    } else {
        render::down(ui, &reports)?;
    }
    Ok(if reports.labs.iter().any(|lab| lab.detached) {
        Exit::Interrupted
    } else if reports.is_complete() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Finds the leases that are meant.
fn wanted(wire: &Wire, args: &LabDownArgs) -> Result<Vec<Lease>, CommandError> {
    let leases: Vec<Lease> = wire
        .ledger()?
        .leases(false)
        .map_err(ledger_error)?
        .into_iter()
        .filter(|lease| place::fits(args.tier, args.profile.as_deref(), lease))
        .filter(|lease| args.lab.as_ref().is_none_or(|lab| *lab == lease.terms.lab))
        .collect();
    match (&args.lab, leases.as_slice()) {
        (Some(lab), []) => {
            return Err(CommandError::new(Exit::No, msg!("lab-no-lease", lab = lab))
                .hint(msg!("lab-no-lease-hint")));
        }
        (Some(lab), [_, _, ..]) => {
            return Err(CommandError::usage(msg!("lab-which-tier", lab = lab))
                .hint(msg!("lab-which-tier-hint")));
        }
        _ => {}
    }
    Ok(leases)
}

/// Says what the leftovers of a lab cost, by the plan of its template in the library.
fn price(wire: &Wire, lease: &Lease, report: &mut DownReport) -> Result<(), CommandError> {
    if report.leftovers.is_empty() {
        return Ok(());
    }
    let table = lab::price_table(wire)?;
    let texts = lab::labs(wire)?;
    let Some(texts) = lab_library::find(&texts, &lease.terms.lab) else {
        return Ok(());
    };
    if let (Ok(parsed), Some(template)) = (texts.parse(), &texts.template) {
        lab_down::price(report, lease, &parsed, template, &table);
    }
    Ok(())
}
