//! `lab sweep`.

use super::errors::{api_error, ledger_error, up_error};
use super::screen::Screen;
use super::{account, place};
use crate::app::lab_sweep::{self, SweepReport};
use crate::cli::args::LabSweepArgs;
use crate::cli::render::lab_live as render;
use crate::cli::wire::{Place, Wire};
use crate::cli::{CommandError, Context, Exit, Ui};
use crate::lab::lease::Tier;
use crate::lab::sweep::SweepTarget;
use crate::msg;

/// Sweeps the place that is named, or every place where a lease is open.
pub(super) fn run(context: &mut Context, args: &LabSweepArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    place::forget_vanished(ui, wire)?;
    let named = args.place.tier.is_some() || args.place.profile.is_some();
    let chosen = place::choose(wire, &args.place)?;
    let region = args.place.region.clone().unwrap_or_else(|| match &chosen {
        Place::Aws { home, .. } => home.clone(),
        Place::Rehearsal | Place::Sandbox { .. } => wire.settings().labs.region.clone(),
    });
    let open = wire.ledger()?.leases(false).map_err(ledger_error)?;
    let mut places = vec![(chosen.clone(), region)];
    if let Place::Aws { profile, .. } = &chosen {
        // A profile's labs may stand in several regions.
        for lease in &open {
            let one = (chosen.clone(), lease.terms.region.clone());
            let fits = lease.terms.profile.as_ref() == Some(profile);
            if fits && args.place.region.is_none() && !places.contains(&one) {
                places.push(one);
            }
        }
    }
    if !named {
        let mut waiting = Vec::new();
        for lease in open {
            // A lease on AWS is for a sweep with its profile; those here are swept all the same.
            if lease.terms.tier == Tier::Aws {
                waiting.extend(lease.terms.profile);
                continue;
            }
            let one = (place::of_lease(wire, &lease)?, lease.terms.region.clone());
            if !places.contains(&one) {
                places.push(one);
            }
        }
        waiting.sort();
        waiting.dedup();
        for profile in waiting {
            ui.talk(&msg!("sweep-aws-waits", profile = profile))?;
        }
    }
    let mut report = SweepReport {
        schema: 1,
        swept: Vec::new(),
    };
    for (place, region) in places {
        report
            .swept
            .extend(one(ui, wire, &place, &region, args.orphans)?.swept);
    }
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::swept(ui, &report, wire.zone())?;
    }
    Ok(if report.is_clean() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn one(
    ui: &mut Ui,
    wire: &Wire,
    place: &Place,
    region: &str,
    orphans: bool,
) -> Result<SweepReport, CommandError> {
    let site = wire.lab_site(place, region)?;
    let ports = site.ports();
    let identity = match place.profile() {
        Some(profile) => account::identity(wire, &ports, profile)?,
        None => ports.stacks.identity().map_err(|error| api_error(&error))?,
    };
    let target = SweepTarget {
        tier: place.tier(),
        account: identity.account,
        region: region.to_owned(),
        profile: place.profile().map(str::to_owned),
        endpoint: place.endpoint().map(str::to_owned),
    };
    let mut screen = Screen::new(ui, 0);
    let report = lab_sweep::sweep(&ports, &target, orphans, &mut screen);
    screen.finish();
    report.map_err(up_error)
}
