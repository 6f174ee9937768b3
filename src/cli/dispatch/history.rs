//! `export history`, `import history` and `optimise`: the review log out, in, and fitted.

use std::path::Path;

use serde::Serialize;

use super::study::{Study, quiz_error};
use crate::app::history::{self, HistoryError};
use crate::cli::{CommandError, Context, Exit, Wire};
use crate::msg;

#[derive(Serialize)]
struct ExportReport {
    schema: u32,
    path: String,
    entries: u64,
}

/// Writes the history into a file.
pub(super) fn export(context: &mut Context, file: &Path) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let study = Study::open(ui, wire)?;
    let mut text = String::new();
    let entries = history::export(study.store.as_ref(), |line| {
        text.push_str(&line);
        text.push('\n');
    });
    let entries = entries.map_err(|error| told(wire, error, file))?;
    super::anki::tell_folder(ui, file)?;
    wire.write(file, text.as_bytes())?;
    if ui.options.json {
        ui.json(&ExportReport {
            schema: 1,
            path: file.display().to_string(),
            entries,
        })?;
    } else {
        ui.say(&msg!("history-exported", path = file, entries = entries))?;
    }
    Ok(Exit::Done)
}

/// Says whether the first word of an import means a history and not a path.
pub(super) fn is_named(word: &Path) -> bool {
    matches!(word.to_str(), Some("history" | "履歴"))
}

/// Adds a file's history to this one.
pub(super) fn import(context: &mut Context, file: &Path) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let missing = || CommandError::failed(msg!("history-missing")).path(file);
    let text = wire.read(file)?.ok_or_else(missing)?;
    let mut study = Study::open(ui, wire)?;
    let report =
        history::import(study.store.as_mut(), &text).map_err(|error| told(wire, error, file))?;
    if ui.options.json {
        ui.json(&report)?;
    } else {
        ui.say(&msg!(
            "history-imported",
            added = report.added,
            entries = report.entries
        ))?;
    }
    Ok(Exit::Done)
}

/// Fits the FSRS parameters to the log.
pub(super) fn optimise(context: &mut Context) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let mut study = Study::open(ui, wire)?;
    let report =
        history::optimise(study.store.as_mut()).map_err(|error| quiz_error(wire, error))?;
    if ui.options.json {
        ui.json(&report)?;
        return Ok(Exit::Done);
    }
    let message = match (report.before, report.after) {
        (Some(before), Some(after)) => {
            let (before, after) = (format!("{before:.4}"), format!("{after:.4}"));
            if report.kept {
                msg!("optimise-kept", before = before, after = after)
            } else {
                msg!("optimise-no-better", before = before, after = after)
            }
        }
        _ => msg!("optimise-too-few", needed = report.needed),
    };
    ui.say(&message)?;
    Ok(Exit::Done)
}

fn told(wire: &Wire, error: HistoryError, file: &Path) -> CommandError {
    match error {
        HistoryError::NoHistory => CommandError::failed(msg!("history-none")).path(file),
        HistoryError::Newer { found } => {
            CommandError::failed(msg!("history-newer", found = found)).path(file)
        }
        HistoryError::Line { line, ref source } => {
            let column = source.column();
            CommandError::failed(msg!("history-line"))
                .path(file)
                .at(line, column)
                .because(&error)
        }
        HistoryError::Study(error) => quiz_error(wire, error),
    }
}
