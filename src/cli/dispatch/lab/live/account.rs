//! What has to hold before anything is made in a real account: who pays is known, confirmed, and not root, and
//! somebody there ends what is forgotten.

use super::errors::{api_error, ledger_error, profile_error};
use crate::cli::wire::{Place, Wire};
use crate::cli::{CommandError, Exit, Reply, Ui};
use crate::lab::bootstrap::{self, Bootstrap, Standing};
use crate::lab::events::Nobody;
use crate::lab::lease::{Lease, Tier};
use crate::lab::port::{Identity, Ports};
use crate::msg;

/// How many digits of the account are typed.
const DIGITS: usize = 4;

/// A real account, as far as it is known before a plan is drawn.
#[derive(Debug)]
pub(super) struct Account {
    /// Who the keys belong to.
    pub(super) identity: Identity,
    /// What ends forgotten labs there.
    pub(super) bootstrap: Bootstrap,
    profile: String,
    home: String,
}

/// Asks who the keys of a place belong to, and whether a bootstrap stack stands there; `None` where nothing costs.
///
/// # Errors
/// Without working keys, when the profile leads to another account than before, or without a bootstrap stack.
pub(super) fn enter(wire: &Wire, place: &Place) -> Result<Option<Account>, CommandError> {
    let Place::Aws { profile, home } = place else {
        return Ok(None);
    };
    let site = wire.lab_site(place, home)?;
    let ports = site.ports();
    let identity = identity(wire, &ports, profile)?;
    let standing = bootstrap::standing(&ports, &mut Nobody).map_err(|error| api_error(&error))?;
    let Standing::Ready(bootstrap) = standing else {
        return Err(not_ready(profile, home, &standing));
    };
    Ok(Some(Account {
        identity,
        bootstrap,
        profile: profile.clone(),
        home: home.clone(),
    }))
}

/// Asks who the keys of a profile belong to.
///
/// # Errors
/// Without working keys, or when the profile leads to another account than the one it was bound to.
pub(super) fn identity(
    wire: &Wire,
    ports: &Ports<'_>,
    profile: &str,
) -> Result<Identity, CommandError> {
    let identity = ports
        .stacks
        .identity()
        .map_err(|error| profile_error(profile, &error))?;
    let bound = wire
        .ledger()?
        .bound(Tier::Aws, profile)
        .map_err(ledger_error)?;
    match bound {
        Some((account, _)) if account != identity.account => {
            Err(other_account(profile, &account, &identity.account))
        }
        _ => Ok(identity),
    }
}

fn other_account(profile: &str, bound: &str, found: &str) -> CommandError {
    CommandError::new(
        Exit::Refused,
        msg!(
            "lab-other-account",
            profile = profile,
            bound = bound,
            found = found
        ),
    )
    .hint(msg!("lab-other-account-hint"))
}

/// Checks that the keys of a lease's profile still lead to the account that the lease was opened in.
///
/// # Errors
/// When they lead elsewhere, or nowhere.
pub(super) fn same(ports: &Ports<'_>, lease: &Lease) -> Result<(), CommandError> {
    if lease.terms.tier != Tier::Aws {
        return Ok(());
    }
    let profile = lease.terms.profile.as_deref().unwrap_or_default();
    let found = ports
        .stacks
        .identity()
        .map_err(|error| profile_error(profile, &error))?;
    if found.account == lease.terms.account {
        return Ok(());
    }
    Err(other_account(profile, &lease.terms.account, &found.account))
}

/// Says why labs are not built where the bootstrap stack does not stand.
fn not_ready(profile: &str, home: &str, standing: &Standing) -> CommandError {
    let message = match standing {
        Standing::Outdated => msg!("lab-bootstrap-outdated", profile = profile, region = home),
        Standing::Moving(status) | Standing::Broken(status) | Standing::Foreign(status) => msg!(
            "lab-bootstrap-not-standing",
            profile = profile,
            region = home,
            status = status.as_str()
        ),
        Standing::Absent | Standing::Ready(_) => {
            msg!("lab-no-bootstrap", profile = profile, region = home)
        }
    };
    let hint = match standing {
        Standing::Outdated => msg!("lab-bootstrap-outdated-hint", profile = profile),
        _ => msg!("lab-no-bootstrap-hint", profile = profile),
    };
    CommandError::new(Exit::Refused, message).hint(hint)
}

/// Has the account confirmed by its last digits, unless this profile was bound to this account and region before.
/// Then binds it. `--yes` does not answer this.
///
/// # Errors
/// When the digits are others, or nobody is there to give them.
pub(super) fn confirm(
    ui: &mut Ui,
    wire: &Wire,
    account: &Account,
    region: &str,
    digits: Option<&str>,
) -> Result<(), CommandError> {
    let ledger = wire.ledger()?;
    let bound = ledger
        .bound(Tier::Aws, &account.profile)
        .map_err(ledger_error)?;
    if bound.is_some() && region == account.home && digits.is_none() {
        return Ok(());
    }
    question(ui, &account.identity, region, digits)?;
    if bound.is_none() {
        ledger
            .bind(
                Tier::Aws,
                &account.profile,
                &account.identity.account,
                &account.home,
            )
            .map_err(ledger_error)?;
    }
    Ok(())
}

/// Asks for the last digits of an account.
///
/// # Errors
/// When they are others, or nobody is there to give them.
pub(super) fn question(
    ui: &mut Ui,
    identity: &Identity,
    region: &str,
    digits: Option<&str>,
) -> Result<(), CommandError> {
    let typed = match digits {
        Some(digits) => digits.to_owned(),
        None if ui.options.no_input => {
            return Err(
                CommandError::usage(msg!("no-input")).hint(msg!("lab-account-no-input-hint"))
            );
        }
        None => {
            ui.talk(&msg!(
                "lab-account",
                account = masked(&identity.account),
                arn = &identity
                    .arn
                    .replace(&identity.account, &masked(&identity.account)),
                region = region
            ))?;
            let prompt = ui.text(&msg!("lab-account-question"));
            match ui.ask(&format!("{prompt} "))? {
                Reply::Line(line) => crate::text::fold(line.trim()),
                Reply::End => String::new(),
                Reply::Interrupted => {
                    return Err(CommandError::new(Exit::Interrupted, msg!("interrupted")));
                }
            }
        }
    };
    let is_right = typed.chars().count() == DIGITS && identity.account.ends_with(&typed);
    if is_right {
        Ok(())
    } else {
        Err(CommandError::new(Exit::Refused, msg!("lab-account-wrong"))
            .hint(msg!("lab-account-wrong-hint")))
    }
}

/// Hides the digits that are asked for: who has to look them up has looked at the account.
fn masked(account: &str) -> String {
    let shown = account.chars().count().saturating_sub(DIGITS);
    account
        .chars()
        .enumerate()
        .map(|(at, digit)| if at < shown { digit } else { '*' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_that_are_asked_for_are_not_shown() {
        assert_eq!(masked("111122223333"), "11112222****");
        assert_eq!(masked(""), "");
    }
}
