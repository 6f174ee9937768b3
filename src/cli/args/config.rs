//! `config`: shows and changes settings.

use clap::{Args, Subcommand};

/// What to do with the settings; showing them when nothing is said.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    pub action: Option<ConfigAction>,
}

/// A way of using the settings.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    Show,
    Path,
    Set { key: String, value: String },
    Unset { key: String },
}
