//! `lab list`.

use crate::app::lab_list;
use crate::cli::render::lab as render;
use crate::cli::{CommandError, Context, Exit};

/// Lists the labs.
pub(super) fn run(context: &mut Context) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let report = lab_list::list(&super::labs(wire)?, &super::price_table(wire)?);
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::list(ui, &report)?;
    }
    Ok(if report.labs.is_empty() {
        Exit::No
    } else {
        Exit::Done
    })
}
