//! `lab status`.

use super::errors::ledger_error;
use super::place;
use crate::app::lab_status;
use crate::cli::args::LabStatusArgs;
use crate::cli::render::lab_live as render;
use crate::cli::{CommandError, Context, Exit};

/// Lists leases.
pub(super) fn run(context: &mut Context, args: &LabStatusArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    place::forget_vanished(ui, wire)?;
    let ledger = wire.ledger()?;
    let report = lab_status::status(ledger.as_ref(), args.all, wire.now()).map_err(ledger_error)?;
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::status(ui, &report, wire.zone())?;
    }
    Ok(Exit::Done)
}
