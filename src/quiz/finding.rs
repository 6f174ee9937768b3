//! What is wrong with a bank, where it stands, and how grave it is.

use serde::Serialize;

use crate::yaml::Place;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The item cannot be used.
    Error,
    /// The item is used and should be mended.
    Warning,
}

/// One fault in a content file.
///
/// The words are the terminal's business: `code` names the sentence and `args` fills it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code, listed in `docs/LINT.md`.
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// The file as the caller named it.
    pub path: String,
    /// Line of the fault, from 1.
    pub line: usize,
    /// Column of the fault in characters, from 1.
    pub column: usize,
    /// Values for the sentence.
    pub args: Vec<(&'static str, String)>,
}

impl Finding {
    /// Makes a finding at a place; an unknown place is the file's beginning.
    pub fn new(code: &'static str, severity: Severity, path: &str, place: Option<Place>) -> Self {
        let place = place.unwrap_or(Place { line: 1, column: 1 });
        Self {
            code,
            severity,
            path: path.to_owned(),
            line: place.line,
            column: place.column,
            args: Vec::new(),
        }
    }

    /// Adds a value for the sentence.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &(impl std::fmt::Display + ?Sized)) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}
