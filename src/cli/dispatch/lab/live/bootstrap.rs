//! `lab bootstrap`: makes, or removes, what ends forgotten labs in a real account.

use serde::Serialize;

use super::errors::{api_error, ledger_error, up_error};
use super::screen::Screen;
use super::{account, place};
use crate::cli::args::LabBootstrapArgs;
use crate::cli::dispatch::lab;
use crate::cli::lang::Message;
use crate::cli::render::lab_live as render;
use crate::cli::wire::{LabSite, Wire};
use crate::cli::{CommandError, Context, Exit, Ui};
use crate::lab::bootstrap::{self, Installed, NotRemoved, Standing};
use crate::lab::events::Nobody;
use crate::lab::lease::Tier;
use crate::lab::port::{ChangeSet, Identity};
use crate::money::MicroUsd;
use crate::msg;

#[derive(Serialize)]
struct BootstrapReport {
    schema: u32,
    status: &'static str,
    account: String,
    region: String,
    stack: &'static str,
    lab_role: Option<String>,
    monthly_usd: Option<f64>,
}

/// Runs the command.
pub(super) fn run(context: &mut Context, args: &LabBootstrapArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let place = place::aws(wire, &args.profile, args.region.as_deref())?;
    let crate::cli::wire::Place::Aws { home, .. } = &place else {
        return Ok(Exit::Done);
    };
    if args.region.as_ref().is_some_and(|wanted| wanted != home) {
        return Err(CommandError::new(
            Exit::Refused,
            msg!(
                "lab-bootstrap-elsewhere",
                profile = &args.profile,
                region = home
            ),
        )
        .hint(msg!("lab-bootstrap-elsewhere-hint")));
    }
    let site = wire.lab_site(&place, home)?;
    let identity = account::identity(wire, &site.ports(), &args.profile)?;
    if identity.is_root() {
        return Err(
            CommandError::new(Exit::Refused, msg!("finding-root-credentials"))
                .hint(msg!("finding-root-credentials-instead")),
        );
    }
    if args.remove {
        remove(ui, wire, &site, &identity, args, home)
    } else {
        make(ui, wire, &site, &identity, args, home)
    }
}

fn tell(
    ui: &mut Ui,
    wire: &Wire,
    identity: &Identity,
    home: &str,
    status: &'static str,
    lab_role: Option<String>,
) -> Result<(), CommandError> {
    let table = lab::price_table(wire)?;
    ui.json(&BootstrapReport {
        schema: 1,
        status,
        account: identity.account.clone(),
        region: home.to_owned(),
        stack: bootstrap::STACK,
        lab_role,
        monthly_usd: bootstrap::standing_cost(&table, home).map(MicroUsd::usd),
    })
}

fn make(
    ui: &mut Ui,
    wire: &Wire,
    site: &LabSite,
    identity: &Identity,
    args: &LabBootstrapArgs,
    home: &str,
) -> Result<Exit, CommandError> {
    let ports = site.ports();
    let standing = bootstrap::standing(&ports, &mut Nobody).map_err(|error| api_error(&error))?;
    if let Standing::Ready(found) = standing {
        account::question(ui, identity, home, args.account_digits.as_deref())?;
        bind(wire, identity, args, home)?;
        return if ui.options.json {
            tell(ui, wire, identity, home, "ready", Some(found.lab_role)).map(|()| Exit::Done)
        } else {
            ui.talk(&msg!("bootstrap-already", region = home))
                .map(|()| Exit::Done)
        };
    }
    if standing == Standing::Outdated {
        return renew(ui, wire, site, identity, args, home);
    }
    explain(ui, wire, home)?;
    account::question(ui, identity, home, args.account_digits.as_deref())?;
    // Before the first call that makes anything.
    bind(wire, identity, args, home)?;
    let mut screen = Screen::new(ui, 0);
    let proposed = bootstrap::propose(&ports, &mut screen);
    screen.finish();
    let set = proposed.map_err(up_error)?;
    if !ui.options.json {
        render::change_set(ui, &set)?;
    }
    let answer = ui.confirm(&msg!("lab-confirm-change-set"));
    if !matches!(answer, Ok(true)) {
        bootstrap::clear(&ports, &mut Nobody).map_err(up_error)?;
        // A question that could not be asked counts as a no, and is told after everything is put back.
        answer?;
        if ui.options.json {
            tell(ui, wire, identity, home, "declined", None)?;
        }
        ui.talk(&msg!("lab-declined"))?;
        return Ok(Exit::No);
    }
    install(ui, wire, site, &set, identity, home)
}

