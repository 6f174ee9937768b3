//! The user's own `aws` command, run for a task: what it wrote, or what it said when it failed.

use std::process::Command;

use crate::lab::check::CallError;

/// Wraps what a tool or a network said.
pub(super) fn refused(words: impl std::fmt::Display) -> CallError {
    CallError {
        words: words.to_string(),
    }
}

/// Runs a prepared `aws` command and gives its standard output.
///
/// # Errors
/// When there is no such command, or with its standard error when it fails.
pub(super) fn run(command: &mut Command) -> Result<String, CallError> {
    let output = command
        .output()
        .map_err(|error| refused(format!("aws: {error}")))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(refused(String::from_utf8_lossy(&output.stderr).trim()))
    }
}
