//! The states of stacks and resources, as CloudFormation names them.
//!
//! AWS may add states; one we never heard of is kept as [`StackStatus::Unknown`], because a stack must be deletable
//! whatever it calls its state.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$each])* $variant,)*
            /// A state this program has never heard of.
            Unknown(String),
        }

        impl $name {
            /// Takes a state as the service writes it.
            pub fn parse(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Unknown(other.to_owned()),
                }
            }

            /// Gives the state as the service writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(text) => text,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

states! {
    /// The state of a stack.
    StackStatus {
        /// A change set waits for its execution; nothing was built.
        ReviewInProgress = "REVIEW_IN_PROGRESS",
        /// Being created.
        CreateInProgress = "CREATE_IN_PROGRESS",
        /// Created.
        CreateComplete = "CREATE_COMPLETE",
        /// Creation failed and was not rolled back.
        CreateFailed = "CREATE_FAILED",
        /// A failed creation is being undone.
        RollbackInProgress = "ROLLBACK_IN_PROGRESS",
        /// A failed creation was undone; the empty stack remains and blocks its name.
        RollbackComplete = "ROLLBACK_COMPLETE",
        /// Undoing a failed creation failed as well.
        RollbackFailed = "ROLLBACK_FAILED",
        /// Being deleted.
        DeleteInProgress = "DELETE_IN_PROGRESS",
        /// Deleted.
        DeleteComplete = "DELETE_COMPLETE",
        /// Some resource could not be deleted.
        DeleteFailed = "DELETE_FAILED",
        /// Being updated.
        UpdateInProgress = "UPDATE_IN_PROGRESS",
        /// Updated, old resources are being removed.
        UpdateCompleteCleanupInProgress = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        /// Updated.
        UpdateComplete = "UPDATE_COMPLETE",
        /// The update failed and was not rolled back.
        UpdateFailed = "UPDATE_FAILED",
        /// A failed update is being undone.
        UpdateRollbackInProgress = "UPDATE_ROLLBACK_IN_PROGRESS",
        /// Undoing a failed update failed as well.
        UpdateRollbackFailed = "UPDATE_ROLLBACK_FAILED",
        /// A failed update was undone, leftovers are being removed.
        UpdateRollbackCompleteCleanupInProgress = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        /// A failed update was undone.
        UpdateRollbackComplete = "UPDATE_ROLLBACK_COMPLETE",
        /// Resources are being imported.
        ImportInProgress = "IMPORT_IN_PROGRESS",
        /// Resources were imported.
        ImportComplete = "IMPORT_COMPLETE",
        /// A failed import is being undone.
        ImportRollbackInProgress = "IMPORT_ROLLBACK_IN_PROGRESS",
        /// Undoing a failed import failed.
        ImportRollbackFailed = "IMPORT_ROLLBACK_FAILED",
        /// A failed import was undone.
        ImportRollbackComplete = "IMPORT_ROLLBACK_COMPLETE",
    }
}

impl StackStatus {
    /// Says whether the service is still working; an unknown state counts by its ending.
    pub fn is_moving(&self) -> bool {
        *self != Self::ReviewInProgress && self.as_str().ends_with("_IN_PROGRESS")
    }

    /// Says whether the stack stands as its template says.
    pub fn is_up(&self) -> bool {
        matches!(
            self,
            Self::CreateComplete
                | Self::UpdateComplete
                | Self::UpdateCompleteCleanupInProgress
                | Self::UpdateRollbackComplete
                | Self::UpdateRollbackCompleteCleanupInProgress
                | Self::ImportComplete
                | Self::ImportRollbackComplete
        )
    }
}

states! {
    /// The state of one resource, or of a stack in its own events.
    ResourceStatus {
        /// Being created.
        CreateInProgress = "CREATE_IN_PROGRESS",
        /// Created.
        CreateComplete = "CREATE_COMPLETE",
        /// Could not be created.
        CreateFailed = "CREATE_FAILED",
        /// Being deleted.
        DeleteInProgress = "DELETE_IN_PROGRESS",
        /// Deleted.
        DeleteComplete = "DELETE_COMPLETE",
        /// Could not be deleted.
        DeleteFailed = "DELETE_FAILED",
        /// Left alone on purpose (`DeletionPolicy: Retain`) or because it was told to.
        DeleteSkipped = "DELETE_SKIPPED",
        /// Being updated.
        UpdateInProgress = "UPDATE_IN_PROGRESS",
        /// Updated.
        UpdateComplete = "UPDATE_COMPLETE",
        /// Could not be updated.
        UpdateFailed = "UPDATE_FAILED",
        /// The stack waits for its change set.
        ReviewInProgress = "REVIEW_IN_PROGRESS",
        /// The stack is undoing a failed creation.
        RollbackInProgress = "ROLLBACK_IN_PROGRESS",
        /// The stack has undone a failed creation.
        RollbackComplete = "ROLLBACK_COMPLETE",
        /// The stack could not undo a failed creation.
        RollbackFailed = "ROLLBACK_FAILED",
    }
}

impl ResourceStatus {
    /// Says whether something went wrong.
    pub fn is_failure(&self) -> bool {
        self.as_str().ends_with("_FAILED")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_never_heard_of_keeps_its_name_and_is_judged_by_its_ending() {
        let odd = StackStatus::parse("HOVERING_IN_PROGRESS");
        assert_eq!(odd.as_str(), "HOVERING_IN_PROGRESS");
        assert!(odd.is_moving() && !odd.is_up());
        assert!(!StackStatus::ReviewInProgress.is_moving());
        assert_eq!(
            StackStatus::parse("ROLLBACK_COMPLETE"),
            StackStatus::RollbackComplete
        );
    }
}
