//! `lab extend`.

use super::errors::ledger_error;
use super::{account, place};
use crate::app::lab_extend::{self, ExtendError};
use crate::cli::args::LabExtendArgs;
use crate::cli::render::lab_live as render;
use crate::cli::{CommandError, Context, Exit};
use crate::lab::events::Nobody;
use crate::lab::lease::NoExtension;
use crate::money::MicroUsd;
use crate::msg;

/// Gives a lab more time.
pub(super) fn run(context: &mut Context, args: &LabExtendArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let by = crate::time::parse_duration(&args.by)
        .map_err(|_| CommandError::usage(msg!("lab-bad-ttl", given = &args.by)))?;
    let ledger = wire.ledger()?;
    let open = ledger.leases(false).map_err(ledger_error)?;
    let lease = open
        .iter()
        .find(|lease| {
            lease.terms.lab == args.lab && place::fits(args.tier, args.profile.as_deref(), lease)
        })
        .ok_or_else(|| {
            CommandError::new(Exit::No, msg!("lab-no-lease", lab = &args.lab))
                .hint(msg!("lab-no-lease-hint"))
        })?;
    let site = wire.lab_site(&place::of_lease(wire, lease)?, &lease.terms.region)?;
    account::same(&site.ports(), lease)?;
    let report = lab_extend::extend(
        &site.ports(),
        lease,
        by,
        wire.settings().labs.max_extensions,
        &mut Nobody,
    )
    .map_err(|error| match error {
        ExtendError::Limit(NoExtension::TooOften { times }) => {
            CommandError::new(Exit::Refused, msg!("lab-extended-often", times = times))
        }
        ExtendError::Limit(NoExtension::TooLong { latest }) => CommandError::new(
            Exit::Refused,
            msg!(
                "lab-extended-long",
                latest = render::moment(latest, wire.zone())
            ),
        ),
        ExtendError::Cap {
            cost_micros,
            cap_micros,
        } => CommandError::new(
            Exit::Refused,
            msg!(
                "lab-extended-cap",
                cost = MicroUsd::from_micros(cost_micros).to_string(),
                cap = MicroUsd::from_micros(cap_micros).to_string()
            ),
        ),
        ExtendError::Ledger(error) => ledger_error(error),
        ExtendError::NotArmed(error) => {
            let profile = lease.terms.profile.as_deref().unwrap_or_default();
            CommandError::failed(msg!("lab-extend-not-armed"))
                .because(&error)
                .hint(msg!("lab-extend-not-armed-hint", profile = profile))
        }
    })?;
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::extended(ui, &report, wire.zone())?;
    }
    Ok(Exit::Done)
}
