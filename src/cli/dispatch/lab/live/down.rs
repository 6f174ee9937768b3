//! `lab down`.

use super::errors::{ledger_error, up_error};
use super::place;
use super::screen::Screen;
use crate::app::lab_down::{self, DownReports};
use crate::app::{lab_check, lab_library};
use crate::cli::args::LabDownArgs;
use crate::cli::dispatch::lab;
use crate::cli::render::lab_live as render;
use crate::cli::wire::Wire;
use crate::cli::{CommandError, Context, Exit, Ui};
use crate::lab::lab_file::Lab;
use crate::lab::lease::{Lease, Tier};
use crate::lab::shell;
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
        if !ui.options.json {
            own_things(ui, wire, lease)?;
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
        reports.labs.push(report.map_err(up_error)?);
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

/// Shows how to remove what the tasks had the learner make outside the stack: only what is in the lease is deleted here.
fn own_things(ui: &mut Ui, wire: &Wire, lease: &Lease) -> Result<(), CommandError> {
    if lease.terms.tier == Tier::Rehearsal {
        return Ok(());
    }
    let labs = lab::labs(wire)?;
    // A lab that is no longer in the library, or cannot be read, must still come down.
    let found = lab_library::find(&labs, &lease.terms.lab).and_then(|texts| texts.parse().ok());
    let lines = found.map_or_else(Vec::new, |lab: Lab| {
        shell::script(&lab.cleanup, None, &lab_check::values(&lab, lease))
    });
    if lines.is_empty() {
        return Ok(());
    }
    ui.talk(&msg!("lab-own-things"))?;
    for line in lines {
        ui.talk(&msg!("lab-own-thing", line = line))?;
    }
    Ok(())
}

/// Finds the leases that are meant.
fn wanted(wire: &Wire, args: &LabDownArgs) -> Result<Vec<Lease>, CommandError> {
    let leases: Vec<Lease> = wire
        .ledger()?
        .leases(false)
        .map_err(ledger_error)?
        .into_iter()
        .filter(|lease| place::fits(args.tier, lease))
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
