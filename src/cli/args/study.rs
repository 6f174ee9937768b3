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
    #[arg(long, value_parser = number::<1, 1440>)]
    pub minutes: Option<u32>,
    #[arg(long, value_parser = number::<1, 10_000>)]
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
    #[arg(value_name = "SAA|DVA|review")]
    pub exam: String,
    #[arg(value_name = "N")]
    pub number: Option<usize>,
    #[arg(long, value_parser = number::<1, 200>)]
    pub questions: Option<u32>,
    #[arg(long, value_parser = number::<1, 600>)]
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
    pub exam: Option<String>,
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub date: Option<jiff::civil::Date>,
    #[arg(long, value_parser = number::<1, 1440>)]
    pub minutes_per_day: Option<u32>,
}

/// Reads a day, in whatever width its digits are typed.
fn date(text: &str) -> Result<jiff::civil::Date, jiff::Error> {
    crate::text::narrow(text).trim().parse()
}

/// The numbers that an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not from {low} to {high}")]
pub struct OutOfRange {
    /// The least.
    pub low: u32,
    /// The greatest.
    pub high: u32,
}

/// Reads a number within a range, in whatever width its digits are typed.
fn number<const LOW: u32, const HIGH: u32>(text: &str) -> Result<u32, OutOfRange> {
    let number: Option<u32> = crate::text::narrow(text).trim().parse().ok();
    number
        .filter(|number| (LOW..=HIGH).contains(number))
        .ok_or(OutOfRange {
            low: LOW,
            high: HIGH,
        })
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
    #[command(visible_alias = "アンキ")]
    Anki(ExportAnkiArgs),
}

/// `export anki`.
#[derive(Debug, Clone, Args)]
pub struct ExportAnkiArgs {
    #[arg(value_name = "FILE.apkg")]
    pub file: PathBuf,
    #[arg(long, value_name = "SAA|DVA")]
    pub exam: Option<Exam>,
    #[arg(long)]
    pub service: Option<String>,
}

/// `card`.
#[derive(Debug, Clone, Args)]
pub struct CardArgs {
    #[command(subcommand)]
    pub action: CardAction,
}

/// What is done to a card, or with cards.
#[derive(Debug, Clone, Subcommand)]
pub enum CardAction {
    #[command(visible_alias = "休止")]
    Suspend { id: String },
    #[command(visible_alias = "再開")]
    Resume { id: String },
    #[command(visible_alias = "印")]
    Flag { id: String },
    #[command(visible_alias = "印を外す")]
    Unflag { id: String },
    #[command(visible_alias = "提案")]
    Suggest(SuggestArgs),
    #[command(visible_alias = "一覧")]
    List(CardListArgs),
}

/// `card list`.
#[derive(Debug, Clone, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct CardListArgs {
    #[arg(long)]
    pub suspended: bool,
    #[arg(long)]
    pub flagged: bool,
    #[arg(long)]
    pub leeches: bool,
    #[arg(long)]
    pub vanished: bool,
    #[arg(long, value_name = "SAA|DVA")]
    pub exam: Option<Exam>,
}

/// `card suggest`.
#[derive(Debug, Clone, Args)]
pub struct SuggestArgs {
    #[arg(value_name = "QUERY|PATH")]
    pub words: Vec<String>,
    #[arg(long, value_name = "SAA|DVA")]
    pub exam: Option<Exam>,
    #[arg(long, value_parser = number::<1, 10_000>)]
    pub limit: Option<u32>,
    #[arg(long)]
    pub list: bool,
}
