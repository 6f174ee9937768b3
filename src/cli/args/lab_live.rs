//! `lab up`, `down` and what lies between: the life cycle of practice labs.

use clap::{Args, Subcommand, ValueEnum};

/// The actions.
#[derive(Debug, Clone, Subcommand)]
pub enum LabLiveAction {
    #[command(visible_alias = "開始")]
    Up(LabUpArgs),
    #[command(visible_alias = "状態")]
    Status(LabStatusArgs),
    #[command(visible_alias = "採点")]
    Check(LabCheckArgs),
    #[command(visible_alias = "延長")]
    Extend(LabExtendArgs),
    #[command(visible_alias = "終了")]
    Down(LabDownArgs),
    #[command(visible_alias = "掃除")]
    Sweep(LabSweepArgs),
}

/// Where labs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TierArg {
    Rehearsal,
    Sandbox,
    Aws,
}

/// Where to build.
#[derive(Debug, Clone, Args)]
pub struct PlaceArgs {
    #[arg(long, value_enum)]
    pub tier: Option<TierArg>,
    #[arg(long)]
    pub profile: Option<String>,
    #[arg(long)]
    pub region: Option<String>,
}

/// What to take up.
#[derive(Debug, Clone, Args)]
pub struct LabUpArgs {
    pub lab: String,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[arg(long = "param", value_name = "K=V")]
    pub params: Vec<String>,
    #[arg(long)]
    pub ttl: Option<String>,
    #[arg(long = "allow", value_name = "TYPE")]
    pub allow: Vec<String>,
    #[arg(long = "inject", value_name = "KIND:TARGET")]
    pub inject: Vec<String>,
}

/// Which leases to list.
#[derive(Debug, Clone, Args)]
pub struct LabStatusArgs {
    #[arg(long)]
    pub all: bool,
}

/// What to check.
#[derive(Debug, Clone, Args)]
pub struct LabCheckArgs {
    pub lab: String,
    pub task: Option<String>,
    #[arg(long, value_name = "TASK", conflicts_with = "task")]
    pub hint: Option<String>,
    #[arg(long, value_name = "TASK", conflicts_with_all = ["task", "hint"])]
    pub solution: Option<String>,
}

/// What to give more time.
#[derive(Debug, Clone, Args)]
pub struct LabExtendArgs {
    pub lab: String,
    pub by: String,
    #[arg(long, value_enum)]
    pub tier: Option<TierArg>,
}

/// What to take down.
#[derive(Debug, Clone, Args)]
pub struct LabDownArgs {
    #[arg(required_unless_present = "all")]
    pub lab: Option<String>,
    #[arg(long, conflicts_with = "lab")]
    pub all: bool,
    #[arg(long, value_enum)]
    pub tier: Option<TierArg>,
}

/// What to sweep.
#[derive(Debug, Clone, Args)]
pub struct LabSweepArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    #[arg(long)]
    pub orphans: bool,
}
