//! What is told while a stack moves, and what its events mean: progress, and the root of a failure.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::lab::lease::{LeasedResource, Step};
use crate::lab::port::{ApiError, Presence, StackEvent};
use crate::lab::status::ResourceStatus;

/// Something worth telling while a machine works.
#[derive(Debug, Clone, Copy)]
pub enum News<'a> {
    /// A step begins.
    Step(Step),
    /// Something happened in the stack.
    Event(&'a StackEvent),
    /// A stack that failed earlier and blocks the name is being removed.
    Clearing {
        /// Its name.
        stack: &'a str,
        /// Its state.
        status: &'a str,
    },
    /// A bucket is about to be emptied.
    Emptying {
        /// The bucket.
        bucket: &'a str,
        /// How many objects and versions are in it.
        objects: u64,
    },
    /// Something could not be deleted; it will be tried again.
    Retrying {
        /// What failed, root cause first.
        failures: &'a [ResourceFailure],
    },
    /// No answer for now; the call is repeated.
    Waiting(&'a ApiError),
    /// A resource was looked for.
    Looked {
        /// The resource.
        resource: &'a LeasedResource,
        /// Whether it is there.
        presence: &'a Presence,
    },
}

/// Somebody who is told, and who may want to leave.
pub trait Watcher {
    /// Tells the news.
    fn tell(&mut self, news: News<'_>);
    /// Says whether to stop watching; the stack goes on by itself.
    fn detach(&self) -> bool {
        false
    }
}

/// A watcher who does not listen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Watcher for Nobody {
    fn tell(&mut self, _news: News<'_>) {}
}

/// A resource that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceFailure {
    /// The logical id.
    pub logical_id: String,
    /// The type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The physical id, if it got one.
    pub physical_id: Option<String>,
    /// The service's words.
    pub reason: String,
    /// The entry of the cause dictionary that explains it.
    pub cause: Option<&'static str>,
}

/// Why an operation failed, root first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Failures {
    /// What failed by itself, in the order it happened; the first is the root.
    pub failed: Vec<ResourceFailure>,
    /// What was only cancelled because of it.
    pub cancelled: Vec<String>,
}

/// Says whether a resource did not fail by itself.
fn is_cancelled(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    reason.contains("cancelled") || reason.contains("canceled")
}

impl Failures {
    /// Reads the failures out of a stack's events, oldest first; `stack` is the stack's own name.
    ///
    /// A resource that failed and was deleted later still tells why; of repeated failures the last reason counts.
    pub fn of<'a>(
        events: impl IntoIterator<Item = &'a StackEvent>,
        stack: &str,
        failed_status: &ResourceStatus,
    ) -> Self {
        let mut found = Self::default();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for event in events {
            let own = event.logical_id == stack && event.type_name == "AWS::CloudFormation::Stack";
            if own || event.status != *failed_status {
                continue;
            }
            let reason = event.reason.clone().unwrap_or_default();
            if is_cancelled(&reason) {
                found.cancelled.push(event.logical_id.clone());
                continue;
            }
            let failure = ResourceFailure {
                logical_id: event.logical_id.clone(),
                type_name: event.type_name.clone(),
                physical_id: event.physical_id.clone(),
                cause: super::causes::explain(&event.type_name, &reason),
                reason,
            };
            let place = places.get(event.logical_id.as_str()).copied();
            if let Some(slot) = place.and_then(|place| found.failed.get_mut(place)) {
                *slot = failure;
            } else {
                places.insert(&event.logical_id, found.failed.len());
                found.failed.push(failure);
            }
        }
        found
    }

    /// Gives the root cause.
    pub fn root(&self) -> Option<&ResourceFailure> {
        self.failed.first()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(logical_id: &str, status: ResourceStatus, reason: &str) -> StackEvent {
        StackEvent {
            id: logical_id.to_owned(),
            at: jiff::Timestamp::UNIX_EPOCH,
            logical_id: logical_id.to_owned(),
            physical_id: None,
            type_name: "AWS::S3::Bucket".to_owned(),
            status,
            reason: Some(reason.to_owned()),
        }
    }

    #[test]
    fn the_first_failure_is_the_root_and_cancelled_ones_are_folded() {
        let events = [
            event(
                "A",
                ResourceStatus::CreateFailed,
                "Resource creation cancelled",
            ),
            event("B", ResourceStatus::CreateFailed, "mine already exists"),
            event(
                "C",
                ResourceStatus::CreateFailed,
                "Resource creation Canceled",
            ),
            event("D", ResourceStatus::CreateFailed, "also broken"),
        ];
        let failures = Failures::of(&events, "juku-x", &ResourceStatus::CreateFailed);
        assert_eq!(failures.root().map(|f| f.logical_id.as_str()), Some("B"));
        assert_eq!(failures.cancelled, ["A", "C"]);
        assert_eq!(failures.failed.len(), 2);
    }
}
