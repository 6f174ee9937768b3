//! `lab check`.

use super::errors::ledger_error;
use super::place;
use crate::app::lab_check;
use crate::cli::args::LabCheckArgs;
use crate::cli::dispatch::lab::{self, Target};
use crate::cli::render::lab_live as render;
use crate::cli::{CommandError, Context, Exit};
use crate::lab::lease::{Step, Tier};
use crate::msg;

/// Checks a live lab's tasks; exit 1 while one is not done.
pub(super) fn run(context: &mut Context, args: &LabCheckArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let Target::Lab(texts) = lab::target(wire, std::path::Path::new(&args.lab))? else {
        return Err(CommandError::usage(msg!(
            "lab-up-template",
            path = &args.lab
        )));
    };
    let parsed = texts
        .parse()
        .map_err(|error| lab::bad_file(&texts, &error))?;
    let open = wire.ledger()?.leases(false).map_err(ledger_error)?;
    let mine = || {
        open.iter()
            .filter(|lease| lease.terms.lab == parsed.id.as_str() && lease.step == Step::Live)
    };
    let Some(lease) = mine().find(|lease| lease.terms.tier != Tier::Rehearsal) else {
        return Err(if mine().next().is_some() {
            CommandError::failed(msg!("lab-check-rehearsal", lab = parsed.id.as_str()))
                .hint(msg!("lab-check-rehearsal-hint", lab = parsed.id.as_str()))
        } else {
            CommandError::new(Exit::No, msg!("lab-no-lease", lab = parsed.id.as_str()))
                .hint(msg!("lab-no-lease-hint"))
        });
    };
    // Where a lease cannot be reached as things are set, that is told before a call.
    place::of_lease(wire, lease)?;
    let calls = wire.task_calls(lease)?;
    let report = lab_check::check(&parsed, lease, args.task.as_deref(), calls.as_ref());
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::checked(ui, &report, args.hints)?;
    }
    Ok(if report.done == report.tasks.len() {
        Exit::Done
    } else {
        Exit::No
    })
}
