//! From typed words to a [`Command`]: one-shot arguments and REPL lines go the same way.

use std::ffi::OsString;

use clap::FromArgMatches as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::{self, Cli, OutOfRange};
use super::error::CommandError;
use super::lang::Catalog;
use crate::msg;
use crate::text;

/// What a REPL line or script line means.
#[derive(Debug)]
pub(super) enum Line {
    /// Nothing, or a comment.
    Empty,
    /// Help or the version, to be shown as it is.
    Shown(String),
    /// A command with its options.
    Command(Box<Cli>),
}

/// Parses the arguments of the process.
///
/// # Errors
/// When they are no valid command line.
pub(super) fn command_line(
    arguments: Vec<OsString>,
    catalog: &Catalog,
) -> Result<Line, CommandError> {
    let arguments = narrow_leading(
        arguments
            .into_iter()
            .map(|a| a.to_string_lossy().into_owned())
            .collect(),
    );
    parse(&arguments, catalog)
}

/// Parses a line of the REPL or of a script.
///
/// With `searches`, a line that is no command and not within one edit of one is a search, and so is `/text`.
///
/// # Errors
/// When the line is neither.
pub(super) fn line(line: &str, searches: bool, catalog: &Catalog) -> Result<Line, CommandError> {
    let line = line.replace('\u{3000}', " ");
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(Line::Empty);
    }
    if let Some(query) = line.strip_prefix(['/', '／']) {
        return search(query, catalog);
    }
    let first = text::fold(line.split_whitespace().next().unwrap_or_default());
    let names = names();
    let is_command = names.contains(&first);
    if !is_command && searches && !within_one_edit(&first, &names) {
        return search(line, catalog);
    }
    // To a search quotes are part of what is asked, and one that stays open is no mistake.
    let words = if matches!(first.as_str(), "search" | "検索") {
        with_quotes(line)
    } else {
        shlex::split(line).ok_or_else(|| CommandError::usage(msg!("unbalanced-quote")))?
    };
    parse(&narrow_leading(words), catalog)
}

/// Splits at spaces outside of double quotes and keeps the quotes, but for the value of an option.
fn with_quotes(line: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        quoted ^= c == '"';
        match words.last_mut() {
            Some(word) if quoted || !c.is_whitespace() => word.push(c),
            Some(word) if !word.is_empty() => words.push(String::new()),
            _ => {}
        }
    }
    words.retain(|word| !word.is_empty());
    let value = |at: usize| {
        at.checked_sub(1)
            .and_then(|before| words.get(before))
            .is_some_and(|before| before.starts_with("--"))
    };
    let bare = |(at, word): (usize, &String)| match word.strip_prefix('"') {
        Some(rest) if value(at) => rest.strip_suffix('"').unwrap_or(rest).to_owned(),
        _ => word.clone(),
    };
    words.iter().enumerate().map(bare).collect()
}

fn search(query: &str, catalog: &Catalog) -> Result<Line, CommandError> {
    let mut words = vec!["search".to_owned(), "--".to_owned()];
    words.extend(query.split_whitespace().map(str::to_owned));
    parse(&words, catalog)
}

/// Lists the names and aliases of all commands, folded.
pub(super) fn names() -> Vec<String> {
    let tree = <Cli as clap::CommandFactory>::command();
    tree.get_subcommands()
        .flat_map(|sub| std::iter::once(sub.get_name()).chain(sub.get_all_aliases()))
        .map(text::fold)
        .collect()
}

fn within_one_edit(word: &str, names: &[String]) -> bool {
    names
        .iter()
        .any(|name| name.is_ascii() && strsim::damerau_levenshtein(word, name) <= 1)
}

/// Makes full-width commands and options half-width: the leading words that are commands, and every option name.
/// What follows may be a path or a query and is left as typed.
fn narrow_leading(words: Vec<String>) -> Vec<String> {
    let tree = <Cli as clap::CommandFactory>::command();
    let mut level = Some(&tree);
    let mut literal = false;
    words
        .into_iter()
        .map(|word| {
            let narrow = text::narrow(&word);
            if literal {
                return word;
            }
            if narrow.starts_with('-') && narrow.len() > 1 {
                literal = narrow == "--";
                return narrow;
            }
            let lower = text::fold(&narrow);
            level = level.and_then(|level| level.find_subcommand(&lower));
            if level.is_some() { lower } else { word }
        })
        .collect()
}

