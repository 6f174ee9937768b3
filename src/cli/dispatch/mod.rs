//! From a parsed command to its use case and on to the screen. One file per command.

mod anki;
mod backup;
mod cards;
mod config;
mod doctor;
mod exam;
mod help;
mod history;
mod knowledge;
mod lab;
mod lint;
mod notes;
mod own_notes;
mod plan;
mod prices;
mod quiz;
mod sandbox;
mod stale;
mod stats;
mod study;

pub(super) use notes::prepare;

use super::args::{Command, ExportKind};
use super::{CommandError, Context, Exit};
use crate::msg;

/// Runs a command.
///
/// # Errors
/// Whatever the command could not do, in words.
pub(super) fn dispatch(context: &mut Context, command: Command) -> Result<Exit, CommandError> {
    match command {
        Command::Search(args) => notes::search(context, args),
        Command::Open(args) | Command::Show(args) => notes::open(context, &args),
        Command::Related(args) => notes::related(context, &args),
        // `import history FILE`: notes are imported by path alone, and nobody's notes are called that.
        Command::Import(args) => match args.paths.as_slice() {
            [kind, file] if history::is_named(kind) => history::import(context, file),
            [kind, file] if anki::is_named(kind) => {
                anki::import(context, file, args.exam, args.dry_run)
            }
            _ => notes::import(context, args),
        },
        Command::Notes(args) => notes::notes(context, args),
        Command::Index(args) => notes::index(context, args),
        Command::Stale(args) => stale::run(context, &args),
        Command::Quiz(args) => with_copy(context, |context| quiz::run(context, args)),
        Command::Exam(args) => with_copy(context, |context| exam::run(context, &args)),
        Command::Plan(args) => plan::run(context, &args),
        Command::Export(args) => match &args.kind {
            ExportKind::History { file } => history::export(context, file),
            ExportKind::Anki(args) => anki::export(context, args),
        },
        Command::Optimise => history::optimise(context),
        Command::Card(args) => cards::run(context, args.action),
        Command::Undo => quiz::undo(context),
        Command::Lint(args) => lint::run(context, args),
        Command::Stats(args) => stats::run(context, &args),
        Command::Lab(args) => lab::run(context, args),
        Command::Prices(args) => prices::run(context, &args),
        Command::Sandbox(args) => sandbox::run(context, &args),
        Command::Config(args) => config::run(context, args),
        Command::Doctor => doctor::run(context),
        Command::Backup(args) => backup::backup(context, args),
        Command::Restore(args) => backup::restore(context, &args),
        Command::Completions { shell } => help::completions(context, shell),
        Command::Help { command } => help::run(context, &command),
        // The REPL leaves before it gets here; alone on a command line it has nothing to leave.
        Command::Quit => Ok(Exit::Done),
    }
}

/// Runs a session, and takes the day's copy of the history when it is over, however it ended.
fn with_copy(
    context: &mut Context,
    session: impl FnOnce(&mut Context) -> Result<Exit, CommandError>,
) -> Result<Exit, CommandError> {
    let ended = session(context);
    let copied = study::keep_copy(context);
    // What went wrong in the session is what is told.
    let exit = ended?;
    if let Err(error) = copied {
        let reason = context.ui.text(&error.message);
        context
            .ui
            .talk(&msg!("study-copy-failed", reason = reason))?;
    }
    Ok(exit)
}
