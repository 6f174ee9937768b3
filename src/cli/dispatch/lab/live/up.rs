//! `lab up`: plan, guard, change set, question, building, outputs.

use jiff::Timestamp;

use super::errors::{api_error, ledger_error, up_error};
use super::place;
use super::screen::Screen;
use crate::app::lab_plan::{self, PlanRequest};
use crate::app::lab_up::{self, UpReport, UpStatus};
use crate::cli::args::LabUpArgs;
use crate::cli::dispatch::lab::{self, CatalogWords, Target};
use crate::cli::render::lab_live as render;
use crate::cli::wire::{LabSite, Place, Wire};
use crate::cli::{CommandError, Context, Exit, Ui};
use crate::lab::guard::{self, ApprovedPlan, Consent, Refused, Situation};
use crate::lab::lab_file::{Availability, Lab};
use crate::lab::lease::Tier;
use crate::lab::lifecycle::UpRequest;
use crate::lab::plan::Plan;
use crate::msg;

/// Takes a lab up.
pub(super) fn run(context: &mut Context, args: &LabUpArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    place::forget_vanished(ui, wire)?;
    let place = place::choose(wire, &args.place)?;
    let (lab, template) = find(wire, &args.lab)?;
    available(&lab, place.tier())?;
    if place.tier() == Tier::Sandbox {
        for program in lab
            .needs
            .iter()
            .filter(|program| !wire.finds_program(program))
        {
            ui.talk(&msg!("lab-needs-program", program = program))?;
        }
    }
    let plan = draw(wire, &lab, &template, args)?;
    if !ui.options.json {
        let told = lab_plan::report(
            &plan,
            wire.settings().labs.usd_jpy,
            &CatalogWords(ui.catalog()),
        );
        render::before(ui, &told, place.tier())?;
    }
    let Some(approved) = approve(ui, plan)? else {
        return Ok(Exit::No);
    };
    if ui.options.no_input && !ui.options.yes {
        return Err(CommandError::usage(msg!("no-input")).hint(msg!("lab-no-input-hint")));
    }
    let region = approved.plan().inputs.region.clone();
    let site = wire.lab_site(&place, &region)?;
    inject(&site, &approved, &args.inject)?;
    let request = request(wire, &site, &place, &lab)?;
    let report = build(ui, &site, &approved, &request)?;
    finish(ui, wire, &report)
}

/// Reads a lab and its template from the library.
fn find(wire: &Wire, typed: &str) -> Result<(Lab, String), CommandError> {
    let texts = match lab::target(wire, std::path::Path::new(typed))? {
        Target::Lab(texts) => texts,
        Target::Template { path, .. } => {
            return Err(CommandError::usage(msg!("lab-up-template", path = path))
                .hint(msg!("lab-up-template-hint")));
        }
    };
    let parsed = texts
        .parse()
        .map_err(|error| lab::bad_file(&texts, &error))?;
    match texts.template {
        Some(template) => Ok((parsed, template)),
        None => Err(CommandError::failed(msg!(
            "lab-no-template",
            lab = &texts.folder
        ))),
    }
}

fn available(lab: &Lab, tier: Tier) -> Result<(), CommandError> {
    let availability = match tier {
        Tier::Rehearsal => &lab.tiers.rehearsal,
        Tier::Sandbox => &lab.tiers.sandbox,
        Tier::Aws => &lab.tiers.aws,
    };
    match availability {
        Availability::Plain(true) => Ok(()),
        Availability::Plain(false) => Err(CommandError::usage(msg!(
            "lab-not-on-tier",
            lab = lab.id.as_str(),
            tier = tier.as_str(),
            reason = ""
        ))),
        Availability::Not(reason) => Err(CommandError::usage(msg!(
            "lab-not-on-tier",
            lab = lab.id.as_str(),
            tier = tier.as_str(),
            reason = reason
        ))),
    }
}

/// Draws the plan as `lab plan` does.
fn draw(wire: &Wire, lab: &Lab, template: &str, args: &LabUpArgs) -> Result<Plan, CommandError> {
    let table = lab::price_table(wire)?;
    let policy = lab::plan::policy(wire, &args.allow);
    let ttl = match &args.ttl {
        None => lab.ttl,
        Some(text) => crate::time::parse_duration(text)
            .map_err(|_| CommandError::usage(msg!("lab-bad-ttl", given = text)))?,
    };
    let mut parameters = lab.parameters.clone();
    parameters.extend(lab::pairs(&args.params)?);
    let region = args.place.region.as_deref().unwrap_or(&lab.region);
    let situation = situation(wire, wire.now())?;
    Ok(lab_plan::plan(PlanRequest {
        name: lab.id.as_str(),
        template,
        parameters,
        region,
        ttl,
        table: &table,
        policy: &policy,
        situation: &situation,
        usd_jpy: wire.settings().labs.usd_jpy,
    }))
}

