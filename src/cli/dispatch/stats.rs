//! `stats`.

use super::study::{Study, quiz_error};
use crate::app::stats;
use crate::cli::args::StatsArgs;
use crate::cli::render::stats as render;
use crate::cli::{CommandError, Context, Exit};

/// Shows the statistics.
pub(super) fn run(context: &mut Context, args: &StatsArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let study = Study::open(ui, wire)?;
    let report = stats::stats(study.store.as_ref(), &study.rules, args.exam, wire.now())
        .map_err(|error| quiz_error(wire, error))?;
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::stats(ui, &report)?;
    }
    Ok(Exit::Done)
}
