//! Which place a command means, by its options and the environment.
//!
//! AWS is reached by `--profile` alone. `AWS_PROFILE` changes nothing; `AWS_ENDPOINT_URL` means the sandbox.

use super::errors::ledger_error;
use crate::app::sandbox;
use crate::cli::args::{PlaceArgs, TierArg};
use crate::cli::wire::{Place, Wire};
use crate::cli::{CommandError, Ui};
use crate::lab::lease::{Lease, Tier};
use crate::msg;

/// Chooses the place that options and environment name.
///
/// # Errors
/// When they contradict each other, the sandbox does not run, or AWS cannot be used.
pub(super) fn choose(wire: &Wire, args: &PlaceArgs) -> Result<Place, CommandError> {
    let endpoint = wire.environment().sandbox_endpoint()?;
    if let Some(profile) = &args.profile {
        if !matches!(args.tier, None | Some(TierArg::Aws)) {
            return Err(CommandError::usage(msg!("lab-tier-and-profile")));
        }
        return aws(wire, profile, None);
    }
    match (args.tier, endpoint) {
        (Some(TierArg::Aws), _) => Err(CommandError::usage(msg!("lab-aws-needs-profile"))
            .hint(msg!("lab-aws-needs-profile-hint"))),
        (Some(TierArg::Rehearsal), _) | (None, None) => Ok(Place::Rehearsal),
        (Some(TierArg::Sandbox) | None, Some(endpoint)) => Ok(Place::Sandbox { endpoint }),
        (Some(TierArg::Sandbox), None) => match wire.sandbox_endpoint() {
            Some(endpoint) => Ok(Place::Sandbox { endpoint }),
            None => Err(CommandError::failed(msg!("sandbox-not-running"))
                .hint(msg!("sandbox-not-running-hint"))),
        },
    }
}

/// Gives the place of a profile. Its home, where the bootstrap stack is, is the region that it was bound to, or the
/// one that is given, or that of the settings.
///
/// # Errors
/// When a test's clock or an emulator's address is set, which a real account is never reached with.
pub(in crate::cli::dispatch) fn aws(
    wire: &Wire,
    profile: &str,
    home: Option<&str>,
) -> Result<Place, CommandError> {
    if wire.environment().fixed_now()?.is_some() {
        return Err(CommandError::usage(msg!("lab-fixed-clock-on-aws")));
    }
    if wire.environment().sandbox_endpoint()?.is_some() {
        return Err(CommandError::usage(msg!("lab-endpoint-and-profile"))
            .hint(msg!("lab-endpoint-and-profile-hint")));
    }
    let bound = wire
        .ledger()?
        .bound(Tier::Aws, profile)
        .map_err(ledger_error)?;
    let home = match bound {
        Some((_, region)) => region,
        None => home.unwrap_or(&wire.settings().labs.region).to_owned(),
    };
    Ok(Place::Aws {
        profile: profile.to_owned(),
        home,
    })
}

/// Gives the place that a lease was opened in; on AWS by the profile that was named then.
///
/// # Errors
/// When it was opened on AWS, and that cannot be reached as things are set.
pub(super) fn of_lease(wire: &Wire, lease: &Lease) -> Result<Place, CommandError> {
    match lease.terms.tier {
        Tier::Rehearsal => Ok(Place::Rehearsal),
        Tier::Sandbox => Ok(Place::Sandbox {
            endpoint: lease.terms.endpoint.clone().unwrap_or_default(),
        }),
        Tier::Aws => {
            let profile = lease.terms.profile.clone().unwrap_or_default();
            aws(wire, &profile, Some(&lease.terms.region))
        }
    }
}

/// Closes the leases of emulators that are no more, and tells; they kept nothing.
///
/// # Errors
/// When the ledger cannot be used.
pub(super) fn forget_vanished(ui: &mut Ui, wire: &Wire) -> Result<(), CommandError> {
    let ledger = wire.ledger()?;
    let open = ledger.leases(false).map_err(ledger_error)?;
    let mut endpoints: Vec<&str> = open
        .iter()
        .filter(|lease| lease.terms.tier == Tier::Sandbox)
        .filter_map(|lease| lease.terms.endpoint.as_deref())
        .collect();
    endpoints.sort_unstable();
    endpoints.dedup();
    for endpoint in endpoints {
        if wire.sandbox_listens(endpoint) {
            continue;
        }
        let closed =
            sandbox::close_vanished(ledger.as_ref(), endpoint, wire.now()).map_err(ledger_error)?;
        for lab in closed {
            ui.talk(&msg!("lab-vanished", lab = lab))?;
        }
    }
    Ok(())
}

/// Says whether a lease is of the tier and profile that were named, or of any when none was.
pub(super) fn fits(tier: Option<TierArg>, profile: Option<&str>, lease: &Lease) -> bool {
    if profile.is_some() && profile != lease.terms.profile.as_deref() {
        return false;
    }
    match tier {
        None => true,
        Some(TierArg::Rehearsal) => lease.terms.tier == Tier::Rehearsal,
        Some(TierArg::Sandbox) => lease.terms.tier == Tier::Sandbox,
        Some(TierArg::Aws) => lease.terms.tier == Tier::Aws,
    }
}
