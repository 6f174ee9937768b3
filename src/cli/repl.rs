//! The prompt, and scripts on stdin: the same commands, line by line.

use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};

use super::args::Command;
use super::complete::Completer;
use super::dispatch::dispatch;
use super::parse::{self, Line};
use super::{CommandError, Context, Exit};
use crate::msg;

/// Lines of history kept.
const HISTORY: usize = 2000;

/// Runs the prompt until the user leaves.
///
/// # Errors
/// When the terminal cannot be used; a failing command is shown and the prompt goes on.
pub(super) fn interactive(context: &mut Context) -> Result<Exit, CommandError> {
    // The first search is quick when the index is ready before the prompt; without one, the rest still works.
    if let Err(error) = super::dispatch::prepare(context) {
        context.ui.error(&error);
    }
    let mut editor = editor(context)?;
    context
        .ui
        .talk(&msg!("repl-banner", version = env!("CARGO_PKG_VERSION")))?;
    loop {
        context.ui.flush()?;
        let line = match editor.readline("juku> ") {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(CommandError::failed(msg!("no-terminal")).because(&error)),
        };
        // A line that cannot be remembered still runs.
        drop(editor.add_history_entry(line.as_str()));
        match run_line(context, &line, true) {
            Ok(Step::Leave) => break,
            Ok(Step::Went(_)) => {}
            Err(error) => context.ui.error(&error),
        }
    }
    save_history(context, &mut editor)?;
    context.ui.talk(&msg!("repl-bye"))?;
    Ok(Exit::Done)
}

/// Runs the lines of a script until one ends with exit code 2 or more.
///
/// # Errors
/// The error of the line that failed.
pub(super) fn script(context: &mut Context) -> Result<Exit, CommandError> {
    let mut worst = Exit::Done;
    while let Some(line) = context.ui.script_line()? {
        match run_line(context, &line, false)? {
            Step::Leave => break,
            Step::Went(exit) if exit >= Exit::Usage => return Ok(exit),
            Step::Went(exit) => worst = worst.max(exit),
        }
        context.ui.flush()?;
    }
    Ok(worst)
}

enum Step {
    Went(Exit),
    Leave,
}

/// Runs one line; options given at start hold for every line.
fn run_line(context: &mut Context, line: &str, searches: bool) -> Result<Step, CommandError> {
    let cli = match parse::line(line, searches, context.ui.catalog())? {
        Line::Empty => return Ok(Step::Went(Exit::Done)),
        Line::Shown(text) => {
            context.ui.line(text.trim_end())?;
            return Ok(Step::Went(Exit::Done));
        }
        Line::Command(cli) => *cli,
    };
    let given = context.ui.options;
    context.ui.options = cli.globals.or(given);
    let step = match cli.command {
        None => Ok(Step::Went(Exit::Done)),
        Some(Command::Quit) => Ok(Step::Leave),
        Some(command) => dispatch(context, command).map(Step::Went),
    };
    // An error is still shown in the form the line asked for.
    let step = step.or_else(|error| {
        context.ui.error(&error);
        Ok(Step::Went(error.exit))
    });
    context.ui.options = given;
    step
}

fn editor(context: &Context) -> Result<Editor<Completer, FileHistory>, CommandError> {
    let failed = |error: ReadlineError| CommandError::failed(msg!("no-terminal")).because(&error);
    let config = Config::builder()
        .max_history_size(HISTORY)
        .map_err(failed)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .build();
    let mut editor = Editor::with_config(config).map_err(failed)?;
    editor.set_helper(Some(Completer::new(context)));
    // No history yet is no reason not to start.
    drop(editor.load_history(&context.wire.paths().history()));
    Ok(editor)
}

fn save_history(
    context: &mut Context,
    editor: &mut Editor<Completer, FileHistory>,
) -> Result<(), CommandError> {
    let path = context.wire.paths().history();
    let made = path
        .parent()
        .is_none_or(|folder| std::fs::create_dir_all(folder).is_ok());
    if !made || editor.save_history(&path).is_err() {
        context.ui.talk(&msg!("history-unsaved"))?;
    }
    Ok(())
}
