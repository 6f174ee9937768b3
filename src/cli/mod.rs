//! The edge: command line, REPL, words, and everything a person sees.
//!
//! `args` says what can be asked, `dispatch` calls the use case, `render` and `ui` show its report, `error` decides exit
//! codes, `lang` holds the words, `wire` is the only place that names adapters.

pub mod args;
mod complete;
mod dispatch;
mod error;
pub mod lang;
mod parse;
mod render;
mod repl;
mod ui;
mod wire;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

pub use error::{CommandError, Exit};
pub use ui::{Reply, Style, Ui};
pub use wire::Wire;

use crate::config::{Environment, Language};
use crate::msg;
use lang::Catalog;
use parse::Line;

/// What a command has at hand.
#[derive(Debug)]
pub struct Context {
    /// The streams and the person.
    pub ui: Ui,
    /// Settings, places and adapters.
    pub wire: Wire,
}

/// Runs the program on the process's arguments, environment and streams.
pub fn main() -> ExitCode {
    let environment = Environment::of_process();
    let exit = match catch_unwind(AssertUnwindSafe(|| start(&environment))) {
        Ok(exit) => exit,
        Err(panic) => report_bug(&environment, panic.as_ref()),
    };
    exit.into()
}

/// Sets up words and streams; whatever fails before that is told in the language that can be guessed.
fn start(environment: &Environment) -> Exit {
    // A panic is reported once, by `report_bug`, in the user's words.
    std::panic::set_hook(Box::new(|_| {}));
    let language = environment.language();
    let guessed = language.clone().ok().flatten();
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let mut ui = match Ui::of_process(environment, Catalog::new(guessed.unwrap_or_default())) {
        Ok(ui) => ui,
        Err(error) => return error.exit,
    };
    ui.options.json = arguments.iter().any(|argument| argument == "--json");
    let wire = match language
        .map_err(CommandError::from)
        .and_then(|_| Wire::new(environment.clone()))
    {
        Ok(wire) => wire,
        Err(error) => {
            ui.error(&error);
            return error.exit;
        }
    };
    let chosen = guessed
        .or(wire.settings().language)
        .unwrap_or(Language::Japanese);
    if chosen != ui.catalog().language() {
        ui.set_catalog(Catalog::new(chosen));
    }
    run(&mut Context { ui, wire }, arguments)
}

/// Runs one command, a script, or the REPL.
fn run(context: &mut Context, arguments: Vec<OsString>) -> Exit {
    let result = parse::command_line(arguments, context.ui.catalog()).and_then(|line| match line {
        Line::Empty => Ok(Exit::Done),
        Line::Shown(text) => context.ui.line(text.trim_end()).map(|()| Exit::Done),
        Line::Command(cli) => {
            context.ui.options = cli.globals;
            match cli.command {
                Some(command) => dispatch::dispatch(context, command),
                None if context.ui.is_interactive() => repl::interactive(context),
                None => repl::script(context),
            }
        }
    });
    let exit = match result {
        Ok(exit) => exit,
        Err(error) => {
            // A reader that went away (`juku … | head`) needs no word about it.
            if error.message.key != "output-closed" {
                context.ui.error(&error);
            }
            error.exit
        }
    };
    match context.ui.flush() {
        Ok(()) => exit,
        Err(_) => exit.max(Exit::Failed),
    }
}

fn report_bug(environment: &Environment, panic: &(dyn std::any::Any + Send)) -> Exit {
    let detail = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    let language = environment.language().ok().flatten().unwrap_or_default();
    let error = CommandError::new(Exit::Bug, msg!("bug", detail = detail)).hint(msg!("bug-hint"));
    if let Ok(mut ui) = Ui::of_process(environment, Catalog::new(language)) {
        ui.error(&error);
    }
    Exit::Bug
}
