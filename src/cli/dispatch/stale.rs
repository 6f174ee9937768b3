//! `stale`: from paths or the whole library to the outdated facts in them.

use super::knowledge::knowledge;
use super::notes::{port_error, shelf_notes};
use crate::app::stale::{StaleError, in_library, in_paths};
use crate::cli::args::StaleArgs;
use crate::cli::render::stale as render;
use crate::cli::{CommandError, Context, Exit};
use crate::msg;

/// Lists the passages that state outdated facts; the answer is no when there are any.
pub(super) fn run(context: &mut Context, args: &StaleArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let knowledge = knowledge(wire)?;
    let files = wire.files();
    let report = if args.paths.is_empty() {
        let library = wire.note_library()?;
        let shelf = shelf_notes(wire)?;
        in_library(library.as_ref(), files.as_ref(), &shelf, &knowledge)
    } else {
        in_paths(files.as_ref(), &args.paths, &knowledge)
    };
    let report = report.map_err(|error| match error {
        StaleError::Missing { path } => CommandError::usage(msg!("import-missing")).path(path),
        StaleError::Port(error) => port_error(error),
    })?;
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::flags(ui, &report)?;
    }
    // What could be read of nothing is no good news.
    let unread = report.files == 0 && !report.skipped.is_empty();
    Ok(if report.flags.is_empty() && !unread {
        Exit::Done
    } else {
        Exit::No
    })
}
