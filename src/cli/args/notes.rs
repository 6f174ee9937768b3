//! Arguments of the commands on notes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::exam::Exam;

/// `search`.
#[derive(Debug, Clone, Default, Args)]
pub struct SearchArgs {
    #[arg(required = true, num_args = 1..)]
    pub query: Vec<String>,
    #[arg(long, value_name = "SAA|DVA")]
    pub exam: Option<Exam>,
    #[arg(long)]
    pub service: Option<String>,
    #[arg(long = "in", value_name = "all|mine|bundled|PATH")]
    pub place: Option<String>,
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub limit: u16,
    #[arg(long)]
    pub no_synonyms: bool,
}

/// Options of `search` that take a value, and those that take none (with those of every command).
const VALUED: [&str; 4] = ["--exam", "--service", "--in", "--limit"];
const PLAIN: [&str; 7] = [
    "--no-synonyms",
    "--json",
    "--yes",
    "--no-input",
    "--help",
    "-h",
    "--version",
];

/// Puts the options of a search first and its words behind `--`.
///
/// What begins with a hyphen and is no option is part of the query: `--projection-expression`, `-RDS`.
pub fn settle_search(words: Vec<String>) -> Vec<String> {
    let is_search = |word: &String| matches!(word.as_str(), "search" | "検索");
    let Some(at) = words
        .iter()
        .position(|word| !word.starts_with('-'))
        .filter(|at| words.get(*at).is_some_and(is_search))
    else {
        return words;
    };
    let mut settled: Vec<String> = words.iter().take(at + 1).cloned().collect();
    let mut query = Vec::new();
    let mut rest = words.into_iter().skip(at + 1);
    while let Some(word) = rest.next() {
        let name = word.split('=').next().unwrap_or(&word);
        if word == "--" {
            query.extend(rest.by_ref());
        } else if VALUED.contains(&word.as_str()) {
            settled.push(word);
            settled.extend(rest.next());
        } else if PLAIN.contains(&word.as_str())
            || (VALUED.contains(&name) && name.len() < word.len())
        {
            settled.push(word);
        } else {
            query.push(word);
        }
    }
    if !query.is_empty() {
        settled.push("--".to_owned());
        settled.extend(query);
    }
    settled
}

/// `open` and `show`.
#[derive(Debug, Clone, Args)]
pub struct OpenArgs {
    pub target: String,
}

/// `related`.
#[derive(Debug, Clone, Args)]
pub struct RelatedArgs {
    pub target: String,
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub limit: u16,
}

/// `import`.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    #[arg(required = true, num_args = 1..)]
    pub paths: Vec<PathBuf>,
    #[arg(long)]
    pub dry_run: bool,
    #[arg(long, value_name = "SAA|DVA")]
    pub exam: Option<Exam>,
}

/// `stale`.
#[derive(Debug, Clone, Args)]
pub struct StaleArgs {
    pub paths: Vec<PathBuf>,
}

/// `index`.
#[derive(Debug, Clone, Copy, Args)]
pub struct IndexArgs {
    #[arg(long)]
    pub rebuild: bool,
}

/// `notes`.
#[derive(Debug, Clone, Args)]
pub struct NotesArgs {
    #[command(subcommand)]
    pub action: NotesAction,
}

/// What to do with the imported notes.
#[derive(Debug, Clone, Subcommand)]
pub enum NotesAction {
    #[command(visible_alias = "一覧")]
    List,
    #[command(visible_alias = "忘れる")]
    Forget {
        #[arg(required = true, num_args = 1..)]
        paths: Vec<PathBuf>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyphens_belong_to_the_query_unless_they_are_options() {
        let settle =
            |line: &str| settle_search(line.split(' ').map(str::to_owned).collect()).join(" ");
        assert_eq!(
            settle("search --projection-expression x --json"),
            "search --json -- --projection-expression x"
        );
        assert_eq!(
            settle("--json search 踏み台 -RDS --in mine"),
            "--json search --in mine -- 踏み台 -RDS"
        );
        assert_eq!(settle("search -- --json"), "search -- --json");
        assert_eq!(settle("lab up --json"), "lab up --json");
    }
}
