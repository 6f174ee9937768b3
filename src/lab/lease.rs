//! Leases: the promise, written down before every call, that a lab will be taken down again.
//!
//! A lease is opened before the first call that could build anything and closed only when every id it knows is proved
//! gone. Its [`Step`] is written *before* the step's call, so a run that dies in between leaves a lease from which a
//! later run can tell what may have happened, and continue.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::lab::port::{Output, StackName};
use crate::money::MicroUsd;

/// The longest life of a lease, extensions included.
pub const MAX_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Where a lab is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// The engine in this process; nothing exists, nothing costs.
    Rehearsal,
    /// An emulator on this machine.
    Sandbox,
    /// A real account.
    Aws,
}

impl Tier {
    /// Gives the word used in JSON and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rehearsal => "rehearsal",
            Self::Sandbox => "sandbox",
            Self::Aws => "aws",
        }
    }

    /// Reads the word of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Rehearsal, Self::Sandbox, Self::Aws]
            .into_iter()
            .find(|tier| tier.as_str() == text)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The id of a lease: the lab's id and the moment it was opened, such as `s3-static-site-20261121T021500123Z`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LeaseId(pub String);

impl LeaseId {
    /// Makes the id of a lease opened now.
    pub fn new(lab: &str, at: Timestamp) -> Self {
        Self(format!("{lab}-{}", at.strftime("%Y%m%dT%H%M%S%3fZ")).replace('.', ""))
    }
}

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is about to be done, or was last done, for a lease.
///
/// | step | what may exist | what a later run does |
/// |---|---|---|
/// | `Opened` | nothing of this lease | closes it |
/// | `Clearing` | the failed stack of an earlier try | deletes that, closes |
/// | `Proposing`, `Proposed` | an empty stack with a change set | deletes both, closes |
/// | `Arming` | the same, and perhaps a record for the reaper | deletes all three, closes |
/// | `Executing` | anything between that and a full stack | looks; watches, or takes down when it failed or is over |
/// | `Live` | the full stack | takes down when it is over |
/// | `Failed` | what the rollback left | takes down |
/// | `Declining` | as `Proposed` | the same |
/// | `Emptying`, `Deleting` | part of the stack | goes on taking down |
/// | `Proving` | leftovers | goes on proving |
/// | `Blocked` | leftovers that were named | tries again |
/// | `Closed` | nothing | nothing |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The lease was written; nothing was called.
    Opened,
    /// A stack of the same name that failed earlier is being removed.
    Clearing,
    /// The change set is being asked for.
    Proposing,
    /// The change set can be shown.
    Proposed,
    /// The end of the lease is being written where the reaper sees it.
    Arming,
    /// The user said no; change set and empty stack are being removed.
    Declining,
    /// The change set is being executed.
    Executing,
    /// The stack stands.
    Live,
    /// The creation failed.
    Failed,
    /// Buckets are being emptied.
    Emptying,
    /// The stack is being deleted.
    Deleting,
    /// The stack is gone; each id is being looked for.
    Proving,
    /// Something stayed.
    Blocked,
    /// Over.
    Closed,
}

impl Step {
    /// All steps, in order.
    pub const ALL: [Self; 14] = [
        Self::Opened,
        Self::Clearing,
        Self::Proposing,
        Self::Proposed,
        Self::Arming,
        Self::Declining,
        Self::Executing,
        Self::Live,
        Self::Failed,
        Self::Emptying,
        Self::Deleting,
        Self::Proving,
        Self::Blocked,
        Self::Closed,
    ];

    /// Gives the word used in JSON and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Clearing => "clearing",
            Self::Proposing => "proposing",
            Self::Proposed => "proposed",
            Self::Arming => "arming",
            Self::Declining => "declining",
            Self::Executing => "executing",
            Self::Live => "live",
            Self::Failed => "failed",
            Self::Emptying => "emptying",
            Self::Deleting => "deleting",
            Self::Proving => "proving",
            Self::Blocked => "blocked",
            Self::Closed => "closed",
        }
    }

    /// Reads the word of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == text)
    }

    /// Says whether the change set may have been executed, so that something that costs may exist.
    pub fn may_have_built(self) -> bool {
        match self {
            Self::Opened
            | Self::Clearing
            | Self::Proposing
            | Self::Proposed
            | Self::Arming
            | Self::Declining
            | Self::Closed => false,
            Self::Executing
            | Self::Live
            | Self::Failed
            | Self::Emptying
            | Self::Deleting
            | Self::Proving
            | Self::Blocked => true,
        }
    }
}

