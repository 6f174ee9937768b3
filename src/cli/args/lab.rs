//! Arguments of `lab`: one struct per subcommand, in the order of a lab's life.

use clap::{Args, Subcommand};

use super::lab_live::LabLiveAction;

/// `lab`.
#[derive(Debug, Clone, Args)]
pub struct LabArgs {
    #[command(subcommand)]
    pub action: LabAction,
}

/// What to do with labs.
#[derive(Debug, Clone, Subcommand)]
pub enum LabAction {
    #[command(flatten)]
    Live(LabLiveAction),
}
