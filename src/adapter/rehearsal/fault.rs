//! The errors that the rehearsal answers with, by the codes and in the words that CloudFormation uses.

use super::xml::Xml;

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The HTTP status.
    pub status: u16,
    /// The code, such as `ValidationError`.
    pub code: &'static str,
    /// The words.
    pub message: String,
}

impl Fault {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// The template or a parameter is wrong, or the stack is not in a state for this, or does not exist.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }

    /// There is no such stack.
    pub fn no_stack(name: &str) -> Self {
        Self::validation(format!("Stack with id {name} does not exist"))
    }

    /// There is no such change set.
    pub fn no_change_set(name: &str) -> Self {
        Self::new(
            404,
            "ChangeSetNotFound",
            format!("ChangeSet [{name}] does not exist"),
        )
    }

    /// The change set is not ready, or was executed.
    pub fn change_set_status(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidChangeSetStatus", message)
    }

    /// The name is taken.
    pub fn exists(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// A capability was not acknowledged.
    pub fn capability(needed: &str) -> Self {
        Self::new(
            400,
            "InsufficientCapabilitiesException",
            format!("Requires capabilities : [{needed}]"),
        )
    }

    /// Too many requests.
    pub fn throttled() -> Self {
        Self::new(400, "Throttling", "Rate exceeded")
    }

    /// The login has run out.
    pub fn expired() -> Self {
        Self::new(
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        )
    }

    /// The caller may not do this.
    pub fn access_denied(action: &str) -> Self {
        Self::new(
            403,
            "AccessDenied",
            format!(
                "User: arn:aws:iam::000000000000:user/rehearsal is not authorized to perform: \
                 cloudformation:{action} because no identity-based policy allows the \
                 cloudformation:{action} action"
            ),
        )
    }

    /// The service itself failed.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "InternalFailure", message)
    }

    /// The operation is not known here.
    pub fn unknown_action(action: &str) -> Self {
        Self::new(
            400,
            "InvalidAction",
            format!("Could not find operation {action}; the rehearsal does not know it"),
        )
    }

    /// Writes the answer.
    pub fn to_xml(&self, namespace: &str, request_id: &str) -> String {
        let mut xml = Xml::default();
        let kind = if self.status < 500 {
            "Sender"
        } else {
            "Receiver"
        };
        xml.node(
            &format!("ErrorResponse xmlns=\"{namespace}\""),
            |response| {
                response
                    .node("Error", |error| {
                        error
                            .leaf("Type", kind)
                            .leaf("Code", self.code)
                            .leaf("Message", &self.message);
                    })
                    .leaf("RequestId", request_id);
            },
        );
        xml.finish()
    }
}
