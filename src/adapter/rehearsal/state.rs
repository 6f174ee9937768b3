//! What the rehearsal remembers of a stack: how it was prepared, and a timeline of everything that happens to it.
//!
//! When a change set is executed, the whole course of events is worked out at once and stored with the moments at
//! which it happens. A look at the stack shows what has happened by then. So nothing has to run in the background, a
//! killed process changes nothing, and two processes see the same.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A stack, deleted ones included.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Stack {
    /// Its ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// The template as sent.
    pub template: String,
    /// The template's description.
    pub description: Option<String>,
    /// The parameters as shown.
    pub parameters: Vec<(String, String)>,
    /// Tags.
    pub tags: Vec<(String, String)>,
    /// Acknowledged capabilities.
    pub capabilities: Vec<String>,
    /// Whether it is protected from deletion.
    pub protected: bool,
    /// Its change sets.
    pub change_sets: Vec<StoredChangeSet>,
    /// The resources, each after those it depends on.
    pub resources: Vec<Prepared>,
    /// The outputs it has once it stands.
    pub outputs: Vec<StoredOutput>,
    /// Everything that happened and will happen, in order.
    pub timeline: Vec<Moment>,
    /// Tokens of requests that were carried out.
    pub tokens: Vec<String>,
    /// The last drift detection.
    pub drift: Option<Detection>,
}

/// A drift detection.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Detection {
    /// Its id.
    pub id: String,
    /// When it ran.
    pub at: Timestamp,
}

/// A change set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct StoredChangeSet {
    /// Its ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was asked for.
    pub at: Timestamp,
    /// Whether it was executed.
    pub executed: bool,
    /// Why it failed, if it did.
    pub failed: Option<String>,
    /// What it would build.
    pub resources: Vec<Prepared>,
    /// The outputs it would have.
    pub outputs: Vec<StoredOutput>,
    /// The template.
    pub template: String,
    /// The parameters as shown.
    pub parameters: Vec<(String, String)>,
    /// Whether it updates a stack that stands.
    #[serde(default)]
    pub update: bool,
    /// The tags that the stack gets with an update.
    #[serde(default)]
    pub tags: Vec<(String, String)>,
    /// The capabilities acknowledged for an update.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// The description that the stack gets with an update.
    #[serde(default)]
    pub description: Option<String>,
}

/// A resource, worked out before it exists.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Prepared {
    /// Its logical id.
    pub logical_id: String,
    /// Its type.
    pub type_name: String,
    /// The physical id it has, or will have.
    pub physical_id: String,
    /// Its properties; hidden parameters are masked.
    pub properties: serde_json::Value,
    /// The logical ids it depends on.
    pub depends_on: Vec<String>,
    /// Whether it stays when the stack goes.
    pub retained: bool,
    /// Why it cannot be created, when it cannot.
    pub fault: Option<String>,
    /// How many objects are in it, when it is a bucket.
    pub objects: u64,
    /// What somebody changed behind the stack's back: property and new value.
    pub tampered: BTreeMap<String, String>,
    /// Whether somebody deleted it behind the stack's back.
    pub removed: bool,
}

/// An output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredOutput {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
    /// What the template says about it.
    pub description: Option<String>,
    /// The name under which it is exported.
    pub export: Option<String>,
}

/// One thing that happens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Moment {
    /// The event's id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// The logical id; empty for the stack itself.
    pub logical_id: String,
    /// The physical id, once there is one.
    pub physical_id: String,
    /// The new state.
    pub status: String,
    /// Words about it.
    pub reason: Option<String>,
}

impl Stack {
    /// Gives what has happened to the stack itself so far.
    fn own(&self, now: Timestamp) -> impl DoubleEndedIterator<Item = &Moment> {
        self.past(now).filter(|moment| moment.logical_id.is_empty())
    }

    /// Gives what has happened so far.
    pub fn past(&self, now: Timestamp) -> impl DoubleEndedIterator<Item = &Moment> {
        self.timeline.iter().filter(move |moment| moment.at <= now)
    }

    /// Gives the stack's state and the words about it.
    pub fn status(&self, now: Timestamp) -> (&str, Option<&str>) {
        self.own(now)
            .next_back()
            .map_or(("REVIEW_IN_PROGRESS", None), |moment| {
                (moment.status.as_str(), moment.reason.as_deref())
            })
    }

    /// Gives the moment of creation.
    pub fn created(&self) -> Timestamp {
        self.timeline
            .first()
            .map_or(Timestamp::UNIX_EPOCH, |moment| moment.at)
    }

    /// Gives the moment of the last change of the stack itself.
    pub fn changed(&self, now: Timestamp) -> Timestamp {
        self.own(now)
            .next_back()
            .map_or(Timestamp::UNIX_EPOCH, |moment| moment.at)
    }

    /// Says whether it is deleted.
    pub fn is_deleted(&self, now: Timestamp) -> bool {
        self.status(now).0 == "DELETE_COMPLETE"
    }

    /// Says whether its outputs are there.
    pub fn has_outputs(&self, now: Timestamp) -> bool {
        self.own(now)
            .any(|moment| moment.status == "CREATE_COMPLETE")
            && !self.is_deleted(now)
    }

    /// Gives the last thing that happened to a resource.
    pub fn resource_now(&self, logical_id: &str, now: Timestamp) -> Option<&Moment> {
        self.past(now)
            .rfind(|moment| moment.logical_id == logical_id)
    }

    /// Finds a prepared resource.
    pub fn prepared(&self, logical_id: &str) -> Option<&Prepared> {
        self.resources
            .iter()
            .find(|resource| resource.logical_id == logical_id)
    }

    /// Forgets what had not happened yet.
    pub fn cut(&mut self, now: Timestamp) {
        self.timeline.retain(|moment| moment.at <= now);
    }
}
