//! `lab check`: the tasks of a live lab, a hint, a solution.

use super::errors::ledger_error;
use super::place;
use crate::app::lab_check;
use crate::app::lab_help;
use crate::cli::args::LabCheckArgs;
use crate::cli::dispatch::lab::{self, Target};
use crate::cli::dispatch::study::Study;
use crate::cli::render::lab_task as render;
use crate::cli::wire::Wire;
use crate::cli::{CommandError, Context, Exit, Ui};
use crate::lab::lab_file::{Lab, Task};
use crate::lab::lease::{Lease, Step, Tier};
use crate::msg;

/// Checks a live lab's tasks, exit 1 while one is not done; or helps with one of them.
pub(super) fn run(context: &mut Context, args: &LabCheckArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let parsed = find(wire, &args.lab)?;
    place::forget_vanished(ui, wire)?;
    let live = live(wire, &parsed)?;
    if let Some(id) = args.hint.as_ref().or(args.solution.as_ref()) {
        let lease = live
            .iter()
            .find(|lease| lease.terms.tier != Tier::Rehearsal);
        return help(ui, wire, &parsed, id, args.solution.is_some(), lease);
    }
    let named = args.task.as_deref();
    if let Some(id) = named {
        task(&parsed, id)?;
    }
    let lease = live
        .iter()
        .find(|lease| lease.terms.tier == Tier::Sandbox)
        .ok_or_else(|| nowhere_to_check(&parsed, !live.is_empty()))?;
    let calls = wire.sandbox_calls(lease);
    let report = lab_check::check(&parsed, lease, named, &calls);
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::checked(ui, &report)?;
    }
    let all_done = report.done == report.tasks.len();
    if !all_done && !parsed.settle.is_zero() {
        ui.talk(&msg!("lab-check-settle", seconds = parsed.settle.as_secs()))?;
    }
    let mut study = Study::open(ui, wire)?;
    let now = wire.now();
    let day = study.rules.day(now);
    let kept = lab_check::remember(study.store.as_mut(), &report, named.is_none(), now, day)
        .map_err(|error| wire.record_error(error))?;
    render::remembered(ui, &report, kept)?;
    Ok(if all_done { Exit::Done } else { Exit::No })
}

fn find(wire: &Wire, typed: &str) -> Result<Lab, CommandError> {
    let Target::Lab(texts) = lab::target(wire, std::path::Path::new(typed))? else {
        return Err(CommandError::usage(msg!("lab-up-template", path = typed)));
    };
    texts.parse().map_err(|error| lab::bad_file(&texts, &error))
}

/// Finds the live leases of a lab.
fn live(wire: &Wire, lab: &Lab) -> Result<Vec<Lease>, CommandError> {
    let mut open = wire.ledger()?.leases(false).map_err(ledger_error)?;
    open.retain(|lease| lease.terms.lab == lab.id.as_str() && lease.step == Step::Live);
    Ok(open)
}

fn nowhere_to_check(lab: &Lab, rehearsed: bool) -> CommandError {
    let id = lab.id.as_str();
    if rehearsed {
        CommandError::failed(msg!("lab-check-rehearsal", lab = id))
            .hint(msg!("lab-check-rehearsal-hint", lab = id))
    } else {
        CommandError::new(Exit::No, msg!("lab-no-lease", lab = id)).hint(msg!("lab-no-lease-hint"))
    }
}

fn task<'a>(lab: &'a Lab, id: &str) -> Result<&'a Task, CommandError> {
    lab.tasks.iter().find(|task| task.id == id).ok_or_else(|| {
        let known: Vec<&str> = lab.tasks.iter().map(|task| task.id.as_str()).collect();
        CommandError::usage(msg!("lab-no-task", lab = lab.id.as_str(), task = id))
            .hint(msg!("lab-no-task-hint", tasks = known.join(", ")))
    })
}

/// Shows a hint, or the solution to who has seen the hint.
fn help(
    ui: &mut Ui,
    wire: &Wire,
    lab: &Lab,
    id: &str,
    solved: bool,
    lease: Option<&Lease>,
) -> Result<Exit, CommandError> {
    let task = task(lab, id)?;
    let mut store = wire.study()?;
    let report = if solved {
        lab_help::solution(store.as_mut(), lab, task, lease, wire.now())
    } else {
        lab_help::hint(store.as_mut(), lab, task, wire.now())
    };
    let report = report.map_err(|error| wire.record_error(error))?;
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::help(ui, &report)?;
    }
    Ok(Exit::Done)
}