fn parse(words: &[String], catalog: &Catalog) -> Result<Line, CommandError> {
    let words = &args::settle_search(words.to_vec());
    let mut tree = args::command(catalog).no_binary_name(true);
    let parsed = tree
        .try_get_matches_from_mut(words)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    match parsed {
        Ok(cli) => Ok(Line::Command(Box::new(cli))),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::DisplayHelp
                    | ErrorKind::DisplayVersion
                    | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            ) =>
        {
            Ok(Line::Shown(error.render().to_string()))
        }
        Err(error) => Err(explain(&error, words)),
    }
}

/// Says in our words what clap found wrong.
fn explain(error: &clap::Error, words: &[String]) -> CommandError {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        Some(ContextValue::StyledStr(text)) => Some(text.to_string()),
        Some(ContextValue::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let get = |kind| context(kind).unwrap_or_default();
    let command = words
        .iter()
        .find(|word| !word.starts_with('-'))
        .cloned()
        .unwrap_or_default();
    let see_help = msg!("see-help", command = &command);
    let suggested =
        context(ContextKind::SuggestedArg).or_else(|| context(ContextKind::SuggestedSubcommand));
    match error.kind() {
        ErrorKind::InvalidSubcommand => unknown_command(&get(ContextKind::InvalidSubcommand)),
        ErrorKind::UnknownArgument => {
            let given = get(ContextKind::InvalidArg);
            if !given.starts_with('-') {
                return CommandError::usage(msg!("too-many-arguments", value = given))
                    .hint(see_help);
            }
            let hint = suggested.map_or(see_help, |nearest| {
                msg!("unknown-option-hint", nearest = nearest)
            });
            CommandError::usage(msg!("unknown-option", given = given)).hint(hint)
        }
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::TooFewValues => CommandError::usage(msg!(
            "missing-argument",
            names = get(ContextKind::InvalidArg)
        ))
        .hint(see_help),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::NoEquals => {
            let told = CommandError::usage(msg!(
                "bad-value",
                argument = get(ContextKind::InvalidArg),
                value = get(ContextKind::InvalidValue)
            ));
            let range = std::error::Error::source(error)
                .and_then(|source| source.downcast_ref::<OutOfRange>());
            if let Some(range) = range {
                return told.hint(msg!("bad-value-range", low = range.low, high = range.high));
            }
            match context(ContextKind::ValidValue) {
                Some(values) if !values.is_empty() => {
                    told.hint(msg!("bad-value-hint", values = values))
                }
                _ => told.hint(see_help),
            }
        }
        ErrorKind::ArgumentConflict => CommandError::usage(msg!(
            "conflicting-arguments",
            argument = get(ContextKind::InvalidArg),
            other = get(ContextKind::PriorArg)
        )),
        _ => {
            CommandError::usage(msg!("bad-usage", reason = error.kind().to_string())).hint(see_help)
        }
    }
}

/// Makes the error about a word that is no command, with the nearest one.
pub(super) fn unknown_command(given: &str) -> CommandError {
    let names = names();
    let hint = match text::nearest(given, names.iter().map(String::as_str)) {
        Some(nearest) => msg!("unknown-command-hint", nearest = nearest),
        None => msg!("unknown-command-help"),
    };
    CommandError::usage(msg!("unknown-command", given = given)).hint(hint)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cli::args::Command;
    use crate::config::Language;

    fn query(text: &str) -> (Vec<String>, Option<String>) {
        let catalog = Catalog::new(Language::Japanese);
        match line(text, true, &catalog) {
            Ok(Line::Command(cli)) => match cli.command {
                Some(Command::Search(args)) => (args.query, args.place),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_search_at_the_prompt_keeps_its_quotes() {
        assert_eq!(
            query("search \"セッション マネージャー\" -RDS").0.join(" "),
            "\"セッション マネージャー\" -RDS"
        );
        assert_eq!(
            query("可視性 \"二度 処理").0.join(" "),
            "可視性 \"二度 処理"
        );
        let (words, place) = query("検索 鍵 --in \"my notes\"");
        assert_eq!(
            (words.join(" ").as_str(), place.as_deref()),
            ("鍵", Some("my notes"))
        );
        assert_eq!(
            query("/--projection-expression").0,
            ["--projection-expression"]
        );
    }

    proptest! {
        #[test]
        fn no_line_brings_the_prompt_down(
            text in "(search |検索 |quiz |lab |/|exam )?[ -~ぁ-んァ-ヶ雲「」\u{3000}\u{0}-\u{1f}\u{202e}]{0,40}",
            searches: bool,
        ) {
            drop(line(&text, searches, &Catalog::new(Language::Japanese)));
        }
    }
}
