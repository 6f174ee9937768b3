//! `plan`: the way to the exam day; what is given is kept in the settings.

use super::config::change;
use super::study::{Study, quiz_error};
use crate::app::plan::{PlanError, plan};
use crate::cli::args::PlanArgs;
use crate::cli::render::plan as render;
use crate::cli::{CommandError, Context, Exit};
use crate::msg;

/// Shows the plan.
pub(super) fn run(context: &mut Context, args: &PlanArgs) -> Result<Exit, CommandError> {
    let today = context
        .wire
        .now()
        .to_zoned(context.wire.zone().clone())
        .date();
    if let Some(date) = args.date.filter(|date| *date < today) {
        return Err(past(date));
    }
    let given = [
        ("exam.target", args.exam.map(|exam| exam.code().to_owned())),
        ("exam.date", args.date.map(|date| date.to_string())),
        (
            "exam.minutes_per_day",
            args.minutes_per_day.map(|m| m.to_string()),
        ),
    ];
    for (key, value) in given {
        if let Some(value) = value {
            change(context, key, Some(&value))?;
        }
    }
    let Context { ui, wire } = context;
    let mut study = Study::open(ui, wire)?;
    let report =
        plan(study.store.as_mut(), &study.rules, wire.now()).map_err(|error| match error {
            PlanError::NoDate => {
                CommandError::usage(msg!("plan-no-date")).hint(msg!("plan-no-date-hint"))
            }
            PlanError::Past { date } => past(date),
            PlanError::NoVersion { exam } => {
                CommandError::usage(msg!("exam-unknown", exam = exam.code()))
            }
            PlanError::Study(error) => quiz_error(wire, error),
        })?;
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::plan(ui, &report)?;
    }
    Ok(Exit::Done)
}

fn past(date: jiff::civil::Date) -> CommandError {
    CommandError::usage(msg!("plan-past", date = date.to_string())).hint(msg!("plan-no-date-hint"))
}
