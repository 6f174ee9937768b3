//! `lab up`, `down` and what lies between: one file per action.

mod account;
mod bootstrap;
mod check;
mod down;
mod errors;
mod extend;
mod listen;
mod place;
mod screen;
mod status;
mod sweep;
#[cfg(test)]
mod tests;
mod up;

use crate::cli::args::LabLiveAction;
use crate::cli::{CommandError, Context, Exit};

pub(in crate::cli::dispatch) use errors::{ledger_error, profile_error};
pub(in crate::cli::dispatch) use place::aws as place_on_aws;

/// Runs an action.
pub(super) fn run(context: &mut Context, action: &LabLiveAction) -> Result<Exit, CommandError> {
    match action {
        LabLiveAction::Up(args) => up::run(context, args),
        LabLiveAction::Status(args) => status::run(context, args),
        LabLiveAction::Check(args) => check::run(context, args),
        LabLiveAction::Extend(args) => extend::run(context, args),
        LabLiveAction::Down(args) => down::run(context, args),
        LabLiveAction::Sweep(args) => sweep::run(context, args),
        LabLiveAction::Bootstrap(args) => bootstrap::run(context, args),
        LabLiveAction::Listen(args) => listen::run(context, args),
    }
}
