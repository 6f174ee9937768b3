//! `doctor`: checks the environment and the data.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::cli::wire::Shelf;
use crate::cli::{CommandError, Context, Exit, Style};
use crate::msg;

#[derive(Serialize)]
struct DoctorReport {
    schema: u32,
    ok: bool,
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Check {
    name: String,
    ok: bool,
    detail: String,
}

/// Runs the command: exit 1 when anything is wrong.
pub(super) fn run(context: &mut Context) -> Result<Exit, CommandError> {
    let checks = [home(context), library(context)?]
        .into_iter()
        .chain(databases(context))
        .collect::<Vec<_>>();
    let ok = checks.iter().all(|check| check.ok);
    if context.ui.options.json {
        context.ui.json(&DoctorReport {
            schema: 1,
            ok,
            checks,
        })?;
    } else {
        for Check { name, ok, detail } in checks {
            let (message, style) = if ok {
                (
                    msg!("doctor-ok", check = name, detail = detail),
                    Style::Good,
                )
            } else {
                (
                    msg!("doctor-bad", check = name, detail = detail),
                    Style::Bad,
                )
            };
            let text = crate::text::neutralize(&context.ui.text(&message));
            let line = context.ui.style(style, text);
            context.ui.line(line)?;
        }
    }
    Ok(if ok { Exit::Done } else { Exit::No })
}

/// Tries whether the data folder can be written to.
fn home(context: &Context) -> Check {
    let probe = context.wire.paths().data().join(".probe");
    let written = context.wire.write(&probe, b"");
    if written.is_ok() {
        // The probe has done its work; one that stays behind does no harm.
        drop(std::fs::remove_file(&probe));
    }
    let detail = match &written {
        Ok(()) => context.wire.paths().data().display().to_string(),
        Err(error) => error.text(context.ui.catalog()),
    };
    Check {
        name: context.ui.text(&msg!("doctor-home")),
        ok: written.is_ok(),
        detail,
    }
}

fn library(context: &Context) -> Result<Check, CommandError> {
    let count = |shelf, extension: &str| {
        let is_one = |name: &str| name.rsplit('.').next() == Some(extension);
        context
            .wire
            .library(shelf)
            .map(|files| files.iter().filter(|file| is_one(&file.name)).count())
    };
    let (notes, quizzes) = (count(Shelf::Content, "md")?, count(Shelf::Quizzes, "yaml")?);
    let files = context.wire.library(Shelf::Labs)?;
    let labs: BTreeSet<_> = files
        .iter()
        .filter_map(|file| file.name.strip_suffix("/lab.yaml"))
        .collect();
    let detail = msg!(
        "doctor-content-detail",
        notes = notes,
        quizzes = quizzes,
        labs = labs.len()
    );
    Ok(Check {
        name: context.ui.text(&msg!("doctor-content")),
        ok: notes > 0 && quizzes > 0 && !labs.is_empty(),
        detail: context.ui.text(&detail),
    })
}

fn databases(context: &Context) -> Vec<Check> {
    let name = context.ui.text(&msg!("doctor-database"));
    let checked = context.wire.check_databases();
    if checked.is_empty() {
        return vec![Check {
            name,
            ok: true,
            detail: context.ui.text(&msg!("doctor-absent")),
        }];
    }
    let check = |(path, error): (std::path::PathBuf, Option<CommandError>)| Check {
        name: format!("{name} {}", path.display()),
        ok: error.is_none(),
        detail: match error {
            None => context.ui.text(&msg!("doctor-healthy")),
            Some(error) => error.text(context.ui.catalog()),
        },
    };
    checked.into_iter().map(check).collect()
}
