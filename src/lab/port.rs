//! What the deploy and teardown machines need from outside: stacks, single resources, a ledger, a clock.
//!
//! The traits are synchronous: a lab is one thing at a time, and an adapter that talks to a network brings its own
//! runtime. They name what *we* ask, not what a service offers, so that the rehearsal, the sandbox and AWS answer the
//! same questions. Every error says which operation failed and what kind of failure it was, because the machines
//! decide by kind: throttling is waited out, an expired login stops, a missing stack may be the goal.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::lab::arming::Arming;
use crate::lab::lease::{
    Closing, Lease, LeaseId, LeasedResource, NewLease, ResourceState, Step, Tier,
};
use crate::lab::status::{ResourceStatus, StackStatus};

/// The name of a stack: letters, digits and hyphens, a letter first, at most 128.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StackName(String);

impl StackName {
    /// What every stack of ours begins with; teardown touches no other.
    pub const PREFIX: &'static str = "juku-";

    /// Makes the name of a lab's stack.
    pub fn of(lab: &str) -> Self {
        let kept: String = lab
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .take(100)
            .collect();
        Self(format!("{}{kept}", Self::PREFIX))
    }

    /// Takes a name as AWS or the ledger gave it.
    pub fn known(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Gives the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who is asking, as STS says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The twelve digits of the account.
    pub account: String,
    /// The ARN of the user or role.
    pub arn: String,
}

impl Identity {
    /// Says whether these are the account's root credentials, which no lab may use.
    pub fn is_root(&self) -> bool {
        self.arn.ends_with(":root")
    }
}

/// What kind of failure a call met; the machines decide by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// No credentials were found.
    NoCredentials,
    /// The login or token has run out.
    Expired,
    /// The caller may not do this.
    AccessDenied,
    /// Too many calls; waiting helps.
    Throttled,
    /// No answer: network, name lookup, connection, time-out. The call may have had its effect.
    Network,
    /// The thing asked for does not exist.
    Missing,
    /// It exists already.
    Exists,
    /// The thing is in a state, or busy, so that the call is refused.
    Conflict,
    /// The template or a parameter was refused.
    Invalid,
    /// The template needs a capability that was not acknowledged.
    Capability,
    /// A quota is used up.
    Limit,
    /// The service itself failed.
    Service,
    /// Anything else.
    Other,
}

/// Why a call failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} failed ({code}): {message}")]
pub struct ApiError {
    /// The operation, such as `CreateChangeSet`.
    pub operation: &'static str,
    /// What kind of failure it was.
    pub failure: Failure,
    /// The service's own code, or our name for it when none came.
    pub code: String,
    /// The service's own words.
    pub message: String,
}

impl ApiError {
    /// Says whether the thing asked for does not exist.
    pub fn is_missing(&self) -> bool {
        self.failure == Failure::Missing
    }

    /// Says whether the same call may succeed a little later.
    pub fn is_passing(&self) -> bool {
        matches!(
            self.failure,
            Failure::Throttled | Failure::Network | Failure::Service
        )
    }
}

/// A stack as it is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackView {
    /// Its name.
    pub name: StackName,
    /// Its ARN, which stays valid after deletion.
    pub id: String,
    /// Its state.
    pub status: StackStatus,
    /// What is said about that state.
    pub reason: Option<String>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// Outputs by name.
    pub outputs: Vec<Output>,
    /// Tags by key.
    pub tags: Vec<(String, String)>,
}

impl StackView {
    /// Finds the value of a tag.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }
}

/// One output of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Its name in the template.
    pub key: String,
    /// Its value.
    pub value: String,
    /// What the template says about it.
    pub description: Option<String>,
}

/// What a change set does to its stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeSetKind {
    /// Creates it.
    Create,
    /// Updates it; it stands already.
    Update,
}

/// What is asked for with a change set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSetRequest {
    /// Whether the stack is made or updated.
    pub kind: ChangeSetKind,
    /// The stack.
    pub stack: StackName,
    /// The change set's name; the lease's id makes it unique.
    pub name: String,
    /// The template as text.
    pub template: String,
    /// Parameters by name.
    pub parameters: Vec<(String, String)>,
    /// Acknowledged capabilities, such as `CAPABILITY_IAM`.
    pub capabilities: Vec<String>,
    /// Tags of the stack and its resources.
    pub tags: Vec<(String, String)>,
    /// The role CloudFormation works with, on AWS the one of the bootstrap stack.
    pub role: Option<String>,
}

/// How far a change set is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeSetState {
    /// Still being worked out.
    Pending,
    /// Ready to be executed.
    Ready,
    /// Refused; the reason says why.
    Failed,
    /// Executed or overtaken.
    Done,
}

