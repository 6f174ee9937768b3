//! `lab show`.

use super::Target;
use crate::app::lab_show;
use crate::cli::args::LabShowArgs;
use crate::cli::render::lab as render;
use crate::cli::{CommandError, Context, Exit};
use crate::msg;

/// Shows a lab.
pub(super) fn run(context: &mut Context, args: &LabShowArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let texts = match super::target(wire, args.lab.as_ref())? {
        Target::Lab(texts) => texts,
        Target::Template { path, .. } => {
            return Err(CommandError::usage(msg!("lab-unknown", given = path)));
        }
    };
    let table = super::price_table(wire)?;
    let report = lab_show::show(&texts, &table).map_err(|error| super::bad_file(&texts, &error))?;
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::show(ui, &report)?;
    }
    Ok(Exit::Done)
}
