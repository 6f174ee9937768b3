//! The lab machines' errors in words.

use crate::cli::lang::Message;
use crate::cli::{CommandError, Exit};
use crate::lab::lifecycle::UpError;
use crate::lab::port::{ApiError, Failure, LedgerError};
use crate::msg;

/// Turns an error of the machines into words.
pub(super) fn up_error(error: UpError) -> CommandError {
    match error {
        UpError::Ledger(error) => ledger_error(error),
        UpError::Api(error) => api_error(&error),
        UpError::AlreadyLive { lab, step, .. } => {
            CommandError::failed(msg!("lab-already-live", lab = &lab, step = step.as_str()))
                .hint(msg!("lab-already-live-hint", lab = &lab))
        }
        UpError::Foreign { stack, status } => CommandError::failed(msg!(
            "lab-foreign-stack",
            stack = stack.as_str(),
            status = status.as_str()
        ))
        .hint(msg!("lab-foreign-stack-hint")),
        UpError::Over { lab } => CommandError::new(Exit::Refused, msg!("lab-over", lab = &lab))
            .hint(msg!("lab-over-hint", lab = &lab)),
        UpError::NotArmed { lease } => {
            CommandError::failed(msg!("lab-not-armed", lease = &lease.0))
                .hint(msg!("lab-not-armed-hint"))
        }
        UpError::Refused { reason } => {
            CommandError::failed(msg!("lab-change-set-refused", reason = reason))
        }
    }
}

/// Turns an error of the ledger into words.
pub(in crate::cli::dispatch) fn ledger_error(error: LedgerError) -> CommandError {
    match error {
        LedgerError::Store { .. } => CommandError::failed(msg!("ledger-failed"))
            .because(&error)
            .hint(msg!("ledger-failed-hint")),
        LedgerError::AlreadyOpen { lab, .. } => {
            CommandError::failed(msg!("lab-already-live", lab = &lab, step = "opened"))
                .hint(msg!("lab-already-live-hint", lab = &lab))
        }
        LedgerError::Busy { lab, .. } => CommandError::failed(msg!("lab-busy", lab = lab)),
        LedgerError::NoLease { lease } => {
            CommandError::new(Exit::No, msg!("lab-no-lease", lab = lease.0))
                .hint(msg!("lab-no-lease-hint"))
        }
    }
}

/// Turns a failed call with a profile's keys into words; trouble with the keys themselves names the profile.
pub(in crate::cli::dispatch) fn profile_error(profile: &str, error: &ApiError) -> CommandError {
    match error.failure {
        Failure::NoCredentials => CommandError::failed(msg!("lab-no-keys", profile = profile))
            .because(error)
            .hint(msg!("lab-no-keys-hint", profile = profile)),
        Failure::Expired => CommandError::failed(msg!("lab-keys-expired", profile = profile))
            .because(error)
            .hint(msg!("lab-keys-expired-hint", profile = profile)),
        _ => api_error(error),
    }
}

/// Turns a failed call into words, with what helps against its kind.
pub(super) fn api_error(error: &ApiError) -> CommandError {
    let hint: Message = match error.failure {
        Failure::NoCredentials => msg!("api-no-credentials-hint"),
        Failure::Expired => msg!("api-expired-hint"),
        Failure::AccessDenied => msg!("api-access-denied-hint"),
        Failure::Throttled => msg!("api-throttled-hint"),
        Failure::Network => msg!("api-network-hint"),
        Failure::Limit => msg!("api-limit-hint"),
        Failure::Missing
        | Failure::Exists
        | Failure::Conflict
        | Failure::Invalid
        | Failure::Capability
        | Failure::Service
        | Failure::Other => msg!("api-other-hint"),
    };
    CommandError::failed(msg!(
        "api-failed",
        operation = error.operation,
        code = &error.code,
        message = &error.message
    ))
    .hint(hint)
}