/// How a lease ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closing {
    /// Nothing was ever built.
    NeverBuilt,
    /// The user said no to the change set.
    Declined,
    /// The change set was refused.
    Refused,
    /// Taken down, every id proved gone.
    Gone,
    /// Taken down; for some ids nobody could be asked, and CloudFormation says they are deleted.
    GoneUnproved,
    /// The emulator it lived in was restarted and forgot it.
    Vanished,
}

impl Closing {
    const ALL: [Self; 6] = [
        Self::NeverBuilt,
        Self::Declined,
        Self::Refused,
        Self::Gone,
        Self::GoneUnproved,
        Self::Vanished,
    ];

    /// Gives the word used in JSON and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeverBuilt => "never-built",
            Self::Declined => "declined",
            Self::Refused => "refused",
            Self::Gone => "gone",
            Self::GoneUnproved => "gone-unproved",
            Self::Vanished => "vanished",
        }
    }

    /// Reads the word of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.as_str() == text)
    }
}

/// What a lease is opened with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLease {
    /// The lease's id.
    pub id: LeaseId,
    /// The lab.
    pub lab: String,
    /// The stack it will have.
    pub stack: StackName,
    /// Where it is built.
    pub tier: Tier,
    /// The account, twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it is over.
    pub expires_at: Timestamp,
    /// Estimated cost per hour.
    pub hourly: MicroUsd,
    /// The most it may cost.
    pub cap: MicroUsd,
    /// The profile used on AWS.
    pub profile: Option<String>,
    /// The endpoint used in the sandbox.
    pub endpoint: Option<String>,
    /// The emulator's instance, to recognise a restarted one.
    pub instance: Option<String>,
    /// The hash of the template as deployed.
    pub template_hash: String,
}

/// A lease as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What it was opened with; `expires_at` moves with extensions.
    #[serde(flatten)]
    pub terms: NewLease,
    /// What is about to be done, or was last done.
    pub step: Step,
    /// When that was written.
    pub step_at: Timestamp,
    /// The stack's ARN, once known.
    pub stack_id: Option<String>,
    /// The change set's ARN, once known.
    pub change_set: Option<String>,
    /// The outputs, once known.
    pub outputs: Vec<Output>,
    /// How often it was extended.
    pub extensions: u32,
    /// How and when it ended.
    pub closing: Option<(Closing, Timestamp)>,
}

impl Lease {
    /// Gives the stack's ARN, or its name while that is not known.
    pub fn stack_ref(&self) -> &str {
        self.stack_id
            .as_deref()
            .unwrap_or_else(|| self.terms.stack.as_str())
    }

    /// Says whether its time is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.terms.expires_at
    }

    /// Gives what it has cost so far by the estimate: the hourly price from the start to the end or to now. Nothing
    /// costs before a change set was executed, and nothing ever in a rehearsal or sandbox.
    pub fn spent(&self, now: Timestamp) -> MicroUsd {
        let built = self.step.may_have_built()
            || matches!(
                self.closing,
                Some((Closing::Gone | Closing::GoneUnproved, _))
            );
        if self.terms.tier != Tier::Aws || !built {
            return MicroUsd::ZERO;
        }
        let end = self.closing.map_or(now, |(_, at)| at);
        let lived = end
            .duration_since(self.terms.opened_at)
            .max(SignedDuration::ZERO);
        self.terms.hourly.times(crate::time::hours(lived))
    }

    /// Works out the end after an extension, of which there may be `most`.
    ///
    /// # Errors
    /// When it was extended too often, or would live too long.
    pub fn extended(
        &self,
        by: SignedDuration,
        most: u32,
        now: Timestamp,
    ) -> Result<Timestamp, NoExtension> {
        if self.extensions >= most {
            return Err(NoExtension::TooOften { times: most });
        }
        let latest = self
            .terms
            .opened_at
            .saturating_add(MAX_LIFE)
            .unwrap_or(Timestamp::MAX);
        let wanted = self
            .terms
            .expires_at
            .max(now)
            .saturating_add(by)
            .unwrap_or(Timestamp::MAX);
        if wanted > latest {
            Err(NoExtension::TooLong { latest })
        } else {
            Ok(wanted)
        }
    }
}

