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
    Curl(SandboxCurlArgs),
    #[command(visible_alias = "停止")]
    Stop,
}

/// A request to the sandbox.
#[derive(Debug, Clone, Args)]
pub struct SandboxCurlArgs {
    pub url: String,
    #[arg(short = 'X', long, value_name = "METHOD")]
    pub request: Option<String>,
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub headers: Vec<String>,
    #[arg(short, long)]
    pub data: Option<String>,
    #[arg(long, value_name = "JMESPATH")]
    pub query: Option<String>,
}
