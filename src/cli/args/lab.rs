//! Arguments of `lab`: one struct per subcommand, in the order of a lab's life.

use std::path::PathBuf;

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
    #[command(visible_alias = "一覧")]
    List,
    #[command(visible_alias = "表示")]
    Show(LabShowArgs),
    #[command(visible_alias = "引数")]
    Params(LabParamsArgs),
    #[command(visible_alias = "見積もり", alias = "計画")]
    Plan(LabPlanArgs),
    #[command(flatten)]
    Live(LabLiveAction),
}

/// `lab show`.
#[derive(Debug, Clone, Args)]
pub struct LabShowArgs {
    pub lab: String,
}

/// `lab params`.
#[derive(Debug, Clone, Args)]
pub struct LabParamsArgs {
    pub target: PathBuf,
    #[arg(long)]
    pub region: Option<String>,
}

/// `lab plan`.
#[derive(Debug, Clone, Args)]
pub struct LabPlanArgs {
    pub target: PathBuf,
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<String>,
    #[arg(long)]
    pub region: Option<String>,
    #[arg(long)]
    pub ttl: Option<String>,
    #[arg(long = "allow", value_name = "TYPE")]
    pub allow: Vec<String>,
}
