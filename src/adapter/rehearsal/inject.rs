//! Failures made on purpose, so that they can be met here before they are met on AWS.
//!
//! Written as `KIND` or `KIND:TARGET` or `KIND:TARGET:TIMES`; kept with the rehearsal's state until they are used up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The resource cannot be created: its service refuses.
    CreateFails,
    /// The same, because a name is taken.
    NameTaken,
    /// The same, because a quota is used up.
    LimitExceeded,
    /// The same, because the deploying role may not.
    NotAuthorized,
    /// The resource cannot be deleted, as often as said.
    DeleteFails,
    /// The bucket has objects in it when it is to be deleted.
    BucketNotEmpty,
    /// Somebody changed the resource behind the stack's back.
    Drift,
    /// Calls are throttled, as often as said.
    Throttle,
    /// The login has run out, for as many calls as said.
    ExpiredToken,
    /// An operation is not allowed, as often as said.
    AccessDenied,
}

impl Kind {
    /// All kinds, in the order of the help.
    pub const ALL: [Self; 10] = [
        Self::CreateFails,
        Self::NameTaken,
        Self::LimitExceeded,
        Self::NotAuthorized,
        Self::DeleteFails,
        Self::BucketNotEmpty,
        Self::Drift,
        Self::Throttle,
        Self::ExpiredToken,
        Self::AccessDenied,
    ];

    /// Gives the word that is typed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CreateFails => "create-fails",
            Self::NameTaken => "name-taken",
            Self::LimitExceeded => "limit-exceeded",
            Self::NotAuthorized => "not-authorized",
            Self::DeleteFails => "delete-fails",
            Self::BucketNotEmpty => "bucket-not-empty",
            Self::Drift => "drift",
            Self::Throttle => "throttle",
            Self::ExpiredToken => "expired-token",
            Self::AccessDenied => "access-denied",
        }
    }

    /// Says whether it needs a logical id.
    const fn needs_resource(self) -> bool {
        !matches!(
            self,
            Self::Throttle | Self::ExpiredToken | Self::AccessDenied
        )
    }
}

/// A failure made on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Injection {
    /// What fails.
    pub kind: Kind,
    /// The logical id, or the operation; empty for any operation.
    pub target: String,
    /// How often.
    pub times: u32,
}

impl Injection {
    /// Says whether it is about calls, not about one resource.
    pub const fn is_general(&self) -> bool {
        !self.kind.needs_resource()
    }
}

/// Says that a text is no injection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{given}` is no failure to inject; write KIND:TARGET, where KIND is one of {}",
    kinds()
)]
pub struct BadInjection {
    /// The text as given.
    pub given: String,
}

fn kinds() -> String {
    Kind::ALL.map(Kind::word).join(", ")
}

impl FromStr for Injection {
    type Err = BadInjection;
    fn from_str(given: &str) -> Result<Self, BadInjection> {
        let bad = || BadInjection {
            given: given.to_owned(),
        };
        let mut parts = given.split(':');
        let word = parts.next().unwrap_or_default();
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.word() == word)
            .ok_or_else(bad)?;
        let target = parts.next().unwrap_or_default().to_owned();
        let times = match parts.next() {
            Some(times) => times.parse().map_err(|_| bad())?,
            None => 1,
        };
        if parts.next().is_some() || (kind.needs_resource() && target.is_empty()) {
            return Err(bad());
        }
        Ok(Self {
            kind,
            target,
            times,
        })
    }
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.kind.word(), self.target, self.times)
    }
}

/// Gives the words with which a service refuses to create a resource, when the kind is of that sort.
pub fn refusal(kind: Kind, type_name: &str, physical_id: &str) -> Option<String> {
    let service = type_name.split("::").nth(1).unwrap_or("Service");
    let (words, code) = match kind {
        Kind::CreateFails => (
            format!(
                "Invalid request provided: the rehearsal was told to fail (Service: {service}, \
                 Status Code: 400, Request ID: REHEARSAL)"
            ),
            "InvalidRequest",
        ),
        Kind::NameTaken => (
            format!("{physical_id} already exists (Service: {service}, Status Code: 409)"),
            "AlreadyExists",
        ),
        Kind::LimitExceeded => (
            format!(
                "The maximum number of resources has been reached (Service: {service}, Status \
                 Code: 400)"
            ),
            "ServiceLimitExceeded",
        ),
        Kind::NotAuthorized => (
            format!(
                "User: arn:aws:iam::000000000000:user/rehearsal is not authorized to perform: \
                 {}:Create (Service: {service}, Status Code: 403)",
                service.to_lowercase()
            ),
            "AccessDenied",
        ),
        Kind::DeleteFails
        | Kind::BucketNotEmpty
        | Kind::Drift
        | Kind::Throttle
        | Kind::ExpiredToken
        | Kind::AccessDenied => return None,
    };
    Some(format!(
        "Resource handler returned message: \"{words}\" (RequestToken: rehearsal, HandlerErrorCode: \
         {code})"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn injections_read_as_typed() {
        let one: Injection = "delete-fails:Vpc:2".parse().unwrap();
        assert_eq!(
            (one.kind, one.target.as_str(), one.times),
            (Kind::DeleteFails, "Vpc", 2)
        );
        assert_eq!(one.to_string().parse(), Ok(one));
        assert!("throttle".parse::<Injection>().is_ok());
        for bad in ["", "nonsense", "create-fails", "drift:A:x", "drift:A:1:2"] {
            assert!(bad.parse::<Injection>().is_err(), "{bad}");
        }
    }
}
