//! `lab`: one file per action.

use super::lab_live;
use crate::cli::args::{LabAction, LabArgs};
use crate::cli::{CommandError, Context, Exit};

/// Runs an action.
pub(super) fn run(context: &mut Context, args: LabArgs) -> Result<Exit, CommandError> {
    match args.action {
        LabAction::Live(action) => lab_live::run(context, &action),
    }
}
