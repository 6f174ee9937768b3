//! `lab plan`.

use super::{CatalogWords, Target};
use crate::app::lab_plan::{self, DEFAULT_TTL, PlanRequest};
use crate::app::lab_up;
use crate::cli::args::LabPlanArgs;
use crate::cli::render::lab as render;
use crate::cli::wire::Wire;
use crate::cli::{CommandError, Context, Exit};
use crate::lab::guard::{Policy, Situation, Verdict};
use crate::msg;
use crate::time;

/// Plans a lab or any other template.
pub(super) fn run(context: &mut Context, args: &LabPlanArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let given = super::pairs(&args.params)?;
    let (name, text, region, ttl, mut parameters) = match super::target(wire, &args.target)? {
        Target::Lab(texts) => {
            let lab = texts
                .parse()
                .map_err(|error| super::bad_file(&texts, &error))?;
            let Some(text) = texts.template else {
                return Err(CommandError::failed(msg!(
                    "lab-no-template",
                    lab = &texts.folder
                )));
            };
            (texts.folder, text, lab.region, lab.ttl, lab.parameters)
        }
        Target::Template { path, text } => {
            let region = wire.settings().labs.region.clone();
            (
                path,
                text,
                region,
                DEFAULT_TTL,
                std::collections::BTreeMap::new(),
            )
        }
    };
    parameters.extend(given);
    let region = args.region.clone().unwrap_or(region);
    let ttl = match &args.ttl {
        Some(text) => time::parse_duration(text)
            .map_err(|_| CommandError::usage(msg!("lab-bad-ttl", given = text)))?,
        None => ttl,
    };
    let table = super::price_table(wire)?;
    let policy = policy(wire, &args.allow);
    let rate = wire.settings().labs.usd_jpy;
    let plan = lab_plan::plan(PlanRequest {
        name: &name,
        template: &text,
        parameters,
        region: &region,
        ttl,
        table: &table,
        policy: &policy,
        situation: &situation(wire)?,
        usd_jpy: rate,
    });
    let report = lab_plan::report(&plan, rate, &CatalogWords(ui.catalog()));
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::plan(ui, &report, wire.settings())?;
    }
    Ok(match plan.verdict() {
        Verdict::Allow | Verdict::Confirm => Exit::Done,
        Verdict::Deny => Exit::Refused,
    })
}

/// Says what live labs cost this month; without a ledger there have been none.
fn situation(wire: &Wire) -> Result<Situation, CommandError> {
    if !wire.paths().ledger_db().exists() {
        return Ok(Situation::default());
    }
    let ledger = wire.ledger()?;
    let projected = lab_up::month_projected(ledger.as_ref(), wire.now(), wire.zone());
    Ok(Situation {
        month_projected: projected.map_err(super::live::ledger_error)?,
        root_credentials: false,
    })
}

/// Makes the policy of the settings, with the types that this call allows.
pub(super) fn policy(wire: &Wire, allow: &[String]) -> Policy {
    let labs = &wire.settings().labs;
    Policy {
        lab_cap: labs.per_lab,
        monthly_cap: labs.per_month,
        allowed_types: allow.iter().cloned().collect(),
        ..Policy::default()
    }
}
