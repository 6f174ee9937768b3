//! `prices`: the price table.

use clap::{Args, Subcommand};

/// `prices`.
#[derive(Debug, Clone, Args)]
pub struct PricesArgs {
    #[command(subcommand)]
    pub action: PricesAction,
}

/// What to do with prices.
#[derive(Debug, Clone, Subcommand)]
pub enum PricesAction {
    #[command(visible_alias = "更新")]
    Refresh {
        #[arg(long)]
        profile: String,
        #[arg(long)]
        region: Option<String>,
    },
}
