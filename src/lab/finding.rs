//! What is wrong or worth asking about, as a stable code with the values that its words need.
//!
//! Words live in `cli/lang`: a finding of rule `R` is told by the messages `finding-R` and `finding-R-instead`, with
//! the finding's values as arguments. Codes never change; docs/GUARD-RULES.md lists them all.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use crate::yaml::Place;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing, changes nothing.
    Note,
    /// The user must say yes.
    Confirm,
    /// Will not be deployed.
    Deny,
}

/// One thing found in a template, an estimate or a situation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The stable code of the rule, such as `open-ssh`.
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// The logical id of the resource, parameter or output concerned.
    pub resource: Option<String>,
    /// Line in the template, from 1.
    pub line: Option<usize>,
    /// Column in the template, from 1, in characters.
    pub column: Option<usize>,
    /// The values its words need, by the name the message uses.
    pub values: BTreeMap<String, String>,
}

impl Finding {
    /// Begins a finding of a rule.
    pub fn new(rule: &str, severity: Severity) -> Self {
        Self {
            rule: rule.to_owned(),
            severity,
            resource: None,
            line: None,
            column: None,
            values: BTreeMap::new(),
        }
    }

    /// Begins a finding that denies.
    pub fn deny(rule: &str) -> Self {
        Self::new(rule, Severity::Deny)
    }

    /// Begins a finding that asks.
    pub fn confirm(rule: &str) -> Self {
        Self::new(rule, Severity::Confirm)
    }

    /// Begins a finding that only tells.
    pub fn note(rule: &str) -> Self {
        Self::new(rule, Severity::Note)
    }

    /// Names the resource, parameter or output.
    #[must_use]
    pub fn on(mut self, resource: impl Into<String>) -> Self {
        self.resource = Some(resource.into());
        self
    }

    /// Says where in the template.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.line = Some(place.line);
        self.column = Some(place.column);
        self
    }

    /// Adds a value for its words.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.values.insert(name.to_owned(), value.to_string());
        self
    }
}

impl fmt::Display for Finding {
    /// Shows the code and its values, for logs and test failures; users read the words of `cli/lang`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rule)?;
        if let Some(resource) = &self.resource {
            write!(f, " {resource}")?;
        }
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        for (name, value) in &self.values {
            write!(f, " {name}={value}")?;
        }
        Ok(())
    }
}
