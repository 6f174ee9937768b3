//! Arguments of the study commands.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::exam::Exam;

/// `quiz`.
#[derive(Debug, Clone, Default, Args)]
pub struct QuizArgs {
    #[arg(long, value_name = "SAA|DVA")]
    pub exam: Option<Exam>,
    #[arg(long)]
    pub service: Option<String>,
    #[arg(long)]
    pub task: Option<String>,
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub minutes: Option<u32>,
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub count: Option<u32>,
    #[arg(long)]
    pub mistakes: bool,
}

/// `stats`.
#[derive(Debug, Clone, Default, Args)]
pub struct StatsArgs {
    #[arg(long, value_name = "SAA|DVA")]
    pub exam: Option<Exam>,
}

/// A kind of content that can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LintKind {
    /// Questions and cards.
    #[value(alias = "問題")]
    Quizzes,
    /// Labs and their templates.
    #[value(alias = "実習")]
    Labs,
    /// Notes.
    #[value(alias = "ノート")]
    Notes,
}

/// `lint`.
#[derive(Debug, Clone, Copy, Args)]
pub struct LintArgs {
    pub kind: Option<LintKind>,
}

/// `exam`.
#[derive(Debug, Clone, Args)]
pub struct ExamArgs {
    #[arg(value_name = "SAA|DVA")]
    pub exam: String,
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub questions: Option<u32>,
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub minutes: Option<u32>,
    #[arg(long)]
    pub seed: Option<u64>,
    #[arg(long)]
    pub restart: bool,
}

/// `plan`.
#[derive(Debug, Clone, Args)]
pub struct PlanArgs {
    #[arg(long, value_name = "SAA|DVA")]
    pub exam: Option<Exam>,
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<jiff::civil::Date>,
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub minutes_per_day: Option<u32>,
}

/// `export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    #[command(subcommand)]
    pub kind: ExportKind,
}

/// What is written out.
#[derive(Debug, Clone, Subcommand)]
pub enum ExportKind {
    #[command(visible_alias = "履歴")]
    History { file: PathBuf },
}

/// What is done to a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CardMark {
    /// It is not asked any more.
    #[value(alias = "休止")]
    Suspend,
    /// It is asked again.
    #[value(alias = "再開")]
    Resume,
    /// It is marked.
    #[value(alias = "印")]
    Flag,
    /// The mark is taken away.
    #[value(alias = "印を外す")]
    Unflag,
}

/// `card`.
#[derive(Debug, Clone, Args)]
pub struct CardArgs {
    pub mark: CardMark,
    pub id: String,
}
