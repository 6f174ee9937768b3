//! What the SDK's errors mean for us.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::lab::port::{ApiError, Failure};

/// Turns an SDK error into ours.
pub fn api_error<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> ApiError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or("Unknown");
            let message = service.err().message().unwrap_or_default();
            ApiError {
                operation,
                failure: meaning(code, message, service.raw().status().as_u16()),
                code: code.to_owned(),
                message: message.to_owned(),
            }
        }
        SdkError::ResponseError(response) => ApiError {
            operation,
            failure: Failure::Service,
            code: format!("HTTP{}", response.raw().status().as_u16()),
            message: chain(error),
        },
        SdkError::TimeoutError(_) => ApiError {
            operation,
            failure: Failure::Network,
            code: "Timeout".to_owned(),
            message: chain(error),
        },
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => {
            before_sending(operation, error)
        }
        _ => ApiError {
            operation,
            failure: Failure::Other,
            code: "Unknown".to_owned(),
            message: chain(error),
        },
    }
}

/// Tells missing or expired keys, which also show up before anything is sent, from a network that is not there.
fn before_sending<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> ApiError
where
    E: Error + 'static,
{
    unsent(operation, error)
}

/// Says why there are no keys to sign a request with.
pub fn no_keys(operation: &'static str, error: &(dyn Error + 'static)) -> ApiError {
    let told = unsent(operation, error);
    match told.failure {
        // Nothing but the keys was asked for, whatever the words are.
        Failure::Network if !told.message.contains("dispatch") => ApiError {
            failure: Failure::NoCredentials,
            code: "NoCredentials".to_owned(),
            ..told
        },
        _ => told,
    }
}

fn unsent(operation: &'static str, error: &dyn Error) -> ApiError {
    let message = chain(error);
    let lower = message.to_lowercase();
    let about_keys = ["credential", "profile", "sso", "token"]
        .iter()
        .any(|word| lower.contains(word));
    let (failure, code) = if about_keys && (lower.contains("expired") || lower.contains("refresh"))
    {
        (Failure::Expired, "ExpiredLogin")
    } else if about_keys {
        (Failure::NoCredentials, "NoCredentials")
    } else {
        (Failure::Network, "Unreachable")
    };
    ApiError {
        operation,
        failure,
        code: code.to_owned(),
        message,
    }
}

/// Gives an error and its causes in one line.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !words.contains(&text) {
            words.push_str(": ");
            words.push_str(&text);
        }
        next = cause.source();
    }
    words
}

/// Says what kind of failure a service's code stands for.
pub fn meaning(code: &str, message: &str, status: u16) -> Failure {
    match code {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "SlowDown"
        | "PriorRequestNotComplete" => Failure::Throttled,
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => Failure::Expired,
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "InvalidAccessKeyId"
        | "MissingAuthenticationToken" => Failure::NoCredentials,
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthorizationError" => Failure::AccessDenied,
        "AlreadyExistsException" | "AlreadyExists" | "NameAlreadyExistsException" => {
            Failure::Exists
        }
        "InsufficientCapabilitiesException" => Failure::Capability,
        "LimitExceededException" | "ServiceLimitExceeded" | "LimitExceeded" => Failure::Limit,
        "InvalidChangeSetStatus"
        | "OperationInProgressException"
        | "TokenAlreadyExistsException"
        | "StaleRequestException"
        | "BucketNotEmpty"
        | "OperationAborted" => Failure::Conflict,
        "ValidationError" | "ValidationException" => validation(message),
        _ if is_missing(code) => Failure::Missing,
        _ if status >= 500 => Failure::Service,
        _ => Failure::Other,
    }
}

/// CloudFormation says many things under one code; the words tell them apart.
fn validation(message: &str) -> Failure {
    if message.contains("does not exist") && !message.contains("in the template") {
        Failure::Missing
    } else if message.contains("already exists") {
        Failure::Exists
    } else if message.contains("_IN_PROGRESS")
        || message.contains("_FAILED state")
        || message.contains("TerminationProtection")
        || message.contains("in use by")
    {
        Failure::Conflict
    } else {
        Failure::Invalid
    }
}

fn is_missing(code: &str) -> bool {
    matches!(
        code,
        "ChangeSetNotFound"
            | "ChangeSetNotFoundException"
            | "NoSuchBucket"
            | "NoSuchEntity"
            | "NoSuchEntityException"
            | "NotFound"
            | "NotFoundException"
            | "AWS.SimpleQueueService.NonExistentQueue"
            | "QueueDoesNotExist"
    ) || code.ends_with("NotFound")
        || code.ends_with("NotFoundException")
        || code.ends_with("NotFoundFault")
        || code.contains(".NotFound")
        || code.ends_with("DoesNotExist")
        || code.starts_with("NoSuch")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_code_of_cloudformation_means_many_things() {
        let cases = [
            ("Stack with id x does not exist", Failure::Missing),
            (
                "Parameters: [A] do not exist in the template",
                Failure::Invalid,
            ),
            (
                "Stack:arn is in ROLLBACK_IN_PROGRESS state and can not be updated.",
                Failure::Conflict,
            ),
            (
                "Stack [x] already exists and cannot be created again with the changeSet [y].",
                Failure::Exists,
            ),
            ("Template format error: …", Failure::Invalid),
        ];
        for (message, failure) in cases {
            assert_eq!(
                meaning("ValidationError", message, 400),
                failure,
                "{message}"
            );
        }
        assert_eq!(meaning("InvalidVpcID.NotFound", "", 400), Failure::Missing);
        assert_eq!(meaning("Odd", "", 503), Failure::Service);
    }
}
