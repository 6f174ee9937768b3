//! `plan`: the way to the exam day; what is given is kept in the settings.

use super::config::change;
use super::exam::named;
use super::study::{Study, blueprints, quiz_error};
use crate::app::plan::{PlanError, plan};
use crate::app::quiz::FURTHEST;
use crate::cli::args::PlanArgs;
use crate::cli::render::plan as render;
use crate::cli::{CommandError, Context, Exit};
use crate::msg;
use crate::time::StudyDay;

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
    if let Some(date) = args.date.filter(|date| is_too_far(*date, today)) {
        return Err(too_far(date));
    }
    let wanted = match &args.exam {
        Some(exam) => Some(named(exam, &blueprints(&context.wire)?)?),
        None => None,
    };
    let exam = wanted.as_ref().map(|(exam, _)| exam.code().to_owned());
    let given = [
        ("exam.target", exam),
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
            PlanError::TooFar { date } => too_far(date),
            PlanError::NoVersion { exam } => {
                CommandError::usage(msg!("exam-unknown", exam = exam.code()))
            }
            PlanError::Study(error) => quiz_error(wire, error),
        })?;
    if let Some((_, Some(version))) = wanted.filter(|(_, v)| v.as_ref() != Some(&report.version)) {
        let version = &version.0;
        ui.talk(&msg!(
            "plan-other-version",
            date = report.date.to_string(),
            version = &report.version.0,
            wanted = version
        ))?;
    }
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

fn is_too_far(date: jiff::civil::Date, today: jiff::civil::Date) -> bool {
    StudyDay(date).days_since(StudyDay(today)) > FURTHEST
}

fn too_far(date: jiff::civil::Date) -> CommandError {
    CommandError::usage(msg!("plan-too-far", date = date.to_string()))
        .hint(msg!("plan-no-date-hint"))
}
