//! Practice labs: what a template will build, what that costs, and whether it may be built.
//!
//! `Lab → Template → Evaluated → CostEstimate → Verdict → Plan → ApprovedPlan → Lease → StackEvent → Gone`. Every
//! stage has its own type, and only [`guard`] makes an [`guard::ApprovedPlan`]. Pure: the price table and the
//! templates are handed in as text, AWS sits behind ports.

use std::fmt;

use serde::{Deserialize, Serialize};

pub mod causes;
pub mod check;
pub mod cost;
pub mod evaluate;
pub mod events;
pub mod finding;
mod follow;
pub mod guard;
pub mod lab_file;
pub mod lease;
pub mod lifecycle;
pub mod plan;
pub mod port;
pub mod shell;
pub mod status;
pub mod sweep;
pub mod teardown;
pub mod template;
pub mod value;

/// The name of a lab: the folder under `labs/`, in lower case, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LabId(String);

/// Says that a text is no lab id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no lab id; it is made of a-z, 0-9 and hyphens, at most 64 characters")]
pub struct BadLabId {
    /// The text as given.
    pub given: String,
}

impl LabId {
    /// Takes an id; full-width letters and capitals are folded.
    ///
    /// # Errors
    /// When other characters than letters, digits and hyphens remain, or more than 64.
    pub fn new(given: &str) -> Result<Self, BadLabId> {
        let id = crate::text::fold(given.trim());
        let fits = !id.is_empty()
            && id.len() <= 64
            && !id.starts_with('-')
            && !id.ends_with('-')
            && id
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if fits {
            Ok(Self(id))
        } else {
            Err(BadLabId {
                given: given.to_owned(),
            })
        }
    }

    /// Gives the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LabId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for LabId {
    type Error = BadLabId;
    fn try_from(given: String) -> Result<Self, BadLabId> {
        Self::new(&given)
    }
}

impl From<LabId> for String {
    fn from(id: LabId) -> Self {
        id.0
    }
}
