//! The command line, for one-shot use and for the REPL alike.
//!
//! The structs carry no help texts: [`localize`] puts them in from `cli::lang`, in the user's language, under keys made
//! of the command's path (`cmd-search`, `cmd-search-limit`). Japanese aliases are part of the definition.

#![expect(
    missing_docs,
    reason = "what an argument means stands in cli::lang, once per language"
)]

mod backup;
mod config;
mod lab;
mod lab_live;
mod localize;
mod notes;
mod prices;
mod sandbox;
mod study;

use clap::{Args, Parser, Subcommand};

pub use backup::{BackupArgs, RestoreArgs};
pub use config::{ConfigAction, ConfigArgs};
pub use lab::{LabAction, LabArgs, LabParamsArgs, LabPlanArgs, LabShowArgs};
pub use lab_live::{
    LabBootstrapArgs, LabCheckArgs, LabDownArgs, LabExtendArgs, LabListenArgs, LabLiveAction,
    LabStatusArgs, LabSweepArgs, LabUpArgs, PlaceArgs, TierArg,
};
pub use localize::localize;
pub use notes::{
    ImportArgs, IndexArgs, NotesAction, NotesArgs, OpenArgs, RelatedArgs, SearchArgs, StaleArgs,
    settle_search,
};
pub use prices::{PricesAction, PricesArgs};
pub use sandbox::{SandboxAction, SandboxArgs, SandboxCurlArgs};
pub use study::{
    CardAction, CardArgs, CardListArgs, ExamArgs, ExportAnkiArgs, ExportArgs, ExportKind, LintArgs,
    LintKind, OutOfRange, PlanArgs, QuizArgs, StatsArgs, SuggestArgs,
};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "juku",
    version,
    disable_help_subcommand = true,
    disable_version_flag = false
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub globals: Globals,
    /// The command; none opens the REPL or runs a script from stdin.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Globals {
    #[arg(long, global = true)]
    pub json: bool,
    #[arg(long, global = true)]
    pub yes: bool,
    #[arg(long, global = true)]
    pub no_input: bool,
}

impl Globals {
    /// Adds options that were given at start to those of one line.
    #[must_use]
    pub const fn or(self, given: Self) -> Self {
        Self {
            json: self.json || given.json,
            yes: self.yes || given.yes,
            no_input: self.no_input || given.no_input,
        }
    }
}

/// The commands. One file per command holds its arguments.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(visible_alias = "検索")]
    Search(SearchArgs),
    #[command(visible_alias = "開く")]
    Open(OpenArgs),
    #[command(visible_alias = "表示")]
    Show(OpenArgs),
    #[command(visible_alias = "関連")]
    Related(RelatedArgs),
    #[command(visible_alias = "取込", alias = "取り込み")]
    Import(ImportArgs),
    #[command(visible_alias = "ノート")]
    Notes(NotesArgs),
    #[command(visible_alias = "索引")]
    Index(IndexArgs),
    #[command(visible_alias = "鮮度", alias = "古い")]
    Stale(StaleArgs),
    #[command(visible_alias = "出題", alias = "クイズ")]
    Quiz(QuizArgs),
    #[command(visible_alias = "模試")]
    Exam(ExamArgs),
    #[command(visible_alias = "カード")]
    Card(CardArgs),
    #[command(visible_alias = "書出", alias = "書き出し")]
    Export(ExportArgs),
    #[command(visible_alias = "最適化", alias = "optimize")]
    Optimise,
    #[command(visible_alias = "計画")]
    Plan(PlanArgs),
    #[command(visible_alias = "取消", alias = "取り消し")]
    Undo,
    #[command(visible_alias = "検査")]
    Lint(LintArgs),
    #[command(visible_alias = "統計")]
    Stats(StatsArgs),
    #[command(visible_alias = "実習")]
    Lab(LabArgs),
    #[command(visible_alias = "料金")]
    Prices(PricesArgs),
    #[command(visible_alias = "砂場", alias = "サンドボックス")]
    Sandbox(SandboxArgs),
    #[command(visible_alias = "設定")]
    Config(ConfigArgs),
    #[command(visible_alias = "控え")]
    Backup(BackupArgs),
    #[command(visible_alias = "復元")]
    Restore(RestoreArgs),
    #[command(visible_alias = "診断")]
    Doctor,
    #[command(visible_alias = "補完")]
    Completions { shell: clap_complete::Shell },
    #[command(visible_alias = "助け", alias = "ヘルプ")]
    Help { command: Vec<String> },
    #[command(visible_alias = "終了", alias = "exit")]
    Quit,
}

/// Gives the command tree with help texts in a language.
pub fn command(catalog: &super::lang::Catalog) -> clap::Command {
    localize(<Cli as clap::CommandFactory>::command(), catalog)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::lang::Catalog;
    use crate::config::Language;

    #[test]
    fn the_definition_is_sound() {
        for language in [Language::Japanese, Language::English] {
            command(&Catalog::new(language)).debug_assert();
        }
    }

    #[test]
    fn every_command_and_option_has_its_help_in_both_languages() {
        for language in [Language::Japanese, Language::English] {
            let catalog = Catalog::new(language);
            let missing = localize::keys(&<Cli as clap::CommandFactory>::command())
                .into_iter()
                .filter(|key| catalog.find(key).is_none())
                .collect::<Vec<_>>();
            assert!(missing.is_empty(), "{language:?} lacks {missing:?}");
        }
    }

    #[test]
    fn every_command_has_a_japanese_name() {
        for command in <Cli as clap::CommandFactory>::command().get_subcommands() {
            assert!(
                command.get_all_aliases().any(|alias| !alias.is_ascii()),
                "{}",
                command.get_name()
            );
        }
    }
}
