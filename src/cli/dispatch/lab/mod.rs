//! `lab`: one file per action.

mod extend;
mod down;
mod errors;
mod place;
mod screen;
mod status;
mod sweep;
mod up;

use crate::cli::args::{LabAction, LabArgs};
use crate::cli::{CommandError, Context, Exit};

/// Runs an action.
pub(super) fn run(context: &mut Context, args: LabArgs) -> Result<Exit, CommandError> {
    match args.action {
        LabAction::Up(args) => up::run(context, &args),
        LabAction::Status(args) => status::run(context, &args),
        LabAction::Extend(args) => extend::run(context, &args),
        LabAction::Down(args) => down::run(context, &args),
        LabAction::Sweep(args) => sweep::run(context, &args),
    }
}
