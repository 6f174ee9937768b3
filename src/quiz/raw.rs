//! A bank as its file says it, before anything is checked.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::own::{Origin, Trace};
use crate::yaml::Value;

/// A file under `quizzes/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawBank {
    /// Version of the format.
    pub schema: u32,
    /// The exam all its questions are for.
    pub exam: String,
    /// Where the program took them from; such questions need neither tasks nor services nor sources.
    #[serde(default)]
    pub origin: Option<Origin>,
    /// The questions; each is typed by itself, so that a fault in one hides no other.
    pub questions: Vec<Value>,
}

/// One question; what is missing is reported rather than refused.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawQuestion {
    /// Its name.
    pub id: Option<String>,
    /// Tasks by blueprint version.
    pub task: BTreeMap<String, Vec<String>>,
    /// Slugs of services.
    pub services: Vec<String>,
    /// `recall`, `apply` or `exam`.
    pub level: Option<String>,
    /// `single`, `multiple`, `card` or `cloze`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What a choice question asks.
    pub stem: Option<String>,
    /// Its options.
    pub options: Vec<RawChoice>,
    /// What a flash card asks.
    pub front: Option<String>,
    /// What it wants recalled.
    pub back: Option<String>,
    /// The sentence of a cloze.
    pub text: Option<String>,
    /// Sections that teach it.
    pub notes: Vec<String>,
    /// Labs that show it.
    pub labs: Vec<String>,
    /// Pages it was written from.
    pub sources: Vec<String>,
    /// `opened`, `copy` or `memory`.
    pub evidence: Option<String>,
    /// The day of the check.
    pub checked: Option<String>,
    /// The place in a note that it was taken from.
    pub from: Option<Trace>,
}

/// One option.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawChoice {
    /// Its id within the question.
    pub id: Option<String>,
    /// What it says.
    pub text: Option<String>,
    /// Whether choosing it is right.
    pub correct: bool,
    /// Why.
    pub why: Option<String>,
    /// The concept it stands for.
    pub confuses: Option<String>,
}
