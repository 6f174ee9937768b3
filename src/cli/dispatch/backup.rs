//! `backup` and `restore`: everything of the user's in one file.

use serde::Serialize;

use crate::cli::args::{BackupArgs, RestoreArgs};
use crate::cli::{CommandError, Context, Exit};
use crate::msg;

#[derive(Serialize)]
struct ArchiveReport {
    schema: u32,
    path: String,
    files: usize,
}

/// Writes the copy.
pub(super) fn backup(context: &mut Context, args: BackupArgs) -> Result<Exit, CommandError> {
    let path = args.file.unwrap_or_else(|| context.wire.new_backup_path());
    let files = context.wire.backup(&path)?;
    report(context, &path, files, "backup-done")
}

/// Puts a copy back, after a copy of what is there now has been taken.
pub(super) fn restore(context: &mut Context, args: &RestoreArgs) -> Result<Exit, CommandError> {
    let question = msg!("restore-question", path = &args.file);
    if !context.ui.confirm(&question)? {
        context.ui.talk(&msg!("restore-declined"))?;
        return Ok(Exit::No);
    }
    if let Some(before) = context.wire.set_aside()? {
        context.ui.talk(&msg!("restore-kept", path = &before))?;
    }
    let files = context.wire.restore(&args.file)?;
    context.wire.reload_settings()?;
    report(context, &args.file, files, "restore-done")
}

fn report(
    context: &mut Context,
    path: &std::path::Path,
    files: usize,
    key: &'static str,
) -> Result<Exit, CommandError> {
    if context.ui.options.json {
        context.ui.json(&ArchiveReport {
            schema: 1,
            path: path.display().to_string(),
            files,
        })?;
    } else {
        let message = match key {
            "restore-done" => msg!("restore-done", path = path, files = files),
            _ => msg!("backup-done", path = path, files = files),
        };
        context.ui.say(&message)?;
    }
    Ok(Exit::Done)
}