/// A change set as it is described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeSet {
    /// Its ARN.
    pub id: String,
    /// The stack's ARN.
    pub stack_id: String,
    /// How far it is.
    pub state: ChangeSetState,
    /// Why it failed.
    pub reason: Option<String>,
    /// What it would do.
    pub changes: Vec<Change>,
}

/// What a change set would do to one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `Add`, `Modify`, `Remove`, `Import`, `Dynamic`, as the service says.
    pub action: String,
    /// The logical id.
    pub logical_id: String,
    /// The type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Whether it would be replaced, as the service says.
    pub replacement: Option<String>,
}

/// One event of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StackEvent {
    /// The event's own id.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// The logical id; the stack's own name for events of the stack itself.
    pub logical_id: String,
    /// The physical id, once there is one.
    pub physical_id: Option<String>,
    /// The type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The new state.
    pub status: ResourceStatus,
    /// The service's words about it.
    pub reason: Option<String>,
}

/// One resource of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackResource {
    /// The logical id.
    pub logical_id: String,
    /// The physical id, once there is one.
    pub physical_id: Option<String>,
    /// The type.
    pub type_name: String,
    /// Its state.
    pub status: ResourceStatus,
    /// The service's words about it.
    pub reason: Option<String>,
}

/// Stacks, as CloudFormation and STS offer them.
pub trait StackApi {
    /// Asks who the caller is.
    fn identity(&self) -> Result<Identity, ApiError>;
    /// Finds a stack by name or ARN; `None` when there is none. A deleted stack is found by ARN only.
    fn stack(&self, name_or_id: &str) -> Result<Option<StackView>, ApiError>;
    /// Lists the stacks whose name begins with [`StackName::PREFIX`] and that are not deleted.
    fn our_stacks(&self) -> Result<Vec<StackView>, ApiError>;
    /// Makes a change set; a stack that it would create comes to be in `REVIEW_IN_PROGRESS`.
    fn create_change_set(&self, request: &ChangeSetRequest) -> Result<ChangeSetRef, ApiError>;
    /// Describes a change set.
    fn change_set(&self, stack: &str, change_set: &str) -> Result<ChangeSet, ApiError>;
    /// Starts what the change set says. The token makes a repetition harmless.
    fn execute_change_set(
        &self,
        stack: &str,
        change_set: &str,
        token: &str,
    ) -> Result<(), ApiError>;
    /// Deletes a change set; one that is gone already is no error.
    fn delete_change_set(&self, stack: &str, change_set: &str) -> Result<(), ApiError>;
    /// Starts the deletion of a stack; one that is gone already is no error.
    fn delete_stack(&self, stack_id: &str, token: &str) -> Result<(), ApiError>;
    /// Gives the events of a stack after the one named, oldest first; all when `None`.
    fn events(&self, stack_id: &str, after: Option<&str>) -> Result<Vec<StackEvent>, ApiError>;
    /// Lists a stack's resources, those of a deleted stack too when asked by ARN.
    fn resources(&self, stack_id: &str) -> Result<Vec<StackResource>, ApiError>;
}

/// The two ids that a new change set brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSetRef {
    /// The stack's ARN.
    pub stack_id: String,
    /// The change set's ARN.
    pub change_set_id: String,
}

/// Whether a thing is still there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "why")]
pub enum Presence {
    /// It is there.
    Present,
    /// The service says that it does not exist.
    Absent,
    /// Nobody can say; the reason names what was tried.
    Unknown(String),
}

/// Single resources, asked at their own service, for the proof that nothing is left.
pub trait ResourceApi {
    /// Asks whether a resource is still there. `stack_id` lets the rehearsal look it up.
    fn presence(&self, stack_id: &str, resource: &LeasedResource) -> Result<Presence, ApiError>;
    /// Counts the objects and versions in a bucket; 0 when there is no such bucket.
    fn bucket_size(&self, bucket: &str) -> Result<u64, ApiError>;
    /// Removes every object, version, delete marker and unfinished upload of a bucket; gives how many.
    fn empty_bucket(&self, bucket: &str) -> Result<u64, ApiError>;
    /// Asks whether a log group is there.
    fn log_group(&self, name: &str) -> Result<Presence, ApiError>;
    /// Deletes a log group; one that is gone already is no error.
    fn delete_log_group(&self, name: &str) -> Result<(), ApiError>;
    /// Says whether "not there" proves something only for what was seen there before: a service that is asked under
    /// another name than its own for a resource says "not there" as well.
    fn must_be_seen(&self) -> bool {
        false
    }
    /// Names the running instance of an emulator, so that leases of one that was restarted are recognised.
    fn instance(&self) -> Result<Option<String>, ApiError> {
        Ok(None)
    }
}