/// Why a lease is not extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoExtension {
    /// It was extended as often as it may be.
    #[error("the lease was extended {times} times already")]
    TooOften {
        /// How often.
        times: u32,
    },
    /// It would live longer than a lease may.
    #[error("the lease may last until {latest} at most")]
    TooLong {
        /// The latest end.
        latest: Timestamp,
    },
}

/// Whether a leased resource is still there, as far as the ledger knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceState {
    /// It came to be, or may have.
    Known,
    /// Its own service said that it is there.
    Seen,
    /// Its service says it does not exist.
    Gone,
    /// CloudFormation says it is deleted and no service could be asked.
    SaidGone,
    /// It is still there.
    Left,
}

impl ResourceState {
    /// Gives the word used in JSON and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Seen => "seen",
            Self::Gone => "gone",
            Self::SaidGone => "said-gone",
            Self::Left => "left",
        }
    }

    /// Reads the word of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Known,
            Self::Seen,
            Self::Gone,
            Self::SaidGone,
            Self::Left,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
    }
}

/// A resource of a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeasedResource {
    /// The logical id; empty for one derived from another's id.
    pub logical_id: String,
    /// The type.
    pub type_name: String,
    /// The physical id.
    pub physical_id: String,
    /// Whether it is still there.
    pub state: ResourceState,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease() -> Lease {
        let at: Timestamp = "2026-11-21T02:15:00.123Z".parse().unwrap();
        Lease {
            terms: NewLease {
                id: LeaseId::new("s3-static-site", at),
                lab: "s3-static-site".to_owned(),
                stack: StackName::of("s3-static-site"),
                tier: Tier::Aws,
                account: "111122223333".to_owned(),
                region: "ap-northeast-1".to_owned(),
                opened_at: at,
                expires_at: at + SignedDuration::from_hours(2),
                hourly: MicroUsd::from_usd(0.5),
                cap: MicroUsd::from_usd(1.0),
                profile: None,
                endpoint: None,
                instance: None,
                template_hash: String::new(),
            },
            step: Step::Live,
            step_at: at,
            stack_id: None,
            change_set: None,
            outputs: Vec::new(),
            extensions: 0,
            closing: None,
        }
    }

    #[test]
    fn ids_are_fit_for_names_and_tags() {
        let id = lease().terms.id;
        assert_eq!(id.0, "s3-static-site-20261121T021500123Z");
    }

    #[test]
    fn words_read_back() {
        for step in Step::ALL {
            assert_eq!(Step::parse(step.as_str()), Some(step));
        }
        for end in Closing::ALL {
            assert_eq!(Closing::parse(end.as_str()), Some(end));
        }
    }

    #[test]
    fn extensions_end() {
        let mut lease = lease();
        let now = lease.terms.opened_at;
        let hour = SignedDuration::from_hours(1);
        assert_eq!(
            lease.extended(hour, 3, now),
            Ok(lease.terms.expires_at + hour)
        );
        assert!(matches!(
            lease.extended(SignedDuration::from_hours(23), 3, now),
            Err(NoExtension::TooLong { .. })
        ));
        lease.extensions = 3;
        assert!(matches!(
            lease.extended(hour, 3, now),
            Err(NoExtension::TooOften { times: 3 })
        ));
    }

    #[test]
    fn money_is_spent_on_aws_only() {
        let mut lease = lease();
        let later = lease.terms.opened_at + SignedDuration::from_mins(90);
        assert_eq!(lease.spent(later), MicroUsd::from_usd(0.75));
        lease.terms.tier = Tier::Sandbox;
        assert_eq!(lease.spent(later), MicroUsd::ZERO);
    }
}