/// Brings a stack of another version up to date, after showing what changes.
fn renew(
    ui: &mut Ui,
    wire: &Wire,
    site: &LabSite,
    identity: &Identity,
    args: &LabBootstrapArgs,
    home: &str,
) -> Result<Exit, CommandError> {
    refuse_in_use(wire, identity)?;
    if !ui.options.json {
        ui.talk(&msg!("bootstrap-renew", stack = bootstrap::STACK))?;
    }
    account::question(ui, identity, home, args.account_digits.as_deref())?;
    bind(wire, identity, args, home)?;
    let ports = site.ports();
    let mut screen = Screen::new(ui, 0);
    let proposed = bootstrap::propose_update(&ports, &mut screen);
    screen.finish();
    let set = proposed.map_err(not_removed)?;
    if !ui.options.json {
        render::change_set(ui, &set)?;
    }
    let answer = ui.confirm(&msg!("lab-confirm-change-set"));
    if !matches!(answer, Ok(true)) {
        bootstrap::decline_update(&ports, &set, &mut Nobody).map_err(|error| api_error(&error))?;
        answer?;
        if ui.options.json {
            tell(ui, wire, identity, home, "declined", None)?;
        }
        ui.talk(&msg!("bootstrap-as-before"))?;
        return Ok(Exit::No);
    }
    let mut screen = Screen::new(ui, set.changes.len());
    let updated = bootstrap::update(&ports, &set, &mut screen);
    screen.finish();
    ended(
        ui,
        wire,
        updated.map_err(up_error)?,
        identity,
        home,
        msg!("bootstrap-renew-failed"),
    )
}

fn install(
    ui: &mut Ui,
    wire: &Wire,
    site: &LabSite,
    set: &ChangeSet,
    identity: &Identity,
    home: &str,
) -> Result<Exit, CommandError> {
    let mut screen = Screen::new(ui, set.changes.len());
    let installed = bootstrap::install(&site.ports(), set, &mut screen);
    screen.finish();
    let installed = installed.map_err(up_error)?;
    ended(
        ui,
        wire,
        installed,
        identity,
        home,
        msg!("bootstrap-failed"),
    )
}

/// Tells how building or updating the stack ended.
fn ended(
    ui: &mut Ui,
    wire: &Wire,
    installed: Installed,
    identity: &Identity,
    home: &str,
    failed: Message,
) -> Result<Exit, CommandError> {
    match installed {
        Installed::Ready(found) => {
            if ui.options.json {
                tell(ui, wire, identity, home, "ready", Some(found.lab_role))?;
            } else {
                ui.talk(&msg!("bootstrap-ready", region = home))?;
            }
            Ok(Exit::Done)
        }
        Installed::Failed(failures) => {
            render::failures(ui, &failures)?;
            Err(CommandError::failed(failed))
        }
        Installed::Detached => {
            ui.talk(&msg!("bootstrap-detached"))?;
            Ok(Exit::Interrupted)
        }
    }
}

/// Says what would be made and what it costs as long as it stands.
fn explain(ui: &mut Ui, wire: &Wire, home: &str) -> Result<(), CommandError> {
    if ui.options.json {
        return Ok(());
    }
    let table = lab::price_table(wire)?;
    let yen = wire.settings().labs.usd_jpy;
    let cost = bootstrap::standing_cost(&table, home).map_or_else(
        || "?".to_owned(),
        |cost| format!("{cost} (¥{:.0})", (cost.usd() * yen).ceil()),
    );
    ui.talk(&msg!(
        "bootstrap-what",
        stack = bootstrap::STACK,
        region = home
    ))?;
    ui.talk(&msg!("bootstrap-cost", cost = cost, runs = bootstrap::RUNS))
}

fn bind(
    wire: &Wire,
    identity: &Identity,
    args: &LabBootstrapArgs,
    home: &str,
) -> Result<(), CommandError> {
    wire.ledger()?
        .bind(Tier::Aws, &args.profile, &identity.account, home)
        .map_err(ledger_error)
}

fn remove(
    ui: &mut Ui,
    wire: &Wire,
    site: &LabSite,
    identity: &Identity,
    args: &LabBootstrapArgs,
    home: &str,
) -> Result<Exit, CommandError> {
    refuse_in_use(wire, identity)?;
    account::question(ui, identity, home, args.account_digits.as_deref())?;
    if !ui.confirm(&msg!("bootstrap-remove-question", stack = bootstrap::STACK))? {
        return Ok(Exit::No);
    }
    let mut screen = Screen::new(ui, 0);
    let removed = bootstrap::remove(&site.ports(), &mut screen);
    screen.finish();
    removed.map_err(not_removed)?;
    wire.ledger()?
        .unbind(Tier::Aws, &args.profile)
        .map_err(ledger_error)?;
    if ui.options.json {
        tell(ui, wire, identity, home, "removed", None)?;
    } else {
        ui.talk(&msg!("bootstrap-removed", region = home))?;
    }
    Ok(Exit::Done)
}

/// Refuses while a lease of this home is open in the account.
fn refuse_in_use(wire: &Wire, identity: &Identity) -> Result<(), CommandError> {
    let open: Vec<String> = wire
        .ledger()?
        .leases(false)
        .map_err(ledger_error)?
        .into_iter()
        .filter(|lease| lease.terms.tier == Tier::Aws && lease.terms.account == identity.account)
        .map(|lease| lease.terms.lab)
        .collect();
    if open.is_empty() {
        Ok(())
    } else {
        Err(in_use(&open))
    }
}

fn not_removed(error: NotRemoved) -> CommandError {
    match error {
        NotRemoved::InUse { labs } => in_use(&labs),
        NotRemoved::Up(error) => up_error(error),
    }
}

fn in_use(labs: &[String]) -> CommandError {
    CommandError::new(
        Exit::Refused,
        msg!("bootstrap-in-use", labs = labs.join(", ")),
    )
    .hint(msg!("bootstrap-in-use-hint"))
}