/// Time, and waiting for it.
pub trait Clock {
    /// Gives the moment.
    fn now(&self) -> Timestamp;
    /// Waits; simulated clocks move on instead.
    fn wait(&self, time: Duration);
}

/// Why the ledger could not do its work. Without a ledger nothing is deployed.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file could not be read or written.
    #[error("the lab ledger could not be used while {operation}")]
    Store {
        /// What was being done.
        operation: &'static str,
        /// The store's own reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is an open lease for this lab already.
    #[error("lab `{lab}` has an open lease `{lease}` already")]
    AlreadyOpen {
        /// The lab.
        lab: String,
        /// The open lease.
        lease: LeaseId,
    },
    /// Another process works on the lease.
    #[error("another juku works on lab `{lab}`")]
    Busy {
        /// The lab.
        lab: String,
        /// The lease.
        lease: LeaseId,
    },
    /// No lease has this id.
    #[error("no lease `{lease}`")]
    NoLease {
        /// The id.
        lease: LeaseId,
    },
}

/// A claim on a lease; nobody else can work on it until this is dropped, even by a crash.
pub trait Claim {}

/// The ledger of leases: written before each call, read by every later run.
pub trait Ledger {
    /// Opens a lease in step [`Step::Opened`].
    ///
    /// # Errors
    /// [`LedgerError::AlreadyOpen`] when the lab has an open lease on the same tier, account and region.
    fn open(&self, lease: &NewLease) -> Result<Lease, LedgerError>;
    /// Claims a lease for this process.
    ///
    /// # Errors
    /// [`LedgerError::Busy`] when another process holds it.
    fn claim(&self, lease: &LeaseId) -> Result<Box<dyn Claim>, LedgerError>;
    /// Notes that a step is about to be taken.
    fn step(&self, lease: &LeaseId, step: Step, at: Timestamp) -> Result<(), LedgerError>;
    /// Notes the ids that a change set brought.
    fn stack(
        &self,
        lease: &LeaseId,
        stack_id: &str,
        change_set: Option<&str>,
    ) -> Result<(), LedgerError>;
    /// Notes a resource, or what is newly known of it; the key is its logical id and physical id.
    fn resource(&self, lease: &LeaseId, resource: &LeasedResource) -> Result<(), LedgerError>;
    /// Notes the state of a resource after it was looked for.
    fn settle(
        &self,
        lease: &LeaseId,
        resource: &LeasedResource,
        state: ResourceState,
    ) -> Result<(), LedgerError>;
    /// Notes a stack's outputs.
    fn outputs(&self, lease: &LeaseId, outputs: &[Output]) -> Result<(), LedgerError>;
    /// Moves the end of a lease and counts the extension.
    fn extend(&self, lease: &LeaseId, expires_at: Timestamp) -> Result<(), LedgerError>;
    /// Closes a lease.
    fn close(&self, lease: &LeaseId, closing: Closing, at: Timestamp) -> Result<(), LedgerError>;
    /// Reads one lease.
    fn lease(&self, lease: &LeaseId) -> Result<Lease, LedgerError>;
    /// Lists leases, newest first; open ones only unless `closed`.
    fn leases(&self, closed: bool) -> Result<Vec<Lease>, LedgerError>;
    /// Lists the resources of a lease in the order they came to be known.
    fn resources(&self, lease: &LeaseId) -> Result<Vec<LeasedResource>, LedgerError>;
    /// Finds the account and region a tier was first used with, if any.
    fn bound(&self, tier: Tier, profile: &str) -> Result<Option<(String, String)>, LedgerError>;
    /// Forgets what a profile was bound to.
    fn unbind(&self, tier: Tier, profile: &str) -> Result<(), LedgerError>;
    /// Binds a profile to an account and region; one that is bound stays as it is.
    fn bind(
        &self,
        tier: Tier,
        profile: &str,
        account: &str,
        region: &str,
    ) -> Result<(), LedgerError>;
}

/// The outside world of the lab machines, collected.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Stacks.
    pub stacks: &'a dyn StackApi,
    /// Single resources.
    pub resources: &'a dyn ResourceApi,
    /// The ledger.
    pub ledger: &'a dyn Ledger,
    /// The records that the reaper reads; `None` where nothing costs.
    pub arming: Option<&'a dyn Arming>,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// How long to wait between two looks at a stack.
    pub poll: Duration,
}