/// Works out what the live labs have cost this month and will cost until they are over.
fn situation(wire: &Wire, now: Timestamp) -> Result<Situation, CommandError> {
    let ledger = wire.ledger()?;
    Ok(Situation {
        month_projected: lab_up::month_projected(ledger.as_ref(), now, wire.zone())
            .map_err(ledger_error)?,
        root_credentials: false,
    })
}

/// Asks what the guard asks; `None` is the user's no.
fn approve(ui: &mut Ui, plan: Plan) -> Result<Option<ApprovedPlan>, CommandError> {
    match guard::approve(plan.clone(), Consent::Withheld) {
        Ok(approved) => Ok(Some(approved)),
        Err(Refused::Denied { findings }) => {
            let rules: Vec<&str> = findings.iter().map(|f| f.rule.as_str()).collect();
            Err(
                CommandError::new(Exit::Refused, msg!("lab-denied", rules = rules.join(", ")))
                    .hint(msg!("lab-denied-hint", lab = &plan.name)),
            )
        }
        Err(Refused::NeedsConsent { .. }) => {
            if ui.options.no_input && !ui.options.yes {
                return Err(CommandError::usage(msg!("no-input")).hint(msg!("lab-no-input-hint")));
            }
            if !ui.confirm(&msg!("lab-confirm-findings"))? {
                ui.talk(&msg!("lab-declined"))?;
                return Ok(None);
            }
            match guard::approve(plan, Consent::Given) {
                Ok(approved) => Ok(Some(approved)),
                Err(error) => Err(CommandError::new(
                    Exit::Refused,
                    msg!("lab-denied", rules = error.to_string()),
                )),
            }
        }
    }
}

/// Puts in the failures that were asked for; those of an earlier run are forgotten.
fn inject(site: &LabSite, approved: &ApprovedPlan, wanted: &[String]) -> Result<(), CommandError> {
    let Some(engine) = site.engine() else {
        return if wanted.is_empty() {
            Ok(())
        } else {
            Err(CommandError::usage(msg!("lab-inject-elsewhere")))
        };
    };
    let broken = |error: &dyn std::error::Error| {
        CommandError::failed(msg!("rehearsal-failed")).because(error)
    };
    engine.clear_injections().map_err(|error| broken(&error))?;
    for text in wanted {
        let injection = crate::cli::wire::injection(text).map_err(|error| {
            CommandError::usage(msg!("lab-bad-injection", given = text)).because(&error)
        })?;
        let known = injection.is_general()
            || approved
                .plan()
                .evaluated
                .resources
                .iter()
                .any(|resource| resource.logical_id == injection.target);
        if !known {
            return Err(CommandError::usage(msg!(
                "lab-injection-target",
                target = &injection.target
            )));
        }
        engine.inject(&injection).map_err(|error| broken(&error))?;
    }
    Ok(())
}

fn request(
    wire: &Wire,
    site: &LabSite,
    place: &Place,
    lab: &Lab,
) -> Result<UpRequest, CommandError> {
    let identity = site
        .ports()
        .stacks
        .identity()
        .map_err(|error| api_error(&error))?;
    Ok(UpRequest {
        lab: lab.id.to_string(),
        tier: place.tier(),
        account: identity.account,
        profile: None,
        endpoint: place.endpoint().map(str::to_owned),
        cap: wire.settings().labs.per_lab,
        role: None,
    })
}

/// From the change set to the end, whatever it is.
fn build(
    ui: &mut Ui,
    site: &LabSite,
    approved: &ApprovedPlan,
    request: &UpRequest,
) -> Result<UpReport, CommandError> {
    let ports = site.ports();
    let mut screen = Screen::new(ui, 0);
    let proposal = lab_up::propose(&ports, approved, request, &mut screen);
    screen.finish();
    let proposal = proposal.map_err(up_error)?;
    if !ui.options.json {
        render::change_set(ui, &proposal.change_set)?;
    }
    let answer = ui.confirm(&msg!("lab-confirm-change-set"));
    if !matches!(answer, Ok(true)) {
        let mut screen = Screen::new(ui, 0);
        let report = lab_up::decline(&ports, proposal, &mut screen);
        screen.finish();
        // A question that could not be asked counts as a no, and is told after everything is put back.
        answer?;
        return report.map_err(up_error);
    }
    let mut screen = Screen::new(ui, proposal.change_set.changes.len());
    let report = lab_up::execute(&ports, proposal, &mut screen);
    screen.finish();
    report.map_err(up_error)
}

fn finish(ui: &mut Ui, wire: &Wire, report: &UpReport) -> Result<Exit, CommandError> {
    if ui.options.json {
        ui.json(report)?;
    } else {
        render::after(ui, report, wire.zone())?;
    }
    Ok(match report.status {
        UpStatus::Live => Exit::Done,
        UpStatus::Declined => Exit::No,
        UpStatus::Failed => Exit::Failed,
        UpStatus::Detached => Exit::Interrupted,
    })
}
