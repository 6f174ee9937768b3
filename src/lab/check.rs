//! What a check of a task may call, and who calls for it.

use crate::lab::lab_file::HttpCall;

/// Calls that only read, besides those whose name begins with get, list, describe or head.
const READING: [&str; 12] = [
    "receive-message",
    "query",
    "scan",
    "batch-get-item",
    "filter-log-events",
    "lookup-events",
    "simulate-principal-policy",
    "simulate-custom-policy",
    "test-invoke-method",
    "validate-template",
    "ls",
    "invoke",
];

/// Says whether a call of the `aws` CLI (service, operation, …) only reads.
pub fn is_reading(call: &[String]) -> bool {
    let operation = call.get(1).map_or("", String::as_str);
    let begins = [
        "get-",
        "list-",
        "describe-",
        "head-",
        "admin-get-",
        "admin-list-",
    ];
    begins.iter().any(|begin| operation.starts_with(begin)) || READING.contains(&operation)
}

/// Why a call brought no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct CallError {
    /// What the tool or the network said.
    pub words: String,
}

/// Runs the calls of tasks where a lab lives.
pub trait TaskCalls {
    /// Runs the `aws` CLI with arguments and gives what it wrote.
    ///
    /// # Errors
    /// When it cannot be run or refuses; its words are the reason.
    fn aws(&self, arguments: &[String]) -> Result<String, CallError>;
    /// Sends an HTTP request and gives status and body.
    ///
    /// # Errors
    /// When nobody answers.
    fn http(&self, call: &HttpCall) -> Result<(u16, String), CallError>;
}
