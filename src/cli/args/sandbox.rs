//! `sandbox`: the local AWS emulator.

use clap::{Args, Subcommand};

/// `sandbox`.
#[derive(Debug, Clone, Args)]
pub struct SandboxArgs {
    #[command(subcommand)]
    pub action: SandboxAction,
}

/// What to do with the sandbox.
#[derive(Debug, Clone, Subcommand)]
pub enum SandboxAction {
    #[command(visible_alias = "開始")]
    Start {
        #[arg(long)]
        port: Option<u16>,
    },
    #[command(visible_alias = "状態")]
    Status,
    #[command(visible_alias = "環境")]
    Env,
    #[command(visible_alias = "停止")]
    Stop,
}
