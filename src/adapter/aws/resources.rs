//! Single resources of a real account: buckets by S3, log groups by CloudWatch Logs, everything else by Cloud Control.
//!
//! Cloud Control asks under a type's primary identifier, which is mostly, but not always, the physical id that
//! CloudFormation tells. A wrong name is "not there" as well; so an absence counts only where a presence was seen.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::buckets::Buckets;
use super::clients::Wiring;
use super::errors::api_error;
use super::json::{JsonClient, LOGS};
use crate::lab::lease::LeasedResource;
use crate::lab::port::{ApiError, Failure, Presence, ResourceApi};
use crate::lab::teardown::BUCKET;

/// Resources of one account and region.
#[derive(Debug)]
pub struct AwsResources {
    control: aws_sdk_cloudcontrol::Client,
    buckets: Buckets,
    logs: JsonClient,
    runtime: Arc<Runtime>,
}

impl AwsResources {
    /// Makes the clients; calls block on the runtime.
    pub fn new(wiring: &Wiring, runtime: Arc<Runtime>) -> Self {
        Self {
            control: wiring.cloudcontrol(),
            buckets: Buckets::new(wiring, Arc::clone(&runtime)),
            logs: JsonClient::new(LOGS, wiring, Arc::clone(&runtime)),
            runtime,
        }
    }
}

/// Reads a refusal of Cloud Control: gone, not to be told, or worth another try.
fn judge(error: ApiError) -> Result<Presence, ApiError> {
    if error.code == "ResourceNotFoundException" {
        return Ok(Presence::Absent);
    }
    match error.failure {
        Failure::Throttled
        | Failure::Network
        | Failure::Service
        | Failure::Expired
        | Failure::NoCredentials => Err(error),
        // A type it does not know or cannot read, an id of another form, rights that are missing.
        Failure::AccessDenied
        | Failure::Missing
        | Failure::Exists
        | Failure::Conflict
        | Failure::Invalid
        | Failure::Capability
        | Failure::Limit
        | Failure::Other => Ok(Presence::Unknown(error.code)),
    }
}

impl ResourceApi for AwsResources {
    fn presence(&self, _stack_id: &str, resource: &LeasedResource) -> Result<Presence, ApiError> {
        if resource.type_name == BUCKET {
            return self.buckets.presence(&resource.physical_id);
        }
        let call = self
            .control
            .get_resource()
            .type_name(&resource.type_name)
            .identifier(&resource.physical_id);
        match self.runtime.block_on(call.send()) {
            Ok(_) => Ok(Presence::Present),
            Err(error) => judge(api_error("GetResource", &error)),
        }
    }

    fn bucket_size(&self, bucket: &str) -> Result<u64, ApiError> {
        self.buckets.size(bucket)
    }

    fn empty_bucket(&self, bucket: &str) -> Result<u64, ApiError> {
        self.buckets.empty(bucket)
    }

    fn log_group(&self, name: &str) -> Result<Presence, ApiError> {
        let body = json!({"logGroupNamePrefix": name});
        let answer = self.logs.call("DescribeLogGroups", &body)?;
        // The exact name comes first: it is the least of all that begin with it.
        let found = answer
            .get("logGroups")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .any(|group| group.get("logGroupName").and_then(Value::as_str) == Some(name));
        Ok(if found {
            Presence::Present
        } else {
            Presence::Absent
        })
    }

    fn delete_log_group(&self, name: &str) -> Result<(), ApiError> {
        let done = self
            .logs
            .call("DeleteLogGroup", &json!({"logGroupName": name}));
        match done {
            Err(error) if !error.is_missing() => Err(error),
            _ => Ok(()),
        }
    }

    fn must_be_seen(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_resource_that_is_not_found_is_absent() {
        let told = |code: &str, failure| {
            judge(ApiError {
                operation: "GetResource",
                failure,
                code: code.to_owned(),
                message: String::new(),
            })
        };
        assert_eq!(
            told("ResourceNotFoundException", Failure::Missing).unwrap(),
            Presence::Absent
        );
        // The type is not found: that says nothing about the resource.
        for (code, failure) in [
            ("TypeNotFoundException", Failure::Missing),
            ("UnsupportedActionException", Failure::Other),
            ("AccessDeniedException", Failure::AccessDenied),
            ("ValidationException", Failure::Invalid),
        ] {
            assert_eq!(
                told(code, failure).unwrap(),
                Presence::Unknown(code.to_owned())
            );
        }
        assert!(told("ThrottlingException", Failure::Throttled).is_err());
        assert!(told("ExpiredToken", Failure::Expired).is_err());
    }
}
